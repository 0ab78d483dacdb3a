/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Clocks that are wrong. All that bend one clock at a time add up; what a fault did is how often
 * its node read the clock meanwhile, since a wrong clock that nobody reads changes nothing.
 *
 * A frozen clock jumps to the right time when it goes on: that is what a virtual machine that stood
 * still shows. Timers wait with their monotonic clock, and are due all at once.
 */
#include "engine/base/ratio.h"
#include "sim/world/internal.h"

#define PPB_PER_PPM 1000
#define STOPPED     (-INT64_C(1000000000)) /* parts in 1e9 */

static void add(struct clock_bend *bend, const struct plan_fault *f) {
    switch (f->kind) {
    case FAULT_CLOCK_DRIFT: bend->wall_drift_ppb += f->value * PPB_PER_PPM; break;
    case FAULT_CLOCK_DRIFT_MONO: bend->mono_drift_ppb += f->value * PPB_PER_PPM; break;
    case FAULT_CLOCK_FREEZE: bend->wall_drift_ppb = STOPPED; break;
    case FAULT_CLOCK_FREEZE_MONO: bend->mono_drift_ppb = STOPPED; break;
    case FAULT_CLOCK_COARSE: bend->wall_tick_ns = f->value; break;
    case FAULT_CLOCK_COARSE_MONO: bend->mono_tick_ns = f->value; break;
    default: break;
    }
}

/* Of all faults that are on at the node, with what this one does at once. */
static void bend_node(struct world *world, uint32_t node, time_ns wall_step, time_ns mono_step) {
    struct clock_bend bend = {.wall_step_ns = wall_step, .mono_step_ns = mono_step};
    for (uint32_t f = 0; f < world->plan->fault_count; f++)
        if (fault_entry(world_fault(world, f)->kind)->target == FAULT_TARGET_NODE &&
            fault_is_on(world, f) && world_fault(world, f)->from == node)
            add(&bend, world_fault(world, f));
    if (bend.wall_drift_ppb < STOPPED) bend.wall_drift_ppb = STOPPED;
    if (bend.mono_drift_ppb < STOPPED) bend.mono_drift_ppb = STOPPED;
    clock_bend(world, node, &bend);
    if (node == world_node(world, NODE_LOCK_STORE)) lock_store_clock_bent(world);
}

static bool of_mono(enum fault_kind kind) {
    return kind == FAULT_CLOCK_DRIFT_MONO || kind == FAULT_CLOCK_FREEZE_MONO ||
           kind == FAULT_CLOCK_COARSE_MONO;
}

static void tell(struct world *world, uint32_t fault, const char *what, time_ns amount) {
    fact_fault_acted(world->trace, sim_now(world->sim),
                     &(struct rec_fault_acted){.fault = fault,
                                               .what = REC_STR(what),
                                               .engine = world_fault(world, fault)->from,
                                               .amount = amount});
}

void clock_fault_begin(struct world *world, uint32_t fault) {
    const struct plan_fault *f = world_fault(world, fault);
    bool steps = f->kind == FAULT_CLOCK_STEP || f->kind == FAULT_CLOCK_OFFSET;
    bend_node(world, f->from, steps ? f->value : 0, 0);
    tell(world, fault, fault_entry(f->kind)->name, f->value);
    clock_reads_begin(world, f->from, fault);
}

/* An offset is taken back, a step stays; what stood still jumps to where it would be. */
uint64_t clock_fault_end(struct world *world, uint32_t fault) {
    const struct plan_fault *f = world_fault(world, fault);
    uint64_t reads = clock_reads_end(world, f->from, fault, of_mono(f->kind));
    time_ns stood = sim_now(world->sim) - fault_began_at(world, fault);
    time_ns wall = f->kind == FAULT_CLOCK_OFFSET   ? -f->value
                   : f->kind == FAULT_CLOCK_FREEZE ? stood
                                                   : 0;
    time_ns mono = f->kind == FAULT_CLOCK_FREEZE_MONO ? stood : 0;
    bend_node(world, f->from, wall, mono);
    if (wall != 0 || mono != 0) tell(world, fault, "jumps", wall + mono);
    return reads;
}
