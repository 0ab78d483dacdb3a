/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What operators stand between: selectors, calls, aggregations, numbers, strings. */
#include "sim/prometheus/parser.h"

#define ARGUMENTS_MAX 64 /* of a call */

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
    struct token place = *value;
    if (plain) place.column += 1 + (int)where;
    return parse_fail(ps, &place, message);
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
    if (i == ARRAY_LEN(signs)) return parse_unexpected(ps, "=, !=, =~ or !~ after the label name");
    m->kind = (enum match_kind)i;
    parse_advance(ps);
    if (ps->now.kind != TOKEN_STRING) return parse_unexpected(ps, "a string in quotes");
    struct token value = parse_advance(ps);
    m->value = lexer_string(ps->arena, &value, &len);
    if (strlen(m->value) != len) {
        parse_fail(ps, &value, "a label value cannot hold a NUL byte");
        return false;
    }
    return compile_matcher(ps, m, &value);
}

static bool is_metric_name(const struct matcher *m) {
    return m->kind == MATCH_EQUAL && strcmp(m->name, METRIC_NAME) == 0;
}

/* Between the braces. */
static bool parse_matchers(struct parser *ps, struct matcher *list, uint32_t *count) {
    while (!parse_accept(ps, TOKEN_RIGHT_BRACE)) {
        struct token start = ps->now;
        if (*count == LIST_MAX) return parse_unexpected(ps, "at most 256 matchers");
        list[*count] = (struct matcher){0};
        if (!parse_matcher(ps, &list[*count])) return false;
        if (*count > 0 && is_metric_name(&list[0]) && is_metric_name(&list[*count]))
            return parse_fail(ps, &start, "the metric name is given twice");
        ++*count;
        if (ps->now.kind != TOKEN_RIGHT_BRACE && !parse_expect(ps, TOKEN_COMMA, "\",\" or \"}\""))
            return false;
    }
    return true;
}

static struct node *parse_selector(struct parser *ps, const struct token *at, const char *name) {
    struct matcher list[LIST_MAX] = {{.name = METRIC_NAME, .value = name}};
    uint32_t count = name ? 1 : 0;
    if (parse_accept(ps, TOKEN_LEFT_BRACE) && !parse_matchers(ps, list, &count)) return NULL;
    struct node *node = parse_node(ps, NODE_SELECTOR, at);
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
    [AGGREGATE_SUM] = "sum",           [AGGREGATE_AVG] = "avg",
    [AGGREGATE_MIN] = "min",           [AGGREGATE_MAX] = "max",
    [AGGREGATE_COUNT] = "count",       [AGGREGATE_GROUP] = "group",
    [AGGREGATE_STDDEV] = "stddev",     [AGGREGATE_STDVAR] = "stdvar",
    [AGGREGATE_QUANTILE] = "quantile", [AGGREGATE_TOPK] = "topk",
    [AGGREGATE_BOTTOMK] = "bottomk",   [AGGREGATE_COUNT_VALUES] = "count_values",
};
static const char *const experimental_aggregators[] = {"limitk", "limit_ratio"};
static const char *const reserved[] = {"bool",       "on",    "ignoring",
                                       "group_left", "atan2", "group_right"};

const char *aggregator_text(enum aggregator op) { return aggregators[op]; }

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
    parse_advance(ps);
    return parse_label_list(ps, &node->as.aggregate.labels);
}

static bool parse_parameter(struct parser *ps, struct node *node) {
    if (!aggregator_has_parameter(node->as.aggregate.op)) return true;
    struct node *parameter = node->as.aggregate.parameter = parse_operators(ps, 0);
    return parameter && parse_above(ps, node, parameter) &&
           parse_expect(ps, TOKEN_COMMA, "\",\" and the vector to aggregate");
}

static struct node *parse_aggregate(struct parser *ps, const struct token *name, size_t op) {
    struct node *node = parse_node(ps, NODE_AGGREGATE, name);
    if (!node) return NULL;
    node->as.aggregate.op = (enum aggregator)op;
    bool grouped = at_grouping(ps);
    if (grouped && !parse_grouping(ps, node)) return NULL;
    if (!parse_expect(ps, TOKEN_LEFT_PAREN, "\"(\"") || !parse_parameter(ps, node)) return NULL;
    struct node *child = node->as.aggregate.child = parse_operators(ps, 0);
    if (!child || !parse_expect(ps, TOKEN_RIGHT_PAREN, "\")\"")) return NULL;
    if (at_grouping(ps)) {
        if (grouped)
            return parse_unexpected(ps, "one by or without, before or after the parentheses");
        if (!parse_grouping(ps, node)) return NULL;
    }
    return parse_above(ps, node, child);
}

