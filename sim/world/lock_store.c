/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A lock store as Redis is one: SET NX PX to take a lock, compare-and-delete by token to give it
 * back, expiry by the store's own clock. Beyond Redis, the wait list lives in the store, so that a
 * waiter needs no polling and its place is a fact.
 *
 * Tokens come from one counter for the whole store, hence grow for each resource, and a lock that
 * is free needs no memory of its last token. One queue in order of arrival serves all locks; a
 * lock's wait list is what in it waits for that lock.
 *
 * Operators lock by hand, in the name of a fault: as everybody they queue and are granted, but
 * nobody answers them over the network, and their hold has no lease.
 */
#include "sim/world/internal.h"
#include "engine/base/check.h"

#define OPERATORS 0xFFFEu /* an engine number that none has, in their operations' ids */

struct key {
    int64_t scope, name;
};

struct waiter {
    struct key key;
    struct op_id op;
    uint32_t engine;
    int64_t request, generation, attempt;
    time_ns ttl_ns;
};

struct lock {
    struct waiter owner; /* as it asked */
    int64_t token;       /* unique in the store: names this hold */
    time_ns expires_mono, expires_at;
    struct sim_handle expiry;
};

struct lock_store {
    struct world *world;
    struct lock held[LOCKS_HELD_MAX];         /* in no order: looked up by key or token */
    struct waiter waiting[LOCKS_WAITING_MAX]; /* in order of arrival */
    uint32_t held_count, waiting_count;
    int64_t epoch, token_last;
    uint64_t *kept_waiting; /* requests, by the fault in whose name the lock was held */
    uint16_t expire_kind;
};

static bool key_eq(struct key a, struct key b) { return a.scope == b.scope && a.name == b.name; }

static struct lock *lock_find(struct lock_store *store, struct key key) {
    for (uint32_t i = 0; i < store->held_count; i++)
        if (key_eq(store->held[i].owner.key, key)) return &store->held[i];
    return NULL;
}

static struct lock *lock_of_token(struct lock_store *store, struct key key, int64_t epoch,
                                  int64_t token) {
    struct lock *lock = lock_find(store, key);
    return lock && epoch == store->epoch && lock->token == token ? lock : NULL;
}

static struct waiter *waiter_find(struct lock_store *store, struct key key, struct op_id op) {
    for (uint32_t i = 0; i < store->waiting_count; i++)
        if (key_eq(store->waiting[i].key, key) && ID_EQ(store->waiting[i].op, op))
            return &store->waiting[i];
    return NULL;
}

static void waiter_remove(struct lock_store *store, struct waiter *waiter) {
    struct waiter *end = store->waiting + store->waiting_count;
    memmove(waiter, waiter + 1, (size_t)(end - waiter - 1) * sizeof *waiter);
    store->waiting_count--;
}

/* How many wait for the lock, up to and including that one; NULL: all. */
static int64_t queue_len(const struct lock_store *store, struct key key,
                         const struct waiter *until) {
    int64_t len = 0;
    for (uint32_t i = 0; i < store->waiting_count; i++) {
        len += key_eq(store->waiting[i].key, key);
        if (&store->waiting[i] == until) break;
    }
    return len;
}

static time_ns store_mono(const struct lock_store *store) {
    return world_mono(store->world, world_node(store->world, NODE_LOCK_STORE));
}

/* Who did it, on which lock; token: the one that was granted, used or lost. */
static void record(struct lock_store *store, enum lock_event event, const struct waiter *who,
                   int64_t epoch, int64_t token) {
    const struct lock *lock = lock_find(store, who->key);
    fact_lock(store->world->trace, sim_now(store->world->sim),
              &(struct rec_lock){.engine = who->engine,
                                 .op = who->op,
                                 .scope = who->key.scope,
                                 .name = who->key.name,
                                 .event = event,
                                 .holder = lock ? lock->owner.op : ID_NONE64(op_id),
                                 .token_epoch = epoch,
                                 .token_number = token,
                                 .queue = queue_len(store, who->key, NULL),
                                 .expires_at = lock ? lock->expires_at : 0,
                                 .attempt = who->attempt});
}

/* What the store knows of the lock, told to who. */
static void reply(struct lock_store *store, const struct waiter *who, enum lock_result result,
                  int64_t place) {
    if (who->engine == OPERATORS) return;
    const struct lock *lock = lock_find(store, who->key);
    bool own = lock && ID_EQ(lock->owner.op, who->op);
    struct eng_input input = {.kind = IN_lock_reply};
    input.lock_reply = (struct in_lock_reply){
        .request = who->request,
        .op = who->op,
        .scope = who->key.scope,
        .name = who->key.name,
        .result = result,
        .token_epoch = own ? store->epoch : 0,
        .token_number = own ? lock->token : 0,
        .generation = who->generation,
        .holder = lock ? lock->owner.op : ID_NONE64(op_id),
        .expires_in_ns = lock ? lock->expires_mono - store_mono(store) : 0,
        .place = place,
    };
    network_reply(store->world, NODE_LOCK_STORE, who->engine, &input);
}

