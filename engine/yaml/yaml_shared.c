/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/yaml/yaml_shared.h"

#define MERGED_MAX 1000 /* keys of a mapping that takes others in: each is compared with each */

bool yaml_anchor(struct yaml_anchors *a, struct arena *arena, const char *name,
                 struct yaml_node *node) {
    uint32_t i = 0;
    while (i < a->count && strcmp(a->at[i].name, name) != 0) i++;
    if (i == ANCHORS_MAX) return false;
    if (i == a->count) a->at[a->count++].name = arena_text(arena, name, strlen(name));
    a->at[i].node = node;
    return true;
}

struct yaml_node *yaml_anchored(const struct yaml_anchors *a, const char *name) {
    for (uint32_t i = 0; i < a->count; i++)
        if (strcmp(a->at[i].name, name) == 0) return a->at[i].node;
    return NULL;
}

/* ---- merge keys ---- */

bool yaml_is_merge(const struct yaml_node *key) {
    return !key->quoted && strcmp(key->text, "<<") == 0;
}

struct pairs {
    struct yaml_node *keys[MERGED_MAX], *items[MERGED_MAX];
    uint32_t count;
};

static bool has_key(const struct pairs *p, const char *key) {
    for (uint32_t i = 0; i < p->count; i++)
        if (strcmp(p->keys[i]->text, key) == 0) return true;
    return false;
}

static bool take(struct yaml_doc *doc, struct pairs *p, const struct yaml_node *from,
                 const struct yaml_node *at) {
    if (from->kind != YAML_MAPPING) {
        yaml_error(doc, at, "\"<<\" takes a mapping or a list of mappings");
        return false;
    }
    for (uint32_t i = 0; i < from->count; i++) {
        if (yaml_is_merge(from->keys[i]) || has_key(p, from->keys[i]->text)) continue;
        if (p->count == MERGED_MAX) {
            yaml_error(doc, at, "a mapping with \"<<\" has at most %d keys", MERGED_MAX);
            return false;
        }
        p->keys[p->count] = from->keys[i];
        p->items[p->count++] = from->items[i];
    }
    return true;
}

bool yaml_merge(struct yaml_doc *doc, struct yaml_node *mapping) {
    struct yaml_node *key = NULL, *others = NULL;
    for (uint32_t i = 0; i < mapping->count; i++)
        if (yaml_is_merge(mapping->keys[i])) {
            key = mapping->keys[i];
            others = mapping->items[i];
        }
    if (!key) return true;
    struct pairs pairs = {.count = 0};
    if (!take(doc, &pairs, mapping, key)) return false;
    bool list = others->kind == YAML_SEQUENCE;
    for (uint32_t i = 0; i < (list ? others->count : 1); i++)
        if (!take(doc, &pairs, list ? others->items[i] : others, key)) return false;
    mapping->count = pairs.count;
    struct yaml_node **keys = ARENA_NEW(doc->arena, struct yaml_node *, pairs.count);
    struct yaml_node **items = ARENA_NEW(doc->arena, struct yaml_node *, pairs.count);
    memcpy(keys, pairs.keys, pairs.count * sizeof *keys);
    memcpy(items, pairs.items, pairs.count * sizeof *items);
    mapping->keys = keys;
    mapping->items = items;
    mapping->asked = ARENA_NEW(doc->arena, uint8_t, pairs.count);
    return true;
}
