/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/small_world.h"

/* Orders about pods: ten of them, four waves of a restart, room for five more. */
#define SERVICE ((struct svc_id){1})
#define ROLLOUT NS_PER_S
#define START   (3 * NS_PER_S)

static struct small_world *open_target(void) {
    struct small_world *s = small_new();
    s->plan.times.rollout_ns = s->plan.times.rollback_ns = ROLLOUT;
    s->plan.times.pod_start_ns = START;
    s->plan.scale_most_ppm = 1500000;
    s->plan.entry_rate_milli = 200000;
    small_open(s);
    small_open_app(s);
    deploy_target_open(&s->world, &s->arena);
    app_start(s->world.app);
    return s;
}

static void order(struct small_world *s, uint64_t op, enum remedy remedy, int64_t amount,
                  int64_t pod, bool undo, int64_t token) {
    struct eng_effect e = {.kind = EFF_remedy};
    e.remedy = (struct eff_remedy){.request = (int64_t)op * 100 + token,
                                   .op = {op},
                                   .service = SERVICE,
                                   .remedy = remedy,
                                   .amount = amount,
                                   .pod = pod,
                                   .undo = undo,
                                   .token_epoch = 1,
                                   .token_number = token};
    network_send(&s->world, 0, &e);
}

static void more(struct small_world *s, time_ns ns) { small_run(s, sim_now(s->world.sim) + ns); }

static const struct in_deployment *heard(const struct small_world *s) {
    for (uint32_t i = s->told_count; i > 0; i--)
        if (s->told[i - 1].engine == 0 && s->told[i - 1].input.kind == IN_deployment)
            return &s->told[i - 1].input.deployment;
    UNREACHABLE();
}

static struct app_totals totals(const struct small_world *s) {
    struct app_totals t;
    app_totals(s->world.app, SERVICE, &t);
    return t;
}

static void scales_out_when_pods_have_started_and_back_in(void) {
    struct small_world *s = open_target();
    order(s, 1, REMEDY_SCALE_OUT, 5, -1, false, 7);
    more(s, START - 1);
    CU_ASSERT_EQUAL(heard(s)->status, DEPLOY_ACCEPTED);
    CU_ASSERT_EQUAL(app_replicas_now(s->world.app, SERVICE), 10);
    more(s, 1);
    CU_ASSERT_EQUAL(heard(s)->status, DEPLOY_DONE);
    CU_ASSERT_EQUAL(heard(s)->pods_total, 15);
    order(s, 1, REMEDY_SCALE_OUT, 5, -1, false, 7); /* its answer may have been lost */
    more(s, 0);
    CU_ASSERT_EQUAL(heard(s)->status, DEPLOY_DONE);
    order(s, 2, REMEDY_SCALE_OUT, 1, -1, false, 8); /* no room */
    more(s, 0);
    CU_ASSERT_EQUAL(heard(s)->status, DEPLOY_FAILED);
    order(s, 1, REMEDY_SCALE_OUT, 99, -1, true, 8); /* what was done is undone, whatever it says */
    more(s, ROLLOUT);
    CU_ASSERT_EQUAL(heard(s)->status, DEPLOY_DONE);
    CU_ASSERT_EQUAL(heard(s)->pods_total, 10);
    order(s, 1, REMEDY_SCALE_OUT, 5, -1, true, 8); /* nothing is left to undo */
    more(s, 0);
    CU_ASSERT_EQUAL(heard(s)->status, DEPLOY_DONE);
    CU_ASSERT_EQUAL(app_replicas_now(s->world.app, SERVICE), 10);
    small_close(s);
}

static uint64_t served_at_first_place(struct small_world *s) {
    int64_t before = app_drained(s->world.app, SERVICE);
    struct app_totals from = totals(s);
    more(s, 10 * NS_PER_S);
    CU_ASSERT_EQUAL(app_drained(s->world.app, SERVICE), before);
    return totals(s).requests - from.requests;
}

