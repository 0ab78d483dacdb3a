/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/world/internal.h"
#include "engine/base/check.h"
#include "engine/base/ratio.h"

#define PPB_ONE INT64_C(1000000000)

struct node_clock {
    time_ns since_at;   /* simulated time of the last bend */
    time_ns wall, mono; /* what the clocks were then */
    int64_t wall_drift_ppb, mono_drift_ppb;
    time_ns wall_tick_ns, mono_tick_ns; /* shown in whole ticks; 0: as it is */
    uint64_t wall_reads, mono_reads;
};

struct timer {
    int64_t timer, generation;
    time_ns due_mono;
    struct sim_handle event;
};

struct timer_list {
    uint32_t count;
    struct timer list[CLOCK_TIMERS_MAX];
};

struct clocks {
    struct world *world;
    struct node_clock *nodes;
    struct timer_list *timers; /* per engine, in no order: each is looked up by its number */
    uint64_t (*reads)[2];      /* per fault of the plan: wall and mono, when it began */
    uint16_t fire_kind;
};

static time_ns reading(time_ns base, time_ns elapsed_ns, int64_t drift_ppb) {
    return time_add(time_add(base, elapsed_ns), muldiv(elapsed_ns, drift_ppb, PPB_ONE));
}

static time_ns wall_now(const struct world *world, const struct node_clock *c) {
    return reading(c->wall, sim_now(world->sim) - c->since_at, c->wall_drift_ppb);
}
static time_ns mono_now(const struct world *world, const struct node_clock *c) {
    return reading(c->mono, sim_now(world->sim) - c->since_at, c->mono_drift_ppb);
}

static time_ns shown(time_ns time, time_ns tick_ns) {
    return tick_ns > 0 ? time - time % tick_ns : time;
}

time_ns world_wall(const struct world *world, uint32_t node) {
    struct node_clock *c = &world->clocks->nodes[node];
    c->wall_reads++;
    return shown(wall_now(world, c), c->wall_tick_ns);
}

time_ns world_mono(const struct world *world, uint32_t node) {
    struct node_clock *c = &world->clocks->nodes[node];
    c->mono_reads++;
    return shown(mono_now(world, c), c->mono_tick_ns);
}

time_ns clock_when(const struct world *world, uint32_t node, time_ns mono) {
    const struct node_clock *c = &world->clocks->nodes[node];
    time_ns left_ns = mono - c->mono;
    time_ns now = sim_now(world->sim);
    if (left_ns <= 0) return now;
    if (c->mono_drift_ppb == -PPB_ONE) return TIME_NEVER; /* it stands still */
    /* Rounded up: a timer that fires a nanosecond early finds its own deadline not reached. */
    time_ns elapsed_ns = -muldiv(-left_ns, PPB_ONE, PPB_ONE + c->mono_drift_ppb);
    time_ns at = time_add(c->since_at, elapsed_ns);
    return at > now ? at : now;
}

static struct timer *timer_find(struct timer_list *timers, int64_t timer) {
    for (uint32_t i = 0; i < timers->count; i++)
        if (timers->list[i].timer == timer) return &timers->list[i];
    return NULL;
}

static void timer_forget(struct timer_list *timers, struct timer *timer) {
    *timer = timers->list[--timers->count];
}

static void timer_schedule(struct clocks *clocks, uint32_t engine, struct timer *timer) {
    time_ns at = clock_when(clocks->world, engine, timer->due_mono);
    sim_cancel(clocks->world->sim, timer->event);
    timer->event = (struct sim_handle){0, 0};
    if (at != TIME_NEVER)
        timer->event = sim_at(clocks->world->sim, at, SIM_TIMER, engine, clocks->fire_kind,
                              (uint64_t)timer->timer, (uint64_t)timer->generation);
}

void clock_arm(struct world *world, uint32_t engine, const struct eff_arm_timer *arm) {
    struct timer_list *timers = &world->clocks->timers[engine];
    struct timer *timer = timer_find(timers, arm->timer);
    if (!timer) {
        ASSERT(timers->count < CLOCK_TIMERS_MAX);
        timer = &timers->list[timers->count++];
        *timer = (struct timer){.timer = arm->timer};
    }
    timer->generation = arm->generation;
    /* from the clock as it is: by what it shows in ticks, a short timer would be due for a whole
     * tick */
    time_ns now = mono_now(world, &world->clocks->nodes[engine]);
    timer->due_mono = time_add(now, arm->after_ns > 0 ? arm->after_ns : 0);
    timer_schedule(world->clocks, engine, timer);
}

