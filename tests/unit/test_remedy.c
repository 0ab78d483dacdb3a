/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/remedy.h"
#include "engine/base/prng.h"
#include "engine/base/ratio.h"
#include "engine/policy/policy.h"
#include "tests/runner.h"

/* What speaks for which remedy; and, over random figures, what must hold of every choice. */
#define PC (PPM_ONE / 100)

static struct eng_remedies policy_of(uint32_t count, const enum remedy *order) {
    struct eng_config config;
    policy_defaults(&config);
    config.remedies.count = count;
    for (uint32_t k = 0; k < count; k++) config.remedies.order[k] = order[k];
    return config.remedies;
}
static const enum remedy all[REMEDY_COUNT] = {REMEDY_PATCH,   REMEDY_ROLL_BACK_CHANGE,
                                              REMEDY_RESTART, REMEDY_SCALE_OUT,
                                              REMEDY_DRAIN,   REMEDY_WAIT};

static struct gate_number is(int64_t micro) { return (struct gate_number){VALUE_NUMBER, micro, 1}; }

static struct remedy_facts facts(void) {
    static const struct gate_number nothing = {VALUE_UNAVAILABLE, 0, 0};
    return (struct remedy_facts){.symptom = SYMPTOM_ERRORS,
                                 .limit = 5 * PC,
                                 .own = is(15 * PC),
                                 .cpu = nothing,
                                 .rate = nothing,
                                 .rate_before = nothing,
                                 .memory = nothing,
                                 .in_flight_age = nothing,
                                 .pod_worst = nothing,
                                 .pod_next = nothing,
                                 .pod = -1,
                                 .pods = 8};
}

static struct remedy_choice weigh(const struct eng_remedies *policy, const struct remedy_facts *f) {
    struct remedy_choice choice;
    remedy_weigh(policy, f, &choice);
    return choice;
}

static void without_evidence_it_is_a_patch(void) {
    struct eng_remedies policy = policy_of(REMEDY_COUNT, all);
    struct remedy_facts f = facts();
    struct remedy_choice c = weigh(&policy, &f);
    CU_ASSERT_TRUE(c.any);
    CU_ASSERT_EQUAL(c.chosen, REMEDY_PATCH);
    /* 0.5 x 60 % + 1 x 15 % + 0.4 x 25 % */
    CU_ASSERT_EQUAL(c.option[REMEDY_PATCH].score_ppm, 550000);
    CU_ASSERT_STRING_EQUAL(c.option[REMEDY_DRAIN].rejected, "nothing speaks for it");
    policy = policy_of(1, all);
    c = weigh(&policy, &f);
    CU_ASSERT_EQUAL(c.chosen, REMEDY_PATCH);
    CU_ASSERT_STRING_EQUAL(c.option[REMEDY_DRAIN].rejected, "the policy does not name it");
    CU_ASSERT_FALSE(remedies_beside(&policy));
}

static void each_by_what_speaks_for_it(void) {
    struct eng_remedies policy = policy_of(REMEDY_COUNT, all);
    struct remedy_facts f = facts();
    f.changed = true;
    f.change_age_ns = NS_PER_S;
    CU_ASSERT_EQUAL(weigh(&policy, &f).chosen, REMEDY_ROLL_BACK_CHANGE);
    f.change_age_ns = policy.undo_window_ns + 1; /* too long ago to be to blame */
    CU_ASSERT_EQUAL(weigh(&policy, &f).chosen, REMEDY_PATCH);
    f = facts();
    f.memory = is(92 * PC);
    struct remedy_choice c = weigh(&policy, &f);
    CU_ASSERT_EQUAL(c.chosen, REMEDY_RESTART);
    CU_ASSERT_FALSE(c.cures); /* it fills again */
    f = facts();
    f.in_flight_age = is(40 * PPM_ONE);
    f.cpu = is(10 * PC);
    c = weigh(&policy, &f);
    CU_ASSERT_EQUAL(c.chosen, REMEDY_RESTART);
    CU_ASSERT_TRUE(c.cures);
    f = facts();
    f.cpu = is(99 * PC);
    f.rate = is(130 * PPM_ONE);
    f.rate_before = is(100 * PPM_ONE);
    c = weigh(&policy, &f);
    CU_ASSERT_EQUAL(c.chosen, REMEDY_SCALE_OUT);
    CU_ASSERT_EQUAL(c.amount, 4);
    f.located = true; /* logs say where: that is no lack of pods */
    CU_ASSERT_EQUAL(weigh(&policy, &f).chosen, REMEDY_PATCH);
    f = facts();
    f.pod_worst = is(80 * PC);
    f.pod_next = is(PC / 2);
    f.pod = 3;
    c = weigh(&policy, &f);
    CU_ASSERT_EQUAL(c.chosen, REMEDY_DRAIN);
    CU_ASSERT_EQUAL(c.pod, 3);
    f.pod_next = is(30 * PC); /* others are bad, too */
    CU_ASSERT_EQUAL(weigh(&policy, &f).chosen, REMEDY_PATCH);
    f = facts();
    f.own = is(PC);
    CU_ASSERT_EQUAL(weigh(&policy, &f).chosen, REMEDY_WAIT);
}

