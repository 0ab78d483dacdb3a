/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/base/prng.h"
#include "tests/runner.h"

/* How many numbers it gave since. */
static uint64_t drawn(struct prng since, const struct prng *now) {
    return (now->state - since.state) * UINT64_C(0xF1DE83E19937733D); /* 1 / golden gamma */
}

/* Fixed for ever: a change here changes every run of every scenario. */
static void streams_are_what_they_were(void) {
    struct prng raw = prng_of_key(0);
    CU_ASSERT_EQUAL(prng_next(&raw), UINT64_C(0xE220A8397B1DCDAF)); /* SplitMix64's, of seed 0 */
    CU_ASSERT_EQUAL(prng_next(&raw), UINT64_C(0x6E789E6AA1B965F4));
    CU_ASSERT_EQUAL(prng_next(&raw), UINT64_C(0x06C45D188009454F));
    struct prng named = prng_named(42, "service", 3);
    struct prng keyed = prng_of_key(UINT64_C(0xC978DC196190EE9E));
    CU_ASSERT_EQUAL(prng_next(&named), prng_next(&keyed));
}

static void a_stream_is_named_by_all_three(void) {
    uint64_t first = prng_named(1, "a", 1).ready;
    CU_ASSERT_EQUAL(prng_named(1, "a", 1).ready, first);
    CU_ASSERT_NOT_EQUAL(prng_named(2, "a", 1).ready, first);
    CU_ASSERT_NOT_EQUAL(prng_named(1, "b", 1).ready, first);
    CU_ASSERT_NOT_EQUAL(prng_named(1, "a", 2).ready, first);
    CU_ASSERT_NOT_EQUAL(prng_named(1, "", 1).ready, prng_named(1, "\x01", 0).ready);
}

static void below_stays_below_and_is_uniform(void) {
    const struct prng fresh = prng_named(5, "uniform", 0);
    struct prng stream = fresh;
    enum { CELLS = 10, DRAWS = 100000 };
    int cells[CELLS] = {0};
    for (int i = 0; i < DRAWS; i++) cells[prng_below(&stream, CELLS)]++;
    for (int i = 0; i < CELLS; i++) /* five standard deviations of 95 */
        CU_ASSERT(cells[i] > DRAWS / CELLS - 475 && cells[i] < DRAWS / CELLS + 475);
    for (int i = 0; i < 100; i++) CU_ASSERT_EQUAL(prng_below(&stream, 1), 0);
    CU_ASSERT_EQUAL(drawn(fresh, &stream), DRAWS + 100);
}

static void chance_draws_once_whatever_the_chance(void) {
    const struct prng fresh = prng_named(5, "chance", 0);
    struct prng stream = fresh;
    int hits = 0;
    for (int i = 0; i < 100000; i++) hits += prng_chance(&stream, 152000);
    CU_ASSERT(hits > 15200 - 570 && hits < 15200 + 570);
    CU_ASSERT(!prng_chance(&stream, 0));
    CU_ASSERT(prng_chance(&stream, 1000000));
    CU_ASSERT_EQUAL(drawn(fresh, &stream), 100002);
}

TEST_MAIN("prng", TEST(streams_are_what_they_were), TEST(a_stream_is_named_by_all_three),
          TEST(below_stays_below_and_is_uniform), TEST(chance_draws_once_whatever_the_chance))
