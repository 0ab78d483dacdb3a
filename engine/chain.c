/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/core.h"

/*
 * The audit chain, read back: at start its newest piece, and from then on each piece as it was
 * acknowledged. One entry at a time, oldest first, so that the first one that does not verify is
 * the one that is named: its content must have the hash it states, it must follow the former, and
 * the last must be the head that was acknowledged. A tail that was cut is an entry that is not
 * there.
 */

static void read_next(struct engine *e) {
    struct chain_piece *piece = &e->piece;
    piece->request = next_request(e);
    emit(e, EFF_audit_read)->audit_read = (struct eff_audit_read){piece->request, piece->next};
}

/* What is acknowledged from here on follows its last. */
static void settled(struct chain_piece *piece) {
    piece->next = piece->last + 1;
    piece->previous = piece->head;
    piece->anchored = true;
}

void chain_on_start(struct engine *e, const struct in_recovered *in) {
    int64_t begin = in->sequence - e->config->audit.verify_chunk;
    e->piece = (struct chain_piece){.next = begin > 0 ? begin + 1 : 1,
                                    .last = in->sequence,
                                    .head = in->head,
                                    .anchored = begin <= 0}; /* nothing is before the first */
    if (e->config->audit.verify_on_start && in->sequence > 0)
        read_next(e);
    else
        settled(&e->piece);
}

/* A read under way whose answer was lost is asked again. */
void chain_on_ack(struct engine *e, const struct in_audit_ack *in) {
    if (in->sequence - e->piece.last < e->config->audit.verify_chunk) return;
    e->piece.last = in->sequence;
    e->piece.head = in->head;
    read_next(e);
}

static void broken(struct engine *e, int64_t sequence) {
    struct writer w = writer_of(e->chain_finding, sizeof e->chain_finding);
    write_text(&w, "the audit chain is broken at entry ");
    write_int(&w, sequence);
    suspend(e, REASON_CHAIN_BROKEN, e->chain_finding);
}

static bool verifies(const struct chain_piece *piece, const struct in_audit_record *in) {
    struct hash own;
    audit_hash(&in->previous, &in->body, &own);
    return in->result == AUDIT_REPLY_OK && in->sequence == piece->next &&
           hash_eq(&own, &in->hash) &&
           (!piece->anchored || hash_eq(&in->previous, &piece->previous)) &&
           (piece->next < piece->last || hash_eq(&in->hash, &piece->head));
}

void chain_on_record(struct engine *e, const struct in_audit_record *in) {
    struct chain_piece *piece = &e->piece;
    if (piece->request == 0 || in->request != piece->request) return;
    piece->request = 0;
    if (in->result == AUDIT_REPLY_UNAVAILABLE) { /* not kept for so long: that says nothing */
        settled(piece);
        return;
    }
    if (!verifies(piece, in)) {
        broken(e, piece->next);
        return;
    }
    piece->previous = in->hash;
    piece->anchored = true;
    if (piece->next++ < piece->last) read_next(e);
}
