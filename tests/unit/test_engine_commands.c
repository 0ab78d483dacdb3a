/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who may command and approve, what an approval covers, two who disagree, modes. */
#include "engine/base/ratio.h"
#include "tests/support/engine_test.h"

#define S NS_PER_S

/* In the middle of its first stage. */
static void open_canary(struct rig *rig) {
    rig_alert(rig, PAYMENT, SYMPTOM_ERRORS, true);
    rig_run(rig, 1500 * NS_PER_MS);
    CU_ASSERT_EQUAL_FATAL(rig_state(rig), STATE_IN_PROGRESS);
}

/* Paused by a gate, with a question. */
static struct eff_notify open_question(struct rig *rig) {
    rig->micro[QUERY_BUDGET_ERRORS] = rig->micro[QUERY_BUDGET_REQUESTS] / 20;
    rig_alert(rig, PAYMENT, SYMPTOM_ERRORS, true);
    rig_run(rig, S);
    CU_ASSERT_EQUAL_FATAL(rig_state(rig), STATE_PAUSED);
    return rig_last(rig, EFF_notify)->notify;
}

static struct in_person_decision answer_to(const struct eff_notify *asked, enum answer answer,
                                           int64_t approval) {
    return (struct in_person_decision){.message = asked->message,
                                       .answer = answer,
                                       .service = asked->service,
                                       .approval = approval,
                                       .plan = asked->plan};
}

/* The newest audit entry of a manual intervention says that it was refused, and why. */
static bool was_refused(struct rig *rig, const char *why) {
    return rig_audited(rig, CATEGORY_MANUAL_INTERVENTION, "refused") &&
           rig_audited(rig, CATEGORY_MANUAL_INTERVENTION, why);
}

/* ---- who may ---- */

static void nobody_commands_but_those_of_the_policy(void) {
    static const struct eng_grant payments[] = {{"payments", "lead"}, {NULL, "manager"}};
    static const struct {
        const char *team, *role;
        bool may;
    } cases[] = {{"payments", "lead", true},   {"payments", "on-call", false},
                 {"marketing", "lead", false}, {"any", "manager", true},
                 {"payment", "lead", false},   {"payments2", "lead", false},
                 {"", "manager", false},       {"any", "", false}};
    for (size_t k = 0; k < ARRAY_LEN(cases); k++) {
        RIG_OPEN(rig);
        rig.config.human.teams = (struct eng_grants){ARRAY_LEN(payments), payments};
        rig_start(&rig);
        open_canary(&rig);
        struct eng_input input = {.kind = IN_person_command};
        input.person_command =
            (struct in_person_command){.command = COMMAND_PAUSE, .op = rig_op(&rig, 0)};
        text_set(&input.person_command.team, cases[k].team);
        text_set(&input.person_command.role, cases[k].role);
        text_set(&input.person_command.reason, "because");
        rig_feed(&rig, &input);
        CU_ASSERT_EQUAL(rig_state(&rig), cases[k].may ? STATE_PAUSED : STATE_IN_PROGRESS);
        CU_ASSERT_EQUAL(rig_told(&rig, FORM_TELL, REASON_COMMAND_REFUSED), cases[k].may ? 0 : 1);
        CU_ASSERT_EQUAL(was_refused(&rig, "not of a team and role"), !cases[k].may);
        CLOSE(rig);
    }
}

static void a_command_says_why(void) {
    RIG(rig);
    open_canary(&rig);
    struct eng_input input = {.kind = IN_person_command};
    input.person_command =
        (struct in_person_command){.command = COMMAND_PAUSE, .op = rig_op(&rig, 0)};
    text_set(&input.person_command.team, "sre");
    text_set(&input.person_command.role, "lead");
    rig_feed(&rig, &input);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_IN_PROGRESS);
    CU_ASSERT_TRUE(was_refused(&rig, "it does not say why"));
    rig_command(&rig, COMMAND_PAUSE, "sre", (struct op_id){99});
    CU_ASSERT_TRUE(was_refused(&rig, "no such operation"));
    rig_command(&rig, COMMAND_RESUME, "sre", rig_op(&rig, 0));
    CU_ASSERT_TRUE(was_refused(&rig, "the operation is not paused"));
    CLOSE(rig);
}

