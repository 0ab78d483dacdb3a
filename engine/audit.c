/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/core.h"

#include "engine/base/check.h"

#include <sodium/crypto_hash_sha256.h>

/*
 * The audit chain. Each entry is one line of JSON; its hash is SHA-256 over the former entry's hash
 * and the line's bytes, so content and order are both covered. Entries are sent as they are made;
 * the log store appends only on the expected head, so they are stored in order or not at all.
 *
 * An effect on the world waits in "pending" for the acknowledgement of its own entry, and is looked
 * at once more before it leaves: leases may have run out while the log store was slow.
 */

void audit_hash(const struct hash *previous, const struct blob *body, struct hash *out) {
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, previous->b, sizeof previous->b);
    crypto_hash_sha256_update(&state, body->b, body->len);
    crypto_hash_sha256_final(&state, out->b);
}

static void write_field(struct writer *w, const char *name, const char *value) {
    write_text(w, ",\"");
    write_text(w, name);
    write_text(w, "\":");
    write_json_string(w, value, strlen(value));
}
static void write_number(struct writer *w, const char *name, int64_t value) {
    write_text(w, ",\"");
    write_text(w, name);
    write_text(w, "\":");
    write_int(w, value);
}

/* Somebody else's words: escaped, they may be six times as long, and then they are left out. */
static void write_detail(struct writer *w, const struct text *detail) {
    struct writer before = *w;
    write_text(w, ",\"detail\":");
    write_json_string(w, detail->s, detail->len);
    if (!w->overflow && w->len < w->size) return; /* a brace follows */
    *w = before;
    write_text(w, ",\"detail\":\"~\"");
}

static void write_entry(const struct engine *e, const struct eff_audit_append *entry,
                        const char *what, const struct text *detail, struct blob *body) {
    struct writer w = writer_of(body->b, BLOB_MAX);
    write_text(&w, "{\"sequence\":");
    write_int(&w, entry->sequence);
    write_number(&w, "wall_ns", e->wall);
    write_number(&w, "engine", e->config->engine);
    write_number(&w, "incarnation", e->incarnation);
    write_field(&w, "category", category_name(entry->category));
    write_field(&w, "severity", severity_name(entry->severity));
    write_number(&w, "incident", (int64_t)entry->incident.v);
    write_number(&w, "operation", (int64_t)entry->op.v);
    write_number(&w, "service", entry->service.v);
    write_field(&w, "what", what);
    if (detail && detail->len) write_detail(&w, detail);
    write_text(&w, "}");
    ASSERT(!w.overflow); /* all but the detail is ours, and short */
    memset(body->b + w.len, 0, BLOB_MAX - w.len);
    body->len = (uint16_t)w.len;
}

int64_t audit(struct engine *e, enum category category, enum severity severity, const struct op *op,
              const struct incident *i, const char *what, const struct text *detail) {
    struct eff_audit_append *entry = &emit(e, EFF_audit_append)->audit_append;
    entry->sequence = ++e->audit_sequence;
    entry->category = category;
    entry->severity = severity;
    entry->service = op ? op->service : i ? i->service : ID_NONE(svc_id);
    if (op) entry->op = op->id;
    if (i)
        entry->incident = i->id;
    else if (op)
        entry->incident = e->incidents[op->incident].id;
    entry->previous = e->audit_head;
    write_entry(e, entry, what, detail, &entry->body);
    audit_hash(&entry->previous, &entry->body, &entry->hash);
    e->audit_head = entry->hash;
    if (e->audit_acked == e->audit_sequence - 1)
        engine_timer_arm(e, ENGINE_TIMER_AUDIT, e->config->locking.reply_timeout_ns);
    return entry->sequence;
}

void act_when_audited(struct engine *e, enum category category, struct op *op,
                      const struct eng_effect *effect, const char *what) {
    int64_t sequence = audit(e, category, SEVERITY_INFO, op, NULL, what, NULL);
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
    if (!op_may_act(e, op)) {
        if (!e->suspended) lock_lost(e, op, "a lease ran out before the audit log answered");
        return;
    }
    if (pending->effect.kind == EFF_deploy_stage) {
        op->served_before = op->served;
        op->served = true;
    }
    *emit(e, pending->effect.kind) = pending->effect;
}

void audit_on_ack(struct engine *e, const struct in_audit_ack *in) {
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
