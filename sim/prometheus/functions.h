/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_PROMETHEUS_FUNCTIONS_H
#define SIM_PROMETHEUS_FUNCTIONS_H
/*
 * PromQL's functions. Three shapes: over the samples of a window (rate), over the value of each
 * element (abs), and those that look at a vector as a whole (absent). A function that Prometheus
 * has and we have not is in the table too, without code, so that its name can be told from a typing
 * error.
 */
#include "sim/prometheus/prometheus.h"

/* The samples of one series in (from, to], oldest first, stale markers left out. */
struct window {
    const int64_t *times;
    const double *values;
    uint32_t count;
    int64_t from_ms, to_ms, now_ms; /* now: the instant asked for, without offset */
    bool early_zero;                /* as before 2.51: a counter's zero decides what is near */
    double *scratch;                /* room for count values */
};

enum function_shape {
    SHAPE_WINDOW,
    SHAPE_VALUE,
    SHAPE_WHOLE,
    SHAPE_EXPERIMENTAL, /* behind a flag in Prometheus 3, and not here */
    SHAPE_HISTOGRAM,    /* of native histograms only, and not here */
};
enum whole_function {
    WHOLE_ABSENT,
    WHOLE_ABSENT_OVER_TIME,
    WHOLE_CLAMP,
    WHOLE_HISTOGRAM_FRACTION,
    WHOLE_HISTOGRAM_QUANTILE,
    WHOLE_LABEL_JOIN,
    WHOLE_LABEL_REPLACE,
    WHOLE_PI,
    WHOLE_SCALAR,
    WHOLE_SORT,
    WHOLE_SORT_DESC,
    WHOLE_TIME,
    WHOLE_TIMESTAMP,
    WHOLE_VECTOR,
};

struct function {
    const char *name;
    /* One letter an argument: s scalar, v vector, m range vector, t string. After '?' optional;
     * '*': the last one any number of times. */
    const char *arguments;
    enum prom_type result;
    enum function_shape shape;
    bool keeps_name;
    /* False: this window gives no result. scalars: the call's scalar arguments in order. */
    bool (*window)(const struct window *window, const double *scalars, double *result);
    double (*value)(double value, const double *scalars);
    enum whole_function whole;
};

/* NULL when there is no function of that name. */
const struct function *function_find(const char *name, size_t len);
/* The names that have code, in the order of the alphabet; returns how many. */
#define FUNCTIONS_MAX 128
size_t function_names(const char *names[FUNCTIONS_MAX]);

/* Correctly rounded, so the same everywhere, which pow() and atan2() are not. */
double precise_power(double base, double exponent);
double precise_atan2(double y, double x);

/* Kahan's summation as Neumaier improved it (ZAMM 54, 1974): error free of the order's worst. */
struct exact_sum {
    double sum, carry;
};
void exact_add(struct exact_sum *s, double value);
/* A mean of sums that do not overflow: once they would, it goes on incrementally. */
struct exact_mean {
    struct exact_sum sum;
    double count;
    bool incremental;
};
void exact_mean_add(struct exact_mean *m, double value);
double exact_mean_value(const struct exact_mean *m);

/* Linear between the closest ranks; the values are sorted in place, NaN first. */
double quantile_of(double q, double *values, uint32_t count);

static inline double seconds_of(int64_t ms) { return (double)ms / 1000.0; }

/* The functions with code of these shapes, by name. */
bool window_avg_over_time(const struct window *w, const double *scalars, double *result);
bool window_changes(const struct window *w, const double *scalars, double *result);
bool window_count_over_time(const struct window *w, const double *scalars, double *result);
bool window_delta(const struct window *w, const double *scalars, double *result);
bool window_deriv(const struct window *w, const double *scalars, double *result);
bool window_idelta(const struct window *w, const double *scalars, double *result);
bool window_increase(const struct window *w, const double *scalars, double *result);
bool window_irate(const struct window *w, const double *scalars, double *result);
bool window_last_over_time(const struct window *w, const double *scalars, double *result);
bool window_max_over_time(const struct window *w, const double *scalars, double *result);
bool window_min_over_time(const struct window *w, const double *scalars, double *result);
bool window_predict_linear(const struct window *w, const double *scalars, double *result);
bool window_present_over_time(const struct window *w, const double *scalars, double *result);
bool window_quantile_over_time(const struct window *w, const double *scalars, double *result);
bool window_rate(const struct window *w, const double *scalars, double *result);
bool window_resets(const struct window *w, const double *scalars, double *result);
bool window_stddev_over_time(const struct window *w, const double *scalars, double *result);
bool window_stdvar_over_time(const struct window *w, const double *scalars, double *result);
bool window_sum_over_time(const struct window *w, const double *scalars, double *result);
double value_abs(double v, const double *s);
double value_acos(double v, const double *s);
double value_acosh(double v, const double *s);
double value_asin(double v, const double *s);
double value_asinh(double v, const double *s);
double value_atan(double v, const double *s);
double value_atanh(double v, const double *s);
double value_ceil(double v, const double *s);
double value_clamp_max(double v, const double *s);
double value_clamp_min(double v, const double *s);
double value_cos(double v, const double *s);
double value_cosh(double v, const double *s);
double value_day_of_month(double v, const double *s);
double value_day_of_week(double v, const double *s);
double value_day_of_year(double v, const double *s);
double value_days_in_month(double v, const double *s);
double value_deg(double v, const double *s);
double value_exp(double v, const double *s);
double value_floor(double v, const double *s);
double value_hour(double v, const double *s);
double value_ln(double v, const double *s);
double value_log10(double v, const double *s);
double value_log2(double v, const double *s);
double value_minute(double v, const double *s);
double value_month(double v, const double *s);
double value_rad(double v, const double *s);
double value_round(double v, const double *s);
double value_sgn(double v, const double *s);
double value_sin(double v, const double *s);
double value_sinh(double v, const double *s);
double value_sqrt(double v, const double *s);
double value_tan(double v, const double *s);
double value_tanh(double v, const double *s);
double value_year(double v, const double *s);

#endif
