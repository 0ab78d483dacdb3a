/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a scenario demands of an incident beside reaction and outcome: bounds, what must not be, and
 * that its causes act. */
#include "tests/support/court.h"

static void a_quiet_run_is_none(void) {
    struct tb t;
    struct court c;
    tb_begin(&t);
    tb_plan(&t, NULL, NULL);
    tb_expect(&t, 0,
              &(struct rec_expect){.name = REC_STR("quiet"),
                                   .fault = -1,
                                   .service = ID_NONE(svc_id),
                                   .symptom = -1,
                                   .reaction = REC_STR("none"),
                                   .outcome = REC_STR("none")});
    tb_seconds(&t, 0, 40, TB_PAYMENT, 1, 0);
    tb_end_of(&t, TB_S(40));
    judge(&t, &c);
    CU_ASSERT_EQUAL(c.verdict.kind, VERDICT_PASS);
    CU_ASSERT_EQUAL(c.verdict.passed, 1);
    adjourn(&t, &c);
}

static void what_is_forbidden_fails(void) {
    struct tb t;
    struct court c;
    tb_begin(&t);
    tb_plan(&t, "rollback", "restored");
    tb_must_not(&t, 0,
                &(struct rec_must_not){.what = REC_STR("rollback"), .service = ID_NONE(svc_id)});
    tb_must_not(&t, 0,
                &(struct rec_must_not){.what = REC_STR("deployment"), .service = {TB_ORDER}});
    canary_story(&t, 15);
    judge(&t, &c);
    CU_ASSERT_EQUAL(c.verdict.forbidden_count, 1);
    CU_ASSERT_EQUAL(c.verdict.kind, VERDICT_FAIL);
    adjourn(&t, &c);
}

static void bounds_are_held(void) {
    struct tb t;
    struct court c;
    tb_begin(&t);
    tb_plan(&t, "rollback", "restored");
    tb_bound(&t, 0, &(struct rec_bound){.key = REC_STR("restored_within_ns"), .value = TB_S(4)});
    tb_bound(&t, 0, &(struct rec_bound){.key = REC_STR("canary_pods"), .value = 3});
    canary_story(&t, 15);
    const struct judged *j = judge(&t, &c);
    CU_ASSERT_EQUAL(j->kind, VERDICT_FAIL);
    CU_ASSERT_EQUAL(j->reasons.count, 1);
    CU_ASSERT_STRING_EQUAL(j->reasons.list[0], "canary_pods: 2, expected exactly 3");
    CU_ASSERT_STRING_EQUAL(j->why, j->reasons.list[0]);
    adjourn(&t, &c);
}

static void feedback_is_what_was_found_before(void) {
    static const char *const feedbacks[] = {"test_total", "test_tota", ""};
    for (int i = 0; i < 3; i++) {
        struct tb t;
        struct court c;
        tb_begin(&t);
        tb_plan(&t, "reject", "rejected");
        tb_bound(&t, 0, &(struct rec_bound){.key = REC_STR("patch_feedback"), .value = 1});
        opening(&t, 15);
        patched(&t, TB_S(13), 2, 0);
        tb_checked(&t, TB_S(14),
                   &(struct rec_checked){.op = {5},
                                         .revision = {2},
                                         .reply = REPLY_OK,
                                         .tests_run = 3,
                                         .tests_failed = 1,
                                         .finding = REC_STR("test_total")});
        struct text feedback;
        text_set(&feedback, feedbacks[i]);
        TB_WANTS(&t, TB_S(14), 0, ask_patch, .incident = {1}, .op = {5}, .service = {TB_PAYMENT},
                 .base = {1}, .feedback = feedback);
        tb_seconds(&t, 12, 40, TB_PAYMENT, 1, 15);
        ending(&t, TB_S(40));
        CU_ASSERT_EQUAL(judge(&t, &c)->kind, i == 0 ? VERDICT_PASS : VERDICT_FAIL);
        adjourn(&t, &c);
    }
}

