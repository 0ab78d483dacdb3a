/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Canary, verification and the way back: breaches, silence, pauses, orders that get lost. */
#include "engine/base/ratio.h"
#include "tests/support/engine_test.h"

#define S NS_PER_S

static void heal_until(struct rig *rig, time_ns duration) {
    rig_alert(rig, PAYMENT, SYMPTOM_ERRORS, true);
    rig_run(rig, duration);
}

static void a_worse_candidate_goes_back_at_once(void) {
    RIG(rig);
    rig.patched_share_ppm = 400000;
    heal_until(&rig, 4 * S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_roll_back), 1);
    CU_ASSERT_EQUAL(rig_last(&rig, EFF_roll_back)->roll_back.to.v, 1);
    CU_ASSERT_EQUAL(rig_entries(&rig, STATE_ROLLED_BACK), 1);
    CU_ASSERT_EQUAL(rig.serving.v, 1);
    CLOSE(rig);
}

/* One new patch with what was learnt; the second failure is a person's. */
static void after_a_rollback_one_new_patch_then_a_person(void) {
    RIG(rig);
    rig.patched_share_ppm = 400000;
    heal_until(&rig, 8 * S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_ask_patch), 2);
    CU_ASSERT_TRUE(rig_last(&rig, EFF_ask_patch)->ask_patch.feedback.len > 0);
    rig_run(&rig, 400 * S); /* the cooldown delays the second */
    CU_ASSERT_EQUAL(rig_entries(&rig, STATE_ROLLED_BACK), 2);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TAKE_OVER, REASON_TWO_FAILURES), 1);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_ask_patch), 2);
    CLOSE(rig);
}

static void a_patch_that_changes_nothing_is_not_promoted(void) {
    RIG(rig);
    rig.patched_share_ppm = 152000;
    heal_until(&rig, 40 * S);
    CU_ASSERT_EQUAL(rig_entries(&rig, STATE_ROLLED_BACK), 1);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_deploy_stage), 1);
    CLOSE(rig);
}

/* Series that are not there, and a metrics service that says nothing at all. */
static void no_data_holds_and_then_goes_back(void) {
    for (int lost = 0; lost < 2; lost++) {
        RIG(rig);
        heal_until(&rig, 1500 * NS_PER_MS); /* 10 % serves */
        CU_ASSERT_EQUAL(rig_state(&rig), STATE_IN_PROGRESS);
        rig.kind[QUERY_REQUESTS] = VALUE_NONE;
        rig.silent[EFF_query] = lost;
        rig_run(&rig, rig.config.canary.hold_max_ns);
        CU_ASSERT_EQUAL(rig_count(&rig, EFF_deploy_stage), 1);
        CU_ASSERT_EQUAL(rig_entries(&rig, STATE_ROLLED_BACK), 0);
        rig_run(&rig, 3 * S);
        CU_ASSERT_EQUAL(rig_entries(&rig, STATE_ROLLED_BACK), 1);
        CLOSE(rig);
    }
}

/* Its pods started anew: what was counted before is no measure of what they count now. */
static void counters_that_go_back_begin_anew(void) {
    RIG(rig);
    heal_until(&rig, 2600 * NS_PER_MS);
    rig.requests[0] = rig.errors[0] = 0;
    rig_run(&rig, 2 * S); /* it would have been promoted by now */
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_deploy_stage), 1);
    rig_run(&rig, 20 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_COMPLETED);
    CLOSE(rig);
}

static void too_few_samples_promote_nothing(void) {
    RIG(rig);
    heal_until(&rig, 1500 * NS_PER_MS);
    rig.rate = 5; /* one in two seconds reaches the candidate; 100 are wanted */
    rig_run(&rig, 15 * S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_deploy_stage), 1);
    CLOSE(rig);
}

/* A person's pause in the middle does not blind it: a breach goes back, nothing is promoted. */
static void a_breach_while_paused_goes_back(void) {
    RIG(rig);
    heal_until(&rig, 1500 * NS_PER_MS);
    rig_command(&rig, COMMAND_PAUSE, "sre", rig_op(&rig, 0));
    rig_run(&rig, 30 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_PAUSED);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_deploy_stage), 1);
    rig.patched_share_ppm = 900000;
    rig_run(&rig, 20 * S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_roll_back), 1);
    CU_ASSERT_EQUAL(rig_entries(&rig, STATE_ROLLED_BACK), 1);
    CLOSE(rig);
}

