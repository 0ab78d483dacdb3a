/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Waits: bounded, without a cycle, and for a reason that the registry bears out. */
#include "reports/judge/invariants.h"
#include "reports/judge/lockbook.h"
#include <stdlib.h>

#define OP(id)        ((unsigned long long)(id).v)
#define ANSWER_MARGIN NS_PER_S /* the engine's own clock and its step, beside the wait timeout */

/* ---- no_deadlock ---- */

struct waits {
    const struct fact_lock **list; /* requests queued */
    size_t count;
};

static void waits_drop(struct waits *w, const struct fact_lock *l) {
    for (size_t i = 0; i < w->count; i++) {
        const struct fact_lock *q = w->list[i];
        if (!ID_EQ(q->op, l->op) || q->scope != l->scope || q->name != l->name) continue;
        w->list[i] = w->list[--w->count];
        return;
    }
}

/* Whether "from" waits, over any number of holders, for "goal". Each step follows one wait; more
 * steps than waits mean a cycle without the goal, which is found from its own member. */
static bool waits_for(const struct waits *w, struct lockbook *book, struct op_id from,
                      struct op_id goal, size_t steps) {
    for (size_t i = 0; steps > 0 && i < w->count; i++) {
        if (!ID_EQ(w->list[i]->op, from)) continue;
        const struct lock_entry *e = lockbook_entry(book, w->list[i]->scope, w->list[i]->name);
        if (!e || !e->held || ID_EQ(e->holder, from)) continue;
        if (ID_EQ(e->holder, goal) || waits_for(w, book, e->holder, goal, steps - 1)) return true;
    }
    return false;
}

void invariant_no_deadlock(const struct facts *f, struct violations *found) {
    struct lockbook book = {0};
    struct waits w = {.list = calloc(f->lock.count + 1, sizeof *w.list)};
    if (!w.list) return;
    EACH(f, lock, l) {
        waits_drop(&w, l);
        lockbook_apply(&book, l);
        if (l->event == LOCK_QUEUED) w.list[w.count++] = l;
        if (l->event == LOCK_QUEUED && waits_for(&w, &book, l->op, l->op, 64))
            violated(found, "no_deadlock", l->at, l->record,
                     "operation %llu waits for itself, by %s %lld", OP(l->op), scope_name(l->scope),
                     (long long)l->name);
    }
    free(w.list);
    lockbook_free(&book);
}

/* ---- bounded_wait: from the engine's side, so that a lost message is no endless wait ---- */

static bool reply_ends(const struct eng_input *in, const struct in_lock_reply *wait) {
    const struct in_lock_reply *r = &in->lock_reply;
    return in->kind == IN_lock_reply && ID_EQ(r->op, wait->op) && r->scope == wait->scope &&
           r->name == wait->name && r->result != LOCK_REPLY_HELD;
}

static bool effect_ends(const struct eng_effect *e, const struct in_lock_reply *wait) {
    if (e->kind == EFF_lock_leave) return ID_EQ(e->lock_leave.op, wait->op);
    if (e->kind == EFF_suspend) return e->suspend.on;
    bool state = e->kind == EFF_report && e->report.kind == REPORT_STATE;
    return state && ID_EQ(e->report.op, wait->op) && e->report.detail != STATE_INIT;
}

void invariant_bounded_wait(const struct facts *f, struct violations *found) {
    EACH_INPUT(f, i) {
        const struct in_lock_reply *wait = &i->in.lock_reply;
        if (i->in.kind != IN_lock_reply || wait->result != LOCK_REPLY_HELD) continue;
        if (engine_suspended(f, i->engine, i->record)) continue; /* it waits for nothing then */
        time_ns until = time_add(time_add(i->at, f->limits.wait_timeout_ns), ANSWER_MARGIN);
        bool over = until > f->ends_at;
        EACH_INPUT(f, r) {
            if (r->engine == i->engine && r->record > i->record && r->at <= until)
                over = over || reply_ends(&r->in, wait);
        }
        EACH_EFFECT(f, e) {
            if (e->engine == i->engine && e->record > i->record && e->at <= until)
                over = over || effect_ends(&e->out, wait);
        }
        if (!over)
            violated(found, "bounded_wait", until, i->record,
                     "operation %llu waits for %s %lld longer than its timeout", OP(wait->op),
                     scope_name(wait->scope), (long long)wait->name);
    }
}

/* ---- registry_agrees ---- */

static bool stands(const struct fact_registry *r) {
    return r->event == REGISTRY_REGISTERED || r->event == REGISTRY_RETURNED;
}

