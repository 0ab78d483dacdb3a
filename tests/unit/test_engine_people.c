/* SPDX-License-Identifier: GPL-3.0-or-later */
/* People: what an approval covers, commands, the red button. */
#include "engine/base/ratio.h"
#include "tests/support/engine_test.h"

#define S NS_PER_S

/* The error budget is used up: a gate that pauses. */
static void open_over_budget(struct rig *rig) {
    rig->micro[QUERY_BUDGET_ERRORS] = rig->micro[QUERY_BUDGET_REQUESTS] / 20;
    rig_alert(rig, PAYMENT, SYMPTOM_ERRORS, true);
    rig_run(rig, S);
    CU_ASSERT_EQUAL_FATAL(rig_told(rig, FORM_CONFIRM, REASON_GATE), 1);
    CU_ASSERT_EQUAL_FATAL(rig_state(rig), STATE_PAUSED);
}

static void an_approval_waives_what_was_shown(void) {
    RIG(rig);
    open_over_budget(&rig);
    rig_decide(&rig, FORM_CONFIRM, ANSWER_YES);
    rig_run(&rig, 30 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_COMPLETED);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_CONFIRM, REASON_GATE), 1);
    CLOSE(rig);
}

/* Worse than what was shown: asked again. */
static void an_approval_does_not_waive_what_got_worse(void) {
    RIG(rig);
    open_over_budget(&rig);
    rig.micro[QUERY_BUDGET_ERRORS] += PPM_ONE * 100000;
    rig_decide(&rig, FORM_CONFIRM, ANSWER_YES);
    rig_run(&rig, S);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_CONFIRM, REASON_GATE), 2);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_deploy_stage), 0);
    CLOSE(rig);
}

/* All else is judged anew: meanwhile the service has no headroom, and that delays. */
static void an_approval_waives_nothing_else(void) {
    RIG(rig);
    open_over_budget(&rig);
    rig.micro[QUERY_CPU_SHARE] = 950000;
    rig_decide(&rig, FORM_CONFIRM, ANSWER_YES);
    rig_run(&rig, S);
    CU_ASSERT_EQUAL(rig_entries(&rig, STATE_CANCELLED), 1);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_deploy_stage), 0);
    CLOSE(rig);
}

static void decide(struct rig *rig, int64_t message, int64_t approval, const struct hash *plan) {
    struct in_person_decision said = {
        .message = message, .answer = ANSWER_YES, .approval = approval, .plan = *plan};
    rig_says(rig, said, "sre", "on-call");
}

static void an_approval_serves_once_and_its_own_plan(void) {
    RIG(rig);
    open_over_budget(&rig);
    struct eff_notify asked = rig_last(&rig, EFF_notify)->notify;
    struct hash another = {{1}};
    decide(&rig, asked.message, 7, &another);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_PAUSED);
    decide(&rig, asked.message, 0, &asked.plan); /* without a number */
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_PAUSED);
    rig.micro[QUERY_BUDGET_ERRORS] += PPM_ONE * 100000;
    decide(&rig, asked.message, 7, &asked.plan);
    rig_run(&rig, S / 2);
    CU_ASSERT_EQUAL_FATAL(rig_state(&rig), STATE_PAUSED); /* it got worse */
    asked = rig_last(&rig, EFF_notify)->notify;
    decide(&rig, asked.message, 7, &asked.plan); /* the same approval again */
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_PAUSED);
    CU_ASSERT_TRUE(rig_audited(&rig, CATEGORY_MANUAL_INTERVENTION, "served before"));
    decide(&rig, asked.message, 8, &asked.plan);
    rig_run(&rig, 30 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_COMPLETED);
    CLOSE(rig);
}

/* Approved while frozen; lifted after the approval's life: asked again. */
static void an_approval_expires(void) {
    RIG(rig);
    open_over_budget(&rig);
    rig_command(&rig, COMMAND_FREEZE, "sre", ID_NONE64(op_id));
    rig_decide(&rig, FORM_CONFIRM, ANSWER_YES);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_PAUSED); /* nothing is begun while frozen */
    rig_run(&rig, rig.config.human.approval_life_ns);
    rig_command(&rig, COMMAND_UNFREEZE, "sre", ID_NONE64(op_id));
    rig_run(&rig, 5 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_PAUSED);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_deploy_stage), 0);
    CLOSE(rig);
}

static void an_approval_given_while_frozen_serves_afterwards(void) {
    RIG(rig);
    open_over_budget(&rig);
    rig_command(&rig, COMMAND_FREEZE, "sre", ID_NONE64(op_id));
    rig_decide(&rig, FORM_CONFIRM, ANSWER_YES);
    rig_run(&rig, 60 * S);
    rig_command(&rig, COMMAND_UNFREEZE, "sre", ID_NONE64(op_id));
    rig_run(&rig, 30 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_COMPLETED);
    CLOSE(rig);
}

