/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From evidence to a cause: sources missing, late or absent; not sure enough; a person's answer. */
#include "tests/support/engine_test.h"

static void open_incident(struct rig *rig) {
    rig_alert(rig, PAYMENT, SYMPTOM_ERRORS, true);
    rig_run(rig, NS_PER_S / 2);
}

static void all_sources_name_the_cause(void) {
    RIG(rig);
    rig.silent[EFF_ask_patch] = true;
    open_incident(&rig);
    CU_ASSERT_EQUAL(rig_reported(&rig, REPORT_DIAGNOSED), 1);
    const struct eng_effect *ask = rig_last(&rig, EFF_ask_patch);
    CU_ASSERT_PTR_NOT_NULL_FATAL(ask);
    CU_ASSERT_EQUAL(ask->ask_patch.service.v, PAYMENT.v);
    CU_ASSERT_EQUAL(ask->ask_patch.line, 237);
    CU_ASSERT_TRUE(text_is(&ask->ask_patch.file, "PaymentService.java"));
    CU_ASSERT_TRUE(rig_audited(&rig, CATEGORY_CODE_LOCALIZATION, "PaymentService.java:237"));
    CLOSE(rig);
}

/* One source of three is missing: the other two are enough, once it is known to be late. */
static void a_silent_source_is_waited_for_and_then_left_out(void) {
    RIG(rig);
    rig.silent[EFF_ask_evidence] = true; /* logs and traces: both */
    open_incident(&rig);
    rig_run(&rig, rig.config.evidence.timeout_ns - NS_PER_S);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TELL, REASON_EVIDENCE_MISSING), 0);
    rig_run(&rig, 2 * NS_PER_S);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TELL, REASON_EVIDENCE_MISSING), 1);
    CU_ASSERT_EQUAL(rig_reported(&rig, REPORT_ESCALATED), 1);
    CU_ASSERT_EQUAL(rig_reported(&rig, REPORT_DIAGNOSED), 0); /* nothing is guessed */
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_ask_patch), 0);
    CLOSE(rig);
}

static enum source_kind lost_source;
static enum rig_answer loses_a_source(struct rig *rig, const struct eng_effect *effect,
                                      struct eng_input *answer) {
    (void)rig, (void)answer;
    bool lost =
        effect->kind == EFF_ask_evidence && effect->ask_evidence.source == (int64_t)lost_source;
    return lost ? RIG_SILENT : RIG_FRIENDLY;
}

static void two_of_three_are_enough(void) {
    RIG(rig);
    rig.hook = loses_a_source;
    lost_source = SOURCE_TRACES;
    rig.silent[EFF_ask_patch] = true;
    open_incident(&rig);
    CU_ASSERT_EQUAL(rig_reported(&rig, REPORT_DIAGNOSED), 0);
    rig_run(&rig, rig.config.evidence.timeout_ns);
    CU_ASSERT_EQUAL(rig_reported(&rig, REPORT_DIAGNOSED), 1);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_ask_patch), 1);
    CLOSE(rig);
}

static enum rig_answer has_no_logs(struct rig *rig, const struct eng_effect *effect,
                                   struct eng_input *answer) {
    (void)rig;
    if (effect->kind != EFF_ask_evidence || effect->ask_evidence.source != SOURCE_LOGS)
        return RIG_FRIENDLY;
    answer->kind = IN_evidence;
    answer->evidence = (struct in_evidence){.incident = effect->ask_evidence.incident,
                                            .source = SOURCE_LOGS,
                                            .reply = REPLY_ABSENT,
                                            .culprit = ID_NONE(svc_id)};
    return RIG_MINE;
}

/* "There is nothing" is an answer; no answer is none. */
static void an_absent_log_is_a_source(void) {
    RIG(rig);
    rig.hook = has_no_logs;
    rig.silent[EFF_ask_patch] = true;
    open_incident(&rig);
    CU_ASSERT_EQUAL(rig_reported(&rig, REPORT_DIAGNOSED), 1);
    const struct eng_effect *ask = rig_last(&rig, EFF_ask_patch);
    CU_ASSERT_PTR_NOT_NULL_FATAL(ask);
    CU_ASSERT_EQUAL(ask->ask_patch.file.len, 0);
    CLOSE(rig);
}

