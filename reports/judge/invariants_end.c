/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is left when a run is over. */
#include "engine/base/ratio.h"
#include "reports/judge/invariants.h"
#include "reports/judge/lockbook.h"

#define OP(id)     ((unsigned long long)(id).v)
#define ON_THE_WAY NS_PER_S /* a message sent at an operation's end may be under way so long */

/* The last state an operation reported, and when. */
struct last_state {
    int64_t state; /* -1: none */
    time_ns at;
    uint64_t record;
};
static struct last_state last_state_of(const struct facts *f, struct op_id op) {
    struct last_state last = {-1, 0, 0};
    EACH_EFFECT(f, e) {
        if (e->out.kind == EFF_report && e->out.report.kind == REPORT_STATE &&
            ID_EQ(e->out.report.op, op))
            last = (struct last_state){e->out.report.detail, e->at, e->record};
    }
    return last;
}

static bool is_final(int64_t state) {
    return state == STATE_COMPLETED || state == STATE_ROLLED_BACK || state == STATE_CANCELLED;
}

static bool finished(const struct facts *f, struct op_id op) {
    struct last_state last = last_state_of(f, op);
    return is_final(last.state) && f->ends_at >= time_add(last.at, ON_THE_WAY);
}

/* ---- clean_end ---- */

static bool same_name(struct rec_view a, struct rec_view b) {
    return a.len == b.len && memcmp(a.bytes, b.bytes, a.len) == 0;
}

/* What it sent to the lock store, or the store to it, was dropped since: it cannot know, and the
 * lease ends it (no_orphan_lock). */
static bool store_unheard(const struct facts *f, struct op_id holder, uint64_t record) {
    const struct seen_op *op = facts_op(f, holder);
    if (!op || op->engine >= f->engine.count) return false;
    struct rec_view store = REC_STR("lock-store"), name = f->engine.items[op->engine].name;
    EACH(f, dropped, d) {
        bool ours = (same_name(d->from, name) && same_name(d->to, store)) ||
                    (same_name(d->to, name) && same_name(d->from, store));
        if (ours && d->record > record) return true;
    }
    return false;
}

static void locks_left(const struct facts *f, struct violations *found) {
    struct lockbook book = {0};
    EACH(f, lock, l) lockbook_apply(&book, l);
    for (size_t i = 0; i < book.count; i++) {
        const struct lock_entry *e = &book.list[i];
        if (e->held && finished(f, e->holder) && !store_unheard(f, e->holder, e->record))
            violated(found, "clean_end", f->ends_at, e->record,
                     "%s %lld is still held by operation %llu, which has ended",
                     scope_name(e->scope), (long long)e->name, OP(e->holder));
    }
    lockbook_free(&book);
}

/* One that came back with a successor of the store nobody withdraws again: whoever did was told
 * that it is gone. It ends by itself. */
static void intents_left(const struct facts *f, struct violations *found) {
    EACH(f, registry, r) {
        bool last = true;
        for (const struct fact_registry *q = r + 1; q < f->registry.items + f->registry.count; q++)
            if (ID_EQ(q->op, r->op)) last = false;
        if (last && r->event == REGISTRY_REGISTERED && finished(f, r->op))
            violated(found, "clean_end", f->ends_at, r->record,
                     "the intent of operation %llu, which has ended, still stands", OP(r->op));
    }
}

static void candidates_left(const struct facts *f, struct violations *found) {
    EACH(f, service, s) {
        const struct fact_traffic *t = traffic_at(f, s->service, f->ends_at);
        bool partial =
            t && real_revision(t->candidate) && t->share_ppm > 0 && t->share_ppm < PPM_ONE;
        if (partial && finished(f, t->op))
            violated(found, "clean_end", f->ends_at, t->record,
                     "revision %u of %s still serves %.1f%%, and its operation has ended",
                     t->candidate.v, facts_service(f, s->service), (double)t->share_ppm / 1e4);
    }
}

static void faults_left(const struct facts *f, struct violations *found) {
    EACH(f, fault_on, on) {
        bool off = f->heals_at == TIME_NEVER;
        EACH(f, fault_off, o) if (o->fault == on->fault && o->record > on->record) off = true;
        if (!off)
            violated(found, "clean_end", f->ends_at, on->record,
                     "fault %lld is on after everything was healed", (long long)on->fault);
    }
}

void invariant_clean_end(const struct facts *f, struct violations *found) {
    locks_left(f, found);
    intents_left(f, found);
    candidates_left(f, found);
    faults_left(f, found);
}

/* ---- liveness ---- */

/* What waits for a person, or was stopped by one or by the engine's own suspension, need not end;
 * nor what waits behind that on the same service. */
