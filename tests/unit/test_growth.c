/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/growth.h"
#include "engine/base/prng.h"
#include "engine/base/ratio.h"
#include "tests/runner.h"
#include <stdlib.h>

#define LEVEL 10000 /* ppm */

static struct growth grown(const int64_t *floors, uint32_t count) {
    struct growth g = {0};
    for (uint32_t i = 0; i < count; i++) growth_add(&g, floors[i]);
    return g;
}

/* Windows of noise; its values hang together by so much, as those of a sawtooth would. */
static int64_t noise(struct prng *luck, int64_t height, int64_t former, int64_t kept_ppm) {
    int64_t fresh = (int64_t)prng_below(luck, (uint64_t)height);
    return former + ppm_mul(fresh - former, PPM_ONE - kept_ppm);
}

static void a_line_has_its_slope_at_any_level(void) {
    struct growth g = {0};
    int64_t low;
    for (int i = 0; i < 12; i++) growth_add(&g, 1000 * i);
    CU_ASSERT_EQUAL(growth_slope(&g), 1000000);
    CU_ASSERT_TRUE(growth_low(&g, 1, 1, &low));
    CU_ASSERT_EQUAL(low, 1000000);
    struct growth none = {0};
    CU_ASSERT_EQUAL(growth_slope(&none), 0);
    CU_ASSERT_FALSE(growth_low(&none, LEVEL, 1, &low));
}

/* 1/5! = 0.83 %, 1/4! = 4.2 %: five windows say something at 1 %, four do not. */
static void too_few_windows_say_nothing(void) {
    const int64_t floors[] = {10, 20, 30, 40, 50};
    int64_t low;
    struct growth four = grown(floors, 4), five = grown(floors, 5);
    CU_ASSERT_FALSE(growth_low(&four, LEVEL, 1, &low));
    CU_ASSERT_TRUE(growth_low(&five, LEVEL, 1, &low));
    CU_ASSERT_FALSE(growth_low(&five, LEVEL, 2, &low)); /* half of it, for each of two looks */
    CU_ASSERT_TRUE(growth_low(&four, 41667, 1, &low));
    CU_ASSERT_FALSE(growth_low(&four, 41666, 1, &low));
}

/* Kendall, Rank Correlation Methods, table of S: for n = 10, P(S >= 35) = 0.00047. S = 35: 5 of the
 * 45 pairs fall. */
static void as_many_may_fall_as_kendalls_table_says(void) {
    const int64_t floors[] = {10, 20, 30, 40, 50, 60, 70, 80, 90, 45}; /* 5 fall */
    struct growth g = grown(floors, 10);
    int64_t low;
    CU_ASSERT_TRUE(growth_low(&g, 474, 1, &low));
    CU_ASSERT(low > 0);
    CU_ASSERT_TRUE(growth_low(&g, 473, 1, &low));
    CU_ASSERT(low < 0);
}

static double false_alarms(uint32_t windows, int64_t kept_ppm, int rounds) {
    struct prng luck = prng_named(5, "false alarms", windows);
    int alarms = 0;
    for (int round = 0; round < rounds; round++) {
        struct growth g = {0};
        int64_t low, value = (int64_t)prng_below(&luck, 40000);
        for (uint32_t i = 0; i < windows; i++) {
            value = noise(&luck, 40000, value, kept_ppm);
            growth_add(&g, value);
        }
        alarms += growth_low(&g, LEVEL, 1, &low) && low > 0;
    }
    return (double)alarms / rounds;
}

static void the_level_holds_for_any_number_of_windows(void) {
    for (uint32_t windows = 5; windows <= GROWTH_WINDOWS; windows += 5)
        CU_ASSERT(false_alarms(windows, 0, 20000) <= 0.0125); /* 1 % and four deviations */
}

/* Single samples of a sawtooth of four windows' length, instead of floors: what windows are for. */
static void samples_that_hang_together_would_not_hold_it(void) {
    CU_ASSERT(false_alarms(20, 900000, 5000) > 0.05);
}

static void noise_does_not_hide_a_leak(void) {
    struct prng luck = prng_named(6, "leak", 0);
    int missed = 0;
    for (int round = 0; round < 1000; round++) {
        struct growth g = {0};
        int64_t low;
        for (int i = 0; i < 12; i++) growth_add(&g, 4000 * i + noise(&luck, 4000, 0, 0));
        missed += !growth_low(&g, 500, 1, &low) || low < 2000 * 1000;
    }
    CU_ASSERT(missed < 10);
}

/* However long it is watched, the windows stay at most 20 and the slope is that of one added. */
static void many_windows_are_put_together(void) {
    struct growth g = {0};
    int64_t low;
    for (int i = 0; i < 1000; i++) {
        growth_add(&g, 100 * i);
        CU_ASSERT(g.count <= GROWTH_WINDOWS);
    }
    CU_ASSERT(g.halvings >= 5);
    CU_ASSERT_EQUAL(growth_slope(&g), 100000);
    CU_ASSERT_TRUE(growth_low(&g, 100, 1, &low));
    CU_ASSERT_EQUAL(low, 100000);
}

TEST_MAIN("growth", TEST(a_line_has_its_slope_at_any_level), TEST(too_few_windows_say_nothing),
          TEST(as_many_may_fall_as_kendalls_table_says),
          TEST(the_level_holds_for_any_number_of_windows),
          TEST(samples_that_hang_together_would_not_hold_it), TEST(noise_does_not_hide_a_leak),
          TEST(many_windows_are_put_together))
