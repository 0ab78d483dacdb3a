/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_UNIT_SCENARIO_FILES_H
#define TESTS_UNIT_SCENARIO_FILES_H
/* The catalogue as scenarios see it, read from the source tree; a few small files made up beside
 * it. */
#include "scenarios/scenario.h"
#include <stdio.h>

static inline char *file_whole(struct arena *arena, const char *path, size_t *len) {
    FILE *file = fopen(path, "rb");
    if (!file) return NULL;
    size_t size = (size_t)1 << 20;
    char *bytes = arena_take(arena, size, 1);
    *len = fread(bytes, 1, size - 1, file);
    fclose(file);
    return bytes;
}

struct made_up {
    const char *kind, *name, *text;
};
struct catalogue {
    struct arena *arena;
    const struct made_up *made_up; /* ends with kind NULL; may be NULL */
};

static inline bool catalogue_read(void *context, const char *kind, const char *name,
                                  struct plan_source *out) {
    struct catalogue *c = context;
    for (const struct made_up *m = c->made_up; m && m->kind; m++) {
        if (strcmp(m->kind, kind) != 0 || strcmp(m->name, name) != 0) continue;
        *out = (struct plan_source){.bytes = m->text, .len = strlen(m->text)};
        return true;
    }
    const char *folder = strcmp(kind, "topology") == 0       ? "topologies/catalogue"
                         : strcmp(kind, "policy") == 0       ? "policies"
                         : strcmp(kind, "profile") == 0      ? "rules/profiles"
                         : strcmp(kind, "alertmanager") == 0 ? "rules/alertmanager"
                                                             : "rules";
    char path[1024];
    snprintf(path, sizeof path, "%s/%s/%s.yaml", FIREDRILL_SOURCE_DIR, folder, name);
    out->bytes = file_whole(c->arena, path, &out->len);
    if (out->bytes)
        out->name = arena_text(c->arena, path + strlen(FIREDRILL_SOURCE_DIR) + 1,
                               strlen(path) - strlen(FIREDRILL_SOURCE_DIR) - 1);
    return out->bytes != NULL;
}

static inline const char *const *catalogue_list(void *context, const char *kind, uint32_t *count) {
    static const char *const topologies[] = {"online-boutique", "shop"};
    static const char *const others[] = {"default", "fast"};
    (void)context;
    *count = 2;
    return strcmp(kind, "topology") == 0 ? topologies : others;
}

static inline struct scn_files catalogue_files(struct catalogue *c) {
    return (struct scn_files){c, catalogue_read, catalogue_list};
}

#endif
