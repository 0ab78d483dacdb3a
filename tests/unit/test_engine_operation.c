/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One operation from patch to gates: rate limits, rejections, conflicts, stale bases, causes that
 * went away, limits of states. */
#include "tests/support/engine_test.h"

#define S NS_PER_S

static void heal(struct rig *rig, time_ns duration) {
    rig_alert(rig, PAYMENT, SYMPTOM_ERRORS, true);
    rig_run(rig, duration);
}

/* ---- the patch ---- */

static enum reply_kind patch_reply;
static time_ns retry_after;
static uint32_t bad_replies; /* the first so many */
static enum rig_answer patch_is(struct rig *rig, const struct eng_effect *effect,
                                struct eng_input *answer) {
    if (effect->kind != EFF_ask_patch || rig_count(rig, EFF_ask_patch) > bad_replies)
        return RIG_FRIENDLY;
    rig_friendly(rig, effect, answer);
    answer->patch_reply.reply = patch_reply;
    answer->patch_reply.retry_after_ns = retry_after;
    if (patch_reply == REPLY_OK) answer->patch_reply.revision.v = 0; /* none in it */
    return RIG_MINE;
}

static void told_to_come_back_it_comes_back_then(void) {
    RIG(rig);
    rig.hook = patch_is;
    patch_reply = REPLY_RATE_LIMITED;
    retry_after = 60 * S;
    bad_replies = 1;
    heal(&rig, 60 * S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_ask_patch), 1);
    rig_run(&rig, S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_ask_patch), 2);
    rig_run(&rig, 30 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_COMPLETED);
    CLOSE(rig);
}

/* 429 without a Retry-After: back off, rather than ask again at once and for ever. */
static void no_time_to_come_back_is_a_backoff(void) {
    RIG(rig);
    rig.hook = patch_is;
    patch_reply = REPLY_RATE_LIMITED;
    retry_after = 0;
    bad_replies = 1000000;
    heal(&rig, 120 * S);
    CU_ASSERT_TRUE(rig_count(&rig, EFF_ask_patch) < 30);
    rig_run(&rig, rig.config.states.limit_ns[STATE_INIT]);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_CANCELLED);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TAKE_OVER, REASON_TIMEOUT), 1);
    CLOSE(rig);
}

static void no_patch_is_a_persons(void) {
    static const enum reply_kind replies[] = {REPLY_MALFORMED, REPLY_REFUSED, REPLY_UNAVAILABLE,
                                              REPLY_ABSENT, REPLY_OK};
    bad_replies = 1000000;
    for (size_t k = 0; k < ARRAY_LEN(replies); k++) {
        RIG(rig);
        rig.hook = patch_is;
        patch_reply = replies[k];
        heal(&rig, 10 * S);
        CU_ASSERT_EQUAL(rig_told(&rig, FORM_TAKE_OVER, REASON_PATCH_UNAVAILABLE), 1);
        CU_ASSERT_EQUAL(rig_count(&rig, EFF_ask_checks), 0);
        CU_ASSERT_EQUAL(rig_count(&rig, EFF_lock_acquire), 0);
        CLOSE(rig);
    }
}

static void a_silent_patch_service_is_a_persons(void) {
    RIG(rig);
    rig.silent[EFF_ask_patch] = true;
    heal(&rig, rig.config.patch.timeout_ns);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TAKE_OVER, REASON_PATCH_UNAVAILABLE), 0);
    rig_run(&rig, S);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TAKE_OVER, REASON_PATCH_UNAVAILABLE), 1);
    rig.silent[EFF_ask_patch] = false; /* it is back, and a person says: try */
    rig_decide(&rig, FORM_TAKE_OVER, ANSWER_YES);
    rig_run(&rig, 30 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_COMPLETED);
    CLOSE(rig);
}

static uint32_t bad_checks;
static enum reply_kind checks_reply;
static enum rig_answer checks_fail(struct rig *rig, const struct eng_effect *effect,
                                   struct eng_input *answer) {
    if (effect->kind != EFF_ask_checks || rig_count(rig, EFF_ask_checks) > bad_checks)
        return RIG_FRIENDLY;
    rig_friendly(rig, effect, answer);
    answer->check_results.reply = checks_reply;
    answer->check_results.tests_failed = 3;
    text_set(&answer->check_results.finding, "three tests fail");
    return RIG_MINE;
}

