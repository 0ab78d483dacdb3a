/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Operators between scalars and vectors, and the matching of one vector with another. */
#include "sim/prometheus/eval.h"
#include "engine/base/text.h"
#include <math.h>

/* ---- two numbers ---- */

static double arithmetic(const struct node *node, double a, double b) {
    switch (node->as.binary.op) {
    case OPERATOR_ADD: return a + b;
    case OPERATOR_SUBTRACT: return a - b;
    case OPERATOR_MULTIPLY: return a * b;
    case OPERATOR_DIVIDE: return a / b;
    case OPERATOR_MODULO: return fmod(a, b);
    case OPERATOR_ATAN2: return precise_atan2(a, b);
    case OPERATOR_POWER: return precise_power(a, b);
    default: return 0;
    }
}

static bool compare(enum binary_operator op, double a, double b) {
    switch (op) {
    case OPERATOR_EQUAL: return a == b;
    case OPERATOR_NOT_EQUAL: return a != b;
    case OPERATOR_LESS: return a < b;
    case OPERATOR_LESS_EQUAL: return a <= b;
    case OPERATOR_GREATER: return a > b;
    case OPERATOR_GREATER_EQUAL: return a >= b;
    default: return false;
    }
}

/* The result for one pair, in *value; false when a filter drops it. kept: what a filter keeps. */
static bool combine(const struct node *node, double a, double b, double kept, double *value) {
    if (operator_is_arithmetic(node->as.binary.op)) return *value = arithmetic(node, a, b), true;
    bool holds = compare(node->as.binary.op, a, b);
    *value = node->as.binary.returns_bool ? (holds ? 1 : 0) : kept;
    return holds || node->as.binary.returns_bool;
}

/* ---- a vector and a scalar ---- */

static bool with_scalar(struct evaluation *e, const struct node *node, struct vector *v,
                        double scalar, bool scalar_left, struct vector *out) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < v->count; i++) {
        double value = v->at[i].value, result;
        if (!combine(node, scalar_left ? scalar : value, scalar_left ? value : scalar, value,
                     &result))
            continue;
        v->at[kept] = v->at[i];
        v->at[kept++].value = result;
    }
    vector_shrink(e->prom, v, kept);
    *out = *v;
    return vector_transform(e->prom, out, node->as.binary.matching.result);
}

/* ---- two vectors ---- */

static bool fail_match(struct prom *p, const char *message, uint32_t group) {
    struct writer w = writer_of(p->error, sizeof p->error);
    write_text(&w, message);
    write_text(&w, "; match group ");
    labels_write(&p->labels, group, &w);
    return false;
}

static uint32_t signature_of(struct prom *p, const struct node *node, const struct element *e) {
    return labels_apply(&p->labels, node->as.binary.matching.signature, e->labels);
}

/* Remembers which element of `one` has each signature. */
static bool index_one_side(struct prom *p, const struct node *node, const struct vector *one,
                           bool one_is_right) {
    set_map_clear(&p->groups_by_set);
    for (uint32_t i = 0; i < one->count; i++) {
        uint32_t group = signature_of(p, node, &one->at[i]);
        if (group == NO_SET) return eval_fail_memory(p);
        bool fresh;
        uint32_t *slot = set_map_slot(&p->groups_by_set, group, &fresh);
        if (!fresh)
            return fail_match(p,
                              one_is_right
                                  ? "many-to-many matching: the right side has two elements of one "
                                    "match group; labels must be unique on one side"
                                  : "many-to-many matching: the left side has two elements of one "
                                    "match group; labels must be unique on one side",
                              group);
        *slot = i;
    }
    return true;
}

static uint32_t result_labels(struct prom *p, const struct node *node, uint32_t many,
                              uint32_t one) {
    const struct matching *m = &node->as.binary.matching;
    uint32_t labels = labels_apply(&p->labels, m->result, many);
    if (m->include.count == 0 || labels == NO_SET) return labels;
    return labels_with(&p->labels, labels, m->bound_include, m->include.count, one);
}

