/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "scenarios/scenario.h"
#include "engine/base/check.h"
#include "scenarios/loading.h"
#include <inttypes.h>

struct span {
    const char *text;
    size_t len;
};

/* ---- A document's own text ---- */

/* Bytes of the line break at s, 0 if there is none: those that YAML 1.1, and so libyaml's count of
 * lines, knows. */
static size_t line_break(const char *s, size_t len) {
    if (len >= 2 && memcmp(s, "\r\n", 2) == 0) return 2;
    if (len >= 1 && (*s == '\n' || *s == '\r')) return 1;
    if (len >= 2 && memcmp(s, "\xC2\x85", 2) == 0) return 2;
    if (len >= 3 && (memcmp(s, "\xE2\x80\xA8", 3) == 0 || memcmp(s, "\xE2\x80\xA9", 3) == 0))
        return 3;
    return 0;
}

static bool is_marker(const char *s, size_t len, const char *marker) {
    if (len < 3 || memcmp(s, marker, 3) != 0) return false;
    return len == 3 || s[3] == ' ' || s[3] == '\t' || line_break(s + 3, len - 3) > 0;
}

/* From the "---" before the document's first line to the "---" or "..." after it. Neither can stand
 * at the start of a line inside a document, whatever quotes or blocks are open. */
static struct span document_text(const char *text, size_t len, int first_line) {
    size_t begin = 0, at = 0;
    for (int line = 1; at < len; line++) {
        bool starts = is_marker(text + at, len - at, "---");
        bool ends = is_marker(text + at, len - at, "...");
        if (line <= first_line && starts) begin = at;
        if (line > first_line && (starts || ends)) break;
        while (at < len && line_break(text + at, len - at) == 0) at++;
        at += line_break(text + at, len - at);
    }
    return (struct span){text + begin, at - begin};
}

/* ---- One scenario ---- */

static void read_head(struct scn_loading *l) {
    struct plan *plan = l->plan;
    (void)yaml_key(l->doc, l->root, "matrix"); /* taken account of before */
    (void)yaml_key(l->doc, l->root, "include");
    plan->file = l->doc->file;
    plan->name = scn_name(l, scn_required(l, l->root, "name", "a scenario"), "");
    plan->title = scn_text(l, yaml_key(l->doc, l->root, "title"), SCN_TITLE_BYTES, plan->name);
    plan->seed = (uint64_t)yaml_int(l->doc, yaml_key(l->doc, l->root, "seed"), 0, INT64_MAX, 1);
    if (l->options->seed_given) plan->seed = l->options->seed;
    plan->trace_requests = l->options->trace_requests;
}

static void lay_out_windows(struct scn_loading *l) {
    struct policy *policy = &l->scenario->policy;
    const struct plan *plan = l->plan;
    policy->config.windows = policy_windows_resolve(policy, l->arena, plan->start_wall,
                                                    time_add(plan->start_wall, plan->duration_ns),
                                                    &policy->config.window_count);
}

static void read_scenario(struct scn_loading *l) {
    uint32_t errors = l->doc->diags->errors;
    if (l->options->set) scn_set(l, l->options->set);
    read_head(l);
    scn_write_options(l);
    scn_read_references(l);
    if (!l->plan->topology || l->doc->diags->errors > errors)
        return; /* without its services and policy nothing further has a meaning */
    scn_read_system(l);
    scn_read_people(l);
    scn_read_faults(l);
    scn_read_patches(l);
    scn_read_history(l);
    scn_read_expectations(l);
    yaml_unknown_keys(l->doc, l->root, "scenario");
    if (l->options->without) scn_leave_out(l, l->options->without);
    lay_out_windows(l);
}

static void refuse_same_names(struct yaml_doc *doc, const struct scenario *list,
                              struct yaml_node *const *roots, uint32_t count) {
    for (uint32_t i = 1; i < count; i++)
        for (uint32_t j = 0; j < i; j++)
            if (*list[i].plan.name && strcmp(list[j].plan.name, list[i].plan.name) == 0)
                yaml_error(doc, roots[i], "scenario \"%s\" stands twice, first in line %d",
                           list[i].plan.name, roots[j]->line);
}

static bool has_scenarios(struct yaml_doc *doc) {
    uint32_t errors = doc->diags->errors;
    if (doc->document_count == 0 || doc->document_count > SCN_SCENARIOS_MAX)
        yaml_error(doc, NULL, "expected 1 to %d scenarios, got %u", SCN_SCENARIOS_MAX,
                   doc->document_count);
    for (uint32_t i = 0; i < doc->document_count; i++)
        (void)yaml_pairs(doc, doc->documents[i]); /* says so when it is no mapping */
    return doc->diags->errors == errors;
}

/* ---- A file ---- */

struct file {
    struct arena *arena;
    const char *name, *text;
    size_t len;
    const struct scn_files *files;
    const struct scn_options *options;
    struct diags *diags;
    struct scenario *list;
    struct yaml_node **roots; /* a document each */
    uint32_t count;
};