static void a_rejected_patch_is_asked_for_once_more_with_the_finding(void) {
    RIG(rig);
    rig.hook = checks_fail;
    checks_reply = REPLY_OK;
    bad_checks = 1;
    heal(&rig, 30 * S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_ask_patch), 2);
    CU_ASSERT_TRUE(text_is(&rig_last(&rig, EFF_ask_patch)->ask_patch.feedback, "three tests fail"));
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_COMPLETED);
    CLOSE(rig);
}

static void rejected_twice_is_a_persons(void) {
    RIG(rig);
    rig.hook = checks_fail;
    checks_reply = REPLY_OK;
    bad_checks = 1000000;
    heal(&rig, 30 * S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_ask_patch), 2);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_CANCELLED);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TAKE_OVER, REASON_PATCH_REJECTED), 1);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_lock_acquire), 0);
    CLOSE(rig);
}

/* CI is down: that says nothing of the patch, and another patch would not help. */
static void checks_that_cannot_run_reject_nothing(void) {
    RIG(rig);
    rig.hook = checks_fail;
    checks_reply = REPLY_UNAVAILABLE;
    bad_checks = 1000000;
    heal(&rig, 30 * S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_ask_patch), 1);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TAKE_OVER, REASON_PATCH_UNAVAILABLE), 1);
    CLOSE(rig);
}

/* ---- admission ---- */

static void others_do(struct rig *rig, enum op_kind kind, struct svc_id service, int64_t number) {
    rig->others = (struct intents){.count = 1,
                                   .list = {{.number = number,
                                             .op = {(UINT64_C(7) << 48) + 77},
                                             .kind = kind,
                                             .service = service}}};
}

static void a_direct_conflict_is_the_locks_to_serialise(void) {
    RIG(rig);
    others_do(&rig, OPKIND_DEPLOYMENT, PAYMENT, 1);
    heal(&rig, 30 * S);
    CU_ASSERT_TRUE(rig_audited(&rig, CATEGORY_CONFLICT_DETECTION, "DIRECT"));
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_COMPLETED);
    CLOSE(rig);
}

static void maintenance_is_waited_for(void) {
    RIG(rig);
    others_do(&rig, OPKIND_MAINTENANCE, PROFILE, 1);
    heal(&rig, 200 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_INIT);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_lock_acquire), 0);
    rig.others.count = 0;
    rig_run(&rig, 100 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_COMPLETED);
    CLOSE(rig);
}

/* It began while the locks were being taken: seen under the lock, and everything given back. */
static enum rig_answer maintenance_begins(struct rig *rig, const struct eng_effect *effect,
                                          struct eng_input *answer) {
    (void)answer;
    if (effect->kind == EFF_registry_read && rig_count(rig, EFF_registry_read) == 1)
        others_do(rig, OPKIND_MAINTENANCE, PROFILE, 1);
    return RIG_FRIENDLY;
}

static void maintenance_seen_under_the_lock_defers(void) {
    RIG(rig);
    rig.hook = maintenance_begins;
    heal(&rig, 10 * S);
    CU_ASSERT_EQUAL(rig_entries(&rig, STATE_CANCELLED), 1);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_lock_release), 3);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_deploy_stage), 0);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_INIT); /* the next one waits */
    CLOSE(rig);
}

static void who_came_later_yields_to_us(void) {
    RIG(rig);
    others_do(&rig, OPKIND_DEPLOYMENT, BANK, 1000);
    heal(&rig, 30 * S);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_CONFIRM, REASON_CONFLICT), 0);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_COMPLETED);
    CLOSE(rig);
}

static void somebody_deployed(struct rig *rig, struct svc_id service, time_ns ago) {
    struct eng_input change = {.kind = IN_change};
    change.change = (struct in_change){
        .service = service, .op = {88}, .ended = true, .at_wall = rig->wall - ago};
    rig_feed(rig, &change);
}

static void a_recent_change_next_door_is_waited_for_without_a_lock(void) {
    RIG(rig);
    rig.config.root_cause.change_window_ns = 0; /* it is not suspected of anything */
    somebody_deployed(&rig, BANK, 200 * S);
    heal(&rig, 90 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_INIT);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_lock_acquire), 0);
    rig_run(&rig, 60 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_COMPLETED);
    CLOSE(rig);
}

