/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Handmade stories of one incident: which reaction the judge sees in them, and with what outcome.
 */
#include "tests/support/court.h"

static void a_fix_is_auto_fix_and_resolved(void) {
    struct tb t;
    struct court c;
    tb_begin(&t);
    tb_plan(&t, "auto_fix", "resolved");
    opening(&t, 15);
    patched(&t, TB_S(13), 2, 0);
    tb_seconds(&t, 12, 14, TB_PAYMENT, 1, 15);
    tb_staged(&t, TB_S(14), 0, 5, 1, 1, 2, 1000000, 1);
    tb_seconds(&t, 14, 20, TB_PAYMENT, 2, 0);
    tb_reports(&t, TB_S(20), 0, REPORT_CLOSED_RESOLVED, 1, 5, 0);
    tb_seconds(&t, 20, 55, TB_PAYMENT, 2, 0);
    ending(&t, TB_S(55));
    const struct judged *j = judge(&t, &c);
    CU_ASSERT_EQUAL(j->reaction, REACTION_AUTO_FIX);
    CU_ASSERT_EQUAL(j->outcome, OUTCOME_RESOLVED);
    CU_ASSERT_EQUAL(j->mttr, TB_S(10));
    CU_ASSERT_EQUAL(j->kind, VERDICT_PASS);
    adjourn(&t, &c);
}

static void a_close_that_is_not_true_fails(void) {
    struct tb t;
    struct court c;
    tb_begin(&t);
    tb_plan(&t, "auto_fix", "resolved");
    opening(&t, 15);
    tb_reports(&t, TB_S(20), 0, REPORT_CLOSED_RESOLVED, 1, 5, 0);
    tb_seconds(&t, 12, 55, TB_PAYMENT, 1, 15);
    ending(&t, TB_S(55));
    const struct judged *j = judge(&t, &c);
    CU_ASSERT_EQUAL(j->outcome, OUTCOME_FALSELY_CLOSED);
    CU_ASSERT_EQUAL(j->kind, VERDICT_FAIL);
    CU_ASSERT_EQUAL(c.verdict.kind, VERDICT_FAIL);
    CU_ASSERT_EQUAL(verdict_status(&c.verdict), STATUS_FAILED);
    adjourn(&t, &c);
}

static void errors_that_come_back_after_the_close_fail(void) {
    struct tb t;
    struct court c;
    tb_begin(&t);
    tb_plan(&t, "auto_fix", "resolved");
    opening(&t, 15);
    patched(&t, TB_S(13), 2, 0);
    tb_staged(&t, TB_S(14), 0, 5, 1, 1, 2, 1000000, 1);
    tb_reports(&t, TB_S(20), 0, REPORT_CLOSED_RESOLVED, 1, 5, 0);
    tb_seconds(&t, 14, 40, TB_PAYMENT, 2, 0);
    tb_seconds(&t, 40, 46, TB_PAYMENT, 2, 9);
    tb_seconds(&t, 46, 55, TB_PAYMENT, 2, 0);
    ending(&t, TB_S(55));
    CU_ASSERT_EQUAL(judge(&t, &c)->outcome, OUTCOME_FALSELY_CLOSED);
    adjourn(&t, &c);
}

static void too_short_a_run_is_inconclusive(void) {
    struct tb t;
    struct court c;
    tb_begin(&t);
    tb_plan(&t, "auto_fix", "resolved");
    opening(&t, 15);
    patched(&t, TB_S(13), 2, 0);
    tb_staged(&t, TB_S(14), 0, 5, 1, 1, 2, 1000000, 1);
    tb_seconds(&t, 14, 30, TB_PAYMENT, 2, 0);
    tb_reports(&t, TB_S(30), 0, REPORT_CLOSED_RESOLVED, 1, 5, 0);
    tb_seconds(&t, 30, 40, TB_PAYMENT, 2, 0);
    ending(&t, TB_S(40));
    CU_ASSERT_EQUAL(judge(&t, &c)->kind, VERDICT_INCONCLUSIVE);
    adjourn(&t, &c);
}

static void a_cause_that_never_acts_is_inconclusive(void) {
    struct tb t;
    struct court c;
    tb_begin(&t);
    tb_plan(&t, "none", "none");
    tb_seconds(&t, 0, 40, TB_PAYMENT, 1, 0);
    tb_end_of(&t, TB_S(40));
    CU_ASSERT_EQUAL(judge(&t, &c)->kind, VERDICT_INCONCLUSIVE);
    CU_ASSERT_EQUAL(verdict_status(&c.verdict), STATUS_INCONCLUSIVE);
    adjourn(&t, &c);
}

