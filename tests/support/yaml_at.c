/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * yaml_at FILE [KEY|INDEX...]: the scalars at a place in a YAML file, one a line: the scalar
 * itself, or those of a list. Without a place, only whether the file is YAML as our reader takes
 * it. Exit 1 with a message if it is not, 2 if there is nothing at the place.
 */
#include "engine/yaml/yaml.h"

#include <stdlib.h>

static char *whole(const char *path, size_t *len) {
    FILE *in = fopen(path, "rb");
    char *bytes = NULL;
    size_t room = 0;
    if (!in) return NULL;
    FILE *out = open_memstream(&bytes, &room);
    for (int c = out ? getc(in) : EOF; c != EOF; c = getc(in)) putc(c, out);
    fclose(in);
    if (out) fclose(out);
    *len = room;
    return bytes;
}

static struct yaml_node *child(struct yaml_doc *doc, struct yaml_node *node, const char *step) {
    if (!node || node->kind == YAML_SCALAR) return NULL;
    if (node->kind == YAML_MAPPING) return yaml_key(doc, node, step);
    char *end;
    unsigned long index = strtoul(step, &end, 10);
    return *end == '\0' && index < node->count ? node->items[index] : NULL;
}

int main(int argc, char **argv) {
    struct arena arena;
    struct diags diags = {0};
    struct yaml_doc doc;
    size_t len = 0;
    if (argc < 2) return 2;
    char *text = whole(argv[1], &len);
    arena_open(&arena);
    if (!text || !yaml_read(&doc, &arena, &diags, argv[1], text, len, NULL, NULL)) {
        if (!text) fprintf(stderr, "%s: cannot be read\n", argv[1]);
        diag_print(&diags, stderr);
        return 1;
    }
    struct yaml_node *node = doc.root;
    for (int k = 2; k < argc; k++) node = child(&doc, node, argv[k]);
    if (!node) return 2;
    if (node->kind == YAML_SCALAR && argc > 2) puts(node->text);
    for (uint32_t k = 0; node->kind == YAML_SEQUENCE && k < node->count; k++)
        if (node->items[k]->kind == YAML_SCALAR) puts(node->items[k]->text);
    arena_close(&arena);
    free(text);
    return 0;
}