/* However the wall clock steps meanwhile: how long ago a change was is counted without it. */
static void a_wall_clock_that_steps_makes_no_cooldown_longer(void) {
    RIG(rig);
    rig.config.root_cause.change_window_ns = 0;
    somebody_deployed(&rig, BANK, 200 * S);
    rig.wall -= NS_PER_HOUR;
    heal(&rig, 90 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_INIT);
    rig_run(&rig, 60 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_COMPLETED);
    CLOSE(rig);
}

/* After any wait the cause is looked at again. */
static void a_cause_gone_after_a_wait_was_healed_by_another(void) {
    RIG(rig);
    rig.config.root_cause.change_window_ns = 0;
    somebody_deployed(&rig, BANK, 200 * S);
    heal(&rig, 50 * S);
    rig.unpatched_gone = true;
    rig_run(&rig, 100 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_CANCELLED);
    CU_ASSERT_EQUAL(rig_reported(&rig, REPORT_CLOSED_HEALED_BY_ANOTHER), 1);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_deploy_stage), 0);
    CLOSE(rig);
}

/* Few requests, none of them failed: it is looked at again, each rate window, while the locks are
 * held; then a person is asked, once, and who lets it go on is not asked that again. */
static void too_few_requests_to_tell_are_asked_about_once(void) {
    RIG(rig);
    rig.config.root_cause.change_window_ns = 0;
    somebody_deployed(&rig, BANK, 200 * S);
    heal(&rig, 50 * S);
    rig.unpatched_gone = true;
    rig.rate = 1;
    rig_run(&rig, 70 * S);
    CU_ASSERT_EQUAL(rig_reported(&rig, REPORT_CLOSED_HEALED_BY_ANOTHER), 0);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TAKE_OVER, REASON_NO_DATA), 0);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_LOCKED);
    rig_run(&rig, 60 * S);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TAKE_OVER, REASON_NO_DATA), 1);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_PAUSED);
    rig_command(&rig, COMMAND_RESUME, "sre", rig_op(&rig, 0));
    rig_run(&rig, 5 * S);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TAKE_OVER, REASON_NO_DATA), 1);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_deploy_stage), 1);
    CLOSE(rig);
}

/* As few, and more later: what the looks saw adds up, and nobody is asked. */
static void what_few_requests_say_adds_up(void) {
    RIG(rig);
    rig.config.root_cause.change_window_ns = 0;
    somebody_deployed(&rig, BANK, 200 * S);
    heal(&rig, 50 * S);
    rig.unpatched_gone = true;
    rig.rate = 8; /* forty a window, 0.3 % of them fail: four of them are enough */
    rig_run(&rig, 100 * S);
    CU_ASSERT_EQUAL(rig_reported(&rig, REPORT_CLOSED_HEALED_BY_ANOTHER), 1);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TAKE_OVER, REASON_NO_DATA), 0);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_deploy_stage), 0);
    CLOSE(rig);
}

static void no_data_is_not_gone(void) {
    RIG(rig);
    rig.config.root_cause.change_window_ns = 0;
    somebody_deployed(&rig, BANK, 200 * S);
    heal(&rig, 50 * S);
    rig.kind[QUERY_OWN_ERROR_SHARE] = VALUE_NONE;
    rig_run(&rig, 100 * S);
    CU_ASSERT_EQUAL(rig_reported(&rig, REPORT_CLOSED_HEALED_BY_ANOTHER), 0);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TAKE_OVER, REASON_NO_DATA), 1);
    CLOSE(rig);
}

static enum rig_answer somebody_else_is_faster(struct rig *rig, const struct eng_effect *effect,
                                               struct eng_input *answer) {
    (void)answer;
    bool granted = effect->kind == EFF_lock_acquire && rig_count(rig, EFF_lock_acquire) == 1;
    if (granted) rig->serving.v = 50;
    return RIG_FRIENDLY;
}

static void a_stale_base_is_deferred_and_asked_anew(void) {
    RIG(rig);
    rig.hook = somebody_else_is_faster;
    rig.own_share_ppm = rig.patched_share_ppm = 152000; /* theirs heals nothing */
    heal(&rig, 2 * S);
    CU_ASSERT_EQUAL(rig_entries(&rig, STATE_CANCELLED), 1);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_ask_patch), 2);
    CU_ASSERT_EQUAL(rig_last(&rig, EFF_ask_patch)->ask_patch.base.v, 50);
    CU_ASSERT_EQUAL(rig_last(&rig, EFF_deploy_stage)->deploy_stage.base.v, 50);
    CLOSE(rig);
}

