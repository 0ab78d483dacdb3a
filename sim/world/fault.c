/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a plan's faults do. A fault is a pair of verbs, inject and heal, by its kind; when it ends
 * it says how often it acted: on requests that failed or waited, on messages dropped or slowed, on
 * lock requests that had to queue, on rollouts and scrapes that did not reach a pod, on questions
 * that got no answer, on engines that were told, on entries of audit logs that were read or
 * written. A fault that
 * never acted proves nothing, and the judge says so.
 */
#include "sim/world/internal.h"
#include "engine/base/check.h"
#include "engine/base/ratio.h"

struct fault_verbs {
    void (*inject)(struct world *world, uint32_t fault);
    uint64_t (*heal)(struct world *world, uint32_t fault); /* how often it acted */
    int64_t (*baseline)(const struct world *world, const struct plan_fault *fault); /* or NULL */
};

struct fault_state {
    bool on;
    time_ns began_at;
    struct sim_handle next; /* its beginning, then its end */
    int64_t seen;           /* how often what it begins on was */
    uint64_t acted_before;  /* what its target counted before it began */
    uint64_t acted;         /* of those that are looked at where they act */
};

/* What the last operation that changed a service ordered first. */
struct ordered {
    struct op_id op;
    struct revision_id away; /* undoing others' change, the revision that went; v = 0: not that */
};

struct faults {
    struct world *world;
    struct fault_state *list; /* per fault of the plan */
    struct ordered *ordered;  /* per service */
    uint16_t begin_kind, end_kind, seize_kind;
};

static void part(struct world *world, uint32_t fault) { app_part(world->app, fault); }
static uint64_t join(struct world *world, uint32_t fault) { return app_join(world->app, fault); }

static void inject_defect(struct world *world, uint32_t fault) { app_defect_on(world->app, fault); }

static uint64_t heal_defect(struct world *world, uint32_t fault) {
    app_defect_off(world->app, fault);
    return app_defect_count(world->app, fault);
}

static int64_t baseline_errors(const struct world *world, const struct plan_fault *fault) {
    return world->plan->topology->services[fault->service.v].error_ppm;
}

static int64_t baseline_latency(const struct world *world, const struct plan_fault *fault) {
    return world->plan->topology->services[fault->service.v].service_time_ns;
}

static void bend(struct world *world, uint32_t fault, bool both_ways, int64_t loss_ppm,
                 time_ns slow_ns) {
    const struct plan_fault *f = world_fault(world, fault);
    network_bend(world, fault,
                 &(struct link_rule){.from = f->from,
                                     .to = f->to,
                                     .both_ways = both_ways,
                                     .loss_ppm = loss_ppm,
                                     .slow_ns = slow_ns});
}

static void partition(struct world *world, uint32_t fault) { bend(world, fault, true, PPM_ONE, 0); }
static void partition_one_way(struct world *world, uint32_t fault) {
    bend(world, fault, false, PPM_ONE, 0);
}
static void slow_link(struct world *world, uint32_t fault) {
    bend(world, fault, true, 0, world_fault(world, fault)->value);
}
static void lose_some(struct world *world, uint32_t fault) {
    bend(world, fault, true, world_fault(world, fault)->value, 0);
}

/* The further ways of a link, each by its own figure. */
static void spoil_link(struct world *world, uint32_t fault) {
    const struct plan_fault *f = world_fault(world, fault);
    struct link_rule link = {.from = f->from, .to = f->to, .both_ways = true};
    switch (f->kind) {
    case FAULT_LINK_FLAPPING: link.loss_ppm = PPM_ONE, link.flap_ns = f->value; break;
    case FAULT_LINK_LOSS_BURSTS: link.loss_ppm = f->value, link.burst = f->burst; break;
    case FAULT_LINK_DUPLICATES: link.twice_ppm = f->value; break;
    case FAULT_LINK_REORDERS: link.jitter_ns = f->value; break;
    default: link.clogs = true; break;
    }
    network_bend(world, fault, &link);
}

