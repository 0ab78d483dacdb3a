/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Clocks that are wrong: what their node reads, when its timers fire, and what the fault says. */
#include "tests/unit/small_world.h"

#define NODE 0

static struct small_world *open_bent(enum fault_kind kind, int64_t value, uint32_t node) {
    struct small_world *s = small_new();
    s->plan.fault_count = 1;
    s->faults[0] = (struct plan_fault){.kind = kind,
                                       .name = "f",
                                       .at = 10 * NS_PER_S,
                                       .lasts_ns = 20 * NS_PER_S,
                                       .from = node,
                                       .value = value,
                                       .exception = "",
                                       .file = ""};
    small_open(s);
    fault_open(&s->world, &s->arena);
    fault_start(&s->world);
    return s;
}

static time_ns wall(struct small_world *s) {
    return world_wall(&s->world, NODE) - s->plan.start_wall;
}
static time_ns mono(struct small_world *s) { return world_mono(&s->world, NODE); }

static int64_t fired(struct small_world *s) {
    int64_t count = -1;
    fault_heal_all(&s->world);
    CU_ASSERT_EQUAL(small_records(s, REC_fault_off, 1, &count), 1);
    CU_ASSERT(small_records(s, REC_fault_acted, 0, NULL) >= 1);
    return count;
}

/* Wall and monotonic at 20 s, within the fault, and at 40 s, after it. */
struct readings {
    enum fault_kind kind;
    int64_t value;
    time_ns wall_in, mono_in, wall_after, mono_after;
};

static void clocks_show_what_the_fault_says(void) {
    static const struct readings cases[] = {
        {FAULT_CLOCK_OFFSET, -NS_PER_MIN, -40 * NS_PER_S, 20 * NS_PER_S, 40 * NS_PER_S,
         40 * NS_PER_S},
        {FAULT_CLOCK_STEP, NS_PER_MIN, 80 * NS_PER_S, 20 * NS_PER_S, 100 * NS_PER_S, 40 * NS_PER_S},
        {FAULT_CLOCK_DRIFT, 100000, 21 * NS_PER_S, 20 * NS_PER_S, 42 * NS_PER_S, 40 * NS_PER_S},
        {FAULT_CLOCK_DRIFT_MONO, -100000, 20 * NS_PER_S, 19 * NS_PER_S, 40 * NS_PER_S,
         38 * NS_PER_S},
        {FAULT_CLOCK_FREEZE, 0, 10 * NS_PER_S, 20 * NS_PER_S, 40 * NS_PER_S, 40 * NS_PER_S},
        {FAULT_CLOCK_FREEZE_MONO, 0, 20 * NS_PER_S, 10 * NS_PER_S, 40 * NS_PER_S, 40 * NS_PER_S},
        {FAULT_CLOCK_COARSE_MONO, 15 * NS_PER_S, 20 * NS_PER_S, 15 * NS_PER_S, 40 * NS_PER_S,
         40 * NS_PER_S},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct readings *c = &cases[i];
        struct small_world *s = open_bent(c->kind, c->value, NODE);
        small_run(s, 20 * NS_PER_S);
        CU_ASSERT_EQUAL(wall(s), c->wall_in);
        CU_ASSERT_EQUAL(mono(s), c->mono_in);
        small_run(s, 40 * NS_PER_S);
        CU_ASSERT_EQUAL(wall(s), c->wall_after);
        CU_ASSERT_EQUAL(mono(s), c->mono_after);
        CU_ASSERT_EQUAL(world_mono(&s->world, 1), 40 * NS_PER_S); /* another node's is right */
        CU_ASSERT_EQUAL(fired(s), 1);
        small_close(s);
    }
}

static void a_coarse_wall_clock_shows_whole_ticks(void) {
    struct small_world *s = open_bent(FAULT_CLOCK_COARSE, NS_PER_S, NODE);
    small_run(s, 20 * NS_PER_S + NS_PER_MS);
    CU_ASSERT_EQUAL(world_wall(&s->world, NODE) % NS_PER_S, 0);
    small_run(s, 31 * NS_PER_S + NS_PER_MS);
    CU_ASSERT_EQUAL(world_wall(&s->world, NODE) % NS_PER_S, NS_PER_MS);
    CU_ASSERT_EQUAL(fired(s), 1);
    small_close(s);
}

