/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/core.h"

#include "engine/base/check.h"

/*
 * The audit chain. Each entry is a line whose hash covers the former one's (entry.h), so content
 * and order are both covered. Entries are sent as they are made; the log store appends only on the
 * expected head, so they are stored in order or not at all.
 *
 * An effect on the world waits in "pending" for the acknowledgement of its own entry, and is looked
 * at once more before it leaves: leases may have run out while the log store was slow.
 */

/* What an entry follows from: the last one of its operation, else of its incident. */
static int64_t parent(struct last_entry *last, uint64_t of, int64_t sequence) {
    int64_t former = last->of == of ? last->sequence : 0;
    *last = (struct last_entry){of, sequence};
    return former;
}

static int64_t parent_of(struct engine *e, const struct op *op, const struct incident *i,
                         int64_t sequence) {
    int64_t of_incident = 0, of_op = 0;
    if (i) of_incident = parent(&e->incident_entries[incident_index(e, i)], i->id.v, sequence);
    if (op) of_op = parent(&e->op_entries[op_index(e, op)], op->id.v, sequence);
    return of_op > 0 ? of_op : of_incident;
}

static struct eff_audit_append *sent(struct engine *e, int64_t sequence) {
    ASSERT(e->config->limits.audit_pending > 0);
    return &e->sent[sequence % e->config->limits.audit_pending];
}

/* Silence is told in so many pieces, and after each what is not acknowledged is sent again. */
#define SILENCES 8
static void silence_arm(struct engine *e) {
    engine_timer_arm(e, ENGINE_TIMER_AUDIT, e->config->locking.reply_timeout_ns / SILENCES);
}

int64_t audit_figures(struct engine *e, enum category category, enum severity severity,
                      const struct op *op, const struct incident *i, const char *what,
                      const struct text *detail, const struct entry_figure *figures,
                      uint32_t figure_count) {
    struct eff_audit_append *effect = &emit(e, EFF_audit_append)->audit_append;
    if (op && !i) i = &e->incidents[op->incident];
    struct audit_entry entry = {.sequence = ++e->audit_sequence,
                                .wall = e->wall,
                                .engine = e->config->engine,
                                .incarnation = e->incarnation,
                                .category = category,
                                .severity = severity,
                                .by_person = e->by_person,
                                .person = e->person,
                                .service = op  ? op->service
                                           : i ? i->service
                                               : ID_NONE(svc_id),
                                .what = what,
                                .figures = figures,
                                .figure_count = figure_count,
                                .detail = detail};
    if (op) entry.op = op->id;
    if (i) entry.incident = i->id;
    entry.parent = parent_of(e, op, i, entry.sequence);
    entry_write(&entry, &effect->body);
    effect->sequence = entry.sequence;
    effect->category = category;
    effect->severity = severity;
    effect->service = entry.service;
    effect->op = entry.op;
    effect->incident = entry.incident;
    effect->previous = e->audit_head;
    entry_hash(&effect->previous, &effect->body, &effect->hash);
    e->audit_head = effect->hash;
    *sent(e, entry.sequence) = *effect;
    if (e->audit_acked == e->audit_sequence - 1) silence_arm(e);
    return entry.sequence;
}

int64_t audit(struct engine *e, enum category category, enum severity severity, const struct op *op,
              const struct incident *i, const char *what, const struct text *detail) {
    return audit_figures(e, category, severity, op, i, what, detail, NULL, 0);
}

/* What is about to be done, in numbers: whoever reads the log after a crash goes by them. */
static uint32_t remedy_figures(const struct op *op, struct entry_figure *figures) {
    figures[0] = (struct entry_figure){"revision", op->revision.v};
    figures[1] = (struct entry_figure){"base", op->base.v};
    figures[2] = (struct entry_figure){"remedy", op->remedy};
    figures[3] = (struct entry_figure){"amount", op->amount};
    figures[4] = (struct entry_figure){"pod", op->pod};
    figures[5] = (struct entry_figure){"pods", op->pods_before};
    figures[6] = (struct entry_figure){"drained", op->drained_before};
    return 7;
}

static uint32_t effect_figures(const struct op *op, const struct eng_effect *effect,
                               struct entry_figure *figures) {
    const struct eff_deploy_stage *stage = &effect->deploy_stage;
    const struct eff_roll_back *back = &effect->roll_back;
    if (op->remedy != REMEDY_PATCH) return remedy_figures(op, figures);
    if (effect->kind == EFF_deploy_stage) {
        figures[0] = (struct entry_figure){"revision", stage->revision.v};
        figures[1] = (struct entry_figure){"base", stage->base.v};
        figures[2] = (struct entry_figure){"share_ppm", stage->share_ppm};
        return 3;
    }
    if (effect->kind != EFF_roll_back) return 0;
    figures[0] = (struct entry_figure){"revision", back->from.v};
    figures[1] = (struct entry_figure){"base", back->to.v};
    return 2;
}

