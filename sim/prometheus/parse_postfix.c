/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands behind an operand: a range, a subquery's range and step, offset and @. */
#include "sim/prometheus/parser.h"
#include <math.h>

static bool is_selector(const struct node *node) {
    return node->kind == NODE_SELECTOR && !node->in_parens;
}

/* The shift of what offset and @ may follow; NULL when they may not. */
static struct shift *shift_of(struct node *node) {
    if (node->in_parens) return NULL;
    if (node->kind == NODE_SELECTOR) return &node->as.selector.shift;
    return node->kind == NODE_SUBQUERY ? &node->as.subquery.shift : NULL;
}

static struct node *parse_subquery(struct parser *ps, struct node *child, const struct token *open,
                                   int64_t range_ms) {
    struct token step = parse_advance(ps);
    struct node *node = parse_node(ps, NODE_SUBQUERY, open);
    if (!node) return NULL;
    node->line = child->line;
    node->column = child->column;
    node->as.subquery.child = child;
    node->as.subquery.range_ms = range_ms;
    step = ps->now;
    if (step.kind != TOKEN_RIGHT_BRACKET) {
        if (!parse_duration(ps, &node->as.subquery.step_ms, "a step like 1m, or \"]\""))
            return NULL;
        if (node->as.subquery.step_ms <= 0)
            return parse_fail(ps, &step, "a step must be longer than zero");
    }
    return parse_bracket_end(ps) ? parse_above(ps, node, child) : NULL;
}

/* A range begins with a sign only in [-5m + 35m] and the like. */
static struct node *refuse_sign(struct parser *ps) {
    return parse_unsupported(ps, &ps->now, "a duration expression",
                             "is experimental in Prometheus");
}

static struct node *parse_range(struct parser *ps, struct node *node) {
    struct token open = parse_advance(ps), at = ps->now;
    int64_t range_ms;
    if (at.kind == TOKEN_MINUS) return refuse_sign(ps);
    if (!parse_duration(ps, &range_ms, "a duration like 5m")) return NULL;
    if (range_ms <= 0) return parse_fail(ps, &at, "a range must be longer than zero");
    if (ps->now.kind == TOKEN_COLON) return parse_subquery(ps, node, &open, range_ms);
    if (!is_selector(node) || node->as.selector.range_ms != 0)
        return parse_fail(
            ps, &open,
            "a range [...] can only follow a selector; over other expressions it is a "
            "subquery like [5m:1m]");
    if (node->as.selector.shift.has_offset || node->as.selector.shift.at != AT_NOW)
        return parse_fail(ps, &open, "offset and @ go after the range");
    node->as.selector.range_ms = range_ms;
    return parse_bracket_end(ps) ? node : NULL;
}

static struct node *parse_offset(struct parser *ps, struct node *node) {
    struct token word = parse_advance(ps);
    struct shift *shift = shift_of(node);
    if (!shift) return parse_fail(ps, &word, "offset can only follow a selector or a subquery");
    if (shift->has_offset) return parse_fail(ps, &word, "offset is given twice");
    shift->has_offset = true;
    return parse_duration(ps, &shift->offset_ms, "a duration like 5m") ? node : NULL;
}

/* A time in seconds, rounded to milliseconds. */
static bool parse_time(struct parser *ps, int64_t *ms) {
    bool negative = ps->now.kind == TOKEN_MINUS;
    if (ps->now.kind == TOKEN_MINUS || ps->now.kind == TOKEN_PLUS) parse_advance(ps);
    struct token at = ps->now;
    bool word = token_is(&at, "inf") || token_is(&at, "nan");
    if (at.kind != TOKEN_NUMBER && at.kind != TOKEN_DURATION && !word)
        return parse_unexpected(ps, "a time in seconds, start() or end()");
    if (word || at.number > 9e12) return parse_fail(ps, &at, "the time after @ is out of bounds");
    *ms = (int64_t)floor(at.number * 1000 + 0.5);
    if (negative) *ms = -*ms;
    parse_advance(ps);
    return true;
}

static struct node *parse_at(struct parser *ps, struct node *node) {
    struct token sign = parse_advance(ps);
    struct shift *shift = shift_of(node);
    if (!shift) return parse_fail(ps, &sign, "@ can only follow a selector or a subquery");
    if (shift->at != AT_NOW) return parse_fail(ps, &sign, "@ is given twice");
    bool start = token_is(&ps->now, "start");
    if (!start && !token_is(&ps->now, "end")) {
        shift->at = AT_FIXED;
        return parse_time(ps, &shift->at_ms) ? node : NULL;
    }
    shift->at = start ? AT_START : AT_END;
    parse_advance(ps);
    return parse_expect(ps, TOKEN_LEFT_PAREN, "\"(\"") &&
                   parse_expect(ps, TOKEN_RIGHT_PAREN, "\")\"")
               ? node
               : NULL;
}

static struct node *refuse_modifier(struct parser *ps, const char *word) {
    return parse_unsupported(ps, &ps->now, word, "is experimental in Prometheus");
}

struct node *parse_postfix(struct parser *ps) {
    struct node *node = parse_primary(ps);
    while (node) {
        if (ps->now.kind == TOKEN_LEFT_BRACKET)
            node = parse_range(ps, node);
        else if (token_is(&ps->now, "offset"))
            node = parse_offset(ps, node);
        else if (ps->now.kind == TOKEN_AT)
            node = parse_at(ps, node);
        else if (token_is(&ps->now, "anchored"))
            return refuse_modifier(ps, "anchored");
        else if (token_is(&ps->now, "smoothed"))
            return refuse_modifier(ps, "smoothed");
        else
            break;
    }
    return node;
}
