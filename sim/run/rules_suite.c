/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/rules_suite.h"
#include "engine/yaml/yaml.h"
#include "sim/prometheus/lexer.h"
#include "sim/prometheus/source.h"
#include <math.h>

struct reader {
    struct suite *suite;
    struct arena *arena;
    struct yaml_doc doc;
    struct source source;
};

static int64_t read_interval(struct reader *r, struct yaml_node *node, int64_t otherwise) {
    int64_t ms = source_duration(&r->doc, node, otherwise);
    if (ms > 0) return ms;
    return otherwise; /* as promtool: an interval of nothing is none given */
}

static struct suite_texts read_texts(struct reader *r, struct yaml_node *node) {
    uint32_t count = yaml_pairs(&r->doc, node);
    struct suite_texts texts = {ARENA_NEW(r->arena, struct suite_text, count + 1), count};
    for (uint32_t i = 0; i < count; i++) {
        struct suite_text text = {node->keys[i]->text, yaml_text(&r->doc, node->items[i], "")};
        uint32_t at = i;
        for (; at > 0 && strcmp(texts.at[at - 1].name, text.name) > 0; at--)
            texts.at[at] = texts.at[at - 1];
        texts.at[at] = text;
    }
    return texts;
}

static const char **read_list(struct reader *r, struct yaml_node *node, uint32_t *count) {
    *count = yaml_count(&r->doc, node);
    const char **list = ARENA_NEW(r->arena, const char *, *count + 1);
    for (uint32_t i = 0; i < *count; i++) list[i] = yaml_text(&r->doc, node->items[i], "");
    return list;
}

static const char *needed(struct reader *r, struct yaml_node *of, const char *key) {
    struct yaml_node *node = yaml_key(&r->doc, of, key);
    const char *text = yaml_text(&r->doc, node, NULL);
    if (!text) yaml_error(&r->doc, node ? node : of, "\"%s\" is missing", key);
    return text;
}

/* ---- series ---- */

static void read_series(struct reader *r, struct yaml_node *node, struct notation *out) {
    struct yaml_node *name = yaml_key(&r->doc, node, "series");
    struct yaml_node *values = yaml_key(&r->doc, node, "values");
    struct diags found = {0}, wrong = {0};
    struct notation labels = {0};
    *out = (struct notation){0};
    if (needed(r, node, "series") &&
        !notation_read_labels(r->arena, r->doc.file, 1, 1, name->text, name->len, &labels, &found))
        source_tell(&r->source, &r->doc, name, &found);
    if (needed(r, node, "values") &&
        !notation_read_values(r->arena, r->doc.file, 1, 1, values->text, values->len, out, &wrong))
        source_tell(&r->source, &r->doc, values, &wrong);
    if (out->has_histogram) yaml_error(&r->doc, values, "native histograms are not supported");
    out->labels = labels.labels;
    out->label_count = labels.label_count;
    yaml_unknown_keys(&r->doc, node, "series");
}

/* ---- expectations ---- */

static void read_alert(struct reader *r, struct yaml_node *node, struct alert_case *out) {
    struct yaml_node *list = yaml_key(&r->doc, node, "exp_alerts");
    out->time = yaml_text(&r->doc, yaml_key(&r->doc, node, "eval_time"), "0s");
    out->at_ms = source_duration(&r->doc, yaml_key(&r->doc, node, "eval_time"), 0);
    out->alert = needed(r, node, "alertname");
    out->expected_count = yaml_count(&r->doc, list);
    out->expected = ARENA_NEW(r->arena, struct expected_alert, out->expected_count + 1);
    for (uint32_t i = 0; i < out->expected_count; i++) {
        struct yaml_node *alert = list->items[i];
        out->expected[i].labels = read_texts(r, yaml_key(&r->doc, alert, "exp_labels"));
        out->expected[i].annotations = read_texts(r, yaml_key(&r->doc, alert, "exp_annotations"));
        yaml_unknown_keys(&r->doc, alert, "expected alert");
    }
    yaml_unknown_keys(&r->doc, node, "test of an alert");
}

/* YAML's .inf and .nan, and everything that a number is elsewhere. */
static double read_value(struct reader *r, struct yaml_node *node) {
    double value = 0;
    const char *text = yaml_text(&r->doc, node, "0"), *plain = text;
    bool negative = *plain == '-';
    if (negative || *plain == '+') plain++;
    if (strcmp(plain, ".inf") == 0 || strcmp(plain, ".Inf") == 0)
        return negative ? -INFINITY : INFINITY;
    if (strcmp(plain, ".nan") == 0 || strcmp(plain, ".NaN") == 0) return NAN;
    if (!promql_number(text, strlen(text), &value))
        yaml_error(&r->doc, node, "expected a number, got \"%.40s\"", text);
    return value;
}

