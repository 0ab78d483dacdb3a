/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RUN_SHRINK_TREE_H
#define SIM_RUN_SHRINK_TREE_H
/*
 * A scenario's document as a tree of which parts can be switched off and texts be changed, and that
 * can be written as YAML again at any time. Comments are gone; everything else says the same.
 */
#include "engine/base/arena.h"
#include "engine/yaml/yaml.h"

struct knot {
    enum yaml_kind kind;
    const char *text; /* scalar */
    bool quoted, off;
    uint32_t count;
    struct knot **items;
    const char **keys; /* mapping */
};

/* A copy of the node, in the arena, with room for one more pair in each mapping. */
struct knot *knot_of(struct arena *arena, const struct yaml_node *node);
/* The value of that key, if it is not off; NULL. */
struct knot *knot_key(const struct knot *mapping, const char *key);
/* Sets or adds a key of a mapping to a plain text. */
void knot_set(struct arena *arena, struct knot *mapping, const char *key, const char *text);
/* How many children are not off. */
uint32_t knot_live(const struct knot *parent);
/* As YAML, terminated, in the arena. */
const char *knot_write(struct arena *arena, const struct knot *root, size_t *len);

#endif
