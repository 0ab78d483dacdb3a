/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an evaluation of a script asks: itself, and what has to give the same. */
#include "engine/base/text.h"
#include "sim/prometheus/conformance_parts.h"
#include "sim/prometheus/eval.h"

#define MINUTE_MS INT64_C(60000)
#define WHY_MAX   1024

bool selects_any(struct prom *p, struct node *node, const bool *marked) {
    struct node *child;
    if (node->kind == NODE_SELECTOR) {
        struct selector *selector = &node->as.selector;
        if (!selector_find(p, selector)) return false;
        for (uint32_t i = 0; i < selector->found.count; i++)
            if (marked[p->series[selector->found.series[i]].labels]) return true;
    }
    for (uint32_t i = 0; (child = node_child(node, i)); i++)
        if (selects_any(p, child, marked)) return true;
    return false;
}

/* ---- @ ---- */

/* Functions whose result changes with the time of asking though their arguments do not. */
static bool looks_at_clock(const struct node *node) {
    static const char *const names[] = {
        "days_in_month", "day_of_month", "day_of_week", "day_of_year", "hour",          "minute",
        "month",         "year",         "time",        "timestamp",   "predict_linear"};
    const struct node *child;
    for (size_t i = 0; node->kind == NODE_CALL && i < ARRAY_LEN(names); i++)
        if (strcmp(node->as.call.name, names[i]) == 0) return true;
    for (uint32_t i = 0; (child = node_child(node, i)); i++)
        if (looks_at_clock(child)) return true;
    return false;
}

static void hold(struct shift *shift, int64_t at_ms) {
    if (shift->at == AT_FIXED) return;
    shift->at = AT_FIXED;
    shift->at_ms = at_ms;
}

/* What stands in a subquery is asked at the subquery's steps. */
static void hold_selectors(struct node *node, int64_t at_ms) {
    struct node *child;
    if (node->kind == NODE_SELECTOR) hold(&node->as.selector.shift, at_ms);
    if (node->kind == NODE_SUBQUERY) {
        hold(&node->as.subquery.shift, at_ms);
        return;
    }
    for (uint32_t i = 0; (child = node_child(node, i)); i++) hold_selectors(child, at_ms);
}

/* ---- asking ---- */

static const char *difference(struct arena *arena, const struct trial *t,
                              const struct prom_answer *answer, const char *how) {
    char why[WHY_MAX], whole[WHY_MAX + 64];
    const char *wrong = trial_difference(t, answer, why, sizeof why);
    if (!wrong) return NULL;
    int len = snprintf(whole, sizeof whole, "%s%s", how, wrong);
    return arena_text(arena, whole, len < (int)sizeof whole ? (size_t)len : sizeof whole - 1);
}

/* The step at at_ms of an answer over a range, as the instant's answer. */
static void pick_instant(struct arena *arena, struct prom_answer *range, int64_t at_ms) {
    struct prom_line *lines = ARENA_NEW(arena, struct prom_line, range->count + 1);
    uint32_t count = 0;
    for (uint32_t i = 0; i < range->count; i++)
        for (uint32_t k = 0; k < range->lines[i].count; k++) {
            if (range->lines[i].points[k].at_ms != at_ms) continue;
            lines[count] = range->lines[i];
            lines[count].points = &range->lines[i].points[k];
            lines[count++].count = 1;
        }
    range->lines = lines;
    range->count = count;
}

/* At an instant, and in the middle of a range, whose answer is in the order of labels. */
static const char *ask_at(struct prom *p, struct arena *arena, const struct trial *t,
                          struct prom_expr *e, int64_t at_ms, const char *how) {
    struct prom_answer instant, range;
    prom_query_instant(p, arena, e, at_ms, &instant);
    const char *wrong = difference(arena, t, &instant, how);
    bool spans = instant.type == PROM_VECTOR || instant.type == PROM_SCALAR;
    if (wrong || !spans || t->expected.fail || t->expected.ordered) return wrong;
    prom_query_range(p, arena, e, at_ms - MINUTE_MS, at_ms + MINUTE_MS, MINUTE_MS, &range);
    pick_instant(arena, &range, at_ms);
    range.type = instant.type;
    range.warnings = instant.warnings;
    range.infos = instant.infos;
    if (range.type == PROM_SCALAR && range.count == 1) range.scalar = range.lines[0].points->value;
    return difference(arena, t, &range, "as a range: ");
}

static const char *ask_elsewhere(struct prom *p, struct arena *arena, const struct trial *t,
                                 struct prom_expr *e) {
    int64_t at_ms = t->start_ms;
    const int64_t others[] = {-10 * at_ms, 0, at_ms / 5, at_ms, 10 * at_ms};
    const int64_t of_zero[] = {-1000, 0, 1000};
    const int64_t *times = at_ms != 0 ? others : of_zero;
    size_t count = at_ms != 0 ? ARRAY_LEN(others) : ARRAY_LEN(of_zero);
    const char *wrong = NULL;
    hold_selectors(e->root, at_ms);
    for (size_t i = 0; i < count && !wrong; i++)
        wrong = ask_at(p, arena, t, e, times[i], "held by @, at another time: ");
    return wrong;
}

const char *trial_ask(struct prom *p, struct arena *arena, const struct trial *t,
                      struct prom_expr *e) {
    if (t->is_range) {
        struct prom_answer answer;
        prom_query_range(p, arena, e, t->start_ms, t->end_ms, t->step_ms, &answer);
        return difference(arena, t, &answer, "");
    }
    const char *wrong = ask_at(p, arena, t, e, t->start_ms, "");
    if (wrong || t->expected.fail || looks_at_clock(e->root)) return wrong;
    return ask_elsewhere(p, arena, t, e);
}