static void a_canary_taken_back_is_rollback_and_restored(void) {
    struct tb t;
    struct court c;
    tb_begin(&t);
    tb_plan(&t, "rollback", "restored");
    canary_story(&t, 15);
    const struct judged *j = judge(&t, &c);
    CU_ASSERT_EQUAL(j->reaction, REACTION_ROLLBACK);
    CU_ASSERT_EQUAL(j->outcome, OUTCOME_RESTORED);
    CU_ASSERT_EQUAL(j->kind, VERDICT_PASS);
    adjourn(&t, &c);
}
static void a_rollback_that_leaves_more_errors_did_not_restore(void) {
    struct tb t;
    struct court c;
    tb_begin(&t);
    tb_plan(&t, "rollback", "restored");
    canary_story(&t, 19);
    CU_ASSERT_EQUAL(judge(&t, &c)->outcome, OUTCOME_NOT_RESTORED);
    adjourn(&t, &c);
}

static void a_failed_check_is_reject(void) {
    struct tb t;
    struct court c;
    tb_begin(&t);
    tb_plan(&t, "reject", "rejected");
    opening(&t, 15);
    patched(&t, TB_S(13), 2, 0);
    tb_checked(&t, TB_S(14),
               &(struct rec_checked){.op = {5},
                                     .revision = {2},
                                     .reply = REPLY_OK,
                                     .tests_run = 3,
                                     .tests_failed = 1,
                                     .finding = REC_STR("test_total")});
    tb_message(&t, TB_S(15), 0, 1, FORM_TELL, REASON_PATCH_REJECTED, 1, 5);
    tb_seconds(&t, 12, 40, TB_PAYMENT, 1, 15);
    ending(&t, TB_S(40));
    const struct judged *j = judge(&t, &c);
    CU_ASSERT_EQUAL(j->reaction, REACTION_REJECT);
    CU_ASSERT_EQUAL(j->outcome, OUTCOME_REJECTED);
    adjourn(&t, &c);
}

/* TAKE_OVER counts only if the world was as bad as it must be for that. */
static void escalation_story(struct tb *t, int64_t own_failed) {
    tb_plan(t, "escalate", "held");
    opening(t, own_failed);
    tb_message(t, TB_S(12.5), 0, 1, FORM_TAKE_OVER, REASON_CRITICAL_ERRORS, 1, 0);
    tb_seconds(t, 12, 40, TB_PAYMENT, 1, own_failed);
    ending(t, TB_S(40));
}
static void a_rightful_question_is_escalate_and_held(void) {
    struct tb t;
    struct court c;
    tb_begin(&t);
    escalation_story(&t, 50);
    const struct judged *j = judge(&t, &c);
    CU_ASSERT_EQUAL(j->reaction, REACTION_ESCALATE);
    CU_ASSERT_EQUAL(j->outcome, OUTCOME_HELD);
    adjourn(&t, &c);
}
static void a_question_without_cause_is_unclassified(void) {
    struct tb t;
    struct court c;
    tb_begin(&t);
    escalation_story(&t, 15);
    const struct judged *j = judge(&t, &c);
    CU_ASSERT_EQUAL(j->reaction, REACTION_UNCLASSIFIED);
    CU_ASSERT_EQUAL(j->kind, VERDICT_FAIL);
    adjourn(&t, &c);
}

/* The store is asked at 13 s and stays silent, or answers. */
static void store_story(struct tb *t, bool answers) {
    tb_plan(t, "alert_human", "suspended");
    opening(t, 15);
    TB_WANTS(t, TB_S(13), 0, registry_register, .request = 9, .op = {5}, .service = {TB_PAYMENT},
             .incident = {1});
    if (answers) TB_TOLD(t, TB_S(14), 0, registry_snapshot, .request = 9, .op = {5}, .number = 1);
    tb_message(t, TB_S(18), 0, 1, FORM_TELL, REASON_STORE_UNREACHABLE, 1, 5);
    tb_seconds(t, 12, 40, TB_PAYMENT, 1, 15);
    ending(t, TB_S(40));
}
static void a_silent_store_is_alert_human(void) {
    struct tb t;
    struct court c;
    tb_begin(&t);
    store_story(&t, false);
    const struct judged *j = judge(&t, &c);
    CU_ASSERT_EQUAL(j->reaction, REACTION_ALERT_HUMAN);
    CU_ASSERT_EQUAL(j->outcome, OUTCOME_SUSPENDED);
    CU_ASSERT_EQUAL(j->kind, VERDICT_PASS);
    adjourn(&t, &c);
}
static void a_store_that_answered_was_not_silent(void) {
    struct tb t;
    struct court c;
    tb_begin(&t);
    store_story(&t, true);
    CU_ASSERT_EQUAL(judge(&t, &c)->reaction, REACTION_UNCLASSIFIED);
    adjourn(&t, &c);
}

