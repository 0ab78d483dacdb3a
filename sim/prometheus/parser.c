/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recursive descent, with precedence climbing for the operators. */
#include "sim/prometheus/parser.h"

/* ---- tokens and errors ---- */

static void *fail_at(struct parser *ps, int line, int column, const char *message) {
    diag_error(ps->diags, ps->file, line, column, "%s", message);
    return NULL;
}

void *parse_fail(struct parser *ps, const struct token *at, const char *message) {
    return fail_at(ps, at->line, at->column, message);
}

void *parse_unsupported(struct parser *ps, const struct token *at, const char *feature,
                        const char *why) {
    diag_error(ps->diags, ps->file, at->line, at->column, "%s %s, and not supported", feature, why);
    ps->unsupported = feature;
    return NULL;
}

void *parse_unexpected(struct parser *ps, const char *expected) {
    if (ps->now.kind == TOKEN_BAD) return parse_fail(ps, &ps->now, ps->lexer.why);
    char got[80], message[240];
    token_describe(got, sizeof got, &ps->now);
    snprintf(message, sizeof message, "expected %s, got %s", expected, got);
    return parse_fail(ps, &ps->now, message);
}

struct token parse_advance(struct parser *ps) {
    struct token taken = ps->now;
    ps->now = lexer_next(&ps->lexer);
    return taken;
}

bool parse_accept(struct parser *ps, enum token_kind kind) {
    if (ps->now.kind != kind) return false;
    parse_advance(ps);
    return true;
}

bool parse_expect(struct parser *ps, enum token_kind kind, const char *expected) {
    if (parse_accept(ps, kind)) return true;
    parse_unexpected(ps, expected);
    return false;
}

bool parse_accept_word(struct parser *ps, const char *word) {
    if (!token_is(&ps->now, word)) return false;
    parse_advance(ps);
    return true;
}

struct node *parse_node(struct parser *ps, enum node_kind kind, const struct token *at) {
    if (++ps->nodes > EXPRESSION_NODES)
        return parse_fail(ps, at, "the expression has more than 2000 parts");
    struct node *node = ARENA_NEW(ps->arena, struct node, 1);
    node->kind = kind;
    node->line = at->line;
    node->column = at->column;
    node->depth = 1;
    return node;
}

struct node *parse_above(struct parser *ps, struct node *node, const struct node *child) {
    if (node->depth <= child->depth) node->depth = child->depth + 1;
    if (node->depth <= EXPRESSION_DEPTH) return node;
    return fail_at(ps, node->line, node->column, "the expression is nested more than 100 deep");
}

/* A name, or in quotes any text: {"http.requests", "le"="1"}. */
const char *parse_name(struct parser *ps, const char *expected) {
    size_t len;
    if (ps->now.kind == TOKEN_STRING) {
        struct token token = parse_advance(ps);
        return lexer_string(ps->arena, &token, &len);
    }
    if (ps->now.kind != TOKEN_NAME || memchr(ps->now.text, ':', ps->now.len))
        return parse_unexpected(ps, expected);
    struct token token = parse_advance(ps);
    return arena_text(ps->arena, token.text, token.len);
}

bool parse_label_list(struct parser *ps, struct name_list *list) {
    const char *names[LIST_MAX];
    uint32_t count = 0;
    if (!parse_expect(ps, TOKEN_LEFT_PAREN, "\"(\" before the labels")) return false;
    while (!parse_accept(ps, TOKEN_RIGHT_PAREN)) {
        if (count == LIST_MAX) return parse_unexpected(ps, "at most 256 labels") != NULL;
        if (!(names[count] = parse_name(ps, "a label name"))) return false;
        count++;
        if (ps->now.kind != TOKEN_RIGHT_PAREN && !parse_expect(ps, TOKEN_COMMA, "\",\" or \")\""))
            return false;
    }
    list->names = ARENA_NEW(ps->arena, const char *, count + 1);
    list->count = count;
    memcpy(list->names, names, count * sizeof *names);
    return true;
}

/* Seconds as a plain number, or 5m. Prometheus' durations are nanoseconds in 64 bits: 292 years. */
#define DURATION_MAX_MS INT64_C(9223372036854)

