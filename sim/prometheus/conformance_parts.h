/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_PROMETHEUS_CONFORMANCE_PARTS_H
#define SIM_PROMETHEUS_CONFORMANCE_PARTS_H
/* One evaluation of a script: what is asked, what is expected, and the comparison of both. */
#include "sim/prometheus/conformance.h"
#include "sim/prometheus/notation.h"
#include "sim/prometheus/query.h"
#include "sim/prometheus/syntax.h"

struct expectation {
    bool fail, ordered, warn, info, no_warn, no_info;
    const char *string; /* NULL: none */
    bool is_scalar;
    double scalar;
    bool has_span; /* where the points of a range vector stand */
    int64_t span_start_ms, span_step_ms;
    struct notation *series;
    uint32_t count, capacity;
};

struct trial {
    int line, column; /* of the expression */
    const char *text;
    size_t len;
    bool is_range;
    bool over_histograms; /* selects some: their samples are left out, and nobody tells of them */
    int64_t start_ms, end_ms, step_ms; /* an instant: start */
    struct expectation expected;
};

/* The header after "eval", and one line below it. Times are durations or seconds since 1970. */
bool trial_read(struct arena *arena, const char *file, int line, const char *text,
                const char *variant, struct trial *out, struct diags *diags) MUST_CHECK;
bool trial_read_line(struct arena *arena, const char *file, int line, const char *text,
                     struct trial *trial, struct diags *diags) MUST_CHECK;
bool script_duration(const char *s, size_t len, int64_t *ms) MUST_CHECK;

/* Asks all that the trial asks. NULL when every answer is the expected one; else what differs, in
 * the arena. Changes the expression's times. */
const char *trial_ask(struct prom *p, struct arena *arena, const struct trial *trial,
                      struct prom_expr *e);
/* Whether a selector of the tree finds a series whose set is marked. */
bool selects_any(struct prom *p, struct node *node, const bool *marked);

/* NULL when the answer is the expected one; else what differs, in `why`. */
const char *trial_difference(const struct trial *trial, const struct prom_answer *answer, char *why,
                             size_t size);

#endif
