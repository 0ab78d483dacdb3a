/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * "include": parts that scenarios share. What a scenario does not state itself is taken from the
 * files that it names, the first that has it; mappings are taken key by key, lists and values
 * whole. It goes into the document before anything of it is read, and what is wrong with it is told
 * where it stands.
 */
#include "scenarios/loading.h"

static struct yaml_node *child(const struct yaml_node *mapping, const char *key) {
    for (uint32_t i = 0; i < mapping->count; i++)
        if (strcmp(mapping->keys[i]->text, key) == 0) return mapping->items[i];
    return NULL;
}

static void comes_from(struct yaml_node *node, const char *file) {
    node->origin = file;
    for (uint32_t i = 0; i < node->count; i++) {
        if (node->kind == YAML_MAPPING) node->keys[i]->origin = file;
        comes_from(node->items[i], file);
    }
}

/* Into a mapping what it lacks of another. */
static void complete(struct scn_loading *l, struct yaml_node *into, const struct yaml_node *from) {
    uint32_t count = into->count, most = into->count + from->count;
    struct yaml_node **keys = ARENA_NEW(l->arena, struct yaml_node *, most);
    struct yaml_node **items = ARENA_NEW(l->arena, struct yaml_node *, most);
    for (uint32_t i = 0; i < count; i++) {
        keys[i] = into->keys[i];
        items[i] = into->items[i];
    }
    for (uint32_t i = 0; i < from->count; i++) {
        struct yaml_node *own = child(into, from->keys[i]->text);
        if (own && own->kind == YAML_MAPPING && from->items[i]->kind == YAML_MAPPING)
            complete(l, own, from->items[i]);
        if (own) continue;
        keys[count] = from->keys[i];
        items[count++] = from->items[i];
    }
    into->keys = keys;
    into->items = items;
    into->count = count;
    into->asked = ARENA_NEW(l->arena, uint8_t, count);
}

/* What makes a scenario this one is its own. */
static bool refuse_own(struct scn_loading *l, const struct yaml_node *part) {
    static const char *const own[] = {"name", "matrix", "include"};
    for (uint32_t i = 0; i < part->count; i++)
        for (size_t k = 0; k < ARRAY_LEN(own); k++)
            if (strcmp(part->keys[i]->text, own[k]) == 0) {
                yaml_error(l->doc, part->keys[i],
                           "a part has no \"%s\": each scenario says its own", own[k]);
                return false;
            }
    return true;
}

static void include(struct scn_loading *l, struct yaml_node *node) {
    struct yaml_doc part;
    const char *name = scn_text(l, node, SCN_TITLE_BYTES, NULL);
    const char *file = name ? scn_read_file(l, node, "include", name) : NULL;
    if (!file) return;
    const struct plan_source *source = &l->sources[l->plan->source_count - 1];
    if (!yaml_read(&part, l->arena, l->doc->diags, file, source->bytes, source->len, NULL, NULL))
        return;
    if (part.document_count != 1) {
        diag_error(l->doc->diags, file, 0, 0, "expected one document, got %u", part.document_count);
        return;
    }
    uint32_t pairs = yaml_pairs(&part, part.root); /* says so when it is no mapping */
    comes_from(part.root, file);
    if (pairs > 0 && refuse_own(l, part.root)) complete(l, l->root, part.root);
}

void scn_include(struct scn_loading *l) {
    struct yaml_node *node = yaml_key(l->doc, l->root, "include");
    bool list = node && node->kind == YAML_SEQUENCE;
    uint32_t count = list ? scn_count(l, node, SCN_INCLUDES_MAX, "files to include") : 1;
    if (yaml_is_null(node)) return;
    for (uint32_t i = 0; i < count; i++) include(l, list ? node->items[i] : node);
}
