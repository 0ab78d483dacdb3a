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

#define KNOWN_MAX   4000
#define SCHEMA_FILE FIREDRILL_SOURCE_DIR "/scenarios/scenario.schema.json"

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
    schema = json_load_file(SCHEMA_FILE, JSON_REJECT_DUPLICATES, NULL);
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

static json_t *at(const char *path) {
    json_t *v = schema;
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
        CU_FAIL("a key that scenarios/scenario.schema.json lacks");
    }
}

/* ---- words: what the tables have, for the schema to have ---- */

struct word {
    const char *word, *meaning;
};

#define WORD_(name, meaning)             {#name, meaning},
#define TRIGGER(NAME, text, meaning)     {text, meaning},
#define FAULT(NAME, text, t, v, meaning) {text, meaning},
static const struct word reactions[] = {EXPECT_REACTIONS(WORD_)};
static const struct word outcomes[] = {EXPECT_OUTCOMES(WORD_)};
static const struct word must_nots[] = {EXPECT_MUST_NOTS(WORD_)};
static const struct word triggers[] = {
#include "scenarios/words/trigger.def"
};
static const struct word kinds[] = {
#include "scenarios/words/fault.def"
};
static const struct {
    const char *path;
    const struct word *words;
    size_t count;
} worded[] = {
    {"definitions/reaction", reactions, ARRAY_LEN(reactions)},
    {"definitions/outcome", outcomes, ARRAY_LEN(outcomes)},
    {"definitions/must_not_word", must_nots, ARRAY_LEN(must_nots)},
    {"definitions/trigger", triggers, ARRAY_LEN(triggers)},
    {"definitions/fault_kind", kinds, ARRAY_LEN(kinds)},
};

static const char *shape_name(int64_t i) { return topo_shape_name((enum topo_shape)i); }
static const struct {
    const char *path;
    const char *(*name)(int64_t);
    int64_t count;
} named[] = {
    {"properties/topology/anyOf/1/properties/kind", shape_name, TOPO_SHAPE_COUNT},
    {"definitions/history/properties/changes/items/properties/kind", opkind_name, OPKIND_COUNT},
    {"definitions/history/properties/operations/items/properties/kind", opkind_name, OPKIND_COUNT},
    {"definitions/symptom", symptom_name, SYMPTOM_COUNT},
    {"definitions/fault/properties/command", command_name, COMMAND_COUNT},
    {"definitions/fault/properties/severity", severity_name, SEVERITY_COUNT},
    {"definitions/fault/properties/mode", mode_name, MODE_COUNT},
    {"definitions/patch/properties/reply", reply_name, REPLY_COUNT},
    {"definitions/mix_patch/properties/reply", reply_name, REPLY_COUNT},
};

/* ---- what a fault's kind asks for: the demands among a form's allOf ---- */

static bool takes(const json_t *type, enum fault_value value) {
    const char *ref = json_string_value(json_object_get(type, "$ref"));
    const json_t *least = json_object_get(type, "minimum");
    if (json_is_false(type)) return value == FAULT_VALUE_NOTHING;
    if (ref && strcmp(ref, "#/definitions/share") == 0) return value == FAULT_VALUE_SHARE;
    if (ref) return value == FAULT_VALUE_DURATION || value == FAULT_VALUE_OFFSET;
    if (!least) return value == FAULT_VALUE_PPM;
    return value == (json_integer_value(least) == 0   ? FAULT_VALUE_WRITES
                     : json_integer_value(least) == 1 ? FAULT_VALUE_COUNT
                                                      : FAULT_VALUE_FACTOR);
}

static bool demands(const json_t *then, const char *key) {
    const json_t *required = json_object_get(then, "required");
    for (size_t k = 0; k < json_array_size(required); k++)
        if (strcmp(json_string_value(json_array_get(required, k)), key) == 0) return true;
    return false;
}

