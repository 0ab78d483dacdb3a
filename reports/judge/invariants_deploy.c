/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Deployments: under the right lock, on the right base, checked, and undone as they should be. */
#include "engine/base/ratio.h"
#include "reports/judge/invariants.h"
#include "scenarios/words/plan.h"
#include "reports/judge/lockbook.h"

#define OP(id) ((unsigned long long)(id).v)

static bool accepted(const struct facts *f, const struct fact_deploy_order *d) {
    return d->status == DEPLOY_ACCEPTED && is_engine(f, d->engine);
}

/* ---- fencing ---- */

/* The highest token among the orders that the target accepted for the service before this one. */
static bool token_older(const struct facts *f, const struct fact_deploy_order *d) {
    for (const struct fact_deploy_order *p = d; p > f->deploy_order.items;) {
        p--;
        if (!ID_EQ(p->service, d->service) || !accepted(f, p)) continue;
        if (p->token_epoch > d->token_epoch ||
            (p->token_epoch == d->token_epoch && p->token_number > d->token_number))
            return true;
    }
    return false;
}

void invariant_fencing(const struct facts *f, struct violations *found) {
    EACH(f, deploy_order, d) {
        if (accepted(f, d) && token_older(f, d))
            violated(found, "fencing", d->at, d->record,
                     "an order for %s with token %lld.%lld is accepted after a newer one",
                     facts_service(f, d->service), (long long)d->token_epoch,
                     (long long)d->token_number);
    }
}

/* ---- acts_locked ---- */

static bool by_its_token(const struct fact_lock *l, const struct fact_deploy_order *d) {
    return l->scope == SCOPE_SERVICE && l->name == d->service.v && ID_EQ(l->op, d->op) &&
           l->token_epoch == d->token_epoch && l->token_number == d->token_number;
}

/* Somebody else's hand took the lock, another may have it since, and the operation was not told: it
 * acts within a lease that still runs by what it knows. What makes that harmless is fencing, which
 * is judged for itself. */
static bool unaware(const struct facts *f, const struct fact_deploy_order *d) {
    const struct fact_lock *taken = NULL;
    time_ns expires_at = 0;
    EACH(f, lock, l) {
        if (l->record > d->record) break;
        if (!by_its_token(l, d)) continue;
        taken = l->event == LOCK_FORCED || l->event == LOCK_FORGOTTEN ? l : NULL;
        if (!taken) expires_at = l->expires_at;
    }
    if (!taken || d->at > expires_at) return false;
    EACH_INPUT(f, i) {
        const struct in_lock_reply *r = &i->in.lock_reply;
        if (i->record > taken->record && i->record < d->record && i->in.kind == IN_lock_reply &&
            r->result == LOCK_REPLY_NOT_HOLDER && r->scope == SCOPE_SERVICE &&
            r->name == d->service.v && ID_EQ(r->op, d->op))
            return false;
    }
    return true;
}

static void look_order(const struct facts *f, struct lockbook *book,
                       const struct fact_deploy_order *d, struct violations *found) {
    if (!accepted(f, d)) return;
    const struct lock_entry *lock = lockbook_of(book, SCOPE_SERVICE, d->service.v, d->token_epoch);
    bool own = lock && ID_EQ(lock->holder, d->op) && lock->epoch == d->token_epoch &&
               lock->number == d->token_number;
    if (!(own && lock->held) && !unaware(f, d))
        violated(found, "acts_locked", d->at, d->record,
                 "operation %llu acts on %s without holding its SERVICE lock by token %lld",
                 OP(d->op), facts_service(f, d->service), (long long)d->token_number);
}

void invariant_acts_locked(const struct facts *f, struct violations *found) {
    struct lockbook book = {0};
    for (size_t i = 0; i < f->order_count; i++) {
        const struct fact_ref *ref = &f->order[i];
        if (ref->kind == REC_lock) lockbook_apply(&book, &f->lock.items[ref->index]);
        if (ref->kind == REC_deploy_order)
            look_order(f, &book, &f->deploy_order.items[ref->index], found);
    }
    lockbook_free(&book);
}