static void a_conflict_approved_is_not_a_gate_approved(void) {
    RIG(rig);
    rig.others = (struct intents){
        .count = 1,
        .list = {{.number = 1, .op = {77}, .kind = OPKIND_DEPLOYMENT, .service = BANK}}};
    rig.micro[QUERY_BUDGET_ERRORS] = rig.micro[QUERY_BUDGET_REQUESTS] / 20;
    rig_alert(&rig, PAYMENT, SYMPTOM_ERRORS, true);
    rig_run(&rig, S);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_CONFIRM, REASON_CONFLICT), 1);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_lock_acquire), 0);
    rig_decide(&rig, FORM_CONFIRM, ANSWER_YES);
    rig_run(&rig, S); /* before the lock and under it: one yes covers both looks */
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_CONFIRM, REASON_CONFLICT), 1);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_CONFIRM, REASON_GATE), 1);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_deploy_stage), 0);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_ask_patch), 1); /* that very plan was approved */
    CLOSE(rig);
}

static void another_conflict_is_asked_about_again(void) {
    RIG(rig);
    rig.others = (struct intents){
        .count = 1,
        .list = {{.number = 1, .op = {77}, .kind = OPKIND_DEPLOYMENT, .service = BANK}}};
    rig_alert(&rig, PAYMENT, SYMPTOM_ERRORS, true);
    rig_run(&rig, S);
    rig.others.list[0].op.v = 78;
    rig_decide(&rig, FORM_CONFIRM, ANSWER_YES);
    rig_run(&rig, S);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_CONFIRM, REASON_CONFLICT), 2);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_lock_acquire), 0);
    CLOSE(rig);
}

static void a_no_ends_it_and_the_incident_is_theirs(void) {
    RIG(rig);
    rig.alerting = true;
    open_over_budget(&rig);
    rig_decide(&rig, FORM_CONFIRM, ANSWER_NO);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_CANCELLED);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_lock_release), 3);
    rig_run(&rig, 60 * S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_ask_patch), 1);
    CLOSE(rig);
}

static void nobody_answers_and_nothing_serves(void) {
    RIG(rig);
    open_over_budget(&rig);
    rig_run(&rig, rig.config.states.limit_ns[STATE_PAUSED]);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_CANCELLED);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TAKE_OVER, REASON_TIMEOUT), 1);
    CLOSE(rig);
}

/* The limit of the state it was paused in stops meanwhile. */
static void a_states_limit_stops_while_paused(void) {
    RIG(rig);
    rig_alert(&rig, PAYMENT, SYMPTOM_ERRORS, true);
    rig_run(&rig, 1500 * NS_PER_MS);
    rig_command(&rig, COMMAND_PAUSE, "sre", rig_op(&rig, 0));
    rig_run(&rig, 2 * rig.config.states.limit_ns[STATE_IN_PROGRESS]);
    rig_command(&rig, COMMAND_RESUME, "sre", rig_op(&rig, 0));
    rig_run(&rig, 30 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_COMPLETED);
    CLOSE(rig);
}

static void a_state_without_limit_has_none_after_a_pause(void) {
    RIG_OPEN(rig);
    rig.config.states.limit_ns[STATE_IN_PROGRESS] = 0;
    rig_start(&rig);
    rig_alert(&rig, PAYMENT, SYMPTOM_ERRORS, true);
    rig_run(&rig, 1500 * NS_PER_MS);
    rig_command(&rig, COMMAND_PAUSE, "sre", rig_op(&rig, 0));
    rig_run(&rig, S);
    rig_command(&rig, COMMAND_RESUME, "sre", rig_op(&rig, 0));
    rig_run(&rig, 30 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_COMPLETED);
    CLOSE(rig);
}

static void a_stranger_commands_nothing(void) {
    RIG(rig);
    rig_alert(&rig, PAYMENT, SYMPTOM_ERRORS, true);
    rig_run(&rig, 1500 * NS_PER_MS);
    rig_command(&rig, COMMAND_FREEZE, "", ID_NONE64(op_id));
    rig_command(&rig, COMMAND_PAUSE, "", rig_op(&rig, 0));
    rig_command(&rig, COMMAND_CANCEL, "", rig_op(&rig, 0));
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_suspend), 0);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_IN_PROGRESS);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TELL, REASON_COMMAND_REFUSED),
                    1); /* its like is held back */
    CU_ASSERT_TRUE(rig_audited(&rig, CATEGORY_MANUAL_INTERVENTION, "command refused"));
    CLOSE(rig);
}

/* Frozen in the middle of a canary: nothing is promoted, and it goes on when that is lifted. */
static void the_red_button(void) {
    RIG(rig);
    rig_alert(&rig, PAYMENT, SYMPTOM_ERRORS, true);
    rig_run(&rig, 1500 * NS_PER_MS);
    rig_command(&rig, COMMAND_FREEZE, "sre", ID_NONE64(op_id));
    CU_ASSERT_EQUAL(rig_last(&rig, EFF_suspend)->suspend.on, true);
    rig_run(&rig, 100 * S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_deploy_stage), 1);
    rig_alert(&rig, SEARCH, SYMPTOM_ERRORS, true); /* still detects */
    rig_command(&rig, COMMAND_UNFREEZE, "sre", ID_NONE64(op_id));
    CU_ASSERT_EQUAL(rig_last(&rig, EFF_suspend)->suspend.on, false);
    rig_run(&rig, 30 * S);
    CU_ASSERT_EQUAL(rig_entries(&rig, STATE_COMPLETED), 1);
    CLOSE(rig);
}

