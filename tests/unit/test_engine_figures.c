/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a canary is judged by beside its failures: each figure alone, and what is none. */
#include "engine/base/ratio.h"
#include "tests/support/engine_test.h"

#define S NS_PER_S

static void heal_until(struct rig *rig, time_ns duration) {
    rig_alert(rig, PAYMENT, SYMPTOM_ERRORS, true);
    rig_run(rig, duration);
}

/* One figure of the candidate is another than the friendly world says; stable's is as it was. */
static struct odd_figure {
    enum query_kind query;
    enum value_kind kind;
    int64_t micro, grows; /* with every answer */
} odd;
static enum rig_answer candidate_is_odd(struct rig *rig, const struct eng_effect *effect,
                                        struct eng_input *answer) {
    if (effect->kind != EFF_query || effect->query.query != (int64_t)odd.query ||
        effect->query.revision.v <= 1 || !rig_friendly(rig, effect, answer))
        return RIG_FRIENDLY;
    answer->query_result.kind = odd.kind;
    answer->query_result.micro = odd.micro;
    odd.micro += odd.grows;
    return RIG_MINE;
}

/* It heals, and each of these alone takes it back: not later than its counts can say so. */
static void each_figure_alone_takes_a_canary_back(void) {
    static const struct {
        struct odd_figure odd;
        const char *why;
    } cases[] = {
        {{QUERY_SLOW_REQUESTS, VALUE_NUMBER, 0, 20 * PPM_ONE},
         "the canary is slower than what it replaces"},
        {{QUERY_FAILURES, VALUE_NUMBER, 0, 20 * PPM_ONE},
         "calls of the canary fail where stable's do not"},
        {{QUERY_ABANDONED, VALUE_NUMBER, 0, 30 * PPM_ONE}, "callers give up on the canary"},
        {{QUERY_CPU_SHARE, VALUE_NUMBER, 950000, 0}, "the canary burns CPU"},
        {{QUERY_IN_FLIGHT_AGE, VALUE_NUMBER, 2 * PPM_ONE, 0}, "requests hang in the canary"},
        {{QUERY_REQUESTS, VALUE_NUMBER, 0, 0}, "too few requests reach the canary"},
    };
    for (size_t k = 0; k < ARRAY_LEN(cases); k++) {
        RIG(rig);
        odd = cases[k].odd;
        rig.hook = candidate_is_odd;
        if (odd.query == QUERY_IN_FLIGHT_AGE) rig.micro[QUERY_IN_FLIGHT] = 20 * PPM_ONE;
        heal_until(&rig, 5 * S);
        CU_ASSERT_EQUAL(rig_entries(&rig, STATE_ROLLED_BACK), 1);
        CU_ASSERT_TRUE(rig_audited(&rig, CATEGORY_ROLLBACK, cases[k].why));
        CLOSE(rig);
    }
}

/* As much as stable has is no breach: it may be what was to be cured. */
static void what_stable_shows_too_is_no_breach(void) {
    static const enum query_kind queries[] = {QUERY_CPU_SHARE, QUERY_IN_FLIGHT_AGE};
    for (size_t k = 0; k < ARRAY_LEN(queries); k++) {
        RIG(rig);
        rig.micro[QUERY_IN_FLIGHT] = 20 * PPM_ONE;
        rig.micro[queries[k]] = queries[k] == QUERY_CPU_SHARE ? 950000 : 3 * PPM_ONE;
        rig.config.gates.enabled[GATE_RESOURCE_CAPACITY] = false;
        heal_until(&rig, 20 * S);
        CU_ASSERT_EQUAL(rig_entries(&rig, STATE_ROLLED_BACK), 0);
        CU_ASSERT_EQUAL(rig_state(&rig), STATE_COMPLETED);
        CLOSE(rig);
    }
}

