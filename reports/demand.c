/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/demand.h"

#include "reports/forms/figures.h"

#include <math.h>
#include <stdlib.h>

/* ---- figures as people read them */

const char *compared_text(char *out, size_t size, enum compared which, double value) {
    if (isnan(value))
        snprintf(out, size, "-");
    else if (compared_unit(which) == UNIT_TIME)
        return figure_time(out, size, (time_ns)llround(fabs(value)));
    else if (compared_unit(which) == UNIT_SHARE)
        return figure_share(out, size, llround(fabs(value) * 1e6));
    else
        snprintf(out, size, "%.1f", fabs(value));
    return out;
}

const char *compared_change(char *out, size_t size, enum compared which, double value) {
    char text[32];
    bool nothing = isnan(value) || !(fabs(value) > 0);
    snprintf(out, size, "%s%s",
             nothing     ? ""
             : value < 0 ? "-"
                         : "+",
             compared_text(text, sizeof text, which, value));
    return out;
}

/* ---- reading */

struct reading {
    const char *text, *at, *option;
    struct diags *diags;
};

static void spaces(struct reading *r) {
    while (*r->at == ' ') r->at++;
}

static bool wrong(struct reading *r, const char *expected, const char *nearest) {
    char shown[64];
    printable(shown, sizeof shown, r->at, strlen(r->at));
    diag_error(r->diags, r->option, 1, (int)(r->at - r->text) + 1, "expected %s, got \"%s\"%s%s%s",
               expected, shown, nearest ? "; did you mean \"" : "", nearest ? nearest : "",
               nearest ? "\"?" : "");
    return false;
}

static bool read_figure(struct reading *r, struct demand *out) {
    const char *names[COMPARED_COUNT];
    static const char share[] = ".rate"; /* "contention.rate" is "contention" */
    size_t whole = strspn(r->at, "abcdefghijklmnopqrstuvwxyz0123456789._"), len = whole;
    size_t tail = sizeof share - 1;
    if (len > tail && memcmp(r->at + len - tail, share, tail) == 0) len -= tail;
    for (int k = 0; k < COMPARED_COUNT; k++) {
        names[k] = compared_name((enum compared)k);
        if (strlen(names[k]) != len || memcmp(names[k], r->at, len) != 0) continue;
        out->figure = (enum compared)k;
        r->at += compared_unit(out->figure) == UNIT_SHARE ? whole : len;
        return true;
    }
    const char *nearest = nearest_name(r->at, len, names, COMPARED_COUNT);
    return wrong(r, "a figure such as mttr.mean", nearest);
}

static bool read_sign(struct reading *r, struct demand *out) {
    bool less = *r->at == '<', more = *r->at == '>';
    if (!less && !more) return wrong(r, "<, <=, > or >=", NULL);
    bool equal = r->at[1] == '=';
    out->sign =
        less ? (equal ? DEMAND_AT_MOST : DEMAND_LESS) : (equal ? DEMAND_AT_LEAST : DEMAND_MORE);
    r->at += equal ? 2 : 1;
    return true;
}

static bool read_value(struct reading *r, struct demand *out) {
    enum compared_unit unit = compared_unit(out->figure);
    size_t len = strcspn(r->at, ", ");
    char *end;
    time_ns duration;
    out->value = strtod(r->at, &end);
    size_t number = (size_t)(end - r->at);
    bool plain = number > 0 && isfinite(out->value) && out->value >= 0;
    if (plain && number + 1 == len && *end == 'x')
        out->relative = true;
    else if (unit == UNIT_TIME && duration_parse(r->at, len, &duration) && duration >= 0)
        out->value = (double)duration;
    else if (unit == UNIT_SHARE && plain && number + 1 == len && *end == '%')
        out->value /= 100;
    else if (unit == UNIT_TIME || !plain || number != len ||
             (unit == UNIT_SHARE && out->value > 1)) /* 10 is no tenth: who means it writes 1000% */
        return wrong(r,
                     unit == UNIT_TIME    ? "a duration such as 60s, or 1.05x"
                     : unit == UNIT_SHARE ? "a share such as 95%, or 1.05x"
                                          : "a number, or 1.05x",
                     NULL);
    r->at += len;
    return true;
}

bool demands_read(struct demands *out, const char *text, const char *option, struct diags *diags) {
    struct reading r = {text, text, option, diags};
    *out = (struct demands){0};
    for (;;) {
        if (out->count == DEMANDS_MAX) return wrong(&r, "no more than 16 limits", NULL);
        struct demand *limit = &out->list[out->count++];
        spaces(&r);
        const char *begin = r.at;
        if (!read_figure(&r, limit)) return false;
        spaces(&r);
        if (!read_sign(&r, limit)) return false;
        spaces(&r);
        if (!read_value(&r, limit)) return false;
        snprintf(limit->text, sizeof limit->text, "%.*s", (int)(r.at - begin), begin);
        spaces(&r);
        if (*r.at == '\0') return true;
        if (*r.at != ',') return wrong(&r, "a comma or the end", NULL);
        r.at++;
    }
}

/* ---- judging */

bool demand_within(enum demand_sign sign, double value, double limit) {
    switch (sign) {
    case DEMAND_LESS: return value < limit;
    case DEMAND_AT_MOST: return value <= limit;
    case DEMAND_MORE: return value > limit;
    case DEMAND_AT_LEAST: return value >= limit;
    }
    return false;
}

bool demand_holds(const struct demand *limit, const struct compare *c, char *why, size_t size) {
    const struct compared_figure *f = &c->of[limit->figure];
    char base[32], candidate[32], change[32], low[32], high[32], times[48] = "";
    if (isnan(f->candidate) || (limit->relative && isnan(f->base))) {
        snprintf(why, size, "%s: %s is not known", limit->text, compared_name(limit->figure));
        return false;
    }
    double bound = limit->relative ? limit->value * f->base : limit->value;
    bool holds = demand_within(limit->sign, f->candidate, bound);
    if (limit->relative && f->base > 0)
        snprintf(times, sizeof times, " (%.3fx)", f->candidate / f->base);
    int len =
        snprintf(why, size, "%s: %s, %s -> %s%s", limit->text, holds ? "holds" : "does not hold",
                 compared_text(base, sizeof base, limit->figure, f->base),
                 compared_text(candidate, sizeof candidate, limit->figure, f->candidate), times);
    if (f->known && len > 0 && (size_t)len < size)
        snprintf(why + len, size - (size_t)len, ", difference %s [%s, %s]",
                 compared_change(change, sizeof change, limit->figure, f->candidate - f->base),
                 compared_change(low, sizeof low, limit->figure, f->low),
                 compared_change(high, sizeof high, limit->figure, f->high));
    return holds;
}
