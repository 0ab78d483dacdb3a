/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Audit: the chain is linear and covers its content; no effect without its own entry, stored first;
 * what people must hear reaches them, and no success is told early. */
#include "reports/judge/invariants.h"
#include "reports/judge/chain.h"
#include <stdlib.h>

/* ---- audit_chain ---- */

#define TAMPERED_CUT 1 /* record.def: this entry and all after it are gone */

static bool was_cut(const struct facts *f, const struct fact_audit_stored *p,
                    const struct fact_audit_stored *entry) {
    EACH(f, audit_tampered, t)
    if (t->engine == p->engine && t->how == TAMPERED_CUT && t->sequence <= p->sequence &&
        t->record > p->record && t->record < entry->record)
        return true;
    return false;
}

/* What stood last when it came: an entry that was cut off stands there no more. */
static const struct fact_audit_stored *former_entry(const struct facts *f,
                                                    const struct fact_audit_stored *entry) {
    for (const struct fact_audit_stored *p = entry; p > f->audit_stored.items;) {
        p--;
        if (p->engine == entry->engine && p->result == AUDIT_REPLY_OK && !was_cut(f, p, entry))
            return p;
    }
    return NULL;
}

/* The head that the engine was told when it began, the last time before that entry and after the
 * former one: what a stranger appended meanwhile is part of it. */
static const struct in_recovered *recovered_head(const struct facts *f,
                                                 const struct fact_audit_stored *former,
                                                 const struct fact_audit_stored *entry) {
    const struct in_recovered *last = NULL;
    EACH_INPUT(f, i) {
        if (i->record > entry->record) break;
        bool after = !former || i->record > former->record;
        if (after && i->in.kind == IN_recovered && i->engine == entry->engine)
            last = &i->in.recovered;
    }
    return last;
}

/* What an engine writes links to what it wrote before, whether or not the store, which refuses a
 * fork, has taken either. */
static void look_written(const struct facts *f, const struct seen_effect *e,
                         struct violations *found) {
    const struct eff_audit_append *own = &e->out.audit_append;
    for (const struct seen_effect *p = e; p > f->effects;) {
        p--;
        if (p->engine != e->engine || p->out.kind != EFF_audit_append) continue;
        const struct eff_audit_append *former = &p->out.audit_append;
        if (own->sequence == former->sequence + 1 &&
            memcmp(&own->previous, &former->hash, sizeof own->previous) != 0)
            violated(found, "audit_chain", e->at, e->record,
                     "entry %lld is written beside the former one, not after it",
                     (long long)own->sequence);
        return;
    }
}

/* A checkpoint is signed by its engine's key, and stands for what was stored there. */
static void look_anchored(const struct facts *f, const struct fact_checkpoint_stored *c,
                          struct violations *found) {
    const struct hash *key = NULL, *stored = NULL;
    EACH(f, audit_key, k) if (k->engine == c->engine) key = &k->key;
    EACH(f, audit_past, p)
    if (p->engine == c->engine && p->sequence == c->sequence) stored = &p->hash;
    EACH(f, audit_stored, a) {
        if (a->engine == c->engine && a->sequence == c->sequence && a->result == AUDIT_REPLY_OK)
            stored = &a->hash;
    }
    if (!stored || memcmp(stored, &c->hash, sizeof *stored) != 0)
        violated(found, "audit_chain", c->at, c->record,
                 "the checkpoint at entry %lld is not of what was stored there",
                 (long long)c->sequence);
    if (!key ||
        !chain_signed(key, c->engine, c->sequence, &c->hash, c->signature.bytes, c->signature.len))
        violated(found, "audit_chain", c->at, c->record,
                 "the checkpoint at entry %lld is not signed by the key of its engine",
                 (long long)c->sequence);
}

void invariant_audit_chain(const struct facts *f, struct violations *found) {
    EACH(f, checkpoint_stored, c) look_anchored(f, c, found);
    EACH_EFFECT(f, e) if (e->out.kind == EFF_audit_append) look_written(f, e, found);
    EACH(f, audit_stored, a) {
        if (a->result != AUDIT_REPLY_OK) continue;
        const char *name = "audit_chain";
        const struct fact_audit_stored *p = former_entry(f, a);
        const struct in_recovered *start = recovered_head(f, p, a);
        const struct hash *head = start ? &start->head : p ? &p->hash : NULL;
        if (head && memcmp(head, &a->previous, sizeof *head) != 0)
            violated(found, name, a->at, a->record, "entry %lld does not link to the former one",
                     (long long)a->sequence);
        int64_t before = start ? start->sequence : p ? p->sequence : a->sequence - 1;
        if (a->sequence != before + 1)
            violated(found, name, a->at, a->record, "entry %lld follows entry %lld",
                     (long long)a->sequence, (long long)before);
        if (!chain_covers(&a->previous, a->body.bytes, a->body.len, &a->hash))
            violated(found, name, a->at, a->record,
                     "the hash of entry %lld is not that of its body", (long long)a->sequence);
    }
}

/* ---- tampering_stops ---- */

static time_ns begins_at(const struct facts *f, int64_t engine) {
    EACH_INPUT(f, i) if (i->in.kind == IN_recovered && i->engine == engine) return i->at;
    return TIME_NEVER;
}

static bool lifted_before(const struct facts *f, int64_t engine, uint64_t record) {
    EACH_INPUT(f, i) {
        if (i->record > record) break;
        if (i->engine == engine && i->in.kind == IN_person_command &&
            i->in.person_command.command == COMMAND_UNFREEZE)
            return true;
    }
    return false;
}

