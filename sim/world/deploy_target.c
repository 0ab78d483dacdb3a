/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What carries out deployments. It trusts no engine: per service it keeps the highest fencing token
 * it saw and refuses lower ones, it refuses an order made on a base that serves no longer, and
 * nobody replaces another operation's candidate. One order a service is under way; a newer accepted
 * one takes its place. An order already carried out is answered "done" again, since its first
 * answer may have been lost. A pod that it cannot reach stops an order on its way: what was done
 * stays, the answer is "partial", and the same order again goes on from there. Faults make it fail,
 * or say "done" of half the work. A scenario may take its guards away (target_guards): then it
 * takes any order, as a plain script would, and the judge sees what fencing was for.
 */
#include "sim/world/deploy_parts.h"
#include "engine/base/check.h"
#include "engine/base/ratio.h"

static bool token_older(struct token a, struct token b) {
    return a.epoch != b.epoch ? a.epoch < b.epoch : a.number < b.number;
}

static void reply(struct deploy_target *d, const struct order *o, enum deploy_status status,
                  int64_t share_ppm) {
    const struct app *app = d->world->app;
    int64_t candidate_ppm;
    struct eng_input input = {.kind = IN_deployment};
    struct in_deployment *in = &input.deployment;
    in->request = o->request;
    in->op = o->op;
    in->service = o->service;
    in->status = status;
    in->serving = app_serving(app, o->service);
    in->candidate = app_candidate(app, o->service, &candidate_ppm);
    bool as_it_is = status == DEPLOY_STATE || status == DEPLOY_PARTIAL;
    bool some = status == DEPLOY_DONE && in->candidate.v; /* of a stage told done: what serves */
    in->share_ppm = as_it_is || some ? candidate_ppm : share_ppm;
    in->pods_total = app_pods(app, o->service, in->serving);
    if (in->candidate.v) in->pods_total += app_pods(app, o->service, in->candidate);
    if (status == DEPLOY_DONE || as_it_is) in->pods_done = in->pods_total - o->left;
    in->pods_unreachable = o->left;
    in->former = app_former(app, o->service);
    in->drained = app_drained(app, o->service);
    network_reply(d->world, NODE_DEPLOY_TARGET, o->engine, &input);
}

static void record_order(struct deploy_target *d, const struct order *o,
                         enum deploy_status status) {
    fact_deploy_order(d->world->trace, sim_now(d->world->sim),
                      &(struct rec_deploy_order){.engine = o->engine,
                                                 .op = o->op,
                                                 .incident = o->incident,
                                                 .service = o->service,
                                                 .action = o->action,
                                                 .revision = o->revision,
                                                 .base = o->base,
                                                 .serving = app_serving(d->world->app, o->service),
                                                 .share_ppm = o->share_ppm,
                                                 .token_epoch = o->token.epoch,
                                                 .token_number = o->token.number,
                                                 .status = status});
}

static enum deploy_status judge_stage(const struct deploy_target *d, const struct order *o) {
    const struct app *app = d->world->app;
    const struct target *target = &d->targets[o->service.v];
    int64_t share_ppm;
    struct revision_id serving = app_serving(app, o->service);
    struct revision_id candidate = app_candidate(app, o->service, &share_ppm);
    bool done = ID_EQ(serving, o->revision)
                    ? o->share_ppm == PPM_ONE
                    : ID_EQ(candidate, o->revision) && share_ppm == o->share_ppm;
    if (done && !target->busy && ID_EQ(target->rolling, o->op)) return DEPLOY_DONE;
    if (!ID_EQ(serving, o->base)) return DEPLOY_STALE_BASE;
    if (candidate.v && !ID_EQ(target->rolling, o->op)) return DEPLOY_STALE_BASE;
    if (target->busy && !ID_EQ(target->under_way.op, o->op)) return DEPLOY_STALE_BASE;
    return DEPLOY_ACCEPTED;
}

static enum deploy_status judge_rollback(const struct deploy_target *d, const struct order *o) {
    const struct app *app = d->world->app;
    const struct target *target = &d->targets[o->service.v];
    int64_t share_ppm;
    struct revision_id serving = app_serving(app, o->service);
    struct revision_id candidate = app_candidate(app, o->service, &share_ppm);
    bool concerns = ID_EQ(candidate, o->revision) || ID_EQ(serving, o->revision) ||
                    (target->busy && ID_EQ(target->under_way.revision, o->revision));
    if (concerns) return DEPLOY_ACCEPTED;
    return ID_EQ(serving, o->base) ? DEPLOY_DONE : DEPLOY_STALE_BASE;
}

static void publish(struct deploy_target *d, const struct order *o) {
    struct in_change change = {
        .service = o->service,
        .kind = o->action == ACTION_STAGE ? OPKIND_DEPLOYMENT : OPKIND_ROLLBACK,
        .revision = o->action == ACTION_STAGE ? o->revision : o->base,
        .op = o->op,
        .share_ppm = o->share_ppm,
        .ended = o->left == 0 && (o->action == ACTION_ROLL_BACK || o->share_ppm == PPM_ONE),
        .at_wall = world_wall(d->world, world_node(d->world, NODE_DEPLOY_TARGET)),
    };
    text_set(&change.author, d->world->plan->engines[o->engine].name);
    change_feed_publish(d->world, &change);
}

