/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The aggregators with a parameter: topk, bottomk, quantile, count_values. */
#include "sim/prometheus/eval.h"
#include "sim/prometheus/number.h"
#include "sim/prometheus/rules.h"
#include <math.h>

/* Puts each element's group into p->groups, in the order they appear; group_of: by element. */
static bool group_elements(struct prom *p, const struct node *node, const struct vector *v,
                           uint32_t *groups) {
    set_map_clear(&p->groups_by_set);
    *groups = 0;
    for (uint32_t i = 0; i < v->count; i++) {
        struct group *g = group_of(p, node->as.aggregate.transform, &v->at[i], groups);
        if (!g) return false;
        p->sorting[i] = (struct element){(uint32_t)(g - p->groups), false, v->at[i].value};
    }
    return true;
}

/* ---- topk and bottomk ---- */

struct ranking {
    const struct element *at; /* labels: the group */
    bool largest;
};

/* By group, best first; NaN is worst; of equals, the first in label order is best. */
static bool better(const void *context, uint64_t a, uint64_t b) {
    const struct ranking *r = context;
    const struct element *x = &r->at[a], *y = &r->at[b];
    if (x->labels != y->labels) return x->labels < y->labels;
    if (isnan(x->value) || isnan(y->value)) return !isnan(x->value) && isnan(y->value);
    return r->largest ? x->value > y->value : x->value < y->value;
}

static bool eval_best(struct evaluation *e, struct node *node, double k, struct vector *v) {
    struct prom *p = e->prom;
    uint32_t groups, kept = 0;
    if (!(fabs(k) < 9223372036854775808.0))
        return eval_fail(p, "the parameter of topk() or bottomk() is no whole number of 64 bits");
    if (!group_elements(p, node, v, &groups)) return false;
    uint64_t most = k >= 1 ? (uint64_t)k : 0, *keys = p->labels.keys;
    struct ranking ranking = {p->sorting, node->as.aggregate.op == AGGREGATE_TOPK};
    for (uint32_t i = 0; i < v->count; i++) keys[i] = i;
    sort_keys(keys, p->labels.keys_scratch, v->count, better, &ranking);
    struct vector best = vector_here(p);
    if (!vector_room(p, v->count)) return false;
    for (uint32_t i = 0; i < v->count; i++) {
        bool first = i == 0 || p->sorting[keys[i]].labels != p->sorting[keys[i - 1]].labels;
        if (first) kept = 0;
        if (kept++ < most) vector_push_element(p, &best, &v->at[keys[i]]);
    }
    vector_settle(p, v, &best);
    *v = best;
    return node == e->root || vector_order(p, v);
}

/* ---- quantile ---- */

static bool eval_quantile(struct prom *p, struct node *node, double q, struct vector *v) {
    uint32_t groups, base = p->points.used;
    if (!(q >= 0 && q <= 1)) note_warning(p, "a quantile should be between 0 and 1", "");
    if (!group_elements(p, node, v, &groups) || !points_room(p, v->count)) return false;
    double *values = p->points.values + base;
    groups_deal(p, groups);
    for (uint32_t i = 0; i < v->count; i++) {
        struct group *g = &p->groups[p->sorting[i].labels];
        values[g->begin + g->count++] = p->sorting[i].value;
    }
    for (uint32_t i = 0; i < groups; i++) {
        const struct group *g = &p->groups[i];
        v->at[i] =
            (struct element){g->labels, g->nameless, quantile_of(q, values + g->begin, g->count)};
    }
    vector_shrink(p, v, groups);
    return vector_order(p, v);
}

/* ---- count_values ---- */

static bool eval_count_values(struct prom *p, struct node *node, struct vector *v) {
    uint32_t groups = 0;
    for (uint32_t i = 0; i < v->count; i++) {
        char text[NUMBER_PLAIN_TEXT];
        number_plain(text, v->at[i].value);
        const struct prom_label pair = {node->as.aggregate.bound_label, text};
        uint32_t set = set_with(p, v->at[i].labels, &pair, 1);
        if (set != NO_SET) set = labels_apply(&p->labels, node->as.aggregate.transform, set);
        if (set == NO_SET) return eval_fail_memory(p);
        v->at[i].labels = set;
    }
    set_map_clear(&p->groups_by_set);
    for (uint32_t i = 0; i < v->count; i++) {
        bool fresh;
        uint32_t *slot = set_map_slot(&p->groups_by_set, v->at[i].labels, &fresh);
        if (fresh) v->at[ *slot = groups++] = (struct element){v->at[i].labels, false, 0};
        v->at[*slot].value++;
    }
    vector_shrink(p, v, groups);
    return vector_order(p, v);
}

bool eval_ranked(struct evaluation *e, struct node *node, struct value *out) {
    struct value parameter, in;
    if (!eval_node(e, node->as.aggregate.parameter, &parameter) ||
        !eval_node(e, node->as.aggregate.child, &in))
        return false;
    out->vector = in.vector;
    if (node->as.aggregate.op == AGGREGATE_QUANTILE)
        return eval_quantile(e->prom, node, parameter.scalar, &out->vector);
    if (node->as.aggregate.op == AGGREGATE_COUNT_VALUES)
        return eval_count_values(e->prom, node, &out->vector);
    return eval_best(e, node, parameter.scalar, &out->vector);
}