/* ---- no_lost_update ---- */

void invariant_no_lost_update(const struct facts *f, struct violations *found) {
    EACH(f, deploy_order, d) {
        if (!accepted(f, d) || d->action != 0) continue;
        const struct fact_traffic *t = traffic_before(f, d->service, d->record);
        struct revision_id serving = t ? t->stable : d->serving;
        const struct fact_revision_made *made = facts_revision(f, d->revision);
        bool on_base = ID_EQ(d->base, serving) && (!made || ID_EQ(made->base, serving));
        if (!on_base && !ID_EQ(d->revision, serving))
            violated(found, "no_lost_update", d->at, d->record,
                     "revision %u of %s, made on %u, replaces %u", d->revision.v,
                     facts_service(f, d->service),
                     ID_EQ(d->base, serving) ? made->base.v : d->base.v, serving.v);
    }
}

/* ---- gates_fresh ---- */

static bool checks_passed(const struct facts *f, const struct fact_deploy_order *d) {
    EACH(f, checked, c) {
        if (c->record < d->record && ID_EQ(c->revision, d->revision) && c->reply == REPLY_OK)
            return c->passed;
    }
    return false;
}

static time_ns gated_at(const struct facts *f, const struct fact_deploy_order *d) {
    time_ns last = -1;
    EACH_EFFECT(f, e) {
        if (e->record > d->record) break;
        if (e->out.kind == EFF_report && e->out.report.kind == REPORT_GATED &&
            ID_EQ(e->out.report.op, d->op))
            last = e->at;
    }
    return last;
}

void invariant_gates_fresh(const struct facts *f, struct violations *found) {
    EACH(f, deploy_order, d) {
        if (!accepted(f, d)) continue;
        if (d->action == 0 && !checks_passed(f, d))
            violated(found, "gates_fresh", d->at, d->record,
                     "revision %u of %s serves, which CI did not pass", d->revision.v,
                     facts_service(f, d->service));
        if (!op_begins(f, d)) continue;
        time_ns gated = gated_at(f, d);
        if (gated < 0 || d->at > time_add(gated, f->limits.gate_valid_ns))
            violated(found, "gates_fresh", d->at, d->record, "operation %llu acts on gates that %s",
                     OP(d->op), gated < 0 ? "never passed" : "passed too long ago");
    }
}

/* ---- rollback_restores ---- */

/* What served before the operation changed anything: what an order names to go back to is the
 * engine's word. v = 0: the operation never changed anything. */
static struct revision_id former_revision(const struct facts *f, struct op_id op) {
    const struct fact_deploy_order *first = op_first_stage(f, op);
    if (!first) return (struct revision_id){0};
    const struct fact_traffic *t = traffic_before(f, first->service, first->record);
    return t ? t->stable : first->serving;
}

static bool restored(const struct facts *f, struct svc_id service, struct revision_id former,
                     uint64_t record) {
    const struct fact_traffic *t = traffic_before(f, service, record);
    return !real_revision(former) || !t || traffic_share(t, former) == PPM_ONE;
}

/* A fault of the target, which says "done" of half the work; what the engine makes of that is
 * looked at by its state. */
static bool told_half(const struct facts *f, time_ns at) {
    EACH(f, fault_planned, p) {
        bool on = false;
        if (p->kind != FAULT_ROLLBACK_HALF) continue;
        EACH(f, fault_on, begins) if (begins->fault == p->fault && begins->at <= at) on = true;
        EACH(f, fault_off, ends) if (ends->fault == p->fault && ends->at < at) on = false;
        if (on) return true;
    }
    return false;
}