/* [2 * 5m] and the like: a sign other than minus, an operator, a parenthesis or a function. */
static bool at_duration_expression(const struct parser *ps) {
    static const char *const functions[] = {"step", "range", "min", "max", "min_of", "max_of"};
    bool call = ps->lexer.at < ps->lexer.end && *ps->lexer.at == '(';
    for (size_t i = 0; call && i < ARRAY_LEN(functions); i++)
        if (token_is(&ps->now, functions[i])) return true;
    return ps->now.kind == TOKEN_LEFT_PAREN ||
           (ps->now.kind >= TOKEN_PLUS && ps->now.kind <= TOKEN_POWER);
}

static bool refuse_duration_expression(struct parser *ps) {
    return parse_unsupported(ps, &ps->now, "a duration expression",
                             "is experimental in Prometheus");
}

bool parse_bracket_end(struct parser *ps) {
    if (at_duration_expression(ps)) return refuse_duration_expression(ps);
    return parse_expect(ps, TOKEN_RIGHT_BRACKET, "\"]\"");
}

bool parse_duration(struct parser *ps, int64_t *ms, const char *expected) {
    bool negative = ps->now.kind == TOKEN_MINUS && (parse_advance(ps), true);
    struct token at = ps->now;
    if (at_duration_expression(ps)) return refuse_duration_expression(ps);
    if (at.kind == TOKEN_NUMBER && at.number * 1000 < (double)DURATION_MAX_MS)
        *ms = (int64_t)(at.number * 1000 + 0.5);
    else if (at.kind == TOKEN_DURATION && at.duration_ms < DURATION_MAX_MS)
        *ms = at.duration_ms;
    else
        return parse_unexpected(ps, expected);
    if (negative) *ms = -*ms;
    parse_advance(ps);
    return true;
}

bool parse_enter(struct parser *ps, const struct token *at, uint32_t most) {
    return ++ps->nesting <= most ||
           parse_fail(ps, at, "the expression is nested more than 100 deep");
}

/* ---- operators ---- */

enum { PRECEDENCE_POWER = 6 };
static const struct {
    const char *text;
    enum token_kind kind; /* TOKEN_NAME: a word */
    int precedence;
} operators[] = {
    [OPERATOR_OR] = {"or", TOKEN_NAME, 1},
    [OPERATOR_AND] = {"and", TOKEN_NAME, 2},
    [OPERATOR_UNLESS] = {"unless", TOKEN_NAME, 2},
    [OPERATOR_EQUAL] = {"==", TOKEN_EQUAL, 3},
    [OPERATOR_NOT_EQUAL] = {"!=", TOKEN_NOT_EQUAL, 3},
    [OPERATOR_LESS] = {"<", TOKEN_LESS, 3},
    [OPERATOR_LESS_EQUAL] = {"<=", TOKEN_LESS_EQUAL, 3},
    [OPERATOR_GREATER] = {">", TOKEN_GREATER, 3},
    [OPERATOR_GREATER_EQUAL] = {">=", TOKEN_GREATER_EQUAL, 3},
    [OPERATOR_ADD] = {"+", TOKEN_PLUS, 4},
    [OPERATOR_SUBTRACT] = {"-", TOKEN_MINUS, 4},
    [OPERATOR_MULTIPLY] = {"*", TOKEN_TIMES, 5},
    [OPERATOR_DIVIDE] = {"/", TOKEN_DIVIDE, 5},
    [OPERATOR_MODULO] = {"%", TOKEN_MODULO, 5},
    [OPERATOR_ATAN2] = {"atan2", TOKEN_NAME, 5},
    [OPERATOR_POWER] = {"^", TOKEN_POWER, PRECEDENCE_POWER},
};

const char *operator_text(enum binary_operator op) { return operators[op].text; }

/* The operator that stands next, or -1. */
static int operator_here(const struct parser *ps) {
    for (size_t i = 0; i < ARRAY_LEN(operators); i++)
        if (operators[i].kind == ps->now.kind &&
            (operators[i].kind != TOKEN_NAME || token_is(&ps->now, operators[i].text)))
            return (int)i;
    return -1;
}

