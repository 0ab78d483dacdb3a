/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Function calls: over windows, over values, and those that look at a whole vector. */
#include "sim/prometheus/eval.h"
#include <math.h>

#define SCALARS_MAX 4

/* The scalar arguments of a call, in order. */
static bool scalar_arguments(struct evaluation *e, const struct node *node, double *scalars) {
    uint32_t used = 0;
    for (uint32_t i = 0; i < node->as.call.count; i++) {
        struct value value;
        struct node *argument = node->as.call.arguments[i];
        if (argument->type != PROM_SCALAR) continue;
        if (!eval_node(e, argument, &value)) return false;
        scalars[used++] = value.scalar;
    }
    return true;
}

static struct node *argument_of_type(const struct node *node, enum prom_type type) {
    for (uint32_t i = 0; i < node->as.call.count; i++)
        if (node->as.call.arguments[i]->type == type) return node->as.call.arguments[i];
    return NULL;
}

static bool over_windows(struct evaluation *e, struct node *node, struct vector *out) {
    struct prom *p = e->prom;
    const struct function *f = node->as.call.function;
    struct selector *s = &argument_of_type(node, PROM_MATRIX)->as.selector;
    double scalars[SCALARS_MAX] = {0};
    int64_t to_ms = e->at_ms - s->offset_ms;
    *out = vector_here(p);
    if (!scalar_arguments(e, node, scalars) || !selector_find(p, s) ||
        !vector_room(p, s->found.count))
        return false;
    for (uint32_t i = 0; i < s->found.count; i++) {
        struct window w = series_window(p, s->found.series[i], to_ms - s->range_ms, to_ms);
        double value;
        w.now_ms = e->at_ms;
        if (w.count == 0 || !f->window(&w, scalars, &value)) continue;
        vector_push(p, out, p->series[s->found.series[i]].labels, value);
    }
    return f->keeps_name ? vector_order(p, out) : vector_transform(p, out, node->as.call.transform);
}

static bool over_values(struct evaluation *e, struct node *node, struct vector *out) {
    double scalars[SCALARS_MAX] = {0};
    struct value in;
    if (!eval_node(e, argument_of_type(node, PROM_VECTOR), &in)) return false;
    if (!scalar_arguments(e, node, scalars)) return false;
    for (uint32_t i = 0; i < in.vector.count; i++)
        in.vector.at[i].value = node->as.call.function->value(in.vector.at[i].value, scalars);
    *out = in.vector;
    return vector_transform(e->prom, out, node->as.call.transform);
}

static bool push_one(struct prom *p, uint32_t labels, double value, struct vector *out) {
    *out = vector_here(p);
    if (!vector_room(p, 1)) return false;
    vector_push(p, out, labels, value);
    return true;
}

static bool eval_absent(struct evaluation *e, struct node *node, struct vector *out) {
    struct value in;
    if (!eval_node(e, node->as.call.arguments[0], &in)) return false;
    bool present = in.vector.count > 0;
    vector_shrink(e->prom, &in.vector, 0);
    *out = in.vector;
    return present || push_one(e->prom, node->as.call.absent_labels, 1, out);
}

static bool eval_scalar(struct evaluation *e, struct node *node, double *out) {
    struct value in;
    if (!eval_node(e, node->as.call.arguments[0], &in)) return false;
    *out = in.vector.count == 1 ? in.vector.at[0].value : NAN;
    vector_shrink(e->prom, &in.vector, 0);
    return true;
}

/* The time of the sample, if its argument is a selector; else that of the evaluation. */
static bool eval_timestamp(struct evaluation *e, struct node *node, struct vector *out) {
    struct node *argument = node->as.call.arguments[0];
    struct value in;
    if (argument->kind == NODE_SELECTOR) {
        if (!select_instant(e->prom, &argument->as.selector, e->at_ms, true, out)) return false;
    } else {
        if (!eval_node(e, argument, &in)) return false;
        *out = in.vector;
        for (uint32_t i = 0; i < out->count; i++) out->at[i].value = (double)e->at_ms / 1000.0;
    }
    return vector_transform(e->prom, out, node->as.call.transform);
}

bool eval_call(struct evaluation *e, struct node *node, struct value *out) {
    const struct function *f = node->as.call.function;
    struct value scalar;
    if (f->shape == SHAPE_WINDOW) return over_windows(e, node, &out->vector);
    if (f->shape == SHAPE_VALUE) return over_values(e, node, &out->vector);
    switch (f->whole) {
    case WHOLE_ABSENT: return eval_absent(e, node, &out->vector);
    case WHOLE_HISTOGRAM_QUANTILE: return eval_histogram_quantile(e, node, &out->vector);
    case WHOLE_SCALAR: return eval_scalar(e, node, &out->scalar);
    case WHOLE_TIME: return out->scalar = (double)e->at_ms / 1000.0, true;
    case WHOLE_TIMESTAMP: return eval_timestamp(e, node, &out->vector);
    case WHOLE_VECTOR:
        return eval_node(e, node->as.call.arguments[0], &scalar) &&
               push_one(e->prom, EMPTY_SET, scalar.scalar, &out->vector);
    }
    return false;
}
