/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ENGINE_YAML_YAML_SHARED_H
#define ENGINE_YAML_YAML_SHARED_H
/*
 * Anchors, aliases and merge keys. An alias is its anchor's node itself, not a copy, so a file of
 * aliases takes no more memory than it has bytes; a node's weight counts what it would be if
 * written out, and its height how deep, so that walking it stays within the limits too.
 */
#include "engine/yaml/yaml.h"

#define ANCHORS_MAX 256
struct yaml_anchors {
    struct {
        const char *name;
        struct yaml_node *node;
    } at[ANCHORS_MAX];
    uint32_t count;
};

/* A later anchor of the same name takes its place. False when there are too many. */
bool yaml_anchor(struct yaml_anchors *a, struct arena *arena, const char *name,
                 struct yaml_node *node) MUST_CHECK;
struct yaml_node *yaml_anchored(const struct yaml_anchors *a, const char *name); /* or NULL */
/* Takes the pairs of what "<<" names into the mapping, unless it has such a key itself; of several,
 * the first counts. False after one error. */
bool yaml_merge(struct yaml_doc *doc, struct yaml_node *mapping) MUST_CHECK;
bool yaml_is_merge(const struct yaml_node *key);

#endif
