/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "topologies/import/import.h"
#include "engine/yaml/yaml.h"
#include "topologies/import/draft.h"
#include "topologies/import/others.h"

static const char *const titles[] = {"GraphML", "Kubernetes manifests", "Docker Compose",
                                     "Jaeger's dependencies"};

/* XML and JSON show by their first sign; manifests in JSON begin as Jaeger's answer does. */
static enum topo_format by_first_sign(const struct draft *d) {
    size_t at = d->len >= 3 && memcmp(d->text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    while (at < d->len && strchr(" \t\r\n", d->text[at]) && d->text[at]) at++;
    if (at == d->len) return TOPO_FORMAT_COUNT;
    if (d->text[at] == '<') return TOPO_FROM_GRAPHML;
    if (d->text[at] == '[') return TOPO_FROM_JAEGER;
    bool object = d->text[at] == '{';
    return object && !strstr(d->text, "\"apiVersion\"") ? TOPO_FROM_JAEGER : TOPO_FORMAT_COUNT;
}

static enum topo_format by_keys(struct yaml_doc *doc) {
    struct yaml_node *services = others_key(doc->root, "services");
    for (uint32_t k = 0; k < doc->document_count; k++)
        if (others_key(doc->documents[k], "apiVersion")) return TOPO_FROM_KUBERNETES;
    if (services && services->kind == YAML_MAPPING) return TOPO_FROM_COMPOSE;
    return TOPO_FORMAT_COUNT;
}

static void import_yaml(struct draft *d, enum topo_format *from) {
    struct yaml_doc doc;
    if (!yaml_read_others(&doc, d->arena, d->diags, d->file, d->text, d->len)) return;
    if (*from == TOPO_FORMAT_COUNT) *from = by_keys(&doc);
    if (*from == TOPO_FROM_KUBERNETES)
        import_kubernetes(d, &doc);
    else if (*from == TOPO_FROM_COMPOSE)
        import_compose(d, &doc);
    else
        diag_error(d->diags, d->file, 1, 1,
                   "neither GraphML, Kubernetes manifests (\"apiVersion\"), Docker Compose (a "
                   "mapping \"services\") nor Jaeger's dependencies; --from says what it is");
}

const char *topo_import(struct arena *arena, enum topo_format from, const char *file,
                        const char *name, const char *text, size_t len, struct diags *diags,
                        size_t *out_len) {
    struct draft d = {.arena = arena, .diags = diags, .file = file, .text = text, .len = len};
    uint32_t errors = diags->errors;
    if (from == TOPO_FORMAT_COUNT) from = by_first_sign(&d);
    if (from == TOPO_FROM_GRAPHML)
        import_graphml(&d);
    else if (from == TOPO_FROM_JAEGER)
        import_jaeger(&d);
    else
        import_yaml(&d, &from);
    if (diags->errors > errors) return NULL;
    d.source = titles[from];
    return draft_text(&d, name, out_len);
}
