/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Engines as processes: running, stopped, or down. A process that is down hears nothing and has no
 * timers; when it comes back it is a new incarnation that knows what its log store tells it, and
 * nothing else. One that is stopped (the world stands still for it: a long collection, a suspended
 * machine) hears everything late, in the order in which it came, and what it had in hand leaves
 * late, too; its monotonic clock runs on, which is how it can know.
 */
#include "sim/world/internal.h"
#include "engine/base/check.h"

#define BACKLOG_MAX 2048 /* of one process that is stopped */

struct held { /* heard, or to be sent */
    bool outgoing;
    union {
        struct eng_input input;
        struct eng_effect effect;
    };
};

struct process {
    bool down;
    uint32_t stops;      /* by so many faults at once */
    int64_t incarnation; /* 0: the first */
    struct held *backlog;
    uint32_t backlog_count;
    int64_t traps[3]; /* faults that wait for a deed of its own: its next order; its entry; -1 */
};
enum { TRAP_ORDER, TRAP_ENTRY, TRAP_ZOMBIE };

struct processes {
    struct world *world;
    struct process *list; /* per engine */
    uint64_t *acted;      /* per fault of the plan */
    uint16_t back_kind, go_on_kind, late_kind;
    struct eng_effect *in_hand; /* per fault of the plan: of a process that has a successor */
};

static struct process *process_of(struct world *world, uint32_t engine) {
    return &world->processes->list[engine];
}
static uint32_t engine_of(const struct world *world, uint32_t fault) {
    return world->plan->faults[fault].from;
}

static void record(struct world *world, uint32_t engine, enum process_event event) {
    fact_process(world->trace, sim_now(world->sim),
                 &(struct rec_process){engine, event, process_of(world, engine)->incarnation});
}

/* ---- what it hears and sends ---- */

static struct held *hold(struct world *world, uint32_t engine) {
    struct process *p = process_of(world, engine);
    ASSERT(p->backlog_count < BACKLOG_MAX);
    return &p->backlog[p->backlog_count++];
}

bool process_hears(struct world *world, uint32_t engine, const struct eng_input *input) {
    if (!world->processes) return true; /* a world without */
    const struct process *p = process_of(world, engine);
    if (p->down) return false;
    if (p->stops == 0) return true;
    struct held *held = hold(world, engine);
    held->outgoing = false;
    held->input = *input;
    return false;
}

static void stop(struct world *world, uint32_t engine) {
    if (process_of(world, engine)->stops++ == 0) record(world, engine, PROCESS_STOPPED);
}

/* Its next order is in hand when the world stops for it. */
static void stall(struct world *world, uint32_t engine, uint32_t fault) {
    time_ns lasts_ns = world->plan->faults[fault].value;
    world->processes->acted[fault]++;
    stop(world, engine);
    sim_at(world->sim, time_add(sim_now(world->sim), lasts_ns), SIM_FAULT, world_owner(world),
           world->processes->go_on_kind, engine, 0);
}

/* It is taken for dead with an order in hand; its successor begins in the same instant, from the
 * audit log. The order leaves when the former process comes to it. */
static void become_zombie(struct world *world, uint32_t engine, const struct eng_effect *order) {
    struct processes *all = world->processes;
    uint32_t fault = (uint32_t)process_of(world, engine)->traps[TRAP_ZOMBIE];
    time_ns now = sim_now(world->sim);
    process_of(world, engine)->traps[TRAP_ZOMBIE] = -1;
    all->in_hand[fault] = *order;
    all->acted[fault]++;
    sim_at(world->sim, now, SIM_FAULT, world_owner(world), all->late_kind, fault, 0);
    sim_at(world->sim, time_add(now, world->plan->faults[fault].value), SIM_FAULT,
           world_owner(world), all->late_kind, fault, 1);
}

bool process_sends(struct world *world, uint32_t engine, const struct eng_effect *effect) {
    struct process *p = process_of(world, engine);
    bool order = effect->kind == EFF_deploy_stage || effect->kind == EFF_roll_back ||
                 effect->kind == EFF_remedy;
    if (order && p->traps[TRAP_ORDER] >= 0) {
        uint32_t fault = (uint32_t)p->traps[TRAP_ORDER];
        p->traps[TRAP_ORDER] = -1;
        stall(world, engine, fault);
    }
    if (order && p->traps[TRAP_ZOMBIE] >= 0) {
        become_zombie(world, engine, effect);
        return false;
    }
    if (p->down) return false;
    if (p->stops == 0) return true;
    struct held *held = hold(world, engine);
    held->outgoing = true;
    held->effect = *effect;
    return false;
}

/* What it heard may make it stop again: the rest then stays. */
static void go_on(struct world *world, uint32_t engine) {
    struct process *p = process_of(world, engine);
    ASSERT(p->stops > 0);
    if (--p->stops > 0) return;
    record(world, engine, PROCESS_GOES_ON);
    uint32_t count = p->backlog_count;
    p->backlog_count = 0;
    for (uint32_t k = 0; k < count; k++) {
        const struct held *held = &p->backlog[k];
        if (held->outgoing)
            network_send(world, engine, &held->effect);
        else
            network_local(world, engine, &held->input);
    }
}

static void on_go_on(void *context, struct sim *sim, const struct sim_event *event) {
    (void)sim;
    go_on(((struct processes *)context)->world, (uint32_t)event->a);
}

/* ---- going down and coming back ---- */

