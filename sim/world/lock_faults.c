/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What can go wrong with a lock store, as pairs of verbs for the fault table. Each says in the
 * trace what it did, at whom (record "fault_acted"), and counts it.
 */
#include "engine/base/check.h"
#include "sim/world/lock_store.h"

static void acted(struct lock_store *store, uint32_t fault, const char *what, uint32_t engine,
                  int64_t amount) {
    store->faults[fault].acted++;
    fact_fault_acted(
        store->world->trace, sim_now(store->world->sim),
        &(struct rec_fault_acted){
            .fault = fault, .what = REC_STR(what), .engine = engine, .amount = amount});
}

/* The first fault of a kind that is on; NONE_ID: none. */
static uint32_t fault_of_kind(const struct lock_store *store, enum fault_kind kind, uint32_t from) {
    const struct plan *plan = store->world->plan;
    for (uint32_t f = from; f < plan->fault_count; f++)
        if (plan->faults[f].kind == kind && fault_is_on(store->world, f)) return f;
    return NONE_ID;
}

time_ns lock_fault_span(struct lock_store *store, enum fault_kind kind, uint32_t engine) {
    time_ns sum = 0;
    for (uint32_t f = fault_of_kind(store, kind, 0); f != NONE_ID;
         f = fault_of_kind(store, kind, f + 1)) {
        int64_t value = store->world->plan->faults[f].value;
        acted(store, f, fault_entry(kind)->name, engine, value);
        sum = time_add(sum, value);
    }
    return sum;
}

time_ns lock_fault_lag(const struct lock_store *store) {
    uint32_t f = fault_of_kind(store, FAULT_LOCK_STALE_READ, 0);
    return f == NONE_ID ? 0 : store->world->plan->faults[f].value;
}

/* One of the next n messages of a kind: it is lost, and counted. */
static bool takes_one(struct lock_store *store, enum fault_kind kind, uint32_t engine) {
    uint32_t f = fault_of_kind(store, kind, 0);
    while (f != NONE_ID && store->faults[f].left == 0) f = fault_of_kind(store, kind, f + 1);
    if (f == NONE_ID) return false;
    store->faults[f].left--;
    acted(store, f, fault_entry(kind)->name, engine, store->faults[f].left);
    return true;
}

bool lock_fault_hears(struct lock_store *store, uint32_t engine, const struct eng_effect *effect) {
    bool reads = effect->kind == EFF_lock_query || effect->kind == EFF_registry_read;
    uint32_t quorum = reads ? NONE_ID : fault_of_kind(store, FAULT_LOCK_QUORUM_LOST, 0);
    bool renews = effect->kind == EFF_lock_renew;
    if (quorum != NONE_ID) acted(store, quorum, "no quorum", engine, 0);
    if (quorum == NONE_ID && store->elections == 0 &&
        !(renews && takes_one(store, FAULT_LOCK_RENEWAL_LOST, engine)))
        return true;
    network_dropped(store->world, engine, world_node(store->world, NODE_LOCK_STORE),
                    effect_name(effect->kind));
    return false;
}

bool lock_fault_answers(struct lock_store *store, uint32_t engine, const struct in_lock_reply *in) {
    bool lost = in->result == LOCK_REPLY_RENEWED
                    ? takes_one(store, FAULT_LOCK_RENEWAL_REPLY_LOST, engine)
                : in->result == LOCK_REPLY_GRANTED ? takes_one(store, FAULT_LOCK_GRANT_LOST, engine)
                                                   : false;
    if (lost)
        network_dropped(store->world, world_node(store->world, NODE_LOCK_STORE), engine,
                        input_name(IN_lock_reply));
    return !lost;
}

/* ---- the next n messages ---- */

void lock_fault_lose(struct world *world, uint32_t fault) {
    world->locks->faults[fault].left = world->plan->faults[fault].value;
}
void lock_fault_bend(struct world *world, uint32_t fault) {
    (void)world; /* looked at where it acts */
    (void)fault;
}
uint64_t lock_fault_heal(struct world *world, uint32_t fault) {
    return world->locks->faults[fault].acted;
}

/* ---- a successor ---- */

/* What one authority knew and the next does not, and the other way round. */
static void record_difference(struct lock_store *store, struct lock_table *before,
                              struct lock_table *after) {
    for (uint32_t i = 0; i < before->held_count; i++) {
        const struct lock_hold *h = &before->held[i];
        if (!table_token(after, h->epoch, h->number))
            store_record(store, after, LOCK_FORGOTTEN, &h->owner, h->epoch, h->number);
    }
    for (uint32_t i = 0; i < after->held_count; i++) {
        const struct lock_hold *h = &after->held[i];
        if (!table_token(before, h->epoch, h->number))
            store_record(store, after, LOCK_RETURNED, &h->owner, h->epoch, h->number);
    }
    registry_record_difference(store, before, after, NONE_ID);
}

/* The authority as it was before the last writes, as many as a fault says. */
static const struct lock_table *behind(const struct lock_store *store, int64_t writes) {
    uint64_t back = (uint64_t)writes < store->writes ? (uint64_t)writes : store->writes;
    if (back > store->past_size) back = store->past_size;
    return back == 0 ? store->main : &store->past[(store->writes - back) % store->past_size];
}

static void succeed(struct lock_store *store, uint32_t fault) {
    struct lock_table *main = store->main, *before = store->before;
    int64_t epoch = main->epoch + 1;
    acted(store, fault, "a successor serves", NONE_ID, world_fault(store->world, fault)->value);
    store_timers(store, main, false);
    *before = *main;
    *main = *behind(store, world_fault(store->world, fault)->value);
    store_timers(store, main, false); /* of a copy: they were never its own */
    main->epoch = epoch;
    record_difference(store, before, main);
}