void invariant_tampering_stops(const struct facts *f, struct violations *found) {
    EACH(f, audit_tampered, t) {
        if (t->at > begins_at(f, t->engine)) continue;
        EACH(f, deploy_order, d) {
            if (d->engine == t->engine && d->record > t->record && d->status == DEPLOY_ACCEPTED &&
                !lifted_before(f, t->engine, d->record))
                violated(found, "tampering_stops", d->at, d->record,
                         "it changes a service although entry %lld of its log was tampered with",
                         (long long)t->sequence);
        }
    }
}

/* ---- audit_before_effect ---- */

static bool world_effect_of(const struct eng_effect *e, struct op_id *op, int64_t *category) {
    switch (e->kind) {
    case EFF_deploy_stage:
        *op = e->deploy_stage.op;
        *category = CATEGORY_DEPLOYMENT;
        return true;
    case EFF_roll_back:
        *op = e->roll_back.op;
        *category = CATEGORY_ROLLBACK;
        return true;
    case EFF_remedy:
        *op = e->remedy.op;
        *category = e->remedy.undo ? CATEGORY_ROLLBACK : CATEGORY_DEPLOYMENT;
        return true;
    default: return false;
    }
}

/* The stored entry of that sequence, if it is of the operation and the category. */
static const struct fact_audit_stored *entry_of(const struct facts *f, uint32_t engine,
                                                int64_t sequence, struct op_id op,
                                                int64_t category) {
    EACH(f, audit_stored, a) {
        if (a->engine == engine && a->sequence == sequence && a->result == AUDIT_REPLY_OK &&
            ID_EQ(a->op, op) && a->category == category)
            return a;
    }
    return NULL;
}

/* What the engine had been told last when it emitted this. */
static const struct seen_input *step_of(const struct facts *f, const struct seen_effect *e) {
    const struct seen_input *last = NULL;
    EACH_INPUT(f, i) {
        if (i->record > e->record) break;
        if (i->engine == e->engine) last = i;
    }
    return last;
}

void invariant_audit_before_effect(const struct facts *f, struct violations *found) {
    bool *used = calloc(f->audit_stored.count + 1, sizeof *used);
    if (!used) return;
    EACH_EFFECT(f, e) {
        struct op_id op;
        int64_t category;
        if (!world_effect_of(&e->out, &op, &category)) continue;
        const struct seen_input *step = step_of(f, e);
        const struct in_audit_ack *ack =
            step && step->in.kind == IN_audit_ack && step->in.audit_ack.result == AUDIT_REPLY_OK
                ? &step->in.audit_ack
                : NULL;
        const struct fact_audit_stored *a =
            ack ? entry_of(f, e->engine, ack->sequence, op, category) : NULL;
        /* of an operation that brought nothing: what others deployed is undone */
        if (ack && !a && e->out.kind == EFF_roll_back && !op_first_stage(f, op))
            a = entry_of(f, e->engine, ack->sequence, op, CATEGORY_DEPLOYMENT);
        size_t index = a ? (size_t)(a - f->audit_stored.items) : f->audit_stored.count;
        if (!a || a->record > e->record)
            violated(found, "audit_before_effect", e->at, e->record,
                     "%s without its entry's acknowledgement", effect_name(e->out.kind));
        else if (used[index])
            violated(found, "audit_before_effect", e->at, e->record,
                     "%s on entry %lld, which served another effect", effect_name(e->out.kind),
                     (long long)a->sequence);
        used[index] = true;
    }
    free(used);
}

/* ---- notifications ---- */

#define DELIVERY_NS (30 * NS_PER_S) /* channels, with their retries, have so long */

static bool delivered(const struct facts *f, uint32_t engine, int64_t message) {
    EACH(f, message_delivered, m) if (m->engine == engine && m->message == message) return true;
    return false;
}

/* The loss of a message that the engine was told of must stand in its audit log, after. */
static bool loss_audited(const struct facts *f, uint32_t engine, int64_t message) {
    uint64_t told = UINT64_MAX;
    EACH_INPUT(f, i) {
        if (i->engine == engine && i->in.kind == IN_notify_ack && !i->in.notify_ack.delivered &&
            i->in.notify_ack.message == message)
            told = i->record;
    }
    EACH_EFFECT(f, e) {
        if (e->engine == engine && e->record > told && e->out.kind == EFF_audit_append &&
            e->out.audit_append.category == CATEGORY_NOTIFICATION)
            return true;
    }
    return false;
}

static bool closed_before(const struct facts *f, const struct seen_effect *told) {
    EACH_EFFECT(f, e) {
        const struct eff_report *r = &e->out.report;
        bool closes =
            r->kind == REPORT_CLOSED_RESOLVED || r->kind == REPORT_CLOSED_HEALED_BY_ANOTHER;
        if (e->at <= told->at && e->out.kind == EFF_report && closes &&
            ID_EQ(r->incident, told->out.notify.incident))
            return true;
    }
    return false;
}

void invariant_notifications(const struct facts *f, struct violations *found) {
    EACH_EFFECT(f, e) {
        const struct eff_notify *n = &e->out.notify;
        if (e->out.kind != EFF_notify) continue;
        bool due = n->severity == SEVERITY_CRITICAL && time_add(e->at, DELIVERY_NS) <= f->ends_at;
        if (due && !delivered(f, e->engine, n->message) && !loss_audited(f, e->engine, n->message))
            violated(found, "notifications", e->at, e->record,
                     "message %lld (%s) reached nobody, and its loss is not audited",
                     (long long)n->message, reason_name(n->reason));
        if (n->reason == REASON_RESOLVED && !closed_before(f, e))
            violated(found, "notifications", e->at, e->record,
                     "message %lld tells of a success that is not verified", (long long)n->message);
    }
}
