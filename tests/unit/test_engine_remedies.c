/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Remedies beside the patch, carried out by an engine: what cures closes, what does not help is
 * taken back and not tried again, and neither is done twice by an engine that was started anew.
 */
#include "engine/base/ratio.h"
#include "tests/support/engine_test.h"

#define S              NS_PER_S
#define AFTER_COOLDOWN (700 * S)
#define OLDER          ((struct revision_id){5})

static void orders(struct rig *rig, enum remedy first) {
    rig->config.remedies.order[0] = first;
    rig->config.remedies.order[1] = REMEDY_PATCH;
    rig->config.remedies.count = 2;
}

/* Somebody rolled out what serves, a moment ago. */
static void others_changed_payment(struct rig *rig) {
    struct eng_input input = {.kind = IN_change};
    input.change = (struct in_change){.service = PAYMENT,
                                      .kind = OPKIND_DEPLOYMENT,
                                      .revision = rig->serving,
                                      .share_ppm = PPM_ONE,
                                      .ended = true,
                                      .at_wall = rig->wall};
    rig->former = OLDER;
    rig_feed(rig, &input);
}

static void one_pod_is_bad(struct rig *rig) {
    rig->micro[QUERY_POD_WORST] = 900000;
    rig->micro[QUERY_POD_NEXT] = 2000;
}

static void until(struct rig *rig, enum effect_kind kind, uint32_t count) {
    rig->alerting = true;
    for (int k = 0; k < 200 && rig_count(rig, kind) < count; k++) rig_run(rig, S);
    CU_ASSERT_EQUAL_FATAL(rig_count(rig, kind), count);
}

static void restart(struct rig *rig) {
    struct eng_input input = {.kind = IN_recovered};
    rig->event_count = 0; /* answers and timers die with it */
    eng_restart(rig->engine);
    input.recovered = (struct in_recovered){++rig->incarnation, rig->chain_length, rig->chain_head};
    rig_feed(rig, &input);
}

static void a_change_undone_cures(void) {
    RIG_OPEN(rig);
    orders(&rig, REMEDY_ROLL_BACK_CHANGE);
    rig_start(&rig);
    others_changed_payment(&rig);
    until(&rig, EFF_roll_back, 1);
    rig_run(&rig, 30 * S);
    CU_ASSERT_EQUAL(rig.serving.v, OLDER.v);
    CU_ASSERT_EQUAL(rig_reported(&rig, REPORT_REMEDIED), 1);
    CU_ASSERT_EQUAL(rig_reported(&rig, REPORT_CLOSED_RESOLVED), 1);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_ask_patch), 0);
    CLOSE(rig);
}

static void a_change_undone_before_a_crash_is_watched_on(void) {
    RIG_OPEN(rig);
    orders(&rig, REMEDY_ROLL_BACK_CHANGE);
    rig_start(&rig);
    others_changed_payment(&rig);
    until(&rig, EFF_roll_back, 1);
    rig_run(&rig, S);
    restart(&rig);
    rig_run(&rig, 60 * S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_roll_back), 1);
    CU_ASSERT_EQUAL(rig_reported(&rig, REPORT_REMEDIED), 2); /* by either incarnation */
    CU_ASSERT_EQUAL(rig_reported(&rig, REPORT_PROMOTED), 0);
    CU_ASSERT_EQUAL(rig_reported(&rig, REPORT_CLOSED_RESOLVED), 1);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_ask_patch), 0);
    CLOSE(rig);
}

static void what_does_not_help_is_taken_back_and_not_tried_again(void) {
    RIG_OPEN(rig);
    orders(&rig, REMEDY_DRAIN);
    rig_start(&rig);
    one_pod_is_bad(&rig);
    until(&rig, EFF_remedy, 2);
    CU_ASSERT_TRUE(rig_last(&rig, EFF_remedy)->remedy.undo);
    rig_run(&rig, AFTER_COOLDOWN);
    CU_ASSERT_EQUAL(rig.drained, 0);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_remedy), 2);
    CU_ASSERT_EQUAL(rig_entries(&rig, STATE_ROLLED_BACK), 1);
    CU_ASSERT_EQUAL(rig_reported(&rig, REPORT_MITIGATED), 0);
    CU_ASSERT_EQUAL(rig_reported(&rig, REPORT_CLOSED_RESOLVED), 1); /* by the patch */
    CLOSE(rig);
}

static void pods_drained_before_a_crash_come_back(void) {
    RIG_OPEN(rig);
    orders(&rig, REMEDY_DRAIN);
    rig_start(&rig);
    one_pod_is_bad(&rig);
    until(&rig, EFF_remedy, 1);
    rig_run(&rig, S);
    CU_ASSERT_NOT_EQUAL(rig.drained, 0);
    restart(&rig);
    rig_run(&rig, AFTER_COOLDOWN);
    CU_ASSERT_EQUAL(rig.drained, 0);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_remedy), 2); /* and not drained again */
    CU_ASSERT_EQUAL(rig_reported(&rig, REPORT_CLOSED_RESOLVED), 1);
    CLOSE(rig);
}

/* The target's answer again and again, while figures are outstanding: they are waited for. */
static enum rig_answer said_twenty_times(struct rig *rig, const struct eng_effect *e,
                                         struct eng_input *answer) {
    (void)answer;
    if (e->kind == EFF_query && e->query.query == QUERY_POD_WORST) return RIG_SILENT;
    if (e->kind != EFF_ask_deployment) return RIG_FRIENDLY;
    for (int k = 0; k < 20; k++) {
        struct eng_input again;
        rig_friendly(rig, e, &again);
        rig_later(rig, &again, rig->answers_after);
    }
    return RIG_SILENT;
}

static void an_answer_told_twice_counts_once(void) {
    RIG_OPEN(rig);
    orders(&rig, REMEDY_ROLL_BACK_CHANGE);
    rig.hook = said_twenty_times;
    rig_start(&rig);
    others_changed_payment(&rig);
    until(&rig, EFF_ask_deployment, 1);
    rig.alerting = false;
    rig_run(&rig, rig.config.detection.query_timeout_ns / 2);
    CU_ASSERT_FALSE(rig_audited(&rig, CATEGORY_FIX_PLANNING, "a remedy is chosen"));
    rig_run(&rig, rig.config.detection.query_timeout_ns);
    CU_ASSERT_TRUE(rig_audited(&rig, CATEGORY_FIX_PLANNING, "a remedy is chosen"));
    CLOSE(rig);
}

TEST_MAIN("engine: remedies carried out", TEST(a_change_undone_cures),
          TEST(a_change_undone_before_a_crash_is_watched_on),
          TEST(what_does_not_help_is_taken_back_and_not_tried_again),
          TEST(pods_drained_before_a_crash_come_back), TEST(an_answer_told_twice_counts_once))