static bool parse_matching(struct parser *ps, struct node *node) {
    struct matching *m = &node->as.binary.matching;
    struct token at = ps->now;
    node->as.binary.returns_bool = parse_accept_word(ps, "bool");
    if (node->as.binary.returns_bool && !operator_is_comparison(node->as.binary.op))
        return parse_fail(ps, &at, "bool can only follow a comparison");
    if (token_is(&ps->now, "on") || token_is(&ps->now, "ignoring")) {
        m->stated = true;
        m->on = token_is(&ps->now, "on");
        parse_advance(ps);
        if (!parse_label_list(ps, &m->labels)) return false;
    }
    at = ps->now;
    if (parse_accept_word(ps, "group_left"))
        m->cardinality = MANY_TO_ONE;
    else if (parse_accept_word(ps, "group_right"))
        m->cardinality = ONE_TO_MANY;
    else
        return true;
    if (!m->stated)
        return parse_fail(ps, &at,
                          "group_left and group_right need on(...) or "
                          "ignoring(...) before them");
    if (operator_is_set(node->as.binary.op))
        return parse_fail(ps, &at, "and, or and unless take no grouping");
    return ps->now.kind != TOKEN_LEFT_PAREN || parse_label_list(ps, &m->include);
}

/* What Prometheus has behind a flag, after the matching. */
static bool refuse_fill(struct parser *ps) {
    static const char *const words[] = {"fill", "fill_left", "fill_right"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (token_is(&ps->now, words[i]) && ps->lexer.at < ps->lexer.end && *ps->lexer.at == '(')
            return parse_unsupported(ps, &ps->now, words[i], "is experimental in Prometheus");
    return true;
}

static struct node *parse_unary(struct parser *ps) {
    if (ps->now.kind != TOKEN_MINUS && ps->now.kind != TOKEN_PLUS) return parse_postfix(ps);
    struct token sign = parse_advance(ps);
    if (!parse_enter(ps, &sign, EXPRESSION_DEPTH)) return NULL;
    struct node *node = parse_node(ps, NODE_UNARY, &sign);
    struct node *child = node ? parse_operators(ps, PRECEDENCE_POWER) : NULL;
    if (!child) return NULL;
    ps->nesting--;
    node->as.unary.negative = sign.kind == TOKEN_MINUS;
    node->as.unary.child = child;
    return parse_above(ps, node, child);
}

struct node *parse_operators(struct parser *ps, int least) {
    if (!parse_enter(ps, &ps->now, 4 * EXPRESSION_DEPTH)) return NULL;
    struct node *left = parse_unary(ps);
    int op;
    while (left && (op = operator_here(ps)) >= 0 && operators[op].precedence >= least) {
        struct token at = parse_advance(ps);
        struct node *node = parse_node(ps, NODE_BINARY, &at);
        if (!node) return NULL;
        node->as.binary.op = (enum binary_operator)op;
        if (!parse_matching(ps, node) || !refuse_fill(ps)) return NULL;
        bool right_first = op == OPERATOR_POWER;
        struct node *right = parse_operators(ps, operators[op].precedence + (right_first ? 0 : 1));
        if (!right) return NULL;
        node->as.binary.left = left;
        node->as.binary.right = right;
        left = parse_above(ps, node, left) ? parse_above(ps, node, right) : NULL;
    }
    ps->nesting--;
    return left;
}

struct node *parse_expression(struct arena *arena, const struct origin *origin, const char *text,
                              size_t len, struct diags *diags, const char **unsupported) {
    struct parser ps = {.arena = arena, .diags = diags, .file = origin->file};
    if (len > EXPRESSION_BYTES)
        return fail_at(&ps, origin->line, origin->column, "the expression is longer than 64 KiB");
    lexer_open(&ps.lexer, origin, text, len);
    parse_advance(&ps);
    struct node *root = parse_operators(&ps, 0);
    if (root && ps.now.kind != TOKEN_END) root = parse_unexpected(&ps, "an operator or the end");
    if (unsupported) *unsupported = ps.unsupported;
    return root;
}

struct node *node_child(const struct node *node, uint32_t n) {
    switch (node->kind) {
    case NODE_NUMBER:
    case NODE_STRING:
    case NODE_SELECTOR: return NULL;
    case NODE_SUBQUERY: return n == 0 ? node->as.subquery.child : NULL;
    case NODE_CALL: return n < node->as.call.count ? node->as.call.arguments[n] : NULL;
    case NODE_AGGREGATE:
        return n == 0 ? node->as.aggregate.child : n == 1 ? node->as.aggregate.parameter : NULL;
    case NODE_UNARY: return n == 0 ? node->as.unary.child : NULL;
    case NODE_BINARY: return n == 0 ? node->as.binary.left : n == 1 ? node->as.binary.right : NULL;
    }
    return NULL;
}