static void timers_wait_with_a_frozen_clock_and_are_due_at_once(void) {
    struct small_world *s = open_bent(FAULT_CLOCK_FREEZE_MONO, 0, NODE);
    small_run(s, 9 * NS_PER_S);
    clock_arm(&s->world, NODE, &(struct eff_arm_timer){1, 1, 5 * NS_PER_S});
    clock_arm(&s->world, NODE, &(struct eff_arm_timer){2, 1, 40 * NS_PER_S});
    small_run(s, 29 * NS_PER_S);
    CU_ASSERT_EQUAL(s->told_count, 0);
    small_run(s, NS_PER_MIN);
    CU_ASSERT_EQUAL(s->told_count, 2);
    CU_ASSERT_EQUAL(s->told[0].at, 30 * NS_PER_S);
    CU_ASSERT_EQUAL(s->told[1].at, 49 * NS_PER_S); /* not yet due: as if nothing had been */
    small_close(s);
}

static void a_timer_shorter_than_a_tick_is_not_due_at_once(void) {
    struct small_world *s = open_bent(FAULT_CLOCK_COARSE_MONO, 15 * NS_PER_S, NODE);
    small_run(s, 20 * NS_PER_S);
    clock_arm(&s->world, NODE, &(struct eff_arm_timer){1, 1, NS_PER_S});
    small_run(s, NS_PER_MIN);
    CU_ASSERT_EQUAL(s->told_count, 1);
    CU_ASSERT_EQUAL(s->told[0].at, 21 * NS_PER_S);
    small_close(s);
}

static void a_clock_that_nobody_reads_changes_nothing(void) {
    struct small_world *s = open_bent(FAULT_CLOCK_STEP, NS_PER_MIN, NODE);
    small_run(s, 40 * NS_PER_S);
    CU_ASSERT_EQUAL(fired(s), 0);
    small_close(s);
}

static void the_stores_leases_follow_its_own_clock(void) {
    struct small_world *s = small_new();
    s->plan.fault_count = 1;
    s->faults[0] = (struct plan_fault){.kind = FAULT_CLOCK_DRIFT_MONO,
                                       .name = "f",
                                       .at = NS_PER_S,
                                       .lasts_ns = TIME_NEVER,
                                       .from = SMALL_ENGINES + NODE_LOCK_STORE,
                                       .value = 250000,
                                       .exception = "",
                                       .file = ""};
    small_open(s);
    lock_store_open(&s->world, &s->arena);
    fault_open(&s->world, &s->arena);
    fault_start(&s->world);
    for (uint64_t op = 1; op <= 2; op++) {
        struct eng_effect e = {.kind = EFF_lock_acquire};
        e.lock_acquire = (struct eff_lock_acquire){
            .request = 1, .op = {op}, .scope = SCOPE_SERVICE, .name = 5, .ttl_ns = 11 * NS_PER_S};
        network_send(&s->world, 0, &e);
    }
    small_run(s, NS_PER_MIN); /* ten seconds of lease are gone in eight */
    CU_ASSERT_EQUAL(small_last(s, 0)->input.lock_reply.result, LOCK_REPLY_GRANTED);
    CU_ASSERT_EQUAL(small_last(s, 0)->at, 9 * NS_PER_S);
    CU_ASSERT(fired(s) >= 1);
    small_close(s);
}

TEST_MAIN("clock faults", TEST(clocks_show_what_the_fault_says),
          TEST(a_coarse_wall_clock_shows_whole_ticks),
          TEST(timers_wait_with_a_frozen_clock_and_are_due_at_once),
          TEST(a_timer_shorter_than_a_tick_is_not_due_at_once),
          TEST(a_clock_that_nobody_reads_changes_nothing),
          TEST(the_stores_leases_follow_its_own_clock))
