/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The lock store: take, renew, give back, all by token and by the store's own clock. Beyond what
 * servers offer, the wait list lives in the store, so that a waiter needs no polling and its place
 * is a fact. What kinds of store do otherwise stands in their own files (store_kind.h).
 *
 * Operators lock by hand, in the name of a fault: as everybody they queue and are granted, but
 * nobody answers them over the network, and their hold has no lease.
 */
#include "sim/world/lock_store.h"
#include "engine/base/check.h"

struct lock_table *store_reached_by(struct lock_store *store, uint32_t engine) {
    return store->former_engine != NONE_ID && engine == store->former_engine ? store->former
                                                                             : store->main;
}

time_ns store_mono(const struct lock_store *store) {
    return world_mono(store->world, world_node(store->world, NODE_LOCK_STORE));
}

/* A replica is as far behind as a fault says: what it would have is kept, as far back as needed. */
void store_writes(struct lock_store *store, struct lock_table *table) {
    if (store->past_size > 0 && table == store->main)
        store->past[store->writes++ % store->past_size] = *table;
    if (store->kind->revisions) table->number_last++;
}

void store_record(struct lock_store *store, struct lock_table *table, enum lock_event event,
                  const struct lock_request *who, int64_t epoch, int64_t number) {
    const struct lock_hold *hold = table_hold(table, who->key);
    fact_lock(store->world->trace, sim_now(store->world->sim),
              &(struct rec_lock){.engine = who->engine,
                                 .op = who->op,
                                 .scope = who->key.scope,
                                 .name = who->key.name,
                                 .event = event,
                                 .holder = hold ? hold->owner.op : ID_NONE64(op_id),
                                 .token_epoch = epoch,
                                 .token_number = number,
                                 .queue = table_queue(table, who->key, NULL),
                                 .expires_at = hold ? hold->expires_at : 0,
                                 .attempt = who->attempt});
}

/* What the store knows of the lock, told to who. */
static void reply(struct lock_store *store, struct lock_table *table,
                  const struct lock_request *who, enum lock_result result, int64_t place) {
    if (who->engine == OPERATORS) return;
    const struct lock_hold *hold = table_hold(table, who->key);
    bool own = hold && ID_EQ(hold->owner.op, who->op);
    struct eng_input input = {.kind = IN_lock_reply};
    input.lock_reply = (struct in_lock_reply){
        .request = who->request,
        .op = who->op,
        .scope = who->key.scope,
        .name = who->key.name,
        .result = result,
        .token_epoch = own ? hold->epoch : 0,
        .token_number = own ? hold->number : 0,
        .generation = who->generation,
        .holder = hold ? hold->owner.op : ID_NONE64(op_id),
        .expires_in_ns = hold ? hold->expires_mono - store_mono(store) : 0,
        .place = place,
    };
    if (lock_fault_answers(store, who->engine, &input.lock_reply))
        network_reply(store->world, NODE_LOCK_STORE, who->engine, &input);
}

/* ---- leases ---- */

struct sim_handle store_timer(struct lock_store *store, const struct lock_table *table,
                              time_ns ends_mono, struct sim_handle former, uint16_t kind,
                              uint64_t name, uint64_t more) {
    struct world *world = store->world;
    uint32_t node = world_node(world, NODE_LOCK_STORE);
    sim_cancel(world->sim, former);
    time_ns at = clock_when(world, node, ends_mono);
    if (at == TIME_NEVER) return (struct sim_handle){0, 0};
    return sim_at(world->sim, at, SIM_TIMER, node, kind, name, more << 1 | (table != store->main));
}

struct lock_table *store_timer_table(struct lock_store *store, const struct sim_event *event) {
    return event->b & 1 ? store->former : store->main;
}

static void arm_expiry(struct lock_store *store, struct lock_table *table, struct lock_hold *hold) {
    hold->expiry = store_timer(store, table, store->kind->noticed(hold->ends_mono), hold->expiry,
                               store->expire_kind, (uint64_t)hold->number, (uint64_t)hold->epoch);
}

void store_timers(struct lock_store *store, struct lock_table *table, bool on) {
    for (uint32_t i = 0; i < table->held_count; i++) {
        struct lock_hold *hold = &table->held[i];
        if (on)
            arm_expiry(store, table, hold);
        else
            sim_cancel(store->world->sim, hold->expiry);
        if (!on) hold->expiry = (struct sim_handle){0, 0};
    }
    for (uint32_t i = 0; i < table->intent_count; i++) {
        struct lock_intent *r = &table->intents[i];
        if (on)
            r->expiry = store_timer(store, table, r->ends_mono, r->expiry, store->intent_kind,
                                    r->intent.op.v, 0);
        else
            sim_cancel(store->world->sim, r->expiry);
        if (!on) r->expiry = (struct sim_handle){0, 0};
    }
}