/* One lock after the other, in the operator's own order. */
static void seize_next(struct world *world, uint32_t fault, uint64_t number) {
    const struct plan_fault *f = world_fault(world, fault);
    lock_store_seize(world, fault, f->held_count > 0 ? f->held[number] : SCOPE_SERVICE,
                     f->service.v);
    if (number + 1 < f->held_count)
        sim_at(world->sim, time_add(sim_now(world->sim), f->step_every_ns), SIM_FAULT,
               world_owner(world), world->faults->seize_kind, fault, number + 1);
}
static void seize(void *context, struct sim *sim, const struct sim_event *event) {
    (void)sim;
    struct faults *faults = context;
    if (faults->list[event->a].on) seize_next(faults->world, (uint32_t)event->a, event->b);
}
static void hold_lock(struct world *world, uint32_t fault) { seize_next(world, fault, 0); }

/* Of several that are on, the largest counts: they begin at the same place. */
static void reach_refresh(struct world *world, struct svc_id service) {
    int64_t count = 0;
    for (uint32_t f = 0; f < world->plan->fault_count; f++) {
        const struct plan_fault *other = world_fault(world, f);
        if (other->kind == FAULT_PODS_UNREACHABLE && world->faults->list[f].on &&
            ID_EQ(other->service, service) && other->value > count)
            count = other->value;
    }
    app_unreach(world->app, service, (uint32_t)count);
}

static void lose_pods(struct world *world, uint32_t fault) {
    struct svc_id service = world_fault(world, fault)->service;
    world->faults->list[fault].acted_before = app_unreached_count(world->app, service);
    reach_refresh(world, service);
}

static uint64_t find_pods(struct world *world, uint32_t fault) {
    struct svc_id service = world_fault(world, fault)->service;
    reach_refresh(world, service);
    return app_unreached_count(world->app, service) - world->faults->list[fault].acted_before;
}

static enum source_kind source_under(const struct world *world, uint32_t fault) {
    return world_fault(world, fault)->kind == FAULT_LOGS_DOWN ? SOURCE_LOGS : SOURCE_TRACES;
}

static void source_down(struct world *world, uint32_t fault) {
    struct source_state *source = &world->sources[source_under(world, fault)];
    world->faults->list[fault].acted_before = source->refused;
    source->down++;
}

static uint64_t source_up(struct world *world, uint32_t fault) {
    struct source_state *source = &world->sources[source_under(world, fault)];
    source->down--;
    return source->refused - world->faults->list[fault].acted_before;
}

/* What was said is not taken back; whoever listens was told once. */
static void mislead(struct world *world, uint32_t fault) {
    const struct plan_fault *f = world_fault(world, fault);
    change_feed_past(world, f->service, OPKIND_DEPLOYMENT, "somebody", f->value);
}
static uint64_t misled(struct world *world, uint32_t fault) {
    (void)fault;
    return world->plan->engine_count;
}

/* Whoever asks it, and is answered as late as that. */
static void slow_store(struct world *world, uint32_t fault) {
    network_bend(world, fault,
                 &(struct link_rule){.from = NODE_ANY,
                                     .to = world_node(world, NODE_LOCK_STORE),
                                     .slow_ns = world_fault(world, fault)->value});
}

/* Looked at where it acts, and counted there. */
static void lie_in_wait(struct world *world, uint32_t fault) {
    world->faults->list[fault].acted = 0;
}
static uint64_t lay_in_wait(struct world *world, uint32_t fault) {
    return world->faults->list[fault].acted;
}

bool fault_spoils(struct world *world, enum fault_kind kind, struct svc_id service) {
    bool spoils = false;
    for (uint32_t f = 0; f < world->plan->fault_count && world->faults; f++) {
        struct fault_state *state = &world->faults->list[f];
        const struct plan_fault *fault = world_fault(world, f);
        if (!state->on || fault->kind != kind || !ID_EQ(fault->service, service)) continue;
        state->acted++;
        spoils = true;
    }
    return spoils;
}