static bool match_pairs(struct prom *p, const struct node *node, const struct vector *many,
                        const struct vector *one, struct vector *out) {
    const struct matching *m = &node->as.binary.matching;
    bool swapped = m->cardinality == ONE_TO_MANY;
    if (many->count == 0 || one->count == 0) return true; /* duplicates too match nothing */
    if (!index_one_side(p, node, one, !swapped)) return false;
    set_map_clear(&p->pairs_by_set);
    for (uint32_t i = 0; i < many->count; i++) {
        const struct element *element = &many->at[i];
        uint32_t group = signature_of(p, node, element);
        if (group == NO_SET) return eval_fail_memory(p);
        bool fresh;
        if (p->groups_by_set.stamps[group] != p->groups_by_set.stamp) continue;
        const struct element *other = &one->at[p->groups_by_set.slots[group]];
        double left = swapped ? other->value : element->value;
        double right = swapped ? element->value : other->value;
        double value;
        if (!combine(node, left, right, left, &value)) continue;
        uint32_t labels = result_labels(p, node, element->labels, other->labels);
        if (labels == NO_SET) return eval_fail_memory(p);
        set_map_slot(&p->pairs_by_set, m->cardinality == ONE_TO_ONE ? group : labels, &fresh);
        if (!fresh)
            return fail_match(p,
                              m->cardinality == ONE_TO_ONE
                                  ? "several elements match one: many-to-one matching must be "
                                    "stated with group_left or group_right"
                                  : "several elements match one: grouping labels must make the "
                                    "results differ",
                              group);
        vector_push_element(
            p, out, &(struct element){labels, element->nameless || m->result->marks, value});
    }
    return true;
}

/* Marks the signatures of a vector. */
static bool mark(struct prom *p, const struct node *node, const struct vector *v) {
    set_map_clear(&p->groups_by_set);
    for (uint32_t i = 0; i < v->count; i++) {
        uint32_t group = signature_of(p, node, &v->at[i]);
        bool fresh;
        if (group == NO_SET) return eval_fail_memory(p);
        set_map_slot(&p->groups_by_set, group, &fresh);
    }
    return true;
}

/* Pushes those of v whose signature is marked, or is not. */
static bool push_marked(struct prom *p, const struct node *node, const struct vector *v,
                        bool marked, struct vector *out) {
    for (uint32_t i = 0; i < v->count; i++) {
        uint32_t group = signature_of(p, node, &v->at[i]);
        if (group == NO_SET) return eval_fail_memory(p);
        if ((p->groups_by_set.stamps[group] == p->groups_by_set.stamp) == marked)
            vector_push_element(p, out, &v->at[i]);
    }
    return true;
}

static bool set_operation(struct prom *p, const struct node *node, const struct vector *left,
                          const struct vector *right, struct vector *out) {
    enum binary_operator op = node->as.binary.op;
    if (op != OPERATOR_OR)
        return mark(p, node, right) && push_marked(p, node, left, op == OPERATOR_AND, out);
    for (uint32_t i = 0; i < left->count; i++) vector_push_element(p, out, &left->at[i]);
    return mark(p, node, left) && push_marked(p, node, right, false, out);
}

static bool with_vector(struct prom *p, const struct node *node, const struct vector *left,
                        const struct vector *right, struct vector *out) {
    bool swapped = node->as.binary.matching.cardinality == ONE_TO_MANY;
    struct vector result = vector_here(p);
    if (!vector_room(p, left->count + right->count)) return false;
    bool done = operator_is_set(node->as.binary.op)
                    ? set_operation(p, node, left, right, &result)
                    : match_pairs(p, node, swapped ? right : left, swapped ? left : right, &result);
    if (!done) return false;
    vector_settle(p, left, &result);
    *out = result;
    return vector_order(p, out);
}

bool eval_binary(struct evaluation *e, struct node *node, struct value *out) {
    struct value left, right;
    if (!eval_node(e, node->as.binary.left, &left) || !eval_node(e, node->as.binary.right, &right))
        return false;
    if (left.type == PROM_VECTOR && right.type == PROM_VECTOR)
        return with_vector(e->prom, node, &left.vector, &right.vector, &out->vector);
    if (left.type == PROM_VECTOR)
        return with_scalar(e, node, &left.vector, right.scalar, false, &out->vector);
    if (right.type == PROM_VECTOR)
        return with_scalar(e, node, &right.vector, left.scalar, true, &out->vector);
    combine(node, left.scalar, right.scalar, 0, &out->scalar);
    return true;
}
