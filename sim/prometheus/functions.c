/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The arithmetic of Prometheus' functions, and the table of them all. */
#include "sim/prometheus/functions.h"
#include <math.h>

/* ---- sums and powers ---- */

void exact_add(struct exact_sum *s, double value) {
    double total = s->sum + value;
    if (isinf(total))
        s->carry = 0;
    else if (fabs(s->sum) >= fabs(value))
        s->carry += (s->sum - total) + value;
    else
        s->carry += (value - total) + s->sum;
    s->sum = total;
}

void exact_mean_add(struct exact_mean *m, double value) {
    m->count++;
    if (!m->incremental) {
        struct exact_sum next = m->sum;
        exact_add(&next, value);
        if (m->count == 1 || !isinf(next.sum)) {
            m->sum = next;
            return;
        }
        m->incremental = true;
        m->sum.sum /= m->count - 1;
        m->sum.carry /= m->count - 1;
    }
    double share = (m->count - 1) / m->count;
    m->sum.sum *= share;
    m->sum.carry *= share;
    exact_add(&m->sum, value / m->count);
}

double exact_mean_value(const struct exact_mean *m) {
    return m->incremental ? m->sum.sum + m->sum.carry
                          : m->sum.sum / m->count + m->sum.carry / m->count;
}

double whole_power(double base, int exponent) {
    double result = 1;
    for (int i = exponent < 0 ? -exponent : exponent; i > 0; i /= 2, base *= base)
        if (i % 2) result *= base;
    return exponent < 0 ? 1 / result : result;
}

/* ---- counters ---- */

static double seconds(int64_t ms) { return (double)ms / 1000.0; }

/* What rate, increase and delta share: the difference of the last and the first sample, carried on
 * to the window's edges where a sample is near enough to them; as a rate, or per_seconds 1. */
static bool extrapolated(const struct window *w, bool counter, double per_seconds, double *result) {
    if (w->count < 2) return false;
    double first = w->values[0], difference = w->values[w->count - 1] - first;
    for (uint32_t i = 1; counter && i < w->count; i++)
        if (w->values[i] < w->values[i - 1]) difference += w->values[i - 1];
    double to_start = seconds(w->times[0] - w->from_ms);
    double to_end = seconds(w->to_ms - w->times[w->count - 1]);
    double sampled = seconds(w->times[w->count - 1] - w->times[0]);
    double step = sampled / (double)(w->count - 1), near = step * 1.1;
    if (to_start >= near) to_start = step / 2;
    if (counter && difference > 0 && first >= 0) {
        /* a counter was never below zero, so it cannot have started before the line meets zero */
        double to_zero = sampled * (first / difference);
        if (to_zero < to_start) to_start = to_zero;
    }
    if (to_end >= near) to_end = step / 2;
    *result = difference * ((sampled + to_start + to_end) / sampled / per_seconds);
    return true;
}

static bool rate(const struct window *w, const double *scalars, double *result) {
    (void)scalars;
    return extrapolated(w, true, seconds(w->to_ms - w->from_ms), result);
}

static bool increase(const struct window *w, const double *scalars, double *result) {
    (void)scalars;
    return extrapolated(w, true, 1, result);
}

static bool delta(const struct window *w, const double *scalars, double *result) {
    (void)scalars;
    return extrapolated(w, false, 1, result);
}

static bool irate(const struct window *w, const double *scalars, double *result) {
    (void)scalars;
    if (w->count < 2) return false;
    double last = w->values[w->count - 1], former = w->values[w->count - 2];
    double passed = seconds(w->times[w->count - 1] - w->times[w->count - 2]);
    *result = (last < former ? last : last - former) / passed;
    return true;
}

static bool idelta(const struct window *w, const double *scalars, double *result) {
    (void)scalars;
    if (w->count < 2) return false;
    *result = w->values[w->count - 1] - w->values[w->count - 2];
    return true;
}

static bool resets(const struct window *w, const double *scalars, double *result) {
    (void)scalars;
    *result = 0;
    for (uint32_t i = 1; i < w->count; i++)
        if (w->values[i] < w->values[i - 1]) ++*result;
    return true;
}

