/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_WORLD_LOCK_TABLE_H
#define SIM_WORLD_LOCK_TABLE_H
/*
 * What one authority of the lock store knows: locks held, the queue at them, intents. Plain data
 * that can be copied whole, since that is what a replica is; timers are armed anew by whoever
 * copies it.
 *
 * Tokens come from one counter for the whole authority, hence grow for each resource, and a lock
 * that is free needs no memory of its last token. One queue in order of arrival serves all locks; a
 * lock's wait list is what in it waits for that lock.
 */
#include "sim/world/internal.h"

#define OPERATORS 0xFFFEu /* an engine number that none has, in their operations' ids */

struct lock_key {
    int64_t scope, name;
};

struct lock_request {
    struct lock_key key;
    struct op_id op;
    uint32_t engine;
    int64_t request, generation, attempt;
    time_ns ttl_ns;
};

struct lock_hold {
    struct lock_request owner; /* as it asked */
    int64_t epoch, number;     /* its token: unique in the store, names this hold */
    time_ns expires_mono;      /* as its holder was told */
    time_ns ends_mono;         /* as it will be */
    time_ns expires_at;
    struct sim_handle expiry;
};

struct lock_intent {
    struct intent intent; /* age_ns is filled in when it is read */
    uint32_t engine;
    time_ns since_mono, ends_mono;
    struct sim_handle expiry;
};

struct lock_table {
    struct lock_hold held[LOCKS_HELD_MAX];          /* in no order: looked up by key or token */
    struct lock_request waiting[LOCKS_WAITING_MAX]; /* in order of arrival */
    struct lock_intent intents[INTENTS_MAX];        /* in order of number */
    uint32_t held_count, waiting_count, intent_count;
    int64_t epoch, number_last, intent_last;
};

static inline bool lock_key_eq(struct lock_key a, struct lock_key b) {
    return a.scope == b.scope && a.name == b.name;
}
struct lock_hold *table_hold(struct lock_table *t, struct lock_key key);
struct lock_hold *table_token(struct lock_table *t, int64_t epoch, int64_t number);
struct lock_request *table_waiter(struct lock_table *t, struct lock_key key, struct op_id op);
void table_drop_waiter(struct lock_table *t, struct lock_request *waiter);
/* How many wait for the lock, up to and including that one; NULL: all. */
int64_t table_queue(const struct lock_table *t, struct lock_key key,
                    const struct lock_request *until);
struct lock_intent *table_intent(struct lock_table *t, struct op_id op);
void table_drop_intent(struct lock_table *t, struct lock_intent *intent);

#endif