/* A rate limit of 60 s, repeated after "wait". */
static enum reaction retry_story(time_ns wait) {
    struct tb t;
    struct court c;
    tb_begin(&t);
    tb_plan(&t, "wait_and_retry", "resolved");
    opening(&t, 15);
    TB_WANTS(&t, TB_S(13), 0, ask_patch, .incident = {1}, .op = {5}, .service = {TB_PAYMENT});
    tb_patch_made(&t, TB_S(13),
                  &(struct rec_patch_made){.op = {5},
                                           .incident = {1},
                                           .service = {TB_PAYMENT},
                                           .reply = REPLY_RATE_LIMITED,
                                           .retry_after_ns = TB_S(60)});
    patched(&t, TB_S(13) + wait, 2, 0);
    tb_staged(&t, TB_S(80), 0, 5, 1, 1, 2, 1000000, 1);
    tb_reports(&t, TB_S(85), 0, REPORT_CLOSED_RESOLVED, 1, 5, 0);
    tb_seconds(&t, 85, 120, TB_PAYMENT, 2, 0);
    ending(&t, TB_S(120));
    enum reaction reaction = judge(&t, &c)->reaction;
    adjourn(&t, &c);
    return reaction;
}
static void a_rate_limit_that_is_kept_is_wait_and_retry(void) {
    CU_ASSERT_EQUAL(retry_story(TB_S(60)), REACTION_WAIT_AND_RETRY);
    CU_ASSERT_EQUAL(retry_story(TB_S(59)), REACTION_AUTO_FIX);
}

/* Operation 5 queues behind operation 4, which releases; left: it gives up first. */
static enum reaction lock_story(bool left) {
    struct tb t;
    struct court c;
    tb_begin(&t);
    tb_plan(&t, "acquire_lock", "resolved");
    opening(&t, 15);
    tb_granted(&t, TB_S(12), 1, 4, SCOPE_SERVICE, TB_PAYMENT);
    struct rec_lock queued = {.op = {5},
                              .scope = SCOPE_SERVICE,
                              .name = TB_PAYMENT,
                              .event = LOCK_QUEUED,
                              .holder = {4},
                              .queue = 1,
                              .attempt = 1};
    tb_lock(&t, TB_S(13), &queued);
    queued.event = LOCK_LEFT;
    if (left) tb_lock(&t, TB_S(14), &queued);
    tb_released(&t, TB_S(15), 1, 4, SCOPE_SERVICE, TB_PAYMENT, 1);
    tb_granted(&t, TB_S(15), 0, 5, SCOPE_SERVICE, TB_PAYMENT);
    patched(&t, TB_S(16), 2, 0);
    tb_staged(&t, TB_S(17), 0, 5, 1, 1, 2, 1000000, 2);
    tb_reports(&t, TB_S(20), 0, REPORT_CLOSED_RESOLVED, 1, 5, 0);
    tb_seconds(&t, 20, 55, TB_PAYMENT, 2, 0);
    ending(&t, TB_S(55));
    enum reaction reaction = judge(&t, &c)->reaction;
    adjourn(&t, &c);
    return reaction;
}
static void a_queue_without_timeout_is_acquire_lock(void) {
    CU_ASSERT_EQUAL(lock_story(false), REACTION_ACQUIRE_LOCK);
    CU_ASSERT_EQUAL(lock_story(true), REACTION_AUTO_FIX);
}