static void eases_first_where_the_policy_says_so(void) {
    struct eng_remedies policy = policy_of(REMEDY_COUNT, all);
    struct remedy_facts f = facts();
    f.located = true;
    f.memory = is(95 * PC);
    CU_ASSERT_EQUAL(weigh(&policy, &f).chosen, REMEDY_PATCH); /* 0.85 against 0.61 */
    policy.mitigate_first = true;
    struct remedy_choice c = weigh(&policy, &f);
    CU_ASSERT_EQUAL(c.chosen, REMEDY_RESTART);
    CU_ASSERT_STRING_EQUAL(c.option[REMEDY_PATCH].rejected, "the symptom comes first");
    f.mitigated = true;
    c = weigh(&policy, &f);
    CU_ASSERT_EQUAL(c.chosen, REMEDY_PATCH);
    CU_ASSERT_STRING_EQUAL(c.option[REMEDY_RESTART].rejected,
                           "the symptom is gone: its cause is next");
    f.mitigated = false;
    f.tried = 1u << REMEDY_RESTART;
    c = weigh(&policy, &f);
    CU_ASSERT_EQUAL(c.chosen, REMEDY_PATCH);
    CU_ASSERT_STRING_EQUAL(c.option[REMEDY_RESTART].rejected, "it was tried for this incident");
    f.tried = 0;
    policy.min_score_ppm = 90 * PC;
    c = weigh(&policy, &f);
    CU_ASSERT_EQUAL(c.chosen, REMEDY_PATCH);
}

static void nothing_that_is_allowed_is_a_persons(void) {
    static const enum remedy pods[] = {REMEDY_RESTART, REMEDY_DRAIN};
    struct eng_remedies policy = policy_of(2, pods);
    struct remedy_facts f = facts();
    struct remedy_choice c = weigh(&policy, &f);
    CU_ASSERT_FALSE(c.any);
    for (int r = 0; r < REMEDY_COUNT; r++) CU_ASSERT_PTR_NOT_NULL(c.option[r].rejected);
}

/* ---- over random policies and figures ---- */

static struct gate_number drawn(struct prng *p, int64_t most) {
    struct gate_number n = is((int64_t)prng_below(p, (uint64_t)most));
    if (prng_below(p, 4) == 0) n.kind = VALUE_NONE;
    return n;
}

static struct remedy_facts drawn_facts(struct prng *p) {
    struct remedy_facts f = facts();
    f.located = prng_below(p, 2);
    f.mitigated = prng_below(p, 4) == 0;
    f.tried = (uint32_t)prng_below(p, 64) & ~1u;
    f.changed = prng_below(p, 2);
    f.change_age_ns = (time_ns)prng_below(p, 20 * NS_PER_MIN) - NS_PER_MIN;
    f.changing = prng_below(p, 4) == 0;
    f.own = drawn(p, PPM_ONE);
    f.cpu = drawn(p, PPM_ONE);
    f.rate = drawn(p, 100 * PPM_ONE);
    f.rate_before = drawn(p, 100 * PPM_ONE);
    f.memory = drawn(p, PPM_ONE);
    f.in_flight_age = drawn(p, 60 * PPM_ONE);
    f.pod_worst = drawn(p, PPM_ONE);
    f.pod_next = drawn(p, PPM_ONE / 10);
    f.pods = (int64_t)prng_below(p, 20);
    f.pod = (int64_t)prng_below(p, 5) - 1;
    return f;
}

