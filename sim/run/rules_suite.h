/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RUN_RULES_SUITE_H
#define SIM_RUN_RULES_SUITE_H
/*
 * promtool's unit tests of rules, as a file has them: rule_files, evaluation_interval,
 * group_eval_order, fuzzy_compare, and tests with interval, name, input_series, alert_rule_test,
 * promql_expr_test, external_labels, external_url. Defaults are promtool's: evaluation each minute,
 * a sample each evaluation.
 */
#include "engine/base/arena.h"
#include "engine/base/diag.h"
#include "sim/prometheus/notation.h"

struct suite_text {
    const char *name, *value;
};
struct suite_texts {
    struct suite_text *at; /* sorted by name */
    uint32_t count;
};

struct expected_alert {
    struct suite_texts labels, annotations;
};
struct alert_case {
    int64_t at_ms;
    const char *time, *alert;
    struct expected_alert *expected;
    uint32_t expected_count;
};

struct expected_sample {
    const struct prom_label *labels; /* by name */
    uint32_t label_count;
    double value;
};
struct expr_case {
    int64_t at_ms;
    const char *time, *text;
    const struct prom_expr *expr;
    struct expected_sample *expected;
    uint32_t expected_count;
};

struct suite_test {
    const char *name; /* "" when it has none */
    int64_t interval_ms;
    struct notation *series;
    uint32_t series_count;
    struct alert_case *alerts;
    uint32_t alert_count;
    struct expr_case *exprs;
    uint32_t expr_count;
    struct suite_texts external_labels;
    const char *external_url;
};

struct suite {
    const char *file;
    const char **rule_files;
    uint32_t rule_file_count;
    int64_t evaluation_ms;
    const char **group_order;
    uint32_t group_order_count;
    bool fuzzy;
    struct suite_test *tests;
    uint32_t test_count;
};
bool suite_read(struct suite *suite, struct arena *arena, const char *file, const char *text,
                size_t len, struct diags *diags) MUST_CHECK;

#endif
