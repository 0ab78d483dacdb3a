/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_PROMETHEUS_PARSER_H
#define SIM_PROMETHEUS_PARSER_H
/*
 * What the parser's files share: the token that stands next, and how an error is told. A function
 * that returns a node returns NULL, and one that returns bool false, after one diagnostic.
 */
#include "sim/prometheus/syntax.h"

#define LIST_MAX 256 /* matchers of a selector, labels of a clause, arguments of a call */

struct parser {
    struct arena *arena;
    struct diags *diags;
    const char *file;
    const char *unsupported; /* the feature of Prometheus that was refused by name */
    struct lexer lexer;
    struct token now;
    uint32_t nodes, nesting;
};

/* Both always NULL. unexpected: what stands next, instead of what was expected. */
void *parse_fail(struct parser *ps, const struct token *at, const char *message);
void *parse_unexpected(struct parser *ps, const char *expected);
/* A feature that Prometheus has, by name, and why it is not here. */
void *parse_unsupported(struct parser *ps, const struct token *at, const char *feature,
                        const char *why);

struct token parse_advance(struct parser *ps);
bool parse_accept(struct parser *ps, enum token_kind kind);
bool parse_accept_word(struct parser *ps, const char *word);
bool parse_expect(struct parser *ps, enum token_kind kind, const char *expected);
bool parse_enter(struct parser *ps, const struct token *at, uint32_t most); /* one level deeper */

struct node *parse_node(struct parser *ps, enum node_kind kind, const struct token *at);
/* node stands above child: its depth follows. */
struct node *parse_above(struct parser *ps, struct node *node, const struct node *child);
/* A name, or in quotes any text: {"http.requests", "le"="1"}. */
const char *parse_name(struct parser *ps, const char *expected);
bool parse_label_list(struct parser *ps, struct name_list *list);
/* The "]" after a range or a step. */
bool parse_bracket_end(struct parser *ps);
bool parse_duration(struct parser *ps, int64_t *ms, const char *expected);

/* Operators that bind at least as tightly as `least` (0: any), and what they stand between. */
struct node *parse_operators(struct parser *ps, int least);
/* A selector, call, aggregation, number, string or parentheses. */
struct node *parse_primary(struct parser *ps);
/* The same with [range], [range:step], offset and @ behind it. */
struct node *parse_postfix(struct parser *ps);

#endif
