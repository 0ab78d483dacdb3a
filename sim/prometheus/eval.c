/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/prometheus/eval.h"
#include "engine/base/text.h"

bool eval_fail(struct prom *p, const char *message) {
    struct writer w = writer_of(p->error, sizeof p->error);
    write_text(&w, message);
    return false;
}

bool eval_fail_memory(struct prom *p) {
    return eval_fail(p, "too many label sets; raise the number of series");
}

static void keep_first(char *out, size_t size, const char *text, const char *of) {
    struct writer w = writer_of(out, size);
    write_text(&w, text);
    write_text(&w, of);
}

void note_warning(struct prom *p, const char *text, const char *of) {
    if (p->notes.warnings++ == 0) keep_first(p->notes.warning, sizeof p->notes.warning, text, of);
}

void note_info(struct prom *p, const char *text, const char *of) {
    if (p->notes.infos++ == 0) keep_first(p->notes.info, sizeof p->notes.info, text, of);
}

/* ---- vectors ---- */

struct vector vector_here(struct prom *p) {
    return (struct vector){p->stack + p->stack_used, 0};
}

bool vector_room(struct prom *p, uint32_t more) {

    return more <= p->stack_size - p->stack_used ||
           eval_fail(p, "too many elements; raise the number of series");
}

void vector_settle(struct prom *p, const struct vector *base, struct vector *v) {
    memmove(base->at, v->at, v->count * sizeof *v->at);
    v->at = base->at;
    p->stack_used = (uint32_t)(base->at - p->stack) + v->count;
}

void vector_shrink(struct prom *p, struct vector *v, uint32_t count) {
    p->stack_used -= v->count - count;
    v->count = count;
}

static bool fail_duplicate(struct prom *p, uint32_t set) {
    struct writer w = writer_of(p->error, sizeof p->error);
    write_text(&w, "two elements of the result have the same labels: ");
    labels_write(&p->labels, set, &w);
    return false;
}

static void sort_by_rank(struct prom *p, struct vector *v) {
    struct labels *labels = &p->labels;
    for (uint32_t i = 0; i < v->count; i++)
        labels->keys[i] = (uint64_t)labels->rank[v->at[i].labels] << 32 | i;
    sort_keys(labels->keys, labels->keys_scratch, v->count, NULL, NULL);
    memcpy(p->sorting, v->at, v->count * sizeof *v->at);
    for (uint32_t i = 0; i < v->count; i++) v->at[i] = p->sorting[(uint32_t)labels->keys[i]];
}

bool vector_order(struct prom *p, struct vector *v) {
    labels_rank(&p->labels);
    const uint32_t *rank = p->labels.rank;
    uint32_t i = 1;
    while (i < v->count && rank[v->at[i - 1].labels] < rank[v->at[i].labels]) i++;
    if (i >= v->count) return true;
    sort_by_rank(p, v);
    for (i = 1; i < v->count; i++)
        if (v->at[i - 1].labels == v->at[i].labels) return fail_duplicate(p, v->at[i].labels);
    return true;
}

bool vector_transform(struct prom *p, struct vector *v, struct transform *t) {
    for (uint32_t i = 0; i < v->count; i++) {
        v->at[i].labels = labels_apply(&p->labels, t, v->at[i].labels);
        if (v->at[i].labels == NO_SET) return eval_fail_memory(p);
        v->at[i].nameless |= t->marks;
    }
    return vector_order(p, v);
}

/* ---- nodes ---- */

static bool eval_unary(struct evaluation *e, struct node *node, struct value *out) {
    if (!eval_node(e, node->as.unary.child, out)) return false;
    if (!node->as.unary.negative) return true;
    out->scalar = -out->scalar;
    if (out->type == PROM_SCALAR) return true;
    for (uint32_t i = 0; i < out->vector.count; i++)
        out->vector.at[i].value = -out->vector.at[i].value;
    return vector_transform(e->prom, &out->vector, node->as.unary.transform);
}

bool eval_node(struct evaluation *e, struct node *node, struct value *out) {
    *out = (struct value){.type = node->type};
    switch (node->kind) {
    case NODE_NUMBER: out->scalar = node->as.number; return true;
    case NODE_STRING: return true;
    case NODE_SELECTOR:
        return node->type == PROM_MATRIX || /* its function opens it */
               select_instant(e, &node->as.selector, false, &out->vector);
    case NODE_SUBQUERY: return true;
    case NODE_CALL: return eval_call(e, node, out);
    case NODE_AGGREGATE: return eval_aggregate(e, node, out);
    case NODE_UNARY: return eval_unary(e, node, out);
    case NODE_BINARY: return eval_binary(e, node, out);
    }
    return false;
}

/* ---- the interface ---- */

