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
    if (e->audit_acked == e->audit_sequence - 1)
        engine_timer_arm(e, ENGINE_TIMER_AUDIT, e->config->locking.reply_timeout_ns);
    return entry.sequence;
}

int64_t audit(struct engine *e, enum category category, enum severity severity, const struct op *op,
              const struct incident *i, const char *what, const struct text *detail) {
    return audit_figures(e, category, severity, op, i, what, detail, NULL, 0);
}

/* What is about to be done, in numbers: whoever reads the log after a crash goes by them. */
static uint32_t effect_figures(const struct eng_effect *effect, struct entry_figure *figures) {
    const struct eff_deploy_stage *stage = &effect->deploy_stage;
    const struct eff_roll_back *back = &effect->roll_back;
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
    uint32_t count = effect_figures(effect, figures);
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
    bool stage = pending->effect.kind == EFF_deploy_stage;
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

void audit_on_ack(struct engine *e, const struct in_audit_ack *in) {
    if (in->result == AUDIT_REPLY_HEAD_MISMATCH) {
        chain_broken(e, FLAW_INSERTED, in->sequence);
        return;
    }
    if (in->result != AUDIT_REPLY_OK) {
        suspend(e, REASON_CHAIN_BROKEN, "the log store refused an audit entry");
        return;
    }
    if (in->sequence == e->audit_sequence && !hash_eq(&in->head, &e->audit_head)) {
        suspend(e, REASON_CHAIN_BROKEN, "the log store's head is not ours");
        return;
    }
    if (in->sequence < 1 || in->sequence > e->audit_sequence) return; /* of no entry of ours */
    if (in->sequence > e->audit_acked) { /* else overtaken by a later one */
        e->audit_acked = in->sequence;
        if (e->audit_acked == e->audit_sequence)
            engine_timer_cancel(e, ENGINE_TIMER_AUDIT);
        else
            engine_timer_arm(e, ENGINE_TIMER_AUDIT, e->config->locking.reply_timeout_ns);
    }
    for (uint32_t k = 0; k < e->config->limits.audit_pending; k++)
        if (e->pending[k].sequence != 0 && e->pending[k].sequence == in->sequence)
            emit_pending(e, &e->pending[k]);
    chain_on_ack(e, in);
}

void audit_on_silence(struct engine *e) {
    suspend(e, REASON_CHAIN_BROKEN, "the log store does not answer");
}

void drop_pending(struct engine *e, struct op_id op) {
    for (uint32_t k = 0; k < e->config->limits.audit_pending; k++)
        if (e->pending[k].sequence != 0 && ID_EQ(effect_op(&e->pending[k].effect), op))
            e->pending[k].sequence = 0;
}