/* A new leader cannot know how much of a lease is left. */
static void prolong(struct lock_store *store, uint32_t fault) {
    struct lock_table *main = store->main;
    acted(store, fault, "a new leader prolongs every lease", NONE_ID, main->held_count);
    for (uint32_t i = 0; i < main->held_count; i++) {
        struct lock_hold *h = &main->held[i];
        store_begin_lease(store, main, h, h->owner.ttl_ns);
        store_record(store, main, LOCK_RENEWED, &h->owner, h->epoch, h->number);
    }
}

static void elected(struct lock_store *store, uint32_t fault) {
    store->faults[fault].elected = true;
    store->elections--;
    if (store->kind->forgets) succeed(store, fault);
    if (store->kind->prolongs) prolong(store, fault);
    store_timers(store, store->main, true);
}

static void on_elected(void *context, struct sim *sim, const struct sim_event *event) {
    (void)sim;
    elected(context, (uint32_t)event->a);
}

void lock_fault_failover(struct world *world, uint32_t fault) {
    struct lock_store *store = world->locks;
    time_ns at = time_add(sim_now(world->sim), store->kind->election_ns);
    ASSERT(at != TIME_NEVER);
    store->elections++;
    store_timers(store, store->main, false); /* nobody is there to end a lease */
    store->faults[fault].elected = false;
    store->faults[fault].election =
        sim_at(world->sim, at, SIM_FAULT, world_owner(world), store->elected_kind, fault, 0);
}
uint64_t lock_fault_failed_over(struct world *world, uint32_t fault) {
    struct lock_store *store = world->locks;
    if (!store->faults[fault].elected) {
        sim_cancel(world->sim, store->faults[fault].election);
        elected(store, fault);
    }
    return store->faults[fault].acted;
}

/* ---- two primaries ---- */

void lock_fault_split(struct world *world, uint32_t fault) {
    struct lock_store *store = world->locks;
    if (store->former_engine != NONE_ID) return; /* split already: it does not act */
    store->split_by = fault;
    *store->former = *store->main;
    store_timers(store, store->main, false);
    store_timers(store, store->former, false);
    store->former_engine = world_fault(world, fault)->from;
    store->main->epoch++;
    store_timers(store, store->main, true);
    store_timers(store, store->former, true);
    acted(store, fault, "a second primary serves", store->former_engine, store->main->epoch);
}
/* The former primary learns that it is one, and drops what it wrote since. */
uint64_t lock_fault_joined(struct world *world, uint32_t fault) {
    struct lock_store *store = world->locks;
    if (store->former_engine == NONE_ID || store->split_by != fault)
        return store->faults[fault].acted;
    store_timers(store, store->former, false);
    registry_record_difference(store, store->former, store->main, store->former_engine);
    store->former_engine = NONE_ID;
    for (uint32_t i = 0; i < store->former->held_count; i++) {
        const struct lock_hold *h = &store->former->held[i];
        if (table_token(store->main, h->epoch, h->number)) continue;
        store_record(store, store->former, LOCK_FORGOTTEN, &h->owner, h->epoch, h->number);
        acted(store, fault, "a lock of the former primary is gone", h->owner.engine, h->number);
    }
    return store->faults[fault].acted;
}

/* ---- strangers ---- */

void lock_fault_regress(struct world *world, uint32_t fault) {
    struct lock_store *store = world->locks;
    int64_t back = world_fault(world, fault)->value, last = store->main->number_last;
    store->main->number_last = back < last ? last - back : 0;
    acted(store, fault, "the counter of tokens goes back", NONE_ID,
          last - store->main->number_last);
}

void lock_fault_delete(struct world *world, uint32_t fault) {
    struct lock_store *store = world->locks;
    struct lock_key key = {SCOPE_SERVICE, world_fault(world, fault)->service.v};
    struct lock_hold *hold = table_hold(store->main, key);
    if (!hold) return; /* nothing to delete: it did not act */
    acted(store, fault, "deleted by a stranger", hold->owner.engine, hold->number);
    store_writes(store, store->main);
    store_end_hold(store, store->main, hold, LOCK_FORCED);
}

/* ---- */

void lock_store_clock_bent(struct world *world) {
    struct lock_store *store = world->locks;
    if (!store || store->elections > 0) return;
    store_timers(store, store->main, true);
    if (store->former_engine != NONE_ID) store_timers(store, store->former, true);
}

void lock_faults_open(struct lock_store *store, struct arena *arena) {
    const struct plan *plan = store->world->plan;
    store->faults = ARENA_NEW(arena, struct lock_fault_state, plan->fault_count);
    store->elected_kind = sim_kind(store->world->sim, on_elected, store);
    bool succeeded = false;
    for (uint32_t f = 0; f < plan->fault_count; f++) {
        const struct plan_fault *fault = &plan->faults[f];
        succeeded |= fault->kind == FAULT_LOCK_FAILOVER || fault->kind == FAULT_LOCK_SPLIT_BRAIN;
        if (fault->kind != FAULT_LOCK_FAILOVER) continue;
        ASSERT(fault->value <= LOST_WRITES_MAX);
        if (fault->value > store->past_size) store->past_size = (uint32_t)fault->value;
    }
    if (succeeded) {
        store->former = ARENA_NEW(arena, struct lock_table, 1);
        store->before = ARENA_NEW(arena, struct lock_table, 1);
    }
    if (store->past_size > 0) store->past = ARENA_NEW(arena, struct lock_table, store->past_size);
}
