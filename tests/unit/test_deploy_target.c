/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/small_world.h"

#define SERVICE ((struct svc_id){1})
#define ROLLOUT (2 * NS_PER_S)

/* The plan has all its faults before the world is made of it. */
static struct small_world *open_with(struct small_world *s) {
    s->plan.times.rollout_ns = ROLLOUT;
    s->plan.times.rollback_ns = NS_PER_S;
    small_open(s);
    small_open_app(s);
    deploy_target_open(&s->world, &s->arena);
    return s;
}
static struct small_world *open_target(void) { return open_with(small_new()); }

static struct revision_id base_of(const struct small_world *s) {
    return app_serving(s->world.app, SERVICE);
}

static struct revision_id make(struct small_world *s) {
    return app_revision_make(s->world.app, SERVICE, base_of(s), 0, -1, 0);
}

static void stage(struct small_world *s, uint64_t op, struct revision_id revision,
                  struct revision_id base, int64_t share_ppm, int64_t token) {
    struct eng_effect e = {.kind = EFF_deploy_stage};
    e.deploy_stage = (struct eff_deploy_stage){.request = (int64_t)op * 100 + token,
                                               .op = {op},
                                               .service = SERVICE,
                                               .revision = revision,
                                               .base = base,
                                               .share_ppm = share_ppm,
                                               .token_epoch = 1,
                                               .token_number = token};
    network_send(&s->world, 0, &e);
}

static void roll_back(struct small_world *s, uint64_t op, struct revision_id from,
                      struct revision_id to, int64_t token) {
    struct eng_effect e = {.kind = EFF_roll_back};
    e.roll_back = (struct eff_roll_back){.request = (int64_t)op * 100 + 50 + token,
                                         .op = {op},
                                         .service = SERVICE,
                                         .from = from,
                                         .to = to,
                                         .token_epoch = 1,
                                         .token_number = token};
    network_send(&s->world, 0, &e);
}

static void more(struct small_world *s, time_ns ns) { small_run(s, sim_now(s->world.sim) + ns); }

/* The last thing engine 0 heard of deployments (the change feed speaks to it too). */
static const struct in_deployment *heard(const struct small_world *s) {
    for (uint32_t i = s->told_count; i > 0; i--)
        if (s->told[i - 1].input.kind == IN_deployment) return &s->told[i - 1].input.deployment;
    UNREACHABLE();
}

static struct revision_id candidate_of(const struct small_world *s) {
    int64_t share_ppm;
    return app_candidate(s->world.app, SERVICE, &share_ppm);
}

static void carries_out_stages_up_to_all(void) {
    struct small_world *s = open_target();
    struct revision_id base = base_of(s), r = make(s);
    stage(s, 1, r, base, 100000, 7);
    more(s, 0);
    CU_ASSERT_EQUAL(heard(s)->status, DEPLOY_ACCEPTED);
    CU_ASSERT_EQUAL(candidate_of(s).v, 0);
    more(s, ROLLOUT);
    CU_ASSERT_EQUAL(heard(s)->status, DEPLOY_DONE);
    CU_ASSERT_EQUAL(heard(s)->share_ppm, 100000);
    CU_ASSERT_EQUAL(heard(s)->pods_done, 10);
    CU_ASSERT_EQUAL(candidate_of(s).v, r.v);
    CU_ASSERT_EQUAL(app_pods(s->world.app, SERVICE, r), 1);
    stage(s, 1, r, base, 1000000, 7);
    more(s, ROLLOUT);
    CU_ASSERT_EQUAL(base_of(s).v, r.v);
    CU_ASSERT_EQUAL(heard(s)->serving.v, r.v);
    CU_ASSERT_EQUAL(small_records(s, REC_traffic, 0, NULL), 2);
    CU_ASSERT_EQUAL(small_records(s, REC_deploy_done, 0, NULL), 2);
    uint32_t changes = 0;
    for (uint32_t i = 0; i < s->told_count; i++) changes += s->told[i].input.kind == IN_change;
    CU_ASSERT_EQUAL(changes, 2 * SMALL_ENGINES);
    small_close(s);
}

/* Faults of the target itself, which lie in wait: what they spoil, and what it says. */
static struct small_world *open_spoilt(enum fault_kind kind) {
    struct small_world *s = small_new();
    s->faults[0] = (struct plan_fault){.kind = kind,
                                       .name = "spoilt",
                                       .at = 0,
                                       .lasts_ns = TIME_NEVER,
                                       .service = SERVICE,
                                       .exception = "",
                                       .file = ""};
    s->plan.fault_count = 1;
    open_with(s);
    fault_open(&s->world, &s->arena);
    fault_start(&s->world);
    more(s, 0);
    return s;
}

