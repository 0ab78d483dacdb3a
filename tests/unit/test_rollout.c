/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Other people's rollouts, and faults that begin on a state of an engine. */
#include "engine/base/ratio.h"
#include "tests/runner.h"
#include "tests/unit/small_world.h"

static const struct svc_id left = {1}, right = {2};

static struct small_world *open_rollout_on(time_ns lasts, enum plan_trigger trigger) {
    bool triggered = trigger != TRIGGER_AT;
    struct small_world *s = small_new();
    s->plan.entry_rate_milli = 100000;
    s->faults[0] = (struct plan_fault){.kind = FAULT_ROLLOUT,
                                       .name = "release",
                                       .at = triggered ? TIME_NEVER : 10 * NS_PER_S,
                                       .lasts_ns = lasts,
                                       .service = left,
                                       .value = 300000,
                                       .trigger = (int)trigger,
                                       .trigger_of = right,
                                       .trigger_nth = 2,
                                       .trigger_after_ns = NS_PER_S,
                                       .step_count = 2,
                                       .step_ppm = {500000, PPM_ONE},
                                       .step_every_ns = 5 * NS_PER_S,
                                       .exception = "",
                                       .file = ""};
    s->plan.fault_count = 1;
    struct world *world = small_open(s);
    small_open_app(s);
    rollout_open(world, &s->arena);
    fault_open(world, &s->arena);
    fault_start(world);
    app_start(world->app);
    return s;
}

static struct small_world *open_rollout(time_ns lasts, bool triggered) {
    return open_rollout_on(lasts, triggered ? TRIGGER_VERIFICATION : TRIGGER_AT);
}

static int64_t share(const struct small_world *s) {
    int64_t ppm;
    return app_candidate(s->world.app, left, &ppm).v ? ppm : 0;
}

static const struct in_change *last_change(const struct small_world *s) {
    const struct in_change *last = NULL;
    for (uint32_t i = 0; i < s->told_count; i++)
        if (s->told[i].input.kind == IN_change) last = &s->told[i].input.change;
    return last;
}

static uint64_t failures(const struct small_world *s) {
    struct app_totals totals;
    app_totals(s->world.app, left, &totals);
    return totals.own_failed;
}

static void it_goes_in_steps_and_is_taken_back(void) {
    struct small_world *s = open_rollout(12 * NS_PER_S, false);
    struct revision_id first = app_serving(s->world.app, left);
    small_run(s, 10 * NS_PER_S);
    CU_ASSERT_EQUAL(share(s), 500000);
    CU_ASSERT_EQUAL(last_change(s)->share_ppm, 500000);
    CU_ASSERT_FALSE(last_change(s)->ended);
    CU_ASSERT_EQUAL(last_change(s)->op.v, NONE_ID64);
    uint64_t before = failures(s);
    small_run(s, 15 * NS_PER_S);
    CU_ASSERT(failures(s) > before + 30); /* of 500 requests, half by the bad build, 30 % */
    CU_ASSERT_NOT_EQUAL(app_serving(s->world.app, left).v, first.v);
    CU_ASSERT_EQUAL(share(s), 0);
    CU_ASSERT_TRUE(last_change(s)->ended);
    small_run(s, 22 * NS_PER_S);
    CU_ASSERT_EQUAL(app_serving(s->world.app, left).v, first.v);
    CU_ASSERT_EQUAL(last_change(s)->kind, OPKIND_ROLLBACK);
    int64_t steps;
    CU_ASSERT_EQUAL(small_records(s, REC_traffic, 0, NULL), 3);
    CU_ASSERT_EQUAL(small_records(s, REC_fault_off, 1, &steps), 1);
    CU_ASSERT_EQUAL(steps, 2);
    before = failures(s);
    small_run(s, 40 * NS_PER_S);
    CU_ASSERT(failures(s) < before + 5);
    small_close(s);
}

/* Taken back before its second step: that one is not made. */
static void what_is_taken_back_goes_no_further(void) {
    struct small_world *s = open_rollout(3 * NS_PER_S, false);
    struct revision_id first = app_serving(s->world.app, left);
    small_run(s, 30 * NS_PER_S);
    CU_ASSERT_EQUAL(app_serving(s->world.app, left).v, first.v);
    CU_ASSERT_EQUAL(share(s), 0);
    CU_ASSERT_EQUAL(small_records(s, REC_traffic, 0, NULL), 2);
    small_close(s);
}

