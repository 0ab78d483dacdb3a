/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/yaml/yaml.h"
#include <stdarg.h>
#include <stdio.h>

#define SHOWN 81 /* of a text from the input: 80 bytes */

/* A name that a reader knows but this mapping has not: what a misspelt key may have meant. */
struct yaml_name {
    const char *name;
    struct yaml_name *next;
};

void yaml_error(struct yaml_doc *doc, const struct yaml_node *node, const char *format, ...) {
    char message[sizeof(((struct diag *)0)->message)];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    diag_error(doc->diags, node && node->origin ? node->origin : doc->file, node ? node->line : 0,
               node ? node->column : 0, "%s", message);
}

bool yaml_is_null(const struct yaml_node *node) {
    if (!node) return true;
    if (node->kind != YAML_SCALAR || node->quoted) return false;
    static const char *const spellings[] = {"", "~", "null", "Null", "NULL"};
    for (size_t i = 0; i < ARRAY_LEN(spellings); i++)
        if (strcmp(node->text, spellings[i]) == 0) return true;
    return false;
}

static bool is_kind(struct yaml_doc *doc, struct yaml_node *node, enum yaml_kind kind) {
    if (node->kind == kind) return true;
    static const char *const names[] = {"a single value", "a list", "a mapping of keys to values"};
    if (!node->kind_told)
        yaml_error(doc, node, "expected %s, got %s", names[kind], names[node->kind]);
    node->kind_told = true;
    return false;
}

static void remember_absent(struct yaml_doc *doc, struct yaml_node *mapping, const char *key) {
    for (const struct yaml_name *n = mapping->absent; n; n = n->next)
        if (strcmp(n->name, key) == 0) return;
    struct yaml_name *name = ARENA_NEW(doc->arena, struct yaml_name, 1);
    *name = (struct yaml_name){key, mapping->absent};
    mapping->absent = name;
}

struct yaml_node *yaml_key(struct yaml_doc *doc, struct yaml_node *mapping, const char *key) {
    if (yaml_is_null(mapping) || !is_kind(doc, mapping, YAML_MAPPING)) return NULL;
    for (uint32_t i = 0; i < mapping->count; i++) {
        if (strcmp(mapping->keys[i]->text, key) != 0) continue;
        mapping->asked[i] = 1;
        return mapping->items[i];
    }
    remember_absent(doc, mapping, key);
    return NULL;
}

/* Only a name that is not there can be what was meant: keys do not repeat. */
static void refuse_key(struct yaml_doc *doc, const struct yaml_node *mapping,
                       const struct yaml_node *key, const char *where) {
    const char *known[64];
    size_t count = 0;
    for (const struct yaml_name *n = mapping->absent; n && count < ARRAY_LEN(known); n = n->next)
        known[count++] = n->name;
    for (uint32_t i = 0; key->origin && i < mapping->count && count < ARRAY_LEN(known); i++)
        if (mapping->asked[i]) known[count++] = mapping->keys[i]->text; /* it was to be set */
    char shown[SHOWN];
    printable(shown, sizeof(shown), key->text, key->len);
    const char *near = nearest_name(key->text, key->len, known, count);
    if (near)
        yaml_error(doc, key, "unknown key \"%s\" in %s; did you mean \"%s\"?", shown, where, near);
    else
        yaml_error(doc, key, "unknown key \"%s\" in %s", shown, where);
}

void yaml_unknown_keys(struct yaml_doc *doc, struct yaml_node *mapping, const char *where) {
    if (yaml_is_null(mapping) || mapping->kind != YAML_MAPPING) return;
    for (uint32_t i = 0; i < mapping->count; i++)
        if (!mapping->asked[i]) refuse_key(doc, mapping, mapping->keys[i], where);
}

uint32_t yaml_count(struct yaml_doc *doc, struct yaml_node *sequence) {
    if (yaml_is_null(sequence)) return 0;
    return is_kind(doc, sequence, YAML_SEQUENCE) ? sequence->count : 0;
}

uint32_t yaml_pairs(struct yaml_doc *doc, struct yaml_node *mapping) {
    if (yaml_is_null(mapping)) return 0;
    return is_kind(doc, mapping, YAML_MAPPING) ? mapping->count : 0;
}
