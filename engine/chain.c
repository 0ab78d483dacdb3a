/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/core.h"

/*
 * The audit chain, read back: all of it at start, before anything is begun; from then on each piece
 * as it was acknowledged; and all of it again from time to time, since an old entry can be altered
 * later. One entry a step, oldest first. What does not verify suspends all automation and is named
 * (chain_check.h); a signed checkpoint shows a tail that was cut and a chain that was rewritten.
 */

#define SILENCES_MAX 3 /* in a row: then the log store is gone */

static void read_next(struct engine *e) {
    struct chain_piece *piece = &e->piece;
    piece->request = next_request(e);
    emit(e, EFF_audit_read)->audit_read = (struct eff_audit_read){piece->request, piece->next};
}

static bool reading(const struct chain_piece *piece) { return piece->request != 0; }

static void watch(struct engine *e) {
    e->piece.seen = e->piece.next;
    engine_timer_arm(e, ENGINE_TIMER_CHAIN, e->config->locking.reply_timeout_ns);
}

/* What must be there: a checkpoint first, and when that is behind, the head. */
static void anchor_next(struct chain_piece *piece) {
    if (piece->check.anchor.sequence <= piece->check.trusted)
        chain_check_anchor(&piece->check, piece->last, &piece->head);
}

static void begin(struct engine *e, int64_t last, const struct hash *head) {
    struct chain_piece *piece = &e->piece;
    piece->last = last;
    piece->head = *head;
    piece->silences = 0;
    anchor_next(piece);
    watch(e);
    read_next(e);
}

/* What is acknowledged from here on follows its last. */
static void over(struct engine *e) {
    e->piece.request = 0;
    engine_timer_cancel(e, ENGINE_TIMER_CHAIN);
    if (!e->verifying) return;
    recover_next(e);
}

void chain_broken(struct engine *e, enum flaw flaw, int64_t sequence) {
    struct writer w = writer_of(e->chain_finding, sizeof e->chain_finding);
    write_text(&w, "the audit chain is broken at entry ");
    write_int(&w, sequence);
    write_text(&w, ": ");
    write_text(&w, flaw_name(flaw));
    suspend(e, REASON_CHAIN_BROKEN, e->chain_finding);
    recover_forget(e);
    over(e);
}

/* Trusted as it stands: not kept for so long, or not to be verified. */
static void settle(struct engine *e) {
    struct chain_piece *piece = &e->piece;
    chain_check_from(&piece->check, piece->last + 1);
    piece->check.head = piece->head;
    piece->check.linked = true;
    piece->next = piece->last + 1;
}

static void scrub_arm(struct engine *e) {
    if (e->config->audit.verify_interval_ns > 0)
        engine_timer_arm(e, ENGINE_TIMER_SCRUB, e->config->audit.verify_interval_ns);
}

void chain_on_start(struct engine *e, const struct in_recovered *in) {
    struct chain_piece *piece = &e->piece;
    chain_check_open(&piece->check);
    piece->next = 1;
    piece->last = e->checkpointed = in->sequence;
    piece->head = in->head;
    scrub_arm(e);
    if (in->sequence == 0) return;
    if (!e->config->audit.verify_on_start) {
        settle(e);
        return;
    }
    e->verifying = true;
    begin(e, in->sequence, &in->head);
}

/* Comes before the first entry that was read does. */
void chain_on_checkpoint(struct engine *e, const struct in_checkpoint *in) {
    if (!in->genuine)
        chain_broken(e, FLAW_REWRITTEN, in->sequence);
    else if (e->verifying && e->piece.next == 1)
        chain_check_anchor(&e->piece.check, in->sequence, &in->head);
    else if (!e->verifying && in->sequence > e->audit_sequence)
        chain_broken(e, FLAW_CUT, e->audit_sequence + 1);
}

/* Only where the head is known to be ours: the newest entry's. */
static void checkpoint(struct engine *e, const struct in_audit_ack *in) {
    if (in->sequence != e->audit_sequence) return;
    if (in->sequence - e->checkpointed < e->config->audit.checkpoint_every) return;
    e->checkpointed = in->sequence;
    struct eff_checkpoint *effect = &emit(e, EFF_checkpoint)->checkpoint;
    effect->sequence = in->sequence;
    effect->head = in->head;
}

void chain_on_ack(struct engine *e, const struct in_audit_ack *in) {
    checkpoint(e, in);
    if (reading(&e->piece) || e->suspended) return;
    if (in->sequence - e->piece.last >= e->config->audit.verify_chunk)
        begin(e, in->sequence, &in->head);
}

/* An answer that was lost is asked for again. */
void chain_on_silence(struct engine *e) {
    struct chain_piece *piece = &e->piece;
    bool silent = piece->next == piece->seen;
    piece->silences = silent ? piece->silences + 1 : 0;
    if (piece->silences >= SILENCES_MAX) {
        suspend(e, REASON_CHAIN_BROKEN, "the log store does not give its entries back");
        over(e);
        return;
    }
    watch(e);
    if (silent) read_next(e);
}

/* What follows the newest verified entry is verified as it comes. */
void chain_scrub(struct engine *e) {
    struct chain_piece *piece = &e->piece;
    scrub_arm(e);
    if (reading(piece) || e->suspended || piece->last == 0) return;
    chain_check_open(&piece->check);
    piece->next = 1;
    begin(e, piece->last, &piece->head);
}

/* The store keeps entries from this one on. */
static void archived(struct engine *e, int64_t oldest) {
    struct chain_piece *piece = &e->piece;
    if (piece->check.doubt || oldest <= piece->next || oldest > piece->last) {
        settle(e);
        over(e);
        return;
    }
    chain_check_from(&piece->check, oldest);
    piece->next = oldest;
    anchor_next(piece);
    read_next(e);
}

static void ended(struct engine *e) {
    struct chain_check *check = &e->piece.check;
    chain_check_end(check);
    if (check->flaw != FLAW_NONE)
        chain_broken(e, check->flaw, check->first_bad);
    else
        over(e);
}

static void entry_read(struct engine *e, const struct in_audit_record *in) {
    struct chain_piece *piece = &e->piece;
    if (in->sequence != piece->next) {
        chain_broken(e, FLAW_ALTERED, piece->next);
        return;
    }
    if (!chain_check_entry(&piece->check, &in->previous, &in->hash, &in->body)) {
        chain_broken(e, piece->check.flaw, piece->check.first_bad);
        return;
    }
    if (e->verifying && !piece->check.doubt) recover_on_entry(e, &in->body);
    piece->next++;
    anchor_next(piece);
    if (piece->next <= piece->last || piece->check.doubt || piece->check.astray)
        read_next(e);
    else
        ended(e);
}

void chain_on_record(struct engine *e, const struct in_audit_record *in) {
    struct chain_piece *piece = &e->piece;
    if (!reading(piece) || in->request != piece->request) return;
    piece->request = 0;
    switch ((enum audit_result)in->result) {
    case AUDIT_REPLY_OK: entry_read(e, in); break;
    case AUDIT_REPLY_UNAVAILABLE: archived(e, in->sequence); break;
    default: ended(e); break;
    }
}
