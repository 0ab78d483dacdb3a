/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sum, avg, min, max, count, group, stddev and stdvar by labels. Elements are added in label order,
 * so sums are the same wherever they are made. */
#include "sim/prometheus/eval.h"
#include <math.h>

struct group *group_of(struct prom *p, struct transform *t, const struct element *element,
                       uint32_t *groups) {
    uint32_t labels = labels_apply(&p->labels, t, element->labels);
    if (labels == NO_SET) {
        eval_fail_memory(p);
        return NULL;
    }
    bool fresh;
    uint32_t *slot = set_map_slot(&p->groups_by_set, labels, &fresh);
    if (fresh) p->groups[ *slot = (*groups)++] = (struct group){.labels = labels};
    struct group *g = &p->groups[*slot];
    g->count++;
    g->nameless |= element->nameless;
    return g;
}

void groups_deal(struct prom *p, uint32_t groups) {
    for (uint32_t i = 0, begin = 0; i < groups; i++) {
        p->groups[i].begin = begin;
        begin += p->groups[i].count;
        p->groups[i].count = 0;
    }
}

/* Welford's: the mean in mean.sum.sum, the squares' sum in value. A single infinity or NaN had no
 * spread in Prometheus 2; now its spread is not known. */
static void spread_add(struct group *g, double value, bool first_is_mean) {
    if (first_is_mean && g->count == 1) {
        g->mean.sum.sum = value;
        return;
    }
    double delta = value - g->mean.sum.sum;
    g->mean.sum.sum += delta / g->count;
    g->value += delta * (value - g->mean.sum.sum);
}

static void group_add(struct group *g, enum aggregator op, double value, bool as_2) {
    switch (op) {
    case AGGREGATE_SUM: exact_add(&g->mean.sum, value); break;
    case AGGREGATE_AVG: exact_mean_add(&g->mean, value); break;
    case AGGREGATE_MIN:
        if (g->count == 1 || value < g->value || isnan(g->value)) g->value = value;
        break;
    case AGGREGATE_MAX:
        if (g->count == 1 || value > g->value || isnan(g->value)) g->value = value;
        break;
    case AGGREGATE_STDDEV:
    case AGGREGATE_STDVAR: spread_add(g, value, as_2); break;
    default: break; /* count, group */
    }
}

static double group_value(const struct group *g, enum aggregator op) {
    switch (op) {
    case AGGREGATE_SUM: return g->mean.sum.sum + g->mean.sum.carry;
    case AGGREGATE_AVG: return exact_mean_value(&g->mean);
    case AGGREGATE_MIN:
    case AGGREGATE_MAX: return g->value;
    case AGGREGATE_COUNT: return g->count;
    case AGGREGATE_STDDEV: return sqrt(g->value / g->count);
    case AGGREGATE_STDVAR: return g->value / g->count;
    default: return 1; /* group */
    }
}

bool eval_aggregate(struct evaluation *e, struct node *node, struct value *out) {
    struct prom *p = e->prom;
    struct value in;
    enum aggregator op = node->as.aggregate.op;
    if (aggregator_has_parameter(op)) return eval_ranked(e, node, out);
    if (!eval_node(e, node->as.aggregate.child, &in)) return false;
    uint32_t groups = 0;
    set_map_clear(&p->groups_by_set);
    for (uint32_t i = 0; i < in.vector.count; i++) {
        const struct element *element = &in.vector.at[i];
        struct group *g = group_of(p, node->as.aggregate.transform, element, &groups);
        if (!g) return false;
        group_add(g, op, element->value, prom_before(p, PROM_VERSION(3, 0)));
    }
    for (uint32_t i = 0; i < groups; i++)
        in.vector.at[i] = (struct element){p->groups[i].labels, p->groups[i].nameless,
                                           group_value(&p->groups[i], op)};
    vector_shrink(p, &in.vector, groups);
    out->vector = in.vector;
    return vector_order(p, &out->vector);
}
