/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The engine's process dies, at every input of a whole story, and is started anew: it reads its
 * log and the deploy target, and whatever it had begun ends safely. Nothing is ordered a second
 * time, nothing it leaves behind serves without an operation, and the incident ends.
 */
#include "tests/support/engine_test.h"

#define S NS_PER_S

/* What the former incarnation was owed is lost with it: answers and timers. */
static void die(struct rig *rig) {
    rig->event_count = 0;
    eng_restart(rig->engine);
}

static void come_back(struct rig *rig) {
    struct eng_input input = {.kind = IN_recovered};
    rig->suspended = false;
    input.recovered = (struct in_recovered){++rig->incarnation, rig->chain_length, rig->chain_head};
    rig_feed(rig, &input);
}

static bool step(struct rig *rig, time_ns *evaluated) {
    if (rig->mono - *evaluated >= S) {
        *evaluated = rig->mono;
        rig_alert(rig, PAYMENT, SYMPTOM_ERRORS, ID_EQ(rig->serving, (struct revision_id){1}));
        return true;
    }
    return rig_next(rig);
}

static struct op_id last_stage(const struct rig *rig, int64_t *share) {
    const struct eng_effect *last = rig_last(rig, EFF_deploy_stage);
    *share = last ? last->deploy_stage.share_ppm : 0;
    return last ? last->deploy_stage.op : ID_NONE64(op_id);
}

static void no_stage_twice(const struct rig *rig, uint32_t before, int64_t share_before,
                           struct op_id op) {
    uint32_t stages = 0;
    for (uint32_t k = 0; k < rig->log_count; k++) {
        const struct eng_effect *e = &rig->log[k].effect;
        if (e->kind != EFF_deploy_stage || ++stages <= before) continue;
        if (ID_EQ(e->deploy_stage.op, op)) CU_ASSERT_TRUE(e->deploy_stage.share_ppm > share_before);
    }
}

/* So many inputs of a healing, then death, then a life after it. True: it was healed before. */
static bool tell_story(uint32_t inputs, time_ns away) {
    RIG_OPEN(rig);
    rig.config.gates.cooldown_ns = 0;
    rig_start(&rig);
    time_ns evaluated = 0;
    bool complete = false;
    for (uint32_t k = 0; k < inputs && !complete; k++) {
        if (!step(&rig, &evaluated)) break;
        complete = rig_reported(&rig, REPORT_CLOSED_RESOLVED) > 0;
    }
    int64_t share;
    struct op_id op = last_stage(&rig, &share);
    uint32_t before = rig_count(&rig, EFF_deploy_stage);
    die(&rig);
    rig.wall += away;
    rig.mono += away;
    come_back(&rig);
    rig.alerting = true;
    rig_run(&rig, 300 * S);
    no_stage_twice(&rig, before, share, op);
    CU_ASSERT_EQUAL(rig.candidate.v, 0); /* nothing half rolled out is left */
    struct eng_summary now;
    eng_summarise(rig.engine, &now);
    CU_ASSERT_EQUAL(now.operations_open, 0);
    CU_ASSERT_EQUAL(now.incidents_open, 0);
    CU_ASSERT_EQUAL(now.locks_held, 0);
    CU_ASSERT_FALSE(ID_EQ(rig.serving, (struct revision_id){1})); /* healed, sooner or later */
    CLOSE(rig);
    return complete;
}

static void death_at_every_input_ends_well(void) {
    static const time_ns away[] = {NS_PER_MS, 5 * S, 400 * S};
    for (size_t k = 0; k < ARRAY_LEN(away); k++) {
        uint32_t inputs = 1;
        while (!tell_story(inputs, away[k])) inputs++;
        CU_ASSERT_TRUE(inputs > 50);
    }
}

/* ---- single stories ---- */

static void run_until_op_is(struct rig *rig, enum op_state state) {
    time_ns evaluated = 0;
    while (rig_state(rig) != state && step(rig, &evaluated))
        ;
    CU_ASSERT_EQUAL_FATAL(rig_state(rig), state);
}