/* Deferred again and again: a person looks at last. */
static enum rig_answer always_faster(struct rig *rig, const struct eng_effect *effect,
                                     struct eng_input *answer) {
    (void)answer;
    if (effect->kind == EFF_lock_acquire) rig->serving.v++;
    return RIG_FRIENDLY;
}

static void a_loop_of_remedies_has_a_brake(void) {
    RIG(rig);
    rig.hook = always_faster;
    rig.own_share_ppm = rig.patched_share_ppm = 152000;
    heal(&rig, 30 * S);
    CU_ASSERT_EQUAL(rig_entries(&rig, STATE_INIT),
                    (uint32_t)rig.config.limits.operations_per_incident);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TAKE_OVER, REASON_TWO_FAILURES), 1);
    CLOSE(rig);
}

/* Ended before the store numbered its intent: the intent is withdrawn all the same. */
static void an_intent_is_withdrawn_though_its_number_never_came(void) {
    RIG(rig);
    rig.answers_after = 100 * NS_PER_MS;
    rig_alert(&rig, PAYMENT, SYMPTOM_ERRORS, true);
    while (rig_count(&rig, EFF_registry_register) == 0 && rig_next(&rig)) {}
    rig_command(&rig, COMMAND_CANCEL, "sre", rig_op(&rig, 0));
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_registry_remove), 1);
    CLOSE(rig);
}

/* ---- gates ---- */

static void a_delaying_gate_defers_and_tries_later(void) {
    RIG(rig);
    rig.micro[QUERY_CPU_SHARE] = 950000;
    heal(&rig, 2 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_CANCELLED);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_lock_release), 3);
    rig.micro[QUERY_CPU_SHARE] = 400000;
    rig_run(&rig, 100 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_COMPLETED);
    CU_ASSERT_EQUAL(rig_entries(&rig, STATE_INIT), 2);
    CLOSE(rig);
}

static void a_missing_series_is_a_fail(void) {
    RIG(rig);
    rig.kind[QUERY_BUDGET_ERRORS] = VALUE_NONE;
    heal(&rig, 2 * S);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_CONFIRM, REASON_GATE), 1);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_deploy_stage), 0);
    CLOSE(rig);
}

static void a_rejecting_gate_rejects(void) {
    RIG_OPEN(rig);
    rig.config.gates.action[GATE_RISK] = ACTION_REJECT;
    rig.config.gates.risk_max_ppm = 1;
    rig_start(&rig);
    heal(&rig, 10 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_CANCELLED);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TAKE_OVER, REASON_PATCH_REJECTED), 1);
    CLOSE(rig);
}

static void metrics_that_do_not_answer_the_gates_are_a_persons(void) {
    RIG(rig);
    rig_alert(&rig, PAYMENT, SYMPTOM_ERRORS, true);
    while (rig_count(&rig, EFF_lock_acquire) < 3 && rig_next(&rig)) {}
    rig.silent[EFF_query] = true;
    rig_run(&rig, 10 * S);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TAKE_OVER, REASON_NO_DATA), 1);
    CLOSE(rig);
}

/* Two failures in a row, of whatever incident: a person confirms the next. */
static void after_two_failures_in_a_row_a_person_confirms(void) {
    RIG(rig);
    rig.config.gates.cooldown_ns = 0;
    rig.patched_share_ppm = 400000;
    heal(&rig, 20 * S); /* two of them, and its incident is a person's */
    CU_ASSERT_EQUAL_FATAL(rig_entries(&rig, STATE_ROLLED_BACK), 2);
    rig.patched_share_ppm = 3000;
    rig.culprit = SEARCH;
    rig_alert(&rig, SEARCH, SYMPTOM_ERRORS, true);
    rig_run(&rig, 10 * S);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_CONFIRM, REASON_TWO_FAILURES), 1);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_PAUSED);
    rig_decide(&rig, FORM_CONFIRM, ANSWER_YES);
    rig_run(&rig, 30 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_COMPLETED);
    CLOSE(rig);
}

/* ---- limits of states ---- */

