/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/cover_file.h"
#include "sim/run/fuzz.h"
#include "tests/runner.h"

#include <stdlib.h>

#define SEEDS 400

static const struct fuzz_space generated;

static void every_seed_gives_a_scenario_that_loads(void) {
    uint32_t most = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct arena arena;
        struct diags diags;
        struct fuzzed fuzzed;
        arena_open(&arena);
        bool loads = fuzz_scenario(&arena, &generated, seed, &fuzzed, &diags);
        if (!loads) diag_print(&diags, stderr);
        CU_ASSERT_FATAL(loads);
        CU_ASSERT(fuzzed.scenario->plan.fault_count >= 1);
        CU_ASSERT(fuzzed.scenario->plan.entry_rate_milli <= 50000);
        if (fuzzed.attempts > most) most = fuzzed.attempts;
        arena_close(&arena);
    }
    CU_ASSERT(most < FUZZ_ATTEMPTS / 2);
}

/* What nobody draws is never tried: a new kind that cannot be loaded as drawn is seen here. */
static void every_kind_of_fault_is_drawn(void) {
    uint32_t drawn[FAULT_COUNT] = {0};
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct arena arena;
        struct diags diags;
        struct fuzzed fuzzed;
        arena_open(&arena);
        if (fuzz_scenario(&arena, &generated, seed, &fuzzed, &diags))
            for (uint32_t f = 0; f < fuzzed.scenario->plan.fault_count; f++)
                drawn[fuzzed.scenario->plan.faults[f].kind]++;
        arena_close(&arena);
    }
    for (int k = 0; k < FAULT_COUNT; k++)
        if (drawn[k] == 0) {
            CU_FAIL("a kind is never drawn");
            fprintf(stderr, "never drawn: %s\n", fault_entry((enum fault_kind)k)->name);
        }
}

static void a_draw_is_a_function_of_its_seed(void) {
    struct arena arena;
    size_t a, b, c;
    arena_open(&arena);
    const char *one = fuzz_draw(&arena, &generated, 7, 0, &a);
    const char *again = fuzz_draw(&arena, &generated, 7, 0, &b);
    const char *other = fuzz_draw(&arena, &generated, 7, 1, &c);
    CU_ASSERT(a == b && memcmp(one, again, a) == 0);
    CU_ASSERT(a != c || memcmp(one, other, a) != 0);
    arena_close(&arena);
}

static void items_have_names_of_their_own(void) {
    static char names[COVER_MAX][COVER_NAME];
    uint32_t possible = 0;
    CU_ASSERT_FATAL(cover_count() <= COVER_MAX);
    for (uint32_t k = 0; k < cover_count(); k++) {
        possible += cover_name(k, names[k]);
        for (uint32_t j = 0; j < k; j++) CU_ASSERT(strcmp(names[j], names[k]) != 0);
        CU_ASSERT(strchr(names[k], '?') == NULL);
    }
    CU_ASSERT(possible > 200 && possible < cover_count()); /* not every transition can be */
}

static void coverage_adds_up_over_a_file(void) {
    static struct cover_file c, read;
    static uint8_t hit[COVER_MAX];
    struct diags diags = {0};
    char folder[] = "/tmp/firedrill-cover-XXXXXX", path[64];
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    cover_file_open(&c);
    uint32_t item = cover_group(1).first;
    hit[item] = 1;
    CU_ASSERT(cover_file_add(&c, hit, 5));
    CU_ASSERT(!cover_file_add(&c, hit, 6));
    CU_ASSERT(c.reached == 1 && c.runs[item] == 2 && c.first_seed[item] == 5);
    CU_ASSERT(cover_file_write(&c, folder, &diags));
    cover_file_open(&read);
    CU_ASSERT(cover_file_read(&read, folder, &diags));
    CU_ASSERT(read.reached == 1 && read.runs[item] == 2 && read.first_seed[item] == 5);
    snprintf(path, sizeof path, "%s/coverage.tsv", folder);
    remove(path);
    remove(folder);
}

TEST_MAIN("fuzz", TEST(every_seed_gives_a_scenario_that_loads), TEST(every_kind_of_fault_is_drawn),
          TEST(a_draw_is_a_function_of_its_seed), TEST(items_have_names_of_their_own),
          TEST(coverage_adds_up_over_a_file))