/* The holder is told when the lease ends; a fault may end it at another time. */
void store_begin_lease(struct lock_store *store, struct lock_table *table, struct lock_hold *hold,
                       time_ns ttl_ns) {
    uint32_t node = world_node(store->world, NODE_LOCK_STORE), engine = hold->owner.engine;
    time_ns ttl = store->kind->lease(ttl_ns > 0 ? ttl_ns : 0);
    hold->expires_mono = time_add(store_mono(store), ttl);
    hold->expires_at = clock_when(store->world, node, hold->expires_mono);
    hold->ends_mono = hold->expires_mono;
    if (ttl != TIME_NEVER)
        hold->ends_mono =
            time_add(hold->ends_mono, lock_fault_span(store, FAULT_LOCK_EXPIRY_LATE, engine) -
                                          lock_fault_span(store, FAULT_LOCK_EXPIRY_EARLY, engine));
    arm_expiry(store, table, hold);
}

/* The fault that an operator's request is. */
static uint32_t operator_fault(const struct lock_request *who) { return (uint32_t)who->op.v - 1; }

static void operator_turn(struct lock_store *store, uint32_t fault, time_ns after) {
    struct sim *sim = store->world->sim;
    sim_cancel(sim, store->faults[fault].turn);
    if (after > 0)
        store->faults[fault].turn = sim_at(sim, time_add(sim_now(sim), after), SIM_FAULT,
                                           world_owner(store->world), store->turn_kind, fault, 0);
}

static void grant(struct lock_store *store, struct lock_table *table,
                  const struct lock_request *who) {
    ASSERT(table_hold(table, who->key) == NULL);
    ASSERT(table->held_count < LOCKS_HELD_MAX);
    struct lock_hold *hold = &table->held[table->held_count++];
    *hold =
        (struct lock_hold){.owner = *who, .epoch = table->epoch, .number = ++table->number_last};
    store_begin_lease(store, table, hold, who->ttl_ns);
    store_record(store, table, LOCK_GRANTED, who, hold->epoch, hold->number);
    reply(store, table, who, LOCK_REPLY_GRANTED, 0);
    if (who->engine == OPERATORS)
        operator_turn(store, operator_fault(who),
                      world_fault(store->world, operator_fault(who))->keeps_ns);
}

void store_end_hold(struct lock_store *store, struct lock_table *table, struct lock_hold *hold,
                    enum lock_event event) {
    struct lock_request former = hold->owner;
    int64_t epoch = hold->epoch, number = hold->number;
    sim_cancel(store->world->sim, hold->expiry);
    *hold = table->held[--table->held_count];
    store_record(store, table, event, &former, epoch, number);
    for (uint32_t i = 0; i < table->waiting_count; i++) {
        if (!lock_key_eq(table->waiting[i].key, former.key)) continue;
        struct lock_request next = table->waiting[i];
        table_drop_waiter(table, &table->waiting[i]);
        grant(store, table, &next);
        return;
    }
}

static void expire(void *context, struct sim *sim, const struct sim_event *event) {
    (void)sim;
    struct lock_store *store = context;
    struct lock_table *table = store_timer_table(store, event);
    struct lock_hold *hold = table_token(table, (int64_t)(event->b >> 1), (int64_t)event->a);
    ASSERT(hold != NULL); /* whatever ends or renews a lease cancels its expiry */
    store_writes(store, table);
    store_end_hold(store, table, hold, LOCK_EXPIRED);
}

/* ---- requests ---- */

static void wait_for(struct lock_store *store, struct lock_table *table,
                     const struct lock_request *who) {
    struct lock_request *waiter = table_waiter(table, who->key, who->op);
    const struct lock_request *owner = &table_hold(table, who->key)->owner;
    if (owner->engine == OPERATORS) store->faults[operator_fault(owner)].acted++;
    if (!waiter) {
        ASSERT(table->waiting_count < LOCKS_WAITING_MAX);
        waiter = &table->waiting[table->waiting_count++];
        *waiter = *who;
    } else if (waiter->generation < who->generation) {
        *waiter = *who; /* asked anew: keeps its place, is told under the new generation */
    }
    store_record(store, table, LOCK_QUEUED, who, 0, 0);
    reply(store, table, who, LOCK_REPLY_HELD, table_queue(table, who->key, waiter));
}

