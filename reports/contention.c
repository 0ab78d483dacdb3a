/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/contention.h"
#include "engine/base/ratio.h"
#include "reports/judge/invariants.h"
#include <stdlib.h>

struct key {
    int64_t scope, name;
};

static int by_key(const void *a, const void *b) {
    const struct key *x = a, *y = b;
    if (x->scope != y->scope) return x->scope < y->scope ? -1 : 1;
    return x->name < y->name ? -1 : x->name > y->name;
}

/* The keys of all locks, once each. */
static size_t keys_of(const struct facts *f, struct key *keys) {
    size_t count = 0, kept = 0;
    EACH(f, lock, l) keys[count++] = (struct key){l->scope, l->name};
    qsort(keys, count, sizeof *keys, by_key);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || by_key(&keys[i], &keys[kept - 1]) != 0) keys[kept++] = keys[i];
    return kept;
}

/* ---- one lock's story ---- */

struct story {
    const struct facts *facts;
    struct lock_figures *figures;
    time_ns *waits, *holds; /* room for one a record */
    size_t wait_count, hold_count;
    time_ns granted_at, freed_at; /* -1: not held; never freed */
    time_ns held_ns, waited_ns;   /* sums, of waits that ended in any way */
    int64_t convoy, waiters, queue_ns_last;
    int128 queue_area; /* waiting requests * ns */
};

/* When the operation's present wait began; -1: it does not wait. */
static time_ns queued_at(const struct story *s, const struct fact_lock *now) {
    time_ns since = -1;
    EACH(s->facts, lock, l) {
        if (l >= now) break;
        if (l->scope != now->scope || l->name != now->name || !ID_EQ(l->op, now->op)) continue;
        if (l->event == LOCK_QUEUED && since < 0) since = l->at;
        if (l->event == LOCK_GRANTED || l->event == LOCK_LEFT) since = -1;
    }
    return since;
}

static void queue_moves(struct story *s, time_ns at, int64_t waiters) {
    s->queue_area += (int128)s->waiters * (at - s->queue_ns_last);
    s->queue_ns_last = at;
    s->waiters = waiters;
}

static void granted(struct story *s, const struct fact_lock *l) {
    time_ns since = queued_at(s, l), waited = since < 0 ? 0 : l->at - since;
    s->figures->grants++;
    s->figures->requests += since < 0;
    s->waits[s->wait_count++] = waited;
    s->waited_ns += waited;
    bool passed_on = since >= 0 && s->freed_at == l->at;
    s->convoy = passed_on ? s->convoy + 1 : 1;
    if (s->convoy > s->figures->convoy_max) s->figures->convoy_max = s->convoy;
    if (since >= 0) queue_moves(s, l->at, s->waiters - 1);
    s->granted_at = l->at;
}

static void freed(struct story *s, time_ns at) {
    if (s->granted_at < 0) return;
    s->holds[s->hold_count++] = at - s->granted_at;
    s->held_ns += at - s->granted_at;
    s->granted_at = -1;
    s->freed_at = at;
}

static void see(struct story *s, const struct fact_lock *l) {
    struct lock_figures *x = s->figures;
    if (l->queue > x->queue_max) x->queue_max = l->queue;
    switch (l->event) {
    case LOCK_GRANTED: granted(s, l); break;
    case LOCK_QUEUED:
        if (queued_at(s, l) >= 0) break; /* asked again */
        x->requests++;
        queue_moves(s, l->at, s->waiters + 1);
        break;
    case LOCK_LEFT: {
        time_ns since = queued_at(s, l);
        x->timeouts++;
        if (since < 0) break;
        s->waited_ns += l->at - since;
        queue_moves(s, l->at, s->waiters - 1);
        break;
    }
    case LOCK_REFUSED: x->refused++; break;
    case LOCK_FORGOTTEN:
    case LOCK_EXPIRED:
        x->lost++;
        freed(s, l->at);
        break;
    case LOCK_FORCED:
        x->forced++;
        freed(s, l->at);
        break;
    case LOCK_RELEASED: freed(s, l->at); break;
    default: break;
    }
}

/* L over the run against lambda * W: equal when every wait has ended. */
static void finish(struct story *s) {
    struct lock_figures *x = s->figures;
    time_ns span = s->facts->ends_at > 0 ? s->facts->ends_at : 1;
    queue_moves(s, s->facts->ends_at, s->waiters);
    freed(s, s->facts->ends_at);
    x->utilisation_ppm = muldiv(s->held_ns, PPM_ONE, span);
    x->queue_mean_ppm = (int64_t)(s->queue_area * PPM_ONE / span);
    x->waited = s->waited_ns;
    x->little_ppm = muldiv(s->waited_ns, PPM_ONE, span);
    distribution_points(s->waits, s->wait_count, &x->wait);
    distribution_points(s->holds, s->hold_count, &x->hold);
}

