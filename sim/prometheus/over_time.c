/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the samples of a window come to: sums, extremes, spread, quantiles. */
#include "sim/prometheus/functions.h"
#include <math.h>
#include <string.h>

bool window_sum_over_time(const struct window *w, const double *scalars, double *result) {
    (void)scalars;
    struct exact_sum s = {0};
    for (uint32_t i = 0; i < w->count; i++) exact_add(&s, w->values[i]);
    *result = s.sum + s.carry;
    return true;
}

bool window_avg_over_time(const struct window *w, const double *scalars, double *result) {
    (void)scalars;
    struct exact_mean m = {0};
    for (uint32_t i = 0; i < w->count; i++) exact_mean_add(&m, w->values[i]);
    *result = exact_mean_value(&m);
    return true;
}

bool window_min_over_time(const struct window *w, const double *scalars, double *result) {
    (void)scalars;
    *result = w->values[0];
    for (uint32_t i = 1; i < w->count; i++)
        if (w->values[i] < *result || isnan(*result)) *result = w->values[i];
    return true;
}

bool window_max_over_time(const struct window *w, const double *scalars, double *result) {
    (void)scalars;
    *result = w->values[0];
    for (uint32_t i = 1; i < w->count; i++)
        if (w->values[i] > *result || isnan(*result)) *result = w->values[i];
    return true;
}

bool window_count_over_time(const struct window *w, const double *scalars, double *result) {
    (void)scalars;
    *result = w->count;
    return true;
}

bool window_last_over_time(const struct window *w, const double *scalars, double *result) {
    (void)scalars;
    *result = w->values[w->count - 1];
    return true;
}

bool window_present_over_time(const struct window *w, const double *scalars, double *result) {
    (void)w, (void)scalars;
    *result = 1;
    return true;
}

/* ---- spread ---- */

bool window_stdvar_over_time(const struct window *w, const double *scalars, double *result) {
    (void)scalars;
    struct exact_sum mean = {0}, squares = {0};
    for (uint32_t i = 0; i < w->count; i++) {
        double delta = w->values[i] - (mean.sum + mean.carry);
        exact_add(&mean, delta / (double)(i + 1));
        exact_add(&squares, delta * (w->values[i] - (mean.sum + mean.carry)));
    }
    *result = (squares.sum + squares.carry) / (double)w->count;
    return true;
}

bool window_stddev_over_time(const struct window *w, const double *scalars, double *result) {
    bool any = window_stdvar_over_time(w, scalars, result);
    *result = sqrt(*result);
    return any;
}

/* ---- quantiles ---- */

static bool number_before(double a, double b) { return isnan(a) ? !isnan(b) : a < b; }

static void sift_down(double *heap, uint32_t root, uint32_t count) {
    for (uint32_t child; (child = 2 * root + 1) < count; root = child) {
        if (child + 1 < count && number_before(heap[child], heap[child + 1])) child++;
        if (!number_before(heap[root], heap[child])) return;
        double swapped = heap[root];
        heap[root] = heap[child];
        heap[child] = swapped;
    }
}

/* Heapsort: needs no memory, and no order of the input makes it slow. NaN first. */
static void sort_numbers(double *values, uint32_t count) {
    for (uint32_t i = count / 2; i > 0; i--) sift_down(values, i - 1, count);
    for (uint32_t i = count; i > 1; i--) {
        double largest = values[0];
        values[0] = values[i - 1];
        values[i - 1] = largest;
        sift_down(values, 0, i - 1);
    }
}

double quantile_of(double q, double *values, uint32_t count) {
    if (count == 0 || isnan(q)) return NAN;
    if (q < 0) return -INFINITY;
    if (q > 1) return INFINITY;
    sort_numbers(values, count);
    double rank = q * (double)(count - 1), below = floor(rank);
    uint32_t lower = (uint32_t)below, upper = lower + 1 < count ? lower + 1 : count - 1;
    double weight = rank - below;
    return values[lower] * (1 - weight) + values[upper] * weight;
}

bool window_quantile_over_time(const struct window *w, const double *scalars, double *result) {
    memcpy(w->scratch, w->values, w->count * sizeof *w->values);
    *result = quantile_of(scalars[0], w->scratch, w->count);
    return true;
}
