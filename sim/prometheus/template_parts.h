/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_PROMETHEUS_TEMPLATE_PARTS_H
#define SIM_PROMETHEUS_TEMPLATE_PARTS_H
/* Inside the template engine: tokens, tree, values. Only template_*.c include it. */
#include "sim/prometheus/regex.h"
#include "sim/prometheus/template.h"

#define TEMPLATE_NODES     4000
#define TEMPLATE_DEPTH     50
#define TEMPLATE_VARIABLES 64
#define TEMPLATE_ARGUMENTS 32
#define TEMPLATE_STEPS     200000
#define TEMPLATE_LEVELS    200 /* of lists within lists as they run, those of called templates too */

/* ---- tokens ---- */

enum piece {
    PIECE_END, /* of the whole text */
    PIECE_BAD, /* lexer.why */
    PIECE_CLOSE,
    PIECE_DOT,
    PIECE_FIELD,    /* .Name */
    PIECE_VARIABLE, /* $ or $name */
    PIECE_WORD,
    PIECE_TEXT, /* "..." or `...`, value in text */
    PIECE_CHARACTER,
    PIECE_NUMBER,
    PIECE_PIPE,
    PIECE_LEFT,
    PIECE_RIGHT,
    PIECE_DECLARE,
    PIECE_ASSIGN,
    PIECE_COMMA,
};
struct template_token {
    enum piece kind;
    bool spaced;  /* blanks before it */
    bool comment; /* PIECE_CLOSE: all of the action was one */
    size_t at, len;
    const char *text; /* of PIECE_TEXT: the value; of names: the name, terminated */
    size_t text_len;
    int64_t character;
};
struct template_lexer {
    struct arena *arena;
    const char *text;
    size_t len, at;
    bool trim_next; /* after " -}}" */
    bool fresh;     /* right behind "{{" */
    const char *why;
};
/* The text up to the next action or the end, trimmed as markers say. True: an action follows, and
 * the lexer stands behind its "{{" or "{{- ". Comments are skipped. */
bool template_text(struct template_lexer *l, const char **text, size_t *len);
struct template_token template_token(struct template_lexer *l);

/* ---- tree ---- */

struct template_function;

enum operand_kind {
    OPERAND_DOT,
    OPERAND_NIL,
    OPERAND_BOOL,
    OPERAND_INT,
    OPERAND_FLOAT,
    OPERAND_TEXT,
    OPERAND_VARIABLE,
    OPERAND_FUNCTION,
    OPERAND_PIPELINE,
};
struct operand {
    enum operand_kind kind;
    size_t at;
    struct operand *next;
    const char **fields; /* .A.B after it */
    uint32_t field_count;
    union {
        bool truth;
        int64_t whole;
        double number;
        struct {
            const char *at;
            size_t len;
            struct regex *search;   /* when it is a pattern of match or reReplaceAll */
            struct prom_expr *expr; /* when query gets it */
        } text;
        uint32_t variable;
        const struct template_function *function;
        struct pipeline *pipeline;
    } as;
};
struct stage {
    struct operand *operands;
    uint32_t count;
    struct stage *next;
};
struct pipeline {
    size_t at;
    struct stage *stages;
    uint32_t variables[2], variable_count;
};

enum template_node_kind {
    TEMPLATE_TEXT,
    TEMPLATE_ACTION,
    TEMPLATE_IF,
    TEMPLATE_RANGE,
    TEMPLATE_WITH,
    TEMPLATE_CALL, /* of another template: text and len are its name */
    TEMPLATE_BREAK,
    TEMPLATE_CONTINUE
};
struct template_definition;
struct template_node {
    enum template_node_kind kind;
    struct template_node *next, *body, *otherwise;
    const char *text;
    size_t len;
    struct pipeline *pipeline; /* of a call without an argument: NULL */
    size_t at;
    const struct template_definition *callee; /* NULL: nobody defines it */
};
/* What {{define}} and {{block}} name. Its variables are its own: "$" is what it is called with. */
struct template_definition {
    const char *name;
    size_t len;
    struct template_node *body;
    struct template_definition *next;
};