/* Late evidence finds the diagnosis made, and changes nothing. */
static void late_evidence_changes_nothing(void) {
    RIG(rig);
    rig.hook = loses_a_source;
    lost_source = SOURCE_LOGS;
    rig.silent[EFF_ask_patch] = true;
    open_incident(&rig);
    rig_run(&rig, rig.config.evidence.timeout_ns);
    uint32_t before = rig.log_count;
    struct eng_input late = {.kind = IN_evidence};
    late.evidence =
        (struct in_evidence){.incident = rig_last(&rig, EFF_ask_evidence)->ask_evidence.incident,
                             .source = SOURCE_LOGS,
                             .reply = REPLY_OK,
                             .culprit = ID_NONE(svc_id),
                             .line = 1};
    rig_feed(&rig, &late);
    CU_ASSERT_EQUAL(rig.log_count, before);
    CLOSE(rig);
}

/* Somebody deployed search a minute ago, which has no errors of its own: a misleading change. */
static void mislead(struct rig *rig) {
    struct eng_input change = {.kind = IN_change};
    change.change = (struct in_change){
        .service = SEARCH, .ended = true, .op = {77}, .at_wall = rig->wall - 60 * NS_PER_S};
    rig_feed(rig, &change);
    rig->silent[EFF_ask_patch] = true;
    open_incident(rig);
}

static void not_sure_enough_a_person_confirms(void) {
    RIG(rig);
    mislead(&rig);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_CONFIRM, REASON_LOW_CONFIDENCE), 1);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_ask_patch), 0);
    CU_ASSERT_TRUE(rig_decide(&rig, FORM_CONFIRM, ANSWER_YES));
    rig_run(&rig, NS_PER_S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_ask_patch), 1);
    rig_decide(&rig, FORM_CONFIRM, ANSWER_YES); /* told twice */
    rig_run(&rig, NS_PER_S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_ask_patch), 1);
    CLOSE(rig);
}

static void a_person_corrects(void) {
    RIG(rig);
    mislead(&rig);
    struct in_person_decision said = {.message = rig_last(&rig, EFF_notify)->notify.message,
                                      .answer = ANSWER_CORRECTION,
                                      .service = BANK,
                                      .approval = 1,
                                      .plan = rig_last(&rig, EFF_notify)->notify.plan};
    rig_says(&rig, said, "sre", "on-call");
    rig_run(&rig, NS_PER_S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_ask_patch), 1);
    CU_ASSERT_EQUAL(rig_last(&rig, EFF_ask_patch)->ask_patch.service.v, BANK.v);
    CLOSE(rig);
}

static void a_persons_no_ends_it(void) {
    RIG(rig);
    mislead(&rig);
    rig_decide(&rig, FORM_CONFIRM, ANSWER_NO);
    rig_run(&rig, 60 * NS_PER_S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_ask_patch), 0);
    CLOSE(rig);
}

/* An answer to a question about another diagnosis confirms nothing, and does not use the question
 * up. */
static void an_answer_to_something_else_confirms_nothing(void) {
    RIG(rig);
    mislead(&rig);
    struct in_person_decision said = {.message = rig_last(&rig, EFF_notify)->notify.message,
                                      .answer = ANSWER_YES,
                                      .approval = 1,
                                      .plan = {{1, 2, 3}}};
    rig_says(&rig, said, "sre", "on-call");
    rig_run(&rig, NS_PER_S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_ask_patch), 0);
    rig_decide(&rig, FORM_CONFIRM, ANSWER_YES);
    rig_run(&rig, NS_PER_S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_ask_patch), 1);
    CLOSE(rig);
}

TEST_MAIN("engine: diagnosis", TEST(all_sources_name_the_cause),
          TEST(a_silent_source_is_waited_for_and_then_left_out), TEST(two_of_three_are_enough),
          TEST(an_absent_log_is_a_source), TEST(late_evidence_changes_nothing),
          TEST(not_sure_enough_a_person_confirms), TEST(a_person_corrects),
          TEST(a_persons_no_ends_it), TEST(an_answer_to_something_else_confirms_nothing))
