/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The log store for audit: one chain per engine. It appends an entry only if it follows the head,
 * by hash and by number, so that two writers cannot fork a chain; the very entry that it has, sent
 * again, is acknowledged again. It does not look inside: whether the hash covers the body is for
 * the reader to verify. The newest entries can be read back. Signed checkpoints are kept apart:
 * who tampers with a chain does not reach them.
 */
#include "sim/world/internal.h"
#include "engine/base/check.h"

struct entry {
    struct hash previous, hash;
    struct blob body;
};

struct chain {
    int64_t sequence; /* of the head, 0: empty */
    struct hash head;
    struct entry *entries;         /* entry n at n % LOG_STORE_ENTRIES_MAX */
    struct in_checkpoint verified; /* the newest checkpoint; sequence 0: none */
    bool refuses;
};

struct tampering { /* of a fault */
    int64_t sequence;
    uint64_t showed;
    bool on;
};

struct log_store {
    struct world *world;
    struct chain *chains;         /* per engine */
    struct tampering *tamperings; /* per fault of the plan */
};

static bool hash_eq(const struct hash *a, const struct hash *b) {
    return memcmp(a->b, b->b, sizeof a->b) == 0;
}

static struct entry *entry_at(const struct chain *chain, int64_t sequence) {
    return &chain->entries[sequence % LOG_STORE_ENTRIES_MAX];
}

static bool kept(const struct chain *chain, int64_t sequence) {
    return sequence >= 1 && sequence <= chain->sequence &&
           sequence > chain->sequence - LOG_STORE_ENTRIES_MAX;
}

static void append(struct chain *chain, const struct eff_audit_append *e) {
    chain->sequence = e->sequence;
    chain->head = e->hash;
    *entry_at(chain, e->sequence) = (struct entry){e->previous, e->hash, e->body};
}

/* ---- what engines ask ---- */

static void record_stored(struct world *world, uint32_t engine, const struct eff_audit_append *e,
                          enum audit_result result) {
    fact_audit_stored(world->trace, sim_now(world->sim),
                      &(struct rec_audit_stored){.engine = engine,
                                                 .sequence = e->sequence,
                                                 .category = e->category,
                                                 .result = result,
                                                 .op = e->op,
                                                 .incident = e->incident,
                                                 .service = e->service,
                                                 .previous = e->previous,
                                                 .hash = e->hash,
                                                 .body = {e->body.b, e->body.len}});
}

static void showed(struct log_store *store, uint32_t engine, enum fault_kind kind,
                   int64_t sequence) {
    const struct plan *plan = store->world->plan;
    for (uint32_t f = 0; f < plan->fault_count; f++) {
        struct tampering *t = &store->tamperings[f];
        if (t->on && plan->faults[f].kind == kind && plan->faults[f].from == engine &&
            (sequence == 0 || t->sequence == sequence))
            t->showed++;
    }
}

static bool has_already(const struct chain *chain, const struct eff_audit_append *e) {
    return kept(chain, e->sequence) && hash_eq(&entry_at(chain, e->sequence)->hash, &e->hash);
}

static void serve_append(void *part, uint32_t engine, const struct eng_effect *effect) {
    struct log_store *store = part;
    const struct eff_audit_append *e = &effect->audit_append;
    struct chain *chain = &store->chains[engine];
    bool again = has_already(chain, e);
    bool follows = e->sequence == chain->sequence + 1 && hash_eq(&e->previous, &chain->head);
    enum audit_result result = chain->refuses     ? AUDIT_REPLY_UNAVAILABLE
                               : follows || again ? AUDIT_REPLY_OK
                                                  : AUDIT_REPLY_HEAD_MISMATCH;
    if (result == AUDIT_REPLY_UNAVAILABLE) showed(store, engine, FAULT_AUDIT_UNWRITABLE, 0);
    if (result == AUDIT_REPLY_HEAD_MISMATCH) showed(store, engine, FAULT_AUDIT_FOREIGN, 0);
    if (result == AUDIT_REPLY_OK && !again) append(chain, e);
    if (!again) record_stored(store->world, engine, e, result);
    if (result == AUDIT_REPLY_OK)
        process_entry_stored(store->world, engine, (enum category)e->category);
    struct eng_input input = {.kind = IN_audit_ack};
    input.audit_ack =
        (struct in_audit_ack){.sequence = e->sequence, .result = result, .head = chain->head};
    network_reply(store->world, NODE_LOG_STORE, engine, &input);
}

