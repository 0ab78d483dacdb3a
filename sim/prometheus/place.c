/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prepared expressions: the values of matchers that are written as "$place" are set when asked. */
#include "sim/prometheus/eval.h"
#include "sim/prometheus/store.h"

static void place_selector(struct selector *s, const char *place, const char *value) {
    for (uint32_t i = 0; i < s->matcher_count; i++) {
        struct matcher *m = &s->matchers[i];
        if (m->kind != MATCH_EQUAL || strcmp(m->value, place) != 0 || m->bound_value == value)
            continue;
        m->bound_value = value;
        s->found.count = 0;
        s->found.seen = UINT32_MAX;
    }
}

static void place_node(struct node *node, const char *place, const char *value) {
    struct node *child;
    if (node->kind == NODE_SELECTOR) place_selector(&node->as.selector, place, value);
    for (uint32_t i = 0; (child = node_child(node, i)); i++) place_node(child, place, value);
}

bool prom_place(struct prom *p, struct prom_expr *e, const char *place, const char *value) {
    if (e->root->bound != p && !expression_bind(p, e)) return false;
    const char *interned = value ? labels_intern(&p->labels, value, strlen(value)) : NULL;
    if (value && !interned) return false;
    place_node(e->root, place, interned);
    return true;
}
