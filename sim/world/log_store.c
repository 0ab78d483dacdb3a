/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The log store for audit: one chain per engine. It appends an entry only if it follows the head,
 * by hash and by number, so that two writers cannot fork a chain. It does not look inside: whether
 * the hash covers the body is for the reader to verify. The newest entries can be read back.
 */
#include "sim/world/internal.h"

struct entry {
    struct hash previous, hash;
    struct blob body;
};

struct chain {
    int64_t sequence; /* of the head, 0: empty */
    struct hash head;
    struct entry *entries; /* entry n at n % LOG_STORE_ENTRIES_MAX */
};

struct log_store {
    struct world *world;
    struct chain *chains; /* per engine */
};

static bool hash_eq(const struct hash *a, const struct hash *b) {
    return memcmp(a->b, b->b, sizeof a->b) == 0;
}

static struct entry *entry_at(const struct chain *chain, int64_t sequence) {
    return &chain->entries[sequence % LOG_STORE_ENTRIES_MAX];
}

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

static void serve_append(void *part, uint32_t engine, const struct eng_effect *effect) {
    struct log_store *store = part;
    const struct eff_audit_append *e = &effect->audit_append;
    struct chain *chain = &store->chains[engine];
    bool follows = e->sequence == chain->sequence + 1 && hash_eq(&e->previous, &chain->head);
    if (follows) {
        chain->sequence = e->sequence;
        chain->head = e->hash;
        *entry_at(chain, e->sequence) = (struct entry){e->previous, e->hash, e->body};
    }
    enum audit_result result = follows ? AUDIT_REPLY_OK : AUDIT_REPLY_HEAD_MISMATCH;
    record_stored(store->world, engine, e, result);
    struct eng_input input = {.kind = IN_audit_ack};
    input.audit_ack =
        (struct in_audit_ack){.sequence = e->sequence, .result = result, .head = chain->head};
    network_reply(store->world, NODE_LOG_STORE, engine, &input);
}

static enum audit_result read_result(const struct chain *chain, int64_t sequence) {
    if (sequence < 1 || sequence > chain->sequence) return AUDIT_REPLY_END;
    bool kept = sequence > chain->sequence - LOG_STORE_ENTRIES_MAX;
    return kept ? AUDIT_REPLY_OK : AUDIT_REPLY_UNAVAILABLE;
}

static void serve_read(void *part, uint32_t engine, const struct eng_effect *effect) {
    struct log_store *store = part;
    const struct eff_audit_read *e = &effect->audit_read;
    const struct chain *chain = &store->chains[engine];
    struct eng_input input = {.kind = IN_audit_record};
    struct in_audit_record *in = &input.audit_record;
    in->request = e->request;
    in->sequence = e->sequence;
    in->result = read_result(chain, e->sequence);
    if (in->result == AUDIT_REPLY_OK) {
        const struct entry *entry = entry_at(chain, e->sequence);
        in->previous = entry->previous;
        in->hash = entry->hash;
        in->body = entry->body;
    }
    network_reply(store->world, NODE_LOG_STORE, engine, &input);
}

void log_store_open(struct world *world, struct arena *arena) {
    struct log_store *store = ARENA_NEW(arena, struct log_store, 1);
    store->world = world;
    store->chains = ARENA_NEW(arena, struct chain, world->plan->engine_count);
    for (uint32_t e = 0; e < world->plan->engine_count; e++)
        store->chains[e].entries = ARENA_NEW(arena, struct entry, LOG_STORE_ENTRIES_MAX);
    time_ns takes_ns = world->plan->times.log_store_ns;
    network_serve(world, EFF_audit_append, NODE_LOG_STORE, takes_ns, serve_append, store);
    network_serve(world, EFF_audit_read, NODE_LOG_STORE, takes_ns, serve_read, store);
}
