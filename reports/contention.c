/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/contention.h"
#include "engine/base/check.h"
#include "engine/base/diag.h"
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

/* How long, and whose. */
struct sample {
    time_ns ns;
    int64_t scope, name, engine;
};
struct samples { /* room for one a record */
    struct sample *list;
    size_t count;
};

struct story {
    const struct facts *facts;
    struct contention *out;
    struct lock_figures *figures;
    struct samples *waits, *holds;
    int64_t engine;               /* whose hold it is */
    time_ns granted_at, freed_at; /* -1: not held; never freed */
    time_ns held_ns, waited_ns;   /* sums, of waits that ended in any way */
    int64_t convoy, waiters, queue_ns_last;
    int128 queue_area; /* waiting requests * ns */
};

/* When the operation's present wait for a lock began, before a record; -1: it does not wait. */
static time_ns wait_began(const struct facts *f, const struct fact_lock *lock, struct op_id op,
                          const struct fact_lock *before) {
    time_ns since = -1;
    EACH(f, lock, l) {
        if (l >= before) break;
        if (l->scope != lock->scope || l->name != lock->name || !ID_EQ(l->op, op)) continue;
        if (l->event == LOCK_QUEUED && since < 0) since = l->at;
        if (l->event == LOCK_GRANTED || l->event == LOCK_LEFT) since = -1;
    }
    return since;
}
static time_ns queued_at(const struct facts *f, const struct fact_lock *now) {
    return wait_began(f, now, now->op, now);
}

static void sample(struct samples *to, time_ns ns, const struct story *s, int64_t engine) {
    to->list[to->count++] = (struct sample){ns, s->figures->scope, s->figures->name, engine};
}

/* Several changes of one instant leave one point. */
static void queue_point(struct story *s, time_ns at, int64_t waiters) {
    struct contention *c = s->out;
    uint32_t lock = (uint32_t)(s->figures - c->list);
    struct queue_point *last = c->queue_count > 0 ? &c->queues[c->queue_count - 1] : NULL;
    if (!last || last->lock != lock || last->at != at) last = &c->queues[c->queue_count++];
    *last = (struct queue_point){lock, at, waiters};
}

static void queue_moves(struct story *s, time_ns at, int64_t waiters) {
    if (waiters != s->waiters) queue_point(s, at, waiters);
    s->queue_area += (int128)s->waiters * (at - s->queue_ns_last);
    s->queue_ns_last = at;
    s->waiters = waiters;
}

static void granted(struct story *s, const struct fact_lock *l) {
    time_ns since = queued_at(s->facts, l), waited = since < 0 ? 0 : l->at - since;
    s->figures->grants++;
    s->figures->requests += since < 0;
    sample(s->waits, waited, s, l->engine);
    s->waited_ns += waited;
    bool passed_on = since >= 0 && s->freed_at == l->at;
    s->convoy = passed_on ? s->convoy + 1 : 1;
    if (s->convoy > s->figures->convoy_max) s->figures->convoy_max = s->convoy;
    if (since >= 0) queue_moves(s, l->at, s->waiters - 1);
    s->granted_at = l->at;
    s->engine = l->engine;
}

