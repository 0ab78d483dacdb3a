/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Functions over the changes within a window: of counters, which only grow but for resets, and of
 * gauges. */
#include "sim/prometheus/functions.h"
#include <math.h>

/* What rate, increase and delta share: the difference of the last and the first sample, carried on
 * to the window's edges where a sample is near enough to them; as a rate, or per_seconds 1. */
static bool extrapolated(const struct window *w, bool counter, double per_seconds, double *result) {
    if (w->count < 2) return false;
    double first = w->values[0], difference = w->values[w->count - 1] - first;
    for (uint32_t i = 1; counter && i < w->count; i++)
        if (w->values[i] < w->values[i - 1]) difference += w->values[i - 1];
    double to_start = seconds_of(w->times[0] - w->from_ms);
    double to_end = seconds_of(w->to_ms - w->times[w->count - 1]);
    double sampled = seconds_of(w->times[w->count - 1] - w->times[0]);
    double step = sampled / (double)(w->count - 1), near = step * 1.1;
    /* a counter was never below zero, so it cannot have started before the line meets zero */
    double to_zero =
        counter && difference > 0 && first >= 0 ? sampled * (first / difference) : to_start;
    if (w->early_zero && to_zero < to_start) to_start = to_zero;
    if (to_start >= near) to_start = step / 2;
    if (to_zero < to_start) to_start = to_zero;
    if (to_end >= near) to_end = step / 2;
    *result = difference * ((sampled + to_start + to_end) / sampled / per_seconds);
    return true;
}

bool window_rate(const struct window *w, const double *scalars, double *result) {
    (void)scalars;
    return extrapolated(w, true, seconds_of(w->to_ms - w->from_ms), result);
}

bool window_increase(const struct window *w, const double *scalars, double *result) {
    (void)scalars;
    return extrapolated(w, true, 1, result);
}

bool window_delta(const struct window *w, const double *scalars, double *result) {
    (void)scalars;
    return extrapolated(w, false, 1, result);
}

bool window_irate(const struct window *w, const double *scalars, double *result) {
    (void)scalars;
    if (w->count < 2) return false;
    double last = w->values[w->count - 1], former = w->values[w->count - 2];
    double passed = seconds_of(w->times[w->count - 1] - w->times[w->count - 2]);
    *result = (last < former ? last : last - former) / passed;
    return true;
}

bool window_idelta(const struct window *w, const double *scalars, double *result) {
    (void)scalars;
    if (w->count < 2) return false;
    *result = w->values[w->count - 1] - w->values[w->count - 2];
    return true;
}

bool window_resets(const struct window *w, const double *scalars, double *result) {
    (void)scalars;
    *result = 0;
    for (uint32_t i = 1; i < w->count; i++)
        if (w->values[i] < w->values[i - 1]) ++*result;
    return true;
}

bool window_changes(const struct window *w, const double *scalars, double *result) {
    (void)scalars;
    *result = 0;
    for (uint32_t i = 1; i < w->count; i++) {
        double now = w->values[i], former = w->values[i - 1];
        if (now != former && !(isnan(now) && isnan(former))) ++*result;
    }
    return true;
}