static void read_sample_labels(struct reader *r, struct yaml_node *node,
                               struct expected_sample *out) {
    struct notation labels = {0};
    struct diags found = {0};
    const char *text = yaml_text(&r->doc, node, "{}");
    if (node && node->len > 0 &&
        !notation_read_labels(r->arena, r->doc.file, 1, 1, text, strlen(text), &labels, &found))
        source_tell(&r->source, &r->doc, node, &found);
    struct prom_label *sorted = ARENA_NEW(r->arena, struct prom_label, labels.label_count + 1);
    for (uint32_t i = 0; i < labels.label_count; i++) {
        uint32_t at = i;
        for (; at > 0 && strcmp(sorted[at - 1].name, labels.labels[i].name) > 0; at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = labels.labels[i];
    }
    out->labels = sorted;
    out->label_count = labels.label_count;
}

static void read_expr(struct reader *r, struct yaml_node *node, struct expr_case *out) {
    struct yaml_node *expr = yaml_key(&r->doc, node, "expr");
    struct yaml_node *list = yaml_key(&r->doc, node, "exp_samples");
    struct diags found = {0};
    out->time = yaml_text(&r->doc, yaml_key(&r->doc, node, "eval_time"), "0s");
    out->at_ms = source_duration(&r->doc, yaml_key(&r->doc, node, "eval_time"), 0);
    out->text = needed(r, node, "expr");
    if (out->text)
        out->expr = prom_parse(r->arena, r->doc.file, 1, 1, expr->text, expr->len, &found);
    if (expr) source_tell(&r->source, &r->doc, expr, &found);
    out->expected_count = yaml_count(&r->doc, list);
    out->expected = ARENA_NEW(r->arena, struct expected_sample, out->expected_count + 1);
    for (uint32_t i = 0; i < out->expected_count; i++) {
        struct yaml_node *sample = list->items[i];
        read_sample_labels(r, yaml_key(&r->doc, sample, "labels"), &out->expected[i]);
        out->expected[i].value = read_value(r, yaml_key(&r->doc, sample, "value"));
        yaml_unknown_keys(&r->doc, sample, "expected sample");
    }
    yaml_unknown_keys(&r->doc, node, "test of an expression");
}

/* ---- tests ---- */

static void read_test(struct reader *r, struct yaml_node *node, struct suite_test *out) {
    struct yaml_node *series = yaml_key(&r->doc, node, "input_series");
    struct yaml_node *alerts = yaml_key(&r->doc, node, "alert_rule_test");
    struct yaml_node *exprs = yaml_key(&r->doc, node, "promql_expr_test");
    out->name = yaml_text(&r->doc, yaml_key(&r->doc, node, "name"), "");
    out->interval_ms =
        read_interval(r, yaml_key(&r->doc, node, "interval"), r->suite->evaluation_ms);
    out->series_count = yaml_count(&r->doc, series);
    out->series = ARENA_NEW(r->arena, struct notation, out->series_count + 1);
    for (uint32_t i = 0; i < out->series_count; i++)
        read_series(r, series->items[i], &out->series[i]);
    out->alert_count = yaml_count(&r->doc, alerts);
    out->alerts = ARENA_NEW(r->arena, struct alert_case, out->alert_count + 1);
    for (uint32_t i = 0; i < out->alert_count; i++)
        read_alert(r, alerts->items[i], &out->alerts[i]);
    out->expr_count = yaml_count(&r->doc, exprs);
    out->exprs = ARENA_NEW(r->arena, struct expr_case, out->expr_count + 1);
    for (uint32_t i = 0; i < out->expr_count; i++) read_expr(r, exprs->items[i], &out->exprs[i]);
    out->external_labels = read_texts(r, yaml_key(&r->doc, node, "external_labels"));
    out->external_url = yaml_text(&r->doc, yaml_key(&r->doc, node, "external_url"), "");
    yaml_unknown_keys(&r->doc, node, "test");
}

bool suite_read(struct suite *suite, struct arena *arena, const char *file, const char *text,
                size_t len, struct diags *diags) {
    struct reader r = {.suite = suite, .arena = arena, .source = {text, len}};
    uint32_t errors = diags->errors;
    *suite = (struct suite){.file = file};
    if (!yaml_read_others(&r.doc, arena, diags, file, text, len)) return false;
    struct yaml_node *root = r.doc.root, *tests = yaml_key(&r.doc, root, "tests");
    suite->rule_files =
        read_list(&r, yaml_key(&r.doc, root, "rule_files"), &suite->rule_file_count);
    suite->evaluation_ms = read_interval(&r, yaml_key(&r.doc, root, "evaluation_interval"), 60000);
    suite->group_order =
        read_list(&r, yaml_key(&r.doc, root, "group_eval_order"), &suite->group_order_count);
    suite->fuzzy = yaml_bool(&r.doc, yaml_key(&r.doc, root, "fuzzy_compare"), false);
    suite->test_count = yaml_count(&r.doc, tests);
    suite->tests = ARENA_NEW(arena, struct suite_test, suite->test_count + 1);
    for (uint32_t i = 0; i < suite->test_count; i++)
        read_test(&r, tests->items[i], &suite->tests[i]);
    yaml_unknown_keys(&r.doc, root, "file of rule tests");
    return diags->errors == errors;
}
