/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/rules_check.h"
#include "engine/base/arena.h"
#include "reports/forms/json_parts.h"
#include "sim/prometheus/prometheus.h"
#include "sim/run/caret.h"
#include "sim/run/files.h"

struct checked {
    bool good;
    const char *bytes;
    uint32_t groups, rules;
    struct diags diags;
};

static void check_file(struct arena *arena, const char *file, struct checked *out) {
    size_t len = 0;
    *out = (struct checked){.bytes = ""};
    bool read = file_read(arena, file, &out->bytes, &len, &out->diags);
    struct prom_options options = {
        .series_max = 16, .samples_per_series = 2, .rules_max = prom_rules_most(out->bytes, len)};
    struct prom *prom = prom_open(arena, &options);
    out->good = read && prom_rules_load(prom, arena, file, out->bytes, len, &out->diags);
    out->groups = prom_group_count(prom);
    out->rules = prom_rule_count(prom);
}

/* ---- for people ---- */

static void say(const char *file, const struct checked *c) {
    printf("Checking %s\n", file);
    if (c->good)
        printf("  SUCCESS: %u rules found\n\n", c->rules);
    else
        printf("  FAILED: %u error%s\n\n", c->diags.errors, c->diags.errors == 1 ? "" : "s");
    fflush(stdout); /* so that both outputs stand in order on a terminal */
    diag_print_source(&c->diags, file, c->bytes, stderr);
}

enum status rule_files_check(const char *const *files, uint32_t count) {
    enum status status = STATUS_OK;
    for (uint32_t i = 0; i < count; i++) {
        struct arena arena;
        struct checked checked;
        arena_open(&arena);
        check_file(&arena, files[i], &checked);
        say(files[i], &checked);
        if (!checked.good) status = STATUS_BAD_INPUT;
        arena_close(&arena);
    }
    return status;
}

/* ---- for programs ---- */

static json_t *errors_json(const struct diags *diags) {
    json_t *list = json_array();
    for (uint32_t i = 0; i < diags->count; i++) {
        json_t *o = json_object();
        json_set_int(o, "line", diags->list[i].line);
        json_set_int(o, "column", diags->list[i].column);
        json_set_text(o, "message", diags->list[i].message);
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *file_json(const char *file, const struct checked *c) {
    json_t *o = json_object();
    json_set_text(o, "file", file);
    json_set(o, "ok", json_boolean(c->good));
    json_set_int(o, "groups", c->groups);
    json_set_int(o, "rules", c->rules);
    json_set_int(o, "error_count", c->diags.errors);
    json_set(o, "errors", errors_json(&c->diags));
    return o;
}

enum status rule_files_check_json(const char *const *files, uint32_t count) {
    bool good = true;
    json_t *o = json_object(), *list = json_array();
    for (uint32_t i = 0; i < count; i++) {
        struct arena arena;
        struct checked checked;
        arena_open(&arena);
        check_file(&arena, files[i], &checked);
        json_array_append_new(list, file_json(files[i], &checked));
        good = good && checked.good;
        arena_close(&arena);
    }
    json_set(o, "ok", json_boolean(good));
    json_set(o, "files", list);
    bool written = json_dumpf(o, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER) == 0;
    putchar('\n');
    json_decref(o);
    return !written ? STATUS_BUG : good ? STATUS_OK : STATUS_BAD_INPUT;
}