/* Below their minimum effects, and too few in flight to say anything. */
static void small_differences_are_no_breach(void) {
    static const struct odd_figure cases[] = {
        {QUERY_SLOW_REQUESTS, VALUE_NUMBER, 0, PPM_ONE}, /* 1 of 125 */
        {QUERY_ABANDONED, VALUE_NUMBER, 0, 2 * PPM_ONE},
        {QUERY_IN_FLIGHT_AGE, VALUE_NUMBER, 2 * PPM_ONE, 0},
    };
    for (size_t k = 0; k < ARRAY_LEN(cases); k++) {
        RIG(rig);
        odd = cases[k];
        rig.hook = candidate_is_odd;
        rig.micro[QUERY_IN_FLIGHT] = 9 * PPM_ONE;
        heal_until(&rig, 20 * S);
        CU_ASSERT_EQUAL(rig_entries(&rig, STATE_ROLLED_BACK), 0);
        CU_ASSERT_EQUAL(rig_state(&rig), STATE_COMPLETED);
        CLOSE(rig);
    }
}

/* A figure that is not there is no good figure: nothing is promoted, and in the end it goes back.
 */
static void a_missing_figure_promotes_nothing(void) {
    static const enum query_kind queries[] = {
        QUERY_SLOW_REQUESTS, QUERY_ABANDONED,    QUERY_FAILURES, QUERY_CPU_SHARE,
        QUERY_IN_FLIGHT,     QUERY_MEMORY_FLOOR, QUERY_PODS_LOST};
    for (size_t k = 0; k < ARRAY_LEN(queries); k++) {
        RIG(rig);
        rig.config.gates.enabled[GATE_RESOURCE_CAPACITY] = false;
        rig.kind[queries[k]] = VALUE_NONE;
        heal_until(&rig, 15 * S);
        CU_ASSERT_EQUAL(rig_count(&rig, EFF_deploy_stage), 1);
        CU_ASSERT_EQUAL(rig_entries(&rig, STATE_ROLLED_BACK), 0);
        rig_run(&rig, rig.config.canary.hold_max_ns);
        CU_ASSERT_EQUAL(rig_entries(&rig, STATE_ROLLED_BACK), 1);
        CLOSE(rig);
    }
}

/* 10 of a service's pods are out of reach of metrics: what the others say is not the whole. */
static void lost_pods_hold_judgement(void) {
    RIG(rig);
    heal_until(&rig, 1500 * NS_PER_MS);
    rig.micro[QUERY_PODS_LOST] = PPM_ONE;
    rig_run(&rig, 10 * S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_deploy_stage), 1);
    rig.micro[QUERY_PODS_LOST] = 0;
    rig_run(&rig, 30 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_COMPLETED);
    CLOSE(rig);
}

/* Nothing in flight has no age, and that is fine. */
static void an_idle_canary_is_complete(void) {
    RIG(rig);
    rig.kind[QUERY_IN_FLIGHT_AGE] = VALUE_NAN;
    heal_until(&rig, 30 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_COMPLETED);
    CLOSE(rig);
}

/* The floor rises by a thousandth of the limit with every look; the sawtooth comes and goes. */
static void surely_growing_memory_goes_back(void) {
    for (int leak = 0; leak < 2; leak++) {
        RIG(rig);
        rig.config.canary.stage[0].soak_ns = 120 * S;
        rig.config.states.limit_ns[STATE_IN_PROGRESS] = 3600 * S;
        odd = (struct odd_figure){QUERY_MEMORY_FLOOR, VALUE_NUMBER, 400000, leak ? 1000 : 10};
        rig.hook = candidate_is_odd;
        heal_until(&rig, 200 * S);
        CU_ASSERT_EQUAL(rig_entries(&rig, STATE_ROLLED_BACK), leak ? 1 : 0);
        CU_ASSERT_EQUAL(
            rig_audited(&rig, CATEGORY_ROLLBACK, "the canary's memory grows to its limit"),
            leak == 1);
        CLOSE(rig);
    }
}

TEST_MAIN("engine: a canary's figures", TEST(each_figure_alone_takes_a_canary_back),
          TEST(what_stable_shows_too_is_no_breach), TEST(small_differences_are_no_breach),
          TEST(a_missing_figure_promotes_nothing), TEST(lost_pods_hold_judgement),
          TEST(an_idle_canary_is_complete), TEST(surely_growing_memory_goes_back))
