/* SPDX-License-Identifier: GPL-3.0-or-later */
/* detection.queries: how a question is asked where metrics have names of their own. */
#include "engine/policy/policy_table.h"
#include <stdio.h>

/* The column of the value's first byte: behind a quote, or on the line after a block's mark. */
static void place(const struct yaml_node *node, struct policy_query *q) {
    q->line = node->line;
    q->column = node->column + (node->quoted ? 1 : 0);
}

static void read_queries(struct policy_loader *l, struct yaml_node *mapping) {
    const char *names[QUERY_COUNT];
    for (int k = 0; k < QUERY_COUNT; k++) names[k] = query_name(k);
    uint32_t stated = yaml_pairs(l->doc, mapping), count = 0;
    struct policy_query *list = ARENA_NEW(l->doc->arena, struct policy_query, stated);
    for (uint32_t k = 0; k < stated; k++) {
        struct yaml_node *node = mapping->items[k];
        const char *text = yaml_text(l->doc, node, "");
        int query = yaml_choice(l->doc, mapping->keys[k], names, QUERY_COUNT, -1);
        if (!*text) yaml_error(l->doc, node, "expected a PromQL expression");
        if (query < 0 || !*text) continue;
        list[count] = (struct policy_query){
            .query = (enum query_kind)query, .file = l->doc->file, .text = text, .len = node->len};
        place(node, &list[count++]);
    }
    l->policy->queries = list;
    l->policy->query_count = count;
}

static void print_queries(const struct policy *policy, FILE *out) {
    fputc('{', out);
    for (uint32_t k = 0; k < policy->query_count; k++) {
        fprintf(out, "%s%s: ", k ? ", " : "", query_name(policy->queries[k].query));
        policy_print_text(policy->queries[k].text, out);
    }
    fputc('}', out);
}
const struct policy_special policy_queries = {read_queries, print_queries};