static void publish(struct prom *p, const struct vector *v) {
    for (uint32_t i = 0; i < v->count; i++) {
        const struct label_set *set = &p->labels.sets[v->at[i].labels];
        p->result_samples[i] = (struct prom_sample){set->count, set->labels, v->at[i].value};
    }
    p->result.count = v->count;
    p->result.samples = p->result_samples;
}

static bool decides_order(const struct node *root) {
    if (root->kind == NODE_AGGREGATE)
        return root->as.aggregate.op == AGGREGATE_TOPK ||
               root->as.aggregate.op == AGGREGATE_BOTTOMK;
    if (root->kind != NODE_CALL || root->as.call.function->shape != SHAPE_WHOLE) return false;
    enum whole_function whole = root->as.call.function->whole;
    return whole == WHOLE_SORT || whole == WHOLE_SORT_DESC;
}

/* What was kept until now. A sorted vector stays as it is, unless two become one. */
static bool drop_names(struct evaluation *e, struct vector *v) {
    struct prom *p = e->prom;
    const char *names[METADATA_LABELS];
    uint32_t count = metadata_labels(p, names);
    struct transform *drop = labels_transform(&p->labels, false, names, count);
    bool any = false;
    for (uint32_t i = 0; drop && i < v->count; i++) {
        if (!v->at[i].nameless) continue;
        any = true;
        v->at[i].labels = labels_apply(&p->labels, drop, v->at[i].labels);
        v->at[i].nameless = false;
        if (v->at[i].labels == NO_SET) return eval_fail_memory(p);
    }
    bool sorted = e->root && decides_order(e->root);
    return drop ? !any || sorted || vector_order(p, v) : eval_fail_memory(p);
}

static bool eval_whole(struct evaluation *e, const struct prom_expr *expr, struct value *out) {
    struct prom *p = e->prom;
    p->stack_used = 0;
    p->points.used = 0;
    p->steps_left = p->options.subquery_steps;
    if (expr->root->bound != p && !expression_bind(p, expr)) return eval_fail_memory(p);
    if (!eval_node(e, expr->root, out)) return false;
    return out->type != PROM_VECTOR || !p->options.delayed_names || drop_names(e, &out->vector);
}

bool expression_eval(struct prom *p, const struct prom_expr *expr, int64_t at_ms,
                     struct value *out) {
    struct evaluation e = {p, at_ms, at_ms, at_ms, expr->root};
    p->notes.warnings = p->notes.infos = 0;
    return eval_whole(&e, expr, out);
}

bool expression_eval_step(struct prom *p, const struct prom_expr *expr, int64_t at_ms,
                          int64_t start_ms, int64_t end_ms, struct value *out) {
    struct evaluation e = {p, at_ms, start_ms, end_ms, NULL};
    return eval_whole(&e, expr, out);
}

/* The stack of the one inside begins where the outer one's ends. */
bool expression_eval_within(struct prom *p, const struct prom_expr *expr, int64_t at_ms,
                            struct value *out) {
    struct element *stack = p->stack;
    uint32_t used = p->stack_used, size = p->stack_size;
    p->stack += used;
    p->stack_size -= used;
    bool good = expression_eval(p, expr, at_ms, out);
    p->stack = stack;
    p->stack_size = size;
    p->stack_used += used;
    return good;
}

const struct prom_value *prom_eval(struct prom *p, const struct prom_expr *expr, int64_t at_ms) {
    struct value value;
    p->result = (struct prom_value){.type = expr->root->type};
    if (!expression_eval(p, expr, at_ms, &value)) {
        p->result.error = p->error;
        return &p->result;
    }
    p->result.scalar = value.scalar;
    if (value.type == PROM_VECTOR) publish(p, &value.vector);
    return &p->result;
}

bool prom_eval_number(struct prom *p, const struct prom_expr *expr, int64_t at_ms, double *out) {
    struct value value;
    if (!expression_eval(p, expr, at_ms, &value)) return false;
    if (value.type == PROM_VECTOR && value.vector.count != 1) return false;
    *out = value.type == PROM_VECTOR ? value.vector.at[0].value : value.scalar;
    return value.type == PROM_VECTOR || value.type == PROM_SCALAR;
}

bool prom_eval_labelled(struct prom *p, const struct prom_expr *expr, int64_t at_ms,
                        const char *label, double *out, const char **whose) {
    const struct prom_value *value = prom_eval(p, expr, at_ms);
    *whose = NULL;
    if (value->error || value->type != PROM_VECTOR || value->count != 1) return false;
    const struct prom_sample *sample = &value->samples[0];
    *out = sample->value;
    for (uint32_t k = 0; k < sample->label_count; k++)
        if (strcmp(sample->labels[k].name, label) == 0) *whose = sample->labels[k].value;
    return true;
}