static struct eng_remedies drawn_policy(struct prng *p) {
    enum remedy order[REMEDY_COUNT];
    memcpy(order, all, sizeof order);
    for (uint32_t k = REMEDY_COUNT - 1; k > 0; k--) {
        uint32_t other = (uint32_t)prng_below(p, k + 1);
        enum remedy kept = order[k];
        order[k] = order[other];
        order[other] = kept;
    }
    struct eng_remedies policy = policy_of(1 + (uint32_t)prng_below(p, REMEDY_COUNT), order);
    policy.mitigate_first = prng_below(p, 2);
    return policy;
}

/* Just what was chosen has no reason against it; it is allowed, spoken for, and the best of those
 * that could be chosen with it. */
static void every_remedy_not_chosen_says_why(void) {
    struct prng p = prng_named(7, "remedies", 0);
    uint32_t chosen[REMEDY_COUNT] = {0};
    for (int round = 0; round < 20000; round++) {
        struct eng_remedies policy = drawn_policy(&p);
        struct remedy_facts f = drawn_facts(&p);
        struct remedy_choice c = weigh(&policy, &f);
        for (int r = 0; r < REMEDY_COUNT; r++) {
            const struct remedy_option *o = &c.option[r];
            CU_ASSERT_EQUAL(o->rejected == NULL, c.any && (int)c.chosen == r);
            CU_ASSERT(o->score_ppm >= 0 && o->score_ppm <= PPM_ONE);
            CU_ASSERT_EQUAL(o->allowed, remedy_allowed(&policy, (enum remedy)r));
        }
        if (!c.any) continue;
        chosen[c.chosen]++;
        CU_ASSERT_TRUE(c.option[c.chosen].allowed);
        CU_ASSERT(c.option[c.chosen].evidence_ppm > 0);
        CU_ASSERT_FALSE(f.tried >> c.chosen & 1);
        if (f.mitigated) CU_ASSERT_EQUAL(c.chosen, REMEDY_PATCH);
        if (c.chosen == REMEDY_DRAIN) CU_ASSERT(c.pod >= 0 && f.pods > 2);
        for (int r = 0; r < REMEDY_COUNT && !policy.mitigate_first && !f.mitigated; r++)
            if (!(f.tried >> r & 1))
                CU_ASSERT(c.option[r].score_ppm <= c.option[c.chosen].score_ppm);
    }
    for (int r = 0; r < REMEDY_COUNT; r++) CU_ASSERT(chosen[r] > 100); /* each is chosen at all */
}

/* More evidence never makes a remedy score less. */
static void a_higher_figure_never_counts_against_its_remedy(void) {
    struct prng p = prng_named(8, "remedies", 0);
    for (int round = 0; round < 5000; round++) {
        struct eng_remedies policy = drawn_policy(&p);
        struct remedy_facts f = drawn_facts(&p);
        struct remedy_choice before = weigh(&policy, &f);
        f.memory = is(f.memory.kind == VALUE_NUMBER ? f.memory.micro + 1000 : 0);
        f.pod_worst.micro += 1000;
        struct remedy_choice after = weigh(&policy, &f);
        CU_ASSERT(after.option[REMEDY_DRAIN].score_ppm >= before.option[REMEDY_DRAIN].score_ppm);
        if (before.option[REMEDY_RESTART].evidence_ppm == PPM_ONE)
            CU_ASSERT_EQUAL(after.option[REMEDY_RESTART].evidence_ppm, PPM_ONE);
    }
}

TEST_MAIN("remedy", TEST(without_evidence_it_is_a_patch), TEST(each_by_what_speaks_for_it),
          TEST(eases_first_where_the_policy_says_so), TEST(nothing_that_is_allowed_is_a_persons),
          TEST(every_remedy_not_chosen_says_why),
          TEST(a_higher_figure_never_counts_against_its_remedy))
