/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every order of events at small configurations. Built twice: with the engine as it is, which holds
 * everything, and with a bug planted in it (PLANTED), which has to be found: a search that finds
 * nothing proves nothing.
 */
#include "engine/policy/policy.h"
#include "sim/explore/explore.h"
#include "tests/runner.h"

static struct explore_result result;

static struct explore_options small(uint32_t engines, uint32_t resources, uint32_t depth) {
    struct explore_options o = {.engines = engines,
                                .resources = resources,
                                .depth = depth,
                                .delays = 1,
                                .states_max = 1000000};
    policy_defaults(&o.config);
    o.config.locking.ttl_ns = 10 * NS_PER_S;
    o.config.locking.renew_interval_ns = 4 * NS_PER_S;
    o.config.locking.reply_timeout_ns = 3 * NS_PER_S;
    o.config.locking.wait_timeout_ns = 6 * NS_PER_S;
    o.config.locking.backoff_initial_ns = 2 * NS_PER_S;
    o.config.locking.backoff_max_ns = 4 * NS_PER_S;
    o.config.canary.look_interval_ns = NS_PER_S;
    o.config.verification.watch_ns = 2 * NS_PER_S;
    return o;
}

static void held(const struct explore_options *o) {
    explore_run(o, &result);
    if (result.broken) fprintf(stderr, "  %s: %s\n", result.broken, result.why);
    for (uint32_t k = 0; k < result.path_len; k++) fprintf(stderr, "  %s\n", result.path[k]);
    CU_ASSERT_PTR_NULL(result.broken);
    CU_ASSERT_FALSE(result.cut_by_states);
}

#ifndef PLANTED
static void two_on_one_service_wait_for_each_other(void) {
    struct explore_options o = small(2, 1, 30);
    held(&o);
    CU_ASSERT(result.states > 5000);
    CU_ASSERT(result.reached[REACHED_QUEUED] > 0);
    CU_ASSERT(result.reached[REACHED_HANDED_ON] > 0);
    CU_ASSERT(result.reached[REACHED_RENEWED] > 0);
    CU_ASSERT(result.reached[REACHED_COMPLETED] > 0);
    CU_ASSERT(result.reached[REACHED_CANCELLED] > 0); /* the second finds it healed */
}
static void of_two_on_related_services_one_gives_way(void) {
    struct explore_options o = small(2, 2, 26);
    held(&o);
    CU_ASSERT(result.reached[REACHED_CONFLICT] > 0);
    CU_ASSERT(result.reached[REACHED_COMPLETED] > 0);
}
static void a_pause_past_a_lease_loses_the_lock(void) {
    struct explore_options o = small(2, 1, 18);
    o.pauses = 1;
    held(&o);
    CU_ASSERT(result.reached[REACHED_LEASE_ENDED] > 0);
    CU_ASSERT(result.reached[REACHED_LOCK_LOST] > 0);
}
static void losses_expiries_and_crashes(void) {
    struct explore_options o = small(2, 1, 20);
    o.delays = 0;
    o.losses = o.expiries = o.crashes = 1;
    held(&o);
    CU_ASSERT(result.reached[REACHED_SUSPENDED] > 0);
}
static void three_engines(void) {
    struct explore_options o = small(3, 1, 24);
    o.delays = 0;
    held(&o);
    o = small(3, 2, 18);
    held(&o);
    CU_ASSERT(result.reached[REACHED_CONFLICT] > 0);
}
static void the_same_twice(void) {
    struct explore_options o = small(2, 1, 20);
    held(&o);
    uint64_t states = result.states, transitions = result.transitions;
    held(&o);
    CU_ASSERT_EQUAL(result.states, states);
    CU_ASSERT_EQUAL(result.transitions, transitions);
}
static void it_says_where_it_stopped(void) {
    struct explore_options o = small(2, 1, 30);
    held(&o);
    CU_ASSERT(result.cut_by_depth);
    o.states_max = 100;
    explore_run(&o, &result);
    CU_ASSERT(result.cut_by_states);
    CU_ASSERT_EQUAL(result.states, 100);
}

TEST_MAIN("explore", TEST(two_on_one_service_wait_for_each_other),
          TEST(of_two_on_related_services_one_gives_way), TEST(a_pause_past_a_lease_loses_the_lock),
          TEST(losses_expiries_and_crashes), TEST(three_engines), TEST(the_same_twice),
          TEST(it_says_where_it_stopped))
#else
static void acting_after_a_pause_is_found(void) {
    struct explore_options o = small(2, 1, 16);
    held(&(struct explore_options){.engines = 2,
                                   .resources = 1,
                                   .depth = 16,
                                   .states_max = 1000000,
                                   .config = o.config}); /* without a pause there is nothing */
    o.pauses = 1;
    explore_run(&o, &result);
    CU_ASSERT_PTR_NOT_NULL_FATAL(result.broken);
    CU_ASSERT_STRING_EQUAL(result.broken, "acts_locked");
    CU_ASSERT_EQUAL(result.path_len, 16);
}

TEST_MAIN("explore: planted", TEST(acting_after_a_pause_is_found))
#endif