static void nobody_answers_but_approvers(void) {
    static const struct eng_grant leads[] = {{NULL, "lead"}};
    RIG_OPEN(rig);
    rig.config.human.approvers[2] = (struct eng_grants){1, leads};
    rig_start(&rig);
    struct eff_notify asked = open_question(&rig);
    rig_says(&rig, answer_to(&asked, ANSWER_YES, 1), "sre", "on-call"); /* may command only */
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_PAUSED);
    rig_says(&rig, answer_to(&asked, ANSWER_NO, 0), "sre", "on-call");
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_PAUSED);
    CU_ASSERT_TRUE(was_refused(&rig, "may approve; sre/on-call"));
    rig_says(&rig, answer_to(&asked, ANSWER_YES, 1), "sre", "lead"); /* the number is still good */
    rig_run(&rig, 30 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_COMPLETED);
    CLOSE(rig);
}

/* ---- approvals ---- */

static void resume_by(struct rig *rig, int64_t approval, uint8_t plan_bit, time_ns age) {
    struct eng_input input = {.kind = IN_person_command};
    struct in_person_command *in = &input.person_command;
    *in = (struct in_person_command){
        .command = COMMAND_RESUME,
        .op = rig_op(rig, 0),
        .approval = approval,
        .issued_wall = rig->wall - age,
        .plan = rig_last(rig, EFF_registry_register)->registry_register.plan};
    in->plan.b[0] ^= plan_bit;
    text_set(&in->team, "sre");
    text_set(&in->role, "on-call");
    text_set(&in->reason, "looked at it");
    rig_feed(rig, &input);
}

static void a_resume_needs_an_approval_of_its_plan_once_and_fresh(void) {
    RIG(rig);
    open_canary(&rig);
    time_ns life = rig.config.human.approval_life_ns;
    rig_command(&rig, COMMAND_PAUSE, "sre", rig_op(&rig, 0));
    rig.wall += 2 * life;
    resume_by(&rig, 0, 0, 0);
    CU_ASSERT_TRUE(was_refused(&rig, "no approval"));
    resume_by(&rig, 50, 1, 0);
    CU_ASSERT_TRUE(was_refused(&rig, "an approval of another plan"));
    resume_by(&rig, 50, 0, life);
    CU_ASSERT_TRUE(was_refused(&rig, "an approval that is too old"));
    resume_by(&rig, 50, 0, rig.wall);
    CU_ASSERT_TRUE(was_refused(&rig, "does not say when it was given"));
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_PAUSED);
    resume_by(&rig, 50, 0, life - 1);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_IN_PROGRESS);
    rig_command(&rig, COMMAND_PAUSE, "sre", rig_op(&rig, 0));
    resume_by(&rig, 50, 0, 0);
    CU_ASSERT_TRUE(was_refused(&rig, "an approval that served before"));
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_PAUSED);
    CLOSE(rig);
}

/* Given long before it arrived, kept while frozen: its life counts from when it was given. */
static void an_approvals_life_counts_from_when_it_was_given(void) {
    for (int late = 0; late < 2; late++) {
        RIG(rig);
        struct eff_notify asked = open_question(&rig);
        rig_command(&rig, COMMAND_FREEZE, "sre", ID_NONE64(op_id));
        struct in_person_decision said = answer_to(&asked, ANSWER_YES, 3);
        said.issued_wall = rig.wall - 600 * S;
        rig_says(&rig, said, "sre", "lead");
        rig_run(&rig, (late ? 301 : 298) * S);
        rig_command(&rig, COMMAND_UNFREEZE, "sre", ID_NONE64(op_id));
        rig_run(&rig, 30 * S);
        CU_ASSERT_EQUAL(rig_state(&rig), late ? STATE_PAUSED : STATE_COMPLETED);
        CLOSE(rig);
    }
}

/* ---- two who disagree ---- */

static void a_no_after_a_yes_takes_it_back(void) {
    RIG(rig);
    struct eff_notify asked = open_question(&rig);
    rig_says(&rig, answer_to(&asked, ANSWER_YES, 1), "sre", "on-call");
    rig_run(&rig, 700 * NS_PER_MS);
    CU_ASSERT_EQUAL_FATAL(rig_state(&rig), STATE_IN_PROGRESS);
    CU_ASSERT_NOT_EQUAL(rig.candidate.v, 0);
    rig_says(&rig, answer_to(&asked, ANSWER_NO, 0), "sre", "lead");
    rig_run(&rig, 5 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_ROLLED_BACK);
    CU_ASSERT_EQUAL(rig.candidate.v, 0);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TELL, REASON_PEOPLE_DISAGREE), 1);
    rig_run(&rig, 60 * S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_ask_patch), 1); /* and it is theirs */
    CLOSE(rig);
}