/* The number of an operation's intent at a record; 0: it has none. */
static int64_t number_at(const struct facts *f, struct op_id op, uint64_t record) {
    int64_t number = 0;
    EACH(f, registry, r) {
        if (r->record > record) break;
        if (ID_EQ(r->op, op)) number = stands(r) ? r->number : 0;
    }
    return number;
}

/* Goes on (IN_PROGRESS) although an intent with a lower number, of a service that calls this one or
 * is called by it, stands. */
static void look_passed(const struct facts *f, const struct seen_effect *e,
                        struct violations *found) {
    const struct eff_report *r = &e->out.report;
    int64_t own = number_at(f, r->op, e->record);
    EACH(f, registry, other) {
        if (other->record > e->record || other->event != REGISTRY_REGISTERED ||
            ID_EQ(other->op, r->op))
            continue;
        int64_t number = number_at(f, other->op, e->record);
        if (number != other->number || number >= own || own == 0) continue;
        if (services_call(f, r->service, other->service) && !op_approved(f, r->op, e->record))
            violated(found, "registry_agrees", e->at, e->record,
                     "operation %llu on %s goes on beside %llu on %s, which came first", OP(r->op),
                     facts_service(f, r->service), OP(other->op), facts_service(f, other->service));
    }
}

/* Gives way because of a conflict, although nobody with a lower number is there. */
static void look_backed_off(const struct facts *f, const struct seen_effect *e,
                            struct violations *found) {
    const struct eff_notify *n = &e->out.notify;
    int64_t own = number_at(f, n->op, e->record);
    bool first = own > 0;
    EACH(f, registry, other) {
        if (other->record > e->record || other->event != REGISTRY_REGISTERED ||
            ID_EQ(other->op, n->op))
            continue;
        int64_t number = number_at(f, other->op, e->record);
        if (number > 0 && number < own) first = false;
    }
    if (first)
        violated(found, "registry_agrees", e->at, e->record,
                 "operation %llu gives way, but nobody came before it", OP(n->op));
}

void invariant_registry_agrees(const struct facts *f, struct violations *found) {
    EACH_EFFECT(f, e) {
        const struct eff_report *r = &e->out.report;
        if (e->out.kind == EFF_report && r->kind == REPORT_STATE &&
            r->detail == STATE_IN_PROGRESS && f->limits.dependency_action >= ACTION_PAUSE)
            look_passed(f, e, found);
        if (e->out.kind == EFF_notify && e->out.notify.reason == REASON_CONFLICT)
            look_backed_off(f, e, found);
    }
}

/* ---- conflict_oracle ---- */

static bool binds(int64_t action) { return action == ACTION_DELAY || action >= ACTION_PAUSE; }

static bool share_a_resource(const struct facts *f, struct svc_id a, struct svc_id b) {
    EACH(f, group, of_a) {
        if (!ID_EQ(of_a->service, a)) continue;
        EACH(f, group, of_b) {
            if (of_b->group == of_a->group && ID_EQ(of_b->service, b)) return true;
        }
    }
    return false;
}

/* Why two operations on these services may not run beside each other; NULL: they may. */
static const char *related(const struct facts *f, struct svc_id a, struct svc_id b) {
    if (ID_EQ(a, b)) return NULL;
    if (binds(f->limits.dependency_action) && services_call(f, a, b)) return "call each other";
    if (binds(f->limits.shared_action) && share_a_resource(f, a, b)) return "share a resource";
    return NULL;
}

/* Whether its intent stood from the order on until a later record. */
static bool still_under_way(const struct facts *f, const struct fact_deploy_order *first,
                            uint64_t record) {
    EACH(f, registry, r) {
        if (r->record > record) break;
        if (r->record > first->record && ID_EQ(r->op, first->op) && !stands(r)) return false;
    }
    return number_at(f, first->op, first->record) > 0;
}

/* The naive detector: it knows only what both began, and the plan's calls and groups. */
void invariant_conflict_oracle(const struct facts *f, struct violations *found) {
    EACH(f, deploy_order, later) {
        if (!op_begins(f, later)) continue;
        EACH(f, deploy_order, first) {
            if (first->record >= later->record) break;
            if (ID_EQ(first->op, later->op) || !op_begins(f, first)) continue;
            const char *how = related(f, first->service, later->service);
            if (!how || !still_under_way(f, first, later->record)) continue;
            if (op_approved(f, later->op, later->record) ||
                op_approved(f, first->op, first->record))
                continue;
            violated(found, "conflict_oracle", later->at, later->record,
                     "operations %llu on %s and %llu on %s run beside each other; the two %s",
                     OP(first->op), facts_service(f, first->service), OP(later->op),
                     facts_service(f, later->service), how);
        }
    }
}