/* It goes back already when somebody says yes to the pause: it does not turn round. */
static void a_yes_does_not_stop_a_rollback(void) {
    RIG(rig);
    rig.silent[EFF_roll_back] = true;
    heal_until(&rig, 1500 * NS_PER_MS);
    rig_command(&rig, COMMAND_PAUSE, "sre", rig_op(&rig, 0));
    rig.patched_share_ppm = 900000;
    rig_run(&rig, 5 * S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_roll_back), 1);
    rig_command(&rig, COMMAND_RESUME, "sre", rig_op(&rig, 0));
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_PAUSED);
    CLOSE(rig);
}

static void a_resumed_canary_goes_on_where_it_was(void) {
    RIG(rig);
    heal_until(&rig, 1500 * NS_PER_MS);
    rig_command(&rig, COMMAND_PAUSE, "sre", rig_op(&rig, 0));
    rig_run(&rig, 1000 * S);
    rig_command(&rig, COMMAND_RESUME, "sre", rig_op(&rig, 0));
    rig_run(&rig, 30 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_COMPLETED);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_deploy_stage), 3);
    CLOSE(rig);
}

/* The answer to an order is lost: a person is asked, and the very same stage is ordered again. */
static void a_lost_done_is_a_persons(void) {
    RIG(rig);
    rig.silent[EFF_deploy_stage] = true;
    heal_until(&rig, 10 * S);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TAKE_OVER, REASON_DEPLOY_REFUSED), 0);
    rig_run(&rig, rig.config.canary.hold_max_ns);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TAKE_OVER, REASON_DEPLOY_REFUSED), 1);
    rig.silent[EFF_deploy_stage] = false;
    rig_decide(&rig, FORM_TAKE_OVER, ANSWER_YES);
    rig_run(&rig, 40 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_COMPLETED);
    CLOSE(rig);
}

static enum deploy_status refusal;
static enum rig_answer refuses_stages(struct rig *rig, const struct eng_effect *effect,
                                      struct eng_input *answer) {
    (void)rig;
    if (effect->kind != EFF_deploy_stage) return RIG_FRIENDLY;
    answer->kind = IN_deployment;
    answer->deployment = (struct in_deployment){.request = effect->deploy_stage.request,
                                                .op = effect->deploy_stage.op,
                                                .service = PAYMENT,
                                                .status = refusal,
                                                .serving = {7}};
    return RIG_MINE;
}

/* Refused: nothing serves, so there is nothing to go back from. */
static void a_refused_first_stage_leaves_nothing_to_take_back(void) {
    RIG(rig);
    refusal = DEPLOY_STALE_BASE;
    rig.hook = refuses_stages;
    heal_until(&rig, 5 * S);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TAKE_OVER, REASON_DEPLOY_REFUSED), 1);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_deploy_stage), 1);
    rig_decide(&rig, FORM_TAKE_OVER, ANSWER_NO);
    rig_run(&rig, 5 * S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_roll_back), 0);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_CANCELLED);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_ask_patch), 1); /* it is the person's now */
    CLOSE(rig);
}

/* Pods that do not become ready: ordered again, judged when they do; never, and it goes back. */
static void a_failed_stage_is_ordered_again(void) {
    for (int ever = 0; ever < 2; ever++) {
        RIG(rig);
        refusal = DEPLOY_FAILED;
        rig.hook = refuses_stages;
        heal_until(&rig, 8 * S);
        CU_ASSERT_EQUAL(rig_count(&rig, EFF_deploy_stage), 2);
        if (ever) rig.hook = NULL;
        rig_run(&rig, rig.config.canary.hold_max_ns + 10 * S);
        CU_ASSERT_EQUAL(rig_entries(&rig, STATE_COMPLETED), ever ? 1 : 0);
        CU_ASSERT_EQUAL(rig_entries(&rig, STATE_ROLLED_BACK), ever ? 0 : 1);
        CU_ASSERT_EQUAL(rig_told(&rig, FORM_TAKE_OVER, REASON_DEPLOY_REFUSED), 0);
        CLOSE(rig);
    }
}

/* "Done", it says of the last stage, and that the former revision serves. */
static bool half_done;
static enum rig_answer does_half(struct rig *rig, const struct eng_effect *effect,
                                 struct eng_input *answer) {
    if (effect->kind != EFF_deploy_stage || effect->deploy_stage.share_ppm != PPM_ONE ||
        !half_done || !rig_friendly(rig, effect, answer))
        return RIG_FRIENDLY;
    answer->deployment.serving = effect->deploy_stage.base;
    half_done = false;
    return RIG_MINE;
}

