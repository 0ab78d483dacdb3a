/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of PromQL's functions. */
#include "sim/prometheus/functions.h"
#include <string.h>

#define WINDOW(name, arguments)                                                                    \
    { #name, arguments, PROM_VECTOR, SHAPE_WINDOW, false, window_##name, NULL, 0 }
#define NAMED_WINDOW(name, arguments)                                                              \
    { #name, arguments, PROM_VECTOR, SHAPE_WINDOW, true, window_##name, NULL, 0 }
#define VALUE(name, arguments)                                                                     \
    { #name, arguments, PROM_VECTOR, SHAPE_VALUE, false, NULL, value_##name, 0 }
#define WHOLE(name, arguments, result, which)                                                      \
    { #name, arguments, result, SHAPE_WHOLE, false, NULL, NULL, which }
#define EXPERIMENTAL(name)                                                                         \
    { #name, "", PROM_VECTOR, SHAPE_EXPERIMENTAL, false, NULL, NULL, 0 }
#define HISTOGRAM(name)                                                                            \
    { #name, "", PROM_VECTOR, SHAPE_HISTOGRAM, false, NULL, NULL, 0 }

/* In the order of the alphabet. */
static const struct function functions[] = {
    VALUE(abs, "v"),
    WHOLE(absent, "v", PROM_VECTOR, WHOLE_ABSENT),
    WHOLE(absent_over_time, "m", PROM_VECTOR, WHOLE_ABSENT_OVER_TIME),
    VALUE(acos, "v"),
    VALUE(acosh, "v"),
    VALUE(asin, "v"),
    VALUE(asinh, "v"),
    VALUE(atan, "v"),
    VALUE(atanh, "v"),
    WINDOW(avg_over_time, "m"),
    VALUE(ceil, "v"),
    WINDOW(changes, "m"),
    WHOLE(clamp, "vss", PROM_VECTOR, WHOLE_CLAMP),
    VALUE(clamp_max, "vs"),
    VALUE(clamp_min, "vs"),
    VALUE(cos, "v"),
    VALUE(cosh, "v"),
    WINDOW(count_over_time, "m"),
    VALUE(day_of_month, "?v"),
    VALUE(day_of_week, "?v"),
    VALUE(day_of_year, "?v"),
    VALUE(days_in_month, "?v"),
    VALUE(deg, "v"),
    WINDOW(delta, "m"),
    WINDOW(deriv, "m"),
    EXPERIMENTAL(double_exponential_smoothing),
    EXPERIMENTAL(end),
    VALUE(exp, "v"),
    EXPERIMENTAL(first_over_time),
    VALUE(floor, "v"),
    HISTOGRAM(histogram_avg),
    HISTOGRAM(histogram_count),
    WHOLE(histogram_fraction, "ssv", PROM_VECTOR, WHOLE_HISTOGRAM_FRACTION),
    WHOLE(histogram_quantile, "sv", PROM_VECTOR, WHOLE_HISTOGRAM_QUANTILE),
    EXPERIMENTAL(histogram_quantiles),
    HISTOGRAM(histogram_stddev),
    HISTOGRAM(histogram_stdvar),
    HISTOGRAM(histogram_sum),
    EXPERIMENTAL(holt_winters),
    VALUE(hour, "?v"),
    WINDOW(idelta, "m"),
    WINDOW(increase, "m"),
    EXPERIMENTAL(info),
    WINDOW(irate, "m"),
    WHOLE(label_join, "vtt?t*", PROM_VECTOR, WHOLE_LABEL_JOIN),
    WHOLE(label_replace, "vtttt", PROM_VECTOR, WHOLE_LABEL_REPLACE),
    NAMED_WINDOW(last_over_time, "m"),
    VALUE(ln, "v"),
    VALUE(log10, "v"),
    VALUE(log2, "v"),
    EXPERIMENTAL(mad_over_time),
    EXPERIMENTAL(max_of),
    WINDOW(max_over_time, "m"),
    EXPERIMENTAL(min_of),
    WINDOW(min_over_time, "m"),
    VALUE(minute, "?v"),
    VALUE(month, "?v"),
    WHOLE(pi, "", PROM_SCALAR, WHOLE_PI),
    WINDOW(predict_linear, "ms"),
    WINDOW(present_over_time, "m"),
    WINDOW(quantile_over_time, "sm"),
    VALUE(rad, "v"),
    EXPERIMENTAL(range),
    WINDOW(rate, "m"),
    WINDOW(resets, "m"),
    VALUE(round, "v?s"),
    WHOLE(scalar, "v", PROM_SCALAR, WHOLE_SCALAR),
    VALUE(sgn, "v"),
    VALUE(sin, "v"),
    VALUE(sinh, "v"),
    WHOLE(sort, "v", PROM_VECTOR, WHOLE_SORT),
    EXPERIMENTAL(sort_by_label),
    EXPERIMENTAL(sort_by_label_desc),
    WHOLE(sort_desc, "v", PROM_VECTOR, WHOLE_SORT_DESC),
    VALUE(sqrt, "v"),
    EXPERIMENTAL(start),
    WINDOW(stddev_over_time, "m"),
    WINDOW(stdvar_over_time, "m"),
    EXPERIMENTAL(step),
    WINDOW(sum_over_time, "m"),
    VALUE(tan, "v"),
    VALUE(tanh, "v"),
    WHOLE(time, "", PROM_SCALAR, WHOLE_TIME),
    EXPERIMENTAL(timeseries_gen),
    WHOLE(timestamp, "v", PROM_VECTOR, WHOLE_TIMESTAMP),
    EXPERIMENTAL(ts_of_first_over_time),
    EXPERIMENTAL(ts_of_last_over_time),
    EXPERIMENTAL(ts_of_max_over_time),
    EXPERIMENTAL(ts_of_min_over_time),
    WHOLE(vector, "s", PROM_VECTOR, WHOLE_VECTOR),
    VALUE(year, "?v"),
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
        if (functions[i].shape != SHAPE_EXPERIMENTAL && functions[i].shape != SHAPE_HISTOGRAM)
            names[count++] = functions[i].name;
    return count;
}
