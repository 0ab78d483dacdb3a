/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_KERNEL_SIM_H
#define SIM_KERNEL_SIM_H
/*
 * The event kernel. It knows time, order, callbacks and bytes, nothing of what they mean.
 *
 * Total order of events: (time, phase, owner, owner's sequence). No pointer, hash or insertion
 * accident ever decides: two models that schedule the same events in another order run them in the
 * same order. Phases at one instant, in this order: FAULT (the world is bent first), DELIVERY
 * (messages, services), TIMER, SCRAPE (metrics see what was delivered), RULE (rules see what was
 * scraped), PROBE (watches only). An event scheduled at the running instant in a phase already
 * passed runs next, before any later (time, phase): time never goes back.
 *
 * The queue is a two-level ladder on int64 ticks (Tang, Goh, Thng, "Ladder queue", ACM TOMACS
 * 15(3), 2005); capacity is fixed when opened and a full queue is a bug that names the limit.
 * Cancel is by handle, O(1).
 */
#include "engine/base/arena.h"
#include "engine/base/simtime.h"

enum sim_phase {
    SIM_FAULT,
    SIM_DELIVERY,
    SIM_TIMER,
    SIM_SCRAPE,
    SIM_RULE,
    SIM_PROBE,
    SIM_PHASE_COUNT
};

struct sim_event {
    time_ns at;
    uint64_t a, b;  /* payload: whatever the handler wants */
    uint32_t owner; /* whose event; below sim_options.owners */
    uint16_t kind;  /* handler */
    uint16_t phase;
};
struct sim_handle {
    uint32_t slot, generation;
}; /* generation 0: no event */

struct sim;
typedef void (*sim_handler)(void *context, struct sim *sim, const struct sim_event *event);

struct sim_options {
    uint32_t events_max; /* pending at one time */
    uint32_t owners;     /* owner numbers 0 .. owners-1, each with a sequence of its own */
    uint32_t kinds;      /* handlers */
};

struct sim *sim_open(struct arena *arena, const struct sim_options *options);
/* Registers a handler; returns its kind. Before the first event only. */
uint16_t sim_kind(struct sim *sim, sim_handler handler, void *context);

time_ns sim_now(const struct sim *sim);
/* Schedules; at >= now (asserted). */
struct sim_handle sim_at(struct sim *sim, time_ns at, enum sim_phase phase, uint32_t owner,
                         uint16_t kind, uint64_t a, uint64_t b);
/* False when it ran, was cancelled, or never was. */
bool sim_cancel(struct sim *sim, struct sim_handle handle);
bool sim_pending(const struct sim *sim, struct sim_handle handle);

/* Runs all events with time <= until (now ends at until), or until sim_stop. Returns events run. */
uint64_t sim_run(struct sim *sim, time_ns until);
void sim_stop(struct sim *sim);
uint64_t sim_event_count(const struct sim *sim); /* run so far */
uint32_t sim_pending_count(const struct sim *sim);
void sim_check(const struct sim *sim); /* asserts the whole structure; slow */

#endif