uint32_t fault_found(const struct world *world, enum fault_kind kind, struct svc_id service) {
    for (uint32_t f = 0; f < world->plan->fault_count && world->faults; f++) {
        const struct plan_fault *fault = world_fault(world, f);
        bool there = fault->service.v == NONE_ID || ID_EQ(fault->service, service);
        if (world->faults->list[f].on && fault->kind == kind && there) return f;
    }
    return NONE_ID;
}
void fault_acts(struct world *world, uint32_t fault) { world->faults->list[fault].acted++; }

/* Engines were started with it: each has a graph that lacks so much. */
static uint64_t was_stale(struct world *world, uint32_t fault) {
    return world->plan->engine_count * (uint64_t)world_fault(world, fault)->value;
}

static enum metrics_bend bend_of(const struct plan_fault *f) {
    switch (f->kind) {
    case FAULT_SCRAPE_GAP: return BEND_GAP;
    case FAULT_METRICS_FROZEN: return BEND_FROZEN;
    case FAULT_METRICS_RESET: return BEND_RESET;
    case FAULT_METRICS_NAN: return BEND_NAN;
    case FAULT_METRICS_LATE: return BEND_LATE;
    case FAULT_METRICS_MISLABELLED: return BEND_MISLABELLED;
    default: return BEND_NOISE;
    }
}

static void bend_scrapes(struct world *world, uint32_t fault) {
    const struct plan_fault *f = world_fault(world, fault);
    world->faults->list[fault].acted_before =
        app_metrics_bend(metrics_node_scraped(world), f->service, bend_of(f), f->value);
}

static uint64_t mend_scrapes(struct world *world, uint32_t fault) {
    const struct plan_fault *f = world_fault(world, fault);
    return app_metrics_unbend(metrics_node_scraped(world), f->service, bend_of(f), f->value) -
           world->faults->list[fault].acted_before;
}

