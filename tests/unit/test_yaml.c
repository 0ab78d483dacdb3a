/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/yaml/yaml.h"
#include "tests/runner.h"
#include <stdlib.h>

static struct arena arena;
static struct diags diags;
static struct yaml_doc doc;

static bool read_bytes(const char *text, size_t len, yaml_env lookup) {
    arena_close(&arena);
    arena_open(&arena);
    memset(&diags, 0, sizeof(diags));
    return yaml_read(&doc, &arena, &diags, "f.yaml", text, len, lookup, NULL);
}
static bool read_others(const char *text) {
    arena_close(&arena);
    arena_open(&arena);
    memset(&diags, 0, sizeof(diags));
    return yaml_read_others(&doc, &arena, &diags, "f.yaml", text, strlen(text));
}
static bool read_text(const char *text) { return read_bytes(text, strlen(text), NULL); }
static struct yaml_node *at(const char *key) { return yaml_key(&doc, doc.root, key); }

/* The only thing told so far is this error at this place. */
static void told(int line, int column, const char *message) {
    CU_ASSERT_EQUAL(diags.errors, 1);
    CU_ASSERT_EQUAL(diags.list[0].line, line);
    CU_ASSERT_EQUAL(diags.list[0].column, column);
    CU_ASSERT_STRING_EQUAL(diags.list[0].message, message);
    CU_ASSERT_STRING_EQUAL(diags.list[0].file, "f.yaml");
    memset(&diags, 0, sizeof(diags));
}
static void refused(const char *text, int line, int column, const char *message) {
    CU_ASSERT_FALSE(read_text(text));
    CU_ASSERT_PTR_NULL(doc.root);
    told(line, column, message);
}

static void builds_a_tree_with_places(void) {
    CU_ASSERT_TRUE(
        read_text("name: shop\nservices:\n  - name: a\n    port: 80\n  - {name: \"b\"}\n"));
    CU_ASSERT_EQUAL(doc.document_count, 1);
    CU_ASSERT_STRING_EQUAL(yaml_text(&doc, at("name"), "?"), "shop");
    struct yaml_node *services = at("services");
    CU_ASSERT_EQUAL(yaml_count(&doc, services), 2);
    struct yaml_node *port = yaml_key(&doc, services->items[0], "port");
    CU_ASSERT_EQUAL(port->line, 4);
    CU_ASSERT_EQUAL(port->column, 11);
    CU_ASSERT_FALSE(port->quoted);
    CU_ASSERT_TRUE(yaml_key(&doc, services->items[1], "name")->quoted);
    CU_ASSERT_PTR_NULL(at("missing"));
    CU_ASSERT_EQUAL(diags.count, 0);
}

static void reads_several_documents(void) {
    CU_ASSERT_TRUE(read_text("a: 1\n---\nb: 2\n---\n"));
    CU_ASSERT_EQUAL(doc.document_count, 2);
    CU_ASSERT_STRING_EQUAL(doc.documents[1]->keys[0]->text, "b");
    CU_ASSERT_TRUE(read_text(""));
    CU_ASSERT_EQUAL(doc.document_count, 0);
    CU_ASSERT_PTR_NULL(doc.root);
    CU_ASSERT_TRUE(read_text("\xEF\xBB\xBF"
                             "a: 1\n"));
    CU_ASSERT_EQUAL(yaml_int(&doc, at("a"), 0, 9, 0), 1);
}

static void refuses_what_is_not_supported(void) {
    refused("a: &x 1\nb: *x\n", 2, 4, "aliases are not supported");
    refused("*x : 1\n", 1, 1, "aliases are not supported");
    refused("<<: {a: 1}\n", 1, 1, "merge keys (\"<<\") are not supported");
    refused("a: !!python/object x\n", 1, 4, "tags are not supported");
    refused("# x\n%TAG !e! tag:example.com:\n--- 1\n", 2, 1, "tags are not supported");
    refused("? [a]\n: 1\n", 1, 3, "a key must be a plain text");
    refused("b: 1\na: 2\nb: 3\n", 3, 1, "duplicate key \"b\"; it stands on line 1 already");
    refused("a: \"x\\0y\"\n", 1, 4, "a text may not hold a NUL character");
    refused("a: 1\n b: 2\n", 2, 3, "not YAML: mapping values are not allowed in this context");
    refused("a: {b: 1\n", 2, 1,
            "not YAML: while parsing a flow mapping did not find expected ',' or '}'");
    CU_ASSERT_TRUE(read_text("a: &anchor {b: 1}\n"));
}

