/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A matrix: one scenario for each combination, each made again from its own sources. */
#include "scenarios/scenario.h"
#include "tests/runner.h"
#include "tests/unit/scenario_files.h"

#define HEAD                                                                                       \
    "name: t\ntitle: A title\ntopology: shop\npolicy: fast\nduration: 120s\n"                      \
    "expect: [{none: true}]\n"
#define LOADS "  load.entry: [400/s, 800/s]\n"
#define PATCH                                                                                      \
    "  patch:\n    good: {}\n    bad: {patches.0.size_lines: 77, locking.default_ttl_seconds: "    \
    "300}\n"

static struct arena arena;
static struct scenario *list;
static struct diags diags;

static uint32_t loaded(const char *text, const struct scn_options *options) {
    struct catalogue catalogue = {.arena = &arena};
    struct scn_files files = catalogue_files(&catalogue);
    uint32_t count;
    diags = (struct diags){0};
    (void)!scn_load(&arena, "t.yaml", text, strlen(text), &files, options, &diags, &list, &count);
    return count;
}

static void each_combination_is_a_scenario(void) {
    static const char *const names[] = {"t-400_s-good", "t-400_s-bad", "t-800_s-good",
                                        "t-800_s-bad"};
    arena_open(&arena);
    uint32_t count = loaded(HEAD "patches: [{size_lines: 5}]\nmatrix:\n" LOADS PATCH, NULL);
    if (count == 0) diag_print(&diags, stderr);
    CU_ASSERT_EQUAL_FATAL(count, 4);
    for (uint32_t i = 0; i < count; i++) {
        CU_ASSERT_STRING_EQUAL(list[i].plan.name, names[i]);
        CU_ASSERT_STRING_EQUAL(list[i].variant, names[i] + 2);
        CU_ASSERT_EQUAL(list[i].plan.entry_rate_milli, i < 2 ? 400000 : 800000);
        CU_ASSERT_EQUAL(list[i].plan.answers[0].size_lines, i % 2 ? 77 : 5);
    }
    CU_ASSERT_STRING_EQUAL(list[3].plan.title, "A title (800_s-bad)");
    arena_close(&arena);
}

static void it_is_made_again_from_its_sources(void) {
    arena_open(&arena);
    uint32_t count = loaded(
        HEAD "patches: [{}]\nmatrix:\n" LOADS PATCH "---\n" HEAD "load: {entry: 5/s}\n", NULL);
    CU_ASSERT_EQUAL_FATAL(count, 5); /* the second document has none */
    CU_ASSERT_STRING_EQUAL(list[4].plan.name, "t");
    CU_ASSERT_PTR_NULL(list[4].variant);
    struct scenario *variants = list;
    for (uint32_t i = 0; i < count; i++) {
        struct scenario *again;
        const struct plan *plan = &variants[i].plan;
        CU_ASSERT_TRUE_FATAL(scn_reload(&arena, plan->sources, plan->source_count, &diags, &again));
        CU_ASSERT_STRING_EQUAL(again->plan.name, plan->name);
        CU_ASSERT_EQUAL(scn_plan_digest(again), scn_plan_digest(&variants[i]));
        for (uint32_t j = 0; j < i; j++)
            CU_ASSERT_NOT_EQUAL(scn_plan_digest(&variants[i]), scn_plan_digest(&variants[j]));
    }
    arena_close(&arena);
}

static void one_of_them_can_be_asked_for(void) {
    struct scn_options one = {.variant = "800_s"}, none = {.variant = "900_s"};
    arena_open(&arena);
    CU_ASSERT_EQUAL_FATAL(loaded(HEAD "matrix:\n" LOADS, &one), 1);
    CU_ASSERT_EQUAL(list[0].plan.entry_rate_milli, 800000);
    CU_ASSERT_EQUAL(loaded(HEAD "matrix:\n" LOADS, &none), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(diags.list[0].message, "no variant \"900_s\""));
    arena_close(&arena);
}

static void what_is_wrong_is_told_where(void) {
    static const struct {
        const char *matrix;
        int line;
        const char *said;
    } bad[] = {
        {"matrix: {}\n", 7, "expected 1 to 8 parameters"},
        {"matrix: {load.entry: 4/s}\n", 7, "expected 1 to 64 values"},
        {"matrix: {load.entry: []}\n", 7, "expected 1 to 64 values"},
        {"matrix: {lode.entry: [4/s]}\n", 7, "no key \"lode.entry\""},
        {"matrix: {name: [a, b]}\n", 7, "no key \"name\""},
        {"matrix: {load.entry: [[4/s]]}\n", 7, "expected a single value"},
        {"matrix: {load.entry: [4/s, 4_s]}\n", 7, "would be called \"4_s\""},
        {"matrix: {a: {b c: {}}}\n", 7, "expected a name of letters"},
        {"matrix: {a: {b: 3}}\n", 7, "expected a mapping"},
        {"matrix:\n  a: {b: {fautls.0.at: 3s}}\n", 8, "did you mean \"faults\"?"},
        {"matrix: {a: {b: {faults.0.at: 3s}}}\nfaults: []\n", 7, "no item \"0\" in a list of 0"},
        {"matrix: {seed: [1, 2, 3, 4, 5, 6, 7, 8], settle: [1s, 2s, 3s, 4s, 5s, 6s, 7s, 8s, 9s]}\n",
         7, "expected at most 64 combinations, got 72"},
    };
    arena_open(&arena);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        char text[1024];
        snprintf(text, sizeof text, HEAD "%s", bad[i].matrix);
        CU_ASSERT_EQUAL(loaded(text, NULL), 0);
        CU_ASSERT_TRUE_FATAL(diags.count > 0);
        bool good = diags.list[0].line == bad[i].line && strstr(diags.list[0].message, bad[i].said);
        if (!good) diag_print(&diags, stderr);
        CU_ASSERT_TRUE(good);
    }
    CU_ASSERT_EQUAL(loaded(HEAD "matrix: {load.entry: [4/s, x]}\n", NULL), 0);
    CU_ASSERT_STRING_EQUAL(diags.list[0].file, "t.yaml:7"); /* what is set says where it stands */
    arena_close(&arena);
}

TEST_MAIN("variants", TEST(each_combination_is_a_scenario), TEST(it_is_made_again_from_its_sources),
          TEST(one_of_them_can_be_asked_for), TEST(what_is_wrong_is_told_where))
