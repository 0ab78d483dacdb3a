/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * "matrix": a scenario for each combination of its parameters' values. A parameter is a key with a
 * list of values, or has named ones, each of which sets some keys:
 *
 *   matrix:
 *     load.entry: [400/s, 800/s]
 *     patch: {good: {}, bad: {patches.0.error_rate: 5%, expect.0.outcome: restored}}
 *
 * gives NAME-400_s-good, NAME-400_s-bad, NAME-800_s-good and NAME-800_s-bad. Values go into a
 * document of the variant's own before anything of it is read, as those of the command line do.
 */
#include "scenarios/loading.h"
#include <stdio.h>

#define PARAMETERS_MAX 8
#define VALUES_MAX     SCN_SCENARIOS_MAX
#define SUFFIX_BYTES   SCN_NAME_BYTES

static struct yaml_node *matrix_of(struct scn_loading *l) {
    return l->root->kind == YAML_MAPPING ? yaml_key(l->doc, l->root, "matrix") : NULL;
}

/* ---- the form ---- */

/* What of a value can stand in a name: "400_s" of 400/s. */
static void named_after(char *out, size_t size, const char *value) {
    size_t len = 0;
    for (const char *s = value; *s && len + 1 < size; s++) out[len++] = scn_in_name(*s) ? *s : '_';
    while (len > 0 && out[len - 1] == '_') len--;
    out[len] = '\0';
}

static bool is_value(struct scn_loading *l, const struct yaml_node *node) {
    if (node->kind == YAML_SCALAR && !yaml_is_null(node)) return true;
    yaml_error(l->doc, node, "expected a single value");
    return false;
}

static bool can_be_set(struct scn_loading *l, const struct yaml_node *key) {
    const char *near;
    if (scn_settable(l, key->text, true, &near)) return true;
    yaml_error(l->doc, key, "no key \"%.80s\" of a scenario or section of a policy%s%s%s",
               key->text, near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
    return false;
}

static bool good_list(struct scn_loading *l, const struct yaml_node *key, struct yaml_node *list) {
    char names[VALUES_MAX][SUFFIX_BYTES + 1];
    if (!can_be_set(l, key)) return false;
    for (uint32_t i = 0; i < list->count; i++) {
        if (!is_value(l, list->items[i])) return false;
        named_after(names[i], sizeof names[i], list->items[i]->text);
        for (uint32_t j = 0; j < i; j++)
            if (strcmp(names[i], names[j]) == 0) {
                yaml_error(l->doc, list->items[i],
                           "its scenario would be called \"%s\" as another one: name the values, "
                           "{NAME: {KEY: VALUE}}",
                           names[i]);
                return false;
            }
    }
    return true;
}

static bool good_names(struct scn_loading *l, struct yaml_node *values) {
    for (uint32_t i = 0; i < values->count; i++) {
        struct yaml_node *sets = values->items[i];
        if (!*scn_name(l, values->keys[i], "")) return false;
        uint32_t count = yaml_pairs(l->doc, sets);
        if (count == 0 && !yaml_is_null(sets) && sets->kind != YAML_MAPPING)
            return false; /* told */
        for (uint32_t k = 0; k < count; k++)
            if (!can_be_set(l, sets->keys[k]) || !is_value(l, sets->items[k])) return false;
    }
    return true;
}

uint32_t scn_variants(struct scn_loading *l) {
    struct yaml_node *matrix = matrix_of(l);
    if (yaml_is_null(matrix)) return 1;
    uint64_t count = 1;
    uint32_t parameters = yaml_pairs(l->doc, matrix);
    if (parameters == 0 || parameters > PARAMETERS_MAX) {
        yaml_error(l->doc, matrix, "expected 1 to %d parameters, each with its values",
                   PARAMETERS_MAX);
        return 0;
    }
    for (uint32_t i = 0; i < parameters; i++) {
        struct yaml_node *values = matrix->items[i];
        if (values->kind == YAML_SCALAR || values->count == 0 || values->count > VALUES_MAX) {
            yaml_error(l->doc, values,
                       "expected 1 to %d values: a list of them, or names with what each sets",
                       VALUES_MAX);
            return 0;
        }
        bool good = values->kind == YAML_SEQUENCE ? good_list(l, matrix->keys[i], values)
                                                  : good_names(l, values);
        if (!good) return 0;
        count *= values->count;
    }
    if (count <= SCN_SCENARIOS_MAX) return (uint32_t)count;
    yaml_error(l->doc, matrix, "expected at most %d combinations, got %llu", SCN_SCENARIOS_MAX,
               (unsigned long long)count);
    return 0;
}

/* ---- one of them ---- */

static void put(struct scn_loading *l, const struct yaml_node *key, const struct yaml_node *value) {
    const char *near, *path = scn_settable(l, key->text, true, &near);
    const char *origin = scn_format(l->arena, "%.300s:%d", l->doc->file, value->line);
    const char *why = yaml_set(l->doc, l->root, path, value->text, origin);
    if (why) yaml_error(l->doc, key, "%.80s: %s", key->text, why);
}

static void choose(struct scn_loading *l, const struct yaml_node *key,
                   const struct yaml_node *values, uint32_t which, char *suffix, size_t size) {
    struct yaml_node *value = values->items[which];
    if (values->kind == YAML_SEQUENCE) {
        named_after(suffix, size, value->text);
        put(l, key, value);
        return;
    }
    snprintf(suffix, size, "%s", values->keys[which]->text);
    for (uint32_t k = 0; value->kind == YAML_MAPPING && k < value->count; k++)
        put(l, value->keys[k], value->items[k]);
}

static void rename_to(struct scn_loading *l, const char *key, const char *text) {
    struct yaml_node *node = yaml_key(l->doc, l->root, key);
    if (yaml_is_null(node) || node->kind != YAML_SCALAR) return; /* a bad one is told later */
    const char *origin = scn_format(l->arena, "%.300s:%d", l->doc->file, node->line);
    const char *why = yaml_set(l->doc, l->root, key, text, origin);
    if (why) yaml_error(l->doc, node, "%s: %s", key, why);
}

static const char *stated(struct scn_loading *l, const char *key) {
    struct yaml_node *node = yaml_key(l->doc, l->root, key);
    return yaml_is_null(node) || node->kind != YAML_SCALAR ? "" : node->text;
}

/* The last parameter's values change first. */
const char *scn_vary(struct scn_loading *l, uint32_t number) {
    char name[SCN_NAME_BYTES * (PARAMETERS_MAX + 1) + PARAMETERS_MAX + 1] = "";
    const struct yaml_node *matrix = matrix_of(l);
    uint32_t apart = 1; /* numbers between two values of the parameter */
    for (uint32_t i = 1; i < matrix->count; i++) apart *= matrix->items[i]->count;
    for (uint32_t i = 0; i < matrix->count; i++) {
        const struct yaml_node *values = matrix->items[i];
        char suffix[SUFFIX_BYTES + 1];
        choose(l, matrix->keys[i], values, number / apart % values->count, suffix, sizeof suffix);
        snprintf(name + strlen(name), sizeof name - strlen(name), "%s%s", i > 0 ? "-" : "", suffix);
        if (i + 1 < matrix->count) apart /= matrix->items[i + 1]->count;
    }
    rename_to(l, "title", scn_format(l->arena, "%.150s (%.300s)", stated(l, "title"), name));
    rename_to(l, "name", scn_format(l->arena, "%.47s-%.440s", stated(l, "name"), name));
    return arena_text(l->arena, name, strlen(name));
}
