/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whose failures pass through a service while its patch is verified. */
#include "tests/support/engine_test.h"

#define S NS_PER_S

static struct spike_world {
    int64_t passed, passed_before; /* payment's failed calls, now and before its patch served */
    int64_t bank, bank_before;     /* what bank, whom it calls, fails by itself */
} spike;

static enum rig_answer spikes(struct rig *rig, const struct eng_effect *effect,
                              struct eng_input *answer) {
    if (effect->kind != EFF_query || !rig_friendly(rig, effect, answer)) return RIG_FRIENDLY;
    const struct eff_query *q = &effect->query;
    bool before = q->offset_ns > 0;
    if (q->query == QUERY_ERROR_SHARE)
        answer->query_result.micro = 3000 + (before ? spike.passed_before : spike.passed);
    else if (q->query == QUERY_OWN_ERROR_SHARE && ID_EQ(q->service, BANK))
        answer->query_result.micro = before ? spike.bank_before : spike.bank;
    else
        return RIG_FRIENDLY;
    return RIG_MINE;
}

/* Until everything is served by the patch, whose own figure is a good one. */
static void promote(struct rig *rig) {
    rig->hook = spikes;
    spike = (struct spike_world){0};
    rig_alert(rig, PAYMENT, SYMPTOM_ERRORS, true);
    rig_run(rig, 11 * S);
    CU_ASSERT_EQUAL_FATAL(rig_reported(rig, REPORT_PROMOTED), 1);
}

static void somebody_changes(struct rig *rig, struct svc_id service, time_ns ago) {
    struct eng_input input = {.kind = IN_change};
    input.change = (struct in_change){.service = service,
                                      .kind = OPKIND_DEPLOYMENT,
                                      .op = ID_NONE64(op_id),
                                      .share_ppm = 500000,
                                      .ended = ago > 0,
                                      .at_wall = rig->wall - ago};
    rig_feed(rig, &input);
}

static const struct spike_world banks = {.passed = 80000, .bank = 90000, .bank_before = 2000};

static void a_callees_change_that_fails_explains_them(void) {
    RIG(rig);
    promote(&rig);
    somebody_changes(&rig, BANK, 0);
    spike = banks;
    rig_run(&rig, 10 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_IN_PROGRESS);
    CU_ASSERT_TRUE(
        rig_audited(&rig, CATEGORY_VERIFICATION, "another's change explains what fails"));
    spike = (struct spike_world){0};
    rig_run(&rig, 8 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_COMPLETED);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_roll_back), 0);
    CLOSE(rig);
}

/* It need not wait for them for ever: its own cause is healed. */
static void what_lasts_and_is_explained_keeps_the_fix(void) {
    RIG(rig);
    promote(&rig);
    somebody_changes(&rig, BANK, 0);
    spike = banks;
    rig_run(&rig, 60 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_COMPLETED);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_roll_back), 0);
    CLOSE(rig);
}

static void what_nobody_else_explains_is_the_patchs(void) {
    enum { NOBODY, ELSEWHERE, A_CALLER, LONG_AGO, WITHOUT_EXCESS, NO_FIGURE, CASES };
    for (int k = 0; k < CASES; k++) {
        RIG(rig);
        promote(&rig);
        spike = banks;
        if (k == ELSEWHERE) somebody_changes(&rig, SEARCH, 0);
        if (k == A_CALLER) somebody_changes(&rig, FRONTEND, 0);
        if (k == LONG_AGO) somebody_changes(&rig, BANK, 60 * S);
        if (k == WITHOUT_EXCESS || k == NO_FIGURE) somebody_changes(&rig, BANK, 0);
        if (k == WITHOUT_EXCESS) spike.bank = spike.bank_before;
        if (k == NO_FIGURE) rig.silent[EFF_query] = true;
        rig_run(&rig, k == NO_FIGURE ? 60 * S : 12 * S);
        CU_ASSERT_EQUAL(rig_entries(&rig, STATE_ROLLED_BACK), 1);
        CU_ASSERT_TRUE(
            rig_audited(&rig, CATEGORY_ROLLBACK,
                        k == NO_FIGURE ? "metrics do not answer" : "it harms elsewhere"));
        CLOSE(rig);
    }
}

/* As many calls failed before, by whatever: the patch brought none of them. */
static void what_passed_before_is_nothing_new(void) {
    RIG(rig);
    promote(&rig);
    spike = (struct spike_world){.passed = 80000, .passed_before = 79000};
    rig_run(&rig, 10 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_COMPLETED);
    CLOSE(rig);
}

/* New, but few: it is watched, and not taken back while all together are under the limit. */
static void a_small_spike_is_watched(void) {
    RIG(rig);
    promote(&rig);
    spike = (struct spike_world){.passed = 30000};
    rig_run(&rig, 8 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_IN_PROGRESS);
    spike.passed = 0;
    rig_run(&rig, 8 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_COMPLETED);
    CLOSE(rig);
}

/* Explained or not: while the own figure is not healed the patch goes back. */
static void an_explained_spike_hides_no_failure_of_its_own(void) {
    RIG(rig);
    rig.patched_share_ppm = 60000;
    promote(&rig);
    somebody_changes(&rig, BANK, 0);
    spike = banks;
    rig_run(&rig, 8 * S);
    CU_ASSERT_EQUAL(rig_entries(&rig, STATE_ROLLED_BACK), 1);
    CLOSE(rig);
}

TEST_MAIN("engine: whose failures", TEST(a_callees_change_that_fails_explains_them),
          TEST(what_lasts_and_is_explained_keeps_the_fix),
          TEST(what_nobody_else_explains_is_the_patchs), TEST(what_passed_before_is_nothing_new),
          TEST(a_small_spike_is_watched), TEST(an_explained_spike_hides_no_failure_of_its_own))
