/* SPDX-License-Identifier: GPL-3.0-or-later */
/* yaml_set: a value at a path, in place of what stands there or beside it. What is read back is
 * what was set, and nothing else changed; a path that leads nowhere says where it could. */
#include "engine/yaml/yaml.h"
#include "tests/runner.h"

static struct arena arena;
static struct diags diags;
static struct yaml_doc doc;

static struct yaml_node *read_text(const char *text) {
    arena_close(&arena);
    arena_open(&arena);
    memset(&diags, 0, sizeof diags);
    CU_ASSERT_TRUE_FATAL(yaml_read(&doc, &arena, &diags, "f.yaml", text, strlen(text), NULL, NULL));
    return doc.root;
}

static struct yaml_node *at(struct yaml_node *node, const char *key) {
    return yaml_key(&doc, node, key);
}
static const char *text_of(struct yaml_node *node) { return yaml_text(&doc, node, "(none)"); }

static void in_place_and_beside(void) {
    struct yaml_node *root = read_text("a: 1\nb: {c: 2, d: 3}\n");
    CU_ASSERT_PTR_NULL(yaml_set(&doc, root, "a", "9", "--set a=9"));
    CU_ASSERT_PTR_NULL(yaml_set(&doc, root, "b.d", "8", "--set b.d=8"));
    CU_ASSERT_PTR_NULL(yaml_set(&doc, root, "b.e", "7", "--set b.e=7"));
    CU_ASSERT_PTR_NULL(yaml_set(&doc, root, "x.y.z", "6", "--set x.y.z=6"));
    CU_ASSERT_STRING_EQUAL(text_of(at(root, "a")), "9");
    CU_ASSERT_STRING_EQUAL(text_of(at(at(root, "b"), "c")), "2");
    CU_ASSERT_STRING_EQUAL(text_of(at(at(root, "b"), "d")), "8");
    CU_ASSERT_STRING_EQUAL(text_of(at(at(root, "b"), "e")), "7");
    CU_ASSERT_STRING_EQUAL(text_of(at(at(at(root, "x"), "y"), "z")), "6");
    CU_ASSERT_EQUAL(yaml_pairs(&doc, root), 3);
    CU_ASSERT_STRING_EQUAL(at(root, "a")->origin, "--set a=9");
    CU_ASSERT_PTR_NULL(at(at(root, "b"), "c")->origin);
}

/* A null stands for nothing yet: what is set below it makes it a mapping. */
static void below_nothing(void) {
    struct yaml_node *root = read_text("a:\nb: ~\n");
    CU_ASSERT_PTR_NULL(yaml_set(&doc, root, "a.k", "1", "o"));
    CU_ASSERT_PTR_NULL(yaml_set(&doc, root, "b.k.m", "2", "o"));
    CU_ASSERT_STRING_EQUAL(text_of(at(at(root, "a"), "k")), "1");
    CU_ASSERT_STRING_EQUAL(text_of(at(at(at(root, "b"), "k"), "m")), "2");
}

/* An item goes by its name, else by its kind, else by its number; a name before a kind. */
static void items_of_lists(void) {
    struct yaml_node *root =
        read_text("faults: [{kind: cut, v: 0}, {name: cut, kind: slow, v: 0}, {kind: loss, v: 0}]\n"
                  "stages: [a, b]\n");
    struct yaml_node *faults = at(root, "faults");
    CU_ASSERT_PTR_NULL(yaml_set(&doc, root, "faults.cut.v", "1", "o"));
    CU_ASSERT_PTR_NULL(yaml_set(&doc, root, "faults.loss.v", "2", "o"));
    CU_ASSERT_PTR_NULL(yaml_set(&doc, root, "faults.0.v", "3", "o"));
    CU_ASSERT_PTR_NULL(yaml_set(&doc, root, "stages.1", "c", "o"));
    CU_ASSERT_STRING_EQUAL(text_of(at(faults->items[0], "v")), "3");
    CU_ASSERT_STRING_EQUAL(text_of(at(faults->items[1], "v")), "1");
    CU_ASSERT_STRING_EQUAL(text_of(at(faults->items[2], "v")), "2");
    CU_ASSERT_STRING_EQUAL(text_of(at(root, "stages")->items[0]), "a");
    CU_ASSERT_STRING_EQUAL(text_of(at(root, "stages")->items[1]), "c");
}

static void refuses(const char *path, const char *why) {
    struct yaml_node *root =
        read_text("a: 1\nlist: [{name: first}, {kind: second}, {name: [x]}, 5]\nempty: []\n");
    const char *said = yaml_set(&doc, root, path, "1", "o");
    CU_ASSERT_PTR_NOT_NULL_FATAL(said);
    if (said && strcmp(said, why) != 0) fprintf(stderr, "%s\n", said);
    CU_ASSERT_STRING_EQUAL(said, why);
}

static void paths_that_lead_nowhere(void) {
    refuses("", "a key is empty");
    refuses(".a", "a key is empty");
    refuses("list.", "a key is empty");
    refuses("list..v", "a key is empty");
    refuses("a.b", "\"b\" is no key of a single value");
    refuses("list.3.b", "\"b\" is no key of a single value");
    refuses("list.frist.v", "no item \"frist\"; did you mean \"first\"?");
    refuses("list.secnd", "no item \"secnd\"; did you mean \"second\"?");
    refuses("list.4", "no item \"4\" in a list of 4");
    refuses("list.0000000", "no item \"0000000\" in a list of 4"); /* a number has six digits */
    refuses("list.1x", "no item \"1x\" in a list of 4");
    refuses("empty.0", "no item \"0\" in a list of 0");
    refuses("list.\x01", "no item \"\\x01\" in a list of 4");
}

TEST_MAIN("yaml_set", TEST(in_place_and_beside), TEST(below_nothing), TEST(items_of_lists),
          TEST(paths_that_lead_nowhere))