static void an_incident_met_while_frozen_is_healed_afterwards(void) {
    RIG(rig);
    rig_command(&rig, COMMAND_FREEZE, "sre", ID_NONE64(op_id));
    rig_alert(&rig, PAYMENT, SYMPTOM_ERRORS, true);
    rig_run(&rig, 10 * S);
    CU_ASSERT_EQUAL(rig_reported(&rig, REPORT_DIAGNOSED), 1);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_ask_patch), 0);
    rig_command(&rig, COMMAND_UNFREEZE, "sre", ID_NONE64(op_id));
    rig_run(&rig, 30 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_COMPLETED);
    CLOSE(rig);
}

static void a_cancel_takes_back_what_serves(void) {
    RIG(rig);
    rig_alert(&rig, PAYMENT, SYMPTOM_ERRORS, true);
    rig_run(&rig, 1500 * NS_PER_MS);
    rig_command(&rig, COMMAND_CANCEL, "sre", rig_op(&rig, 0));
    rig_run(&rig, S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_ROLLED_BACK);
    CU_ASSERT_EQUAL(rig.serving.v, 1);
    rig_run(&rig, 60 * S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_ask_patch), 1);
    CLOSE(rig);
}

/* Paused while the gates' figures are under way: they decide nothing when they come. */
static void figures_that_come_while_paused_decide_nothing(void) {
    RIG(rig);
    rig_alert(&rig, PAYMENT, SYMPTOM_ERRORS, true);
    while (rig_entries(&rig, STATE_SAFETY_CHECK) == 0 && rig_next(&rig)) {}
    rig_command(&rig, COMMAND_PAUSE, "sre", rig_op(&rig, 0));
    rig_run(&rig, 60 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_PAUSED);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_deploy_stage), 0);
    rig_command(&rig, COMMAND_RESUME, "sre", rig_op(&rig, 0));
    rig_run(&rig, 30 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_COMPLETED);
    CLOSE(rig);
}

/* The same question to more people by and by: lead after 15 min, manager after 30, all after 60. */
static void a_question_nobody_answers_escalates(void) {
    RIG(rig);
    open_over_budget(&rig);
    int64_t message = rig_last(&rig, EFF_notify)->notify.message;
    static const time_ns at[] = {0, 15 * NS_PER_MIN, 30 * NS_PER_MIN, 60 * NS_PER_MIN};
    for (int64_t level = 1; level < 4; level++) {
        rig_run(&rig, at[level] - at[level - 1] - 2 * S);
        CU_ASSERT_EQUAL(rig_last(&rig, EFF_notify)->notify.level, level - 1);
        rig_run(&rig, 2 * S);
        CU_ASSERT_EQUAL(rig_last(&rig, EFF_notify)->notify.level, level);
        CU_ASSERT_EQUAL(rig_last(&rig, EFF_notify)->notify.message, message);
    }
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_CONFIRM, REASON_GATE), 4);
    rig_decide(&rig, FORM_CONFIRM, ANSWER_YES);
    rig_run(&rig, 30 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_COMPLETED);
    CLOSE(rig);
}

static void who_takes_over_is_not_escalated_past(void) {
    RIG(rig);
    rig.own_share_ppm = 350000;
    rig_alert(&rig, PAYMENT, SYMPTOM_ERRORS, true);
    rig_run(&rig, S);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TAKE_OVER, REASON_CRITICAL_ERRORS), 1);
    rig_run(&rig, 20 * NS_PER_MIN);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TAKE_OVER, REASON_CRITICAL_ERRORS), 2);
    rig_decide(&rig, FORM_TAKE_OVER, ANSWER_TAKEN_OVER);
    rig_run(&rig, 60 * NS_PER_MIN);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TAKE_OVER, REASON_CRITICAL_ERRORS), 2);
    CLOSE(rig);
}

TEST_MAIN("engine: people", TEST(an_approval_waives_what_was_shown),
          TEST(an_approval_does_not_waive_what_got_worse), TEST(an_approval_waives_nothing_else),
          TEST(an_approval_serves_once_and_its_own_plan), TEST(an_approval_expires),
          TEST(an_approval_given_while_frozen_serves_afterwards),
          TEST(a_conflict_approved_is_not_a_gate_approved),
          TEST(another_conflict_is_asked_about_again),
          TEST(a_no_ends_it_and_the_incident_is_theirs), TEST(nobody_answers_and_nothing_serves),
          TEST(a_states_limit_stops_while_paused),
          TEST(a_state_without_limit_has_none_after_a_pause), TEST(a_stranger_commands_nothing),
          TEST(the_red_button), TEST(an_incident_met_while_frozen_is_healed_afterwards),
          TEST(a_cancel_takes_back_what_serves),
          TEST(figures_that_come_while_paused_decide_nothing),
          TEST(a_question_nobody_answers_escalates), TEST(who_takes_over_is_not_escalated_past))