static void pods_that_do_not_become_ready_change_nothing(void) {
    struct small_world *s = open_spoilt(FAULT_PODS_NEVER_READY);
    struct revision_id base = base_of(s), r = make(s);
    stage(s, 1, r, base, 500000, 7);
    more(s, ROLLOUT);
    CU_ASSERT_EQUAL(heard(s)->status, DEPLOY_FAILED);
    CU_ASSERT_EQUAL(candidate_of(s).v, 0);
    int64_t acted;
    CU_ASSERT_EQUAL(fault_heal_all(&s->world), 1);
    small_records(s, REC_fault_off, 1, &acted);
    CU_ASSERT_EQUAL(acted, 1);
    stage(s, 1, r, base, 500000, 7);
    more(s, ROLLOUT);
    CU_ASSERT_EQUAL(heard(s)->status, DEPLOY_DONE);
    CU_ASSERT_EQUAL(candidate_of(s).v, r.v);
    small_close(s);
}

static void half_a_stage_is_told_done(void) {
    struct small_world *s = open_spoilt(FAULT_DEPLOYMENT_HALF);
    struct revision_id base = base_of(s), r = make(s);
    stage(s, 1, r, base, 1000000, 7);
    more(s, ROLLOUT);
    CU_ASSERT_EQUAL(heard(s)->status, DEPLOY_DONE);
    CU_ASSERT_EQUAL(heard(s)->serving.v, base.v);
    CU_ASSERT_EQUAL(app_pods(s->world.app, SERVICE, r), 5);
    small_close(s);
}

static void a_rollback_fails_or_is_half_of_one(void) {
    struct small_world *s = open_spoilt(FAULT_ROLLBACK_FAILS);
    struct revision_id base = base_of(s), r = make(s);
    stage(s, 1, r, base, 1000000, 7);
    more(s, ROLLOUT);
    roll_back(s, 1, r, base, 7);
    more(s, ROLLOUT);
    CU_ASSERT_EQUAL(heard(s)->status, DEPLOY_FAILED);
    CU_ASSERT_EQUAL(base_of(s).v, r.v);
    small_close(s);
    s = open_spoilt(FAULT_ROLLBACK_HALF);
    base = base_of(s);
    r = make(s);
    stage(s, 1, r, base, 1000000, 7);
    more(s, ROLLOUT);
    roll_back(s, 1, r, base, 7);
    more(s, ROLLOUT);
    CU_ASSERT_EQUAL(heard(s)->status, DEPLOY_DONE);
    CU_ASSERT_EQUAL(base_of(s).v, r.v);
    CU_ASSERT_EQUAL(app_pods(s->world.app, SERVICE, base), 5);
    fault_heal_all(&s->world);
    roll_back(s, 1, r, base, 7);
    more(s, ROLLOUT);
    CU_ASSERT_EQUAL(base_of(s).v, base.v);
    CU_ASSERT_EQUAL(candidate_of(s).v, 0);
    small_close(s);
}

/* What would be refused for its token, its base, or another's candidate, is taken. */
static void takes_any_order_without_guards(void) {
    struct small_world *s = small_new();
    s->plan.target_unguarded = true;
    open_with(s);
    struct revision_id base = base_of(s), r = make(s), other = make(s);
    stage(s, 1, r, base, 1000000, 7);
    more(s, ROLLOUT);
    CU_ASSERT_EQUAL(base_of(s).v, r.v);
    stage(s, 2, other, base, 100000, 6);
    more(s, ROLLOUT);
    CU_ASSERT_EQUAL(heard(s)->status, DEPLOY_DONE);
    CU_ASSERT_EQUAL(candidate_of(s).v, other.v);
    small_close(s);
}

static void refuses_an_older_token(void) {
    struct small_world *s = open_target();
    struct revision_id base = base_of(s), r = make(s), other = make(s);
    stage(s, 1, r, base, 100000, 7);
    more(s, ROLLOUT);
    stage(s, 2, other, base, 100000, 6);
    more(s, ROLLOUT);
    CU_ASSERT_EQUAL(heard(s)->status, DEPLOY_STALE_TOKEN);
    roll_back(s, 2, r, base, 6);
    more(s, ROLLOUT);
    CU_ASSERT_EQUAL(heard(s)->status, DEPLOY_STALE_TOKEN);
    CU_ASSERT_EQUAL(candidate_of(s).v, r.v);
    CU_ASSERT_EQUAL(small_records(s, REC_deploy_order, 0, NULL), 3);
    small_close(s);
}