static const struct fault_verbs verbs[FAULT_COUNT] = {
    [FAULT_ERROR_RATE] = {inject_defect, heal_defect, baseline_errors},
    [FAULT_LATENCY] = {inject_defect, heal_defect, baseline_latency},
    [FAULT_MEMORY_LEAK] = {inject_defect, heal_defect, baseline_latency},
    [FAULT_POOL_EXHAUSTED] = {inject_defect, heal_defect, NULL},
    [FAULT_SLOW_CPU] = {inject_defect, heal_defect, NULL},
    [FAULT_HANDLES_EXHAUSTED] = {inject_defect, heal_defect, NULL},
    [FAULT_MEMORY_EXHAUSTED] = {inject_defect, heal_defect, NULL},
    [FAULT_RESTART_LOOP] = {inject_defect, heal_defect, NULL},
    [FAULT_HOT_KEY] = {inject_defect, heal_defect, NULL},
    [FAULT_RETRY_STORM] = {inject_defect, heal_defect, NULL},
    [FAULT_LOAD_BURST] = {inject_defect, heal_defect, NULL},
    [FAULT_PARTITION] = {partition, network_heal, NULL},
    [FAULT_PARTITION_ONE_WAY] = {partition_one_way, network_heal, NULL},
    [FAULT_LINK_LATENCY] = {slow_link, network_heal, NULL},
    [FAULT_LINK_LOSS] = {lose_some, network_heal, NULL},
    [FAULT_LINK_FLAPPING] = {spoil_link, network_heal, NULL},
    [FAULT_LINK_LOSS_BURSTS] = {spoil_link, network_heal, NULL},
    [FAULT_LINK_DUPLICATES] = {spoil_link, network_heal, NULL},
    [FAULT_LINK_REORDERS] = {spoil_link, network_heal, NULL},
    [FAULT_LINK_CLOGGED] = {spoil_link, network_heal, NULL},
    [FAULT_SERVICES_PARTED] = {part, join, NULL},
    [FAULT_SWIZZLE] = {swizzle_begin, network_heal, NULL},
    [FAULT_LOCK_HELD] = {hold_lock, lock_store_give_back, NULL},
    [FAULT_PODS_UNREACHABLE] = {lose_pods, find_pods, NULL},
    [FAULT_LOGS_DOWN] = {source_down, source_up, NULL},
    [FAULT_TRACES_DOWN] = {source_down, source_up, NULL},
    [FAULT_MISLEADING_CHANGE] = {mislead, misled, NULL},
    [FAULT_AUDIT_ALTERED] = {log_store_alter, log_store_mend, NULL},
    [FAULT_AUDIT_CUT] = {log_store_cut, log_store_was_cut, NULL},
    [FAULT_AUDIT_FOREIGN] = {log_store_intrude, log_store_intruded, NULL},
    [FAULT_AUDIT_UNWRITABLE] = {log_store_refuse, log_store_accept, NULL},
    [FAULT_ENGINE_CRASH] = {process_crash, process_revive, NULL},
    [FAULT_ENGINE_CRASH_AUDITED] = {process_trap_entry, process_spring_entry, NULL},
    [FAULT_ENGINE_PAUSE] = {process_stop, process_go_on, NULL},
    [FAULT_ENGINE_STALL] = {process_trap_order, process_spring_order, NULL},
    [FAULT_LOCK_EXPIRY_EARLY] = {lock_fault_bend, lock_fault_heal, NULL},
    [FAULT_LOCK_EXPIRY_LATE] = {lock_fault_bend, lock_fault_heal, NULL},
    [FAULT_LOCK_RENEWAL_LOST] = {lock_fault_lose, lock_fault_heal, NULL},
    [FAULT_LOCK_RENEWAL_REPLY_LOST] = {lock_fault_lose, lock_fault_heal, NULL},
    [FAULT_LOCK_GRANT_LOST] = {lock_fault_lose, lock_fault_heal, NULL},
    [FAULT_LOCK_FAILOVER] = {lock_fault_failover, lock_fault_failed_over, NULL},
    [FAULT_LOCK_SPLIT_BRAIN] = {lock_fault_split, lock_fault_joined, NULL},
    [FAULT_LOCK_QUORUM_LOST] = {lock_fault_bend, lock_fault_heal, NULL},
    [FAULT_LOCK_STALE_READ] = {lock_fault_bend, lock_fault_heal, NULL},
    [FAULT_LOCK_STORE_SLOW] = {slow_store, network_heal, NULL},
    [FAULT_LOCK_TOKEN_REGRESS] = {lock_fault_regress, lock_fault_heal, NULL},
    [FAULT_LOCK_DELETED] = {lock_fault_delete, lock_fault_heal, NULL},
    [FAULT_PODS_NEVER_READY] = {lie_in_wait, lay_in_wait, NULL},
    [FAULT_DEPLOYMENT_HALF] = {lie_in_wait, lay_in_wait, NULL},
    [FAULT_ROLLBACK_FAILS] = {lie_in_wait, lay_in_wait, NULL},
    [FAULT_ROLLBACK_HALF] = {lie_in_wait, lay_in_wait, NULL},
    [FAULT_ROLLOUT] = {rollout_begin, rollout_take_back, baseline_errors},
    [FAULT_CLOCK_OFFSET] = {clock_fault_begin, clock_fault_end, NULL},
    [FAULT_CLOCK_STEP] = {clock_fault_begin, clock_fault_end, NULL},
    [FAULT_CLOCK_DRIFT] = {clock_fault_begin, clock_fault_end, NULL},
    [FAULT_CLOCK_DRIFT_MONO] = {clock_fault_begin, clock_fault_end, NULL},
    [FAULT_CLOCK_FREEZE] = {clock_fault_begin, clock_fault_end, NULL},
    [FAULT_CLOCK_FREEZE_MONO] = {clock_fault_begin, clock_fault_end, NULL},
    [FAULT_CLOCK_COARSE] = {clock_fault_begin, clock_fault_end, NULL},
    [FAULT_CLOCK_COARSE_MONO] = {clock_fault_begin, clock_fault_end, NULL},
    [FAULT_COMMAND] = {desk_command, desk_told, NULL},
    [FAULT_ALERT_STORM] = {lie_in_wait, lay_in_wait, NULL},
    [FAULT_ALERT_DUPLICATED] = {lie_in_wait, lay_in_wait, NULL},
    [FAULT_ALERT_FLAPPING] = {lie_in_wait, lay_in_wait, NULL},
    [FAULT_METRICS_MISLABELLED] = {bend_scrapes, mend_scrapes, NULL},
    [FAULT_GRAPH_STALE] = {lie_in_wait, was_stale, NULL},
    [FAULT_ENGINE_ZOMBIE] = {process_trap_zombie, process_lay_zombie, NULL},
    [FAULT_SCRAPE_GAP] = {bend_scrapes, mend_scrapes, NULL},
    [FAULT_METRICS_FROZEN] = {bend_scrapes, mend_scrapes, NULL},
    [FAULT_METRICS_RESET] = {bend_scrapes, mend_scrapes, NULL},
    [FAULT_METRICS_NAN] = {bend_scrapes, mend_scrapes, NULL},
    [FAULT_METRICS_LATE] = {bend_scrapes, mend_scrapes, NULL},
    [FAULT_METRICS_NOISE] = {bend_scrapes, mend_scrapes, NULL},
};