static void init_has_a_limit(void) {
    RIG(rig);
    others_do(&rig, OPKIND_MAINTENANCE, PROFILE, 1);
    heal(&rig, rig.config.states.limit_ns[STATE_INIT] + 10 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_CANCELLED);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TAKE_OVER, REASON_TIMEOUT), 1);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_registry_remove), 1);
    CLOSE(rig);
}

/* The limit is shorter than what the deploy target and the registry may take. */
static void locked_and_the_gates_have_limits(void) {
    RIG_OPEN(rig);
    rig.config.states.limit_ns[STATE_LOCKED] = 2 * S;
    rig_start(&rig);
    rig_alert(&rig, PAYMENT, SYMPTOM_ERRORS, true);
    while (rig_count(&rig, EFF_lock_acquire) < 3 && rig_next(&rig)) {}
    rig.silent[EFF_ask_deployment] = true;
    rig_run(&rig, 3 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_CANCELLED);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_lock_release), 3);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TAKE_OVER, REASON_TIMEOUT), 1);
    CLOSE(rig);
}

static void in_progress_has_a_limit_and_goes_back(void) {
    RIG_OPEN(rig);
    rig.config.states.limit_ns[STATE_IN_PROGRESS] = 20 * S;
    rig.config.canary.stage[0].soak_ns = 1000 * S;
    rig_start(&rig);
    heal(&rig, 30 * S);
    CU_ASSERT_EQUAL(rig_entries(&rig, STATE_ROLLED_BACK), 1);
    CLOSE(rig);
}

/* Its locks are lost, nobody answers: it ends, says so, and leaves nothing armed. */
static enum rig_answer takes_the_lock_away(struct rig *rig, const struct eng_effect *effect,
                                           struct eng_input *answer) {
    if (effect->kind != EFF_lock_renew || !rig_friendly(rig, effect, answer)) return RIG_FRIENDLY;
    answer->lock_reply.result = LOCK_REPLY_NOT_HOLDER;
    return RIG_MINE;
}

static void a_pause_without_locks_ends_failed(void) {
    RIG_OPEN(rig);
    rig.config.locking.renew_interval_ns = 2 * S;
    rig_start(&rig);
    rig.hook = takes_the_lock_away;
    heal(&rig, 5 * S);
    CU_ASSERT_EQUAL_FATAL(rig_state(&rig), STATE_PAUSED);
    rig_run(&rig, rig.config.states.limit_ns[STATE_PAUSED]);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_FAILED);
    struct eng_summary left;
    eng_summarise(rig.engine, &left);
    CU_ASSERT_EQUAL(left.operations_open, 0);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TAKE_OVER, REASON_TIMEOUT), 1);
    CLOSE(rig);
}

TEST_MAIN("engine: operations", TEST(told_to_come_back_it_comes_back_then),
          TEST(no_time_to_come_back_is_a_backoff), TEST(no_patch_is_a_persons),
          TEST(a_silent_patch_service_is_a_persons),
          TEST(a_rejected_patch_is_asked_for_once_more_with_the_finding),
          TEST(rejected_twice_is_a_persons), TEST(checks_that_cannot_run_reject_nothing),
          TEST(a_direct_conflict_is_the_locks_to_serialise), TEST(maintenance_is_waited_for),
          TEST(maintenance_seen_under_the_lock_defers), TEST(who_came_later_yields_to_us),
          TEST(a_recent_change_next_door_is_waited_for_without_a_lock),
          TEST(a_wall_clock_that_steps_makes_no_cooldown_longer),
          TEST(a_cause_gone_after_a_wait_was_healed_by_another), TEST(no_data_is_not_gone),
          TEST(too_few_requests_to_tell_are_asked_about_once), TEST(what_few_requests_say_adds_up),
          TEST(a_stale_base_is_deferred_and_asked_anew), TEST(a_loop_of_remedies_has_a_brake),
          TEST(an_intent_is_withdrawn_though_its_number_never_came),
          TEST(a_delaying_gate_defers_and_tries_later), TEST(a_missing_series_is_a_fail),
          TEST(a_rejecting_gate_rejects), TEST(metrics_that_do_not_answer_the_gates_are_a_persons),
          TEST(after_two_failures_in_a_row_a_person_confirms), TEST(init_has_a_limit),
          TEST(locked_and_the_gates_have_limits), TEST(in_progress_has_a_limit_and_goes_back),
          TEST(a_pause_without_locks_ends_failed))