static void a_last_stage_that_another_serves_is_not_done(void) {
    RIG(rig);
    half_done = true;
    rig.hook = does_half;
    heal_until(&rig, 10 * S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_deploy_stage), 3);
    CU_ASSERT_EQUAL(rig_reported(&rig, REPORT_PROMOTED), 0);
    rig_run(&rig, 20 * S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_deploy_stage), 4);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_COMPLETED);
    CLOSE(rig);
}

/* "Done", it says of the first stage, and that the candidate serves half of it. */
static enum rig_answer does_half_of_the_first(struct rig *rig, const struct eng_effect *effect,
                                              struct eng_input *answer) {
    if (effect->kind != EFF_deploy_stage || !half_done || !rig_friendly(rig, effect, answer))
        return RIG_FRIENDLY;
    answer->deployment.share_ppm = effect->deploy_stage.share_ppm / 2;
    half_done = false;
    return RIG_MINE;
}

static void a_stage_that_serves_less_is_ordered_again_before_it_soaks(void) {
    RIG(rig);
    half_done = true;
    rig.hook = does_half_of_the_first;
    heal_until(&rig, 30 * S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_deploy_stage), 4); /* of three stages, the first twice */
    CU_ASSERT_EQUAL(rig_reported(&rig, REPORT_PROMOTED), 1);
    rig_run(&rig, 30 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_COMPLETED);
    CLOSE(rig);
}

/* Its lock is another's, whatever the store says: it lets go, says so, and tries again later. */
static void a_fenced_stage_lets_go_and_asks_anew(void) {
    RIG(rig);
    refusal = DEPLOY_STALE_TOKEN;
    rig.hook = refuses_stages;
    heal_until(&rig, 5 * S);
    CU_ASSERT(rig_audited(&rig, CATEGORY_LOCK_OPERATION, "lock lost: fenced off"));
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TELL, REASON_LOCK_LOST), 1);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TAKE_OVER, REASON_DEPLOY_REFUSED), 0);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_FAILED);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_roll_back), 0);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_lock_release), 3);
    rig.hook = NULL;
    rig_run(&rig, 2 * 60 * S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_ask_patch), 2);
    CU_ASSERT_EQUAL(rig_entries(&rig, STATE_COMPLETED), 1);
    CLOSE(rig);
}

/* 10 % and 50 % pass, but all of it is worse than the limit. */
static void not_healed_at_all_of_it_goes_back(void) {
    RIG(rig);
    rig.patched_share_ppm = 60000; /* better than 15 %, over 5 % */
    heal_until(&rig, 20 * S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_deploy_stage), 3);
    CU_ASSERT_EQUAL(rig_entries(&rig, STATE_ROLLED_BACK), 1);
    CLOSE(rig);
}

/* Nobody is told of a success before it is verified. */
static void all_of_it_serves_and_is_not_yet_healed(void) {
    RIG(rig);
    heal_until(&rig, 12 * S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_deploy_stage), 3);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TELL, REASON_RESOLVED), 0);
    rig_run(&rig, 5 * S);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TELL, REASON_RESOLVED), 1);
    CLOSE(rig);
}

static uint32_t out_of_reach; /* so many orders stop at pods out of reach */
static enum rig_answer reaches_some(struct rig *rig, const struct eng_effect *effect,
                                    struct eng_input *answer) {
    bool order = effect->kind == EFF_deploy_stage || effect->kind == EFF_roll_back;
    if (!order || out_of_reach == 0 || !rig_friendly(rig, effect, answer)) return RIG_FRIENDLY;
    out_of_reach--;
    answer->deployment.status = DEPLOY_PARTIAL;
    return RIG_MINE;
}

static void a_stage_that_is_not_complete_is_ordered_again(void) {
    RIG(rig);
    rig.hook = reaches_some;
    out_of_reach = 2;
    heal_until(&rig, 8 * S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_deploy_stage), 2);
    CU_ASSERT_EQUAL(rig_last(&rig, EFF_deploy_stage)->deploy_stage.share_ppm, 100000);
    rig_run(&rig, 30 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_COMPLETED);
    CLOSE(rig);
}

static void a_stage_that_stays_incomplete_goes_back_as_does_the_rollback(void) {
    RIG(rig);
    rig.hook = reaches_some;
    out_of_reach = 1000;
    heal_until(&rig, rig.config.canary.hold_max_ns + 10 * S);
    CU_ASSERT_TRUE(rig_count(&rig, EFF_roll_back) > 0);
    CU_ASSERT_EQUAL(rig_entries(&rig, STATE_ROLLED_BACK), 0);
    out_of_reach = 0;
    rig_run(&rig, 10 * S);
    CU_ASSERT_EQUAL(rig_entries(&rig, STATE_ROLLED_BACK), 1);
    CLOSE(rig);
}