/* Whether a demand is one that a kind of fault makes. */
static bool made_by(const json_t *then, const struct fault_entry *entry) {
    const json_t *type = json_object_get(json_object_get(then, "properties"), "value");
    enum fault_target t = entry->target;
    if (type) return takes(type, entry->value);
    if (demands(then, "from")) return t == FAULT_TARGET_LINK;
    if (demands(then, "command")) return t == FAULT_TARGET_COMMAND;
    return t != FAULT_TARGET_LINK && t != FAULT_TARGET_COMMAND && t != FAULT_TARGET_NONE;
}

static json_t *who_makes(const json_t *then) {
    json_t *list = json_array();
    for (int i = 0; i < FAULT_COUNT; i++)
        if (made_by(then, fault_entry((enum fault_kind)i)))
            json_array_append_new(list, json_string(fault_entry((enum fault_kind)i)->name));
    return list;
}

/* The lists of kinds in a form's demands, each with what follows for them. */
static json_t *kinds_that(const char *form, size_t i, const json_t **then) {
    const json_t *one = json_array_get(json_object_get(at(form), "allOf"), i);
    *then = json_object_get(one, "then");
    return json_object_get(json_object_get(json_object_get(one, "if"), "properties"), "kind");
}

/* ---- held against the tables, or written from them ---- */

static bool writes;

static void hold(json_t *owner, const char *key, json_t *expected, const char *path) {
    bool same = json_equal(json_object_get(owner, key), expected);
    if (writes) json_object_set(owner, key, expected);
    if (!same && !writes)
        fprintf(
            stderr,
            "  %s: \"%s\" is not as the tables have it; build/scenarios/scenario_schema --write\n",
            path, key);
    CU_ASSERT_TRUE(same || writes);
    json_decref(expected);
}

static void its_words_are_those_of_the_tables(void) {
    for (size_t i = 0; i < ARRAY_LEN(worded); i++) {
        json_t *words = json_array(), *meanings = json_array(), *owner = at(worded[i].path);
        for (size_t k = 0; k < worded[i].count; k++) {
            json_array_append_new(words, json_string(worded[i].words[k].word));
            json_array_append_new(meanings, json_string(worded[i].words[k].meaning));
        }
        hold(owner, "enum", words, worded[i].path);
        hold(owner, "enumDescriptions", meanings, worded[i].path);
    }
    for (size_t i = 0; i < ARRAY_LEN(named); i++) {
        json_t *words = json_array();
        for (int64_t k = 0; k < named[i].count; k++)
            json_array_append_new(words, json_string(named[i].name(k)));
        hold(at(named[i].path), "enum", words, named[i].path);
    }
}

static void each_kind_asks_for_what_it_needs(void) {
    static const char *const forms[] = {"definitions/fault", "definitions/cause"};
    for (size_t f = 0; f < ARRAY_LEN(forms); f++) {
        size_t valued = 0;
        for (size_t i = 0; i < json_array_size(json_object_get(at(forms[f]), "allOf")); i++) {
            const json_t *then;
            json_t *owner = kinds_that(forms[f], i, &then);
            if (!owner) continue;
            hold(owner, "enum", who_makes(then), forms[f]);
            if (json_object_get(json_object_get(then, "properties"), "value"))
                valued += json_array_size(json_object_get(owner, "enum"));
        }
        CU_ASSERT_EQUAL(valued, FAULT_COUNT); /* each has one form of value, or none */
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
}

/* "--write": what the tables say goes into the file; keys are for people to add. */
int main(int argc, char **argv) {
    static const struct test_case cases[] = {
        TEST(listen),
        TEST(its_words_are_those_of_the_tables),
        TEST(each_kind_asks_for_what_it_needs),
        TEST(what_it_has_the_loader_asks),
        TEST(what_the_loader_asks_it_has),
        TEST(every_key_is_documented),
    };
    writes = argc > 1 && strcmp(argv[1], "--write") == 0;
    int failed = test_run("scenario schema", cases, writes ? 3 : ARRAY_LEN(cases));
    if (writes && !failed && json_dump_file(schema, SCHEMA_FILE, JSON_INDENT(1)) != 0) failed = 1;
    return failed;
}
