/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/shrink_tree.h"

#include "engine/base/check.h"
#include "engine/base/text.h"

#include <stdlib.h>

struct knot *knot_of(struct arena *arena, const struct yaml_node *node) {
    struct knot *k = ARENA_NEW(arena, struct knot, 1);
    *k = (struct knot){.kind = node->kind, .text = node->text, .quoted = node->quoted};
    if (node->kind == YAML_SCALAR) return k;
    k->count = node->count;
    k->items = ARENA_NEW(arena, struct knot *, node->count + 1);
    k->keys = ARENA_NEW(arena, const char *, node->count + 1);
    for (uint32_t i = 0; i < node->count; i++) {
        k->items[i] = knot_of(arena, node->items[i]);
        if (node->kind == YAML_MAPPING) k->keys[i] = node->keys[i]->text;
    }
    return k;
}

struct knot *knot_key(const struct knot *mapping, const char *key) {
    if (!mapping || mapping->kind != YAML_MAPPING) return NULL;
    for (uint32_t i = 0; i < mapping->count; i++)
        if (!mapping->items[i]->off && strcmp(mapping->keys[i], key) == 0) return mapping->items[i];
    return NULL;
}

void knot_set(struct arena *arena, struct knot *mapping, const char *key, const char *text) {
    struct knot *value = knot_key(mapping, key);
    if (!value) { /* what is off has room for what is on */
        value = ARENA_NEW(arena, struct knot, 1);
        const char **keys = ARENA_NEW(arena, const char *, mapping->count + 1);
        struct knot **items = ARENA_NEW(arena, struct knot *, mapping->count + 1);
        memcpy(keys, mapping->keys, sizeof *keys * mapping->count);
        memcpy(items, mapping->items, sizeof *items * mapping->count);
        keys[mapping->count] = key;
        items[mapping->count++] = value;
        mapping->keys = keys;
        mapping->items = items;
    }
    *value = (struct knot){.kind = YAML_SCALAR, .text = text};
}

uint32_t knot_live(const struct knot *parent) {
    uint32_t live = 0;
    for (uint32_t i = 0; i < parent->count; i++) live += !parent->items[i]->off;
    return live;
}

/* ---- as YAML ---- */

static void write_scalar(FILE *out, const char *text, bool quoted) {
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                "_./%+- ";
    size_t len = strlen(text);
    bool safe = !quoted && len > 0 && strspn(text, plain) == len && text[len - 1] != ' ' &&
                text[0] != ' ' && (text[0] != '-' || (len > 1 && text[1] != ' '));
    if (safe || (len == 0 && !quoted)) {
        fputs(len ? text : "null", out);
        return;
    }
    size_t size = 6 * len + 8;
    char *buffer = malloc(size);
    ASSERT(buffer);
    struct writer w = writer_of(buffer, size);
    write_json_string(&w, text, len);
    fwrite(buffer, 1, w.len, out);
    free(buffer);
}

static void write_flow(FILE *out, const struct knot *k) {
    if (k->kind == YAML_SCALAR) {
        write_scalar(out, k->text, k->quoted);
        return;
    }
    bool mapping = k->kind == YAML_MAPPING, first = true;
    fputc(mapping ? '{' : '[', out);
    for (uint32_t i = 0; i < k->count; i++) {
        if (k->items[i]->off) continue;
        if (!first) fputs(", ", out);
        first = false;
        if (mapping) {
            write_scalar(out, k->keys[i], false);
            fputs(": ", out);
        }
        write_flow(out, k->items[i]);
    }
    fputc(mapping ? '}' : ']', out);
}

/* A line a pair; of a list, and of what has pairs of pairs, a line an item. */
static void write_block(FILE *out, const struct knot *root) {
    for (uint32_t i = 0; i < root->count; i++) {
        const struct knot *value = root->items[i];
        bool overrides = strcmp(root->keys[i], "policy_overrides") == 0;
        if (value->off) continue;
        write_scalar(out, root->keys[i], false);
        fputc(':', out);
        bool list = value->kind == YAML_SEQUENCE && knot_live(value) > 0;
        bool pairs = overrides && value->kind == YAML_MAPPING && knot_live(value) > 0;
        if (!list && !pairs) {
            fputc(' ', out);
            write_flow(out, value);
        }
        fputc('\n', out);
        for (uint32_t j = 0; (list || pairs) && j < value->count; j++) {
            if (value->items[j]->off) continue;
            fputs(list ? "- " : "  ", out);
            if (pairs) fprintf(out, "%s: ", value->keys[j]);
            write_flow(out, value->items[j]);
            fputc('\n', out);
        }
    }
}

const char *knot_write(struct arena *arena, const struct knot *root, size_t *len) {
    char *text = NULL;
    FILE *out = open_memstream(&text, len);
    ASSERT(out);
    write_block(out, root);
    ASSERT(fclose(out) == 0);
    const char *kept = arena_text(arena, text, *len);
    free(text);
    return kept;
}
