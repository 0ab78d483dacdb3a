/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/rca/metric.h"

#include <ctype.h>

const char *metric_family_name(enum metric_family family) {
    static const char *const names[] = {"latency", "errors", "availability", "load", "resource"};
    return names[family];
}

#define NAME_MAX_LEN 96

/* Lower case, cut; what no metric name needs is a word's end. */
static void plain_name(char *out, const char *name) {
    size_t n = 0;
    for (; name[n] && n < NAME_MAX_LEN - 1; n++)
        out[n] = isalnum((unsigned char)name[n]) ? (char)tolower((unsigned char)name[n]) : '_';
    out[n] = '\0';
}

static bool has_any(const char *name, const char *const *parts) {
    for (; *parts; parts++)
        if (strstr(name, *parts)) return true;
    return false;
}

/* "p99", "_99", "-95": the last number of two digits or the median's name. */
static int percentile_of(const char *name) {
    static const struct {
        const char *part;
        int percentile;
    } known[] = {{"p999", 99}, {"p99", 99}, {"p95", 95}, {"p90", 90}, {"p75", 75},    {"p50", 50},
                 {"_99", 99},  {"_95", 95}, {"_90", 90}, {"_50", 50}, {"median", 50}, {"max", 99}};
    for (size_t k = 0; k < ARRAY_LEN(known); k++)
        if (strstr(name, known[k].part)) return known[k].percentile;
    return 0;
}

struct metric_meaning metric_meaning(const char *name) {
    static const char *const latency[] = {"latency",   "duration", "response_time",
                                          "resp_time", "elapsed",  NULL};
    static const char *const availability[] = {"availab", "success", NULL};
    static const char *const errors[] = {"error", "fail", "5xx", "fault", "exception", NULL};
    static const char *const load[] = {"request",    "workload", "rps",   "qps",
                                       "throughput", "traffic",  "calls", NULL};
    static const char *const by_load[] = {"cpu", "net", "bytes", "io", NULL};
    char plain[NAME_MAX_LEN];
    plain_name(plain, name);
    struct metric_meaning m = {.family = METRIC_RESOURCE};
    if (has_any(plain, latency)) {
        m.family = METRIC_LATENCY;
        m.percentile = percentile_of(plain);
    } else if (has_any(plain, availability))
        m.family = METRIC_AVAILABILITY;
    else if (has_any(plain, errors))
        m.family = METRIC_ERRORS;
    else if (has_any(plain, load) || strcmp(plain, "load") == 0)
        m.family = METRIC_LOAD;
    else
        m.per_load = has_any(plain, by_load);
    return m;
}
