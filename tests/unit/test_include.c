/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parts that scenarios share: what is taken, what outranks it, and where mistakes in it are told.
 */
#include "scenarios/scenario.h"
#include "tests/runner.h"
#include "tests/unit/scenario_files.h"

#define HEAD "name: t\ntopology: shop\nduration: 120s\nexpect: [{none: true}]\n"

static struct arena arena;
static struct scenario *list;
static struct diags diags;

static uint32_t loaded(const char *part, const char *text) {
    struct made_up files_made[] = {{"include", "part.yaml", part},
                                   {"include", "more.yaml", "settle: 9s\nduration: 300s\n"},
                                   {NULL, NULL, NULL}};
    struct catalogue catalogue = {.arena = &arena, .made_up = files_made};
    struct scn_files files = catalogue_files(&catalogue);
    uint32_t count;
    diags = (struct diags){0};
    (void)!scn_load(&arena, "t.yaml", text, strlen(text), &files, NULL, &diags, &list, &count);
    return count;
}

static void what_a_scenario_lacks_is_taken(void) {
    arena_open(&arena);
    uint32_t count =
        loaded("policy: fast\nduration: 600s\nsettle: 7s\nload: {entry: 100/s, arrivals: uniform}\n"
               "patches: [{size_lines: 3}]\n",
               HEAD "include: [part.yaml, more.yaml]\nload: {entry: 50/s}\n"
                    "patches: [{size_lines: 4}]\n");
    if (count == 0) diag_print(&diags, stderr);
    CU_ASSERT_EQUAL_FATAL(count, 1);
    const struct plan *plan = &list[0].plan;
    CU_ASSERT_EQUAL(plan->duration_ns, 120 * NS_PER_S); /* its own */
    CU_ASSERT_EQUAL(plan->settle_ns, 7 * NS_PER_S);     /* of the first that has it */
    CU_ASSERT_EQUAL(plan->entry_rate_milli, 50000);     /* its own, in a mapping */
    CU_ASSERT_EQUAL(plan->arrivals, ARRIVALS_UNIFORM);  /* beside it, the part's */
    CU_ASSERT_EQUAL_FATAL(plan->answer_count, 1);       /* lists are whole */
    CU_ASSERT_EQUAL(plan->answers[0].size_lines, 4);
    struct scenario *again;
    CU_ASSERT_TRUE_FATAL(scn_reload(&arena, plan->sources, plan->source_count, &diags, &again));
    CU_ASSERT_EQUAL(scn_plan_digest(again), scn_plan_digest(&list[0]));
    arena_close(&arena);
}

static void a_matrix_varies_what_is_included(void) {
    arena_open(&arena);
    CU_ASSERT_EQUAL_FATAL(
        loaded("policy: fast\nload: {entry: 100/s}\n",
               HEAD "include: part.yaml\nmatrix: {load.entry: [1/s, 2/s], settle: [6s]}\n"),
        2);
    CU_ASSERT_EQUAL(list[1].plan.entry_rate_milli, 2000);
    CU_ASSERT_EQUAL(list[1].plan.settle_ns, 6 * NS_PER_S);
    arena_close(&arena);
}

static void mistakes_are_told_where_they_stand(void) {
    static const struct {
        const char *part, *include, *file;
        int line;
        const char *said;
    } bad[] = {
        {"policy: fast\nload: {entri: 1/s}\n", "part.yaml", "part.yaml", 2,
         "did you mean \"entry\"?"},
        {"policy: fast\nsettle: 5\n", "part.yaml", "part.yaml", 2, "expected a duration"},
        {"policy: fast\nload: {entry: 1/s}\nloed: {}\n", "part.yaml", "part.yaml", 3,
         "unknown key \"loed\""},
        {"policy: fast\n\nload: {entry: 1/s}\nfaults:\n- {kind: latency, target: paymnt, at: 1s, "
         "value: 1s}\n",
         "part.yaml", "part.yaml", 5, "no service or role \"paymnt\""},
        {"name: x\n", "part.yaml", "part.yaml", 1, "a part has no \"name\""},
        {"include: more.yaml\n", "part.yaml", "part.yaml", 1, "a part has no \"include\""},
        {"- 3\n", "part.yaml", "part.yaml", 1, "expected a mapping"},
        {"a: 1\n---\nb: 2\n", "part.yaml", "part.yaml", 0, "expected one document, got 2"},
        {"", "nope.yaml", "t.yaml", 5, "no include \"nope.yaml\""},
        {"", "[part.yaml, part.yaml, part.yaml, part.yaml, part.yaml]", "t.yaml", 5,
         "expected at most 4"},
    };
    arena_open(&arena);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        char text[1024];
        snprintf(text, sizeof text, HEAD "include: %s\n", bad[i].include);
        CU_ASSERT_EQUAL(loaded(bad[i].part, text), 0);
        CU_ASSERT_TRUE_FATAL(diags.count > 0);
        const struct diag *d = &diags.list[0];
        bool good = strcmp(d->file, bad[i].file) == 0 && d->line == bad[i].line &&
                    strstr(d->message, bad[i].said);
        if (!good) diag_print(&diags, stderr);
        CU_ASSERT_TRUE(good);
    }
    arena_close(&arena);
}

TEST_MAIN("include", TEST(what_a_scenario_lacks_is_taken), TEST(a_matrix_varies_what_is_included),
          TEST(mistakes_are_told_where_they_stand))
