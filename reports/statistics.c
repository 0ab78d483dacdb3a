/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/statistics.h"
#include "engine/base/prng.h"
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics.h>
#include <math.h>
#include <stdlib.h>

#define RESAMPLES 1000
#define LOW       0.025
#define HIGH      0.975

enum { MEAN, P50, P95, P99, FIGURES };

static int by_time(const void *a, const void *b) {
    time_ns x = *(const time_ns *)a, y = *(const time_ns *)b;
    return x < y ? -1 : x > y;
}

static void figures_of(const double *sorted, size_t count, double out[FIGURES]) {
    out[MEAN] = gsl_stats_mean(sorted, 1, count);
    out[P50] = gsl_stats_quantile_from_sorted_data(sorted, 1, count, 0.50);
    out[P95] = gsl_stats_quantile_from_sorted_data(sorted, 1, count, 0.95);
    out[P99] = gsl_stats_quantile_from_sorted_data(sorted, 1, count, 0.99);
}

static struct estimate *figure(struct distribution *d, int which) {
    struct estimate *const all[FIGURES] = {&d->mean, &d->p50, &d->p95, &d->p99};
    return all[which];
}

static void points(const double *sorted, size_t count, struct distribution *out) {
    double figures[FIGURES];
    figures_of(sorted, count, figures);
    for (int k = 0; k < FIGURES; k++) {
        time_ns v = (time_ns)llround(figures[k]);
        *figure(out, k) = (struct estimate){v, v, v};
    }
}

/* The middle 95 % of each figure over resamples with replacement. */
static void intervals(const double *sorted, size_t count, struct distribution *out) {
    struct prng stream = prng_named(0, "bootstrap", count);
    double *resample = malloc(count * sizeof *resample);
    double *seen = malloc(FIGURES * RESAMPLES * sizeof *seen);
    for (size_t r = 0; resample && seen && r < RESAMPLES; r++) {
        double figures[FIGURES];
        for (size_t i = 0; i < count; i++) resample[i] = sorted[prng_below(&stream, count)];
        gsl_sort(resample, 1, count);
        figures_of(resample, count, figures);
        for (size_t k = 0; k < FIGURES; k++) seen[k * RESAMPLES + r] = figures[k];
    }
    for (size_t k = 0; resample && seen && k < FIGURES; k++) {
        double *of = seen + k * RESAMPLES;
        gsl_sort(of, 1, RESAMPLES);
        struct estimate *e = figure(out, (int)k);
        e->low = (time_ns)llround(gsl_stats_quantile_from_sorted_data(of, 1, RESAMPLES, LOW));
        e->high = (time_ns)llround(gsl_stats_quantile_from_sorted_data(of, 1, RESAMPLES, HIGH));
    }
    free(resample);
    free(seen);
}

static void distribution(time_ns *samples, size_t count, bool with_intervals,
                         struct distribution *out) {
    *out = (struct distribution){.count = (uint32_t)count};
    if (count == 0) return;
    double *sorted = malloc(count * sizeof *sorted);
    if (!sorted) return;
    qsort(samples, count, sizeof *samples, by_time);
    for (size_t i = 0; i < count; i++) sorted[i] = (double)samples[i];
    out->min = samples[0];
    out->max = samples[count - 1];
    points(sorted, count, out);
    if (with_intervals && count > 1) intervals(sorted, count, out);
    free(sorted);
}

void distribution_of(time_ns *samples, size_t count, struct distribution *out) {
    distribution(samples, count, true, out);
}
void distribution_points(time_ns *samples, size_t count, struct distribution *out) {
    distribution(samples, count, false, out);
}
