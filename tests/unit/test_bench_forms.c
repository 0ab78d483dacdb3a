/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A benchmark's published file is by its schema and of one piece: whatever is changed in it is
 * seen. */
#include "engine/base/ratio.h"
#include "reports/forms/bench_forms.h"
#include "tests/support/schema.h"

#include <stdlib.h>

#define RUNS 6

static struct sweep_part scenarios[] = {{.scenario = "one", .topology = "shop", .plan = 11},
                                        {.scenario = "two", .topology = "shop", .plan = 12}};
static struct bench_run runs[RUNS];
static struct bench bench;

static void open_bench(void) {
    bench = (struct bench){.part_count = 1};
    struct bench_part *part = &bench.parts[0];
    *part =
        (struct bench_part){.name = "month", .what = "a month", .runs = runs, .run_count = RUNS};
    part->plan = (struct sweep_plan){
        .version = "0.1.0", .program = 77, .first_seed = 1, .parts = scenarios, .part_count = 2};
    sweep_open(&part->sweep, &part->plan);
    for (uint32_t k = 0; k < RUNS; k++) {
        struct run_summary run = {.part = k % 2, .seed = 1 + k / 2, .digest = 1000 + k};
        run.status = k == 3 ? STATUS_FAILED : STATUS_OK;
        run.incident_count = 1;
        run.incidents[0] = (struct mttr_row){.repaired = true, .mttr = (30 + k) * NS_PER_S};
        run.indicators.of[INDICATOR_lock_contention] = (struct share){k, 100};
        runs[k] = (struct bench_run){run.part, run.seed, run.status, run.digest};
        sweep_add(&part->sweep, &run);
    }
    sweep_finish(&part->sweep);
}

static char *published(size_t *len) {
    char *text = NULL;
    open_bench();
    FILE *out = open_memstream(&text, len);
    bench_json(&bench, out);
    fclose(out);
    sweep_close(&bench.parts[0].sweep);
    return text;
}

static void it_conforms_to_its_schema(void) {
    size_t len;
    char *text = published(&len);
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, NULL), *schema = schema_of("bench");
    CU_ASSERT_TRUE(conforms(json, schema, json_object_get(schema, "$defs")));
    json_decref(schema);
    json_decref(json);
    free(text);
}

static void what_it_claims_is_read_back(void) {
    struct arena arena;
    struct bench_claim claim;
    char why[160];
    size_t len;
    char *text = published(&len);
    arena_open(&arena);
    CU_ASSERT_TRUE_FATAL(bench_read(text, len, &arena, &claim, why, sizeof why));
    CU_ASSERT_EQUAL(claim.program, 77);
    CU_ASSERT_FALSE(claim.quick);
    CU_ASSERT_EQUAL_FATAL(claim.part_count, 1);
    CU_ASSERT_STRING_EQUAL(claim.parts[0].name, "month");
    CU_ASSERT_EQUAL(claim.parts[0].plans[1], 12);
    CU_ASSERT_EQUAL_FATAL(claim.parts[0].run_count, RUNS);
    for (uint32_t k = 0; k < RUNS; k++) {
        CU_ASSERT_EQUAL(claim.parts[0].runs[k].digest, runs[k].digest);
        CU_ASSERT_EQUAL(claim.parts[0].runs[k].seed, runs[k].seed);
        CU_ASSERT_EQUAL(claim.parts[0].runs[k].status, runs[k].status);
    }
    arena_close(&arena);
    free(text);
}

/* Each byte that is no layout: it is refused, or was none of what is sealed (a blank). */
static void any_change_is_seen(void) {
    size_t len, seen = 0;
    char *text = published(&len);
    for (size_t k = 0; k < len; k++) {
        struct arena arena;
        struct bench_claim claim;
        char why[160], was = text[k];
        if (was == ' ' || was == '\n') continue;
        text[k] = was == '1' ? '2' : '1';
        arena_open(&arena);
        bool read = bench_read(text, len, &arena, &claim, why, sizeof why);
        CU_ASSERT_FALSE(read);
        CU_ASSERT_NOT_EQUAL(why[0], '\0');
        seen++;
        arena_close(&arena);
        text[k] = was;
    }
    CU_ASSERT_TRUE(seen > 1000);
    free(text);
}

static void a_target_is_met_by_all_of_an_interval(void) {
    const struct {
        enum indicator which;
        struct share share;
        const char *word;
    } cases[] = {
        {INDICATOR_auto_healing_success, {990, 1000}, "met"},
        {INDICATOR_auto_healing_success, {96, 100}, "open"},
        {INDICATOR_auto_healing_success, {800, 1000}, "missed"},
        {INDICATOR_lock_contention, {10, 1000}, "met"},
        {INDICATOR_lock_contention, {0, 0}, "open"},
        {INDICATOR_gate_rejections, {2500, 10000}, "met"},
        {INDICATOR_gate_rejections, {1000, 10000}, "missed"},
        {INDICATOR_gate_rejections, {4000, 10000}, "missed"},
        {INDICATOR_gate_rejections, {21, 100}, "open"},
    };
    int64_t least, most;
    for (size_t k = 0; k < ARRAY_LEN(cases); k++)
        CU_ASSERT_STRING_EQUAL(bench_target_word(cases[k].which, &cases[k].share), cases[k].word);
    indicator_range(INDICATOR_gate_rejections, &least, &most);
    CU_ASSERT_EQUAL(least, 200000);
    CU_ASSERT_EQUAL(most, 300000);
    indicator_range(INDICATOR_canaries_promoted, &least, &most);
    CU_ASSERT_EQUAL(least, 900000);
    CU_ASSERT_EQUAL(most, PPM_ONE);
}

static void the_card_says_what_the_month_came_to(void) {
    char *text = NULL;
    size_t len;
    open_bench();
    FILE *out = open_memstream(&text, &len);
    bench_text(&bench, out, 120, false);
    fclose(out);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, BENCH_SET "\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "Indicators of the month"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "5 of 6 runs passed"));
    free(text);
    sweep_close(&bench.parts[0].sweep);
}

TEST_MAIN("bench forms", TEST(it_conforms_to_its_schema), TEST(what_it_claims_is_read_back),
          TEST(any_change_is_seen), TEST(a_target_is_met_by_all_of_an_interval),
          TEST(the_card_says_what_the_month_came_to))
