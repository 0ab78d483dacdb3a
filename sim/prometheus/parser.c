/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recursive descent, with precedence climbing for the operators. */
#include "sim/prometheus/syntax.h"

#define LIST_MAX 256 /* matchers of a selector, labels of a clause, arguments of a call */

struct parser {
    struct arena *arena;
    struct diags *diags;
    const char *file;
    struct lexer lexer;
    struct token now;
    uint32_t nodes, nesting;
};

static struct node *parse_operators(struct parser *ps, int least);

/* ---- tokens and errors ---- */

static void *fail(struct parser *ps, int line, int column, const char *message) {
    diag_error(ps->diags, ps->file, line, column, "%s", message);
    return NULL;
}

static void *unexpected(struct parser *ps, const char *expected) {
    if (ps->now.kind == TOKEN_BAD) return fail(ps, ps->now.line, ps->now.column, ps->lexer.why);
    char got[80], message[240];
    token_describe(got, sizeof got, &ps->now);
    snprintf(message, sizeof message, "expected %s, got %s", expected, got);
    return fail(ps, ps->now.line, ps->now.column, message);
}

static struct token advance(struct parser *ps) {
    struct token taken = ps->now;
    ps->now = lexer_next(&ps->lexer);
    return taken;
}

static bool accept(struct parser *ps, enum token_kind kind) {
    if (ps->now.kind != kind) return false;
    advance(ps);
    return true;
}

static bool expect(struct parser *ps, enum token_kind kind, const char *expected) {
    if (accept(ps, kind)) return true;
    unexpected(ps, expected);
    return false;
}

static bool accept_word(struct parser *ps, const char *word) {
    if (!token_is(&ps->now, word)) return false;
    advance(ps);
    return true;
}

static struct node *node_new(struct parser *ps, enum node_kind kind, const struct token *at) {
    if (++ps->nodes > EXPRESSION_NODES)
        return fail(ps, at->line, at->column, "the expression has more than 2000 parts");
    struct node *node = ARENA_NEW(ps->arena, struct node, 1);
    node->kind = kind;
    node->line = at->line;
    node->column = at->column;
    node->depth = 1;
    return node;
}

static struct node *above(struct parser *ps, struct node *node, const struct node *child) {
    if (node->depth <= child->depth) node->depth = child->depth + 1;
    if (node->depth <= EXPRESSION_DEPTH) return node;
    return fail(ps, node->line, node->column, "the expression is nested more than 100 deep");
}

/* A name, or in quotes any text: {"http.requests", "le"="1"}. */
static const char *parse_name(struct parser *ps, const char *expected) {
    size_t len;
    if (ps->now.kind == TOKEN_STRING) {
        struct token token = advance(ps);
        return lexer_string(ps->arena, &token, &len);
    }
    if (ps->now.kind != TOKEN_NAME || memchr(ps->now.text, ':', ps->now.len))
        return unexpected(ps, expected);
    struct token token = advance(ps);
    return arena_text(ps->arena, token.text, token.len);
}

static bool parse_label_list(struct parser *ps, struct name_list *list) {
    const char *names[LIST_MAX];
    uint32_t count = 0;
    if (!expect(ps, TOKEN_LEFT_PAREN, "\"(\" before the labels")) return false;
    while (!accept(ps, TOKEN_RIGHT_PAREN)) {
        if (count == LIST_MAX) return unexpected(ps, "at most 256 labels") != NULL;
        if (!(names[count] = parse_name(ps, "a label name"))) return false;
        count++;
        if (ps->now.kind != TOKEN_RIGHT_PAREN && !expect(ps, TOKEN_COMMA, "\",\" or \")\""))
            return false;
    }
    list->names = ARENA_NEW(ps->arena, const char *, count + 1);
    list->count = count;
    memcpy(list->names, names, count * sizeof *names);
    return true;
}

static bool parse_duration(struct parser *ps, int64_t *ms, const char *expected) {
    bool negative = ps->now.kind == TOKEN_MINUS && (advance(ps), true);
    struct token at = ps->now;
    if (at.kind == TOKEN_NUMBER && at.number * 1000 < 9e15) {
        *ms = (int64_t)(at.number * 1000);
    } else if (at.kind == TOKEN_DURATION) {
        *ms = at.duration_ms;
    } else {
        unexpected(ps, expected);
        return false;
    }
    if (negative) *ms = -*ms;
    advance(ps);
    return true;
}

/* ---- selectors ---- */

static bool compile_matcher(struct parser *ps, struct matcher *m, const struct token *value) {
    char why[120], message[200];
    size_t where;
    if (m->kind != MATCH_REGEX && m->kind != MATCH_NOT_REGEX) return true;
    m->regex = regex_compile(ps->arena, m->value, strlen(m->value), why, sizeof why, &where);
    if (m->regex) return true;
    snprintf(message, sizeof message, "regular expression: %s", why);
    /* escapes make the pattern shorter than its source: then point to the string */
    bool plain = strlen(m->value) + 2 == value->len;
    fail(ps, value->line, value->column + (plain ? 1 + (int)where : 0), message);
    return false;
}