static void refuses_a_stale_base_and_another_ones_candidate(void) {
    struct small_world *s = open_target();
    struct revision_id base = base_of(s), r = make(s), other = make(s);
    stage(s, 1, r, base, 100000, 7);
    more(s, 0);
    stage(s, 2, other, base, 100000, 8); /* while the first is under way */
    more(s, 0);
    CU_ASSERT_EQUAL(heard(s)->status, DEPLOY_STALE_BASE);
    more(s, ROLLOUT);
    stage(s, 2, other, base, 100000, 8); /* while it serves */
    more(s, ROLLOUT);
    CU_ASSERT_EQUAL(heard(s)->status, DEPLOY_STALE_BASE);
    stage(s, 1, r, base, 1000000, 8);
    more(s, ROLLOUT);
    stage(s, 2, other, base, 100000, 9); /* after it serves everything */
    more(s, ROLLOUT);
    CU_ASSERT_EQUAL(heard(s)->status, DEPLOY_STALE_BASE);
    CU_ASSERT_EQUAL(base_of(s).v, r.v);
    small_close(s);
}

static void an_order_carried_out_is_done_again(void) {
    struct small_world *s = open_target();
    struct revision_id base = base_of(s), r = make(s);
    stage(s, 1, r, base, 1000000, 7);
    more(s, ROLLOUT);
    stage(s, 1, r, base, 1000000, 7);
    more(s, ROLLOUT);
    CU_ASSERT_EQUAL(heard(s)->status, DEPLOY_DONE);
    CU_ASSERT_EQUAL(small_records(s, REC_traffic, 0, NULL), 1);
    small_close(s);
}

static void rolls_a_candidate_back(void) {
    struct small_world *s = open_target();
    struct revision_id base = base_of(s), r = make(s);
    stage(s, 1, r, base, 500000, 7);
    more(s, ROLLOUT);
    roll_back(s, 1, r, base, 7);
    more(s, NS_PER_S);
    CU_ASSERT_EQUAL(heard(s)->status, DEPLOY_DONE);
    CU_ASSERT_EQUAL(candidate_of(s).v, 0);
    CU_ASSERT_EQUAL(base_of(s).v, base.v);
    roll_back(s, 1, r, base, 7); /* again: nothing is left to do */
    more(s, NS_PER_S);
    CU_ASSERT_EQUAL(heard(s)->status, DEPLOY_DONE);
    CU_ASSERT_EQUAL(small_records(s, REC_traffic, 0, NULL), 2);
    small_close(s);
}

static void rolls_back_what_serves_everything(void) {
    struct small_world *s = open_target();
    struct revision_id base = base_of(s), r = make(s);
    stage(s, 1, r, base, 1000000, 7);
    more(s, ROLLOUT);
    roll_back(s, 1, r, base, 7);
    more(s, NS_PER_S);
    CU_ASSERT_EQUAL(base_of(s).v, base.v);
    CU_ASSERT_EQUAL(app_pods(s->world.app, SERVICE, base), 10);
    small_close(s);
}

/* It does what it is told, so that whoever watches sees what was ordered. */
static void a_rollback_serves_what_it_names(void) {
    struct small_world *s = open_target();
    struct revision_id base = base_of(s), r = make(s), other = make(s);
    stage(s, 1, r, base, 500000, 7);
    more(s, ROLLOUT);
    roll_back(s, 1, r, other, 7);
    more(s, NS_PER_S);
    CU_ASSERT_EQUAL(heard(s)->status, DEPLOY_DONE);
    CU_ASSERT_EQUAL(base_of(s).v, other.v);
    CU_ASSERT_EQUAL(candidate_of(s).v, 0);
    roll_back(s, 1, other, base, 7);
    more(s, NS_PER_S);
    CU_ASSERT_EQUAL(base_of(s).v, base.v);
    small_close(s);
}

static void a_build_that_is_not_there_fails(void) {
    struct small_world *s = open_target();
    struct revision_id base = base_of(s), r = make(s);
    stage(s, 1, (struct revision_id){r.v + 1}, base, 100000, 7);
    more(s, ROLLOUT);
    CU_ASSERT_EQUAL(heard(s)->status, DEPLOY_FAILED);
    stage(s, 1, r, base, 100000, 7);
    more(s, ROLLOUT);
    roll_back(s, 1, r, app_serving(s->world.app, (struct svc_id){0}), 7); /* another service's */
    more(s, NS_PER_S);
    CU_ASSERT_EQUAL(heard(s)->status, DEPLOY_FAILED);
    CU_ASSERT_EQUAL(candidate_of(s).v, r.v);
    small_close(s);
}