void act_when_audited(struct engine *e, enum category category, struct op *op,
                      const struct eng_effect *effect, const char *what) {
    struct entry_figure figures[ENTRY_FIGURES_MAX];
    uint32_t count = effect_figures(op, effect, figures);
    int64_t sequence =
        audit_figures(e, category, SEVERITY_INFO, op, NULL, what, NULL, figures, count);
    for (uint32_t k = 0; k < e->config->limits.audit_pending; k++) {
        if (e->pending[k].sequence != 0) continue;
        e->pending[k].sequence = sequence;
        e->pending[k].effect = *effect;
        return;
    }
    refuse(e, "effect: audit_pending is full", e->config->limits.audit_pending);
    op_pause(e, op, REASON_CAPACITY, FORM_TAKE_OVER, "too many effects wait for the audit log");
}

static struct op_id effect_op(const struct eng_effect *effect) {
    switch (effect->kind) {
    case EFF_deploy_stage: return effect->deploy_stage.op;
    case EFF_roll_back: return effect->roll_back.op;
    case EFF_remedy: return effect->remedy.op;
    default: UNREACHABLE();
    }
}

static void emit_pending(struct engine *e, struct pending_effect *pending) {
    pending->sequence = 0;
    struct op *op = op_by_id(e, effect_op(&pending->effect));
    if (!op) return;
    bool stage = pending->effect.kind == EFF_deploy_stage || remedy_is_order(op, &pending->effect);
    if (stage && e->mode != MODE_ACT) return; /* a round gives it up, or has it paused */
    if (!op_may_act(e, op)) {
        if (!e->suspended) lock_lost(e, op, "a lease ran out before the audit log answered");
        return;
    }
    if (stage) {
        op->served_before = op->served;
        op->served = true;
    }
    *emit(e, pending->effect.kind) = pending->effect;
}

static bool effect_waits(const struct engine *e) {
    for (uint32_t k = 0; k < e->config->limits.audit_pending; k++)
        if (e->pending[k].sequence != 0) return true;
    return false;
}

/* The very same bytes: the store that has them says so again, and an acknowledgement that was lost
 * is no reason to stand still. A few a step; the rest follows. */
#define RESENT_MAX 16
static void resend(struct engine *e) {
    int64_t left = RESENT_MAX, oldest = e->audit_sequence - e->config->limits.audit_pending;
    for (uint32_t k = 0; k < e->config->limits.audit_pending && left > 0; k++) {
        int64_t own = e->pending[k].sequence;
        if (own == 0 || own > e->audit_acked || own <= oldest) continue;
        emit(e, EFF_audit_append)->audit_append = *sent(e, own);
        left--;
    }
    int64_t first = e->audit_acked > oldest ? e->audit_acked + 1 : oldest + 1;
    for (int64_t n = first; n <= e->audit_sequence && left > 0; n++, left--)
        emit(e, EFF_audit_append)->audit_append = *sent(e, n);
    e->audit_resent = e->audit_sequence;
}

/* An entry came before one that was lost: the store stands where we know it stood. */
static bool is_ahead(struct engine *e, const struct in_audit_ack *in) {
    int64_t oldest = e->audit_sequence - e->config->limits.audit_pending;
    for (int64_t n = in->sequence; n > oldest && n >= 1; n--) {
        const struct eff_audit_append *entry = sent(e, n);
        if (entry->sequence != n) break;
        if (hash_eq(&entry->previous, &in->head)) return true;
    }
    return false;
}

static void mismatch(struct engine *e, const struct in_audit_ack *in) {
    if (in->sequence < 1 || in->sequence > e->audit_sequence) return; /* of no entry of ours */
    if (in->sequence <= e->audit_acked) return; /* sent again, and overtaken */
    if (!is_ahead(e, in))
        chain_broken(e, FLAW_INSERTED, in->sequence);
    else if (in->sequence > e->audit_resent)
        resend(e);
}

static void acknowledged(struct engine *e, const struct in_audit_ack *in) {
    e->audit_silences = 0;
    if (in->sequence > e->audit_acked) /* else overtaken by a later one */
        e->audit_acked = in->sequence;
    for (uint32_t k = 0; k < e->config->limits.audit_pending; k++)
        if (e->pending[k].sequence != 0 && e->pending[k].sequence == in->sequence)
            emit_pending(e, &e->pending[k]);
    if (e->audit_acked == e->audit_sequence && !effect_waits(e))
        engine_timer_cancel(e, ENGINE_TIMER_AUDIT);
    else
        silence_arm(e);
    chain_on_ack(e, in);
}

void audit_on_ack(struct engine *e, const struct in_audit_ack *in) {
    if (in->result == AUDIT_REPLY_HEAD_MISMATCH)
        mismatch(e, in);
    else if (in->result != AUDIT_REPLY_OK)
        suspend(e, REASON_CHAIN_BROKEN, "the log store refused an audit entry");
    else if (in->sequence == e->audit_sequence && !hash_eq(&in->head, &e->audit_head))
        suspend(e, REASON_CHAIN_BROKEN, "the log store's head is not ours");
    else if (in->sequence >= 1 && in->sequence <= e->audit_sequence)
        acknowledged(e, in);
}

void audit_on_silence(struct engine *e) {
    if (++e->audit_silences >= SILENCES)
        suspend(e, REASON_CHAIN_BROKEN, "the log store does not answer");
    resend(e);
    silence_arm(e);
}

void drop_pending(struct engine *e, struct op_id op) {
    for (uint32_t k = 0; k < e->config->limits.audit_pending; k++)
        if (e->pending[k].sequence != 0 && ID_EQ(effect_op(&e->pending[k].effect), op))
            e->pending[k].sequence = 0;
}