/* It turns out critical while a gate's question is open: of the two answers the no holds. */
static void a_no_to_a_take_over_takes_back_what_a_yes_let_go_on(void) {
    RIG(rig);
    struct eff_notify asked = open_question(&rig);
    rig.alerting = true;
    rig.own_share_ppm = 350000;
    rig_run(&rig, 3 * S);
    CU_ASSERT_EQUAL_FATAL(rig_told(&rig, FORM_TAKE_OVER, REASON_CRITICAL_ERRORS), 1);
    rig_says(&rig, answer_to(&asked, ANSWER_YES, 1), "sre", "on-call");
    rig_run(&rig, 700 * NS_PER_MS);
    CU_ASSERT_EQUAL_FATAL(rig_state(&rig), STATE_IN_PROGRESS);
    CU_ASSERT(rig_decide(&rig, FORM_TAKE_OVER, ANSWER_NO));
    rig_run(&rig, 5 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_ROLLED_BACK);
    CU_ASSERT_EQUAL(rig.candidate.v, 0);
    CLOSE(rig);
}

static void a_yes_after_a_no_is_refused(void) {
    RIG(rig);
    struct eff_notify asked = open_question(&rig);
    rig_says(&rig, answer_to(&asked, ANSWER_NO, 0), "sre", "on-call");
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_CANCELLED);
    rig_says(&rig, answer_to(&asked, ANSWER_YES, 1), "sre", "lead");
    rig_run(&rig, 60 * S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_deploy_stage), 0);
    CLOSE(rig);
}

/* Who takes over holds it: no yes, a resume only. */
static void a_yes_after_taken_over_is_refused(void) {
    RIG(rig);
    struct eff_notify asked = open_question(&rig);
    rig_says(&rig, answer_to(&asked, ANSWER_TAKEN_OVER, 0), "sre", "on-call");
    rig_says(&rig, answer_to(&asked, ANSWER_YES, 1), "sre", "lead");
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_PAUSED);
    CU_ASSERT_TRUE(was_refused(&rig, "somebody holds the operation"));
    rig.micro[QUERY_BUDGET_ERRORS] = 0;
    resume_by(&rig, 1, 0, 0);
    rig_run(&rig, 30 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_COMPLETED);
    CLOSE(rig);
}

/* Paused by command while a question is open: its yes does not lift that. */
static void a_pause_by_command_outlasts_an_answer(void) {
    RIG(rig);
    struct eff_notify asked = open_question(&rig);
    rig_command(&rig, COMMAND_PAUSE, "sre", rig_op(&rig, 0));
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TELL, REASON_PERSON_PAUSE), 1);
    rig_says(&rig, answer_to(&asked, ANSWER_YES, 30), "sre", "lead");
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_PAUSED);
    CLOSE(rig);
}

static struct eff_notify open_doubt(struct rig *rig) {
    struct eng_input change = {.kind = IN_change};
    change.change = (struct in_change){
        .service = SEARCH, .ended = true, .at_wall = rig->wall - 600 * S, .share_ppm = PPM_ONE};
    rig_feed(rig, &change);
    rig_alert(rig, PAYMENT, SYMPTOM_ERRORS, true);
    rig_run(rig, S);
    CU_ASSERT_EQUAL_FATAL(rig_told(rig, FORM_CONFIRM, REASON_LOW_CONFIDENCE), 1);
    return rig_last(rig, EFF_notify)->notify;
}

static void two_who_name_different_services_are_a_no(void) {
    RIG(rig);
    struct eff_notify asked = open_doubt(&rig);
    rig_says(&rig, answer_to(&asked, ANSWER_YES, 1), "sre", "on-call");
    rig_run(&rig, 5 * NS_PER_MS);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_ask_patch), 1);
    struct in_person_decision other = answer_to(&asked, ANSWER_CORRECTION, 2);
    rig_says(&rig, other, "sre", "lead"); /* of the same service: they agree */
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TELL, REASON_PEOPLE_DISAGREE), 0);
    other.service = BANK;
    rig_says(&rig, other, "sre", "lead");
    rig_run(&rig, 60 * S);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TELL, REASON_PEOPLE_DISAGREE), 1);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_CANCELLED);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_deploy_stage), 0);
    rig_says(&rig, answer_to(&asked, ANSWER_YES, 4), "sre", "manager"); /* too late */
    rig_run(&rig, 60 * S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_ask_patch), 1);
    CU_ASSERT_TRUE(was_refused(&rig, "somebody else said no before"));
    CLOSE(rig);
}

