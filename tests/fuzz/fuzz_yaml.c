/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes: both readers give a tree or say why not, and every getter answers on every node. */
#include "engine/base/check.h"
#include "engine/yaml/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *lookup(void *context, const char *name) {
    (void)context;
    return name[0] == 'A' ? "value" : NULL;
}

static void ask(struct yaml_doc *doc, struct yaml_node *node) {
    static const char *const names[] = {"observe", "advise", "act"};
    ASSERT(node->line > 0 && node->column > 0);
    yaml_text(doc, node, NULL);
    yaml_bool(doc, node, false);
    yaml_int(doc, node, -10, 1000, 0);
    yaml_duration(doc, node, 0, TIME_NEVER, 0);
    yaml_share(doc, node, 0, 1000000, 0);
    yaml_decimal(doc, node, INT64_MIN, INT64_MAX, 0);
    yaml_rate(doc, node, 0);
    yaml_size(doc, node, 0);
    yaml_wall(doc, node, 0);
    yaml_choice(doc, node, names, ARRAY_LEN(names), 0);
    if (node->kind == YAML_SEQUENCE) ASSERT(yaml_count(doc, node) == node->count);
    yaml_key(doc, node, "replicas");
    if (node->kind == YAML_MAPPING) yaml_unknown_keys(doc, node, "fuzz");
    for (uint32_t i = 0; node->kind != YAML_SCALAR && i < node->count; i++)
        ask(doc, node->items[i]);
}

static void read_as(bool others, const char *text, size_t size) {
    static struct diags diags;
    struct arena arena;
    struct yaml_doc doc;
    arena_open(&arena);
    diags = (struct diags){0};
    bool read = others ? yaml_read_others(&doc, &arena, &diags, "fuzz.yaml", text, size)
                       : yaml_read(&doc, &arena, &diags, "fuzz.yaml", text, size,
                                   size % 2 ? lookup : NULL, NULL);
    ASSERT(read == (diags.errors == 0));
    ASSERT(read || !doc.root);
    for (uint32_t i = 0; i < doc.document_count; i++) ask(&doc, doc.documents[i]);
    arena_close(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    read_as(false, (const char *)data, size);
    read_as(true, (const char *)data, size);
    return 0;
}
