/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The operation registry, on the lock store's node. It numbers intents in the order in which they
 * arrive; all engines read the same numbers, and of two that conflict the lower one goes on. More
 * intents than a snapshot can carry are refused (number 0): an intent that others do not see would
 * be worse than none.
 */
#include "sim/world/lock_store.h"
#include "engine/base/check.h"

static void record(struct lock_store *store, enum registry_event event,
                   const struct lock_intent *r) {
    fact_registry(store->world->trace, sim_now(store->world->sim),
                  &(struct rec_registry){.engine = r->engine,
                                         .op = r->intent.op,
                                         .event = event,
                                         .number = r->intent.number,
                                         .kind = r->intent.kind,
                                         .service = r->intent.service,
                                         .incident = r->intent.incident});
}

static void intent_end(struct lock_store *store, struct lock_table *table, struct lock_intent *r,
                       enum registry_event event) {
    record(store, event, r);
    sim_cancel(store->world->sim, r->expiry);
    table_drop_intent(table, r);
}

void registry_record_difference(struct lock_store *store, struct lock_table *before,
                                struct lock_table *after, uint32_t engine) {
    for (uint32_t i = 0; i < before->intent_count; i++)
        if (!table_intent(after, before->intents[i].intent.op))
            record(store, REGISTRY_FORGOTTEN, &before->intents[i]);
    for (uint32_t i = 0; i < after->intent_count; i++) {
        const struct lock_intent *r = &after->intents[i];
        bool may = engine == NONE_ID || r->engine == engine;
        if (may && !table_intent(before, r->intent.op)) record(store, REGISTRY_RETURNED, r);
    }
}

static void expire(void *context, struct sim *sim, const struct sim_event *event) {
    (void)sim;
    struct lock_store *store = context;
    struct lock_table *table = store_timer_table(store, event);
    struct lock_intent *r = table_intent(table, (struct op_id){event->a});
    ASSERT(r != NULL);
    store_writes(store, table);
    intent_end(store, table, r, REGISTRY_EXPIRED);
}

/* A replica that lags does not show what was stated only just now, but to whoever stated it. */
static uint32_t snapshot_intents(struct lock_store *store, const struct lock_table *table,
                                 uint32_t engine, struct op_id op, struct intent *list) {
    uint32_t count = 0;
    time_ns now = store_mono(store), lag = 0;
    for (uint32_t i = 0; i < table->intent_count; i++) {
        const struct lock_intent *r = &table->intents[i];
        bool others = !ID_EQ(r->intent.op, op);
        if (others && lag == 0) lag = lock_fault_lag(store);
        if (others && now - r->since_mono < lag) {
            lock_fault_span(store, FAULT_LOCK_STALE_READ, engine);
            continue;
        }
        list[count] = r->intent;
        list[count++].age_ns = now - r->since_mono;
    }
    return count;
}

static void reply(struct lock_store *store, struct lock_table *table, uint32_t engine,
                  int64_t request, struct op_id op) {
    struct eng_input input = {.kind = IN_registry_snapshot};
    struct in_registry_snapshot *snapshot = &input.registry_snapshot;
    const struct lock_intent *own = table_intent(table, op);
    snapshot->request = request;
    snapshot->op = op;
    snapshot->number = own ? own->intent.number : 0;
    snapshot->intents.count = snapshot_intents(store, table, engine, op, snapshot->intents.list);
    network_reply(store->world, NODE_LOCK_STORE, engine, &input);
}

static struct lock_intent *intent_new(struct lock_store *store, struct lock_table *table,
                                      uint32_t engine, struct op_id op) {
    if (table->intent_count == INTENTS_MAX) return NULL;
    struct lock_intent *r = &table->intents[table->intent_count++];
    *r = (struct lock_intent){.engine = engine, .since_mono = store_mono(store)};
    r->intent.number = ++table->intent_last;
    r->intent.op = op;
    return r;
}

static void serve_register(void *part, uint32_t engine, const struct eng_effect *effect) {
    struct lock_store *store = part;
    const struct eff_registry_register *e = &effect->registry_register;
    if (!lock_fault_hears(store, engine, effect)) return;
    struct lock_table *table = store_reached_by(store, engine);
    store_writes(store, table);
    struct lock_intent *known = table_intent(table, e->op);
    struct lock_intent *r = known ? known : intent_new(store, table, engine, e->op);
    if (r) {
        r->intent.kind = e->kind;
        r->intent.service = e->service;
        r->intent.incident = e->incident;
        r->ends_mono = time_add(store_mono(store), e->ttl_ns > 0 ? e->ttl_ns : 0);
        r->expiry = store_timer(store, table, r->ends_mono, r->expiry, store->intent_kind,
                                r->intent.op.v, 0);
        if (!known) record(store, REGISTRY_REGISTERED, r);
    }
    reply(store, table, engine, e->request, e->op);
}

static void serve_read(void *part, uint32_t engine, const struct eng_effect *effect) {
    struct lock_store *store = part;
    if (!lock_fault_hears(store, engine, effect)) return;
    reply(store, store_reached_by(store, engine), engine, effect->registry_read.request,
          effect->registry_read.op);
}

static void serve_remove(void *part, uint32_t engine, const struct eng_effect *effect) {
    struct lock_store *store = part;
    const struct eff_registry_remove *e = &effect->registry_remove;
    if (!lock_fault_hears(store, engine, effect)) return;
    struct lock_table *table = store_reached_by(store, engine);
    store_writes(store, table);
    struct lock_intent *r = table_intent(table, e->op);
    if (r) intent_end(store, table, r, REGISTRY_REMOVED);
    reply(store, table, engine, e->request, e->op);
}

void registry_open(struct world *world) {
    struct lock_store *store = world->locks;
    time_ns takes_ns = world->plan->times.lock_store_ns;
    store->intent_kind = sim_kind(world->sim, expire, store);
    network_serve(world, EFF_registry_register, NODE_LOCK_STORE, takes_ns, serve_register, store);
    network_serve(world, EFF_registry_read, NODE_LOCK_STORE, takes_ns, serve_read, store);
    network_serve(world, EFF_registry_remove, NODE_LOCK_STORE, takes_ns, serve_remove, store);
}