/* As far as the pods can be reached. False when it changes nothing: a rollback of what never
 * served, a stage whose next pod is out of reach. A rollback serves what it names, right or wrong:
 * the stable revision by taking the candidate out, any other by putting it in place of both. */
static bool shift(struct deploy_target *d, struct order *o) {
    struct app *app = d->world->app;
    int64_t share_ppm, wanted_ppm = o->share_ppm;
    struct revision_id candidate = app_candidate(app, o->service, &share_ppm), to = o->revision;
    struct revision_id serving = app_serving(app, o->service);
    if (o->action == ACTION_ROLL_BACK) {
        bool serves = ID_EQ(candidate, o->revision);
        if (!serves && !ID_EQ(serving, o->revision)) return false;
        if (!serves || !ID_EQ(serving, o->base)) {
            to = o->base;
            wanted_ppm = PPM_ONE;
        }
    }
    bool half = fault_spoils(
        d->world, o->action == ACTION_STAGE ? FAULT_DEPLOYMENT_HALF : FAULT_ROLLBACK_HALF,
        o->service);
    if (half) wanted_ppm = (wanted_ppm + (ID_EQ(candidate, to) ? share_ppm : 0)) / 2;
    int64_t reached_ppm = app_reach(app, o->service, to, wanted_ppm);
    uint32_t wanted = app_pods_at(app, o->service, wanted_ppm);
    uint32_t reached = app_pods_at(app, o->service, reached_ppm);
    o->left = wanted > reached ? wanted - reached : reached - wanted;
    if (o->left > 0 && reached_ppm == (ID_EQ(candidate, to) ? share_ppm : 0)) return false;
    app_shift(app, o->service, to, reached_ppm);
    return true;
}

static void record_traffic(struct deploy_target *d, const struct order *o) {
    const struct app *app = d->world->app;
    struct rec_traffic traffic = {.service = o->service,
                                  .stable = app_serving(app, o->service),
                                  .op = o->op,
                                  .engine = o->engine,
                                  .token_epoch = o->token.epoch,
                                  .token_number = o->token.number};
    traffic.candidate = app_candidate(app, o->service, &traffic.share_ppm);
    if (traffic.candidate.v) traffic.candidate_pods = app_pods(app, o->service, traffic.candidate);
    fact_traffic(d->world->trace, sim_now(d->world->sim), &traffic);
}

static void record_done(struct deploy_target *d, const struct order *o, enum deploy_status status) {
    const struct app *app = d->world->app;
    struct revision_id up = o->action == ACTION_STAGE ? o->revision : o->base;
    uint32_t pods = app_pods(app, o->service, up);
    fact_deploy_done(d->world->trace, sim_now(d->world->sim),
                     &(struct rec_deploy_done){.engine = o->engine,
                                               .op = o->op,
                                               .service = o->service,
                                               .revision = o->revision,
                                               .share_ppm = o->share_ppm,
                                               .status = status,
                                               .pods_done = pods,
                                               .pods_total = pods + o->left});
}

/* Nothing came of it: new pods are not ready, or the former ones do not come back. */
static bool fails(struct deploy_target *d, const struct order *o) {
    enum fault_kind kind =
        o->action == ACTION_STAGE ? FAULT_PODS_NEVER_READY : FAULT_ROLLBACK_FAILS;
    return fault_spoils(d->world, kind, o->service);
}

static struct sim_handle finish_in(struct deploy_target *d, struct svc_id service,
                                   time_ns takes_ns) {
    return sim_at(d->world->sim, time_add(sim_now(d->world->sim), takes_ns), SIM_DELIVERY,
                  world_node(d->world, NODE_DEPLOY_TARGET), d->finish_kind, service.v, 0);
}

static void finish(void *context, struct sim *sim, const struct sim_event *event) {
    (void)sim;
    struct deploy_target *d = context;
    struct target *target = &d->targets[event->a];
    struct order *o = &target->under_way;
    ASSERT(target->busy);
    if (o->action == ACTION_REMEDY && !remedy_step(d, o)) {
        target->finish = finish_in(d, o->service, remedy_takes(d, o));
        return;
    }
    target->busy = false;
    if (o->action == ACTION_REMEDY) {
        enum deploy_status status = o->left > 0 ? DEPLOY_PARTIAL : DEPLOY_DONE;
        record_done(d, o, status);
        reply(d, o, status, o->share_ppm);
        return;
    }
    if (fails(d, o)) {
        record_done(d, o, DEPLOY_FAILED);
        reply(d, o, DEPLOY_FAILED, o->share_ppm);
        return;
    }
    if (shift(d, o)) {
        if (o->action == ACTION_STAGE) target->rolling = o->op;
        record_traffic(d, o);
        publish(d, o);
    }
    enum deploy_status status = o->left > 0 ? DEPLOY_PARTIAL : DEPLOY_DONE;
    record_done(d, o, status);
    reply(d, o, status, o->share_ppm);
}

