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
    int64_t start_ms, end_ms; /* of the whole query: @ start(), @ end() */
    const struct node *root;  /* of an instant query: a sort there decides the order */
};

/* When a shifted selector looks, or its subquery ends. */
static inline int64_t shifted_ms(const struct evaluation *e, const struct shift *shift) {
    int64_t at_ms = shift->at == AT_FIXED   ? shift->at_ms
                    : shift->at == AT_START ? e->start_ms
                    : shift->at == AT_END   ? e->end_ms
                                            : e->at_ms;
    return at_ms - shift->offset_ms;
}

/* A whole expression, on an empty stack. */
bool expression_eval(struct prom *p, const struct prom_expr *expr, int64_t at_ms,
                     struct value *out);
/* The same at one step of a range query. */
bool expression_eval_step(struct prom *p, const struct prom_expr *expr, int64_t at_ms,
                          int64_t start_ms, int64_t end_ms, struct value *out);
/* The same above what stands on the stack, which the caller takes down again. */
bool expression_eval_within(struct prom *p, const struct prom_expr *expr, int64_t at_ms,
                            struct value *out);
/* False after an error, which is in prom->error. */
bool eval_node(struct evaluation *e, struct node *node, struct value *out);
bool eval_binary(struct evaluation *e, struct node *node, struct value *out);
bool eval_aggregate(struct evaluation *e, struct node *node, struct value *out);
bool eval_call(struct evaluation *e, struct node *node, struct value *out);
/* Counts an element into the group of its labels as the transform leaves them; groups_by_set was
 * cleared, and groups are numbered as they appear. NULL: out of memory, an error. */
struct group *group_of(struct prom *p, struct transform *t, const struct element *element,
                       uint32_t *groups);
/* After all were counted: where each group begins when its elements are dealt out to one place
 * each; they are counted anew meanwhile. */
void groups_deal(struct prom *p, uint32_t groups);
/* topk, bottomk, quantile, count_values: the aggregators with a parameter. */
bool eval_ranked(struct evaluation *e, struct node *node, struct value *out);
bool eval_label_function(struct evaluation *e, struct node *node, struct vector *out);
bool eval_histogram(struct evaluation *e, struct node *node, struct vector *out);

/* What falls with a metric's name: the name, and in Prometheus 3 its type and unit. Returns how
 * many.
 */
#define METADATA_LABELS 3
uint32_t metadata_labels(const struct prom *p, const char *names[METADATA_LABELS]);

/* Brings the selector's list of series up to date, in label order. */
bool selector_find(struct prom *p, struct selector *s);
/* The value of each series now, or its sample's time in seconds. */
bool select_instant(struct evaluation *e, struct selector *s, bool times, struct vector *out);

/* The windows of a range vector: a selector's, or a subquery's, whose points are computed when it
 * is opened. Open, then read window by window, then close; nothing else is evaluated in between. */
struct matrix {
    uint32_t count;
    struct prom *prom;
    const struct selector *selector; /* NULL: a subquery */
    int64_t from_ms, to_ms, now_ms;
    uint32_t base; /* of the stack of points */
};
bool matrix_open(struct evaluation *e, struct node *node, struct matrix *m);
/* The n-th window, stale markers left out, and its series, as an element without a value. */
struct window matrix_window(struct matrix *m, uint32_t n, struct element *series);
void matrix_close(struct matrix *m);
/* Room for more points; may move them. */
bool points_room(struct prom *p, uint32_t more);

/* What a query's answer says besides its values. */
void note_warning(struct prom *p, const char *text, const char *of);
void note_info(struct prom *p, const char *text, const char *of);

/* Always false, so that it can be returned. */
bool eval_fail(struct prom *p, const char *message);
bool eval_fail_memory(struct prom *p);

/* An empty vector on top of the stack; room for more before pushing; only the top one grows. */
struct vector vector_here(struct prom *p);
bool vector_room(struct prom *p, uint32_t more);
static inline void vector_push(struct prom *p, struct vector *v, uint32_t labels, double value) {
    v->at[v->count++] = (struct element){labels, false, value};
    p->stack_used++;
}
static inline void vector_push_element(struct prom *p, struct vector *v, const struct element *e) {
    v->at[v->count++] = *e;
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
