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

/* ends NULL: each sample is a group. */
struct groups {
    const double *samples;
    const uint32_t *ends;
    size_t count;
};

static size_t group_begins(const struct groups *g, size_t group) {
    return !g->ends ? group : group == 0 ? 0 : g->ends[group - 1];
}
static size_t group_ends(const struct groups *g, size_t group) {
    return g->ends ? g->ends[group] : group + 1;
}

static size_t largest(const struct groups *g) {
    size_t most = 0;
    for (size_t i = 0; i < g->count; i++) {
        size_t size = group_ends(g, i) - group_begins(g, i);
        if (size > most) most = size;
    }
    return most;
}

/* As many groups as there are, with replacement; at least one sample. */
static size_t resampled(const struct groups *g, struct prng *stream, double *out) {
    size_t count = 0;
    while (count == 0)
        for (size_t i = 0; i < g->count; i++) {
            size_t drawn = prng_below(stream, g->count);
            for (size_t k = group_begins(g, drawn); k < group_ends(g, drawn); k++)
                out[count++] = g->samples[k];
        }
    return count;
}

/* The middle 95 % of each figure over resamples. */
static void intervals(const struct groups *g, struct distribution *out) {
    struct prng stream = prng_named(0, "bootstrap", g->count);
    double *resample = malloc((g->count * largest(g) + 1) * sizeof *resample);
    double *seen = malloc(FIGURES * RESAMPLES * sizeof *seen);
    for (size_t r = 0; resample && seen && r < RESAMPLES; r++) {
        double figures[FIGURES];
        size_t count = resampled(g, &stream, resample);
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
    if (with_intervals && count > 1)
        intervals(&(struct groups){.samples = sorted, .count = count}, out);
    free(sorted);
}

void distribution_of(time_ns *samples, size_t count, struct distribution *out) {
    distribution(samples, count, true, out);
}
void distribution_points(time_ns *samples, size_t count, struct distribution *out) {
    distribution(samples, count, false, out);
}

void distribution_of_groups(const time_ns *samples, const uint32_t *ends, size_t groups,
                            struct distribution *out) {
    size_t count = groups > 0 ? ends[groups - 1] : 0;
    time_ns *sorted = malloc((count + 1) * sizeof *sorted);
    double *in_groups = calloc(count + 1, sizeof *in_groups);
    *out = (struct distribution){0};
    if (sorted && in_groups && count > 0) {
        memcpy(sorted, samples, count * sizeof *sorted);
        distribution_points(sorted, count, out);
        for (size_t i = 0; i < count; i++) in_groups[i] = (double)samples[i];
        if (groups > 1)
            intervals(&(struct groups){.samples = in_groups, .ends = ends, .count = groups}, out);
    }
    free(sorted);
    free(in_groups);
}
