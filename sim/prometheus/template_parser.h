/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_PROMETHEUS_TEMPLATE_PARSER_H
#define SIM_PROMETHEUS_TEMPLATE_PARSER_H
/* What the two halves of the parser share: template_pipeline.c reads what stands inside an action,
 * template_parse.c the blocks that actions make. */
#include "sim/prometheus/template_parts.h"

struct template_parser {
    struct arena *arena;
    struct template_lexer lexer;
    struct template_token token; /* the next one */
    struct template *template;
    struct template_error *error;
    const char *variables[TEMPLATE_VARIABLES];
    uint32_t variable_count, nodes, depth;
    uint32_t loops; /* around what is read, in the same definition */
    struct template_definition *definitions;
    struct template_node *calls; /* linked by otherwise */
    bool failed;
};

/* Always NULL. The first error stays. */
void *template_fail(struct template_parser *p, size_t at, const char *format, ...)
    PRINTF_LIKE(3, 4);
void *template_unexpected(struct template_parser *p, const char *where);
void template_advance(struct template_parser *p);
bool template_count(struct template_parser *p); /* one node more */
bool template_enter(struct template_parser *p); /* one level deeper */
bool template_is_word(const struct template_parser *p, const char *word);
/* Up to the token end, which is left to the caller. NULL after an error. */
struct pipeline *template_pipeline(struct template_parser *p, enum piece end, const char *where,
                                   bool in_range);

#endif
