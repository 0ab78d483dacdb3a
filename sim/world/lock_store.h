/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_WORLD_LOCK_STORE_H
#define SIM_WORLD_LOCK_STORE_H
/*
 * The lock store's node from inside: what its requests (lock_store.c), its intents (registry.c) and
 * its faults (lock_faults.c) share.
 *
 * One authority answers all, but while the store is split: then one engine still reaches the former
 * primary, which knows nothing of its successor.
 */
#include "sim/world/lock_table.h"
#include "sim/world/store_kind.h"

#define LOST_WRITES_MAX 16 /* that a successor may lack */

struct lock_fault_state {
    uint64_t acted;
    int64_t left; /* messages still to lose */
    struct sim_handle election;
    struct sim_handle turn; /* of an operator: gives up waiting, or gives the lock back */
    bool elected;
};

struct lock_store {
    struct world *world;
    const struct store_kind *kind;
    struct lock_table *main, *former; /* the authority; the former primary, while it is split */
    uint32_t former_engine;           /* who still reaches that; NONE_ID: nobody */
    uint32_t split_by;                /* the fault that split it: one at a time */
    struct lock_table *before;        /* what the authority was, while a successor takes over */
    struct lock_table *past;          /* the authority before each of its last writes */
    uint32_t past_size;
    uint64_t writes;
    struct lock_fault_state *faults; /* per fault of the plan */
    uint32_t elections;              /* under way: silent meanwhile */
    uint16_t expire_kind, intent_kind, elected_kind, turn_kind;
};

/* ---- lock_store.c ---- */
struct lock_table *store_reached_by(struct lock_store *store, uint32_t engine);
time_ns store_mono(const struct lock_store *store);
/* Before anything of it changes. */
void store_writes(struct lock_store *store, struct lock_table *table);
struct sim_handle store_timer(struct lock_store *store, const struct lock_table *table,
                              time_ns ends_mono, struct sim_handle former, uint16_t kind,
                              uint64_t name, uint64_t more);
/* Whoever copied a table arms what in it ends by time. */
void store_timers(struct lock_store *store, struct lock_table *table, bool on);
struct lock_table *store_timer_table(struct lock_store *store, const struct sim_event *event);
/* The lock is free from now; the first that waits for it gets it. */
void store_end_hold(struct lock_store *store, struct lock_table *table, struct lock_hold *hold,
                    enum lock_event event);
void store_begin_lease(struct lock_store *store, struct lock_table *table, struct lock_hold *hold,
                       time_ns ttl_ns);
/* Who did it, on which lock; token: the one that was granted, used or lost. */
void store_record(struct lock_store *store, struct lock_table *table, enum lock_event event,
                  const struct lock_request *who, int64_t epoch, int64_t number);

/* ---- registry.c ---- */
/* Intents that the next authority does not know, and those that it still knows though they had
 * ended; of that engine's alone, unless it is NONE_ID. */
void registry_record_difference(struct lock_store *store, struct lock_table *before,
                                struct lock_table *after, uint32_t engine);
void registry_open(struct world *world);

/* ---- lock_faults.c ---- */
/* Does the request get through to be answered? What does not is dropped, and said so. */
bool lock_fault_hears(struct lock_store *store, uint32_t engine, const struct eng_effect *effect);
/* The same of an answer. */
bool lock_fault_answers(struct lock_store *store, uint32_t engine, const struct in_lock_reply *in);
/* Sum over the faults of that kind that are on; each counts as having acted. */
time_ns lock_fault_span(struct lock_store *store, enum fault_kind kind, uint32_t engine);
time_ns lock_fault_lag(const struct lock_store *store); /* of what is read */
void lock_faults_open(struct lock_store *store, struct arena *arena);

#endif