static void end_fault(struct world *world, uint32_t fault, bool healed) {
    struct fault_state *state = &world->faults->list[fault];
    ASSERT(state->on);
    state->on = false;
    uint64_t acted = verbs[world_fault(world, fault)->kind].heal(world, fault);
    fact_fault_off(world->trace, sim_now(world->sim),
                   &(struct rec_fault_off){fault, (int64_t)acted, healed});
}

static void end(void *context, struct sim *sim, const struct sim_event *event) {
    (void)sim;
    end_fault(((struct faults *)context)->world, (uint32_t)event->a, false);
}

void fault_over(struct world *world, uint32_t fault) {
    sim_cancel(world->sim, world->faults->list[fault].next);
    end_fault(world, fault, false);
}

static void begin(void *context, struct sim *sim, const struct sim_event *event) {
    struct faults *faults = context;
    struct world *world = faults->world;
    uint32_t fault = (uint32_t)event->a;
    const struct plan_fault *f = world_fault(world, fault);
    const struct fault_verbs *v = &verbs[f->kind];
    faults->list[fault].on = true;
    faults->list[fault].began_at = sim_now(sim);
    v->inject(world, fault);
    fact_fault_on(world->trace, sim_now(sim),
                  &(struct rec_fault_on){.fault = fault,
                                         .service = f->service,
                                         .value = f->value,
                                         .baseline = v->baseline ? v->baseline(world, f) : 0});
    time_ns ends_at = time_add(sim_now(sim), f->lasts_ns);
    if (ends_at != TIME_NEVER)
        faults->list[fault].next =
            sim_at(sim, ends_at, SIM_FAULT, event->owner, faults->end_kind, fault, 0);
}

uint32_t fault_heal_all(struct world *world) {
    uint32_t healed = 0;
    for (uint32_t f = 0; f < world->plan->fault_count; f++) {
        struct fault_state *state = &world->faults->list[f];
        sim_cancel(world->sim, state->next);
        if (!state->on) continue;
        end_fault(world, f, true);
        healed++;
    }
    return healed;
}

bool fault_is_on(const struct world *world, uint32_t fault) {
    return world->faults && world->faults->list[fault].on;
}
time_ns fault_began_at(const struct world *world, uint32_t fault) {
    return world->faults->list[fault].began_at;
}

