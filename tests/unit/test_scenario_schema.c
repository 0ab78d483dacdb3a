/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * scenarios/scenario.schema.json says what the loader takes, no more and no less. The loader is
 * built here with its questions listened to: which keys it asks of which mapping, over a file that
 * has every mapping.
 */
#undef yaml_key
#undef yaml_unknown_keys
#include "tests/runner.h"
#include "tests/unit/scenario_files.h"
#include "scenarios/words/expect.def"
#include "topologies/generate.h"
#include <jansson.h>
#include <stdlib.h>

#define KNOWN_MAX 4000

static struct known {
    const struct yaml_node *mapping;
    const char *key, *where;
} known[KNOWN_MAX];
static size_t known_count;
static struct arena arena;
static json_t *schema;

struct yaml_node *heard_key(struct yaml_doc *doc, struct yaml_node *mapping, const char *key);
void heard_unknown_keys(struct yaml_doc *doc, struct yaml_node *mapping, const char *where);

struct yaml_node *heard_key(struct yaml_doc *doc, struct yaml_node *mapping, const char *key) {
    size_t i = 0;
    while (i < known_count && (known[i].mapping != mapping || strcmp(known[i].key, key) != 0)) i++;
    if (i == known_count && mapping && known_count < KNOWN_MAX)
        known[known_count++] = (struct known){mapping, key, NULL};
    return yaml_key(doc, mapping, key);
}

void heard_unknown_keys(struct yaml_doc *doc, struct yaml_node *mapping, const char *where) {
    for (size_t i = 0; i < known_count; i++)
        if (known[i].mapping == mapping) known[i].where = where;
    yaml_unknown_keys(doc, mapping, where);
}

