/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/world/world.h"
#include "sim/world/internal.h"
#include "engine/base/check.h"

/* Handlers: deliver, timer, lock expiry, intent expiry, election, rollout, patch, answer, scrape,
 * evaluate, notify, swizzle, fault begins, fault ends, turn at a lock, an operator's next lock,
 * rollout's step, process back, process goes on, a former one's order, truth, the run begins. */
#define CONTROL_KINDS 22

struct sim_options world_sim_options(const struct plan *plan) {
    uint32_t control_events = NETWORK_MESSAGES_MAX + plan->engine_count * CLOCK_TIMERS_MAX +
                              2 * (LOCKS_HELD_MAX + INTENTS_MAX) + plan->topology->service_count +
                              PATCHES_PENDING_MAX + PEOPLE_READING_MAX + 6 * plan->fault_count +
                              4; /* scrape, evaluate, truth, begin */
    return (struct sim_options){
        .events_max = control_events + app_events_max(plan),
        .owners = world_node_count(plan) + 1 + app_owner_count(plan),
        .kinds = CONTROL_KINDS + app_kind_count(),
    };
}

static void write_truth(void *context, struct sim *sim, const struct sim_event *event) {
    struct world *world = context;
    app_truth(world->app);
    sim_at(sim, time_add(event->at, NS_PER_S), SIM_PROBE, event->owner, event->kind, 0, 0);
}

static void begin(void *context, struct sim *sim, const struct sim_event *event);

struct world *world_open(struct arena *arena, const struct plan *plan, struct sim *sim,
                         struct prom *prom, struct trace *trace, const struct world_hooks *hooks) {
    struct world *world = ARENA_NEW(arena, struct world, 1);
    *world =
        (struct world){.plan = plan, .sim = sim, .prom = prom, .trace = trace, .hooks = *hooks};
    world->tables = dist_open(arena, plan->topology);
    world->app = app_open(arena, plan, world->tables, sim, trace, world_owner(world) + 1);
    world->truth_kind = sim_kind(sim, write_truth, world);
    world->begin_kind = sim_kind(sim, begin, world);
    clock_open(world, arena);
    processes_open(world, arena);
    network_open(world, arena);
    lock_store_open(world, arena);
    deploy_target_open(world, arena);
    patch_service_open(world, arena);
    ci_service_open(world);
    evidence_open(world);
    log_store_open(world, arena);
    people_open(world, arena);
    desk_open(world, arena);
    metrics_node_open(world, arena);
    rollout_open(world, arena);
    swizzle_open(world, arena);
    fault_open(world, arena);
    return world;
}

/* Operations before t = 0 were nobody's of this run: an engine number that none has. */
static struct op_id past_op_id(uint32_t index) {
    return (struct op_id){UINT64_C(0xFFFF) << 48 | (index + 1)};
}

void world_tell_past(struct world *world, uint32_t engine) {
    struct eng_input recovered = {.kind = IN_recovered}, checkpoint = {.kind = IN_checkpoint};
    recovered.recovered.incarnation = process_incarnation(world, engine);
    log_store_head(world, engine, &recovered.recovered.sequence, &recovered.recovered.head);
    network_local(world, engine, &recovered);
    if (log_store_checkpoint(world, engine, &checkpoint.checkpoint))
        network_local(world, engine, &checkpoint);
    const struct plan_history *history = &world->plan->history;
    for (uint32_t i = 0; i < history->operation_count; i++) {
        const struct plan_history_operation *past = &history->operations[i];
        struct eng_input input = {.kind = IN_past_operation};
        input.past_operation = (struct in_past_operation){
            .op = past_op_id(i),
            .service = past->service,
            .kind = past->kind,
            .failed = past->failed,
            .ended_wall = world->plan->start_wall - past->before_ns,
        };
        network_local(world, engine, &input);
    }
}

/* After the faults of t = 0: what engines learn of their logs, they learn of what is there. */
static void begin(void *context, struct sim *sim, const struct sim_event *event) {
    struct world *world = context;
    (void)sim, (void)event;
    for (uint32_t e = 0; e < world->plan->engine_count; e++) world_tell_past(world, e);
    change_feed_start(world);
}

void world_start(struct world *world) {
    log_store_start(world);
    fault_start(world);
    sim_at(world->sim, 0, SIM_FAULT, world_owner(world), world->begin_kind, 0, 0);
    app_start(world->app);
    metrics_node_start(world);
    sim_at(world->sim, NS_PER_S, SIM_PROBE, world_owner(world), world->truth_kind, 0, 0);
}

void world_effect(struct world *world, uint32_t engine, const struct eng_effect *effect) {
    ASSERT(engine < world->plan->engine_count);
    desk_show(world, engine, effect);
    fault_on_effect(world, effect);
    switch (effect->kind) {
    case EFF_arm_timer: clock_arm(world, engine, &effect->arm_timer); break;
    case EFF_cancel_timer: clock_cancel(world, engine, &effect->cancel_timer); break;
    case EFF_record_decision:
    case EFF_decision_detail:
    case EFF_decision_outcome:
    case EFF_suspend:
    case EFF_report:
    case EFF_refused: break; /* observed only */
    default: {
        if (!process_sends(world, engine, effect)) break;
        bool served = network_send(world, engine, effect);
        ASSERT(served);
    }
    }
}

void world_heal(struct world *world) {
    uint32_t healed = fault_heal_all(world);
    fact_heal(world->trace, sim_now(world->sim), &(struct rec_heal){healed});
}

void world_stop_load(struct world *world) { app_stop_load(world->app); }

uint64_t world_request_count(const struct world *world) { return app_request_count(world->app); }

uint64_t world_table_digest(const struct world *world) { return dist_digest(world->tables); }

struct app *world_app(struct world *world) {
    return world->app;
}
