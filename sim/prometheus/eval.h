/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_PROMETHEUS_EVAL_H
#define SIM_PROMETHEUS_EVAL_H
/*
 * Evaluation of a tree at one instant. Vectors live on a stack in struct prom: an operator
 * evaluates its operands on top of it, writes its result above them and moves it down to where they
 * began. A finished vector is in label order and holds no label set twice; that duplicates are
 * errors is checked where the order is made.
 */
#include "sim/prometheus/store.h"

struct vector {
    struct element *at;
    uint32_t count;
};

struct value {
    enum prom_type type;
    double scalar;
    struct vector vector;
};

struct evaluation {
    struct prom *prom;
    int64_t at_ms;
};

/* A whole expression, on an empty stack. */
bool expression_eval(struct prom *p, const struct prom_expr *expr, int64_t at_ms,
                     struct value *out);
/* False after an error, which is in prom->error. */
bool eval_node(struct evaluation *e, struct node *node, struct value *out);
bool eval_binary(struct evaluation *e, struct node *node, struct value *out);
bool eval_aggregate(struct evaluation *e, struct node *node, struct value *out);
bool eval_call(struct evaluation *e, struct node *node, struct value *out);
bool eval_histogram_quantile(struct evaluation *e, struct node *node, struct vector *out);

/* Brings the selector's list of series up to date, in label order. */
bool selector_find(struct prom *p, struct selector *s);
/* The value of each series now, or its sample's time in seconds. */
bool select_instant(struct prom *p, struct selector *s, int64_t at_ms, bool times,
                    struct vector *out);

/* Always false, so that it can be returned. */
bool eval_fail(struct prom *p, const char *message);
bool eval_fail_memory(struct prom *p);

/* An empty vector on top of the stack; room for more before pushing; only the top one grows. */
struct vector vector_here(struct prom *p);
bool vector_room(struct prom *p, uint32_t more);
static inline void vector_push(struct prom *p, struct vector *v, uint32_t labels, double value) {
    v->at[v->count++] = (struct element){labels, value};
    p->stack_used++;
}
/* Drops what was pushed since base was made, but keeps v: at base's place. */
void vector_settle(struct prom *p, const struct vector *base, struct vector *v);
/* After elements were removed in place. */
void vector_shrink(struct prom *p, struct vector *v, uint32_t count);
/* Sorts by labels; an error when two elements have the same. */
bool vector_order(struct prom *p, struct vector *v);
/* Applies a transform to all labels, then orders. */
bool vector_transform(struct prom *p, struct vector *v, struct transform *t);

#endif