static void a_diagnosis_is_confirmed_by_a_good_approval_only(void) {
    RIG(rig);
    struct eff_notify asked = open_doubt(&rig);
    struct in_person_decision said = answer_to(&asked, ANSWER_YES, 0);
    rig_says(&rig, said, "sre", "on-call");
    said.approval = 1;
    said.issued_wall = rig.wall - rig.config.human.approval_life_ns;
    rig_says(&rig, said, "sre", "on-call");
    rig_says(&rig, answer_to(&asked, ANSWER_YES, 1), "sre", "intern");
    rig_run(&rig, S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_ask_patch), 0);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TELL, REASON_COMMAND_REFUSED),
                    1); /* its like is held back */
    rig_says(&rig, answer_to(&asked, ANSWER_YES, 1), "sre", "on-call");
    rig_run(&rig, 30 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_COMPLETED);
    CLOSE(rig);
}

/* ---- while paused ---- */

/* Ordered, then paused, then carried out: what serves is watched, and goes back when it is bad. */
static void a_stage_that_begins_while_paused_is_watched(void) {
    RIG(rig);
    rig.patched_share_ppm = 600000;
    rig_alert(&rig, PAYMENT, SYMPTOM_ERRORS, true);
    while (rig_count(&rig, EFF_deploy_stage) == 0 && rig_next(&rig)) {}
    rig_command(&rig, COMMAND_PAUSE, "sre", rig_op(&rig, 0));
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_PAUSED);
    rig_run(&rig, 20 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_ROLLED_BACK);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_deploy_stage), 1);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_ask_patch), 1); /* what a person holds stays theirs */
    CLOSE(rig);
}

static void a_lock_is_forced_by_who_may(void) {
    RIG(rig);
    struct eng_input input = {.kind = IN_person_command};
    struct in_person_command *in = &input.person_command;
    *in = (struct in_person_command){
        .command = COMMAND_FORCE_RELEASE, .scope = SCOPE_SERVICE, .name = PAYMENT.v};
    text_set(&in->team, "sre");
    text_set(&in->role, "intern");
    text_set(&in->reason, "its holder is gone");
    rig_feed(&rig, &input);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_lock_force), 0);
    text_set(&in->role, "lead");
    in->scope = SCOPE_NONE;
    rig_feed(&rig, &input);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_lock_force), 0);
    in->scope = SCOPE_SERVICE;
    rig_feed(&rig, &input);
    CU_ASSERT_EQUAL_FATAL(rig_count(&rig, EFF_lock_force), 1);
    CU_ASSERT_EQUAL(rig_last(&rig, EFF_lock_force)->lock_force.scope, SCOPE_SERVICE);
    CU_ASSERT_EQUAL(rig_last(&rig, EFF_lock_force)->lock_force.name, PAYMENT.v);
    CU_ASSERT_TRUE(rig_audited(&rig, CATEGORY_MANUAL_INTERVENTION, "force_release"));
    CLOSE(rig);
}

/* ---- modes ---- */

static void set_mode(struct rig *rig, int64_t mode) {
    struct eng_input input = {.kind = IN_person_command};
    struct in_person_command *in = &input.person_command;
    *in = (struct in_person_command){.command = COMMAND_SET_MODE, .name = mode};
    text_set(&in->team, "sre");
    text_set(&in->role, "lead");
    text_set(&in->reason, "by a test");
    rig_feed(rig, &input);
}

static void who_observes_detects_and_reports(void) {
    RIG_OPEN(rig);
    rig.config.mode = MODE_OBSERVE;
    rig_start(&rig);
    rig_alert(&rig, PAYMENT, SYMPTOM_ERRORS, true);
    rig_run(&rig, 60 * S);
    CU_ASSERT_EQUAL(rig_reported(&rig, REPORT_OPENED), 1);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TELL, REASON_INCIDENT_OPENED), 1);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_ask_evidence) + rig_count(&rig, EFF_ask_patch), 0);
    rig.unpatched_gone = true;
    rig_alert(&rig, PAYMENT, SYMPTOM_ERRORS, false);
    rig_run(&rig, S);
    CU_ASSERT_EQUAL(rig_reported(&rig, REPORT_CLOSED_HEALED_BY_ANOTHER), 1);
    CLOSE(rig);
}