static void lease_begin(struct lock_store *store, struct lock *lock, time_ns ttl_ns) {
    struct world *world = store->world;
    uint32_t node = world_node(world, NODE_LOCK_STORE);
    sim_cancel(world->sim, lock->expiry);
    lock->expires_mono = time_add(store_mono(store), ttl_ns > 0 ? ttl_ns : 0);
    lock->expires_at = clock_when(world, node, lock->expires_mono);
    lock->expiry = (struct sim_handle){0, 0};
    if (lock->expires_at != TIME_NEVER)
        lock->expiry = sim_at(world->sim, lock->expires_at, SIM_TIMER, node, store->expire_kind,
                              (uint64_t)lock->token, 0);
}

static void grant(struct lock_store *store, const struct waiter *who) {
    ASSERT(lock_find(store, who->key) == NULL);
    ASSERT(store->held_count < LOCKS_HELD_MAX);
    struct lock *lock = &store->held[store->held_count++];
    *lock = (struct lock){.owner = *who, .token = ++store->token_last};
    lease_begin(store, lock, who->ttl_ns);
    record(store, LOCK_GRANTED, who, store->epoch, lock->token);
    reply(store, who, LOCK_REPLY_GRANTED, 0);
}

/* The lock is free from now; the first that waits for it gets it. */
static void lock_end(struct lock_store *store, struct lock *lock, enum lock_event event) {
    struct waiter former = lock->owner;
    int64_t token = lock->token;
    sim_cancel(store->world->sim, lock->expiry);
    *lock = store->held[--store->held_count];
    record(store, event, &former, store->epoch, token);
    for (uint32_t i = 0; i < store->waiting_count; i++) {
        if (!key_eq(store->waiting[i].key, former.key)) continue;
        struct waiter next = store->waiting[i];
        waiter_remove(store, &store->waiting[i]);
        grant(store, &next);
        return;
    }
}

static void expire(void *context, struct sim *sim, const struct sim_event *event) {
    (void)sim;
    struct lock_store *store = context;
    for (uint32_t i = 0; i < store->held_count; i++) {
        if (store->held[i].token != (int64_t)event->a) continue;
        lock_end(store, &store->held[i], LOCK_EXPIRED);
        return;
    }
    UNREACHABLE(); /* whatever ends or renews a lease cancels its expiry */
}

static struct op_id operator_op(uint32_t fault) {
    return (struct op_id){(uint64_t)OPERATORS << 48 | (fault + 1)};
}

static void wait_for(struct lock_store *store, const struct waiter *who) {
    struct waiter *waiter = waiter_find(store, who->key, who->op);
    const struct waiter *owner = &lock_find(store, who->key)->owner;
    if (owner->engine == OPERATORS) store->kept_waiting[(uint32_t)owner->op.v - 1]++;
    if (!waiter) {
        ASSERT(store->waiting_count < LOCKS_WAITING_MAX);
        waiter = &store->waiting[store->waiting_count++];
        *waiter = *who;
    } else if (waiter->generation < who->generation) {
        *waiter = *who; /* asked anew: keeps its place, is told under the new generation */
    }
    record(store, LOCK_QUEUED, who, 0, 0);
    reply(store, who, LOCK_REPLY_HELD, queue_len(store, who->key, waiter));
}

static void serve_acquire(void *part, uint32_t engine, const struct eng_effect *effect) {
    struct lock_store *store = part;
    const struct eff_lock_acquire *e = &effect->lock_acquire;
    struct waiter who = {.key = {e->scope, e->name},
                         .op = e->op,
                         .engine = engine,
                         .request = e->request,
                         .generation = e->generation,
                         .attempt = e->attempt,
                         .ttl_ns = e->ttl_ns};
    struct lock *lock = lock_find(store, who.key);
    if (!lock) {
        grant(store, &who);
    } else if (ID_EQ(lock->owner.op, who.op)) {
        /* It holds the lock and does not know it, its reply was lost: the same hold again. */
        lock->owner = who;
        lease_begin(store, lock, who.ttl_ns);
        record(store, LOCK_RENEWED, &who, store->epoch, lock->token);
        reply(store, &who, LOCK_REPLY_GRANTED, 0);
    } else {
        wait_for(store, &who);
    }
}

static void refuse(struct lock_store *store, const struct waiter *who, int64_t epoch,
                   int64_t token) {
    record(store, LOCK_REFUSED, who, epoch, token);
    reply(store, who, LOCK_REPLY_NOT_HOLDER, 0);
}

