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
};

enum function_shape { SHAPE_MISSING, SHAPE_WINDOW, SHAPE_VALUE, SHAPE_WHOLE };
enum whole_function {
    WHOLE_ABSENT,
    WHOLE_HISTOGRAM_QUANTILE,
    WHOLE_SCALAR,
    WHOLE_TIME,
    WHOLE_TIMESTAMP,
    WHOLE_VECTOR,
};

struct function {
    const char *name;
    /* One letter an argument: s scalar, v vector, m range vector, t string. After '?' optional. */
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

/* base ^ exponent by multiplication, so that it is the same everywhere, which pow() is not. */
double whole_power(double base, int exponent);

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

#endif
