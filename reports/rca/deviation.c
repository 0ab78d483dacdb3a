/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/rca/deviation.h"

#include <math.h>

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

#define LEAST_BASELINE 3    /* samples */
#define LEAST_SPREAD   0.02 /* of the level */
#define TRIMMED_FROM   10   /* samples in the abnormal window */
#define BLOCKS_MIN     8    /* windows in the baseline before their own spread is believed */

void deviation_scratch_open(struct deviation_scratch *s, struct arena *arena,
                            const struct rca_recording *r) {
    uint32_t longest = 1;
    for (uint32_t k = 0; k < r->series_count; k++)
        if (r->series[k].count > longest) longest = r->series[k].count;
    s->values = ARENA_NEW(arena, double, longest);
    s->means = ARENA_NEW(arena, double, longest);
}

struct span {
    uint32_t from, to;
};
static struct span samples_in(const struct recorded_series *s, struct window w) {
    struct span span = {0, 0};
    while (span.from < s->count && s->time[span.from] < w.from) span.from++;
    span.to = span.from;
    while (span.to < s->count && s->time[span.to] < w.to) span.to++;
    return span;
}

/* Sorts. */
static double robust_scale(double *values, size_t n, double median) {
    for (size_t k = 0; k < n; k++) values[k] = fabs(values[k] - median);
    gsl_sort(values, 1, n);
    return 1.4826 * gsl_stats_median_from_sorted_data(values, 1, n);
}

/* The mean without the least and the largest tenth. Sorts. */
static double trimmed_mean(double *values, size_t n) {
    size_t cut = n >= TRIMMED_FROM ? n / 10 : 0;
    gsl_sort(values, 1, n);
    return gsl_stats_mean(values + cut, 1, n - 2 * cut);
}

/* Means over windows of "length" samples in the baseline, moved on by a quarter; how many. */
static size_t block_means(const double *values, size_t n, size_t length, double *means) {
    size_t count = 0, stride = length / 4 > 0 ? length / 4 : 1;
    for (size_t at = 0; at + length <= n; at += stride)
        means[count++] = gsl_stats_mean(values + at, 1, length);
    return count;
}

static double spread_of(struct deviation_scratch *scratch, const double *baseline, size_t n,
                        size_t length, double median) {
    size_t blocks = block_means(baseline, n, length, scratch->means);
    double of_blocks = 0;
    if (blocks >= BLOCKS_MIN) {
        double about = gsl_stats_sd(scratch->means, 1, blocks);
        of_blocks = robust_scale(scratch->means, blocks, median);
        /* a few wild windows are no reason to believe in none: half of the plain deviation */
        if (of_blocks < about / 2) of_blocks = about / 2;
    }
    memcpy(scratch->values, baseline, n * sizeof *baseline);
    double single = robust_scale(scratch->values, n, median);
    double about = gsl_stats_sd(baseline, 1, n);
    if (single < about / 2) single = about / 2;
    double independent = single / sqrt((double)length);
    return of_blocks > independent ? of_blocks : independent;
}

struct deviation deviation_of(struct deviation_scratch *scratch, const struct recorded_series *s,
                              struct window baseline, struct window abnormal, double scale) {
    struct deviation d = {0};
    struct span before = samples_in(s, baseline), now = samples_in(s, abnormal);
    size_t n = before.to - before.from, m = now.to - now.from;
    if (n < LEAST_BASELINE) return d;
    memcpy(scratch->values, s->value + before.from, n * sizeof(double));
    gsl_sort(scratch->values, 1, n);
    d.before = gsl_stats_median_from_sorted_data(scratch->values, 1, n);
    if (m == 0) {
        d.gone = true;
        return d;
    }
    d.spread = spread_of(scratch, s->value + before.from, n, m, d.before);
    memcpy(scratch->values, s->value + now.from, m * sizeof(double));
    d.now = trimmed_mean(scratch->values, m);
    double least = LEAST_SPREAD * fmax(fabs(d.before), scale);
    d.spread = fmax(d.spread, fmax(least, 1e-12));
    d.z = (d.now - d.before) / d.spread;
    d.known = true;
    return d;
}