/* Somebody else deployed meanwhile: neither the next step nor the way back touches that. */
static void it_leaves_others_deployments_alone(void) {
    struct small_world *s = open_rollout(12 * NS_PER_S, false);
    small_run(s, 12 * NS_PER_S);
    struct app *app = s->world.app;
    struct revision_id theirs = app_revision_make(app, left, app_serving(app, left), 0, -1, 0);
    app_shift(app, left, theirs, PPM_ONE);
    small_run(s, 30 * NS_PER_S);
    CU_ASSERT_EQUAL(app_serving(app, left).v, theirs.v);
    CU_ASSERT_EQUAL(share(s), 0);
    small_close(s);
}

static void see(struct small_world *s, enum report_kind kind, struct svc_id service) {
    struct eng_effect effect = {.kind = EFF_report};
    effect.report = (struct eff_report){.kind = kind, .service = service};
    fault_on_effect(&s->world, &effect);
}

/* The second time, of that service, and a second later; a third time is no second beginning. */
static void it_begins_on_the_state_it_waits_for(void) {
    struct small_world *s = open_rollout(TIME_NEVER, true);
    small_run(s, 20 * NS_PER_S);
    see(s, REPORT_PROMOTED, right);
    see(s, REPORT_PROMOTED, left);
    see(s, REPORT_CLOSED_RESOLVED, right);
    small_run(s, 30 * NS_PER_S);
    CU_ASSERT_EQUAL(share(s), 0);
    see(s, REPORT_PROMOTED, right);
    see(s, REPORT_PROMOTED, right);
    small_run(s, 31 * NS_PER_S - 1);
    CU_ASSERT_EQUAL(share(s), 0);
    small_run(s, 31 * NS_PER_S);
    CU_ASSERT_EQUAL(share(s), 500000);
    CU_ASSERT_EQUAL(small_records(s, REC_fault_on, 0, NULL), 1);
    CU_ASSERT_EQUAL(fault_heal_all(&s->world), 1);
    CU_ASSERT_EQUAL(share(s), 0);
    small_close(s);
}

static void rolls_back(struct small_world *s, uint64_t op, uint32_t from, uint32_t to) {
    struct eng_effect effect = {.kind = EFF_roll_back};
    effect.roll_back =
        (struct eff_roll_back){.op = {op}, .service = right, .from = {from}, .to = {to}};
    fault_on_effect(&s->world, &effect);
}
static void remedies(struct small_world *s, bool undo) {
    struct eng_effect effect = {.kind = EFF_remedy};
    effect.remedy = (struct eff_remedy){.op = {9}, .service = right, .undo = undo};
    fault_on_effect(&s->world, &effect);
}
static bool begins_within_two_seconds(struct small_world *s) {
    small_run(s, sim_now(s->world.sim) + 2 * NS_PER_S);
    return small_records(s, REC_fault_on, 0, NULL) == 1;
}

static void another_remedy_is_verified_too(void) {
    struct small_world *s = open_rollout(TIME_NEVER, true);
    see(s, REPORT_PROMOTED, right);
    see(s, REPORT_REMEDIED, left);
    CU_ASSERT_FALSE(begins_within_two_seconds(s));
    see(s, REPORT_REMEDIED, right);
    CU_ASSERT_TRUE(begins_within_two_seconds(s));
    small_close(s);
}

/* The second time that something of its own is taken back: not that others' change is undone, and
 * not that this is ordered once more. */
static void an_engine_takes_back_what_it_did(void) {
    struct small_world *s = open_rollout_on(TIME_NEVER, TRIGGER_ROLLBACK);
    rolls_back(s, 7, 2, 1);
    rolls_back(s, 7, 2, 1);
    remedies(s, false);
    remedies(s, true);
    CU_ASSERT_FALSE(begins_within_two_seconds(s));
    rolls_back(s, 7, 1, 2);
    CU_ASSERT_TRUE(begins_within_two_seconds(s));
    small_close(s);
}

static void a_patch_is_taken_back(void) {
    struct small_world *s = open_rollout_on(TIME_NEVER, TRIGGER_ROLLBACK);
    struct eng_effect stage = {.kind = EFF_deploy_stage};
    stage.deploy_stage = (struct eff_deploy_stage){.op = {8}, .service = right, .revision = {3}};
    fault_on_effect(&s->world, &stage);
    rolls_back(s, 8, 3, 2);
    CU_ASSERT_FALSE(begins_within_two_seconds(s));
    rolls_back(s, 8, 3, 2);
    CU_ASSERT_TRUE(begins_within_two_seconds(s));
    small_close(s);
}

TEST_MAIN("rollout", TEST(it_goes_in_steps_and_is_taken_back),
          TEST(what_is_taken_back_goes_no_further), TEST(it_leaves_others_deployments_alone),
          TEST(it_begins_on_the_state_it_waits_for), TEST(another_remedy_is_verified_too),
          TEST(an_engine_takes_back_what_it_did), TEST(a_patch_is_taken_back))
