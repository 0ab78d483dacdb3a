/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/small_world.h"

static void arm(struct small_world *s, int64_t timer, int64_t generation, time_ns after_ns) {
    clock_arm(&s->world, 0, &(struct eff_arm_timer){timer, generation, after_ns});
}

static void cancel(struct small_world *s, int64_t timer, int64_t generation) {
    clock_cancel(&s->world, 0, &(struct eff_cancel_timer){timer, generation});
}

static void clocks_agree_by_default(void) {
    struct small_world *s = small_new();
    small_open(s);
    small_run(s, 5 * NS_PER_S);
    CU_ASSERT_EQUAL(world_mono(&s->world, 1), 5 * NS_PER_S);
    CU_ASSERT_EQUAL(world_wall(&s->world, 1), s->plan.start_wall + 5 * NS_PER_S);
    CU_ASSERT_EQUAL(clock_when(&s->world, 0, 7 * NS_PER_S), 7 * NS_PER_S);
    CU_ASSERT_EQUAL(clock_when(&s->world, 0, NS_PER_S), 5 * NS_PER_S);
    CU_ASSERT_EQUAL(clock_when(&s->world, 0, TIME_NEVER), TIME_NEVER);
    small_close(s);
}

static void a_timer_fires_once_with_its_generation(void) {
    struct small_world *s = small_new();
    small_open(s);
    arm(s, 9, 1, NS_PER_S);
    small_run(s, NS_PER_MIN);
    CU_ASSERT_EQUAL(s->told_count, 1);
    CU_ASSERT_EQUAL(s->told[0].at, NS_PER_S);
    CU_ASSERT_EQUAL(s->told[0].input.mono, NS_PER_S);
    CU_ASSERT_EQUAL(s->told[0].input.timer_fired.timer, 9);
    CU_ASSERT_EQUAL(s->told[0].input.timer_fired.generation, 1);
    small_close(s);
}

static void rearming_replaces_and_a_stale_cancel_does_nothing(void) {
    struct small_world *s = small_new();
    small_open(s);
    arm(s, 9, 1, NS_PER_S);
    arm(s, 8, 1, NS_PER_S);
    arm(s, 9, 3, 2 * NS_PER_S);
    cancel(s, 9, 1);
    cancel(s, 8, 1);
    small_run(s, NS_PER_MIN);
    CU_ASSERT_EQUAL(s->told_count, 1);
    CU_ASSERT_EQUAL(s->told[0].at, 2 * NS_PER_S);
    CU_ASSERT_EQUAL(s->told[0].input.timer_fired.generation, 3);
    small_close(s);
}

static void a_fast_clock_fires_early_in_true_time(void) {
    struct small_world *s = small_new();
    small_open(s);
    arm(s, 1, 1, 10 * NS_PER_S);
    clock_bend(&s->world, 0,
               &(struct clock_bend){.mono_drift_ppb = 250000000}); /* a quarter fast */
    small_run(s, NS_PER_MIN);
    CU_ASSERT_EQUAL(s->told_count, 1);
    CU_ASSERT_EQUAL(s->told[0].at, 8 * NS_PER_S);
    CU_ASSERT_EQUAL(s->told[0].input.mono, 10 * NS_PER_S);
    CU_ASSERT_EQUAL(s->told[0].input.wall, s->plan.start_wall + 8 * NS_PER_S);
    small_close(s);
}

static void a_timer_never_fires_before_its_own_deadline(void) {
    for (int64_t drift = -999999937; drift < 2000000000; drift += 99999989) {
        struct small_world *s = small_new();
        small_open(s);
        small_run(s, 12345);
        clock_bend(&s->world, 0, &(struct clock_bend){.mono_drift_ppb = drift});
        arm(s, 1, 1, 1000003);
        time_ns due = world_mono(&s->world, 0) + 1000003;
        small_run(s, NS_PER_HOUR * 24);
        CU_ASSERT_EQUAL(s->told_count, 1);
        CU_ASSERT(s->told_count == 1 && s->told[0].input.mono >= due);
        small_close(s);
    }
}

static void a_step_moves_the_wall_clock_alone(void) {
    struct small_world *s = small_new();
    small_open(s);
    arm(s, 1, 1, NS_PER_S);
    clock_bend(&s->world, 0,
               &(struct clock_bend){.wall_step_ns = -NS_PER_HOUR, .wall_drift_ppb = 1000});
    small_run(s, NS_PER_S);
    CU_ASSERT_EQUAL(s->told_count, 1);
    CU_ASSERT_EQUAL(s->told[0].input.mono, NS_PER_S);
    CU_ASSERT_EQUAL(s->told[0].input.wall, s->plan.start_wall - NS_PER_HOUR + NS_PER_S + 1000);
    small_close(s);
}

TEST_MAIN("clock", TEST(clocks_agree_by_default), TEST(a_timer_fires_once_with_its_generation),
          TEST(rearming_replaces_and_a_stale_cancel_does_nothing),
          TEST(a_fast_clock_fires_early_in_true_time),
          TEST(a_timer_never_fires_before_its_own_deadline),
          TEST(a_step_moves_the_wall_clock_alone))