static void serve_acquire(void *part, uint32_t engine, const struct eng_effect *effect) {
    struct lock_store *store = part;
    const struct eff_lock_acquire *e = &effect->lock_acquire;
    if (!lock_fault_hears(store, engine, effect)) return;
    struct lock_table *table = store_reached_by(store, engine);
    struct lock_request who = {.key = {e->scope, e->name},
                               .op = e->op,
                               .engine = engine,
                               .request = e->request,
                               .generation = e->generation,
                               .attempt = e->attempt,
                               .ttl_ns = e->ttl_ns};
    struct lock_hold *hold = table_hold(table, who.key);
    store_writes(store, table);
    if (!hold) {
        grant(store, table, &who);
    } else if (ID_EQ(hold->owner.op, who.op)) {
        /* It holds the lock and does not know it, its reply was lost: the same hold again. */
        hold->owner = who;
        store_begin_lease(store, table, hold, who.ttl_ns);
        store_record(store, table, LOCK_RENEWED, &who, hold->epoch, hold->number);
        reply(store, table, &who, LOCK_REPLY_GRANTED, 0);
    } else {
        wait_for(store, table, &who);
    }
}

static void refuse(struct lock_store *store, struct lock_table *table,
                   const struct lock_request *who, int64_t epoch, int64_t number) {
    store_record(store, table, LOCK_REFUSED, who, epoch, number);
    reply(store, table, who, LOCK_REPLY_NOT_HOLDER, 0);
}

/* The hold that a token names, if it is of that lock. */
static struct lock_hold *held_by_token(struct lock_table *table, const struct lock_request *who,
                                       int64_t epoch, int64_t number) {
    struct lock_hold *hold = table_hold(table, who->key);
    return hold && hold->epoch == epoch && hold->number == number ? hold : NULL;
}

static void serve_renew(void *part, uint32_t engine, const struct eng_effect *effect) {
    struct lock_store *store = part;
    const struct eff_lock_renew *e = &effect->lock_renew;
    if (!lock_fault_hears(store, engine, effect)) return;
    struct lock_table *table = store_reached_by(store, engine);
    struct lock_request who = {
        .key = {e->scope, e->name}, .op = e->op, .engine = engine, .request = e->request};
    struct lock_hold *hold = held_by_token(table, &who, e->token_epoch, e->token_number);
    if (!hold) {
        refuse(store, table, &who, e->token_epoch, e->token_number);
        return;
    }
    store_writes(store, table);
    store_begin_lease(store, table, hold, e->ttl_ns);
    store_record(store, table, LOCK_RENEWED, &who, hold->epoch, hold->number);
    reply(store, table, &who, LOCK_REPLY_RENEWED, 0);
}

static void serve_release(void *part, uint32_t engine, const struct eng_effect *effect) {
    struct lock_store *store = part;
    const struct eff_lock_release *e = &effect->lock_release;
    if (!lock_fault_hears(store, engine, effect)) return;
    struct lock_table *table = store_reached_by(store, engine);
    struct lock_request who = {
        .key = {e->scope, e->name}, .op = e->op, .engine = engine, .request = e->request};
    struct lock_hold *hold = held_by_token(table, &who, e->token_epoch, e->token_number);
    if (!hold) {
        refuse(store, table, &who, e->token_epoch, e->token_number);
        return;
    }
    store_writes(store, table);
    store_end_hold(store, table, hold, LOCK_RELEASED);
    reply(store, table, &who, LOCK_REPLY_RELEASED, 0);
}

static void serve_leave(void *part, uint32_t engine, const struct eng_effect *effect) {
    struct lock_store *store = part;
    const struct eff_lock_leave *e = &effect->lock_leave;
    if (!lock_fault_hears(store, engine, effect)) return;
    struct lock_table *table = store_reached_by(store, engine);
    struct lock_request who = {.key = {e->scope, e->name},
                               .op = e->op,
                               .engine = engine,
                               .request = e->request,
                               .generation = e->generation};
    struct lock_request *waiter = table_waiter(table, who.key, who.op);
    if (!waiter || waiter->generation != who.generation) {
        refuse(store, table, &who, 0, 0);
        return;
    }
    store_writes(store, table);
    table_drop_waiter(table, table_waiter(table, who.key, who.op));
    store_record(store, table, LOCK_LEFT, &who, 0, 0);
    reply(store, table, &who, LOCK_REPLY_CANCELLED, 0);
}

/* An operator's word, told by an engine that knows him: whoever holds it, holds it no longer. */
static void serve_force(void *part, uint32_t engine, const struct eng_effect *effect) {
    struct lock_store *store = part;
    const struct eff_lock_force *e = &effect->lock_force;
    if (!lock_fault_hears(store, engine, effect)) return;
    struct lock_table *table = store_reached_by(store, engine);
    struct lock_request who = {.key = {e->scope, e->name}, .engine = engine, .request = e->request};
    struct lock_hold *hold = table_hold(table, who.key);
    if (hold) {
        store_writes(store, table);
        store_end_hold(store, table, hold, LOCK_FORCED);
    }
    reply(store, table, &who, hold ? LOCK_REPLY_RELEASED : LOCK_REPLY_FREE, 0);
}

