/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/yaml/yaml.h"
#include <stdarg.h>
#include <stdio.h>

struct path {
    struct yaml_doc *doc;
    const char *origin;
};

static const char *why_not(struct path *p, const char *format, ...) PRINTF_LIKE(2, 3);
static const char *why_not(struct path *p, const char *format, ...) {
    char text[300];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return arena_text(p->doc->arena, text, strlen(text));
}

static struct yaml_node *made(struct path *p, enum yaml_kind kind, const char *text, size_t len) {
    struct yaml_node *node = ARENA_NEW(p->doc->arena, struct yaml_node, 1);
    *node = (struct yaml_node){.kind = kind, .origin = p->origin};
    if (kind != YAML_SCALAR) return node;
    node->text = arena_text(p->doc->arena, text, len);
    node->len = len;
    return node;
}

/* In place of the child at that index; one past the last: beside them, under the key. */
static void put(struct path *p, struct yaml_node *parent, uint32_t index, struct yaml_node *key,
                struct yaml_node *child) {
    uint32_t count = index == parent->count ? parent->count + 1 : parent->count;
    struct yaml_node **items = ARENA_NEW(p->doc->arena, struct yaml_node *, count);
    struct yaml_node **keys = ARENA_NEW(p->doc->arena, struct yaml_node *, count);
    bool mapping = parent->kind == YAML_MAPPING;
    for (uint32_t i = 0; i < parent->count; i++) {
        items[i] = parent->items[i];
        if (mapping) keys[i] = parent->keys[i];
    }
    items[index] = child;
    if (key) keys[index] = key;
    parent->items = items;
    if (mapping) parent->keys = keys;
    if (mapping) parent->asked = ARENA_NEW(p->doc->arena, uint8_t, count);
    parent->count = count;
}

static bool is_text(const struct yaml_node *node, const char *text, size_t len) {
    return node && node->kind == YAML_SCALAR && node->len == len &&
           memcmp(node->text, text, len) == 0;
}

static const struct yaml_node *child(const struct yaml_node *mapping, const char *key) {
    for (uint32_t i = 0; mapping->kind == YAML_MAPPING && i < mapping->count; i++)
        if (strcmp(mapping->keys[i]->text, key) == 0) return mapping->items[i];
    return NULL;
}

/* Where a step leads; parent->count: nowhere yet. */
static uint32_t index_of(const struct yaml_node *parent, const char *step, size_t len) {
    uint32_t number = 0;
    bool numeric = len > 0 && len < 7;
    for (size_t i = 0; i < len && numeric; i++) {
        numeric = step[i] >= '0' && step[i] <= '9';
        number = 10 * number + (uint32_t)(step[i] - '0');
    }
    for (uint32_t i = 0; i < parent->count; i++)
        if (parent->kind == YAML_MAPPING ? is_text(parent->keys[i], step, len)
                                         : is_text(child(parent->items[i], "name"), step, len))
            return i;
    for (uint32_t i = 0; i < parent->count && parent->kind == YAML_SEQUENCE; i++)
        if (is_text(child(parent->items[i], "kind"), step, len)) return i;
    return parent->kind == YAML_SEQUENCE && numeric && number < parent->count ? number
                                                                              : parent->count;
}

static const char *no_item(struct path *p, const struct yaml_node *list, const char *step,
                           size_t len) {
    const char *names[64];
    size_t count = 0;
    for (uint32_t i = 0; i < list->count && count < ARRAY_LEN(names); i++) {
        const struct yaml_node *name = child(list->items[i], "name");
        if (!name) name = child(list->items[i], "kind");
        if (name && name->kind == YAML_SCALAR) names[count++] = name->text;
    }
    char shown[81];
    printable(shown, sizeof shown, step, len);
    const char *near = nearest_name(step, len, names, count);
    return near ? why_not(p, "no item \"%s\"; did you mean \"%s\"?", shown, near)
                : why_not(p, "no item \"%s\" in a list of %u", shown, list->count);
}

const char *yaml_set(struct yaml_doc *doc, struct yaml_node *root, const char *path,
                     const char *value, const char *origin) {
    struct path p = {doc, origin};
    struct yaml_node *at = root;
    for (;;) {
        size_t len = strcspn(path, ".");
        bool last = path[len] == '\0';
        if (len == 0) return why_not(&p, "a key is empty");
        if (at->kind == YAML_SCALAR)
            return why_not(&p, "\"%.*s\" is no key of a single value", (int)len, path);
        uint32_t index = index_of(at, path, len);
        bool there = index < at->count;
        if (!there && at->kind == YAML_SEQUENCE) return no_item(&p, at, path, len);
        struct yaml_node *key = there ? NULL : made(&p, YAML_SCALAR, path, len);
        bool keep = !last && there && !yaml_is_null(at->items[index]);
        if (!keep)
            put(&p, at, index, key,
                last ? made(&p, YAML_SCALAR, value, strlen(value))
                     : made(&p, YAML_MAPPING, NULL, 0));
        if (last) return NULL;
        at = at->items[index];
        path += len + 1;
    }
}
