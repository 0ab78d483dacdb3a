/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/capacity.h"

const char *capacity_value(char *out, size_t size, const struct capacity_axis *axis, double value,
                           int more_decimals) {
    int decimals = axis->decimals + more_decimals;
    snprintf(out, size, "%.*f%s", decimals < 6 ? decimals : 6, value, axis->unit);
    return out;
}

const char *capacity_point(char *out, size_t size, const struct capacity_axis *axis,
                           uint32_t point) {
    return capacity_value(out, size, axis, axis->low + point * axis->step, 0);
}

static int most_of(const struct refusals *refusals) {
    int most = 0;
    for (int k = 1; k < REFUSALS; k++)
        if (refusals->of[k] > refusals->of[most]) most = k;
    return most;
}

void capacity_binding(const struct capacity *c, char *out, size_t size) {
    int most = most_of(&c->refusals);
    int64_t times = c->refusals.of[most];
    const char *kind = most < GATE_COUNT ? "gate" : "conflict";
    int len =
        snprintf(out, size, "at %s, in %u runs, %lld of %lld lock requests timed out", c->looked_at,
                 c->runs_there, (long long)c->timeouts_there, (long long)c->requests_there);
    if (len < 0 || (size_t)len >= size) return;
    if (times == 0)
        snprintf(out + len, size - (size_t)len, "; no gate and no conflict refused anything");
    else
        snprintf(out + len, size - (size_t)len, "; the %s %s refused most else, %lld times%s", kind,
                 refusal_name(most), (long long)times,
                 times > c->timeouts_there ? ", and it binds before the locks do" : "");
}