static void a_rollback_overtakes_its_rollout(void) {
    struct small_world *s = open_target();
    struct revision_id base = base_of(s), r = make(s);
    stage(s, 1, r, base, 500000, 7);
    more(s, ROLLOUT - 1);
    roll_back(s, 1, r, base, 7);
    more(s, NS_PER_MIN);
    CU_ASSERT_EQUAL(candidate_of(s).v, 0);
    CU_ASSERT_EQUAL(heard(s)->status, DEPLOY_DONE);
    CU_ASSERT_EQUAL(small_records(s, REC_traffic, 0, NULL), 0);
    CU_ASSERT_EQUAL(small_records(s, REC_deploy_done, 0, NULL), 1);
    small_close(s);
}

/* The order arrives in the nanosecond in which the rollout is done, just before or just after. */
static void a_rollback_in_the_nanosecond_of_its_rollout(void) {
    for (int after = 0; after < 2; after++) {
        struct small_world *s = open_target();
        struct revision_id base = base_of(s), r = make(s);
        s->plan.times.link_ns = ROLLOUT;
        if (!after) roll_back(s, 1, r, base, 7);
        s->plan.times.link_ns = 0;
        stage(s, 1, r, base, 500000, 7);
        more(s, ROLLOUT - after);
        s->plan.times.link_ns = 1;
        if (after) roll_back(s, 1, r, base, 7);
        more(s, NS_PER_MIN);
        CU_ASSERT_EQUAL(candidate_of(s).v, 0);
        CU_ASSERT_EQUAL(base_of(s).v, base.v);
        CU_ASSERT_EQUAL(heard(s)->status, DEPLOY_DONE);
        CU_ASSERT_EQUAL(small_records(s, REC_traffic, 0, NULL), after ? 2 : 0);
        small_close(s);
    }
}

static void a_newer_rollback_ends_anothers_rollout(void) {
    struct small_world *s = open_target();
    struct revision_id base = base_of(s), bad = make(s);
    stage(s, 1, bad, base, 1000000, 7);
    more(s, ROLLOUT);
    struct revision_id next = make(s);
    stage(s, 2, next, bad, 100000, 8);
    more(s, 0);
    roll_back(s, 1, bad, base, 9);
    more(s, 0);
    CU_ASSERT_EQUAL(small_records(s, REC_deploy_order, 0, NULL), 3);
    bool told = false;
    for (uint32_t i = 0; i < s->told_count; i++)
        told |= s->told[i].input.kind == IN_deployment && s->told[i].input.deployment.op.v == 2 &&
                s->told[i].input.deployment.status == DEPLOY_STALE_BASE;
    CU_ASSERT(told);
    more(s, NS_PER_MIN);
    CU_ASSERT_EQUAL(base_of(s).v, base.v);
    CU_ASSERT_EQUAL(candidate_of(s).v, 0);
    small_close(s);
}

static void says_what_serves_and_what_did_before(void) {
    struct small_world *s = open_target();
    struct revision_id base = base_of(s), r = make(s);
    stage(s, 1, r, base, 500000, 7);
    more(s, ROLLOUT);
    struct eng_effect e = {.kind = EFF_ask_deployment};
    e.ask_deployment.service = SERVICE;
    network_send(&s->world, 0, &e);
    more(s, 0);
    CU_ASSERT_EQUAL(heard(s)->status, DEPLOY_STATE);
    CU_ASSERT_EQUAL(heard(s)->serving.v, base.v);
    CU_ASSERT_EQUAL(heard(s)->candidate.v, r.v);
    CU_ASSERT_EQUAL(heard(s)->share_ppm, 500000);
    CU_ASSERT_EQUAL(heard(s)->former.v, 0);
    stage(s, 1, r, base, 1000000, 7);
    more(s, ROLLOUT);
    CU_ASSERT_EQUAL(heard(s)->serving.v, r.v);
    CU_ASSERT_EQUAL(heard(s)->former.v, base.v);
    small_close(s);
}