static void freed(struct story *s, time_ns at) {
    if (s->granted_at < 0) return;
    sample(s->holds, at - s->granted_at, s, s->engine);
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
        if (queued_at(s->facts, l) >= 0) break; /* asked again */
        x->requests++;
        queue_moves(s, l->at, s->waiters + 1);
        break;
    case LOCK_LEFT: {
        time_ns since = queued_at(s->facts, l);
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

/* What those who still wait at the end have waited so far, by their own records. */
static void still_waiting(struct story *s) {
    const struct facts *f = s->facts;
    struct fact_lock after = {.scope = s->figures->scope, .name = s->figures->name};
    EACH(f, lock, l) {
        if (l->scope != after.scope || l->name != after.name || l->event != LOCK_QUEUED) continue;
        time_ns since = wait_began(f, &after, l->op, f->lock.items + f->lock.count);
        if (since >= 0 && wait_began(f, &after, l->op, l) < 0) s->waited_ns += f->ends_at - since;
    }
}

/* L over the run against lambda * W. */
static void finish(struct story *s) {
    struct lock_figures *x = s->figures;
    time_ns span = s->facts->ends_at > 0 ? s->facts->ends_at : 1;
    still_waiting(s);
    queue_moves(s, s->facts->ends_at, s->waiters);
    freed(s, s->facts->ends_at);
    x->utilisation_ppm = muldiv(s->held_ns, PPM_ONE, span);
    x->queue_mean_ppm = (int64_t)(s->queue_area * PPM_ONE / span);
    x->waited = s->waited_ns;
    x->little_ppm = muldiv(s->waited_ns, PPM_ONE, span);
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

static void story_of(const struct facts *f, struct contention *out, struct lock_figures *x,
                     struct samples *waits, struct samples *holds) {
    struct story s = {.facts = f,
                      .out = out,
                      .figures = x,
                      .waits = waits,
                      .holds = holds,
                      .granted_at = -1,
                      .freed_at = -1};
    EACH(f, lock, l) if (l->scope == x->scope && l->name == x->name) see(&s, l);
    finish(&s);
}

/* ---- several together ---- */

#define ANY (-2)

static void distribution_where(const struct samples *all, const struct sample *like,
                               struct distribution *out) {
    size_t count = 0;
    time_ns *times = malloc((all->count + 1) * sizeof *times);
    ASSERT(times != NULL);
    for (size_t k = 0; k < all->count; k++) {
        const struct sample *s = &all->list[k];
        bool same = (like->scope == ANY || s->scope == like->scope) &&
                    (like->name == ANY || s->name == like->name) &&
                    (like->engine == ANY || s->engine == like->engine);
        if (same) times[count++] = s->ns;
    }
    distribution_points(times, count, out);
    free(times);
}

static void distributions(struct lock_figures *x, const struct samples *waits,
                          const struct samples *holds, struct sample like) {
    distribution_where(waits, &like, &x->wait);
    distribution_where(holds, &like, &x->hold);
}

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

/* The list is in order of scope. */
static void add_scopes(struct contention *out, const struct samples *waits,
                       const struct samples *holds) {
    for (uint32_t k = 0; k < out->count; k++) {
        const struct lock_figures *x = &out->list[k];
        bool another = out->scope_count == 0 || out->scopes[out->scope_count - 1].scope != x->scope;
        struct lock_figures *scope =
            &out->scopes[another ? out->scope_count++ : out->scope_count - 1];
        add(scope, x);
        scope->scope = x->scope;
        scope->name = ANY;
    }
    for (uint32_t k = 0; k < out->scope_count; k++) {
        struct lock_figures *x = &out->scopes[k];
        snprintf(x->label, sizeof x->label, "all %s", scope_name(x->scope));
        distributions(x, waits, holds, (struct sample){0, x->scope, ANY, ANY});
    }
}

/* What an engine asked for, and what came of it. */
static void engine_asked(struct lock_figures *x, const struct facts *f, int64_t engine) {
    EACH(f, lock, l) {
        if (l->engine != engine) continue;
        time_ns since = queued_at(f, l);
        bool leaves = l->event == LOCK_GRANTED || l->event == LOCK_LEFT;
        x->requests += since < 0 && (l->event == LOCK_GRANTED || l->event == LOCK_QUEUED);
        x->grants += l->event == LOCK_GRANTED;
        x->timeouts += l->event == LOCK_LEFT;
        x->refused += l->event == LOCK_REFUSED;
        x->lost += l->event == LOCK_FORGOTTEN || l->event == LOCK_EXPIRED;
        x->forced += l->event == LOCK_FORCED;
        if (leaves && since >= 0) x->waited += l->at - since;
    }
}

static void add_engines(struct contention *out, const struct facts *f, const struct samples *waits,
                        const struct samples *holds) {
    EACH(f, engine, e) {
        struct lock_figures *x = &out->engines[out->engine_count];
        engine_asked(x, f, e->engine);
        if (x->requests + x->refused == 0) continue;
        printable(x->label, sizeof x->label, e->name.bytes, e->name.len);
        x->scope = x->name = ANY;
        distributions(x, waits, holds, (struct sample){0, ANY, ANY, e->engine});
        out->engine_count++;
    }
}

static int64_t fairness(const struct contention *c) {
    int128 sum = 0, squares = 0, engines = 0;
    for (uint32_t k = 0; k < c->engine_count; k++) {
        int64_t grants = c->engines[k].grants;
        if (c->engines[k].requests == 0) continue;
        engines++;
        sum += grants;
        squares += (int128)grants * grants;
    }
    return squares > 0 ? (int64_t)(sum * sum * PPM_ONE / (engines * squares)) : PPM_ONE;
}

static void waits_for_graph(const struct facts *f, struct contention *out) {
    struct violations *found = calloc(1, sizeof *found);
    ASSERT(found != NULL);
    out->graph = waits_for_of(f);
    for (uint32_t k = 0; k < out->graph.edge_count; k++)
        out->wait_edges += !out->graph.edges[k].behind;
    invariant_no_deadlock(f, found);
    out->cycles = found->count + found->dropped;
    out->acyclic = out->cycles == 0 && waits_for_proven(&out->graph);
    free(found);
}

bool contention_little_holds(const struct contention *c) {
    int64_t apart = c->total.queue_mean_ppm - c->total.little_ppm;
    return (apart < 0 ? -apart : apart) <= c->count;
}

bool contention_of(const struct facts *f, struct contention *out) {
    size_t room = f->lock.count + 1;
    *out = (struct contention){0};
    struct key *keys = malloc(room * sizeof *keys);
    struct samples waits = {.list = malloc(room * sizeof *waits.list)};
    struct samples holds = {.list = malloc(room * sizeof *holds.list)};
    out->list = calloc(room, sizeof *out->list);
    out->scopes = calloc(room, sizeof *out->scopes);
    out->engines = calloc(f->engine.count + 1, sizeof *out->engines);
    out->queues = calloc(2 * room, sizeof *out->queues);
    bool fine =
        keys && waits.list && holds.list && out->list && out->scopes && out->engines && out->queues;
    size_t count = fine ? keys_of(f, keys) : 0;
    for (size_t k = 0; k < count; k++) {
        struct lock_figures *x = &out->list[out->count++];
        x->scope = keys[k].scope;
        x->name = keys[k].name;
        lock_label(x->label, f, x->scope, x->name);
        story_of(f, out, x, &waits, &holds);
        distributions(x, &waits, &holds, (struct sample){0, x->scope, x->name, ANY});
        add(&out->total, x);
    }
    if (fine) {
        add_scopes(out, &waits, &holds);
        add_engines(out, f, &waits, &holds);
        distributions(&out->total, &waits, &holds, (struct sample){0, ANY, ANY, ANY});
        snprintf(out->total.label, sizeof out->total.label, "all");
        out->fairness_ppm = fairness(out);
        waits_for_graph(f, out);
        EACH(f, deploy_order, d) out->fenced_off += d->status == DEPLOY_STALE_TOKEN;
    }
    free(keys);
    free(waits.list);
    free(holds.list);
    return fine;
}

void contention_free(struct contention *contention) {
    waits_for_free(&contention->graph);
    free(contention->list);
    free(contention->scopes);
    free(contention->engines);
    free(contention->queues);
    *contention = (struct contention){0};
}
