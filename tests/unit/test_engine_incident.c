/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What becomes an incident, and what does not; severity, cascade, dedupe; and the way of one
 * incident through a friendly world. */
#include "tests/support/engine_test.h"

static void a_friendly_world_ends_resolved(void) {
    RIG(rig);
    rig.alerting = true;
    rig_run(&rig, 40 * NS_PER_S);
    CU_ASSERT_EQUAL(rig_reported(&rig, REPORT_OPENED), 1);
    CU_ASSERT_EQUAL(rig_reported(&rig, REPORT_CLOSED_RESOLVED), 1);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_COMPLETED);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_deploy_stage), 3);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_lock_release), 3);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_registry_remove), 1);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_refused), 0);
    CU_ASSERT_EQUAL(rig.serving.v, 100);
    struct eng_summary left;
    eng_summarise(rig.engine, &left);
    CU_ASSERT_EQUAL(left.incidents_open, 0);
    CU_ASSERT_EQUAL(left.operations_open, 0);
    CU_ASSERT_EQUAL(left.timers_armed, 0);
    CLOSE(rig);
}

/* Its callee fails; what it adds itself is next to nothing. */
static void passed_on_failures_open_nothing(void) {
    RIG(rig);
    rig.culprit = BANK;
    for (int k = 0; k < 5; k++) {
        rig_alert(&rig, PAYMENT, SYMPTOM_ERRORS, true);
        rig_run(&rig, NS_PER_S);
    }
    CU_ASSERT_EQUAL(rig_reported(&rig, REPORT_OPENED), 0);
    CLOSE(rig);
}

static void a_handful_of_requests_opens_nothing(void) {
    RIG(rig);
    rig.rate = 2; /* 10 requests in the window: 15 % of them says next to nothing */
    rig_alert(&rig, PAYMENT, SYMPTOM_ERRORS, true);
    rig_run(&rig, NS_PER_S);
    CU_ASSERT_EQUAL(rig_reported(&rig, REPORT_OPENED), 0);
    rig.rate = 1250;
    rig_alert(&rig, PAYMENT, SYMPTOM_ERRORS, true);
    rig_run(&rig, NS_PER_S);
    CU_ASSERT_EQUAL(rig_reported(&rig, REPORT_OPENED), 1);
    CLOSE(rig);
}

static void one_service_and_symptom_is_one_incident(void) {
    RIG(rig);
    for (int k = 0; k < 4; k++) rig_alert(&rig, PAYMENT, SYMPTOM_ERRORS, true);
    rig_run(&rig, NS_PER_S / 2);
    for (int k = 0; k < 4; k++) rig_alert(&rig, PAYMENT, SYMPTOM_ERRORS, true);
    rig_run(&rig, NS_PER_S / 2);
    CU_ASSERT_EQUAL(rig_reported(&rig, REPORT_OPENED), 1);
    CLOSE(rig);
}

static void critical_errors_are_a_persons(void) {
    RIG(rig);
    rig.own_share_ppm = 350000;
    rig_alert(&rig, PAYMENT, SYMPTOM_ERRORS, true);
    rig_run(&rig, 60 * NS_PER_S);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TAKE_OVER, REASON_CRITICAL_ERRORS), 1);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_ask_patch), 0);
    CLOSE(rig);
}

/* A rate window fills slowly: it turns out critical while the patch is being made. */
static void severity_is_judged_again_until_something_serves(void) {
    RIG(rig);
    rig.silent[EFF_ask_patch] = true;
    rig.alerting = true;
    rig_run(&rig, 3 * NS_PER_S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_INIT);
    rig.own_share_ppm = 350000;
    rig_run(&rig, 3 * NS_PER_S);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TAKE_OVER, REASON_CRITICAL_ERRORS), 1);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_PAUSED);
    CLOSE(rig);
}

static enum rig_answer all_fail(struct rig *rig, const struct eng_effect *effect,
                                struct eng_input *answer) {
    (void)rig;
    if (effect->kind != EFF_query || effect->query.query != QUERY_OWN_ERROR_SHARE)
        return RIG_FRIENDLY;
    answer->kind = IN_query_result;
    answer->query_result =
        (struct in_query_result){.request = effect->query.request,
                                 .kind = VALUE_NUMBER,
                                 .micro = effect->query.offset_ns > 0 ? 3000 : 152000};
    return RIG_MINE;
}

static void several_services_by_themselves_are_a_cascade(void) {
    RIG(rig);
    rig.hook = all_fail;
    rig.silent[EFF_ask_patch] = true;
    rig_alert(&rig, PAYMENT, SYMPTOM_ERRORS, true);
    rig_alert(&rig, SEARCH, SYMPTOM_ERRORS, true);
    rig_run(&rig, NS_PER_S / 10);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TAKE_OVER, REASON_CASCADE), 0);
    rig_alert(&rig, PROFILE, SYMPTOM_ERRORS, true);
    rig_run(&rig, NS_PER_S / 10);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TAKE_OVER, REASON_CASCADE), 3);
    rig_run(&rig, 60 * NS_PER_S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_deploy_stage), 0);
    CLOSE(rig);
}

TEST_MAIN("engine: incidents", TEST(a_friendly_world_ends_resolved),
          TEST(passed_on_failures_open_nothing), TEST(a_handful_of_requests_opens_nothing),
          TEST(one_service_and_symptom_is_one_incident), TEST(critical_errors_are_a_persons),
          TEST(severity_is_judged_again_until_something_serves),
          TEST(several_services_by_themselves_are_a_cascade))
