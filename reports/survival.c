/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/survival.h"
#include "engine/base/check.h"
#include "engine/base/prng.h"
#include <stdlib.h>

#define RESAMPLES 1000
#define LOW       25 /* of the resamples, in order: 2.5 % */
#define HIGH      975

/* At one time repairs come first: who is watched up to it was still at risk. */
static int by_time(const void *a, const void *b) {
    const struct survival_sample *x = a, *y = b;
    if (x->time != y->time) return x->time < y->time ? -1 : 1;
    return (int)y->repaired - (int)x->repaired;
}

static int by_value(const void *a, const void *b) {
    time_ns x = *(const time_ns *)a, y = *(const time_ns *)b;
    return x < y ? -1 : x > y;
}

/* The first time at which at most "standing" of all still stand. */
static time_ns first_below(const struct survival_sample *sorted, size_t count, double standing) {
    double survives = 1;
    for (size_t k = 0; k < count; k++) {
        if (!sorted[k].repaired) continue;
        size_t at_risk = count - k;
        survives *= (double)(at_risk - 1) / (double)at_risk;
        if (survives <= standing + 1e-9) return sorted[k].time;
    }
    return TIME_NEVER;
}

static const double standing[] = {0.50, 0.05};
enum { QUANTILES = ARRAY_LEN(standing) };

void survival_of(struct survival_sample *samples, size_t count, struct survival *out) {
    struct estimate *const all[QUANTILES] = {&out->p50, &out->p95};
    *out = (struct survival){.count = (uint32_t)count};
    struct prng stream = prng_named(0, "survival", count);
    struct survival_sample *drawn = malloc((count + 1) * sizeof *drawn);
    time_ns *seen = malloc(QUANTILES * RESAMPLES * sizeof *seen);
    ASSERT(drawn != NULL && seen != NULL);
    qsort(samples, count, sizeof *samples, by_time);
    for (size_t k = 0; k < count; k++) out->repaired += samples[k].repaired;
    for (size_t r = 0; r < RESAMPLES && count > 1; r++) {
        for (size_t k = 0; k < count; k++) drawn[k] = samples[prng_below(&stream, count)];
        qsort(drawn, count, sizeof *drawn, by_time);
        for (size_t q = 0; q < QUANTILES; q++)
            seen[q * RESAMPLES + r] = first_below(drawn, count, standing[q]);
    }
    for (size_t q = 0; q < QUANTILES; q++) {
        time_ns value = first_below(samples, count, standing[q]), *of = seen + q * RESAMPLES;
        *all[q] = (struct estimate){value, value, value};
        if (count < 2) continue;
        qsort(of, RESAMPLES, sizeof *of, by_value);
        all[q]->low = of[LOW];
        all[q]->high = of[HIGH - 1];
    }
    free(drawn);
    free(seen);
}