static void serve_read(void *part, uint32_t engine, const struct eng_effect *effect) {
    struct log_store *store = part;
    const struct eff_audit_read *e = &effect->audit_read;
    const struct chain *chain = &store->chains[engine];
    struct eng_input input = {.kind = IN_audit_record};
    struct in_audit_record *in = &input.audit_record;
    in->request = e->request;
    in->sequence = e->sequence;
    if (kept(chain, e->sequence)) {
        const struct entry *entry = entry_at(chain, e->sequence);
        in->result = AUDIT_REPLY_OK;
        in->previous = entry->previous;
        in->hash = entry->hash;
        in->body = entry->body;
        showed(store, engine, FAULT_AUDIT_ALTERED, e->sequence);
    } else if (e->sequence >= 1 && e->sequence <= chain->sequence) {
        in->result = AUDIT_REPLY_UNAVAILABLE;
        in->sequence = chain->sequence - LOG_STORE_ENTRIES_MAX + 1;
    } else
        in->result = AUDIT_REPLY_END;
    network_reply(store->world, NODE_LOG_STORE, engine, &input);
}

static void put_by(struct log_store *store, uint32_t engine, const struct eff_checkpoint *e) {
    store->chains[engine].verified =
        (struct in_checkpoint){.sequence = e->sequence, .head = e->head, .signature = e->signature};
    fact_checkpoint_stored(store->world->trace, sim_now(store->world->sim),
                           &(struct rec_checkpoint_stored){
                               engine, e->sequence, e->head, {e->signature.b, e->signature.len}});
}

static void serve_checkpoint(void *part, uint32_t engine, const struct eng_effect *effect) {
    put_by(part, engine, &effect->checkpoint);
}

void log_store_head(const struct world *world, uint32_t engine, int64_t *sequence,
                    struct hash *head) {
    *sequence = world->logs->chains[engine].sequence;
    *head = world->logs->chains[engine].head;
}

bool log_store_checkpoint(const struct world *world, uint32_t engine, struct in_checkpoint *out) {
    *out = world->logs->chains[engine].verified;
    return out->sequence > 0;
}

/* ---- faults ---- */

static void record_tampered(const struct log_store *store, uint32_t engine, int64_t sequence,
                            enum audit_tampering how) {
    static const struct entry gone;
    const struct chain *chain = &store->chains[engine];
    const struct entry *entry = how == AUDIT_GONE ? &gone : entry_at(chain, sequence);
    fact_audit_tampered(
        store->world->trace, sim_now(store->world->sim),
        &(struct rec_audit_tampered){
            engine, sequence, how, entry->previous, entry->hash, {entry->body.b, entry->body.len}});
}

static struct tampering *tampering_of(struct world *world, uint32_t fault) {
    return &world->logs->tamperings[fault];
}
static struct chain *chain_of(struct world *world, uint32_t fault) {
    return &world->logs->chains[world->plan->faults[fault].from];
}

/* In its middle, where no reader would stumble over it but by the hash. */
static void flip(struct world *world, uint32_t fault) {
    struct chain *chain = chain_of(world, fault);
    int64_t sequence = tampering_of(world, fault)->sequence;
    if (!kept(chain, sequence)) return;
    struct blob *body = &entry_at(chain, sequence)->body;
    body->b[body->len / 2] ^= 1;
    record_tampered(world->logs, world->plan->faults[fault].from, sequence, AUDIT_REPLACED);
}

void log_store_alter(struct world *world, uint32_t fault) {
    *tampering_of(world, fault) = (struct tampering){world->plan->faults[fault].value, 0, true};
    flip(world, fault);
}

static uint64_t over(struct world *world, uint32_t fault) {
    tampering_of(world, fault)->on = false;
    return tampering_of(world, fault)->showed;
}