static void listen(void) {
    static struct diags diags;
    struct catalogue catalogue = {.arena = &arena};
    struct scn_files files = catalogue_files(&catalogue);
    struct scenario *list;
    uint32_t count;
    size_t len = 0;
    arena_open(&arena);
    schema = json_load_file(FIREDRILL_SOURCE_DIR "/scenarios/scenario.schema.json",
                            JSON_REJECT_DUPLICATES, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(schema);
    char *text = file_whole(&arena, FIREDRILL_SOURCE_DIR "/tests/scenarios/every_key.yaml", &len);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    bool good = scn_load(&arena, "every_key.yaml", text, len, &files, NULL, &diags, &list, &count);
    if (!good) diag_print(&diags, stderr);
    CU_ASSERT_TRUE_FATAL(good);
    CU_ASSERT_TRUE_FATAL(known_count < KNOWN_MAX);
}

/* ---- where a mapping of the loader's stands in the schema ---- */

#define MAPPING_FORMS 3
static const struct place {
    const char *where; /* what unknown keys are told of; "fault of kind " stands for every kind */
    const char *forms[MAPPING_FORMS]; /* paths; what is asked of one may be asked of the others */
} places[] = {
    {"scenario", {""}},
    {"generated topology", {"properties/topology/anyOf/1"}},
    {"metrics", {"properties/metrics"}},
    {"engine", {"definitions/engine"}},
    {"role", {"definitions/role/anyOf/1"}},
    {"choose", {"definitions/role/anyOf/1/properties/choose/anyOf/1"}},
    {"load", {"properties/load"}},
    {"service_times", {"properties/service_times"}},
    {"fault of kind ", {"definitions/fault", "definitions/cause", "definitions/mix_cause"}},
    {"on", {"definitions/on"}},
    {"log", {"definitions/log"}},
    {"incidents", {"definitions/incidents"}},
    {"patch with reply ", {"definitions/patch", "definitions/mix_patch"}},
    {"checks", {"definitions/patch/properties/checks"}},
    {"loop", {"definitions/patch/properties/loop"}},
    {"failing_calls", {"definitions/patch/properties/failing_calls"}},
    {"bad_from", {"definitions/patch/properties/bad_from"}},
    {"person", {"definitions/person"}},
    {"history", {"definitions/history"}},
    {"series", {"definitions/history/properties/series/items"}},
    {"past operation", {"definitions/history/properties/operations/items"}},
    {"past change", {"definitions/history/properties/changes/items"}},
    {"expectation", {"definitions/expectation"}},
    {"mttr", {"definitions/expectation/properties/mttr"}},
    {"bounds", {"definitions/bounds"}},
    {"must_not", {"definitions/must_not/anyOf/1"}},
};

static const json_t *at(const char *path) {
    const json_t *v = schema;
    while (*path) {
        char step[64];
        size_t len = strcspn(path, "/");
        snprintf(step, sizeof step, "%.*s", (int)len, path);
        v = json_is_array(v) ? json_array_get(v, (size_t)atoi(step)) : json_object_get(v, step);
        path += len + (path[len] == '/');
    }
    CU_ASSERT_PTR_NOT_NULL_FATAL(v);
    return v;
}

static bool stands_for(const struct place *p, const char *where) {
    size_t len = strlen(p->where);
    return p->where[len - 1] == ' ' ? strncmp(where, p->where, len) == 0
                                    : strcmp(where, p->where) == 0;
}

static bool is_asked(const struct place *p, const char *key) {
    for (size_t i = 0; i < known_count; i++)
        if (known[i].where && stands_for(p, known[i].where) && strcmp(known[i].key, key) == 0)
            return true;
    return false;
}

static void what_it_has_the_loader_asks(void) {
    for (size_t i = 0; i < ARRAY_LEN(places); i++)
        for (size_t k = 0; k < MAPPING_FORMS && places[i].forms[k]; k++) {
            const char *key;
            json_t *unused;
            const json_t *form = at(places[i].forms[k]);
            CU_ASSERT_TRUE(json_is_false(json_object_get(form, "additionalProperties")));
            json_object_foreach(json_object_get(form, "properties"), key, unused) {
                if (is_asked(&places[i], key)) continue;
                fprintf(stderr, "  the loader never asks a %s for \"%s\"\n", places[i].where, key);
                CU_FAIL("a key that nobody reads");
            }
        }
}

static void what_the_loader_asks_it_has(void) {
    for (size_t i = 0; i < known_count; i++) {
        size_t p = 0, k = 0;
        if (!known[i].where) continue; /* the policy's own words */
        while (p < ARRAY_LEN(places) && !stands_for(&places[p], known[i].where)) p++;
        CU_ASSERT_TRUE_FATAL(p < ARRAY_LEN(places));
        while (
            k < MAPPING_FORMS && places[p].forms[k] &&
            !json_object_get(json_object_get(at(places[p].forms[k]), "properties"), known[i].key))
            k++;
        if (k < MAPPING_FORMS && places[p].forms[k]) continue;
        fprintf(stderr, "  no \"%s\" of a %s\n", known[i].key, known[i].where);
        CU_FAIL("a key that the schema lacks");
    }
}

/* ---- words ---- */

struct word {
    const char *word, *meaning;
};

static void has_words(const char *path, const struct word *words, size_t count) {
    const json_t *list = json_object_get(at(path), "enum");
    const json_t *meanings = json_object_get(at(path), "enumDescriptions");
    for (size_t i = 0; i < count || i < json_array_size(list); i++) {
        const char *word = json_string_value(json_array_get(list, i));
        const char *meaning = json_string_value(json_array_get(meanings, i));
        bool good = i < count && word && strcmp(word, words[i].word) == 0 &&
                    (!words[i].meaning || (meaning && strcmp(meaning, words[i].meaning) == 0));
        CU_ASSERT_TRUE(good);
        if (good) continue;
        fprintf(stderr, "  %s: \"%s\" (%s) where \"%s\" (%s) stands\n", path,
                i < count ? words[i].word : "nothing", i < count ? words[i].meaning : "",
                word ? word : "nothing", meaning ? meaning : "");
        return;
    }
}

#define WORD_(name, meaning) {#name, meaning},
static void its_words_are_those_of_the_tables(void) {
    static const struct word reactions[] = {EXPECT_REACTIONS(WORD_)};
    static const struct word outcomes[] = {EXPECT_OUTCOMES(WORD_)};
    static const struct word must_nots[] = {EXPECT_MUST_NOTS(WORD_)};
    struct word kinds[FAULT_COUNT], shapes[TOPO_SHAPE_COUNT];
    struct word changes[OPKIND_COUNT], symptoms[SYMPTOM_COUNT], commands[COMMAND_COUNT];
    struct word severities[SEVERITY_COUNT], modes[MODE_COUNT], replies[REPLY_COUNT];
    has_words("definitions/reaction", reactions, ARRAY_LEN(reactions));
    has_words("definitions/outcome", outcomes, ARRAY_LEN(outcomes));
    has_words("definitions/must_not_word", must_nots, ARRAY_LEN(must_nots));
    for (int i = 0; i < FAULT_COUNT; i++) {
        const struct fault_entry *entry = fault_entry((enum fault_kind)i);
        kinds[i] = (struct word){entry->name, entry->meaning};
    }
    has_words("definitions/fault_kind", kinds, FAULT_COUNT);
#define TRIGGER(NAME, text, meaning) {text, meaning},
    static const struct word triggers[] = {
#include "scenarios/words/trigger.def"
    };
#undef TRIGGER
    has_words("definitions/trigger", triggers, ARRAY_LEN(triggers));
#define NAMES_(list, count, name, path)                                                            \
    for (int i = 0; i < count; i++) list[i] = (struct word){name, NULL};                           \
    has_words(path, list, count)
    NAMES_(shapes, TOPO_SHAPE_COUNT, topo_shape_name((enum topo_shape)i),
           "properties/topology/anyOf/1/properties/kind");
    NAMES_(changes, OPKIND_COUNT, opkind_name(i),
           "definitions/history/properties/changes/items/properties/kind");
    NAMES_(changes, OPKIND_COUNT, opkind_name(i),
           "definitions/history/properties/operations/items/properties/kind");
    NAMES_(symptoms, SYMPTOM_COUNT, symptom_name(i), "definitions/symptom");
    NAMES_(commands, COMMAND_COUNT, command_name(i), "definitions/fault/properties/command");
    NAMES_(severities, SEVERITY_COUNT, severity_name(i), "definitions/fault/properties/severity");
    NAMES_(modes, MODE_COUNT, mode_name(i), "definitions/fault/properties/mode");
    NAMES_(replies, REPLY_COUNT, reply_name(i), "definitions/patch/properties/reply");
}

/* ---- what a fault's kind asks for ---- */

/* The demand, one of a form's allOf, that holds for a kind and says such about a key. */
static const json_t *demand(const char *form, const char *kind, const char *key) {
    const json_t *all = json_object_get(at(form), "allOf");
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *one = json_array_get(all, i), *then = json_object_get(one, "then");
        const json_t *kinds = json_object_get(
            json_object_get(json_object_get(json_object_get(one, "if"), "properties"), "kind"),
            "enum");
        bool of_key = json_object_get(json_object_get(then, "properties"), key) != NULL;
        const json_t *required = json_object_get(then, "required");
        for (size_t k = 0; k < json_array_size(required); k++)
            of_key |= strcmp(json_string_value(json_array_get(required, k)), key) == 0;
        for (size_t k = 0; of_key && k < json_array_size(kinds); k++)
            if (strcmp(json_string_value(json_array_get(kinds, k)), kind) == 0) return then;
    }
    return NULL;
}