static void a_correction_that_heals_is_verify_and_proceed(void) {
    struct tb t;
    struct court c;
    tb_begin(&t);
    tb_plan(&t, "verify_and_proceed", "resolved");
    opening(&t, 15);
    tb_message(&t, TB_S(13), 0, 3, FORM_CONFIRM, REASON_LOW_CONFIDENCE, 1, 0);
    tb_person_answered(&t, TB_S(14),
                       &(struct rec_person_answered){
                           .message = 3, .answer = ANSWER_CORRECTION, .service = {TB_PAYMENT}});
    patched(&t, TB_S(15), 2, 0);
    tb_staged(&t, TB_S(16), 0, 5, 1, 1, 2, 1000000, 1);
    tb_reports(&t, TB_S(20), 0, REPORT_CLOSED_RESOLVED, 1, 5, 0);
    tb_seconds(&t, 20, 55, TB_PAYMENT, 2, 0);
    ending(&t, TB_S(55));
    CU_ASSERT_EQUAL(judge(&t, &c)->reaction, REACTION_VERIFY_AND_PROCEED);
    adjourn(&t, &c);
}

static void a_longer_watch_is_verify_and_proceed(void) {
    struct tb t;
    struct court c;
    tb_begin(&t);
    tb_plan(&t, "verify_and_proceed", "resolved");
    opening(&t, 15);
    patched(&t, TB_S(15), 2, 0);
    tb_staged(&t, TB_S(16), 0, 5, 1, 1, 2, 1000000, 1);
    tb_reports(&t, TB_S(30), 0, REPORT_CLOSED_RESOLVED, 1, 5, 0);
    tb_seconds(&t, 30, 65, TB_PAYMENT, 2, 0);
    ending(&t, TB_S(65));
    CU_ASSERT_EQUAL(judge(&t, &c)->reaction, REACTION_VERIFY_AND_PROCEED);
    adjourn(&t, &c);
}

/* A stage that stops on its way at 14 s is completed so much later. */
static enum reaction completed_after(int seconds) {
    struct tb t;
    struct court c;
    tb_begin(&t);
    tb_plan(&t, NULL, NULL);
    opening(&t, 15);
    patched(&t, TB_S(13), 2, 0);
    tb_deploy_done(&t, TB_S(14),
                   &(struct rec_deploy_done){.op = {5},
                                             .service = {TB_PAYMENT},
                                             .revision = {2},
                                             .share_ppm = 1000000,
                                             .status = DEPLOY_PARTIAL,
                                             .pods_done = 15,
                                             .pods_total = 20});
    tb_seconds(&t, 12, 14 + seconds, TB_PAYMENT, 1, 15);
    tb_staged(&t, TB_S(14 + seconds), 0, 5, 1, 1, 2, 1000000, 1);
    tb_seconds(&t, 14 + seconds, 26, TB_PAYMENT, 2, 0);
    tb_reports(&t, TB_S(26), 0, REPORT_CLOSED_RESOLVED, 1, 5, 0);
    tb_seconds(&t, 26, 60, TB_PAYMENT, 2, 0);
    ending(&t, TB_S(60));
    enum reaction reaction = judge(&t, &c)->reaction;
    adjourn(&t, &c);
    return reaction;
}
static void a_stage_completed_after_the_backoff_is_wait_and_retry(void) {
    CU_ASSERT_EQUAL(completed_after(5), REACTION_WAIT_AND_RETRY);
    CU_ASSERT_NOT_EQUAL(completed_after(4), REACTION_WAIT_AND_RETRY);
}

TEST_MAIN("judge", TEST(a_fix_is_auto_fix_and_resolved), TEST(a_close_that_is_not_true_fails),
          TEST(errors_that_come_back_after_the_close_fail), TEST(too_short_a_run_is_inconclusive),
          TEST(a_cause_that_never_acts_is_inconclusive),
          TEST(a_canary_taken_back_is_rollback_and_restored),
          TEST(a_rollback_that_leaves_more_errors_did_not_restore), TEST(a_failed_check_is_reject),
          TEST(a_rightful_question_is_escalate_and_held),
          TEST(a_question_without_cause_is_unclassified), TEST(a_silent_store_is_alert_human),
          TEST(a_store_that_answered_was_not_silent),
          TEST(a_rate_limit_that_is_kept_is_wait_and_retry),
          TEST(a_queue_without_timeout_is_acquire_lock),
          TEST(a_correction_that_heals_is_verify_and_proceed),
          TEST(a_longer_watch_is_verify_and_proceed),
          TEST(a_stage_completed_after_the_backoff_is_wait_and_retry))