static bool parse_matcher(struct parser *ps, struct matcher *m) {
    static const enum token_kind signs[] = {
        [MATCH_EQUAL] = TOKEN_ASSIGN,
        [MATCH_NOT_EQUAL] = TOKEN_NOT_EQUAL,
        [MATCH_REGEX] = TOKEN_MATCH,
        [MATCH_NOT_REGEX] = TOKEN_NOT_MATCH,
    };
    bool quoted = ps->now.kind == TOKEN_STRING;
    if (!(m->name = parse_name(ps, "a label name or \"}\""))) return false;
    if (quoted && (ps->now.kind == TOKEN_COMMA || ps->now.kind == TOKEN_RIGHT_BRACE)) {
        m->value = m->name;
        m->name = METRIC_NAME;
        return true;
    }
    size_t i = 0, len;
    while (i < ARRAY_LEN(signs) && ps->now.kind != signs[i]) i++;
    if (i == ARRAY_LEN(signs))
        return unexpected(ps, "=, !=, =~ or !~ after the label name") != NULL;
    m->kind = (enum match_kind)i;
    advance(ps);
    if (ps->now.kind != TOKEN_STRING) return unexpected(ps, "a string in quotes") != NULL;
    struct token value = advance(ps);
    m->value = lexer_string(ps->arena, &value, &len);
    if (strlen(m->value) != len) {
        fail(ps, value.line, value.column, "a label value cannot hold a NUL byte");
        return false;
    }
    return compile_matcher(ps, m, &value);
}

static bool is_metric_name(const struct matcher *m) {
    return m->kind == MATCH_EQUAL && strcmp(m->name, METRIC_NAME) == 0;
}

static struct node *parse_selector(struct parser *ps, const struct token *at, const char *name) {
    struct matcher list[LIST_MAX] = {{.name = METRIC_NAME, .value = name}};
    uint32_t count = name ? 1 : 0;
    if (accept(ps, TOKEN_LEFT_BRACE)) {
        while (!accept(ps, TOKEN_RIGHT_BRACE)) {
            struct token start = ps->now;
            if (count == LIST_MAX) return unexpected(ps, "at most 256 matchers");
            list[count] = (struct matcher){0};
            if (!parse_matcher(ps, &list[count])) return NULL;
            if (count > 0 && is_metric_name(&list[0]) && is_metric_name(&list[count]))
                return fail(ps, start.line, start.column, "the metric name is given twice");
            count++;
            if (ps->now.kind != TOKEN_RIGHT_BRACE && !expect(ps, TOKEN_COMMA, "\",\" or \"}\""))
                return NULL;
        }
    }
    struct node *node = node_new(ps, NODE_SELECTOR, at);
    if (!node) return NULL;
    struct selector *s = &node->as.selector;
    s->matchers = ARENA_NEW(ps->arena, struct matcher, count + 1);
    s->matcher_count = count;
    memcpy(s->matchers, list, count * sizeof *list);
    for (uint32_t i = 0; i < count && !s->metric; i++)
        if (is_metric_name(&list[i])) s->metric = list[i].value;
    return node;
}

/* ---- calls and aggregations ---- */

static const char *const aggregators[] = {
    [AGGREGATE_SUM] = "sum", [AGGREGATE_AVG] = "avg",     [AGGREGATE_MIN] = "min",
    [AGGREGATE_MAX] = "max", [AGGREGATE_COUNT] = "count", [AGGREGATE_GROUP] = "group",
};
static const char *const missing_aggregators[] = {
    "bottomk", "count_values", "limitk", "limit_ratio", "quantile", "stddev", "stdvar", "topk"};

static bool is_word_of(const struct token *token, const char *const *words, size_t count,
                       size_t *index) {
    for (*index = 0; *index < count; ++*index)
        if (token_is(token, words[*index])) return true;
    return false;
}

static bool at_grouping(const struct parser *ps) {
    return token_is(&ps->now, "by") || token_is(&ps->now, "without");
}

static bool parse_grouping(struct parser *ps, struct node *node) {
    node->as.aggregate.without = token_is(&ps->now, "without");
    advance(ps);
    return parse_label_list(ps, &node->as.aggregate.labels);
}

