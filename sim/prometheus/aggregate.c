/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sum, avg, min, max, count, group by labels. Elements are added in label order, so sums are the
 * same wherever they are made. */
#include "sim/prometheus/eval.h"
#include <math.h>

static void group_start(struct group *g, uint32_t labels, double value) {
    *g = (struct group){.labels = labels, .value = value};
}

static void group_add(struct group *g, enum aggregator op, double value) {
    g->count++;
    switch (op) {
    case AGGREGATE_SUM: exact_add(&g->mean.sum, value); break;
    case AGGREGATE_AVG: exact_mean_add(&g->mean, value); break;
    case AGGREGATE_MIN:
        if (value < g->value || isnan(g->value)) g->value = value;
        break;
    case AGGREGATE_MAX:
        if (value > g->value || isnan(g->value)) g->value = value;
        break;
    case AGGREGATE_COUNT:
    case AGGREGATE_GROUP: break;
    }
}

static double group_value(const struct group *g, enum aggregator op) {
    switch (op) {
    case AGGREGATE_SUM: return g->mean.sum.sum + g->mean.sum.carry;
    case AGGREGATE_AVG: return exact_mean_value(&g->mean);
    case AGGREGATE_MIN:
    case AGGREGATE_MAX: return g->value;
    case AGGREGATE_COUNT: return g->count;
    case AGGREGATE_GROUP: return 1;
    }
    return 0;
}

bool eval_aggregate(struct evaluation *e, struct node *node, struct value *out) {
    struct prom *p = e->prom;
    struct value in;
    enum aggregator op = node->as.aggregate.op;
    if (!eval_node(e, node->as.aggregate.child, &in)) return false;
    uint32_t groups = 0;
    set_map_clear(&p->groups_by_set);
    for (uint32_t i = 0; i < in.vector.count; i++) {
        const struct element *element = &in.vector.at[i];
        uint32_t labels = labels_apply(&p->labels, node->as.aggregate.transform, element->labels);
        if (labels == NO_SET) return eval_fail_memory(p);
        bool fresh;
        uint32_t *slot = set_map_slot(&p->groups_by_set, labels, &fresh);
        if (fresh) group_start(&p->groups[ *slot = groups++], labels, element->value);
        group_add(&p->groups[*slot], op, element->value);
    }
    for (uint32_t i = 0; i < groups; i++)
        in.vector.at[i] = (struct element){p->groups[i].labels, group_value(&p->groups[i], op)};
    vector_shrink(p, &in.vector, groups);
    out->vector = in.vector;
    return vector_order(p, &out->vector);
}