static void load_one(struct file *f, struct yaml_doc *doc, uint32_t number, uint32_t variants,
                     uint32_t variant) {
    struct scn_options *options = ARENA_NEW(f->arena, struct scn_options, 1);
    struct scn_loading l = {.doc = doc,
                            .arena = f->arena,
                            .files = f->files,
                            .options = options,
                            .root = doc->documents[number],
                            .scenario = &f->list[f->count],
                            .plan = &f->list[f->count].plan};
    struct span own = document_text(f->text, f->len, l.root->line);
    *options = *f->options;
    f->list[f->count] = (struct scenario){0}; /* another variant that was not asked for */
    scn_add_source(&l, "scenario", f->name, own.text, own.len);
    scn_include(&l);
    options->variant = variants > 0 ? scn_vary(&l, variant) : NULL;
    if (f->options->variant && variants > 0 && strcmp(options->variant, f->options->variant) != 0)
        return;
    l.scenario->variant = options->variant;
    read_scenario(&l);
    f->roots[f->count++] = l.root;
}

/* Each variant has a document of its own, since what it sets goes into it. What is wrong with one
 * mostly is with all. */
static void load_variants(struct file *f, uint32_t number, uint32_t variants) {
    uint32_t errors = f->diags->errors;
    for (uint32_t v = 0; v < variants && f->diags->errors == errors; v++) {
        struct yaml_doc doc;
        if (yaml_read(&doc, f->arena, f->diags, f->name, f->text, f->len, NULL, NULL))
            load_one(f, &doc, number, variants, v);
    }
}

static bool has_matrix(struct yaml_doc *doc, uint32_t number) {
    return !yaml_is_null(yaml_key(doc, doc->documents[number], "matrix"));
}

/* How many scenarios each document is; false after a message. */
static bool count_variants(struct file *f, struct yaml_doc *doc, uint32_t *counts) {
    uint32_t errors = f->diags->errors, all = 0;
    for (uint32_t i = 0; i < doc->document_count; i++) {
        struct scn_loading l = {.doc = doc, .arena = f->arena, .root = doc->documents[i]};
        all += counts[i] = scn_variants(&l);
    }
    if (all > SCN_SCENARIOS_MAX && f->diags->errors == errors)
        yaml_error(doc, NULL, "expected at most %d scenarios, got %u", SCN_SCENARIOS_MAX, all);
    f->list = ARENA_NEW(f->arena, struct scenario, all);
    f->roots = ARENA_NEW(f->arena, struct yaml_node *, all);
    return f->diags->errors == errors;
}

bool scn_load(struct arena *arena, const char *file, const char *text, size_t len,
              const struct scn_files *files, const struct scn_options *options, struct diags *diags,
              struct scenario **out_list, uint32_t *out_count) {
    static const struct scn_options none;
    uint32_t errors = diags->errors, counts[SCN_SCENARIOS_MAX] = {0};
    struct yaml_doc doc;
    struct file f = {.arena = arena,
                     .name = file,
                     .text = text,
                     .len = len,
                     .files = files,
                     .options = options ? options : &none,
                     .diags = diags};
    *out_list = NULL;
    *out_count = 0;
    if (!yaml_read(&doc, arena, diags, file, text, len, NULL, NULL)) return false;
    if (!has_scenarios(&doc) || !count_variants(&f, &doc, counts)) return false;
    for (uint32_t i = 0; i < doc.document_count; i++)
        if (has_matrix(&doc, i))
            load_variants(&f, i, counts[i]);
        else
            load_one(&f, &doc, i, 0, 0);
    refuse_same_names(&doc, f.list, f.roots, f.count);
    if (f.count == 0 && diags->errors == errors)
        diag_error(diags, "--variant", 0, 0, "no variant \"%.80s\" in %.200s", f.options->variant,
                   file);
    if (diags->errors > errors) return false;
    *out_list = f.list;
    *out_count = f.count;
    return true;
}

/* ---- From recorded sources ---- */

struct recorded {
    const struct plan_source *sources;
    uint32_t count;
};

static bool read_recorded(void *context, const char *kind, const char *name,
                          struct plan_source *out) {
    const struct recorded *r = context;
    for (uint32_t i = 0; i < r->count; i++) {
        const struct plan_source *s = &r->sources[i];
        if (strcmp(s->kind, kind) != 0 || (name && strcmp(s->name, name) != 0)) continue;
        *out = *s;
        return true;
    }
    return false;
}

/* seed NULL: the recorded one. */
static bool reload(struct arena *arena, struct recorded recorded, const uint64_t *seed,
                   struct diags *diags, struct scenario **out) {
    struct scn_files files = {.context = &recorded, .read = read_recorded};
    struct plan_source scenario, options;
    struct scn_options given = {0};
    uint32_t loaded;
    *out = NULL;
    if (!read_recorded(&recorded, "scenario", NULL, &scenario)) {
        diag_error(diags, "sources", 0, 0, "no scenario among the recorded sources");
        return false;
    }
    if (read_recorded(&recorded, "options", NULL, &options) &&
        !scn_read_options(arena, &options, diags, &given))
        return false;
    if (seed) {
        given.seed_given = true;
        given.seed = *seed;
    }
    if (!scn_load(arena, scenario.name, scenario.bytes, scenario.len, &files, &given, diags, out,
                  &loaded))
        return false;
    if (loaded == 1) return true;
    diag_error(diags, scenario.name, 0, 0, "expected one scenario as a source, got %u", loaded);
    *out = NULL;
    return false;
}

bool scn_reload(struct arena *arena, const struct plan_source *sources, uint32_t count,
                struct diags *diags, struct scenario **out) {
    return reload(arena, (struct recorded){sources, count}, NULL, diags, out);
}

bool scn_reseed(struct arena *arena, const struct scenario *scenario, uint64_t seed,
                struct diags *diags, struct scenario **out) {
    const struct plan *plan = &scenario->plan;
    return reload(arena, (struct recorded){plan->sources, plan->source_count}, &seed, diags, out);
}
