/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a rule file: refused with places inside it, or taken and evaluated over a small
 * store, its annotations expanded, and what it fires bounded by the store. */
#include "engine/base/check.h"
#include "sim/prometheus/prometheus.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void told(void *context, const struct prom_alert *alert) {
    char text[256];
    const char *name;
    ASSERT(alert->label_count > 0);
    for (uint32_t i = 0; i < prom_annotation_count(alert); i++)
        ASSERT(prom_annotation(context, alert, i, &name, text, sizeof text) <= sizeof text);
}

static void fill(struct prom *p) {
    static const char *const jobs[] = {"a", "b", "c"};
    for (int i = 0; i < 3; i++) {
        const struct prom_label labels[] = {{"__name__", "x"}, {"job", jobs[i]}};
        uint32_t series = prom_series(p, labels, 2);
        for (int64_t t = 0; t < 3 + i; t++) prom_append(p, series, t * 30000, (double)(i * t));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct prom_options options = {
        .series_max = 32, .samples_per_series = 8, .rules_max = 8, .subquery_steps = 1000};
    struct arena arena;
    struct diags diags = {0};
    arena_open(&arena);
    char *text = arena_text(&arena, (const char *)data, size);
    struct prom *p = prom_open(&arena, &options);
    bool good = prom_rules_load(p, &arena, "fuzz", text, size, &diags);
    ASSERT(good == (diags.errors == 0));
    ASSERT(good || prom_rule_count(p) == 0);
    ASSERT(prom_rule_count(p) <= prom_rules_most(text, size));
    fill(p);
    for (int64_t t = 0; good && t < 5; t++) prom_rules_eval(p, t * 30000, told, p);
    arena_close(&arena);
    return 0;
}
