/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Locks: who holds what, by the store's own records. */
#include "reports/judge/invariants.h"
#include "reports/judge/lockbook.h"
#include <stdlib.h>

#define OP(id) ((unsigned long long)(id).v)

/* When an operation said that it ended; TIME_NEVER: it did not. */
static time_ns ended_at(const struct facts *f, struct op_id op) {
    EACH_EFFECT(f, e) {
        const struct eff_report *r = &e->out.report;
        if (e->out.kind == EFF_report && r->kind == REPORT_STATE && ID_EQ(r->op, op) &&
            (r->detail == STATE_COMPLETED || r->detail == STATE_ROLLED_BACK ||
             r->detail == STATE_CANCELLED))
            return e->at;
    }
    return TIME_NEVER;
}

static bool accepted(const struct facts *f, const struct fact_deploy_order *d) {
    return d->status == DEPLOY_ACCEPTED && is_engine(f, d->engine);
}

/* An operation that comes back to a service after another one touched it. */
void invariant_mutual_exclusion(const struct facts *f, struct violations *found) {
    EACH(f, deploy_order, d) {
        bool another = false, violates = false;
        for (const struct fact_deploy_order *p = d; accepted(f, d) && p > f->deploy_order.items;) {
            p--;
            if (!ID_EQ(p->service, d->service) || !accepted(f, p)) continue;
            if (!ID_EQ(p->op, d->op))
                another = true;
            else if (another)
                violates = true;
        }
        if (violates)
            violated(found, "mutual_exclusion", d->at, d->record,
                     "operation %llu acts on %s again after another did", OP(d->op),
                     facts_service(f, d->service));
    }
}

/* ---- lock_hierarchy: by what the engine knows it holds ---- */

struct own_lock {
    struct op_id op;
    int64_t scope, name;
};
struct own_locks {
    struct own_lock *list;
    size_t count, capacity;
};

static void own_take(struct own_locks *own, struct own_lock lock) {
    if (own->count == own->capacity) {
        size_t larger = own->capacity == 0 ? 16 : 2 * own->capacity;
        struct own_lock *moved = realloc(own->list, larger * sizeof *moved);
        if (!moved) return;
        own->list = moved;
        own->capacity = larger;
    }
    own->list[own->count++] = lock;
}

static void own_drop(struct own_locks *own, struct op_id op, int64_t scope, int64_t name) {
    for (size_t i = 0; i < own->count; i++) {
        struct own_lock *l = &own->list[i];
        if (!ID_EQ(l->op, op) || l->scope != scope || l->name != name) continue;
        *l = own->list[--own->count];
        return;
    }
}

static void hierarchy_effect(const struct seen_effect *e, struct own_locks *own,
                             struct violations *found) {
    const struct eff_lock_acquire *a = &e->out.lock_acquire;
    const struct eff_lock_release *r = &e->out.lock_release;
    if (e->out.kind == EFF_lock_release) own_drop(own, r->op, r->scope, r->name);
    if (e->out.kind != EFF_lock_acquire) return;
    for (size_t i = 0; i < own->count; i++) {
        const struct own_lock *l = &own->list[i];
        bool above = l->scope > a->scope || (l->scope == a->scope && l->name > a->name);
        if (ID_EQ(l->op, a->op) && above)
            violated(found, "lock_hierarchy", e->at, e->record,
                     "operation %llu asks for %s %lld while it holds %s %lld", OP(a->op),
                     scope_name(a->scope), (long long)a->name, scope_name(l->scope),
                     (long long)l->name);
    }
}

void invariant_lock_hierarchy(const struct facts *f, struct violations *found) {
    struct own_locks own = {0};
    for (size_t i = 0; i < f->order_count; i++) {
        const struct fact_ref *ref = &f->order[i];
        if (ref->kind == REC_effect) hierarchy_effect(&f->effects[ref->index], &own, found);
        if (ref->kind != REC_input) continue;
        const struct in_lock_reply *r = &f->inputs[ref->index].in.lock_reply;
        if (f->inputs[ref->index].in.kind != IN_lock_reply) continue;
        if (r->result == LOCK_REPLY_GRANTED || r->result == LOCK_REPLY_NOT_HOLDER)
            own_drop(&own, r->op, r->scope, r->name);
        if (r->result == LOCK_REPLY_GRANTED)
            own_take(&own, (struct own_lock){r->op, r->scope, r->name});
    }
    free(own.list);
}

/* ---- by the store's records ---- */

static void each_lock(const struct facts *f, struct violations *found,
                      void (*look)(const struct facts *, const struct lock_entry *before,
                                   const struct fact_lock *, struct violations *)) {
    struct lockbook book = {0};
    EACH(f, lock, l) {
        const struct lock_entry *before = lockbook_of(&book, l->scope, l->name, l->token_epoch);
        if (!before) break;
        look(f, before, l, found);
        lockbook_apply(&book, l);
    }
    lockbook_free(&book);
}