static void close_to_the_limit_is_watched_on(void) {
    RIG(rig);
    rig.patched_share_ppm = 45000; /* within 20 % of 5 % */
    heal_until(&rig, 16 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_IN_PROGRESS);
    CU_ASSERT_TRUE(rig_audited(&rig, CATEGORY_VERIFICATION, "close to the limit"));
    rig.patched_share_ppm = 3000;
    rig_run(&rig, 7 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_COMPLETED);
    CLOSE(rig);
}

static void no_data_to_verify_by_is_no_success(void) {
    for (int lost = 0; lost < 2; lost++) {
        RIG(rig);
        heal_until(&rig, 10 * S);
        CU_ASSERT_EQUAL_FATAL(rig_count(&rig, EFF_deploy_stage), 3);
        rig.kind[QUERY_OWN_ERROR_SHARE] = VALUE_NAN;
        rig.silent[EFF_query] = lost;
        rig_run(&rig, 60 * S);
        CU_ASSERT_EQUAL(rig_reported(&rig, REPORT_CLOSED_RESOLVED), 0);
        CU_ASSERT_EQUAL(rig_entries(&rig, STATE_ROLLED_BACK), 1);
        CU_ASSERT_EQUAL(rig_count(&rig, EFF_suspend), 0); /* metrics are not the lock store */
        CLOSE(rig);
    }
}

/* Paused during the watch: it is looked at on and on. */
static void the_watch_goes_on_while_paused(void) {
    RIG(rig);
    heal_until(&rig, 10 * S);
    CU_ASSERT_EQUAL_FATAL(rig_count(&rig, EFF_deploy_stage), 3);
    rig_command(&rig, COMMAND_PAUSE, "sre", rig_op(&rig, 0));
    rig_run(&rig, 60 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_PAUSED);
    rig.patched_share_ppm = 200000;
    rig_run(&rig, 20 * S);
    CU_ASSERT_EQUAL(rig_entries(&rig, STATE_ROLLED_BACK), 1);
    CLOSE(rig);
}

/* What is seen while the patch serves is the patch's, not "what it was before". */
static void before_is_from_before_anything_served(void) {
    RIG(rig);
    rig.alerting = true;
    rig.rate = 1250;
    rig_run(&rig, 3 * S);
    /* the alert is still evaluated while most of it serves; its figure is the healed one already */
    for (int k = 0; k < 12; k++) {
        rig_alert(&rig, PAYMENT, SYMPTOM_ERRORS, true);
        rig_run(&rig, S);
    }
    rig_run(&rig, 10 * S);
    CU_ASSERT_EQUAL(rig_entries(&rig, STATE_ROLLED_BACK), 0);
    CU_ASSERT_EQUAL(rig_entries(&rig, STATE_COMPLETED), 1);
    CLOSE(rig);
}

static enum rig_answer rollback_fails(struct rig *rig, const struct eng_effect *effect,
                                      struct eng_input *answer) {
    if (effect->kind != EFF_roll_back || !rig_friendly(rig, effect, answer)) return RIG_FRIENDLY;
    answer->deployment.status = DEPLOY_FAILED;
    return RIG_MINE;
}

/* It goes back as long as judgement may be on hold, and then a person has it tried again. */
static void a_failed_rollback_is_tried_again_and_then_a_persons(void) {
    RIG(rig);
    rig.hook = rollback_fails;
    rig.patched_share_ppm = 900000;
    heal_until(&rig, 15 * S);
    CU_ASSERT(rig_count(&rig, EFF_roll_back) > 1);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TAKE_OVER, REASON_ROLLBACK_FAILED), 0);
    rig_run(&rig, rig.config.canary.hold_max_ns);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TAKE_OVER, REASON_ROLLBACK_FAILED), 1);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_PAUSED);
    rig.hook = NULL;
    rig_decide(&rig, FORM_TAKE_OVER, ANSWER_YES);
    rig_run(&rig, S);
    CU_ASSERT_EQUAL(rig_entries(&rig, STATE_ROLLED_BACK), 1);
    CU_ASSERT_EQUAL(rig_last(&rig, EFF_roll_back)->roll_back.to.v, 1);
    CLOSE(rig);
}