static const char *type_of_value(const json_t *then) {
    const json_t *value = json_object_get(json_object_get(then, "properties"), "value");
    const char *ref = json_string_value(json_object_get(value, "$ref"));
    if (json_is_false(value)) return "none";
    return ref ? strrchr(ref, '/') + 1 : json_string_value(json_object_get(value, "type"));
}

static void a_value_is_of_its_kinds(void) {
    static const char *const types[] = {
        [FAULT_VALUE_SHARE] = "share",   [FAULT_VALUE_DURATION] = "duration",
        [FAULT_VALUE_COUNT] = "integer", [FAULT_VALUE_WRITES] = "integer",
        [FAULT_VALUE_PPM] = "integer",   [FAULT_VALUE_OFFSET] = "duration",
        [FAULT_VALUE_NOTHING] = "none"};
    for (int i = 0; i < FAULT_COUNT; i++) {
        const struct fault_entry *entry = fault_entry((enum fault_kind)i);
        const char *type = type_of_value(demand("definitions/fault", entry->name, "value"));
        if (!type || strcmp(type, types[entry->value]) != 0)
            fprintf(stderr, "  %s: %s\n", entry->name, type ? type : "no value");
        CU_ASSERT_TRUE(type && strcmp(type, types[entry->value]) == 0);
    }
}

static void a_target_is_where_its_kind_has_one(void) {
    for (int i = 0; i < FAULT_COUNT; i++) {
        const struct fault_entry *entry = fault_entry((enum fault_kind)i);
        enum fault_target t = entry->target;
        bool link = t == FAULT_TARGET_LINK, command = t == FAULT_TARGET_COMMAND;
        bool target = !link && !command && t != FAULT_TARGET_NONE;
        bool good = (demand("definitions/fault", entry->name, "target") != NULL) == target &&
                    (demand("definitions/fault", entry->name, "from") != NULL) == link &&
                    (demand("definitions/fault", entry->name, "command") != NULL) == command;
        if (!good) fprintf(stderr, "  %s\n", entry->name);
        CU_ASSERT_TRUE(good);
    }
}

/* ---- the document for people ---- */

static void every_key_is_documented(void) {
    size_t len = 0;
    const char *text = file_whole(&arena, FIREDRILL_SOURCE_DIR "/docs/SCENARIOS.md", &len);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        const char *key;
        json_t *unused;
        json_object_foreach(json_object_get(at(places[i].forms[0]), "properties"), key, unused) {
            char quoted[80], shown[80];
            snprintf(quoted, sizeof quoted, "`%s`", key);
            snprintf(shown, sizeof shown, "%s: ", key);
            bool there = strstr(text, quoted) || strstr(text, shown);
            if (!there) fprintf(stderr, "  docs/SCENARIOS.md has no \"%s\"\n", key);
            CU_ASSERT_TRUE(there);
        }
    }
    json_decref(schema);
    arena_close(&arena);
}

TEST_MAIN("scenario schema", TEST(listen), TEST(what_it_has_the_loader_asks),
          TEST(what_the_loader_asks_it_has), TEST(its_words_are_those_of_the_tables),
          TEST(a_value_is_of_its_kinds), TEST(a_target_is_where_its_kind_has_one),
          TEST(every_key_is_documented))
