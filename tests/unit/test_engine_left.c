/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a former incarnation left with a person, or under somebody else's hand, stays there: a new
 * one asks, and neither patches, deploys nor goes back by itself. And what an engine remembers has
 * its bounds: the oldest is forgotten, nothing is begun while all stands still.
 */
#include "engine/base/ratio.h"
#include "tests/support/engine_test.h"

#define S NS_PER_S

static void restart(struct rig *rig) {
    struct eng_input input = {.kind = IN_recovered};
    rig->event_count = 0; /* answers and timers die with it */
    rig->suspended = false;
    eng_restart(rig->engine);
    input.recovered = (struct in_recovered){++rig->incarnation, rig->chain_length, rig->chain_head};
    rig_feed(rig, &input);
    rig_run(rig, 2 * S);
}

static void alert_until(struct rig *rig, enum op_state state) {
    rig->alerting = true;
    for (int k = 0; k < 100 && rig_state(rig) != state; k++) rig_run(rig, S);
    CU_ASSERT_EQUAL_FATAL(rig_state(rig), state);
}

/* ---- after a restart ---- */

static void what_was_handed_over_is_still_the_persons(void) {
    RIG(rig);
    rig.own_share_ppm = 350000;
    rig.alerting = true;
    rig_run(&rig, 5 * S);
    CU_ASSERT_EQUAL_FATAL(rig_told(&rig, FORM_TAKE_OVER, REASON_CRITICAL_ERRORS), 1);
    restart(&rig);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TAKE_OVER, REASON_ENGINE_RESTARTED), 1);
    rig_run(&rig, 60 * S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_ask_patch), 0);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_deploy_stage), 0);
    struct eng_summary now;
    eng_summarise(rig.engine, &now);
    CU_ASSERT_EQUAL(now.incidents_open, 1);
    CLOSE(rig);
}

static void a_question_before_any_order_is_asked_anew(void) {
    RIG(rig);
    rig.micro[QUERY_BUDGET_ERRORS] = rig.micro[QUERY_BUDGET_REQUESTS] / 20;
    alert_until(&rig, STATE_PAUSED);
    restart(&rig);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TAKE_OVER, REASON_ENGINE_RESTARTED), 1);
    CU_ASSERT_EQUAL(rig_entries(&rig, STATE_CANCELLED), 1);
    rig_run(&rig, 60 * S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_ask_patch), 1); /* the former one's */
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_deploy_stage), 0);
    CLOSE(rig);
}

/* It serves its share, held by a person: it goes on serving, asked about; a cancel takes it back.
 */
static void a_stage_that_a_person_held_waits_for_one(void) {
    RIG(rig);
    alert_until(&rig, STATE_IN_PROGRESS);
    rig_run(&rig, S);
    rig_command(&rig, COMMAND_PAUSE, "sre", rig_op(&rig, 0));
    rig_run(&rig, S);
    CU_ASSERT_EQUAL_FATAL(rig_state(&rig), STATE_PAUSED);
    uint32_t stages = rig_count(&rig, EFF_deploy_stage);
    CU_ASSERT_NOT_EQUAL(rig.candidate.v, 0);
    restart(&rig);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TAKE_OVER, REASON_ENGINE_RESTARTED), 1);
    rig_run(&rig, 60 * S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_deploy_stage), stages);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_roll_back), 0);
    rig_command(&rig, COMMAND_RESUME, "sre", rig_op(&rig, 0));
    rig.alerting = false;
    rig_run(&rig, 10 * S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_roll_back), 1);
    CU_ASSERT_EQUAL(rig.candidate.v, 0);
    CLOSE(rig);
}

/* While the engine was away somebody rolled out a revision that is neither patch nor base. */
static void what_somebody_else_deployed_meanwhile_is_left_alone(void) {
    RIG(rig);
    alert_until(&rig, STATE_IN_PROGRESS);
    rig_run(&rig, S);
    uint32_t stages = rig_count(&rig, EFF_deploy_stage);
    rig.serving = (struct revision_id){55};
    rig.candidate = (struct revision_id){0};
    rig.share_ppm = 0;
    rig.alerting = false;
    restart(&rig);
    rig_run(&rig, 60 * S);
    CU_ASSERT_EQUAL(rig_entries(&rig, STATE_FAILED), 1);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TAKE_OVER, REASON_ENGINE_RESTARTED), 1);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_deploy_stage), stages);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_roll_back), 0);
    CU_ASSERT_EQUAL(rig.serving.v, 55);
    CLOSE(rig);
}

/* ---- bounds ---- */