struct template {
    struct template_node *first;
    bool plain, of_labels;
};

/* What stands before a template's own variables. */
enum {
    VARIABLE_ROOT,
    VARIABLE_LABELS,
    VARIABLE_EXTERNAL,
    VARIABLE_URL,
    VARIABLE_VALUE,
    VARIABLES_GIVEN
};

/* ---- values ---- */

enum value_kind {
    VALUE_NIL,
    VALUE_BOOL,
    VALUE_INT,
    VALUE_FLOAT,
    VALUE_TEXT,
    VALUE_LABELS,
    VALUE_SAMPLE,
    VALUE_SAMPLES,
    VALUE_DATA, /* what . is at first */
};
struct found {
    const struct prom_label *labels;
    uint32_t label_count;
    double value;
};
struct template_value {
    enum value_kind kind;
    union {
        bool truth;
        int64_t whole;
        double number;
        struct {
            const char *at;
            size_t len;
            const struct operand *literal; /* where it stands in the template, or NULL */
        } text;
        struct {
            const struct prom_label *at;
            uint32_t count;
        } labels;
        const struct found *sample;
        struct {
            struct found *at;
            uint32_t count;
        } samples;
    } as;
};

struct template_run {
    const struct template_data *data;
    struct writer *out;
    struct template_error *error;
    size_t at; /* of what is being done */
    uint32_t steps, levels;
    enum template_node_kind leaves; /* TEMPLATE_BREAK, TEMPLATE_CONTINUE: up to the loop */
    struct template_value variables[TEMPLATE_VARIABLES];
};

/* Always false. */
bool run_fail(struct template_run *r, const char *format, ...) PRINTF_LIKE(2, 3);
/* NULL after an error. */
void *run_take(struct template_run *r, size_t bytes);
bool run_text(struct template_run *r, const char *s, size_t len, struct template_value *out);
bool run_step(struct template_run *r);

static inline struct template_value value_text(const char *s, size_t len) {
    return (struct template_value){VALUE_TEXT, {.text = {s, len, NULL}}};
}
static inline struct template_value value_float(double v) {
    return (struct template_value){VALUE_FLOAT, {.number = v}};
}
static inline struct template_value value_int(int64_t v) {
    return (struct template_value){VALUE_INT, {.whole = v}};
}
static inline struct template_value value_bool(bool v) {
    return (struct template_value){VALUE_BOOL, {.truth = v}};
}
const char *value_type(const struct template_value *v); /* Go's name of it, for messages */
bool value_truth(const struct template_value *v);
bool value_field(struct template_run *r, const struct template_value *v, const char *name,
                 struct template_value *out);
const char *label_of_pairs(const struct prom_label *labels, uint32_t count, const char *name);
/* As Go's %v. */
void value_print(const struct template_value *v, struct writer *out);
/* A number, or a text that is one. */
bool value_number(struct template_run *r, const struct template_value *v, double *out);

struct template_function {
    const char *name;
    /* One letter an argument: a any, s text, p sample, P samples; a '*' at the end: any number of
     * the last. */
    const char *arguments;
    bool (*call)(struct template_run *r, struct template_value *arguments, uint32_t count,
                 struct template_value *out);
    bool of_labels; /* gives the same for the same arguments at all times */
};
/* NULL: no such function. */
const struct template_function *template_function_find(const char *name);
const char *template_function_nearest(const char *name);
/* and, or: which see their arguments one by one. */
bool template_function_is_lazy(const struct template_function *f);
bool template_function_stops(const struct template_function *f, bool truth);

bool go_printf(struct template_run *r, struct template_value *arguments, uint32_t count,
               struct template_value *out);
bool humanize_si(struct template_run *, struct template_value *, uint32_t, struct template_value *);
bool humanize_1024(struct template_run *, struct template_value *, uint32_t,
                   struct template_value *);
bool humanize_duration(struct template_run *, struct template_value *, uint32_t,
                       struct template_value *);
bool humanize_percentage(struct template_run *, struct template_value *, uint32_t,
                         struct template_value *);
bool humanize_timestamp(struct template_run *, struct template_value *, uint32_t,
                        struct template_value *);

#endif