static struct node *parse_aggregate(struct parser *ps, const struct token *name, size_t op) {
    struct node *node = node_new(ps, NODE_AGGREGATE, name);
    if (!node) return NULL;
    node->as.aggregate.op = (enum aggregator)op;
    bool grouped = at_grouping(ps);
    if (grouped && !parse_grouping(ps, node)) return NULL;
    if (!expect(ps, TOKEN_LEFT_PAREN, "\"(\"")) return NULL;
    struct node *child = node->as.aggregate.child = parse_operators(ps, 0);
    if (!child || !expect(ps, TOKEN_RIGHT_PAREN, "\")\"")) return NULL;
    if (at_grouping(ps)) {
        if (grouped) return unexpected(ps, "one by or without, before or after the parentheses");
        if (!parse_grouping(ps, node)) return NULL;
    }
    return above(ps, node, child);
}

static struct node *parse_call(struct parser *ps, const struct token *name) {
    struct node *arguments[8];
    uint32_t count = 0;
    struct node *node = node_new(ps, NODE_CALL, name);
    if (!node) return NULL;
    node->as.call.name = arena_text(ps->arena, name->text, name->len);
    advance(ps); /* the parenthesis */
    while (!accept(ps, TOKEN_RIGHT_PAREN)) {
        if (count > 0 && !expect(ps, TOKEN_COMMA, "\",\" or \")\"")) return NULL;
        if (count == ARRAY_LEN(arguments)) return unexpected(ps, "at most 8 arguments");
        if (!(arguments[count] = parse_operators(ps, 0))) return NULL;
        if (!above(ps, node, arguments[count++])) return NULL;
    }
    node->as.call.arguments = ARENA_NEW(ps->arena, struct node *, count + 1);
    node->as.call.count = count;
    memcpy(node->as.call.arguments, arguments, count * sizeof *arguments);
    return node;
}

/* ---- operands ---- */

static struct node *parse_number(struct parser *ps, const struct token *token, double number) {
    struct node *node = node_new(ps, NODE_NUMBER, token);
    if (node) node->as.number = number;
    return node;
}

static struct node *parse_named(struct parser *ps) {
    struct token name = advance(ps);
    size_t index;
    double number;
    if ((token_is(&name, "inf") || token_is(&name, "nan")) &&
        promql_number(name.text, name.len, &number))
        return parse_number(ps, &name, number);
    if (ps->now.kind == TOKEN_LEFT_PAREN || at_grouping(ps)) {
        if (is_word_of(&name, aggregators, ARRAY_LEN(aggregators), &index))
            return parse_aggregate(ps, &name, index);
        if (is_word_of(&name, missing_aggregators, ARRAY_LEN(missing_aggregators), &index)) {
            char message[80];
            snprintf(message, sizeof message, "%s is not supported yet",
                     missing_aggregators[index]);
            return fail(ps, name.line, name.column, message);
        }
    }
    if (ps->now.kind == TOKEN_LEFT_PAREN) return parse_call(ps, &name);
    return parse_selector(ps, &name, arena_text(ps->arena, name.text, name.len));
}

static struct node *parse_parens(struct parser *ps) {
    struct token open = advance(ps);
    if (++ps->nesting > EXPRESSION_DEPTH)
        return fail(ps, open.line, open.column, "the expression is nested more than 100 deep");
    struct node *node = parse_operators(ps, 0);
    if (!node || !expect(ps, TOKEN_RIGHT_PAREN, "\")\" or an operator")) return NULL;
    ps->nesting--;
    node->in_parens = true;
    return node;
}

static struct node *parse_string(struct parser *ps) {
    struct token token = advance(ps);
    size_t len;
    struct node *node = node_new(ps, NODE_STRING, &token);
    if (node) node->as.string = lexer_string(ps->arena, &token, &len);
    return node;
}

static struct node *parse_primary(struct parser *ps) {
    switch (ps->now.kind) {
    case TOKEN_NUMBER:
    case TOKEN_DURATION: {
        struct token token = advance(ps);
        return parse_number(ps, &token, token.number);
    }
    case TOKEN_STRING: return parse_string(ps);
    case TOKEN_LEFT_PAREN: return parse_parens(ps);
    case TOKEN_LEFT_BRACE: {
        struct token at = ps->now;
        return parse_selector(ps, &at, NULL);
    }
    case TOKEN_NAME: return parse_named(ps);
    default: return unexpected(ps, "a metric, a number, a function or \"(\"");
    }
}

static bool is_plain_selector(const struct node *node) {
    return node->kind == NODE_SELECTOR && !node->in_parens;
}

static bool parse_range(struct parser *ps, struct node *node) {
    struct token open = advance(ps);
    int64_t range;
    if (!parse_duration(ps, &range, "a duration like 5m")) return false;
    const char *wrong = NULL;
    if (ps->now.kind == TOKEN_COLON)
        wrong = "subqueries are not supported yet";
    else if (!is_plain_selector(node) || node->as.selector.range_ms != 0)
        wrong = "a range [...] can only follow a selector";
    else if (node->as.selector.offset_ms != 0)
        wrong = "offset goes after the range";
    else if (range <= 0)
        wrong = "a range must be longer than zero";
    if (wrong) return fail(ps, open.line, open.column, wrong) != NULL;
    node->as.selector.range_ms = range;
    return expect(ps, TOKEN_RIGHT_BRACKET, "\"]\"");
}