/* The first diagnosis counts; a later one does not mend it. */
static void confidence_is_the_first_that_was_told(void) {
    static const int64_t told[] = {399999, 400000, 700000, 700001};
    for (int i = 0; i < 4; i++) {
        struct tb t;
        struct court c;
        tb_begin(&t);
        tb_plan(&t, "none", "none");
        tb_bound(&t, 0, &(struct rec_bound){.key = REC_STR("confidence_min_ppm"), .value = 400000});
        tb_bound(&t, 0, &(struct rec_bound){.key = REC_STR("confidence_max_ppm"), .value = 700000});
        opening(&t, 15);
        tb_reports(&t, TB_S(13), 0, REPORT_DIAGNOSED, 1, 0, told[i]);
        tb_reports(&t, TB_S(14), 0, REPORT_DIAGNOSED, 1, 0, 500000);
        tb_seconds(&t, 12, 40, TB_PAYMENT, 1, 15);
        ending(&t, TB_S(40));
        const char *all = "";
        const struct judged *j = judge(&t, &c);
        for (uint32_t k = 0; k < j->reasons.count; k++)
            if (strstr(j->reasons.list[k], "confidence")) all = j->reasons.list[k];
        CU_ASSERT_EQUAL(*all == '\0', i == 1 || i == 2);
        if (i == 0) CU_ASSERT_PTR_NOT_NULL(strstr(all, "confidence_min: "));
        adjourn(&t, &c);
    }
}

static void a_diagnosis_can_be_forbidden(void) {
    for (uint32_t service = TB_ORDER; service <= TB_PAYMENT; service++) {
        struct tb t;
        struct court c;
        tb_begin(&t);
        tb_plan(&t, "none", "none");
        tb_must_not(&t, 0,
                    &(struct rec_must_not){.what = REC_STR("diagnosis"), .service = {service}});
        opening(&t, 15);
        TB_WANTS(&t, TB_S(13), 0, report, .kind = REPORT_DIAGNOSED, .incident = {1},
                 .service = {TB_PAYMENT});
        tb_seconds(&t, 12, 40, TB_PAYMENT, 1, 15);
        ending(&t, TB_S(40));
        judge(&t, &c);
        CU_ASSERT_EQUAL(c.verdict.forbidden_count, service == TB_PAYMENT ? 1 : 0);
        adjourn(&t, &c);
    }
}

/* A partition beside the defect: a run in which it touched nothing proves nothing. */
static void each_cause_has_to_act(void) {
    for (int acted = 0; acted < 2; acted++) {
        struct tb t;
        struct court c;
        tb_begin(&t);
        tb_plan(&t, "none", "open");
        tb_fault_planned(
            &t, 0,
            &(struct rec_fault_planned){
                .fault = 1, .name = REC_STR("cut"), .service = ID_NONE(svc_id), .symptom = -1});
        tb_seconds(&t, 0, 10, TB_PAYMENT, 1, 0);
        tb_fault_on(
            &t, TB_S(10),
            &(struct rec_fault_on){.service = {TB_PAYMENT}, .value = 152000, .baseline = 3000});
        tb_seconds(&t, 10, 40, TB_PAYMENT, 1, 15);
        tb_fault_off(&t, TB_S(40), &(struct rec_fault_off){.fault = 1, .fired = acted});
        ending(&t, TB_S(40));
        const struct judged *j = judge(&t, &c);
        CU_ASSERT_EQUAL(j->kind, acted ? VERDICT_PASS : VERDICT_INCONCLUSIVE);
        CU_ASSERT_STRING_EQUAL(j->why,
                               acted ? "none, open, as expected" : "the fault \"cut\" did not act");
        CU_ASSERT_EQUAL(c.verdict.kind, j->kind);
        CU_ASSERT_EQUAL(c.verdict.inconclusive, !acted);
        adjourn(&t, &c);
    }
}

TEST_MAIN("judge: demands", TEST(a_quiet_run_is_none), TEST(what_is_forbidden_fails),
          TEST(bounds_are_held), TEST(feedback_is_what_was_found_before),
          TEST(confidence_is_the_first_that_was_told), TEST(a_diagnosis_can_be_forbidden),
          TEST(each_cause_has_to_act))
