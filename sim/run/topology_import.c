/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/topology_parts.h"
#include "topologies/import/import.h"
#include "topologies/topology.h"

/* "deploy/shop.yaml" is "shop". */
static const char *named_after(struct arena *arena, const char *path) {
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    size_t len = strcspn(name, ".");
    return len > 0 ? arena_text(arena, name, len) : "imported";
}

static bool is_utf8_name(const char *name) {
    char shown[512];
    printable(shown, sizeof shown, name, strlen(name));
    return *name && strcmp(shown, name) == 0;
}

/* What is written is checked as any file of ours is. */
static const char *imported(struct arena *arena, const struct arguments *a, enum topo_format from,
                            size_t *len, struct diags *diags) {
    const char *path = a->operands[1], *bytes, *name = argument(a, "name");
    size_t size;
    if (!file_read(arena, path, &bytes, &size, diags)) return NULL;
    if (!name) name = named_after(arena, path);
    if (!is_utf8_name(name)) name = "imported";
    const char *text = topo_import(arena, from, path, name, bytes, size, diags, len);
    if (!text) return NULL;
    uint32_t errors = diags->errors;
    struct diags found = {0};
    if (topo_load(arena, "imported topology", text, *len, &found)) return text;
    for (uint32_t k = 0; k < found.count; k++)
        diag_error(diags, path, 1, 1, "makes no topology: %.400s", found.list[k].message);
    return diags->errors > errors ? NULL : text;
}

enum status topology_import(const struct arguments *a) {
    static const char *const formats[] = {TOPO_FORMATS(TOPO_FORMAT_WORD)};
    struct diags diags = {0};
    struct arena arena;
    size_t len = 0;
    int from;
    if (!topology_choice(a, "from", formats, ARRAY_LEN(formats), TOPO_FORMAT_COUNT, &from))
        return STATUS_BAD_INPUT;
    arena_open(&arena);
    const char *text = imported(&arena, a, (enum topo_format)from, &len, &diags);
    diag_print(&diags, stderr);
    enum status status = text ? topology_put(a, text, len) : STATUS_BAD_INPUT;
    arena_close(&arena);
    return status;
}