static void refuses_what_is_not_text(void) {
    refused("a: 1\nb: caf\xC3\xA9 \xFF\n", 2, 9,
            "not UTF-8 text: invalid leading UTF-8 octet (0xFF)");
    refused("a: \xED\xA0\x80\n", 1, 4, "not UTF-8 text: invalid Unicode character (0xD800)");
    refused("a: \x01\n", 1, 4, "not UTF-8 text: control characters are not allowed (0x01)");
    CU_ASSERT_FALSE(read_bytes("\x7F"
                               "ELF\x02\x01\0\0",
                               8, NULL));
    CU_ASSERT_EQUAL(diags.list[0].line, 1);
    CU_ASSERT_EQUAL(diags.list[0].column, 1);
}

static void refuses_a_bomb_of_aliases(void) {
    CU_ASSERT_FALSE(read_text("a: &a [x,x,x,x]\nb: &b [*a,*a,*a,*a]\nc: [*b,*b,*b,*b]\n"));
    told(2, 8, "aliases are not supported");
    CU_ASSERT(arena.taken < 65536);
}

static void follows_aliases_of_others(void) {
    CU_ASSERT_TRUE(read_others("a: &x {b: 1}\nc: *x\nd: [*x, &x 2, *x]\n? &k e\n: *k\n"));
    CU_ASSERT_PTR_EQUAL(at("c"), at("a"));
    CU_ASSERT_PTR_EQUAL(at("d")->items[0], at("a"));
    CU_ASSERT_EQUAL(yaml_int(&doc, at("d")->items[2], 0, 9, 0), 2);
    CU_ASSERT_STRING_EQUAL(yaml_text(&doc, at("e"), "?"), "e");
    CU_ASSERT_TRUE(read_others("a: \"${NO:-text} ${1}\"\n"));
    CU_ASSERT_STRING_EQUAL(yaml_text(&doc, at("a"), "?"), "${NO:-text} ${1}");
    CU_ASSERT_FALSE(read_others("a: *x\n"));
    told(1, 4, "no anchor \"&x\" stands before this");
    CU_ASSERT_FALSE(read_others("a: &x [*x]\n"));
    told(1, 8, "no anchor \"&x\" stands before this");
    CU_ASSERT_FALSE(read_others("a: &x 1\n---\nb: *x\n"));
    told(3, 4, "no anchor \"&x\" stands before this");
    CU_ASSERT_FALSE(read_others("a: &x [1]\n*x : 1\n"));
    told(1, 4, "a key must be a plain text");
}

static void takes_in_merged_mappings(void) {
    CU_ASSERT_TRUE(read_others("a: &a {x: 1, y: 2}\nb: &b {y: 3, z: 4}\n"
                               "c: {<<: [*a, *b], x: 5}\nd: {<<: *b}\n"));
    struct yaml_node *c = at("c");
    CU_ASSERT_EQUAL(yaml_pairs(&doc, c), 3);
    CU_ASSERT_EQUAL(yaml_int(&doc, yaml_key(&doc, c, "x"), 0, 9, 0), 5);
    CU_ASSERT_EQUAL(yaml_int(&doc, yaml_key(&doc, c, "y"), 0, 9, 0), 2);
    CU_ASSERT_EQUAL(yaml_int(&doc, yaml_key(&doc, c, "z"), 0, 9, 0), 4);
    CU_ASSERT_EQUAL(yaml_pairs(&doc, at("d")), 2);
    CU_ASSERT_FALSE(read_others("a: {<<: 1}\n"));
    told(1, 5, "\"<<\" takes a mapping or a list of mappings");
    CU_ASSERT_FALSE(read_others("a: {\"<<\": 1, <<: {}}\n"));
    told(1, 14, "duplicate key \"<<\"; it stands on line 1 already");
}

