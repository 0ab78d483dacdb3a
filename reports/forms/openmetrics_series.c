/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/forms/openmetrics_series.h"
#include "engine/base/check.h"
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name, *type, *help;
    int64_t scale;
} metrics[] = {
#define METRIC(name, type, scale, help) {#name, #type, help, scale},
    METRICS(METRIC)
#undef METRIC
};

/* Upper bounds of a histogram's buckets, in milliseconds. */
static const int64_t bounds_ms[] = {100,    500,    1000,    2500,    5000,   10000,  15000,
                                    20000,  30000,  45000,   60000,   90000,  120000, 180000,
                                    300000, 600000, 1800000, 2700000, 3600000};

void om_label(char labels[SERIES_LABELS], const char *name, const char *value) {
    size_t len = strlen(labels);
    int more = snprintf(labels + len, SERIES_LABELS - len, "%s%s=\"", len > 0 ? "," : "", name);
    ASSERT(more > 0 && len + (size_t)more + 4 < SERIES_LABELS);
    len += (size_t)more;
    for (; *value && len + 4 < SERIES_LABELS; value++) {
        if (strchr("\\\"\n", *value)) labels[len++] = '\\';
        labels[len++] = *value;
        if (*value == '\n') labels[len - 1] = 'n';
    }
    labels[len++] = '"';
    labels[len] = '\0';
}

static struct om_series *series_of(struct om_book *book, enum metric metric, const char *labels,
                                   const char *suffix) {
    for (uint32_t k = 0; k < book->count; k++) {
        struct om_series *s = &book->series[k];
        if (s->metric == metric && strcmp(s->suffix, suffix) == 0 && strcmp(s->labels, labels) == 0)
            return s;
    }
    if (book->count == book->capacity) {
        book->capacity = book->capacity == 0 ? 64 : 2 * book->capacity;
        book->series = realloc(book->series, book->capacity * sizeof *book->series);
        ASSERT(book->series != NULL);
    }
    struct om_series *s = &book->series[book->count++];
    *s = (struct om_series){.metric = metric, .suffix = suffix};
    snprintf(s->labels, sizeof s->labels, "%s", labels);
    return s;
}

/* Facts of a trace may be anything; beyond this no series means anything. */
#define VALUE_MAX INT64_C(1000000000000000)

static void happens(struct om_series *s, time_ns at, int64_t value) {
    value = value < 0 ? 0 : value > VALUE_MAX ? VALUE_MAX : value;
    if (s->count == s->capacity) {
        s->capacity = s->capacity == 0 ? 8 : 2 * s->capacity;
        s->events = realloc(s->events, s->capacity * sizeof *s->events);
        ASSERT(s->events != NULL);
    }
    s->events[s->count++] = (struct om_event){at, value};
}

void om_declare(struct om_book *book, enum metric metric, const char *labels) {
    series_of(book, metric, labels, "");
}
void om_add(struct om_book *book, enum metric metric, const char *labels, time_ns at,
            int64_t delta) {
    happens(series_of(book, metric, labels, ""), at, delta);
}
void om_set(struct om_book *book, enum metric metric, const char *labels, time_ns at,
            int64_t value) {
    happens(series_of(book, metric, labels, ""), at, value);
}

/* Bucket number k; the one behind the last has no bound. */
static struct om_series *bucket(struct om_book *book, enum metric metric, const char *labels,
                                size_t k) {
    char all[SERIES_LABELS], bound[24] = "+Inf";
    if (k < ARRAY_LEN(bounds_ms))
        snprintf(bound, sizeof bound, "%lld.%lld", (long long)(bounds_ms[k] / 1000),
                 (long long)(bounds_ms[k] % 1000 / 100));
    snprintf(all, sizeof all, "%s", labels);
    om_label(all, "le", bound);
    return series_of(book, metric, all, "_bucket");
}

void om_declare_histogram(struct om_book *book, enum metric metric, const char *labels) {
    for (size_t k = 0; k <= ARRAY_LEN(bounds_ms); k++) bucket(book, metric, labels, k);
    series_of(book, metric, labels, "_sum");
    series_of(book, metric, labels, "_count");
}

void om_observe(struct om_book *book, enum metric metric, const char *labels, time_ns at,
                time_ns value) {
    for (size_t k = 0; k <= ARRAY_LEN(bounds_ms); k++) {
        bool under = k == ARRAY_LEN(bounds_ms) || value <= bounds_ms[k] * NS_PER_MS;
        struct om_series *s = bucket(book, metric, labels, k);
        if (under) happens(s, at, 1);
    }
    happens(series_of(book, metric, labels, "_sum"), at, value / NS_PER_US);
    happens(series_of(book, metric, labels, "_count"), at, 1);
}

/* ---- writing ---- */

static void write_value(FILE *out, const struct om_series *s, int64_t value) {
    bool counts = strcmp(s->suffix, "_bucket") == 0 || strcmp(s->suffix, "_count") == 0;
    if (counts || metrics[s->metric].scale == 1)
        fprintf(out, "%lld", (long long)value);
    else
        fprintf(out, "%lld.%06lld", (long long)(value / 1000000), (long long)(value % 1000000));
}

static void write_series(FILE *out, const struct om_series *s, time_ns wall, time_ns end,
                         time_ns step) {
    bool counter = strcmp(metrics[s->metric].type, "counter") == 0;
    bool gauge = strcmp(metrics[s->metric].type, "gauge") == 0;
    int64_t value = 0;
    uint32_t next = 0;
    for (time_ns at = 0;; at = at + step < end || at == end ? at + step : end) {
        if (at > end) break;
        for (; next < s->count && s->events[next].at <= at; next++)
            value = gauge ? s->events[next].value : time_add(value, s->events[next].value);
        time_ns ms = time_add(wall, at) / NS_PER_MS;
        fprintf(out, "%s%s%s{%s} ", metrics[s->metric].name, s->suffix, counter ? "_total" : "",
                s->labels);
        write_value(out, s, value);
        fprintf(out, " %lld.%03lld\n", (long long)(ms / 1000), (long long)(ms % 1000));
    }
}

/* Things may be told out of their order; those of one time keep theirs. */
static void in_order(struct om_series *s) {
    for (uint32_t k = 1; k < s->count; k++) {
        struct om_event moved = s->events[k];
        uint32_t at = k;
        for (; at > 0 && s->events[at - 1].at > moved.at; at--) s->events[at] = s->events[at - 1];
        s->events[at] = moved;
    }
}

void om_write(struct om_book *book, time_ns wall, time_ns end, time_ns step, FILE *out) {
    for (int metric = 0; metric < METRIC_COUNT; metric++) {
        fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", metrics[metric].name, metrics[metric].help,
                metrics[metric].name, metrics[metric].type);
        for (uint32_t k = 0; k < book->count; k++) {
            if ((int)book->series[k].metric != metric) continue;
            in_order(&book->series[k]);
            write_series(out, &book->series[k], wall, end, step);
        }
    }
    fputs("# EOF\n", out);
}

void om_free(struct om_book *book) {
    for (uint32_t k = 0; k < book->count; k++) free(book->series[k].events);
    free(book->series);
    *book = (struct om_book){0};
}
