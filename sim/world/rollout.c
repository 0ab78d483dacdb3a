/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Other people's rollout: a new build of a service, made by nobody's engine, takes its share step
 * by step, good or bad, and is taken back when the fault ends. The change feed tells of each step,
 * as it would of anybody's. Where an engine deployed to that service meanwhile, the people see that
 * their base is gone and let it be.
 */
#include "sim/world/internal.h"
#include "engine/base/check.h"
#include "engine/base/ratio.h"

struct rollout { /* of one fault */
    struct revision_id base, revision;
    uint32_t step; /* how many were made */
    struct sim_handle next;
};

struct rollouts {
    struct world *world;
    struct rollout *list; /* per fault of the plan */
    uint16_t step_kind;
};

static void publish(struct world *world, const struct plan_fault *f, struct revision_id revision,
                    enum op_kind kind, int64_t share_ppm) {
    struct in_change change = {
        .service = f->service,
        .kind = kind,
        .revision = revision,
        .op = ID_NONE64(op_id),
        .share_ppm = share_ppm,
        .ended = share_ppm == PPM_ONE,
        .at_wall = world_wall(world, world_node(world, NODE_DEPLOY_TARGET)),
    };
    text_set(&change.author, f->name);
    change_feed_publish(world, &change);
}

static void shift(struct world *world, const struct plan_fault *f, struct revision_id revision,
                  int64_t share_ppm) {
    app_shift(world->app, f->service, revision, share_ppm);
    struct rec_traffic traffic = {.service = f->service,
                                  .stable = app_serving(world->app, f->service),
                                  .op = ID_NONE64(op_id),
                                  .engine = -1};
    traffic.candidate = app_candidate(world->app, f->service, &traffic.share_ppm);
    if (traffic.candidate.v)
        traffic.candidate_pods = app_pods(world->app, f->service, traffic.candidate);
    fact_traffic(world->trace, sim_now(world->sim), &traffic);
}

/* What serves is what the last step left. */
static bool undisturbed(const struct world *world, const struct plan_fault *f,
                        const struct rollout *r) {
    int64_t share_ppm;
    struct revision_id serving = app_serving(world->app, f->service);
    struct revision_id candidate = app_candidate(world->app, f->service, &share_ppm);
    if (r->step == 0) return ID_EQ(serving, r->base) && candidate.v == 0;
    if (f->step_ppm[r->step - 1] == PPM_ONE) return ID_EQ(serving, r->revision) && candidate.v == 0;
    return ID_EQ(serving, r->base) && ID_EQ(candidate, r->revision);
}

static void make_step(struct world *world, uint32_t fault) {
    const struct plan_fault *f = world_fault(world, fault);
    struct rollout *r = &world->rollouts->list[fault];
    r->next = (struct sim_handle){0};
    if (!undisturbed(world, f, r)) return;
    int64_t share_ppm = f->step_ppm[r->step++];
    shift(world, f, r->revision, share_ppm);
    publish(world, f, r->revision, OPKIND_DEPLOYMENT, share_ppm);
    if (r->step < f->step_count)
        r->next = sim_at(world->sim, time_add(sim_now(world->sim), f->step_every_ns), SIM_FAULT,
                         world_owner(world), world->rollouts->step_kind, fault, 0);
}

static void step(void *context, struct sim *sim, const struct sim_event *event) {
    (void)sim;
    make_step(((struct rollouts *)context)->world, (uint32_t)event->a);
}

void rollout_begin(struct world *world, uint32_t fault) {
    const struct plan_fault *f = world_fault(world, fault);
    struct rollout *r = &world->rollouts->list[fault];
    *r = (struct rollout){.base = app_serving(world->app, f->service)};
    r->revision =
        app_revision_make(world->app, f->service, r->base, 0, f->value > 0 ? f->value : -1, 0);
    fact_revision_made(
        world->trace, sim_now(world->sim),
        &(struct rec_revision_made){.revision = r->revision,
                                    .service = f->service,
                                    .base = r->base,
                                    .defects = app_revision_defects(world->app, r->revision),
                                    .error_ppm = f->value > 0 ? f->value : -1,
                                    .op = ID_NONE64(op_id),
                                    .incident = ID_NONE64(incident_id)});
    make_step(world, fault);
}

uint64_t rollout_take_back(struct world *world, uint32_t fault) {
    const struct plan_fault *f = world_fault(world, fault);
    struct rollout *r = &world->rollouts->list[fault];
    sim_cancel(world->sim, r->next);
    if (r->step == 0 || !undisturbed(world, f, r)) return r->step;
    bool whole = f->step_ppm[r->step - 1] == PPM_ONE;
    shift(world, f, whole ? r->base : (struct revision_id){0}, whole ? PPM_ONE : 0);
    publish(world, f, r->base, OPKIND_ROLLBACK, PPM_ONE);
    return r->step;
}

void rollout_open(struct world *world, struct arena *arena) {
    struct rollouts *rollouts = ARENA_NEW(arena, struct rollouts, 1);
    rollouts->world = world;
    rollouts->list = ARENA_NEW(arena, struct rollout, world->plan->fault_count);
    rollouts->step_kind = sim_kind(world->sim, step, rollouts);
    world->rollouts = rollouts;
}