static void drains_a_pod_and_lets_it_back(void) {
    struct small_world *s = open_target();
    more(s, 5 * NS_PER_S);
    order(s, 1, REMEDY_DRAIN, 0, 3, false, 7);
    more(s, ROLLOUT);
    CU_ASSERT_EQUAL(heard(s)->status, DEPLOY_DONE);
    CU_ASSERT_EQUAL(heard(s)->drained, 1);
    CU_ASSERT(served_at_first_place(s) > 1500); /* the others have all of it */
    CU_ASSERT_EQUAL(totals(s).failed, 0);
    order(s, 1, REMEDY_DRAIN, 0, 3, true, 7);
    more(s, ROLLOUT);
    CU_ASSERT_EQUAL(heard(s)->status, DEPLOY_DONE);
    CU_ASSERT_EQUAL(heard(s)->drained, 0);
    order(s, 2, REMEDY_DRAIN, 0, 10, false, 8); /* there is no such pod */
    more(s, 0);
    CU_ASSERT_EQUAL(heard(s)->status, DEPLOY_FAILED);
    small_close(s);
}

static void never_drains_the_last_pod(void) {
    struct small_world *s = open_target();
    for (int64_t pod = 0; pod < 10; pod++) {
        order(s, (uint64_t)pod + 1, REMEDY_DRAIN, 0, pod, false, pod + 1);
        more(s, ROLLOUT);
    }
    CU_ASSERT_EQUAL(heard(s)->status, DEPLOY_FAILED);
    CU_ASSERT_EQUAL(app_drained(s->world.app, SERVICE), 9);
    small_close(s);
}

/* A quarter at a time: three, three, three, one. Pods that start take no requests; what they had in
 * hand is lost, and nothing else is. */
static void restarts_all_pods_in_waves(void) {
    struct small_world *s = open_target();
    more(s, 5 * NS_PER_S);
    order(s, 1, REMEDY_RESTART, 0, -1, false, 7);
    more(s, ROLLOUT + 4 * START - 1);
    CU_ASSERT_EQUAL(heard(s)->status, DEPLOY_ACCEPTED);
    more(s, 1);
    CU_ASSERT_EQUAL(heard(s)->status, DEPLOY_DONE);
    struct app_totals t = totals(s);
    CU_ASSERT(t.failed < 40); /* 200 a second, 2 ms each */
    CU_ASSERT(t.requests > 3300);
    more(s, 5 * NS_PER_S);
    CU_ASSERT_EQUAL(totals(s).failed, t.failed);
    app_stop_load(s->world.app);
    more(s, 30 * NS_PER_S);
    CU_ASSERT_EQUAL(totals(s).in_flight, 0);
    small_close(s);
}

static void refuses_older_tokens_and_other_operations(void) {
    struct small_world *s = open_target();
    order(s, 1, REMEDY_DRAIN, 0, 3, false, 7);
    more(s, 0);
    order(s, 2, REMEDY_RESTART, 0, -1, false, 6);
    more(s, 0);
    CU_ASSERT_EQUAL(heard(s)->status, DEPLOY_STALE_TOKEN);
    order(s, 2, REMEDY_RESTART, 0, -1, false, 8);
    more(s, 0);
    CU_ASSERT_EQUAL(heard(s)->status, DEPLOY_STALE_BASE);
    more(s, ROLLOUT);
    CU_ASSERT_EQUAL(heard(s)->drained, 1);
    order(s, 3, REMEDY_PATCH, 0, -1, false, 9); /* not one about pods */
    more(s, 0);
    CU_ASSERT_EQUAL(heard(s)->status, DEPLOY_FAILED);
    small_close(s);
}

/* Its undo overtakes it: what was begun is given up. */
static void an_undo_ends_what_is_under_way(void) {
    struct small_world *s = open_target();
    order(s, 1, REMEDY_SCALE_OUT, 5, -1, false, 7);
    more(s, NS_PER_S);
    order(s, 1, REMEDY_SCALE_OUT, 5, -1, true, 7);
    more(s, 10 * NS_PER_S);
    CU_ASSERT_EQUAL(heard(s)->status, DEPLOY_DONE);
    CU_ASSERT_EQUAL(app_replicas_now(s->world.app, SERVICE), 10);
    small_close(s);
}

/* Places 5 and 6 of ten: the restart stops before them, its second wave cut short, and goes on from
 * there when it is ordered again. */