/* Ten pods; from the middle on, places 5 to 7 cannot be reached: only 8 and 9 can be replaced. */
static void stops_at_pods_out_of_reach_and_goes_on_when_asked_again(void) {
    struct small_world *s = open_target();
    struct revision_id base = base_of(s), r = make(s);
    stage(s, 1, r, base, 100000, 7);
    more(s, ROLLOUT);
    app_unreach(s->world.app, SERVICE, 3);
    stage(s, 1, r, base, 500000, 7);
    more(s, ROLLOUT);
    CU_ASSERT_EQUAL(heard(s)->status, DEPLOY_PARTIAL);
    CU_ASSERT_EQUAL(heard(s)->share_ppm, 200000);
    CU_ASSERT_EQUAL(heard(s)->pods_unreachable, 3);
    CU_ASSERT_EQUAL(app_pods(s->world.app, SERVICE, r), 2);
    stage(s, 1, r, base, 500000, 7);
    more(s, ROLLOUT);
    CU_ASSERT_EQUAL(heard(s)->status, DEPLOY_PARTIAL);
    CU_ASSERT_EQUAL(small_records(s, REC_traffic, 0, NULL), 2); /* nothing moved */
    app_unreach(s->world.app, SERVICE, 0);
    stage(s, 1, r, base, 500000, 7);
    more(s, ROLLOUT);
    CU_ASSERT_EQUAL(heard(s)->status, DEPLOY_DONE);
    CU_ASSERT_EQUAL(heard(s)->pods_unreachable, 0);
    CU_ASSERT_EQUAL(app_pods(s->world.app, SERVICE, r), 5);
    CU_ASSERT_EQUAL(app_unreached_count(s->world.app, SERVICE), 2);
    small_close(s);
}

static void a_stage_whose_first_pod_is_out_of_reach_serves_nothing(void) {
    struct small_world *s = open_target();
    struct revision_id base = base_of(s), r = make(s);
    app_unreach(s->world.app, SERVICE, 10);
    stage(s, 1, r, base, 500000, 7);
    more(s, ROLLOUT);
    CU_ASSERT_EQUAL(heard(s)->status, DEPLOY_PARTIAL);
    CU_ASSERT_EQUAL(candidate_of(s).v, 0);
    CU_ASSERT_EQUAL(small_records(s, REC_traffic, 0, NULL), 0);
    small_close(s);
}

/* Back from 80 %: places 2 to 4 are given back, the next is out of reach. Back from everything: the
 * former revision takes 9 and 8. */
static void a_rollback_stops_and_goes_on_too(void) {
    struct small_world *s = open_target();
    struct revision_id base = base_of(s), r = make(s);
    stage(s, 1, r, base, 800000, 7);
    more(s, ROLLOUT);
    app_unreach(s->world.app, SERVICE, 3);
    roll_back(s, 1, r, base, 7);
    more(s, ROLLOUT);
    CU_ASSERT_EQUAL(heard(s)->status, DEPLOY_PARTIAL);
    CU_ASSERT_EQUAL(app_pods(s->world.app, SERVICE, r), 5);
    app_unreach(s->world.app, SERVICE, 0);
    stage(s, 1, r, base, 1000000, 7);
    more(s, ROLLOUT);
    app_unreach(s->world.app, SERVICE, 3);
    roll_back(s, 1, r, base, 7);
    more(s, ROLLOUT);
    CU_ASSERT_EQUAL(heard(s)->status, DEPLOY_PARTIAL);
    CU_ASSERT_EQUAL(app_pods(s->world.app, SERVICE, base), 2);
    int64_t pods = 0;
    small_records(s, REC_deploy_done, 6, &pods);
    CU_ASSERT_EQUAL(pods, 2);
    small_records(s, REC_deploy_done, 7, &pods);
    CU_ASSERT_EQUAL(pods, 10);
    app_unreach(s->world.app, SERVICE, 0);
    roll_back(s, 1, r, base, 7);
    more(s, ROLLOUT);
    CU_ASSERT_EQUAL(heard(s)->status, DEPLOY_DONE);
    CU_ASSERT_EQUAL(base_of(s).v, base.v);
    CU_ASSERT_EQUAL(candidate_of(s).v, 0);
    small_close(s);
}

TEST_MAIN("deploy target", TEST(carries_out_stages_up_to_all),
          TEST(pods_that_do_not_become_ready_change_nothing), TEST(half_a_stage_is_told_done),
          TEST(a_rollback_fails_or_is_half_of_one), TEST(refuses_an_older_token),
          TEST(refuses_a_stale_base_and_another_ones_candidate),
          TEST(an_order_carried_out_is_done_again), TEST(rolls_a_candidate_back),
          TEST(rolls_back_what_serves_everything), TEST(a_rollback_serves_what_it_names),
          TEST(a_build_that_is_not_there_fails), TEST(a_rollback_overtakes_its_rollout),
          TEST(a_rollback_in_the_nanosecond_of_its_rollout),
          TEST(a_newer_rollback_ends_anothers_rollout), TEST(takes_any_order_without_guards),
          TEST(says_what_serves_and_what_did_before),
          TEST(stops_at_pods_out_of_reach_and_goes_on_when_asked_again),
          TEST(a_stage_whose_first_pod_is_out_of_reach_serves_nothing),
          TEST(a_rollback_stops_and_goes_on_too))
