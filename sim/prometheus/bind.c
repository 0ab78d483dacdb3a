/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ties a tree to one Prometheus: interned names, label transforms, empty lists of series. */
#include "sim/prometheus/eval.h"

#define CLAUSE_MAX (256 + METADATA_LABELS) /* labels of a clause, and a metric's own */

uint32_t metadata_labels(const struct prom *p, const char *names[METADATA_LABELS]) {
    names[0] = METRIC_NAME;
    names[1] = "__type__";
    names[2] = "__unit__";
    return prom_before(p, PROM_VERSION(3, 0)) ? 1 : METADATA_LABELS;
}

/* What matching and grouping leave out of account: type and unit only after 3.12. */
static uint32_t unmatched_labels(const struct prom *p, const char *names[METADATA_LABELS]) {
    uint32_t count = metadata_labels(p, names);
    return prom_before(p, PROM_VERSION(3, 13)) ? 1 : count;
}

typedef uint32_t further_labels(const struct prom *p, const char *names[METADATA_LABELS]);

static struct transform *transform_of(struct prom *p, bool keep, const struct name_list *labels,
                                      further_labels *further, bool but_metric_name) {
    const char *names[CLAUSE_MAX];
    uint32_t count = 0;
    for (uint32_t i = 0; i < labels->count; i++)
        if (!but_metric_name || strcmp(labels->names[i], METRIC_NAME) != 0)
            names[count++] = labels->names[i];
    if (further) count += further(p, names + count);
    return labels_transform(&p->labels, keep, names, count);
}

/* For names that fall later: the same transform, whose elements are marked. */
static struct transform *marking(struct prom *p, struct transform *base) {
    struct transform *t = base ? memory_take(&p->memory, 1, sizeof *t) : NULL;
    if (!t) return NULL;
    *t = *base;
    t->marks = true;
    return t;
}

static struct transform *drop_metric_name(struct prom *p) {
    bool later = p->options.delayed_names;
    struct transform *t =
        transform_of(p, false, &(struct name_list){NULL, 0}, later ? NULL : metadata_labels, false);
    return later ? marking(p, t) : t;
}

static const char *intern(struct prom *p, const char *text) {
    return labels_intern(&p->labels, text, strlen(text));
}

static bool bind_selector(struct prom *p, struct selector *s) {
    s->found = (struct match_list){.seen = UINT32_MAX};
    s->bound_metric = NULL;
    for (uint32_t i = 0; i < s->matcher_count; i++) {
        struct matcher *m = &s->matchers[i];
        m->bound_name = intern(p, m->name);
        m->bound_value = intern(p, m->value);
        if (!m->bound_name || !m->bound_value) return false;
    }
    return !s->metric || (s->bound_metric = intern(p, s->metric));
}

/* absent(x{a="b"}) answers {a="b"}: labels that one = matcher, and no other, speaks of. */
static bool bind_absent(struct prom *p, struct node *node) {
    const struct node *argument = node->as.call.arguments[0];
    struct prom_label pairs[LABELS_MAX];
    uint32_t count = 0;
    if (argument->kind == NODE_SELECTOR) {
        const struct selector *s = &argument->as.selector;
        for (uint32_t i = 0; i < s->matcher_count && count < LABELS_MAX; i++) {
            const struct matcher *m = &s->matchers[i];
            bool alone = m->kind == MATCH_EQUAL && strcmp(m->name, METRIC_NAME) != 0;
            for (uint32_t j = 0; j < s->matcher_count && alone; j++)
                alone = j == i || strcmp(s->matchers[j].name, m->name) != 0;
            if (alone) pairs[count++] = (struct prom_label){m->name, m->value};
        }
    }
    node->as.call.absent_labels = labels_set(&p->labels, pairs, count);
    return node->as.call.absent_labels != NO_SET;
}

/* Only its memory of what it made of each set is used. */
static struct transform *memo_new(struct prom *p) {
    struct transform *t = memory_take(&p->memory, 1, sizeof *t);
    if (t) t->memo = memory_take(&p->memory, p->labels.set_max, sizeof *t->memo);
    return t;
}

