/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A line through the samples of a window. */
#include "sim/prometheus/functions.h"
#include <math.h>

/* Least squares, time in seconds from origin. */
static void fit_line(const struct window *w, int64_t origin, double *slope, double *intercept) {
    struct exact_sum x = {0}, y = {0}, xy = {0}, xx = {0};
    double n = w->count;
    bool constant = true;
    for (uint32_t i = 0; i < w->count; i++) {
        double at = seconds_of(w->times[i] - origin), value = w->values[i];
        constant = constant && value == w->values[0];
        exact_add(&x, at);
        exact_add(&y, value);
        exact_add(&xy, at * value);
        exact_add(&xx, at * at);
    }
    if (constant) {
        *slope = isinf(w->values[0]) ? NAN : 0;
        *intercept = isinf(w->values[0]) ? NAN : w->values[0];
        return;
    }
    double sum_x = x.sum + x.carry, sum_y = y.sum + y.carry;
    double covariance = xy.sum + xy.carry - sum_x * sum_y / n;
    *slope = covariance / (xx.sum + xx.carry - sum_x * sum_x / n);
    *intercept = sum_y / n - *slope * sum_x / n;
}

bool window_deriv(const struct window *w, const double *scalars, double *result) {
    (void)scalars;
    double intercept;
    if (w->count < 2) return false;
    fit_line(w, w->times[0], result, &intercept);
    return true;
}

bool window_predict_linear(const struct window *w, const double *scalars, double *result) {
    double slope, intercept;
    if (w->count < 2) return false;
    fit_line(w, w->now_ms, &slope, &intercept);
    *result = slope * scalars[0] + intercept;
    return true;
}
