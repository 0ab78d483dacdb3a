/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/prometheus/relabel.h"
#include "engine/base/text.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum action {
    REPLACE,
    KEEP,
    DROP,
    KEEP_EQUAL,
    DROP_EQUAL,
    HASHMOD,
    LABELMAP,
    LABELDROP,
    LABELKEEP,
    LOWERCASE,
    UPPERCASE,
    ACTIONS
};
static const char *const action_names[ACTIONS] = {"replace",   "keep",      "drop",     "keepequal",
                                                  "dropequal", "hashmod",   "labelmap", "labeldrop",
                                                  "labelkeep", "lowercase", "uppercase"};

struct step {
    enum action action;
    const char *const *sources;
    uint32_t source_count;
    const char *separator, *target, *replacement;
    const struct regex *regex;
    uint64_t modulus;
};
struct relabelling {
    struct step *steps;
    uint32_t count;
};

/* ---- sets ---- */

const char *relabel_get(const struct relabel_set *set, const char *name) {
    for (uint32_t i = 0; i < set->count; i++)
        if (strcmp(set->at[i].name, name) == 0) return set->at[i].value;
    return "";
}

void relabel_put(struct relabel_set *set, const char *name, const char *value) {
    uint32_t i = 0;
    while (i < set->count && strcmp(set->at[i].name, name) != 0) i++;
    if (!*value) {
        if (i < set->count) set->at[i] = set->at[--set->count];
        return;
    }
    if (i == LABELS_MAX) {
        set->full = true;
        return;
    }
    set->at[i] = (struct prom_label){name, value};
    if (i == set->count) set->count++;
}

void relabel_strip(struct relabel_set *set) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < set->count; i++)
        if (strncmp(set->at[i].name, "__", 2) != 0 || strcmp(set->at[i].name, "__name__") == 0)
            set->at[kept++] = set->at[i];
    set->count = kept;
}

/* A text is written at the end of the set's bytes and stays there. */
static struct writer text_begin(struct relabel_set *set) {
    return writer_of(set->bytes + set->used, RELABEL_BYTES - set->used);
}

static const char *text_end(struct relabel_set *set, const struct writer *w) {
    if (w->overflow || w->len + 1 >= RELABEL_BYTES - set->used) {
        set->full = true;
        return "";
    }
    char *text = set->bytes + set->used;
    text[w->len] = '\0';
    set->used += w->len + 1;
    return text;
}

/* ---- steps ---- */

static const char *source_text(const struct step *step, struct relabel_set *set) {
    struct writer w = text_begin(set);
    if (step->source_count == 1) return relabel_get(set, step->sources[0]);
    for (uint32_t i = 0; i < step->source_count; i++) {
        if (i > 0) write_text(&w, step->separator);
        write_text(&w, relabel_get(set, step->sources[i]));
    }
    return text_end(set, &w);
}

static const char *expanded(const struct step *step, struct relabel_set *set, const char *pattern,
                            const char *source, const struct regex_groups *groups) {
    if (!strchr(pattern, '$')) return pattern;
    struct writer w = text_begin(set);
    regex_expand(step->regex, groups, source, pattern, strlen(pattern), &w);
    return text_end(set, &w);
}

static bool is_label_name(const char *s) {
    static const char bytes[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    return *s && !(*s >= '0' && *s <= '9') && s[strspn(s, bytes)] == '\0';
}

static void replace(const struct step *step, struct regex_scratch *scratch, struct relabel_set *set,
                    const char *source) {
    struct regex_groups groups;
    if (regex_find(step->regex, scratch, source, strlen(source), 0, &groups) != REGEX_MATCHES)
        return;
    const char *target = expanded(step, set, step->target, source, &groups);
    if (is_label_name(target))
        relabel_put(set, target, expanded(step, set, step->replacement, source, &groups));
}

static void hashmod(const struct step *step, struct relabel_set *set, const char *source) {
    uint8_t hash[16];
    uint64_t number = 0;
    struct writer w = text_begin(set);
    md5(source, strlen(source), hash);
    for (int i = 8; i < 16; i++) number = number << 8 | hash[i];
    write_int(&w, (int64_t)(number % step->modulus));
    relabel_put(set, step->target, text_end(set, &w));
}

static void change_case(const struct step *step, struct relabel_set *set, const char *source) {
    struct writer w = text_begin(set);
    bool lower = step->action == LOWERCASE;
    for (; *source; source++) {
        char c = *source;
        if (lower && c >= 'A' && c <= 'Z') c = (char)(c + 32);
        if (!lower && c >= 'a' && c <= 'z') c = (char)(c - 32);
        write_bytes(&w, &c, 1);
    }
    relabel_put(set, step->target, text_end(set, &w));
}

/* What is mapped comes from the labels as they were before the step. */
static void labelmap(const struct step *step, struct regex_scratch *scratch,
                     struct relabel_set *set) {
    struct prom_label before[LABELS_MAX];
    uint32_t count = set->count;
    struct regex_groups groups;
    memcpy(before, set->at, count * sizeof *before);
    for (uint32_t i = 0; i < count; i++) {
        const char *name = before[i].name;
        if (regex_find(step->regex, scratch, name, strlen(name), 0, &groups) == REGEX_MATCHES)
            relabel_put(set, expanded(step, set, step->replacement, name, &groups),
                        before[i].value);
    }
}

static void filter_names(const struct step *step, struct regex_scratch *scratch,
                         struct relabel_set *set) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < set->count; i++) {
        bool matches = regex_match(step->regex, scratch, set->at[i].name) == REGEX_MATCHES;
        if (matches == (step->action == LABELKEEP)) set->at[kept++] = set->at[i];
    }
    set->count = kept;
}

