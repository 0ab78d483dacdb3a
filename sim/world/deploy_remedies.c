/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Orders about pods: restart all of a service, a quarter of them at a time; add some, which take
 * requests when they have started; keep one from requests. Added and kept pods are what an undo
 * takes back; a restart has nothing to take back. An order already carried out is answered "done"
 * again, and an undo of what was not done is done. What cannot be (a pod that there is not, more
 * pods than there is room for) is answered "failed". A pod that cannot be reached is neither
 * restarted, drained, let back nor taken away: a restart stops before it, and goes on from there
 * when it is ordered again; of the others nothing is done.
 */
#include "sim/world/deploy_parts.h"
#include "engine/base/ratio.h"

#define WAVES 4 /* of a restart */

static bool same_remedy(const struct order *a, const struct order *b) {
    return a->action == ACTION_REMEDY && ID_EQ(a->op, b->op) && a->remedy == b->remedy;
}

static bool sane(const struct deploy_target *d, const struct order *o) {
    const struct app *app = d->world->app;
    uint32_t replicas = app_replicas_now(app, o->service);
    switch (o->remedy) {
    case REMEDY_RESTART: return !o->undo;
    case REMEDY_SCALE_OUT:
        return o->amount > 0 && o->amount <= app_replicas_limit(app, o->service) - replicas;
    case REMEDY_DRAIN:
        return o->pod >= 0 && o->pod < replicas && app_drained(app, o->service) + 1 < replicas;
    default: return false;
    }
}

enum deploy_status remedy_judge(const struct deploy_target *d, const struct order *o) {
    const struct target *target = &d->targets[o->service.v];
    bool done = target->remedied && same_remedy(&target->remedy, o);
    bool under_way = target->busy && same_remedy(&target->under_way, o);
    int64_t share_ppm;
    if (done != o->undo && !under_way) return DEPLOY_DONE;
    if (target->busy && !ID_EQ(target->under_way.op, o->op)) return DEPLOY_STALE_BASE;
    if (app_candidate(d->world->app, o->service, &share_ppm).v != 0) return DEPLOY_STALE_BASE;
    return o->undo || sane(d, o) ? DEPLOY_ACCEPTED : DEPLOY_FAILED;
}

time_ns remedy_takes(const struct deploy_target *d, const struct order *o) {
    const struct plan_times *times = &d->world->plan->times;
    if (o->undo) return times->rollback_ns;
    switch (o->remedy) {
    case REMEDY_RESTART: return o->next_place == 0 ? times->rollout_ns : times->pod_start_ns;
    case REMEDY_SCALE_OUT: return times->pod_start_ns;
    default: return times->rollout_ns;
    }
}

/* The former wave takes requests by now; the next one ends and begins anew. True: there was none,
 * or its first pod is out of reach. */
static bool restart_wave(struct deploy_target *d, struct order *o) {
    struct app *app = d->world->app;
    uint32_t replicas = app_replicas_now(app, o->service), wave = (replicas + WAVES - 1) / WAVES;
    uint32_t from = o->next_place;
    for (uint32_t k = 0; k < wave && o->next_place < replicas; k++) {
        if (!app_reached(app, o->service, o->next_place)) break;
        app_restart(app, o->service, o->next_place++, d->world->plan->times.pod_start_ns);
    }
    if (o->next_place > from) return false;
    o->left = replicas - from;
    return true;
}

/* Whether those that an order about single pods is about can be reached. */
static bool reaches(struct deploy_target *d, struct order *o) {
    struct app *app = d->world->app;
    const struct order *was = o->undo ? &d->targets[o->service.v].remedy : o;
    uint32_t replicas = app_replicas_now(app, o->service);
    if (o->remedy == REMEDY_DRAIN && !app_reached(app, o->service, (uint32_t)was->pod)) o->left = 1;
    if (o->remedy != REMEDY_SCALE_OUT || !o->undo) return o->left == 0;
    for (uint32_t k = 1; k <= (uint32_t)was->amount && o->left == 0; k++)
        if (!app_reached(app, o->service, replicas - k)) o->left = (uint32_t)was->amount;
    return o->left == 0;
}

static void publish(struct deploy_target *d, const struct order *o) {
    struct in_change change = {
        .service = o->service,
        .kind = o->remedy == REMEDY_RESTART ? OPKIND_RESTART : OPKIND_SCALING,
        .revision = app_serving(d->world->app, o->service),
        .op = o->op,
        .share_ppm = PPM_ONE,
        .ended = true,
        .at_wall = world_wall(d->world, world_node(d->world, NODE_DEPLOY_TARGET)),
    };
    text_set(&change.author, d->world->plan->engines[o->engine].name);
    change_feed_publish(d->world, &change);
}

static void tell(struct deploy_target *d, const struct order *o) {
    const struct app *app = d->world->app;
    fact_pods_changed(d->world->trace, sim_now(d->world->sim),
                      &(struct rec_pods_changed){.service = o->service,
                                                 .op = o->op,
                                                 .engine = o->engine,
                                                 .remedy = o->remedy,
                                                 .undo = o->undo,
                                                 .pod = o->remedy == REMEDY_DRAIN ? o->pod : -1,
                                                 .replicas = app_replicas_now(app, o->service),
                                                 .drained = app_drained(app, o->service)});
    publish(d, o);
}

/* What was done, whatever the order says of it. */
static void take_back(struct deploy_target *d, struct order *o) {
    struct app *app = d->world->app;
    const struct order *was = &d->targets[o->service.v].remedy;
    if (o->remedy == REMEDY_SCALE_OUT)
        app_scale(app, o->service, app_replicas_now(app, o->service) - (uint32_t)was->amount);
    if (o->remedy == REMEDY_DRAIN) app_drain(app, o->service, (uint32_t)was->pod, false);
    o->amount = was->amount;
    o->pod = was->pod;
}

bool remedy_goes_on(const struct order *former, const struct order *o) {
    return o->action == ACTION_REMEDY && same_remedy(former, o) && !former->undo && !o->undo &&
           former->left > 0;
}

bool remedy_step(struct deploy_target *d, struct order *o) {
    struct target *target = &d->targets[o->service.v];
    struct app *app = d->world->app;
    if (o->undo && !(target->remedied && same_remedy(&target->remedy, o))) return true;
    if (o->remedy == REMEDY_RESTART && !o->undo && !restart_wave(d, o)) return false;
    if (!reaches(d, o)) return true;
    if (o->undo)
        take_back(d, o);
    else if (o->remedy == REMEDY_SCALE_OUT)
        app_scale(app, o->service, app_replicas_now(app, o->service) + (uint32_t)o->amount);
    else if (o->remedy == REMEDY_DRAIN)
        app_drain(app, o->service, (uint32_t)o->pod, true);
    target->remedied = !o->undo;
    target->remedy = *o;
    tell(d, o);
    return true;
}
