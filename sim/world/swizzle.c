/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Clogs some nodes one after the other, and lets them go again in another order: what was sent
 * meanwhile arrives late and mixed, and no two nodes are cut off over the same time (the "swizzle"
 * of FoundationDB's simulation).
 */
#include "sim/world/internal.h"
#include "engine/base/check.h"
#include "engine/base/prng.h"

struct swizzle {
    uint32_t *nodes; /* of all nodes, shuffled: the first so many are clogged */
    uint32_t *back;  /* the same, in the order in which they are let go */
};

struct swizzles {
    struct world *world;
    struct swizzle *list; /* per fault of the plan */
    uint16_t step_kind;
};

static void shuffle(struct prng *luck, uint32_t *list, uint32_t count) {
    for (uint32_t left = count; left > 1; left--) {
        uint32_t k = (uint32_t)prng_below(luck, left), kept = list[k];
        list[k] = list[left - 1];
        list[left - 1] = kept;
    }
}

static uint32_t count_of(const struct plan *plan, uint32_t fault) {
    uint32_t nodes = world_node_count(plan);
    int64_t count = plan->faults[fault].value;
    return count < nodes ? (uint32_t)count : nodes;
}

static void step(struct world *world, uint32_t fault, uint64_t number) {
    const struct swizzle *s = &world->swizzles->list[fault];
    uint32_t count = count_of(world->plan, fault);
    bool clogs = number < count;
    network_clog(world, fault, clogs ? s->nodes[number] : s->back[number - count], clogs);
    if (number + 1 < 2 * (uint64_t)count)
        sim_at(world->sim, time_add(sim_now(world->sim), world_fault(world, fault)->step_every_ns),
               SIM_FAULT, world_owner(world), world->swizzles->step_kind, fault, number + 1);
}

static void on_step(void *context, struct sim *sim, const struct sim_event *event) {
    (void)sim;
    struct world *world = ((struct swizzles *)context)->world;
    if (fault_is_on(world, (uint32_t)event->a)) step(world, (uint32_t)event->a, event->b);
}

void swizzle_begin(struct world *world, uint32_t fault) {
    network_bend(world, fault,
                 &(struct link_rule){.from = NODE_ANY, .to = NODE_ANY, .clogs = true});
    step(world, fault, 0);
}

void swizzle_open(struct world *world, struct arena *arena) {
    const struct plan *plan = world->plan;
    struct swizzles *all = ARENA_NEW(arena, struct swizzles, 1);
    uint32_t nodes = world_node_count(plan);
    all->world = world;
    all->list = ARENA_NEW(arena, struct swizzle, plan->fault_count);
    all->step_kind = sim_kind(world->sim, on_step, all);
    for (uint32_t f = 0; f < plan->fault_count; f++) {
        if (plan->faults[f].kind != FAULT_SWIZZLE) continue;
        struct swizzle *s = &all->list[f];
        struct prng luck = prng_named(plan->seed, "swizzle", f);
        s->nodes = ARENA_NEW(arena, uint32_t, nodes);
        s->back = ARENA_NEW(arena, uint32_t, nodes);
        for (uint32_t n = 0; n < nodes; n++) s->nodes[n] = n;
        shuffle(&luck, s->nodes, nodes);
        memcpy(s->back, s->nodes, nodes * sizeof *s->nodes);
        shuffle(&luck, s->back, count_of(plan, f));
    }
    world->swizzles = all;
}