static void a_rollback_that_fails_once_needs_nobody(void) {
    RIG(rig);
    rig.hook = rollback_fails;
    rig.patched_share_ppm = 900000;
    heal_until(&rig, 8 * S);
    rig.hook = NULL;
    rig_run(&rig, 10 * S);
    CU_ASSERT_EQUAL(rig_entries(&rig, STATE_ROLLED_BACK), 1);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TAKE_OVER, REASON_ROLLBACK_FAILED), 0);
    CLOSE(rig);
}

/* Nobody answers, the pause ends, and it goes back again; still not, and once more. */
static void a_failed_rollback_is_tried_again_at_the_end_of_the_pause(void) {
    RIG(rig);
    rig.hook = rollback_fails;
    rig.patched_share_ppm = 900000;
    heal_until(&rig, 10 * S + rig.config.canary.hold_max_ns);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_PAUSED);
    uint32_t before = rig_count(&rig, EFF_roll_back);
    rig_run(&rig, rig.config.states.limit_ns[STATE_PAUSED]);
    CU_ASSERT(rig_count(&rig, EFF_roll_back) > before);
    rig.hook = NULL;
    rig_run(&rig, 60 * S);
    CU_ASSERT_EQUAL(rig_entries(&rig, STATE_ROLLED_BACK), 1);
    CLOSE(rig);
}

static void a_silent_rollback_is_a_persons(void) {
    RIG(rig);
    rig.silent[EFF_roll_back] = true;
    rig.patched_share_ppm = 900000;
    heal_until(&rig, 10 * S + rig.config.canary.hold_max_ns);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TAKE_OVER, REASON_ROLLBACK_FAILED), 1);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_PAUSED);
    CLOSE(rig);
}

/* Done, says the target; but the former revision is not what serves. */
static enum rig_answer another_serves(struct rig *rig, const struct eng_effect *effect,
                                      struct eng_input *answer) {
    if (effect->kind != EFF_ask_deployment || rig_count(rig, EFF_roll_back) == 0 ||
        !rig_friendly(rig, effect, answer))
        return RIG_FRIENDLY;
    answer->deployment.serving.v = 55;
    return RIG_MINE;
}

static void a_rollback_is_checked(void) {
    RIG(rig);
    rig.hook = another_serves;
    rig.patched_share_ppm = 900000;
    heal_until(&rig, 10 * S + rig.config.canary.hold_max_ns);
    CU_ASSERT_EQUAL(rig_entries(&rig, STATE_ROLLED_BACK), 0);
    CU_ASSERT(rig_count(&rig, EFF_roll_back) > 1);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TAKE_OVER, REASON_ROLLBACK_FAILED), 1);
    CLOSE(rig);
}

TEST_MAIN("engine: canary, verification, rollback", TEST(a_worse_candidate_goes_back_at_once),
          TEST(after_a_rollback_one_new_patch_then_a_person),
          TEST(a_patch_that_changes_nothing_is_not_promoted),
          TEST(no_data_holds_and_then_goes_back), TEST(counters_that_go_back_begin_anew),
          TEST(too_few_samples_promote_nothing), TEST(a_breach_while_paused_goes_back),
          TEST(a_yes_does_not_stop_a_rollback), TEST(a_resumed_canary_goes_on_where_it_was),
          TEST(a_lost_done_is_a_persons), TEST(a_refused_first_stage_leaves_nothing_to_take_back),
          TEST(a_fenced_stage_lets_go_and_asks_anew), TEST(not_healed_at_all_of_it_goes_back),
          TEST(all_of_it_serves_and_is_not_yet_healed),
          TEST(a_stage_that_is_not_complete_is_ordered_again),
          TEST(a_stage_that_stays_incomplete_goes_back_as_does_the_rollback),
          TEST(close_to_the_limit_is_watched_on), TEST(no_data_to_verify_by_is_no_success),
          TEST(the_watch_goes_on_while_paused), TEST(before_is_from_before_anything_served),
          TEST(a_failed_rollback_is_tried_again_and_then_a_persons),
          TEST(a_rollback_that_fails_once_needs_nobody), TEST(a_failed_stage_is_ordered_again),
          TEST(a_last_stage_that_another_serves_is_not_done),
          TEST(a_stage_that_serves_less_is_ordered_again_before_it_soaks),
          TEST(a_failed_rollback_is_tried_again_at_the_end_of_the_pause),
          TEST(a_silent_rollback_is_a_persons), TEST(a_rollback_is_checked))