static void restart(struct rig *rig) {
    die(rig);
    come_back(rig);
}

static void what_was_not_ordered_is_ended(void) {
    RIG(rig);
    run_until_op_is(&rig, STATE_LOCKED);
    restart(&rig);
    rig_run(&rig, S);
    CU_ASSERT_EQUAL(rig_entries(&rig, STATE_CANCELLED), 1);
    CU_ASSERT_TRUE(rig_count(&rig, EFF_lock_release) >= 3); /* by the tokens of the log */
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_roll_back), 0);
    CLOSE(rig);
}

static void what_serves_everything_is_finished(void) {
    RIG(rig);
    rig.alerting = true;
    while (rig_reported(&rig, REPORT_PROMOTED) == 0) rig_run(&rig, S);
    uint32_t stages = rig_count(&rig, EFF_deploy_stage);
    restart(&rig);
    rig_run(&rig, 30 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_COMPLETED);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_deploy_stage), stages);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_roll_back), 0);
    CU_ASSERT_EQUAL(rig_reported(&rig, REPORT_CLOSED_RESOLVED), 1);
    CLOSE(rig);
}

static void a_suspension_outlives_the_process(void) {
    RIG(rig);
    rig_command(&rig, COMMAND_FREEZE, "sre", ID_NONE64(op_id));
    rig_run(&rig, S);
    restart(&rig);
    rig.alerting = true;
    rig_run(&rig, 30 * S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_ask_patch), 0);
    CU_ASSERT_TRUE(rig.suspended);
    rig_command(&rig, COMMAND_UNFREEZE, "sre", ID_NONE64(op_id));
    rig_run(&rig, 60 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_COMPLETED);
    restart(&rig); /* and so does its end */
    rig_run(&rig, S);
    CU_ASSERT_FALSE(rig.suspended);
    CLOSE(rig);
}

/* Of a former incarnation: its number is none of this one's. */
static void a_late_answer_is_nobodys(void) {
    RIG(rig);
    rig.alerting = true;
    rig.silent[EFF_ask_patch] = true;
    rig_run(&rig, 5 * S);
    const struct eng_effect *asked = rig_last(&rig, EFF_ask_patch);
    CU_ASSERT_PTR_NOT_NULL_FATAL(asked);
    struct eng_input late = {.kind = IN_patch_reply};
    late.patch_reply = (struct in_patch_reply){.request = asked->ask_patch.request,
                                               .op = asked->ask_patch.op,
                                               .reply = REPLY_OK,
                                               .revision = {77},
                                               .base = asked->ask_patch.base};
    restart(&rig);
    rig_run(&rig, S);
    rig_feed(&rig, &late);
    rig_run(&rig, S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_ask_checks), 0);
    CLOSE(rig);
}

/* The first acknowledgement of each entry is lost: it is sent again, and the second one counts. */
static enum rig_answer loses_the_first(struct rig *rig, const struct eng_effect *effect,
                                       struct eng_input *answer) {
    static int64_t newest;
    (void)rig, (void)answer;
    if (effect->kind != EFF_audit_append || effect->audit_append.sequence <= newest)
        return RIG_FRIENDLY;
    newest = effect->audit_append.sequence;
    return RIG_SILENT;
}

static void lost_acknowledgements_are_made_up_for(void) {
    RIG(rig);
    rig.hook = loses_the_first;
    rig.alerting = true;
    rig_run(&rig, 120 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_COMPLETED);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_suspend), 0);
    CU_ASSERT_TRUE(rig_count(&rig, EFF_audit_append) > (uint32_t)rig.chain_length);
    CLOSE(rig);
}

TEST_MAIN("engine: recovery", TEST(death_at_every_input_ends_well),
          TEST(what_was_not_ordered_is_ended), TEST(what_serves_everything_is_finished),
          TEST(a_suspension_outlives_the_process), TEST(a_late_answer_is_nobodys),
          TEST(lost_acknowledgements_are_made_up_for))
