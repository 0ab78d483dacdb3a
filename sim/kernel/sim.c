/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/kernel/sim.h"
#include "engine/base/check.h"
#include "sim/kernel/queue.h"

#define OWNERS_MAX (UINT32_C(1) << 29) /* what a key has room for */

struct handler {
    sim_handler run;
    void *context;
};

/*
 * What belongs to an event besides its key. Two to a cache line. The handler's address, not its
 * number: which code runs next is guessed wrong often, and then everything waits for this load.
 */
struct slot {
    uint64_t a, b;
    const struct handler *handler;
    uint32_t generation; /* odd while pending; even with its key still queued: cancelled */
    uint32_t next_free;
};

struct sim {
    struct queue queue;
    struct slot *slots;
    struct handler *handlers;
    uint64_t event_count;
    uint32_t free_slot, slot_count, pending;
    struct sim_options options;
    uint16_t kinds;
    bool stopped;
};

struct sim *sim_open(struct arena *arena, const struct sim_options *options) {
    ASSERT(options->events_max > 0 && options->events_max < UINT32_MAX / 2);
    ASSERT(options->owners <= OWNERS_MAX && options->kinds <= UINT16_MAX);
    struct sim *sim = ARENA_NEW(arena, struct sim, 1);
    sim->options = *options;
    /* room for cancelled events too, so that sweeping them out is paid for by many cancels */
    sim->slot_count = options->events_max + options->events_max / 4 + 64;
    sim->slots = ARENA_NEW(arena, struct slot, sim->slot_count);
    sim->handlers = ARENA_NEW(arena, struct handler, options->kinds);
    for (uint32_t i = 0; i < sim->slot_count; i++) sim->slots[i].next_free = i + 1;
    queue_open(&sim->queue, arena, sim->slot_count, sim->slots, sizeof *sim->slots);
    return sim;
}

uint16_t sim_kind(struct sim *sim, sim_handler handler, void *context) {
    ASSERT(sim->event_count == 0 && sim->kinds < sim->options.kinds);
    sim->handlers[sim->kinds] = (struct handler){handler, context};
    return sim->kinds++;
}

time_ns sim_now(const struct sim *sim) { return sim->queue.now; }

static void slot_give(struct sim *sim, uint32_t slot) {
    sim->slots[slot].next_free = sim->free_slot;
    sim->free_slot = slot;
}

static bool keep_pending(void *context, uint32_t slot) {
    struct sim *sim = context;
    if (sim->slots[slot].generation % 2 == 1) return true;
    slot_give(sim, slot);
    return false;
}

__attribute__((cold, noinline)) static void make_room(struct sim *sim) {
    if (sim->pending >= sim->options.events_max)
        crash(__FILE__, __LINE__, "the event queue is full: events_max is too small");
    if (sim->free_slot == sim->slot_count) queue_keep(&sim->queue, keep_pending, sim);
}

struct sim_handle sim_at(struct sim *sim, time_ns at, enum sim_phase phase, uint32_t owner,
                         uint16_t kind, uint64_t a, uint64_t b) {
    ASSERT(at >= sim->queue.now && owner < sim->options.owners && kind < sim->kinds);
    if (sim->pending >= sim->options.events_max || sim->free_slot == sim->slot_count)
        make_room(sim);
    uint32_t index = sim->free_slot;
    struct slot *slot = &sim->slots[index];
    sim->free_slot = slot->next_free;
    sim->pending++;
    slot->a = a;
    slot->b = b;
    slot->handler = &sim->handlers[kind];
    struct sim_handle handle = {index, ++slot->generation};
    queue_push(&sim->queue, queue_key(at, (uint32_t)phase, owner, index));
    return handle;
}

bool sim_pending(const struct sim *sim, struct sim_handle handle) {
    return handle.generation % 2 == 1 && handle.slot < sim->slot_count &&
           sim->slots[handle.slot].generation == handle.generation;
}

bool sim_cancel(struct sim *sim, struct sim_handle handle) {
    if (!sim_pending(sim, handle)) return false;
    sim->slots[handle.slot].generation++; /* its key finds this when it comes due */
    sim->pending--;
    return true;
}

uint64_t sim_run(struct sim *sim, time_ns until) {
    struct queue *queue = &sim->queue;
    uint64_t before = sim->event_count;
    ASSERT(until >= sim->queue.now);
    sim->stopped = false;
    while (!sim->stopped) {
        if (queue->head == queue->tail && !queue_refill(queue, until)) break;
        uint128 key = queue->bottom[queue->head];
        struct sim_event event = {.at = (time_ns)queue_key_at(key)};
        if (event.at > until) break;
        queue->head++;
        uint32_t index = queue_key_slot(key);
        struct slot *slot = &sim->slots[index];
        slot_give(sim, index);
        if (slot->generation % 2 == 0) continue;
        slot->generation++;
        event.a = slot->a;
        event.b = slot->b;
        const struct handler *handler = slot->handler;
        event.kind = (uint16_t)(handler - sim->handlers);
        event.owner = queue_key_owner(key);
        event.phase = (uint16_t)queue_key_phase(key);
        sim->queue.now = event.at;
        sim->pending--;
        sim->event_count++;
        handler->run(handler->context, sim, &event);
    }
    if (!sim->stopped) sim->queue.now = until;
    return sim->event_count - before;
}

void sim_stop(struct sim *sim) { sim->stopped = true; }
uint64_t sim_event_count(const struct sim *sim) { return sim->event_count; }
uint32_t sim_pending_count(const struct sim *sim) { return sim->pending; }

void sim_check(const struct sim *sim) {
    uint32_t queued = queue_check(&sim->queue), free_slots = 0, pending = 0;
    for (uint32_t i = sim->free_slot; i != sim->slot_count; i = sim->slots[i].next_free) {
        ASSERT(sim->slots[i].generation % 2 == 0);
        free_slots++;
    }
    for (uint32_t i = 0; i < sim->slot_count; i++) pending += sim->slots[i].generation % 2;
    ASSERT(queued + free_slots == sim->slot_count);
    ASSERT(pending == sim->pending && pending <= queued);
}