static void serve_query(void *part, uint32_t engine, const struct eng_effect *effect) {
    struct lock_store *store = part;
    const struct eff_lock_query *e = &effect->lock_query;
    if (!lock_fault_hears(store, engine, effect)) return;
    struct lock_table *table = store_reached_by(store, engine);
    struct lock_request who = {
        .key = {e->scope, e->name}, .op = e->op, .engine = engine, .request = e->request};
    bool held = table_hold(table, who.key) != NULL;
    const struct lock_request *waiter = table_waiter(table, who.key, who.op);
    reply(store, table, &who, held ? LOCK_REPLY_HELD : LOCK_REPLY_FREE,
          waiter ? table_queue(table, who.key, waiter) : 0);
}

/* ---- operators and processes ---- */

static struct op_id operator_op(uint32_t fault) {
    return (struct op_id){(uint64_t)OPERATORS << 48 | (fault + 1)};
}

void lock_store_seize(struct world *world, uint32_t fault, enum lock_scope scope, int64_t name) {
    struct lock_store *store = world->locks;
    struct lock_request who = {.key = {scope, name},
                               .op = operator_op(fault),
                               .engine = OPERATORS,
                               .attempt = 1,
                               .ttl_ns = TIME_NEVER};
    const struct plan_fault *f = world_fault(world, fault);
    store_writes(store, store->main);
    store->faults[fault].acted += f->keeps_ns > 0; /* its own use is what it is for */
    if (table_hold(store->main, who.key)) {
        wait_for(store, store->main, &who);
        operator_turn(store, fault, f->waits_ns);
    } else
        grant(store, store->main, &who);
}

static void on_turn(void *context, struct sim *sim, const struct sim_event *event) {
    (void)sim;
    fault_over(((struct lock_store *)context)->world, (uint32_t)event->a);
}

uint64_t lock_store_give_back(struct world *world, uint32_t fault) {
    struct lock_store *store = world->locks;
    struct lock_table *table = store->main;
    struct op_id op = operator_op(fault);
    sim_cancel(world->sim, store->faults[fault].turn);
    for (uint32_t i = 0; i < table->waiting_count;) /* first: what is freed goes to others */
        if (ID_EQ(table->waiting[i].op, op)) {
            struct lock_request left = table->waiting[i];
            table_drop_waiter(table, &table->waiting[i]);
            store_record(store, table, LOCK_LEFT, &left, 0, 0);
        } else
            i++;
    for (uint32_t i = 0; i < table->held_count;)
        if (ID_EQ(table->held[i].owner.op, op)) {
            store_end_hold(store, table, &table->held[i], LOCK_RELEASED);
            i = 0; /* a waiter may have got it at once: the table moved */
        } else
            i++;
    return store->faults[fault].acted;
}

void lock_store_process_ended(struct world *world, uint32_t engine) {
    struct lock_store *store = world->locks;
    struct lock_table *table = store->main;
    if (!store->kind->dies_with_holder) return;
    for (uint32_t i = table->waiting_count; i > 0; i--)
        if (table->waiting[i - 1].engine == engine)
            table_drop_waiter(table, &table->waiting[i - 1]);
    for (uint32_t i = 0; i < table->held_count;)
        if (table->held[i].owner.engine == engine)
            store_end_hold(store, table, &table->held[i], LOCK_RELEASED);
        else
            i++;
}

static const struct store_kind *const kinds[] = {
    [BACKEND_REDIS] = &store_redis,
    [BACKEND_ETCD] = &store_etcd,
    [BACKEND_FILE] = &store_file,
};

void lock_store_open(struct world *world, struct arena *arena) {
    struct lock_store *store = ARENA_NEW(arena, struct lock_store, 1);
    time_ns takes_ns = world->plan->times.lock_store_ns;
    world->locks = store;
    store->world = world;
    store->kind = kinds[world->plan->lock_backend];
    store->main = ARENA_NEW(arena, struct lock_table, 1);
    store->main->epoch = 1;
    store->former_engine = NONE_ID;
    store->expire_kind = sim_kind(world->sim, expire, store);
    store->turn_kind = sim_kind(world->sim, on_turn, store);
    lock_faults_open(store, arena);
    registry_open(world);
    network_serve(world, EFF_lock_acquire, NODE_LOCK_STORE, takes_ns, serve_acquire, store);
    network_serve(world, EFF_lock_renew, NODE_LOCK_STORE, takes_ns, serve_renew, store);
    network_serve(world, EFF_lock_release, NODE_LOCK_STORE, takes_ns, serve_release, store);
    network_serve(world, EFF_lock_leave, NODE_LOCK_STORE, takes_ns, serve_leave, store);
    network_serve(world, EFF_lock_force, NODE_LOCK_STORE, takes_ns, serve_force, store);
    network_serve(world, EFF_lock_query, NODE_LOCK_STORE, takes_ns, serve_query, store);
}