static bool changes(const struct window *w, const double *scalars, double *result) {
    (void)scalars;
    *result = 0;
    for (uint32_t i = 1; i < w->count; i++) {
        double now = w->values[i], former = w->values[i - 1];
        if (now != former && !(isnan(now) && isnan(former))) ++*result;
    }
    return true;
}

/* ---- lines ---- */

/* Least squares, time in seconds from origin. */
static void fit_line(const struct window *w, int64_t origin, double *slope, double *intercept) {
    struct exact_sum x = {0}, y = {0}, xy = {0}, xx = {0};
    double n = w->count;
    bool constant = true;
    for (uint32_t i = 0; i < w->count; i++) {
        double at = seconds(w->times[i] - origin), value = w->values[i];
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

static bool deriv(const struct window *w, const double *scalars, double *result) {
    (void)scalars;
    double intercept;
    if (w->count < 2) return false;
    fit_line(w, w->times[0], result, &intercept);
    return true;
}

static bool predict_linear(const struct window *w, const double *scalars, double *result) {
    double slope, intercept;
    if (w->count < 2) return false;
    fit_line(w, w->now_ms, &slope, &intercept);
    *result = slope * scalars[0] + intercept;
    return true;
}

/* ---- over time ---- */

static bool sum_over_time(const struct window *w, const double *scalars, double *result) {
    (void)scalars;
    struct exact_sum s = {0};
    for (uint32_t i = 0; i < w->count; i++) exact_add(&s, w->values[i]);
    *result = s.sum + s.carry;
    return true;
}

static bool avg_over_time(const struct window *w, const double *scalars, double *result) {
    (void)scalars;
    struct exact_mean m = {0};
    for (uint32_t i = 0; i < w->count; i++) exact_mean_add(&m, w->values[i]);
    *result = exact_mean_value(&m);
    return true;
}

static bool min_over_time(const struct window *w, const double *scalars, double *result) {
    (void)scalars;
    *result = w->values[0];
    for (uint32_t i = 1; i < w->count; i++)
        if (w->values[i] < *result || isnan(*result)) *result = w->values[i];
    return true;
}

static bool max_over_time(const struct window *w, const double *scalars, double *result) {
    (void)scalars;
    *result = w->values[0];
    for (uint32_t i = 1; i < w->count; i++)
        if (w->values[i] > *result || isnan(*result)) *result = w->values[i];
    return true;
}

static bool count_over_time(const struct window *w, const double *scalars, double *result) {
    (void)scalars;
    *result = w->count;
    return true;
}

static bool last_over_time(const struct window *w, const double *scalars, double *result) {
    (void)scalars;
    *result = w->values[w->count - 1];
    return true;
}

static bool present_over_time(const struct window *w, const double *scalars, double *result) {
    (void)w, (void)scalars;
    *result = 1;
    return true;
}

/* ---- values ---- */

static double value_abs(double v, const double *s) { return (void)s, fabs(v); }
static double value_ceil(double v, const double *s) { return (void)s, ceil(v); }
static double value_floor(double v, const double *s) { return (void)s, floor(v); }
static double value_sqrt(double v, const double *s) { return (void)s, sqrt(v); }
static double value_sgn(double v, const double *s) { return (void)s, v > 0 ? 1 : v < 0 ? -1 : v; }
/* As Go's math.Max and Min: NaN wins over all but the infinity asked for. */
static double larger(double a, double b) {
    if (a == INFINITY || b == INFINITY) return INFINITY;
    return isnan(a) || isnan(b) ? NAN : a > b ? a : b;
}
static double smaller(double a, double b) {
    if (a == -INFINITY || b == -INFINITY) return -INFINITY;
    return isnan(a) || isnan(b) ? NAN : a < b ? a : b;
}
static double value_clamp_min(double v, const double *s) { return larger(v, s[0]); }
static double value_clamp_max(double v, const double *s) { return smaller(v, s[0]); }

/* ---- the table ---- */

#define WINDOW(name, arguments)                                                                    \
    { #name, arguments, PROM_VECTOR, SHAPE_WINDOW, false, name, NULL, 0 }
#define VALUE(name, arguments)                                                                     \
    { #name, arguments, PROM_VECTOR, SHAPE_VALUE, false, NULL, value_##name, 0 }
#define WHOLE(name, arguments, result, which)                                                      \
    { #name, arguments, result, SHAPE_WHOLE, false, NULL, NULL, which }
#define MISSING(name)                                                                              \
    { #name, "", PROM_VECTOR, SHAPE_MISSING, false, NULL, NULL, 0 }

/* In the order of the alphabet. */
static const struct function functions[] = {
    VALUE(abs, "v"),
    WHOLE(absent, "v", PROM_VECTOR, WHOLE_ABSENT),
    MISSING(absent_over_time),
    MISSING(acos),
    MISSING(acosh),
    MISSING(asin),
    MISSING(asinh),
    MISSING(atan),
    MISSING(atanh),
    WINDOW(avg_over_time, "m"),
    VALUE(ceil, "v"),
    WINDOW(changes, "m"),
    MISSING(clamp),
    VALUE(clamp_max, "vs"),
    VALUE(clamp_min, "vs"),
    MISSING(cos),
    MISSING(cosh),
    WINDOW(count_over_time, "m"),
    MISSING(day_of_month),
    MISSING(day_of_week),
    MISSING(day_of_year),
    MISSING(days_in_month),
    MISSING(deg),
    WINDOW(delta, "m"),
    WINDOW(deriv, "m"),
    MISSING(double_exponential_smoothing),
    MISSING(exp),
    MISSING(first_over_time),
    VALUE(floor, "v"),
    MISSING(histogram_avg),
    MISSING(histogram_count),
    MISSING(histogram_fraction),
    WHOLE(histogram_quantile, "sv", PROM_VECTOR, WHOLE_HISTOGRAM_QUANTILE),
    MISSING(histogram_stddev),
    MISSING(histogram_stdvar),
    MISSING(histogram_sum),
    MISSING(holt_winters),
    MISSING(hour),
    WINDOW(idelta, "m"),
    WINDOW(increase, "m"),
    MISSING(info),
    WINDOW(irate, "m"),
    MISSING(label_join),
    MISSING(label_replace),
    {"last_over_time", "m", PROM_VECTOR, SHAPE_WINDOW, true, last_over_time, NULL, 0},
    MISSING(ln),
    MISSING(log10),
    MISSING(log2),
    MISSING(mad_over_time),
    WINDOW(max_over_time, "m"),
    WINDOW(min_over_time, "m"),
    MISSING(minute),
    MISSING(month),
    MISSING(pi),
    WINDOW(predict_linear, "ms"),
    WINDOW(present_over_time, "m"),
    MISSING(quantile_over_time),
    MISSING(rad),
    WINDOW(rate, "m"),
    WINDOW(resets, "m"),
    MISSING(round),
    WHOLE(scalar, "v", PROM_SCALAR, WHOLE_SCALAR),
    VALUE(sgn, "v"),
    MISSING(sin),
    MISSING(sinh),
    MISSING(sort),
    MISSING(sort_by_label),
    MISSING(sort_by_label_desc),
    MISSING(sort_desc),
    VALUE(sqrt, "v"),
    MISSING(stddev_over_time),
    MISSING(stdvar_over_time),
    WINDOW(sum_over_time, "m"),
    MISSING(tan),
    MISSING(tanh),
    WHOLE(time, "", PROM_SCALAR, WHOLE_TIME),
    WHOLE(timestamp, "v", PROM_VECTOR, WHOLE_TIMESTAMP),
    WHOLE(vector, "s", PROM_VECTOR, WHOLE_VECTOR),
    MISSING(year),
};

const struct function *function_find(const char *name, size_t len) {
    for (size_t i = 0; i < ARRAY_LEN(functions); i++)
        if (strlen(functions[i].name) == len && memcmp(functions[i].name, name, len) == 0)
            return &functions[i];
    return NULL;
}

_Static_assert(ARRAY_LEN(functions) <= FUNCTIONS_MAX, "names must fit");

size_t function_names(const char *names[FUNCTIONS_MAX]) {
    size_t count = 0;
    for (size_t i = 0; i < ARRAY_LEN(functions); i++)
        if (functions[i].shape != SHAPE_MISSING) names[count++] = functions[i].name;
    return count;
}