static bool taken_by_command(const struct facts *f, const struct seen_effect *opened) {
    EACH_INPUT(f, i) {
        const struct in_person_command *c = &i->in.person_command;
        if (i->in.kind != IN_person_command || i->engine != opened->engine) continue;
        const struct seen_op *op = facts_op(f, c->op);
        bool here = op && ID_EQ(op->service, opened->out.report.service);
        if (c->command == COMMAND_FREEZE || c->command == COMMAND_SET_MODE) return true;
        if (here && (c->command == COMMAND_CANCEL || c->command == COMMAND_PAUSE)) return true;
    }
    return false;
}

/* Of any engine: an operation that waits for an answer keeps its lock, and the others wait. */
static bool asked_about(const struct facts *f, struct svc_id service, struct incident_id incident) {
    EACH(f, message_delivered, m) {
        bool same =
            ID_EQ(m->service, service) || (real64(incident.v) && ID_EQ(m->incident, incident));
        if (m->form != FORM_TELL && same) return true;
    }
    return false;
}

/* An engine that stopped keeps what it holds until a person lets it go on. */
static bool behind_one_that_stopped(const struct facts *f, struct svc_id service) {
    for (size_t i = 0; i < f->op_count; i++) {
        const struct seen_op *op = &f->ops[i];
        if (ID_EQ(op->service, service) && engine_suspended(f, op->engine, UINT64_MAX) &&
            !is_final(last_state_of(f, op->op).state))
            return true;
    }
    return false;
}

/* What another engine's, or its own, operation conflicts with, by any way that services relate. */
static bool may_conflict(const struct facts *f, struct svc_id a, struct svc_id b) {
    bool grouped = false;
    EACH(f, group, of_a)
    EACH(f, group, of_b)
    grouped |= of_a->group == of_b->group && ID_EQ(of_a->service, a) && ID_EQ(of_b->service, b);
    return grouped || facts_reaches(f, a, b) || facts_reaches(f, b, a);
}

/* Which a person has, or whose engine stopped: its intent stands, and what conflicts with it waits.
 */
static bool behind_a_conflict(const struct facts *f, struct svc_id service) {
    for (size_t i = 0; i < f->op_count; i++) {
        const struct seen_op *op = &f->ops[i];
        struct last_state last = last_state_of(f, op->op);
        if (last.state < 0 || is_final(last.state) || !may_conflict(f, op->service, service))
            continue;
        if (engine_suspended(f, op->engine, UINT64_MAX) || last.state == STATE_PAUSED) return true;
    }
    return false;
}

static bool with_a_person(const struct facts *f, const struct seen_effect *opened) {
    const struct eff_report *r = &opened->out.report;
    return behind_one_that_stopped(f, r->service) || behind_a_conflict(f, r->service) ||
           taken_by_command(f, opened) || asked_about(f, r->service, r->incident);
}

static bool ended(const struct facts *f, struct incident_id incident) {
    EACH_EFFECT(f, e) {
        const struct eff_report *r = &e->out.report;
        bool ends = r->kind == REPORT_CLOSED_RESOLVED || r->kind == REPORT_ESCALATED ||
                    r->kind == REPORT_CLOSED_HEALED_BY_ANOTHER;
        if (e->out.kind == EFF_report && ends && ID_EQ(r->incident, incident)) return true;
    }
    return false;
}

void invariant_liveness(const struct facts *f, struct violations *found) {
    /* an operation may wait for its cooldown first */
    time_ns allowed = time_add(f->limits.liveness_bound_ns, f->limits.cooldown_ns);
    time_ns bound = time_add(f->heals_at, allowed);
    if (f->heals_at == TIME_NEVER || f->ends_at < bound) return;
    EACH_EFFECT(f, e) {
        const struct eff_report *r = &e->out.report;
        if (e->out.kind != EFF_report || r->kind != REPORT_OPENED) continue;
        if (f->limits.mode != MODE_ACT) continue; /* it tells of it, and people act */
        if (!ended(f, r->incident) && !with_a_person(f, e) &&
            !engine_suspended(f, e->engine, UINT64_MAX))
            violated(found, "liveness", f->ends_at, e->record, "incident %llu on %s has not ended",
                     (unsigned long long)r->incident.v, facts_service(f, r->service));
    }
    for (size_t i = 0; i < f->op_count; i++) {
        struct last_state last = last_state_of(f, f->ops[i].op);
        bool open = last.state >= 0 && !is_final(last.state) && last.state != STATE_PAUSED &&
                    last.state != STATE_FAILED;
        if (open && !engine_suspended(f, f->ops[i].engine, UINT64_MAX) &&
            !asked_about(f, f->ops[i].service, f->ops[i].incident) &&
            !behind_one_that_stopped(f, f->ops[i].service) &&
            !behind_a_conflict(f, f->ops[i].service))
            violated(found, "liveness", f->ends_at, last.record, "operation %llu stands in %s",
                     OP(f->ops[i].op), state_name(last.state));
    }
}