static void serve_renew(void *part, uint32_t engine, const struct eng_effect *effect) {
    struct lock_store *store = part;
    const struct eff_lock_renew *e = &effect->lock_renew;
    struct waiter who = {
        .key = {e->scope, e->name}, .op = e->op, .engine = engine, .request = e->request};
    struct lock *lock = lock_of_token(store, who.key, e->token_epoch, e->token_number);
    if (!lock) {
        refuse(store, &who, e->token_epoch, e->token_number);
        return;
    }
    lease_begin(store, lock, e->ttl_ns);
    record(store, LOCK_RENEWED, &who, store->epoch, lock->token);
    reply(store, &who, LOCK_REPLY_RENEWED, 0);
}

static void serve_release(void *part, uint32_t engine, const struct eng_effect *effect) {
    struct lock_store *store = part;
    const struct eff_lock_release *e = &effect->lock_release;
    struct waiter who = {
        .key = {e->scope, e->name}, .op = e->op, .engine = engine, .request = e->request};
    struct lock *lock = lock_of_token(store, who.key, e->token_epoch, e->token_number);
    if (!lock) {
        refuse(store, &who, e->token_epoch, e->token_number);
        return;
    }
    lock_end(store, lock, LOCK_RELEASED);
    reply(store, &who, LOCK_REPLY_RELEASED, 0);
}

static void serve_leave(void *part, uint32_t engine, const struct eng_effect *effect) {
    struct lock_store *store = part;
    const struct eff_lock_leave *e = &effect->lock_leave;
    struct waiter who = {.key = {e->scope, e->name},
                         .op = e->op,
                         .engine = engine,
                         .request = e->request,
                         .generation = e->generation};
    struct waiter *waiter = waiter_find(store, who.key, who.op);
    if (!waiter || waiter->generation != who.generation) {
        refuse(store, &who, 0, 0);
        return;
    }
    waiter_remove(store, waiter);
    record(store, LOCK_LEFT, &who, 0, 0);
    reply(store, &who, LOCK_REPLY_CANCELLED, 0);
}

static void serve_query(void *part, uint32_t engine, const struct eng_effect *effect) {
    struct lock_store *store = part;
    const struct eff_lock_query *e = &effect->lock_query;
    struct waiter who = {
        .key = {e->scope, e->name}, .op = e->op, .engine = engine, .request = e->request};
    bool held = lock_find(store, who.key) != NULL;
    const struct waiter *waiter = waiter_find(store, who.key, who.op);
    reply(store, &who, held ? LOCK_REPLY_HELD : LOCK_REPLY_FREE,
          waiter ? queue_len(store, who.key, waiter) : 0);
}

void lock_store_seize(struct world *world, uint32_t fault, enum lock_scope scope, int64_t name) {
    struct waiter who = {.key = {scope, name},
                         .op = operator_op(fault),
                         .engine = OPERATORS,
                         .attempt = 1,
                         .ttl_ns = TIME_NEVER};
    if (lock_find(world->locks, who.key))
        wait_for(world->locks, &who);
    else
        grant(world->locks, &who);
}

uint64_t lock_store_give_back(struct world *world, uint32_t fault) {
    struct lock_store *store = world->locks;
    struct op_id op = operator_op(fault);
    for (uint32_t i = 0; i < store->held_count; i++)
        if (ID_EQ(store->held[i].owner.op, op)) {
            lock_end(store, &store->held[i], LOCK_RELEASED);
            return store->kept_waiting[fault];
        }
    for (uint32_t i = 0; i < store->waiting_count; i++)
        if (ID_EQ(store->waiting[i].op, op)) {
            struct waiter left = store->waiting[i];
            waiter_remove(store, &store->waiting[i]);
            record(store, LOCK_LEFT, &left, 0, 0);
            break;
        }
    return store->kept_waiting[fault];
}

void lock_store_open(struct world *world, struct arena *arena) {
    struct lock_store *store = ARENA_NEW(arena, struct lock_store, 1);
    time_ns takes_ns = world->plan->times.lock_store_ns;
    world->locks = store;
    store->world = world;
    store->epoch = 1;
    store->kept_waiting = ARENA_NEW(arena, uint64_t, world->plan->fault_count);
    store->expire_kind = sim_kind(world->sim, expire, store);
    network_serve(world, EFF_lock_acquire, NODE_LOCK_STORE, takes_ns, serve_acquire, store);
    network_serve(world, EFF_lock_renew, NODE_LOCK_STORE, takes_ns, serve_renew, store);
    network_serve(world, EFF_lock_release, NODE_LOCK_STORE, takes_ns, serve_release, store);
    network_serve(world, EFF_lock_leave, NODE_LOCK_STORE, takes_ns, serve_leave, store);
    network_serve(world, EFF_lock_query, NODE_LOCK_STORE, takes_ns, serve_query, store);
}