static void change(struct rig *rig, struct svc_id service, uint64_t op) {
    struct eng_input input = {.kind = IN_change};
    input.change = (struct in_change){.service = service,
                                      .op = {op},
                                      .kind = OPKIND_DEPLOYMENT,
                                      .ended = true,
                                      .at_wall = rig->wall};
    rig_feed(rig, &input);
    rig_run(rig, NS_PER_MS);
}

/* Of 64 and one more: did the one of payment keep its cooldown? */
static bool holds_up(bool first) {
    RIG(rig);
    if (first) change(&rig, PAYMENT, 1);
    for (uint64_t k = 0; k < 64; k++) change(&rig, SEARCH, 100 + k);
    if (!first) change(&rig, PAYMENT, 1);
    rig.alerting = true;
    rig_run(&rig, 5 * S);
    rig_decide(&rig, FORM_CONFIRM, ANSWER_YES); /* so many changes: is it this one's fault? */
    rig_run(&rig, 30 * S);
    bool waits = rig_count(&rig, EFF_deploy_stage) == 0;
    CLOSE(rig);
    return waits;
}

static void of_too_many_changes_the_oldest_is_forgotten(void) {
    CU_ASSERT_TRUE(holds_up(false));
    CU_ASSERT_FALSE(holds_up(true));
}

static void nothing_is_begun_while_all_stands_still(void) {
    RIG(rig);
    rig.silent[EFF_ask_checks] = true;
    rig_alert(&rig, PAYMENT, SYMPTOM_ERRORS, true);
    rig_run(&rig, S);
    const struct eng_effect *asked = rig_last(&rig, EFF_ask_checks);
    CU_ASSERT_PTR_NOT_NULL_FATAL(asked);
    struct eng_input answer = {.kind = IN_COUNT};
    rig_friendly(&rig, asked, &answer);
    rig_command(&rig, COMMAND_FREEZE, "sre", ID_NONE64(op_id));
    rig_feed(&rig, &answer); /* what would let it state its intent */
    rig_run(&rig, 10 * S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_registry_register), 0);
    rig_command(&rig, COMMAND_UNFREEZE, "sre", ID_NONE64(op_id));
    rig_run(&rig, 120 * S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_registry_register), 1);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_COMPLETED);
    CLOSE(rig);
}

static void a_probe_sees_what_there_is(void) {
    RIG(rig);
    struct eng_summary now;
    struct eng_lock_health health[8];
    alert_until(&rig, STATE_IN_PROGRESS);
    eng_summarise(rig.engine, &now);
    CU_ASSERT_EQUAL(now.incidents_open, 1);
    CU_ASSERT_EQUAL(now.operations_open, 1);
    CU_ASSERT_EQUAL(now.locks_held, 3);
    CU_ASSERT_TRUE(now.timers_armed >= 2); /* its state's limit, its lease */
    CU_ASSERT_EQUAL(eng_lock_health(rig.engine, health, 8), 3);
    CU_ASSERT_EQUAL(eng_lock_health(rig.engine, health, 2), 2);
    CU_ASSERT_EQUAL(eng_lock_health(rig.engine, health, 0), 0);
    CU_ASSERT_EQUAL(eng_op_state(rig.engine, rig_op(&rig, 0)), STATE_IN_PROGRESS);
    CU_ASSERT_EQUAL(eng_op_state(rig.engine, (struct op_id){4711}), STATE_CANCELLED);
    CLOSE(rig);
}

/* The same mode again is no change: it is told of once. */
static void a_mode_is_told_of_when_it_changes(void) {
    RIG(rig);
    for (int k = 0; k < 3; k++) {
        struct eng_input input = {.kind = IN_person_command};
        input.person_command = (struct in_person_command){.command = COMMAND_SET_MODE,
                                                          .name = k == 2 ? MODE_ACT : MODE_OBSERVE,
                                                          .issued_wall = rig.wall};
        text_set(&input.person_command.team, "sre");
        text_set(&input.person_command.role, "on-call");
        text_set(&input.person_command.reason, "by a test");
        rig_feed(&rig, &input);
        rig_run(&rig, 600 * S);
        CU_ASSERT_EQUAL(rig_told(&rig, FORM_TELL, REASON_MODE_CHANGED), k == 2 ? 2 : 1);
    }
    CLOSE(rig);
}

TEST_MAIN("engine: left with a person, and bounds", TEST(what_was_handed_over_is_still_the_persons),
          TEST(a_question_before_any_order_is_asked_anew),
          TEST(a_stage_that_a_person_held_waits_for_one),
          TEST(what_somebody_else_deployed_meanwhile_is_left_alone),
          TEST(of_too_many_changes_the_oldest_is_forgotten),
          TEST(nothing_is_begun_while_all_stands_still), TEST(a_probe_sees_what_there_is),
          TEST(a_mode_is_told_of_when_it_changes))