static void look_owner(const struct facts *f, const struct lock_entry *before,
                       const struct fact_lock *l, struct violations *found) {
    (void)f;
    if (l->event != LOCK_RELEASED && l->event != LOCK_RENEWED) return;
    bool own = before->held && ID_EQ(before->holder, l->op) && before->epoch == l->token_epoch &&
               before->number == l->token_number;
    if (!own)
        violated(found, "owner_releases", l->at, l->record,
                 "operation %llu %s %s %lld, which it did not hold by that token", OP(l->op),
                 l->event == LOCK_RELEASED ? "released" : "renewed", scope_name(l->scope),
                 (long long)l->name);
}
void invariant_owner_releases(const struct facts *f, struct violations *found) {
    each_lock(f, found, look_owner);
}

static void look_token(const struct facts *f, const struct lock_entry *before,
                       const struct fact_lock *l, struct violations *found) {
    (void)f;
    bool grows = l->token_epoch > before->top_epoch ||
                 (l->token_epoch == before->top_epoch && l->token_number > before->top_number);
    if (l->event == LOCK_GRANTED && before->top_epoch > 0 && !grows)
        violated(found, "token_monotone", l->at, l->record, "token %lld.%lld follows %lld.%lld",
                 (long long)l->token_epoch, (long long)l->token_number,
                 (long long)before->top_epoch, (long long)before->top_number);
}
void invariant_token_monotone(const struct facts *f, struct violations *found) {
    each_lock(f, found, look_token);
}

static void look_authority(const struct facts *f, const struct lock_entry *before,
                           const struct fact_lock *l, struct violations *found) {
    (void)f;
    if (l->event == LOCK_GRANTED && before->held && before->expires_at > l->at &&
        !ID_EQ(before->holder, l->op))
        violated(found, "single_authority", l->at, l->record,
                 "%s %lld is granted to operation %llu while %llu holds it", scope_name(l->scope),
                 (long long)l->name, OP(l->op), OP(before->holder));
}
void invariant_single_authority(const struct facts *f, struct violations *found) {
    each_lock(f, found, look_authority);
}

/* ---- no_orphan_lock ---- */

static void look_outlived(const struct facts *f, const struct lock_entry *entry, time_ns until,
                          uint64_t record, struct violations *found) {
    time_ns slack = f->limits.lock_ttl_slack_ns, ended = ended_at(f, entry->holder);
    if (!entry->held) return;
    if (until > time_add(entry->expires_at, slack))
        violated(found, "no_orphan_lock", until, record, "%s %lld is held %.3f s beyond its expiry",
                 scope_name(entry->scope), (long long)entry->name,
                 ((double)until - (double)entry->expires_at) / 1e9);
    else if (ended != TIME_NEVER && until > time_add(time_add(ended, f->limits.lock_ttl_ns), slack))
        violated(found, "no_orphan_lock", until, record,
                 "%s %lld is still held by operation %llu, which ended at %.3f s",
                 scope_name(entry->scope), (long long)entry->name, OP(entry->holder),
                 (double)ended / 1e9);
}

static bool frees(int64_t event) {
    return event == LOCK_RELEASED || event == LOCK_EXPIRED || event == LOCK_FORCED ||
           event == LOCK_FORGOTTEN;
}

void invariant_no_orphan_lock(const struct facts *f, struct violations *found) {
    struct lockbook book = {0};
    EACH(f, lock, l) {
        const struct lock_entry *before = lockbook_of(&book, l->scope, l->name, l->token_epoch);
        if (before && frees(l->event)) look_outlived(f, before, l->at, l->record, found);
        lockbook_apply(&book, l);
    }
    for (size_t i = 0; i < book.count; i++)
        look_outlived(f, &book.list[i], f->ends_at, book.list[i].record, found);
    lockbook_free(&book);
}

/* ---- lease_kept ---- */

static bool is_store(struct rec_view name) {
    static const char store[] = "lock-store";
    return name.len == sizeof store - 1 && memcmp(name.bytes, store, name.len) == 0;
}

/* Whether any message to or from the store was lost in a lock's last lifetime: then renewals may
 * have been. */
static bool store_cut_off(const struct facts *f, time_ns at) {
    EACH(f, dropped, d) {
        time_ns until =
            time_add(time_add(d->at, f->limits.lock_ttl_ns), f->limits.lock_ttl_slack_ns);
        if (d->at <= at && at <= until && (is_store(d->from) || is_store(d->to))) return true;
    }
    return false;
}

/* Whether its owner's process was down or stopped in a lock's last lifetime. */
static bool owner_away(const struct facts *f, int64_t engine, time_ns at) {
    EACH(f, process, p) {
        if (p->engine == engine && p->at <= at &&
            at <= time_add(time_add(p->at, f->limits.lock_ttl_ns), f->limits.lock_ttl_slack_ns))
            return true;
    }
    return false;
}

static void look_lease(const struct facts *f, const struct lock_entry *before,
                       const struct fact_lock *l, struct violations *found) {
    if (l->event != LOCK_EXPIRED || !before->held || !is_engine(f, before->engine)) return;
    if (ended_at(f, before->holder) <= l->at || engine_suspended(f, before->engine, l->record))
        return;
    if (store_cut_off(f, l->at) || owner_away(f, before->engine, l->at)) return;
    violated(found, "lease_kept", l->at, l->record,
             "%s %lld runs out while operation %llu lives, and nobody renewed it",
             scope_name(l->scope), (long long)l->name, OP(before->holder));
}
void invariant_lease_kept(const struct facts *f, struct violations *found) {
    each_lock(f, found, look_lease);
}
