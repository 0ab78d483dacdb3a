/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The operation registry, on the lock store's node. It numbers intents in the order in which they
 * arrive; all engines read the same numbers, and of two that conflict the lower one goes on. More
 * intents than a snapshot can carry are refused (number 0): an intent that others do not see would
 * be worse than none.
 */
#include "sim/world/internal.h"
#include "engine/base/check.h"

enum registry_event { REGISTRY_REGISTERED, REGISTRY_REMOVED, REGISTRY_EXPIRED };

struct registered {
    struct intent intent; /* age_ns is filled in when it is read */
    uint32_t engine;
    time_ns since_mono;
    struct sim_handle expiry;
};

struct registry {
    struct world *world;
    struct registered list[INTENTS_MAX]; /* in order of number */
    uint32_t count;
    int64_t number_last;
    uint16_t expire_kind;
};

static time_ns registry_mono(const struct registry *registry) {
    return world_mono(registry->world, world_node(registry->world, NODE_LOCK_STORE));
}

static struct registered *intent_find(struct registry *registry, struct op_id op) {
    for (uint32_t i = 0; i < registry->count; i++)
        if (ID_EQ(registry->list[i].intent.op, op)) return &registry->list[i];
    return NULL;
}

static void record(struct registry *registry, enum registry_event event,
                   const struct registered *r) {
    fact_registry(registry->world->trace, sim_now(registry->world->sim),
                  &(struct rec_registry){.engine = r->engine,
                                         .op = r->intent.op,
                                         .event = event,
                                         .number = r->intent.number,
                                         .kind = r->intent.kind,
                                         .service = r->intent.service,
                                         .incident = r->intent.incident});
}

static void intent_end(struct registry *registry, struct registered *r, enum registry_event event) {
    record(registry, event, r);
    sim_cancel(registry->world->sim, r->expiry);
    struct registered *end = registry->list + registry->count;
    memmove(r, r + 1, (size_t)(end - r - 1) * sizeof *r);
    registry->count--;
}

static void expire(void *context, struct sim *sim, const struct sim_event *event) {
    (void)sim;
    struct registry *registry = context;
    struct registered *r = intent_find(registry, (struct op_id){event->a});
    ASSERT(r != NULL);
    intent_end(registry, r, REGISTRY_EXPIRED);
}

static void keep_alive(struct registry *registry, struct registered *r, time_ns ttl_ns) {
    struct world *world = registry->world;
    uint32_t node = world_node(world, NODE_LOCK_STORE);
    time_ns ends_mono = time_add(registry_mono(registry), ttl_ns > 0 ? ttl_ns : 0);
    time_ns ends_at = clock_when(world, node, ends_mono);
    sim_cancel(world->sim, r->expiry);
    r->expiry = (struct sim_handle){0, 0};
    if (ends_at != TIME_NEVER)
        r->expiry =
            sim_at(world->sim, ends_at, SIM_TIMER, node, registry->expire_kind, r->intent.op.v, 0);
}

static void reply(struct registry *registry, uint32_t engine, int64_t request, struct op_id op) {
    struct eng_input input = {.kind = IN_registry_snapshot};
    struct in_registry_snapshot *snapshot = &input.registry_snapshot;
    const struct registered *own = intent_find(registry, op);
    snapshot->request = request;
    snapshot->op = op;
    snapshot->number = own ? own->intent.number : 0;
    snapshot->intents.count = registry->count;
    for (uint32_t i = 0; i < registry->count; i++) {
        snapshot->intents.list[i] = registry->list[i].intent;
        snapshot->intents.list[i].age_ns = registry_mono(registry) - registry->list[i].since_mono;
    }
    network_reply(registry->world, NODE_LOCK_STORE, engine, &input);
}

static struct registered *intent_new(struct registry *registry, uint32_t engine, struct op_id op) {
    if (registry->count == INTENTS_MAX) return NULL;
    struct registered *r = &registry->list[registry->count++];
    *r = (struct registered){.engine = engine, .since_mono = registry_mono(registry)};
    r->intent.number = ++registry->number_last;
    r->intent.op = op;
    return r;
}

static void serve_register(void *part, uint32_t engine, const struct eng_effect *effect) {
    struct registry *registry = part;
    const struct eff_registry_register *e = &effect->registry_register;
    struct registered *known = intent_find(registry, e->op);
    struct registered *r = known ? known : intent_new(registry, engine, e->op);
    if (r) {
        r->intent.kind = e->kind;
        r->intent.service = e->service;
        r->intent.incident = e->incident;
        keep_alive(registry, r, e->ttl_ns);
        if (!known) record(registry, REGISTRY_REGISTERED, r);
    }
    reply(registry, engine, e->request, e->op);
}

static void serve_read(void *part, uint32_t engine, const struct eng_effect *effect) {
    reply(part, engine, effect->registry_read.request, effect->registry_read.op);
}

static void serve_remove(void *part, uint32_t engine, const struct eng_effect *effect) {
    struct registry *registry = part;
    const struct eff_registry_remove *e = &effect->registry_remove;
    struct registered *r = intent_find(registry, e->op);
    if (r) intent_end(registry, r, REGISTRY_REMOVED);
    reply(registry, engine, e->request, e->op);
}

void registry_open(struct world *world, struct arena *arena) {
    struct registry *registry = ARENA_NEW(arena, struct registry, 1);
    time_ns takes_ns = world->plan->times.lock_store_ns;
    registry->world = world;
    registry->expire_kind = sim_kind(world->sim, expire, registry);
    network_serve(world, EFF_registry_register, NODE_LOCK_STORE, takes_ns, serve_register,
                  registry);
    network_serve(world, EFF_registry_read, NODE_LOCK_STORE, takes_ns, serve_read, registry);
    network_serve(world, EFF_registry_remove, NODE_LOCK_STORE, takes_ns, serve_remove, registry);
}