void fault_start(struct world *world) {
    struct faults *faults = world->faults;
    for (uint32_t f = 0; f < world->plan->fault_count; f++)
        if (world_fault(world, f)->at != TIME_NEVER)
            faults->list[f].next = sim_at(world->sim, world_fault(world, f)->at, SIM_FAULT,
                                          world_owner(world), faults->begin_kind, f, 0);
}

/* ---- on a state of an engine ---- */

static enum plan_trigger reported(const struct eff_report *r) {
    switch (r->kind) {
    case REPORT_OPENED: return TRIGGER_DETECTED;
    case REPORT_DIAGNOSED: return TRIGGER_DIAGNOSED;
    case REPORT_PATCHED: return TRIGGER_PATCHED;
    case REPORT_GATED: return TRIGGER_GATED;
    case REPORT_PROMOTED:
    case REPORT_REMEDIED: return TRIGGER_VERIFICATION;
    case REPORT_CLOSED_RESOLVED:
    case REPORT_CLOSED_HEALED_BY_ANOTHER: return TRIGGER_CLOSED;
    case REPORT_STATE: return r->detail == STATE_PAUSED ? TRIGGER_PAUSED : TRIGGER_AT;
    default: return TRIGGER_AT;
    }
}

/* To roll back is a remedy of its own, where an operation orders nothing before: it undoes what
 * others deployed. Only what comes after takes that back. */
static enum plan_trigger rolled_back(struct world *world, const struct eff_roll_back *r) {
    struct ordered *first = &world->faults->ordered[r->service.v];
    if (!ID_EQ(first->op, r->op)) *first = (struct ordered){r->op, r->from};
    return ID_EQ(first->away, r->from) ? TRIGGER_AT : TRIGGER_ROLLBACK;
}

static enum plan_trigger trigger_of(struct world *world, const struct eng_effect *e,
                                    struct svc_id *service) {
    switch (e->kind) {
    case EFF_report: *service = e->report.service; return reported(&e->report);
    case EFF_deploy_stage:
        *service = e->deploy_stage.service;
        world->faults->ordered[service->v] = (struct ordered){.op = e->deploy_stage.op};
        return TRIGGER_CANARY;
    case EFF_roll_back: *service = e->roll_back.service; return rolled_back(world, &e->roll_back);
    case EFF_remedy:
        *service = e->remedy.service;
        return e->remedy.undo ? TRIGGER_ROLLBACK : TRIGGER_AT;
    default: return TRIGGER_AT;
    }
}

void fault_on_effect(struct world *world, const struct eng_effect *effect) {
    struct svc_id service = ID_NONE(svc_id);
    enum plan_trigger seen = trigger_of(world, effect, &service);
    if (seen == TRIGGER_AT) return;
    for (uint32_t f = 0; f < world->plan->fault_count; f++) {
        const struct plan_fault *fault = world_fault(world, f);
        bool about = fault->trigger_of.v == NONE_ID || ID_EQ(fault->trigger_of, service);
        if (fault->trigger != (int)seen || !about) continue;
        if (++world->faults->list[f].seen != fault->trigger_nth) continue;
        world->faults->list[f].next =
            sim_at(world->sim, time_add(sim_now(world->sim), fault->trigger_after_ns), SIM_FAULT,
                   world_owner(world), world->faults->begin_kind, f, 0);
    }
}

void fault_open(struct world *world, struct arena *arena) {
    struct faults *faults = ARENA_NEW(arena, struct faults, 1);
    faults->world = world;
    faults->list = ARENA_NEW(arena, struct fault_state, world->plan->fault_count);
    faults->ordered = ARENA_NEW(arena, struct ordered, world->plan->topology->service_count);
    faults->begin_kind = sim_kind(world->sim, begin, faults);
    faults->end_kind = sim_kind(world->sim, end, faults);
    faults->seize_kind = sim_kind(world->sim, seize, faults);
    world->faults = faults;
}