static void who_advises_does_all_but_deploy(void) {
    RIG_OPEN(rig);
    rig.config.mode = MODE_ADVISE;
    rig_start(&rig);
    rig.alerting = true;
    rig_alert(&rig, PAYMENT, SYMPTOM_ERRORS, true);
    rig_run(&rig, 60 * S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_ask_patch), 1);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_ask_checks), 1);
    CU_ASSERT_EQUAL(rig_reported(&rig, REPORT_GATED), 1);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TELL, REASON_ADVICE), 1);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_deploy_stage), 0);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_lock_release), 3);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_registry_remove), 1);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_CANCELLED);
    CLOSE(rig);
}

static void a_mode_set_while_it_watches_takes_up_what_it_saw(void) {
    RIG_OPEN(rig);
    rig.config.mode = MODE_OBSERVE;
    rig_start(&rig);
    rig_alert(&rig, PAYMENT, SYMPTOM_ERRORS, true);
    rig_run(&rig, 10 * S);
    set_mode(&rig, MODE_COUNT);
    CU_ASSERT_TRUE(was_refused(&rig, "no such mode"));
    rig_run(&rig, 10 * S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_ask_patch), 0);
    set_mode(&rig, MODE_ACT);
    rig_run(&rig, 30 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_COMPLETED);
    CLOSE(rig);
}

/* A stage serves: it is a person's, watched on, and goes on when the mode and a person say so. */
static void a_mode_set_in_the_middle_of_a_canary_pauses_it(void) {
    RIG(rig);
    open_canary(&rig);
    set_mode(&rig, MODE_ADVISE);
    rig_run(&rig, 20 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_PAUSED);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TAKE_OVER, REASON_MODE_CHANGED), 1);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_deploy_stage), 1);
    resume_by(&rig, 20, 0, 0);
    CU_ASSERT_TRUE(was_refused(&rig, "the mode is not to act"));
    set_mode(&rig, MODE_ACT);
    resume_by(&rig, 20, 0, 0);
    rig_run(&rig, 30 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_COMPLETED);
    CLOSE(rig);
}

static void a_breach_after_the_mode_was_set_goes_back(void) {
    RIG(rig);
    rig.patched_share_ppm = 600000;
    rig_alert(&rig, PAYMENT, SYMPTOM_ERRORS, true);
    while (rig_entries(&rig, STATE_IN_PROGRESS) == 0 || rig.candidate.v == 0)
        if (!rig_next(&rig)) break;
    set_mode(&rig, MODE_OBSERVE);
    rig_run(&rig, 20 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_ROLLED_BACK);
    CLOSE(rig);
}

/* Decided to deploy, and audited; the acknowledgement comes after the mode was set. */
static void an_effect_that_waits_for_its_entry_waits_for_nothing_then(void) {
    RIG(rig);
    rig_alert(&rig, PAYMENT, SYMPTOM_ERRORS, true);
    while (rig_entries(&rig, STATE_IN_PROGRESS) == 0 && rig_next(&rig)) {}
    CU_ASSERT_EQUAL_FATAL(rig_count(&rig, EFF_deploy_stage), 0);
    set_mode(&rig, MODE_ADVISE);
    rig_run(&rig, 20 * S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_deploy_stage), 0);
    CU_ASSERT_TRUE(state_is_final(rig_state(&rig)));
    CLOSE(rig);
}

TEST_MAIN("engine: commands", TEST(nobody_commands_but_those_of_the_policy),
          TEST(a_command_says_why), TEST(nobody_answers_but_approvers),
          TEST(a_resume_needs_an_approval_of_its_plan_once_and_fresh),
          TEST(an_approvals_life_counts_from_when_it_was_given),
          TEST(a_no_after_a_yes_takes_it_back),
          TEST(a_no_to_a_take_over_takes_back_what_a_yes_let_go_on),
          TEST(a_yes_after_a_no_is_refused), TEST(a_yes_after_taken_over_is_refused),
          TEST(a_pause_by_command_outlasts_an_answer),
          TEST(two_who_name_different_services_are_a_no),
          TEST(a_diagnosis_is_confirmed_by_a_good_approval_only),
          TEST(a_stage_that_begins_while_paused_is_watched), TEST(a_lock_is_forced_by_who_may),
          TEST(who_observes_detects_and_reports), TEST(who_advises_does_all_but_deploy),
          TEST(a_mode_set_while_it_watches_takes_up_what_it_saw),
          TEST(a_mode_set_in_the_middle_of_a_canary_pauses_it),
          TEST(a_breach_after_the_mode_was_set_goes_back),
          TEST(an_effect_that_waits_for_its_entry_waits_for_nothing_then))