static void a_restart_stops_at_a_pod_out_of_reach(void) {
    struct small_world *s = open_target();
    app_unreach(s->world.app, SERVICE, 2);
    more(s, 5 * NS_PER_S);
    order(s, 1, REMEDY_RESTART, 0, -1, false, 7);
    more(s, ROLLOUT + 2 * START - 1);
    CU_ASSERT_EQUAL(heard(s)->status, DEPLOY_ACCEPTED);
    more(s, 1);
    CU_ASSERT_EQUAL(heard(s)->status, DEPLOY_PARTIAL);
    CU_ASSERT_EQUAL(heard(s)->pods_unreachable, 5);
    CU_ASSERT_EQUAL(heard(s)->pods_done, 5);
    order(s, 1, REMEDY_RESTART, 0, -1, false, 7); /* no better yet */
    more(s, ROLLOUT);
    CU_ASSERT_EQUAL(heard(s)->status, DEPLOY_PARTIAL);
    CU_ASSERT_EQUAL(small_records(s, REC_pods_changed, 0, NULL), 0);
    app_unreach(s->world.app, SERVICE, 0);
    order(s, 1, REMEDY_RESTART, 0, -1, false, 7);
    more(s, ROLLOUT + 2 * START - 1); /* three, and two */
    CU_ASSERT_EQUAL(heard(s)->status, DEPLOY_ACCEPTED);
    more(s, 1);
    CU_ASSERT_EQUAL(heard(s)->status, DEPLOY_DONE);
    CU_ASSERT_EQUAL(small_records(s, REC_pods_changed, 0, NULL), 1);
    /* it ended a wave, the order, and the order again */
    CU_ASSERT_EQUAL(app_unreached_count(s->world.app, SERVICE), 3);
    small_close(s);
}

static void drains_and_lets_back_only_what_it_reaches(void) {
    struct small_world *s = open_target();
    app_unreach(s->world.app, SERVICE, 2);
    order(s, 1, REMEDY_DRAIN, 0, 5, false, 7);
    more(s, ROLLOUT);
    CU_ASSERT_EQUAL(heard(s)->status, DEPLOY_PARTIAL);
    CU_ASSERT_EQUAL(heard(s)->pods_unreachable, 1);
    CU_ASSERT_EQUAL(heard(s)->drained, 0);
    app_unreach(s->world.app, SERVICE, 0);
    order(s, 1, REMEDY_DRAIN, 0, 5, false, 7);
    more(s, ROLLOUT);
    CU_ASSERT_EQUAL(heard(s)->status, DEPLOY_DONE);
    CU_ASSERT_EQUAL(heard(s)->drained, 1);
    app_unreach(s->world.app, SERVICE, 2);
    order(s, 1, REMEDY_DRAIN, 0, 5, true, 7);
    more(s, ROLLOUT);
    CU_ASSERT_EQUAL(heard(s)->status, DEPLOY_PARTIAL);
    CU_ASSERT_EQUAL(heard(s)->drained, 1);
    small_close(s);
}

/* All of those that were there before: of fifteen the range ends at the last one then. */
static void takes_away_only_what_it_reaches(void) {
    struct small_world *s = open_target();
    order(s, 1, REMEDY_SCALE_OUT, 5, -1, false, 7);
    more(s, START);
    app_unreach(s->world.app, SERVICE, 10);
    order(s, 1, REMEDY_SCALE_OUT, 5, -1, true, 7);
    more(s, ROLLOUT);
    CU_ASSERT_EQUAL(heard(s)->status, DEPLOY_PARTIAL);
    CU_ASSERT_EQUAL(heard(s)->pods_unreachable, 5);
    CU_ASSERT_EQUAL(heard(s)->pods_total, 15);
    app_unreach(s->world.app, SERVICE, 0);
    order(s, 1, REMEDY_SCALE_OUT, 5, -1, true, 7);
    more(s, ROLLOUT);
    CU_ASSERT_EQUAL(heard(s)->status, DEPLOY_DONE);
    CU_ASSERT_EQUAL(heard(s)->pods_total, 10);
    small_close(s);
}

TEST_MAIN("deploy_remedies", TEST(scales_out_when_pods_have_started_and_back_in),
          TEST(drains_a_pod_and_lets_it_back), TEST(never_drains_the_last_pod),
          TEST(restarts_all_pods_in_waves), TEST(refuses_older_tokens_and_other_operations),
          TEST(an_undo_ends_what_is_under_way), TEST(a_restart_stops_at_a_pod_out_of_reach),
          TEST(drains_and_lets_back_only_what_it_reaches), TEST(takes_away_only_what_it_reaches))
