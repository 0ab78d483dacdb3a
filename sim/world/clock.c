/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/world/internal.h"
#include "engine/base/check.h"
#include "engine/base/ratio.h"

#define PPB_ONE INT64_C(1000000000)

struct node_clock {
    time_ns since_at;   /* simulated time of the last bend */
    time_ns wall, mono; /* what the clocks showed then */
    int64_t wall_drift_ppb, mono_drift_ppb;
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
    uint16_t fire_kind;
};

static time_ns reading(time_ns base, time_ns elapsed_ns, int64_t drift_ppb) {
    return time_add(time_add(base, elapsed_ns), muldiv(elapsed_ns, drift_ppb, PPB_ONE));
}

time_ns world_wall(const struct world *world, uint32_t node) {
    const struct node_clock *c = &world->clocks->nodes[node];
    return reading(c->wall, sim_now(world->sim) - c->since_at, c->wall_drift_ppb);
}

time_ns world_mono(const struct world *world, uint32_t node) {
    const struct node_clock *c = &world->clocks->nodes[node];
    return reading(c->mono, sim_now(world->sim) - c->since_at, c->mono_drift_ppb);
}

time_ns clock_when(const struct world *world, uint32_t node, time_ns mono) {
    const struct node_clock *c = &world->clocks->nodes[node];
    time_ns left_ns = mono - c->mono;
    time_ns now = sim_now(world->sim);
    if (left_ns <= 0) return now;
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
    timer->due_mono = time_add(world_mono(world, engine), arm->after_ns > 0 ? arm->after_ns : 0);
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

void clock_bend(struct world *world, uint32_t node, time_ns wall_step_ns, int64_t wall_drift_ppb,
                int64_t mono_drift_ppb) {
    ASSERT(mono_drift_ppb > -PPB_ONE);
    ASSERT(node < world_node_count(world->plan));
    world->clocks->nodes[node] = (struct node_clock){
        .since_at = sim_now(world->sim),
        .wall = time_add(world_wall(world, node), wall_step_ns),
        .mono = world_mono(world, node),
        .wall_drift_ppb = wall_drift_ppb,
        .mono_drift_ppb = mono_drift_ppb,
    };
    if (node >= world->plan->engine_count) return;
    struct timer_list *timers = &world->clocks->timers[node];
    for (uint32_t i = 0; i < timers->count; i++)
        timer_schedule(world->clocks, node, &timers->list[i]);
}

void clock_open(struct world *world, struct arena *arena) {
    struct clocks *clocks = ARENA_NEW(arena, struct clocks, 1);
    uint32_t nodes = world_node_count(world->plan);
    clocks->world = world;
    clocks->nodes = ARENA_NEW(arena, struct node_clock, nodes);
    clocks->timers = ARENA_NEW(arena, struct timer_list, world->plan->engine_count);
    clocks->fire_kind = sim_kind(world->sim, fire, clocks);
    for (uint32_t i = 0; i < nodes; i++) clocks->nodes[i].wall = world->plan->start_wall;
    world->clocks = clocks;
}