/* Each line is ten of the one before it. */
static void others_cannot_explode(void) {
    char text[2048];
    size_t len = (size_t)snprintf(text, sizeof text, "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
    for (int i = 1; i < 9; i++) {
        len += (size_t)snprintf(text + len, sizeof text - len, "a%d: &a%d [", i, i);
        for (int k = 0; k < 10; k++)
            len += (size_t)snprintf(text + len, sizeof text - len, "%s*a%d", k ? "," : "", i - 1);
        len += (size_t)snprintf(text + len, sizeof text - len, "]\n");
    }
    CU_ASSERT_FALSE(read_others(text));
    told(6, 22, "more than the limit of 500000 values");
    CU_ASSERT(arena.taken < 65536);
    len = (size_t)snprintf(text, sizeof text, "a0: &a0 [x]\n");
    for (int i = 1; i < 40; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "a%d: &a%d [*a%d]\n", i, i, i - 1);
    CU_ASSERT_FALSE(read_others(text));
    told(31, 12, "nested deeper than the limit of 32 levels");
}

static void keeps_its_limits(void) {
    static char big[(1 << 20) + 2];
    memset(big, ' ', sizeof(big));
    CU_ASSERT_FALSE(read_bytes(big, sizeof(big), NULL));
    told(0, 0, "1048578 bytes are more than the limit of 1048576");
    memset(big, '[', 1000);
    CU_ASSERT_FALSE(read_bytes(big, 1000, NULL));
    told(1, 33, "nested deeper than the limit of 32 levels");
    memset(big, 'x', 70000);
    CU_ASSERT_FALSE(read_bytes(big, 70000, NULL));
    told(1, 1, "a text is longer than the limit of 65536 bytes");
    for (size_t i = 0; i < 500000; i += 2) memcpy(big + i, i ? "1," : "[ ", 2);
    CU_ASSERT_FALSE(read_bytes(big, 500000, NULL));
    told(1, 400001, "more than the limit of 200000 values");
    CU_ASSERT_TRUE(read_text("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"));
}

static void names_the_nearest_key(void) {
    read_text("replcas: 2\nname: a\n");
    at("port");
    at("replicas");
    at("name");
    yaml_unknown_keys(&doc, doc.root, "service");
    told(1, 1, "unknown key \"replcas\" in service; did you mean \"replicas\"?");
    read_text("nam\x1b: 2\n");
    at("replicas");
    yaml_unknown_keys(&doc, doc.root, "service");
    CU_ASSERT_EQUAL(diags.errors, 1); /* refused by the reader: a control character */
    read_text("\"bell\\a\": 2\n");
    at("replicas");
    yaml_unknown_keys(&doc, doc.root, "service");
    told(1, 1, "unknown key \"bell\\x07\" in service");
}

static void tells_kinds_apart_once(void) {
    read_text("a: 1\nb: [1]\nc:\n");
    CU_ASSERT_PTR_NULL(yaml_key(&doc, at("a"), "x"));
    CU_ASSERT_PTR_NULL(yaml_key(&doc, at("a"), "y"));
    told(1, 4, "expected a mapping of keys to values, got a single value");
    CU_ASSERT_EQUAL(yaml_count(&doc, at("a")), 0);
    CU_ASSERT_PTR_NULL(yaml_key(&doc, at("b"), "x"));
    told(2, 4, "expected a mapping of keys to values, got a list");
    CU_ASSERT_PTR_NULL(yaml_key(&doc, at("c"), "x"));
    CU_ASSERT_EQUAL(yaml_int(&doc, at("b"), 0, 9, 7), 7);
    told(2, 4, "expected a whole number, got a list");
    CU_ASSERT_STRING_EQUAL(yaml_text(&doc, at("b"), "?"), "?");
    told(2, 4, "expected a text, got a list");
    CU_ASSERT_EQUAL(yaml_pairs(&doc, at("c")), 0);
    yaml_text(&doc, doc.root, "?");
    told(1, 1, "expected a text, got a mapping");
}

static void knows_null_from_text(void) {
    read_text("a: null\nb: \"null\"\nc: ~\nd: ''\ne:\n");
    CU_ASSERT_STRING_EQUAL(yaml_text(&doc, at("a"), "?"), "?");
    CU_ASSERT_STRING_EQUAL(yaml_text(&doc, at("b"), "?"), "null");
    CU_ASSERT_STRING_EQUAL(yaml_text(&doc, at("c"), "?"), "?");
    CU_ASSERT_STRING_EQUAL(yaml_text(&doc, at("d"), "?"), "");
    CU_ASSERT_STRING_EQUAL(yaml_text(&doc, at("e"), "?"), "?");
}

/* One bad value: told at 1:4, and the default returned. */
#define BAD(text, call, otherwise, message)                                                        \
    do {                                                                                           \
        read_text("v: " text "\n");                                                                \
        CU_ASSERT_EQUAL(call, otherwise);                                                          \
        told(1, 4, message);                                                                       \
    } while (0)
#define GOOD(text, call, value)                                                                    \
    do {                                                                                           \
        read_text("v: " text "\n");                                                                \
        CU_ASSERT_EQUAL(call, value);                                                              \
        CU_ASSERT_EQUAL(diags.count, 0);                                                           \
    } while (0)

static void reads_whole_numbers(void) {
#define INT yaml_int(&doc, at("v"), -5, 100, 42)
    GOOD("7", INT, 7);
    GOOD("-5", INT, -5);
    GOOD("\"100\"", INT, 100);
    GOOD("", INT, 42);
    BAD("010", INT, 42, "expected a whole number, got \"010\"");
    BAD("0x10", INT, 42, "expected a whole number, got \"0x10\"");
    BAD("7s", INT, 42, "expected a whole number, got \"7s\"");
    BAD("1e3", INT, 42, "expected a whole number, got \"1e3\"");
    BAD("1.0", INT, 42, "expected a whole number, got \"1.0\"");
    BAD("99999999999999999999", INT, 42, "expected a whole number, got \"99999999999999999999\"");
    BAD("101", INT, 42, "expected a whole number from -5 to 100, got \"101\"");
    BAD("0", yaml_int(&doc, at("v"), 1, INT64_MAX, 3), 3,
        "expected a whole number of at least 1, got \"0\"");
}

static void reads_durations(void) {
#define DURATION yaml_duration(&doc, at("v"), NS_PER_S, NS_PER_HOUR, 9)
    GOOD("36s", DURATION, 36 * NS_PER_S);
    GOOD("1.5m", DURATION, 90 * NS_PER_S);
    GOOD("0", yaml_duration(&doc, at("v"), 0, TIME_NEVER, 9), 0);
    BAD("36 seconds", DURATION, 9,
        "expected a duration such as \"250ms\", \"36s\" or \"5m\", got \"36 seconds\"");
    BAD("36", DURATION, 9, "expected a duration such as \"250ms\", \"36s\" or \"5m\", got \"36\"");
    BAD("2h", DURATION, 9, "expected a duration from 1s to 3600s, got \"2h\"");
}

static void reads_shares_and_decimals(void) {
#define SHARE yaml_share(&doc, at("v"), 10000, 1000000, 5)

#define DECIMAL yaml_decimal(&doc, at("v"), 500000, 10000000, 5)
    GOOD("15.2%", SHARE, 152000);
    GOOD("0.152", SHARE, 152000);
    GOOD("1", SHARE, 1000000);
    BAD("15.2 percent", SHARE, 5,
        "expected a share such as \"15.2%\" or 0.152, got \"15.2 percent\"");
    BAD("120%", SHARE, 5, "expected a share from 1% to 100%, got \"120%\"");
    GOOD("1.5", DECIMAL, 1500000);
    GOOD("2", DECIMAL, 2000000);
    BAD("1.5000001", DECIMAL, 5, "expected a number with at most six decimals, got \"1.5000001\"");
    BAD("1.", DECIMAL, 5, "expected a number with at most six decimals, got \"1.\"");
    BAD(".5", DECIMAL, 5, "expected a number with at most six decimals, got \".5\"");
    BAD("0.25", DECIMAL, 5, "expected a number from 0.5 to 10, got \"0.25\"");
}

static void reads_rates_and_sizes(void) {
    GOOD("1250/s", yaml_rate(&doc, at("v"), 1), 1250000);
    GOOD("3/min", yaml_rate(&doc, at("v"), 1), 50);
    GOOD("0.5/s", yaml_rate(&doc, at("v"), 1), 500);
    BAD("1250", yaml_rate(&doc, at("v"), 1), 1,
        "expected a rate such as \"1250/s\" or \"3/min\", got \"1250\"");
    BAD("1/h", yaml_rate(&doc, at("v"), 1), 1,
        "expected a rate of at least \"0.001/s\", got \"1/h\"");
    GOOD("2GiB", yaml_size(&doc, at("v"), 1), INT64_C(2) << 30);
    GOOD("800MB", yaml_size(&doc, at("v"), 1), 800000000);
    GOOD("1.5KiB", yaml_size(&doc, at("v"), 1), 1536);
    BAD("2G", yaml_size(&doc, at("v"), 1), 1,
        "expected a size such as \"2GiB\" or \"800MB\", got \"2G\"");
    BAD("-1MB", yaml_size(&doc, at("v"), 1), 1,
        "expected a size such as \"2GiB\" or \"800MB\", got \"-1MB\"");
    BAD("9000000000TiB", yaml_size(&doc, at("v"), 1), 1,
        "expected a size such as \"2GiB\" or \"800MB\", got \"9000000000TiB\"");
}

static void reads_times_choices_and_booleans(void) {
    static const char *const modes[] = {"observe", "advise", "act"};
    GOOD("1970-01-01T00:01:00Z", yaml_wall(&doc, at("v"), 1), 60 * NS_PER_S);
    BAD("yesterday", yaml_wall(&doc, at("v"), 1), 1,
        "expected a time in UTC such as \"2026-01-05T09:00:00Z\", got \"yesterday\"");
    GOOD("advise", yaml_choice(&doc, at("v"), modes, 3, 0), 1);
    BAD("advice", yaml_choice(&doc, at("v"), modes, 3, 0), 0,
        "unknown name \"advice\"; did you mean \"advise\"?");
    BAD("auto", yaml_choice(&doc, at("v"), modes, 3, 2), 2,
        "expected one of \"observe\", \"advise\", \"act\", got \"auto\"");
    GOOD("yes", yaml_bool(&doc, at("v"), false), true);
    GOOD("off", yaml_bool(&doc, at("v"), true), false);
    BAD("1", yaml_bool(&doc, at("v"), true), true, "expected true or false, got \"1\"");
}

static const char *lookup_host(void *context, const char *name) {
    (void)context;
    return strcmp(name, "HOST") == 0 ? "db.example" : strcmp(name, "EMPTY") == 0 ? "" : NULL;
}
static void expands(const char *text, const char *plain, const char *with_lookup) {
    char file[200];
    snprintf(file, sizeof(file), "v: \"%s\"\n", text);
    CU_ASSERT_TRUE(read_bytes(file, strlen(file), NULL));
    CU_ASSERT_STRING_EQUAL(yaml_text(&doc, at("v"), "?"), plain);
    CU_ASSERT_TRUE(read_bytes(file, strlen(file), lookup_host));
    CU_ASSERT_STRING_EQUAL(yaml_text(&doc, at("v"), "?"), with_lookup);
}
static void expands_environment_names(void) {
    expands("${HOST:-localhost}:80", "localhost:80", "db.example:80");
    expands("a${X:-}b", "ab", "ab");
    expands("${X:-1${Y:-2}3}}", "123}", "123}");
    expands("${HOST:-a${Y:-b}c}!", "abc!", "db.example!");
    expands("${EMPTY:-d}", "d", "d");
    expands("${HOST} ${NONE} ${1} $HOST ${} ${A-b}", "${HOST} ${NONE} ${1} $HOST ${} ${A-b}",
            "db.example ${NONE} ${1} $HOST ${} ${A-b}");
    GOOD("${PORT:-6379}", yaml_int(&doc, at("v"), 0, 9999, 1), 6379);
    GOOD("${NOTHING:-}", yaml_int(&doc, at("v"), 0, 9999, 1), 1);
    refused("v: ${A:-b\n", 1, 4, "\"${NAME:-\" without its closing \"}\"");
    CU_ASSERT_FALSE(read_bytes("v: ${HOST:-b\n", 13, lookup_host));
    told(1, 4, "\"${NAME:-\" without its closing \"}\"");
}

static const char *lookup_much(void *context, const char *name) {
    static char much[40000];
    (void)context;
    memset(much, name[0], sizeof(much) - 1);
    return much;
}
static void bounds_what_expands(void) {
    CU_ASSERT_FALSE(read_bytes("v: ${A}${B:-x}\n", 15, lookup_much));
    told(1, 4, "a text expands beyond the limit of 65536 bytes");
}

TEST_MAIN("yaml", TEST(builds_a_tree_with_places), TEST(reads_several_documents),
          TEST(refuses_what_is_not_supported), TEST(refuses_what_is_not_text),
          TEST(refuses_a_bomb_of_aliases), TEST(follows_aliases_of_others),
          TEST(takes_in_merged_mappings), TEST(others_cannot_explode), TEST(keeps_its_limits),
          TEST(names_the_nearest_key), TEST(tells_kinds_apart_once), TEST(knows_null_from_text),
          TEST(reads_whole_numbers), TEST(reads_durations), TEST(reads_shares_and_decimals),
          TEST(reads_rates_and_sizes), TEST(reads_times_choices_and_booleans),
          TEST(expands_environment_names), TEST(bounds_what_expands))