static struct node *parse_call(struct parser *ps, const struct token *name) {
    struct node *arguments[ARGUMENTS_MAX];
    uint32_t count = 0;
    struct node *node = parse_node(ps, NODE_CALL, name);
    if (!node) return NULL;
    node->as.call.name = arena_text(ps->arena, name->text, name->len);
    parse_advance(ps); /* the parenthesis */
    while (!parse_accept(ps, TOKEN_RIGHT_PAREN)) {
        if (count > 0 && !parse_expect(ps, TOKEN_COMMA, "\",\" or \")\"")) return NULL;
        if (count == ARRAY_LEN(arguments)) return parse_unexpected(ps, "at most 64 arguments");
        if (!(arguments[count] = parse_operators(ps, 0))) return NULL;
        if (!parse_above(ps, node, arguments[count++])) return NULL;
    }
    node->as.call.arguments = ARENA_NEW(ps->arena, struct node *, count + 1);
    node->as.call.count = count;
    memcpy(node->as.call.arguments, arguments, count * sizeof *arguments);
    return node;
}

/* ---- operands ---- */

static struct node *parse_number(struct parser *ps, const struct token *token, double number) {
    struct node *node = parse_node(ps, NODE_NUMBER, token);
    if (node) node->as.number = number;
    return node;
}

static struct node *parse_named(struct parser *ps) {
    struct token name = parse_advance(ps);
    size_t index;
    double number;
    if ((token_is(&name, "inf") || token_is(&name, "nan")) &&
        promql_number(name.text, name.len, &number))
        return parse_number(ps, &name, number);
    if (ps->now.kind == TOKEN_LEFT_PAREN || at_grouping(ps)) {
        if (is_word_of(&name, aggregators, ARRAY_LEN(aggregators), &index))
            return parse_aggregate(ps, &name, index);
        if (is_word_of(&name, experimental_aggregators, ARRAY_LEN(experimental_aggregators),
                       &index))
            return parse_unsupported(ps, &name, experimental_aggregators[index],
                                     "is experimental in Prometheus");
    }
    if (ps->now.kind == TOKEN_LEFT_PAREN) return parse_call(ps, &name);
    if (is_word_of(&name, reserved, ARRAY_LEN(reserved), &index)) {
        ps->now = name;
        return parse_fail(ps, &name,
                          "this word stands between operands; as a metric's name it is "
                          "written {\"...\"}");
    }
    return parse_selector(ps, &name, arena_text(ps->arena, name.text, name.len));
}

static struct node *parse_parens(struct parser *ps) {
    struct token open = parse_advance(ps);
    if (!parse_enter(ps, &open, EXPRESSION_DEPTH)) return NULL;
    struct node *node = parse_operators(ps, 0);
    if (!node || !parse_expect(ps, TOKEN_RIGHT_PAREN, "\")\" or an operator")) return NULL;
    ps->nesting--;
    node->in_parens = true;
    return node;
}

static struct node *parse_string(struct parser *ps) {
    struct token token = parse_advance(ps);
    size_t len;
    struct node *node = parse_node(ps, NODE_STRING, &token);
    if (node) node->as.string = lexer_string(ps->arena, &token, &len);
    return node;
}

struct node *parse_primary(struct parser *ps) {
    switch (ps->now.kind) {
    case TOKEN_NUMBER:
    case TOKEN_DURATION: {
        struct token token = parse_advance(ps);
        return parse_number(ps, &token, token.number);
    }
    case TOKEN_STRING: return parse_string(ps);
    case TOKEN_LEFT_PAREN: return parse_parens(ps);
    case TOKEN_LEFT_BRACE: {
        struct token at = ps->now;
        return parse_selector(ps, &at, NULL);
    }
    case TOKEN_NAME: return parse_named(ps);
    default: return parse_unexpected(ps, "a metric, a number, a function or \"(\"");
    }
}