static bool bind_call(struct prom *p, struct node *node) {
    const struct function *f = node->as.call.function;
    struct transform **transform = &node->as.call.transform;
    bool whole = f->shape == SHAPE_WHOLE;
    if (whole && (f->whole == WHOLE_ABSENT || f->whole == WHOLE_ABSENT_OVER_TIME))
        return bind_absent(p, node);
    bool histogram =
        whole && (f->whole == WHOLE_HISTOGRAM_QUANTILE || f->whole == WHOLE_HISTOGRAM_FRACTION);
    bool labels = whole && (f->whole == WHOLE_LABEL_JOIN || f->whole == WHOLE_LABEL_REPLACE);
    if (histogram) node->as.call.buckets = labels_transform(&p->labels, false, &p->le, 1);
    *transform = labels ? memo_new(p) : drop_metric_name(p);
    return *transform && (!histogram || node->as.call.buckets) &&
           (f->window != window_quantile_over_time || points_room(p, p->window_size));
}

/* The label that count_values() writes is there before the labels are grouped: `by` keeps it, and
 * `without` may drop it. */
static bool bind_aggregate(struct prom *p, struct node *node) {
    bool without = node->as.aggregate.without;
    const struct name_list *list = &node->as.aggregate.labels;
    const char *names[CLAUSE_MAX];
    uint32_t count = list->count;
    if (count > 0) memcpy(names, list->names, count * sizeof *names);
    if (node->as.aggregate.op == AGGREGATE_COUNT_VALUES) {
        const char *label = intern(p, node->as.aggregate.parameter->as.string);
        if (!label) return false;
        node->as.aggregate.bound_label = label;
        if (!without) names[count++] = label;
    }
    if (without) count += unmatched_labels(p, names + count);
    /* quantiles are sorted there: as many values as there may be elements */
    if (node->as.aggregate.op == AGGREGATE_QUANTILE && !points_room(p, p->labels.set_max))
        return false;
    node->as.aggregate.transform = labels_transform(&p->labels, !without, names, count);
    return node->as.aggregate.transform != NULL;
}

static bool bind_include(struct prom *p, struct matching *m) {
    m->bound_include = memory_take(&p->memory, m->include.count + 1, sizeof *m->bound_include);
    for (uint32_t i = 0; m->bound_include && i < m->include.count; i++)
        if (!(m->bound_include[i] = intern(p, m->include.names[i]))) return false;
    return m->bound_include != NULL;
}

static bool bind_binary(struct prom *p, struct node *node) {
    struct matching *m = &node->as.binary.matching;
    enum binary_operator op = node->as.binary.op;
    bool kept = op == OPERATOR_ATAN2 && prom_before(p, PROM_VERSION(2, 51)); /* forgotten there */
    bool drops_name = (operator_is_arithmetic(op) && !kept) || node->as.binary.returns_bool;
    bool pairs = node->as.binary.left->type == PROM_VECTOR &&
                 node->as.binary.right->type == PROM_VECTOR && m->cardinality == ONE_TO_ONE &&
                 !operator_is_set(op);
    static const struct name_list none = {NULL, 0};
    m->signature = transform_of(p, m->on, &m->labels, m->on ? NULL : unmatched_labels, false);
    bool later = p->options.delayed_names && drops_name;
    if (later) drops_name = false;
    further_labels *further = drops_name && !(pairs && m->on) ? metadata_labels : NULL;
    m->result = pairs ? transform_of(p, m->on, &m->labels, further, drops_name && m->on)
                      : transform_of(p, false, &none, further, false);
    if (later) m->result = marking(p, m->result);
    return m->signature && m->result && bind_include(p, m);
}

static bool bind(struct prom *p, struct node *node) {
    struct node *child;
    for (uint32_t i = 0; (child = node_child(node, i)); i++)
        if (!bind(p, child)) return false;
    switch (node->kind) {
    case NODE_NUMBER:
    case NODE_STRING: return true;
    case NODE_SELECTOR: return bind_selector(p, &node->as.selector);
    case NODE_SUBQUERY: return points_room(p, 1);
    case NODE_CALL: return bind_call(p, node);
    case NODE_AGGREGATE: return bind_aggregate(p, node);
    case NODE_UNARY: return (node->as.unary.transform = drop_metric_name(p)) != NULL;
    case NODE_BINARY: return bind_binary(p, node);
    }
    return false;
}

bool expression_bind(struct prom *p, const struct prom_expr *e) {
    e->root->bound = bind(p, e->root) ? p : NULL;
    return e->root->bound != NULL;
}
