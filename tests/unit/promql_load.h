/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_UNIT_PROMQL_LOAD_H
#define TESTS_UNIT_PROMQL_LOAD_H
/*
 * Series in promqltest's notation, and results as text, for the tests of the metrics language:
 *
 *   requests{code="200"} 0+10x5 _ stale NaN 7
 *
 * one series a line; the first value stands at `offset`, the next a step later; a+bxN gives N + 1
 * values, "_" none.
 */
#include "sim/prometheus/syntax.h"
#include <CUnit/Basic.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct bench {
    struct arena arena;
    struct prom *prom;
    struct diags diags;
};

static inline void bench_open(struct bench *b) {
    static const struct prom_options options = {.series_max = 200,
                                                .samples_per_series = 200,
                                                .retention_ms = 0,
                                                .lookback_ms = 300000,
                                                .rules_max = 20};
    *b = (struct bench){0};
    arena_open(&b->arena);
    b->prom = prom_open(&b->arena, &options);
}
static inline void bench_close(struct bench *b) { arena_close(&b->arena); }

/* The series that a text like up{job="a"} names. */
static inline uint32_t bench_series(struct bench *b, const char *text, size_t len) {
    struct prom_expr *e = prom_parse(&b->arena, "load", 1, 1, text, len, &b->diags);
    struct prom_label labels[32];
    CU_ASSERT_PTR_NOT_NULL_FATAL(e);
    const struct selector *s = &e->root->as.selector;
    for (uint32_t i = 0; i < s->matcher_count; i++)
        labels[i] = (struct prom_label){s->matchers[i].name, s->matchers[i].value};
    return prom_series(b->prom, labels, s->matcher_count);
}

static inline const char *append_item(struct bench *b, uint32_t series, const char *at,
                                      int64_t *time_ms, int64_t step_ms) {
    char *end;
    if (*at == '_') {
        *time_ms += step_ms;
        return at + 1;
    }
    if (strncmp(at, "stale", 5) ==
        0) { /* a marker is a signalling NaN: no arithmetic may touch it */
        prom_stale(b->prom, series, *time_ms);
        *time_ms += step_ms;
        return at + 5;
    }
    double value = strtod(at, &end);
    CU_ASSERT_PTR_NOT_EQUAL_FATAL(end, at);
    double step = 0;
    long more = 0;
    if (*end == '+' || *end == '-') {
        step = strtod(end, &end);
        CU_ASSERT_EQUAL_FATAL(*end, 'x');
    }
    if (*end == 'x') more = strtol(end + 1, &end, 10);
    for (long i = 0; i <= more; i++, *time_ms += step_ms)
        CU_ASSERT(prom_append(b->prom, series, *time_ms, value + step * (double)i));
    return end;
}

static inline void bench_load(struct bench *b, const char *lines, int64_t offset_ms,
                              int64_t step_ms) {
    for (const char *line = lines; *line;) {
        const char *end = strchr(line, '\n');
        if (!end) end = line + strlen(line);
        const char *brace = strchr(line, '}'), *space = strchr(line, ' ');
        const char *name_end = brace && brace < end ? brace + 1 : space;
        uint32_t series = bench_series(b, line, (size_t)(name_end - line));
        int64_t time_ms = offset_ms;
        for (const char *at = name_end; at < end;)
            at = *at == ' ' ? at + 1 : append_item(b, series, at, &time_ms, step_ms);
        line = *end ? end + 1 : end;
    }
}

/* "{a="b"} 1; {} 2", "scalar 3", "string", or "error: ...". */
static inline void bench_show(const struct prom_value *v, char *out, size_t size) {
    size_t used = 0;
    out[0] = '\0';
    if (v->error) {
        snprintf(out, size, "error: %s", v->error);
        return;
    }
    if (v->type != PROM_VECTOR) {
        snprintf(out, size, v->type == PROM_SCALAR ? "scalar %.12g" : "string", v->scalar);
        return;
    }
    for (uint32_t i = 0; i < v->count && used < size; i++) {
        const struct prom_sample *s = &v->samples[i];
        used += (size_t)snprintf(out + used, size - used, "%s{", i > 0 ? "; " : "");
        for (uint32_t j = 0; j < s->label_count && used < size; j++)
            used += (size_t)snprintf(out + used, size - used, "%s%s=\"%s\"", j > 0 ? ", " : "",
                                     s->labels[j].name, s->labels[j].value);
        double value = isnan(s->value) ? NAN : s->value;
        if (used < size) used += (size_t)snprintf(out + used, size - used, "} %.12g", value);
    }
}

static inline void bench_eval(struct bench *b, const char *expr, int64_t at_ms, char *out,
                              size_t size) {
    struct prom_expr *e = prom_parse(&b->arena, "t", 1, 1, expr, strlen(expr), &b->diags);
    if (!e) {
        snprintf(out, size, "refused: %s", b->diags.list[b->diags.count - 1].message);
        b->diags = (struct diags){0};
        return;
    }
    bench_show(prom_eval(b->prom, e, at_ms), out, size);
}

#endif