static bool parse_offset(struct parser *ps, struct node *node) {
    struct token word = advance(ps);
    if (!is_plain_selector(node))
        return fail(ps, word.line, word.column, "offset can only follow a selector") != NULL;
    if (node->as.selector.offset_ms != 0)
        return fail(ps, word.line, word.column, "offset is given twice") != NULL;
    return parse_duration(ps, &node->as.selector.offset_ms, "a duration like 5m");
}

static struct node *parse_postfix(struct parser *ps) {
    struct node *node = parse_primary(ps);
    while (node) {
        if (ps->now.kind == TOKEN_LEFT_BRACKET) {
            if (!parse_range(ps, node)) return NULL;
        } else if (token_is(&ps->now, "offset")) {
            if (!parse_offset(ps, node)) return NULL;
        } else if (ps->now.kind == TOKEN_AT) {
            return fail(ps, ps->now.line, ps->now.column, "@ is not supported yet");
        } else {
            break;
        }
    }
    return node;
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
    node->as.binary.returns_bool = accept_word(ps, "bool");
    if (node->as.binary.returns_bool && !operator_is_comparison(node->as.binary.op))
        return fail(ps, at.line, at.column, "bool can only follow a comparison") != NULL;
    if (token_is(&ps->now, "on") || token_is(&ps->now, "ignoring")) {
        m->stated = true;
        m->on = token_is(&ps->now, "on");
        advance(ps);
        if (!parse_label_list(ps, &m->labels)) return false;
    }
    at = ps->now;
    if (accept_word(ps, "group_left"))
        m->cardinality = MANY_TO_ONE;
    else if (accept_word(ps, "group_right"))
        m->cardinality = ONE_TO_MANY;
    else
        return true;
    if (!m->stated)
        return fail(ps, at.line, at.column,
                    "group_left and group_right need on(...) or "
                    "ignoring(...) before them") != NULL;
    if (operator_is_set(node->as.binary.op))
        return fail(ps, at.line, at.column, "and, or and unless take no grouping") != NULL;
    return ps->now.kind != TOKEN_LEFT_PAREN || parse_label_list(ps, &m->include);
}

static struct node *parse_unary(struct parser *ps) {
    if (ps->now.kind != TOKEN_MINUS && ps->now.kind != TOKEN_PLUS) return parse_postfix(ps);
    struct token sign = advance(ps);
    if (++ps->nesting > EXPRESSION_DEPTH)
        return fail(ps, sign.line, sign.column, "the expression is nested more than 100 deep");
    struct node *node = node_new(ps, NODE_UNARY, &sign);
    struct node *child = node ? parse_operators(ps, PRECEDENCE_POWER) : NULL;
    if (!child) return NULL;
    ps->nesting--;
    node->as.unary.negative = sign.kind == TOKEN_MINUS;
    node->as.unary.child = child;
    return above(ps, node, child);
}

static struct node *parse_operators(struct parser *ps, int least) {
    if (++ps->nesting > 4 * EXPRESSION_DEPTH)
        return fail(ps, ps->now.line, ps->now.column,
                    "the expression is nested more than 100 deep");
    struct node *left = parse_unary(ps);
    int op;
    while (left && (op = operator_here(ps)) >= 0 && operators[op].precedence >= least) {
        struct token at = advance(ps);
        struct node *node = node_new(ps, NODE_BINARY, &at);
        if (!node) return NULL;
        node->as.binary.op = (enum binary_operator)op;
        if (!parse_matching(ps, node)) return NULL;
        bool right_first = op == OPERATOR_POWER;
        struct node *right = parse_operators(ps, operators[op].precedence + (right_first ? 0 : 1));
        if (!right) return NULL;
        node->as.binary.left = left;
        node->as.binary.right = right;
        left = above(ps, node, left) ? above(ps, node, right) : NULL;
    }
    if (left && token_is(&ps->now, "atan2"))
        return fail(ps, ps->now.line, ps->now.column, "atan2 is not supported yet");
    ps->nesting--;
    return left;
}

struct node *parse_expression(struct arena *arena, const struct origin *origin, const char *text,
                              size_t len, struct diags *diags) {
    struct parser ps = {.arena = arena, .diags = diags, .file = origin->file};
    if (len > EXPRESSION_BYTES)
        return fail(&ps, origin->line, origin->column, "the expression is longer than 64 KiB");
    lexer_open(&ps.lexer, origin, text, len);
    advance(&ps);
    struct node *root = parse_operators(&ps, 0);
    if (root && ps.now.kind != TOKEN_END) return unexpected(&ps, "an operator or the end");
    return root;
}
