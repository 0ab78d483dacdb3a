/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as an expression over a small store: refused with one diagnostic at a place inside the
 * text, or evaluated without a crash, twice with the same result: at an instant, and over a range.
 */
#include "engine/base/check.h"
#include "sim/prometheus/query.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fill(struct prom *p) {
    static const char *const codes[] = {"200", "500", "503"}, *const pods[] = {"a", "b"};
    static const char *const bounds[] = {"0.1", "1", "+Inf"};
    for (int i = 0; i < 6; i++) {
        const struct prom_label requests[] = {
            {"__name__", "x"}, {"code", codes[i % 3]}, {"pod", pods[i / 3]}};
        const struct prom_label buckets[] = {
            {"__name__", "h"}, {"le", bounds[i % 3]}, {"pod", pods[i / 3]}};
        uint32_t x = prom_series(p, requests, 3), h = prom_series(p, buckets, 3);
        for (int64_t t = 0; t < 10; t++) {
            prom_append(p, x, t * 10000, (double)(t * (i + 1)) / (i == 5 ? 0.0 : 3.0));
            prom_append(p, h, t * 10000, (double)(t * (i % 3)));
        }
        if (i == 4) prom_stale(p, x, 100000);
    }
}

static uint64_t bits_of(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return value == value ? bits : 0;
}

static uint64_t sum_of(const struct prom_answer *a) {
    uint64_t sum = bits_of(a->scalar) + a->count;
    for (uint32_t i = 0; i < a->count; i++)
        for (uint32_t k = 0; k < a->lines[i].count; k++)
            sum = sum * 31 + bits_of(a->lines[i].points[k].value);
    return a->error ? strlen(a->error) : sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct prom_options options = {
        .series_max = 20, .samples_per_series = 16, .rules_max = 1, .subquery_steps = 500};
    struct arena arena;
    struct diags diags = {0};
    arena_open(&arena);
    struct prom_expr *e =
        prom_parse_query(&arena, "fuzz", 1, 1, (const char *)data, size, &diags, NULL);
    ASSERT(e ? diags.count == 0 : diags.errors == 1);
    ASSERT(e || (diags.list[0].line >= 1 && diags.list[0].column >= 1));
    if (e) {
        struct prom *p = prom_open(&arena, &options);
        fill(p);
        struct prom_answer at, again, range;
        prom_query_instant(p, &arena, e, 95000, &at);
        prom_query_instant(p, &arena, e, 95000, &again);
        ASSERT(sum_of(&at) == sum_of(&again));
        prom_query_range(p, &arena, e, 60000, 95000, 7000, &range);
        for (uint32_t i = 0; i < range.count; i++) ASSERT(range.lines[i].count <= 6);
    }
    arena_close(&arena);
    return 0;
}
