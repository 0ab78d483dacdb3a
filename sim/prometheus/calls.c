/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Function calls: over windows, over values, and those that look at a whole vector. */
#include "sim/prometheus/eval.h"
#include <math.h>

#define SCALARS_MAX 4

/* The scalar arguments of a call, in order; what is not given is 1, as round() has it. */
static bool scalar_arguments(struct evaluation *e, const struct node *node, double *scalars) {
    uint32_t used = 0;
    for (uint32_t i = 0; i < SCALARS_MAX; i++) scalars[i] = 1;
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

/* ---- over windows ---- */

static bool ends_with(const char *text, const char *end) {
    size_t len = strlen(text), end_len = strlen(end);
    return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

static bool is_counter_name(const char *metric) {
    static const char *const ends[] = {"_total", "_sum", "_count", "_bucket"};
    for (size_t i = 0; i < ARRAY_LEN(ends); i++)
        if (ends_with(metric, ends[i])) return true;
    return false;
}

/* Whether names are to be looked at: rate() of what is named like no counter is often a gauge's. A
 * selector of one metric is looked at once, not series by series. */
static bool asks_for_counters(const struct function *f, const struct node *range) {
    if (f->window != window_rate && f->window != window_increase) return false;
    const char *metric = range->kind == NODE_SELECTOR ? range->as.selector.metric : NULL;
    return !metric || !is_counter_name(metric);
}

static void note_counter(struct prom *p, uint32_t labels) {
    const char *metric = labels_value(&p->labels, labels, p->labels.metric_name);
    if (metric && !is_counter_name(metric))
        note_info(p,
                  "metric might not be a counter, its name does not end in "
                  "_total/_sum/_count/_bucket: ",
                  metric);
}

static void note_quantile(struct prom *p, const struct function *f, double q) {
    if (f->window == window_quantile_over_time && !(q >= 0 && q <= 1))
        note_warning(p, "a quantile should be between 0 and 1", "");
}

static bool over_windows(struct evaluation *e, struct node *node, struct vector *out) {
    struct prom *p = e->prom;
    const struct function *f = node->as.call.function;
    double scalars[SCALARS_MAX];
    struct node *range = argument_of_type(node, PROM_MATRIX);
    struct matrix m;
    if (!scalar_arguments(e, node, scalars) || !matrix_open(e, range, &m)) return false;
    bool looks_at_names = asks_for_counters(f, range);
    *out = vector_here(p);
    if (!vector_room(p, m.count)) return false;
    note_quantile(p, f, scalars[0]);
    for (uint32_t i = 0; i < m.count; i++) {
        struct element series;
        struct window w = matrix_window(&m, i, &series);
        if (f->window == window_quantile_over_time) {
            if (!points_room(p, w.count)) return false;
            w = matrix_window(&m, i, &series); /* the room may have moved what it held */
        }
        if (w.count == 0) continue;
        if (looks_at_names && p->notes.infos == 0) note_counter(p, series.labels);
        if (f->window(&w, scalars, &series.value)) vector_push_element(p, out, &series);
    }
    matrix_close(&m);
    return f->keeps_name ? vector_order(p, out) : vector_transform(p, out, node->as.call.transform);
}

/* ---- over values ---- */

static bool push_one(struct prom *p, uint32_t labels, double value, struct vector *out) {
    *out = vector_here(p);
    if (!vector_room(p, 1)) return false;
    vector_push(p, out, labels, value);
    return true;
}

/* Without its vector, as in hour(), it is about the time of the evaluation. */
static bool over_values(struct evaluation *e, struct node *node, struct vector *out) {
    double scalars[SCALARS_MAX];
    struct value in;
    struct node *argument = argument_of_type(node, PROM_VECTOR);
    if (!argument && !push_one(e->prom, EMPTY_SET, seconds_of(e->at_ms), &in.vector)) return false;
    if (argument && !eval_node(e, argument, &in)) return false;
    if (!scalar_arguments(e, node, scalars)) return false;
    for (uint32_t i = 0; i < in.vector.count; i++)
        in.vector.at[i].value = node->as.call.function->value(in.vector.at[i].value, scalars);
    *out = in.vector;
    return vector_transform(e->prom, out, node->as.call.transform);
}

static bool eval_clamp(struct evaluation *e, struct node *node, struct vector *out) {
    double bounds[SCALARS_MAX];
    struct value in;
    if (!eval_node(e, node->as.call.arguments[0], &in) || !scalar_arguments(e, node, bounds))
        return false;
    if (bounds[1] < bounds[0]) vector_shrink(e->prom, &in.vector, 0);
    for (uint32_t i = 0; i < in.vector.count; i++) {
        double below = value_clamp_max(in.vector.at[i].value, &bounds[1]);
        in.vector.at[i].value = value_clamp_min(below, &bounds[0]);
    }
    *out = in.vector;
    return vector_transform(e->prom, out, node->as.call.transform);
}

/* ---- as a whole ---- */

static bool any_sample(struct evaluation *e, struct node *range, bool *any) {
    struct matrix m;
    struct element series;
    if (!matrix_open(e, range, &m)) return false;
    *any = false;
    for (uint32_t i = 0; i < m.count && !*any; i++) *any = matrix_window(&m, i, &series).count > 0;
    matrix_close(&m);
    return true;
}

static bool eval_absent(struct evaluation *e, struct node *node, struct vector *out) {
    struct node *argument = node->as.call.arguments[0];
    struct value in;
    bool present;
    if (argument->type == PROM_MATRIX) {
        if (!any_sample(e, argument, &present)) return false;
    } else {
        if (!eval_node(e, argument, &in)) return false;
        present = in.vector.count > 0;
        vector_shrink(e->prom, &in.vector, 0);
    }
    *out = vector_here(e->prom);
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
        if (!select_instant(e, &argument->as.selector, true, out)) return false;
    } else {
        if (!eval_node(e, argument, &in)) return false;
        *out = in.vector;
        for (uint32_t i = 0; i < out->count; i++) out->at[i].value = seconds_of(e->at_ms);
    }
    return vector_transform(e->prom, out, node->as.call.transform);
}

/* NaN comes last in both directions; of equals, the first in label order. */
struct by_value {
    const struct element *at;
    bool descending;
};

static bool value_before(const void *context, uint64_t a, uint64_t b) {
    const struct by_value *order = context;
    double x = order->at[a].value, y = order->at[b].value;
    if (isnan(x) || isnan(y)) return !isnan(x) && isnan(y);
    return order->descending ? x > y : x < y;
}

/* Vectors are in label order everywhere but at the end of an instant query, so only there is a sort
 * more than what it sorts. */
static bool eval_sort(struct evaluation *e, struct node *node, struct vector *out) {
    struct prom *p = e->prom;
    struct value in;
    if (!eval_node(e, node->as.call.arguments[0], &in)) return false;
    *out = in.vector;
    if (node != e->root) return true;
    struct by_value order = {p->sorting, node->as.call.function->whole == WHOLE_SORT_DESC};
    memcpy(p->sorting, out->at, out->count * sizeof *out->at);
    for (uint32_t i = 0; i < out->count; i++) p->labels.keys[i] = i;
    sort_keys(p->labels.keys, p->labels.keys_scratch, out->count, value_before, &order);
    for (uint32_t i = 0; i < out->count; i++) out->at[i] = p->sorting[p->labels.keys[i]];
    return true;
}

static bool eval_vector(struct evaluation *e, struct node *node, struct vector *out) {
    struct value scalar;
    return eval_node(e, node->as.call.arguments[0], &scalar) &&
           push_one(e->prom, EMPTY_SET, scalar.scalar, out);
}

bool eval_call(struct evaluation *e, struct node *node, struct value *out) {
    const struct function *f = node->as.call.function;
    if (f->shape == SHAPE_WINDOW) return over_windows(e, node, &out->vector);
    if (f->shape == SHAPE_VALUE) return over_values(e, node, &out->vector);
    switch (f->whole) {
    case WHOLE_ABSENT:
    case WHOLE_ABSENT_OVER_TIME: return eval_absent(e, node, &out->vector);
    case WHOLE_CLAMP: return eval_clamp(e, node, &out->vector);
    case WHOLE_HISTOGRAM_FRACTION:
    case WHOLE_HISTOGRAM_QUANTILE: return eval_histogram(e, node, &out->vector);
    case WHOLE_LABEL_JOIN:
    case WHOLE_LABEL_REPLACE: return eval_label_function(e, node, &out->vector);
    case WHOLE_PI: return out->scalar = 3.14159265358979323846, true;
    case WHOLE_SCALAR: return eval_scalar(e, node, &out->scalar);
    case WHOLE_SORT:
    case WHOLE_SORT_DESC: return eval_sort(e, node, &out->vector);
    case WHOLE_TIME: return out->scalar = seconds_of(e->at_ms), true;
    case WHOLE_TIMESTAMP: return eval_timestamp(e, node, &out->vector);
    case WHOLE_VECTOR: return eval_vector(e, node, &out->vector);
    }
    return false;
}