uint64_t log_store_mend(struct world *world, uint32_t fault) {
    flip(world, fault);
    return over(world, fault);
}

/* What was cut off is not to be had again: the fault's end only says how often it showed. */
void log_store_cut(struct world *world, uint32_t fault) {
    struct chain *chain = chain_of(world, fault);
    int64_t left = chain->sequence - world->plan->faults[fault].value;
    if (left < 0) left = 0;
    *tampering_of(world, fault) = (struct tampering){.sequence = left + 1, .on = true};
    if (left == chain->sequence || (left > 0 && !kept(chain, left))) return;
    tampering_of(world, fault)->showed = (uint64_t)(chain->sequence - left);
    chain->sequence = left;
    chain->head = left > 0 ? entry_at(chain, left)->hash : (struct hash){{0}};
    record_tampered(world->logs, world->plan->faults[fault].from, left + 1, AUDIT_GONE);
}

uint64_t log_store_was_cut(struct world *world, uint32_t fault) { return over(world, fault); }

void log_store_intrude(struct world *world, uint32_t fault) {
    uint32_t engine = world->plan->faults[fault].from;
    struct chain *chain = &world->logs->chains[engine];
    struct eff_audit_append entry = {.sequence = chain->sequence + 1, .previous = chain->head};
    world->hooks.past_entry(world->hooks.context, engine, world_wall(world, world_owner(world) - 1),
                            &entry);
    append(chain, &entry);
    *tampering_of(world, fault) = (struct tampering){.sequence = entry.sequence, .on = true};
    record_tampered(world->logs, engine, entry.sequence, AUDIT_APPENDED);
}

uint64_t log_store_intruded(struct world *world, uint32_t fault) { return over(world, fault); }

void log_store_refuse(struct world *world, uint32_t fault) {
    *tampering_of(world, fault) = (struct tampering){.on = true};
    chain_of(world, fault)->refuses = true;
}

uint64_t log_store_accept(struct world *world, uint32_t fault) {
    chain_of(world, fault)->refuses = false;
    return over(world, fault);
}

/* ---- opening ---- */

static void past_of(struct log_store *store, uint32_t engine) {
    const struct plan *plan = store->world->plan;
    struct chain *chain = &store->chains[engine];
    int64_t count = plan->history.audit_entries;
    for (int64_t n = 1; n <= count; n++) {
        struct eff_audit_append entry = {.sequence = n, .previous = chain->head};
        time_ns before = plan->history.span_ns / (count + 1) * (count + 1 - n);
        store->world->hooks.past_entry(store->world->hooks.context, engine,
                                       plan->start_wall - before, &entry);
        append(chain, &entry);
        fact_audit_past(store->world->trace, 0,
                        &(struct rec_audit_past){
                            engine, n, entry.previous, entry.hash, {entry.body.b, entry.body.len}});
    }
    if (count == 0) return;
    struct eff_checkpoint checkpoint = {.sequence = count, .head = chain->head};
    store->world->hooks.sign(store->world->hooks.context, engine, &checkpoint);
    put_by(store, engine, &checkpoint);
}

void log_store_start(struct world *world) {
    for (uint32_t e = 0; e < world->plan->engine_count; e++) past_of(world->logs, e);
}

void log_store_open(struct world *world, struct arena *arena) {
    struct log_store *store = ARENA_NEW(arena, struct log_store, 1);
    store->world = world;
    store->chains = ARENA_NEW(arena, struct chain, world->plan->engine_count);
    store->tamperings = ARENA_NEW(arena, struct tampering, world->plan->fault_count);
    for (uint32_t e = 0; e < world->plan->engine_count; e++)
        store->chains[e].entries = ARENA_NEW(arena, struct entry, LOG_STORE_ENTRIES_MAX);
    time_ns takes_ns = world->plan->times.log_store_ns;
    network_serve(world, EFF_audit_append, NODE_LOG_STORE, takes_ns, serve_append, store);
    network_serve(world, EFF_audit_read, NODE_LOG_STORE, takes_ns, serve_read, store);
    network_serve(world, EFF_checkpoint, NODE_LOG_STORE, takes_ns, serve_checkpoint, store);
    world->logs = store;
}