static bool apply(const struct step *step, struct regex_scratch *scratch, struct relabel_set *set) {
    const char *source = source_text(step, set);
    switch (step->action) {
    case KEEP: return regex_match(step->regex, scratch, source) == REGEX_MATCHES;
    case DROP: return regex_match(step->regex, scratch, source) != REGEX_MATCHES;
    case KEEP_EQUAL: return strcmp(source, relabel_get(set, step->target)) == 0;
    case DROP_EQUAL: return strcmp(source, relabel_get(set, step->target)) != 0;
    case REPLACE: replace(step, scratch, set, source); break;
    case HASHMOD: hashmod(step, set, source); break;
    case LOWERCASE:
    case UPPERCASE: change_case(step, set, source); break;
    case LABELMAP: labelmap(step, scratch, set); break;
    case LABELDROP:
    case LABELKEEP: filter_names(step, scratch, set); break;
    case ACTIONS: break;
    }
    return true;
}

bool relabel(const struct relabelling *steps, struct regex_scratch *scratch,
             struct relabel_set *set) {
    for (uint32_t i = 0; i < steps->count; i++)
        if (!apply(&steps->steps[i], scratch, set)) return false;
    return true;
}

/* ---- reading ---- */

static void read_sources(struct yaml_doc *doc, struct yaml_node *list, struct step *step) {
    step->source_count = yaml_count(doc, list);
    const char **sources = ARENA_NEW(doc->arena, const char *, step->source_count + 1);
    for (uint32_t i = 0; i < step->source_count; i++) {
        sources[i] = yaml_text(doc, list->items[i], "");
        if (!is_label_name(sources[i]))
            yaml_error(doc, list->items[i], "\"%.80s\" is no label name", sources[i]);
    }
    step->sources = sources;
}

static void read_regex(struct yaml_doc *doc, struct yaml_node *node, struct step *step) {
    const char *pattern = yaml_text(doc, node, "(.*)");
    char why[192];
    size_t where;
    step->regex = regex_compile(doc->arena, pattern, strlen(pattern), why, sizeof why, &where);
    if (!step->regex) yaml_error(doc, node, "regular expression \"%.80s\": %s", pattern, why);
}

static void check_target(struct yaml_doc *doc, struct yaml_node *node, struct yaml_node *target,
                         const struct step *step) {
    bool of_names =
        step->action == LABELMAP || step->action == LABELDROP || step->action == LABELKEEP;
    bool wanted = !of_names && step->action != KEEP && step->action != DROP;
    bool templated = step->action == REPLACE && strchr(step->target, '$');
    if (wanted && !*step->target)
        yaml_error(doc, node, "the action %s needs \"target_label\"", action_names[step->action]);
    else if (wanted && !templated && !is_label_name(step->target))
        yaml_error(doc, target, "\"%.80s\" is no label name", step->target);
}

static struct step read_step(struct yaml_doc *doc, struct yaml_node *node) {
    struct yaml_node *target = yaml_key(doc, node, "target_label");
    struct yaml_node *modulus = yaml_key(doc, node, "modulus");
    struct step step = {
        .action = (enum action)yaml_choice(doc, yaml_key(doc, node, "action"), action_names,
                                           ACTIONS, REPLACE),
        .separator = yaml_text(doc, yaml_key(doc, node, "separator"), ";"),
        .target = yaml_text(doc, target, ""),
        .replacement = yaml_text(doc, yaml_key(doc, node, "replacement"), "$1"),
        .modulus = (uint64_t)yaml_int(doc, modulus, 1, INT64_MAX, 1),
    };
    read_sources(doc, yaml_key(doc, node, "source_labels"), &step);
    read_regex(doc, yaml_key(doc, node, "regex"), &step);
    check_target(doc, node, target, &step);
    if (step.action == HASHMOD && yaml_is_null(modulus))
        yaml_error(doc, node, "the action hashmod needs \"modulus\"");
    yaml_unknown_keys(doc, node, "relabelling step");
    return step;
}

const struct relabelling *relabelling_read(struct yaml_doc *doc, struct yaml_node *list) {
    struct relabelling *r = ARENA_NEW(doc->arena, struct relabelling, 1);
    r->count = yaml_count(doc, list);
    r->steps = ARENA_NEW(doc->arena, struct step, r->count + 1);
    for (uint32_t i = 0; i < r->count; i++) r->steps[i] = read_step(doc, list->items[i]);
    return r;
}
