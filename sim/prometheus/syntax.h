/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_PROMETHEUS_SYNTAX_H
#define SIM_PROMETHEUS_SYNTAX_H
/*
 * The tree of an expression. The parser makes it, types.c checks it, evaluation walks it. What an
 * evaluation wants to keep with a node (interned names, the series a selector found) stands in the
 * node too, marked "bound"; it belongs to the one Prometheus that the expression is evaluated by.
 */
#include "sim/prometheus/functions.h"
#include "sim/prometheus/lexer.h"
#include "sim/prometheus/prometheus.h"
#include "sim/prometheus/regex.h"

#define METRIC_NAME      "__name__"
#define EXPRESSION_DEPTH 100
#define EXPRESSION_NODES 2000
#define EXPRESSION_BYTES ((size_t)64 << 10)
#define EXPRESSION_STEPS 11000 /* of a subquery, as of a range query */

struct transform; /* labels.h */

struct name_list {
    const char **names;
    uint32_t count;
};

enum match_kind { MATCH_EQUAL, MATCH_NOT_EQUAL, MATCH_REGEX, MATCH_NOT_REGEX };
struct matcher {
    enum match_kind kind;
    const char *name, *value;
    struct regex *regex;
    const char *bound_name, *bound_value; /* bound: interned, compared as pointers */
};

/* Series in label order, found so far; new series are looked at once, when they have appeared. */
struct match_list {
    uint32_t *series;
    uint32_t count, capacity;
    uint32_t seen; /* the last one of the metric, or how many of all; UINT32_MAX: none yet */
};

/* Where in time a selector or a subquery looks: first @, then back by the offset. */
enum at_kind { AT_NOW, AT_FIXED, AT_START, AT_END };
struct shift {
    enum at_kind at;
    bool has_offset;
    int64_t at_ms, offset_ms;
};

struct selector {
    struct matcher *matchers;
    uint32_t matcher_count;
    int64_t range_ms; /* 0: an instant selector */
    struct shift shift;
    const char *metric;       /* the one metric name it selects; NULL when there is none */
    const char *bound_metric; /* bound: the same, interned */
    struct match_list found;  /* bound */
};

enum aggregator {
    AGGREGATE_SUM,
    AGGREGATE_AVG,
    AGGREGATE_MIN,
    AGGREGATE_MAX,
    AGGREGATE_COUNT,
    AGGREGATE_GROUP,
    AGGREGATE_STDDEV,
    AGGREGATE_STDVAR,
    AGGREGATE_QUANTILE, /* from here on with a parameter */
    AGGREGATE_TOPK,
    AGGREGATE_BOTTOMK,
    AGGREGATE_COUNT_VALUES,
};
static inline bool aggregator_has_parameter(enum aggregator op) { return op >= AGGREGATE_QUANTILE; }

enum binary_operator {
    OPERATOR_OR,
    OPERATOR_AND,
    OPERATOR_UNLESS,
    OPERATOR_EQUAL,
    OPERATOR_NOT_EQUAL,
    OPERATOR_LESS,
    OPERATOR_LESS_EQUAL,
    OPERATOR_GREATER,
    OPERATOR_GREATER_EQUAL,
    OPERATOR_ADD,
    OPERATOR_SUBTRACT,
    OPERATOR_MULTIPLY,
    OPERATOR_DIVIDE,
    OPERATOR_MODULO,
    OPERATOR_ATAN2,
    OPERATOR_POWER,
};
static inline bool operator_is_set(enum binary_operator op) { return op <= OPERATOR_UNLESS; }
static inline bool operator_is_comparison(enum binary_operator op) {
    return op >= OPERATOR_EQUAL && op <= OPERATOR_GREATER_EQUAL;
}
static inline bool operator_is_arithmetic(enum binary_operator op) { return op >= OPERATOR_ADD; }

enum cardinality { ONE_TO_ONE, MANY_TO_ONE /* group_left */, ONE_TO_MANY /* group_right */ };

/* How a vector operator pairs its sides, and what labels the result has. */
struct matching {
    bool stated, on; /* on(...) or ignoring(...) */
    enum cardinality cardinality;
    struct name_list labels, include;
    struct transform *signature, *result; /* bound */
    const char **bound_include;           /* bound */
};

enum node_kind {
    NODE_NUMBER,
    NODE_STRING,
    NODE_SELECTOR,
    NODE_SUBQUERY,
    NODE_CALL,
    NODE_AGGREGATE,
    NODE_UNARY,
    NODE_BINARY,
};

struct node {
    enum node_kind kind;
    enum prom_type type;
    int line, column;
    uint32_t depth;
    bool in_parens;
    struct prom *bound; /* of a root: the Prometheus that the tree is bound to, or NULL */
    union {
        double number;
        const char *string;
        struct selector selector;
        struct {
            struct node *child;
            int64_t range_ms, step_ms; /* step 0: the default */
            struct shift shift;
        } subquery;
        struct {
            const char *name;
            const struct function *function;
            struct node **arguments;
            uint32_t count;
            struct regex *regex;         /* of label_replace */
            struct transform *transform; /* bound: what the call does to labels */
            struct transform *buckets;   /* bound: what a histogram's buckets have in common */
            uint32_t absent_labels;      /* bound: what absent() answers with */
        } call;
        struct {
            enum aggregator op;
            bool without;
            struct name_list labels;
            struct node *child, *parameter; /* parameter: NULL unless the aggregator has one */
            const char *bound_label;        /* bound: what count_values() writes */
            struct transform *transform;    /* bound */
        } aggregate;
        struct {
            bool negative;
            struct node *child;
            struct transform *transform; /* bound */
        } unary;
        struct {
            enum binary_operator op;
            bool returns_bool;
            struct matching matching;
            struct node *left, *right;
        } binary;
    } as;
};

struct prom_expr {
    struct node *root;
};

/* The n-th operand of a node; NULL after the last. */
struct node *node_child(const struct node *node, uint32_t n);

/* The grammar alone. NULL after one diagnostic; *unsupported (may be NULL) then names the feature
 * of Prometheus that was refused, if that is why. */
struct node *parse_expression(struct arena *arena, const struct origin *origin, const char *text,
                              size_t len, struct diags *diags, const char **unsupported);
/* Gives every node its type and compiles the regular expressions of calls. False after one
 * diagnostic. */
bool check_types(struct arena *arena, struct node *root, const char *file, struct diags *diags,
                 const char **unsupported);
/* Both; what prom_parse does, for text whose later lines are indented in their file. A range vector
 * is refused: rules cannot use it. */
struct prom_expr *expression_read(struct arena *arena, const struct origin *origin,
                                  const char *text, size_t len, struct diags *diags);

/* Interns what the tree names and finds the label transforms; once per (expression, Prometheus).
 * False when memory for it is out. */
bool expression_bind(struct prom *p, const struct prom_expr *e);

const char *type_name(enum prom_type type);
const char *operator_text(enum binary_operator op);
const char *aggregator_text(enum aggregator op);

#endif