static void come_back(struct world *world, uint32_t engine) {
    struct process *p = process_of(world, engine);
    if (!p->down) return;
    p->down = false;
    p->incarnation++;
    world->hooks.restart(world->hooks.context, engine);
    record(world, engine, PROCESS_STARTED);
    world_tell_past(world, engine);
}

static void on_back(void *context, struct sim *sim, const struct sim_event *event) {
    (void)sim;
    come_back(((struct processes *)context)->world, (uint32_t)event->a);
}

/* What it had sent is under way and arrives. */
static void go_down(struct world *world, uint32_t engine, uint32_t fault) {
    struct process *p = process_of(world, engine);
    if (p->down) return;
    p->down = true;
    p->backlog_count = 0;
    world->processes->acted[fault]++;
    record(world, engine, PROCESS_CRASHED);
    clock_forget(world, engine);
    if (world->locks) lock_store_process_ended(world, engine);
    time_ns back = time_add(sim_now(world->sim), world->plan->faults[fault].value);
    sim_at(world->sim, back, SIM_FAULT, world_owner(world), world->processes->back_kind, engine, 0);
}

/* The succession; then, later, the former's last order. */
static void on_late(void *context, struct sim *sim, const struct sim_event *event) {
    (void)sim;
    struct processes *all = context;
    struct world *world = all->world;
    uint32_t fault = (uint32_t)event->a, engine = engine_of(world, fault);
    if (event->b == 1) {
        network_send(world, engine, &all->in_hand[fault]);
        return;
    }
    struct process *p = process_of(world, engine);
    if (p->down) return;
    p->down = true;
    p->backlog_count = 0;
    record(world, engine, PROCESS_CRASHED);
    clock_forget(world, engine);
    come_back(world, engine);
}

void process_entry_stored(struct world *world, uint32_t engine, enum category category) {
    if (!world->processes) return;
    struct process *p = process_of(world, engine);
    bool order = category == CATEGORY_DEPLOYMENT || category == CATEGORY_ROLLBACK;
    if (!order || p->traps[TRAP_ENTRY] < 0) return;
    uint32_t fault = (uint32_t)p->traps[TRAP_ENTRY];
    p->traps[TRAP_ENTRY] = -1;
    go_down(world, engine, fault);
}

int64_t process_incarnation(const struct world *world, uint32_t engine) {
    return world->processes->list[engine].incarnation;
}

/* ---- faults ---- */

static uint64_t over(struct world *world, uint32_t fault) { return world->processes->acted[fault]; }

void process_crash(struct world *world, uint32_t fault) {
    go_down(world, engine_of(world, fault), fault);
}
uint64_t process_revive(struct world *world, uint32_t fault) {
    come_back(world, engine_of(world, fault));
    return over(world, fault);
}

void process_trap_entry(struct world *world, uint32_t fault) {
    process_of(world, engine_of(world, fault))->traps[TRAP_ENTRY] = fault;
}
uint64_t process_spring_entry(struct world *world, uint32_t fault) {
    process_of(world, engine_of(world, fault))->traps[TRAP_ENTRY] = -1;
    return process_revive(world, fault);
}

void process_trap_zombie(struct world *world, uint32_t fault) {
    process_of(world, engine_of(world, fault))->traps[TRAP_ZOMBIE] = fault;
}
uint64_t process_lay_zombie(struct world *world, uint32_t fault) {
    process_of(world, engine_of(world, fault))->traps[TRAP_ZOMBIE] = -1;
    return over(world, fault);
}

void process_trap_order(struct world *world, uint32_t fault) {
    process_of(world, engine_of(world, fault))->traps[TRAP_ORDER] = fault;
}
uint64_t process_spring_order(struct world *world, uint32_t fault) {
    process_of(world, engine_of(world, fault))->traps[TRAP_ORDER] = -1;
    return over(world, fault);
}

void process_stop(struct world *world, uint32_t fault) { stop(world, engine_of(world, fault)); }
/* It acted on whatever came late. */
uint64_t process_go_on(struct world *world, uint32_t fault) {
    uint32_t engine = engine_of(world, fault);
    uint64_t late = process_of(world, engine)->backlog_count;
    go_on(world, engine);
    return late;
}

static bool may_stop(const struct plan *plan) {
    for (uint32_t f = 0; f < plan->fault_count; f++)
        if (plan->faults[f].kind == FAULT_ENGINE_PAUSE ||
            plan->faults[f].kind == FAULT_ENGINE_STALL)
            return true;
    return false;
}

void processes_open(struct world *world, struct arena *arena) {
    const struct plan *plan = world->plan;
    struct processes *all = ARENA_NEW(arena, struct processes, 1);
    all->world = world;
    all->list = ARENA_NEW(arena, struct process, plan->engine_count);
    all->acted = ARENA_NEW(arena, uint64_t, plan->fault_count);
    for (uint32_t e = 0; e < plan->engine_count; e++) {
        for (int t = 0; t <= TRAP_ZOMBIE; t++) all->list[e].traps[t] = -1;
        if (may_stop(plan)) all->list[e].backlog = ARENA_NEW(arena, struct held, BACKLOG_MAX);
    }
    all->back_kind = sim_kind(world->sim, on_back, all);
    all->go_on_kind = sim_kind(world->sim, on_go_on, all);
    all->late_kind = sim_kind(world->sim, on_late, all);
    all->in_hand = ARENA_NEW(arena, struct eng_effect, plan->fault_count);
    world->processes = all;
}