static void begin(struct deploy_target *d, const struct order *o, time_ns takes_ns) {
    struct target *target = &d->targets[o->service.v];
    if (target->busy && o->action == ACTION_REMEDY && target->under_way.action == ACTION_REMEDY &&
        target->under_way.undo == o->undo) { /* the same once more: it goes on */
        target->under_way.request = o->request;
        return;
    }
    if (target->busy) {
        sim_cancel(d->world->sim, target->finish);
        if (!ID_EQ(target->under_way.op, o->op))
            reply(d, &target->under_way, DEPLOY_STALE_BASE, target->under_way.share_ppm);
    }
    uint32_t next_place = remedy_goes_on(&target->under_way, o) ? target->under_way.next_place : 0;
    target->busy = true;
    target->under_way = *o;
    target->under_way.next_place = next_place;
    target->finish = finish_in(d, o->service, takes_ns);
}

/* An order names builds of its service, or nothing of it can be carried out. */
static bool builds_known(const struct deploy_target *d, const struct order *o) {
    const struct app *app = d->world->app;
    return app_revision_known(app, o->service, o->revision) &&
           app_revision_known(app, o->service, o->base);
}

static enum deploy_status judge_order(const struct deploy_target *d, const struct order *o) {
    if (o->action == ACTION_REMEDY) return remedy_judge(d, o);
    if (!builds_known(d, o)) return DEPLOY_FAILED;
    if (d->world->plan->target_unguarded) return DEPLOY_ACCEPTED;
    return o->action == ACTION_STAGE ? judge_stage(d, o) : judge_rollback(d, o);
}

static void take_order(struct deploy_target *d, const struct order *o) {
    struct target *target = &d->targets[o->service.v];
    enum deploy_status status = DEPLOY_STALE_TOKEN;
    if (d->world->plan->target_unguarded || !token_older(o->token, target->seen)) {
        target->seen = o->token;
        status = judge_order(d, o);
    }
    record_order(d, o, status);
    reply(d, o, status, o->share_ppm);
    if (status != DEPLOY_ACCEPTED) return;
    const struct plan_times *times = &d->world->plan->times;
    begin(d, o,
          o->action == ACTION_REMEDY  ? remedy_takes(d, o)
          : o->action == ACTION_STAGE ? times->rollout_ns
                                      : times->rollback_ns);
}

static void serve_stage(void *part, uint32_t engine, const struct eng_effect *effect) {
    const struct eff_deploy_stage *e = &effect->deploy_stage;
    take_order(part, &(struct order){.action = ACTION_STAGE,
                                     .engine = engine,
                                     .request = e->request,
                                     .op = e->op,
                                     .incident = e->incident,
                                     .service = e->service,
                                     .revision = e->revision,
                                     .base = e->base,
                                     .share_ppm = e->share_ppm,
                                     .token = {e->token_epoch, e->token_number}});
}

static void serve_roll_back(void *part, uint32_t engine, const struct eng_effect *effect) {
    const struct eff_roll_back *e = &effect->roll_back;
    take_order(part, &(struct order){.action = ACTION_ROLL_BACK,
                                     .engine = engine,
                                     .request = e->request,
                                     .op = e->op,
                                     .incident = e->incident,
                                     .service = e->service,
                                     .revision = e->from,
                                     .base = e->to,
                                     .token = {e->token_epoch, e->token_number}});
}

static void serve_remedy(void *part, uint32_t engine, const struct eng_effect *effect) {
    const struct eff_remedy *e = &effect->remedy;
    take_order(part, &(struct order){.action = ACTION_REMEDY,
                                     .engine = engine,
                                     .request = e->request,
                                     .op = e->op,
                                     .incident = e->incident,
                                     .service = e->service,
                                     .remedy = (enum remedy)e->remedy,
                                     .undo = e->undo,
                                     .amount = e->amount,
                                     .pod = e->pod,
                                     .token = {e->token_epoch, e->token_number}});
}

static void serve_ask(void *part, uint32_t engine, const struct eng_effect *effect) {
    const struct eff_ask_deployment *e = &effect->ask_deployment;
    struct order order = {
        .engine = engine, .request = e->request, .op = e->op, .service = e->service};
    reply(part, &order, DEPLOY_STATE, 0);
}

void deploy_target_open(struct world *world, struct arena *arena) {
    struct deploy_target *d = ARENA_NEW(arena, struct deploy_target, 1);
    d->world = world;
    d->targets = ARENA_NEW(arena, struct target, world->plan->topology->service_count);
    d->finish_kind = sim_kind(world->sim, finish, d);
    network_serve(world, EFF_deploy_stage, NODE_DEPLOY_TARGET, 0, serve_stage, d);
    network_serve(world, EFF_roll_back, NODE_DEPLOY_TARGET, 0, serve_roll_back, d);
    network_serve(world, EFF_remedy, NODE_DEPLOY_TARGET, 0, serve_remedy, d);
    network_serve(world, EFF_ask_deployment, NODE_DEPLOY_TARGET, 0, serve_ask, d);
}