void clock_cancel(struct world *world, uint32_t engine, const struct eff_cancel_timer *cancel) {
    struct timer_list *timers = &world->clocks->timers[engine];
    struct timer *timer = timer_find(timers, cancel->timer);
    /* Another generation was armed since: it is not the one to cancel. */
    if (!timer || timer->generation != cancel->generation) return;
    sim_cancel(world->sim, timer->event);
    timer_forget(timers, timer);
}

void clock_forget(struct world *world, uint32_t engine) {
    struct timer_list *timers = &world->clocks->timers[engine];
    for (uint32_t k = 0; k < timers->count; k++) sim_cancel(world->sim, timers->list[k].event);
    timers->count = 0;
}

static void fire(void *context, struct sim *sim, const struct sim_event *event) {
    (void)sim;
    struct clocks *clocks = context;
    struct timer_list *timers = &clocks->timers[event->owner];
    struct timer *timer = timer_find(timers, (int64_t)event->a);
    ASSERT(timer != NULL);
    ASSERT(timer->generation == (int64_t)event->b);
    timer_forget(timers, timer);
    struct eng_input input = {.kind = IN_timer_fired};
    input.timer_fired.timer = (int64_t)event->a;
    input.timer_fired.generation = (int64_t)event->b;
    network_hand_over(clocks->world, event->owner, &input);
}

void clock_bend(struct world *world, uint32_t node, const struct clock_bend *bend) {
    ASSERT(bend->mono_drift_ppb >= -PPB_ONE && bend->mono_step_ns >= 0);
    ASSERT(node < world_node_count(world->plan));
    struct node_clock *c = &world->clocks->nodes[node];
    time_ns wall = time_add(wall_now(world, c), bend->wall_step_ns);
    time_ns mono = time_add(mono_now(world, c), bend->mono_step_ns);
    *c = (struct node_clock){
        .since_at = sim_now(world->sim),
        .wall = wall,
        .mono = mono,
        .wall_drift_ppb = bend->wall_drift_ppb,
        .mono_drift_ppb = bend->mono_drift_ppb,
        .wall_tick_ns = bend->wall_tick_ns,
        .mono_tick_ns = bend->mono_tick_ns,
        .wall_reads = c->wall_reads,
        .mono_reads = c->mono_reads,
    };
    if (node >= world->plan->engine_count) return;
    struct timer_list *timers = &world->clocks->timers[node];
    for (uint32_t i = 0; i < timers->count; i++)
        timer_schedule(world->clocks, node, &timers->list[i]);
}

void clock_reads_begin(struct world *world, uint32_t node, uint32_t fault) {
    const struct node_clock *c = &world->clocks->nodes[node];
    world->clocks->reads[fault][0] = c->wall_reads;
    world->clocks->reads[fault][1] = c->mono_reads;
}

uint64_t clock_reads_end(struct world *world, uint32_t node, uint32_t fault, bool mono) {
    const struct node_clock *c = &world->clocks->nodes[node];
    return (mono ? c->mono_reads : c->wall_reads) - world->clocks->reads[fault][mono];
}

void clock_open(struct world *world, struct arena *arena) {
    struct clocks *clocks = ARENA_NEW(arena, struct clocks, 1);
    uint32_t nodes = world_node_count(world->plan);
    clocks->world = world;
    clocks->nodes = ARENA_NEW(arena, struct node_clock, nodes);
    clocks->timers = ARENA_NEW(arena, struct timer_list, world->plan->engine_count);
    clocks->reads = arena_take(arena, world->plan->fault_count, sizeof *clocks->reads);
    clocks->fire_kind = sim_kind(world->sim, fire, clocks);
    for (uint32_t i = 0; i < nodes; i++) clocks->nodes[i].wall = world->plan->start_wall;
    world->clocks = clocks;
}