static void look_rollback(const struct facts *f, const struct fact_deploy_order *d,
                          struct violations *found) {
    struct revision_id former = former_revision(f, d->op);
    EACH(f, deploy_done, done) {
        if (done->record < d->record || !ID_EQ(done->op, d->op) || done->status != DEPLOY_DONE ||
            !ID_EQ(done->revision, d->revision))
            continue;
        if (!restored(f, d->service, former, done->record) && !told_half(f, done->at))
            violated(found, "rollback_restores", done->at, done->record,
                     "the rollback of %s is done, but revision %u, which served before, does not "
                     "serve everything",
                     facts_service(f, d->service), former.v);
        return;
    }
}

void invariant_rollback_restores(const struct facts *f, struct violations *found) {
    EACH(f, deploy_order, d) {
        if (accepted(f, d) && d->action == 1) look_rollback(f, d, found);
    }
    EACH_EFFECT(f, e) {
        const struct eff_report *r = &e->out.report;
        if (e->out.kind != EFF_report || r->kind != REPORT_STATE || r->detail != STATE_ROLLED_BACK)
            continue;
        struct revision_id former = former_revision(f, r->op);
        if (!restored(f, r->service, former, e->record))
            violated(found, "rollback_restores", e->at, e->record,
                     "operation %llu says it went back, but revision %u does not serve everything",
                     OP(r->op), former.v);
    }
}

/* ---- one_remediation_per_target ---- */

/* The state an operation last reported before a record; -1: none. */
static int64_t state_before(const struct facts *f, struct op_id op, uint64_t record) {
    int64_t state = -1;
    EACH_EFFECT(f, e) {
        if (e->record >= record) break;
        if (e->out.kind == EFF_report && e->out.report.kind == REPORT_STATE &&
            ID_EQ(e->out.report.op, op))
            state = e->out.report.detail;
    }
    return state;
}

/* Its SERVICE lock ran out: whatever it believes, what it still sends carries an older token than
 * the next holder's. */
static bool lock_ran_out(const struct facts *f, struct op_id op, uint64_t record) {
    bool expired = false;
    EACH(f, lock, l) {
        if (l->record >= record) break;
        if (!ID_EQ(l->op, op) || l->scope != SCOPE_SERVICE) continue;
        expired = l->event == LOCK_EXPIRED;
    }
    return expired;
}

/* Its engine was started anew since it began, and it has no SERVICE lock: it waits for one, under a
 * newer token, before it looks at what serves. */
static bool taken_up_without(const struct facts *f, const struct seen_op *op, uint64_t record) {
    bool held = false, restarted = false;
    EACH(f, lock, l) {
        if (l->record >= record) break;
        if (!ID_EQ(l->op, op->op) || l->scope != SCOPE_SERVICE) continue;
        held = l->event == LOCK_GRANTED || l->event == LOCK_RENEWED || l->event == LOCK_RETURNED;
    }
    EACH(f, process, p) {
        if (p->record < record && p->engine == op->engine && p->event == PROCESS_STARTED)
            restarted = true;
    }
    return restarted && !held;
}

void invariant_one_remediation_per_target(const struct facts *f, struct violations *found) {
    EACH_EFFECT(f, e) {
        const struct eff_report *r = &e->out.report;
        if (e->out.kind != EFF_report || r->kind != REPORT_STATE || r->detail != STATE_IN_PROGRESS)
            continue;
        for (size_t i = 0; i < f->op_count; i++) {
            const struct seen_op *other = &f->ops[i];
            if (ID_EQ(other->op, r->op) || !ID_EQ(other->service, r->service)) continue;
            if (state_before(f, other->op, e->record) == STATE_IN_PROGRESS &&
                !lock_ran_out(f, other->op, e->record) && !taken_up_without(f, other, e->record))
                violated(found, "one_remediation_per_target", e->at, e->record,
                         "operation %llu begins on %s while %llu acts there", OP(r->op),
                         facts_service(f, r->service), OP(other->op));
        }
    }
}