const char *lock_label(char out[LOCK_LABEL], const struct facts *f, int64_t scope, int64_t name) {
    bool of_service = scope == SCOPE_SERVICE || scope == SCOPE_DEPLOYMENT;
    struct svc_id service = {name >= 0 && name < NONE_ID ? (uint32_t)name : NONE_ID};
    if (of_service)
        snprintf(out, LOCK_LABEL, "%s %s", scope_name(scope), facts_service(f, service));
    else /* an incident's id is long; its counter tells it from others */
        snprintf(out, LOCK_LABEL, "%s %lld.%lld", scope_name(scope),
                 (long long)((uint64_t)name >> 48), (long long)(name & 0xffffffff));
    return out;
}

static struct story story_of(const struct facts *f, struct lock_figures *x, time_ns *waits,
                             time_ns *holds) {
    struct story s = {
        .facts = f, .figures = x, .waits = waits, .holds = holds, .granted_at = -1, .freed_at = -1};
    EACH(f, lock, l) if (l->scope == x->scope && l->name == x->name) see(&s, l);
    finish(&s);
    return s;
}

/* ---- all of them ---- */

static void add(struct lock_figures *total, const struct lock_figures *x) {
    total->requests += x->requests;
    total->grants += x->grants;
    total->timeouts += x->timeouts;
    total->refused += x->refused;
    total->lost += x->lost;
    total->forced += x->forced;
    total->waited += x->waited;
    total->utilisation_ppm += x->utilisation_ppm;
    total->queue_mean_ppm += x->queue_mean_ppm;
    total->little_ppm += x->little_ppm;
    if (x->queue_max > total->queue_max) total->queue_max = x->queue_max;
    if (x->convoy_max > total->convoy_max) total->convoy_max = x->convoy_max;
}

static int64_t fairness(const struct facts *f) {
    int128 sum = 0, squares = 0, engines = 0;
    EACH(f, engine, e) {
        int64_t grants = 0, asked = 0;
        EACH(f, lock, l) {
            if (l->engine != e->engine) continue;
            grants += l->event == LOCK_GRANTED;
            asked += l->event == LOCK_GRANTED || l->event == LOCK_QUEUED;
        }
        if (asked == 0) continue;
        engines++;
        sum += grants;
        squares += (int128)grants * grants;
    }
    return squares > 0 ? (int64_t)(sum * sum * PPM_ONE / (engines * squares)) : PPM_ONE;
}

static void waits_for_graph(const struct facts *f, struct contention *out) {
    struct violations *found = calloc(1, sizeof *found);
    EACH(f, lock, l) out->wait_edges += l->event == LOCK_QUEUED && real64(l->holder.v);
    if (!found) return;
    invariant_no_deadlock(f, found);
    out->cycles = found->count + found->dropped;
    free(found);
}

bool contention_of(const struct facts *f, struct contention *out) {
    size_t room = f->lock.count + 1, waits = 0, holds = 0;
    *out = (struct contention){.fairness_ppm = fairness(f)};
    struct key *keys = malloc(room * sizeof *keys);
    time_ns *times = malloc(2 * room * sizeof *times);
    out->list = calloc(room, sizeof *out->list);
    bool fine = keys && times && out->list;
    size_t count = fine ? keys_of(f, keys) : 0;
    for (size_t k = 0; k < count; k++) {
        struct lock_figures *x = &out->list[out->count++];
        x->scope = keys[k].scope;
        x->name = keys[k].name;
        lock_label(x->label, f, x->scope, x->name);
        /* each lock's samples are sorted in place behind the former ones', then all together */
        struct story s = story_of(f, x, times + waits, times + room + holds);
        waits += s.wait_count;
        holds += s.hold_count;
        add(&out->total, x);
    }
    if (fine) {
        distribution_points(times, waits, &out->total.wait);
        distribution_points(times + room, holds, &out->total.hold);
        snprintf(out->total.label, sizeof out->total.label, "all");
        waits_for_graph(f, out);
        EACH(f, deploy_order, d) out->fenced_off += d->status == DEPLOY_STALE_TOKEN;
    }
    free(keys);
    free(times);
    return fine;
}

void contention_free(struct contention *contention) {
    free(contention->list);
    *contention = (struct contention){0};
}
