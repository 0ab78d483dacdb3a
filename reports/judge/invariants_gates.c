/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The safety gates once more, naively, from facts and from what crossed: what begins to change a
 * service must have passed each, or a person must have approved that very plan. */
#include "engine/base/ratio.h"
#include "reports/judge/invariants.h"
#include <stdlib.h>

#define OP(id)        ((unsigned long long)(id).v)
#define RISK_NEAR_PPM 20000 /* which of two looks at the figure an engine weighed is its own */

/* Calls look for the order with which each operation begins to change something. */
static void each_beginning(const struct facts *f, struct violations *found,
                           void (*look)(const struct facts *, const struct fact_deploy_order *,
                                        struct violations *)) {
    EACH(f, deploy_order, d) if (op_begins(f, d)) look(f, d, found);
}

/* ---- safe_default ---- */

void invariant_safe_default(const struct facts *f, struct violations *found) {
    EACH(f, deploy_order, d) {
        bool answered = false;
        if (d->status != DEPLOY_ACCEPTED || d->action != 0 || !is_engine(f, d->engine)) continue;
        EACH(f, patch_made, p) {
            if (p->record < d->record && p->reply == REPLY_OK && ID_EQ(p->service, d->service) &&
                ID_EQ(p->revision, d->revision))
                answered = true;
        }
        if (!answered)
            violated(found, "safe_default", d->at, d->record,
                     "revision %u of %s serves, which the patch service never answered with",
                     d->revision.v, facts_service(f, d->service));
    }
}

/* ---- blast_radius_respected ---- */

static bool is_service(const struct facts *f, struct svc_id service) {
    return service.v < f->service.count && f->service.items[service.v].is_service;
}

/* Marks whoever calls a marked one, a call further than before. */
static void spread(const struct facts *f, bool *marked, bool *before) {
    memcpy(before, marked, f->service.count * sizeof *marked);
    EACH(f, call, c) {
        if (c->from.v < f->service.count && c->to.v < f->service.count && before[c->to.v])
            marked[c->from.v] = true;
    }
}

/* Services that call the target, over so many calls at most; *services: all there are. */
static int64_t affected(const struct facts *f, struct svc_id target, int64_t *services) {
    int64_t count = 0;
    bool *marked = calloc(2 * f->service.count + 2, sizeof *marked);
    *services = 0;
    if (!marked || target.v >= f->service.count) {
        free(marked);
        return 0;
    }
    marked[target.v] = true;
    for (int64_t hop = 0; hop < f->limits.blast_depth && hop < (int64_t)f->service.count; hop++)
        spread(f, marked, marked + f->service.count);
    EACH(f, service, s) {
        if (!is_service(f, s->service)) continue;
        ++*services;
        if (marked[s->service.v] && !ID_EQ(s->service, target)) count++;
    }
    free(marked);
    return count;
}

static void look_blast(const struct facts *f, const struct fact_deploy_order *d,
                       struct violations *found) {
    int64_t services, count = affected(f, d->service, &services);
    const struct limits *l = &f->limits;
    bool over = count > l->blast_count || count > l->blast_gate_count ||
                (count >= l->blast_share_from &&
                 (int128)count * PPM_ONE > (int128)l->blast_share_ppm * services);
    if (over && !op_approved(f, d->op, d->record))
        violated(found, "blast_radius_respected", d->at, d->record,
                 "operation %llu changes %s, which %lld of %lld services depend on", OP(d->op),
                 facts_service(f, d->service), (long long)count, (long long)services);
}

void invariant_blast_radius_respected(const struct facts *f, struct violations *found) {
    each_beginning(f, found, look_blast);
}

/* ---- cooldown_respected ---- */

static void look_cooldown(const struct facts *f, const struct fact_deploy_order *d,
                          struct violations *found) {
    const struct fact_traffic *last = NULL;
    EACH(f, traffic, t) {
        if (t->record > d->record) break;
        if (ID_EQ(t->service, d->service) && !ID_EQ(t->op, d->op) && is_engine(f, t->engine))
            last = t;
    }
    if (last && d->at < time_add(last->at, f->limits.cooldown_ns))
        violated(found, "cooldown_respected", d->at, d->record,
                 "operation %llu changes %s %.3f s after operation %llu did", OP(d->op),
                 facts_service(f, d->service), (double)(d->at - last->at) / 1e9, OP(last->op));
}

void invariant_cooldown_respected(const struct facts *f, struct violations *found) {
    each_beginning(f, found, look_cooldown);
}

/* ---- failures_respected ---- */

/* When an operation's rollback was carried out; TIME_NEVER: it was not. */
static time_ns rolled_back_at(const struct facts *f, struct op_id op) {
    EACH(f, deploy_order, d) {
        if (!ID_EQ(d->op, op) || d->action != 1 || d->status != DEPLOY_ACCEPTED) continue;
        EACH(f, deploy_done, done) {
            if (done->record > d->record && ID_EQ(done->op, op) && done->status == DEPLOY_DONE)
                return done->at;
        }
    }
    return TIME_NEVER;
}

static void look_failures(const struct facts *f, const struct fact_deploy_order *d,
                          struct violations *found) {
    const struct seen_op *own = facts_op(f, d->op);
    int64_t of_engine = 0, of_incident = 0;
    for (size_t i = 0; i < f->op_count; i++) {
        time_ns at = rolled_back_at(f, f->ops[i].op);
        if (ID_EQ(f->ops[i].op, d->op) || at > d->at) continue;
        bool recent = d->at < time_add(at, f->limits.failures_window_ns);
        if (recent && f->ops[i].engine == d->engine) of_engine++;
        if (own && real64(own->incident.v) && ID_EQ(f->ops[i].incident, own->incident))
            of_incident++;
    }
    bool over = of_engine >= f->limits.failures_max || of_incident >= f->limits.failures_in_row;
    if (over && !op_approved(f, d->op, d->record))
        violated(found, "failures_respected", d->at, d->record,
                 "operation %llu changes %s after %lld rollbacks, %lld of them for its incident",
                 OP(d->op), facts_service(f, d->service), (long long)of_engine,
                 (long long)of_incident);
}

void invariant_failures_respected(const struct facts *f, struct violations *found) {
    each_beginning(f, found, look_failures);
}

/* ---- figures_respected: error budget and headroom, by what metrics told the engine ---- */

/* What metrics said last of the whole service, before a record; NULL: it was never asked. */
static const struct in_query_result *told(const struct facts *f, const struct fact_deploy_order *d,
                                          int64_t query) {
    const struct in_query_result *last = NULL;
    EACH_INPUT(f, i) {
        const struct in_query_result *q = &i->in.query_result;
        if (i->record > d->record) break;
        if (i->engine == d->engine && i->in.kind == IN_query_result && q->query == query &&
            q->revision.v == 0 && ID_EQ(q->service, d->service))
            last = q;
    }
    return last;
}

static bool budget_left(const struct facts *f, const struct fact_deploy_order *d) {
    if (f->limits.budget_ppm == INT64_MAX) return true;
    const struct in_query_result *all = told(f, d, QUERY_BUDGET_REQUESTS);
    const struct in_query_result *failed = told(f, d, QUERY_BUDGET_ERRORS);
    if (!all || !failed || all->kind != VALUE_NUMBER || failed->kind != VALUE_NUMBER) return false;
    return (int128)failed->micro * PPM_ONE <= (int128)all->micro * f->limits.budget_ppm;
}

static bool headroom_left(const struct facts *f, const struct fact_deploy_order *d, int64_t query,
                          int64_t least_ppm) {
    if (least_ppm == INT64_MIN) return true;
    const struct in_query_result *used = told(f, d, query);
    return used && used->kind == VALUE_NUMBER && used->micro <= PPM_ONE - least_ppm;
}

/* The same of a question over a window of its own: what its newest answer says. */
static const struct in_query_result *
told_over(const struct facts *f, const struct fact_deploy_order *d, int64_t query, time_ns window) {
    const struct in_query_result *last = NULL;
    EACH_INPUT(f, i) {
        const struct in_query_result *q = &i->in.query_result;
        if (i->record > d->record) break;
        if (i->engine != d->engine || i->in.kind != IN_query_result || q->query != query ||
            !ID_EQ(q->service, d->service))
            continue;
        EACH_EFFECT(f, e) {
            if (e->record > i->record) break;
            if (e->engine == i->engine && e->out.kind == EFF_query &&
                e->out.query.request == q->request && e->out.query.window_ns == window)
                last = q;
        }
    }
    return last;
}

static bool burnt_less(const struct in_query_result *bad, int64_t allowed_ppm, int64_t factor_ppm) {
    return bad && bad->kind == VALUE_NUMBER &&
           (int128)bad->micro * PPM_ONE <= (int128)factor_ppm * allowed_ppm;
}

/* Some of the objective's budget is left, and it burns slower than it may over one window of each
 * pair at least. */
static bool objective_kept(const struct facts *f, const struct fact_deploy_order *d) {
    if (f->limits.gate_slo_action <= ACTION_WARN) return true;
    EACH(f, slo, s) {
        int64_t query = s->latency ? QUERY_SLOW_SHARE : QUERY_BAD_SHARE;
        int64_t allowed = PPM_ONE - s->objective_ppm;
        if (!ID_EQ(s->service, d->service)) continue;
        if (!burnt_less(told_over(f, d, query, s->window_ns), allowed, PPM_ONE)) return false;
        EACH(f, burn_rate, b) {
            const struct in_query_result *slow = told_over(f, d, query, b->long_ns),
                                         *fast = told_over(f, d, query, b->short_ns);
            bool known = slow && fast && slow->kind == VALUE_NUMBER && fast->kind == VALUE_NUMBER;
            if (!known || (!burnt_less(slow, allowed, b->factor_ppm) &&
                           !burnt_less(fast, allowed, b->factor_ppm)))
                return false;
        }
    }
    return true;
}

/* What adds or frees it is not refused for want of it. */
static bool eases(const struct facts *f, const struct fact_deploy_order *d) {
    EACH_EFFECT(f, e) {
        const struct eff_remedy *r = &e->out.remedy;
        if (e->out.kind == EFF_remedy && ID_EQ(r->op, d->op))
            return r->remedy == REMEDY_RESTART || r->remedy == REMEDY_SCALE_OUT;
    }
    return false;
}

static void look_figures(const struct facts *f, const struct fact_deploy_order *d,
                         struct violations *found) {
    const char *short_of = NULL;
    if (!budget_left(f, d)) short_of = "error budget";
    bool eased = eases(f, d);
    if (!eased && !headroom_left(f, d, QUERY_CPU_SHARE, f->limits.cpu_headroom_ppm))
        short_of = "CPU";
    if (!eased && !headroom_left(f, d, QUERY_MEMORY_SHARE, f->limits.memory_headroom_ppm))
        short_of = "memory";
    if (!headroom_left(f, d, QUERY_DISK_SHARE, f->limits.disk_headroom_ppm)) short_of = "disk";
    if (!objective_kept(f, d)) short_of = "objective's budget";
    if (short_of && !op_approved(f, d->op, d->record))
        violated(found, "figures_respected", d->at, d->record,
                 "operation %llu changes %s, of whose %s too little is left, or nothing is known",
                 OP(d->op), facts_service(f, d->service), short_of);
}

void invariant_figures_respected(const struct facts *f, struct violations *found) {
    each_beginning(f, found, look_figures);
}

/* ---- risk_respected ---- */

static int64_t offset_asked(const struct facts *f, uint32_t engine, int64_t request) {
    EACH_EFFECT(f, e) {
        if (e->engine == engine && e->out.kind == EFF_query && e->out.query.request == request)
            return e->out.query.offset_ns;
    }
    return 0;
}

/* How far the own error share was over its past, as last told. What is told of the past is asked
 * for with an offset. The highest past figure and no part for the hour: a score no engine can be
 * below. */
static int64_t excess_told(const struct facts *f, const struct fact_deploy_order *d) {
    int64_t now = 0, past = 0;
    EACH_INPUT(f, i) {
        const struct in_query_result *q = &i->in.query_result;
        if (i->record > d->record) break;
        if (i->engine != d->engine || i->in.kind != IN_query_result || q->kind != VALUE_NUMBER ||
            q->query != QUERY_OWN_ERROR_SHARE || !ID_EQ(q->service, d->service))
            continue;
        if (offset_asked(f, i->engine, q->request) == 0)
            now = q->micro;
        else if (q->micro > past)
            past = q->micro;
    }
    return now > past ? now - past : 0;
}

static int64_t lines_changed(const struct facts *f, const struct fact_deploy_order *d) {
    EACH_INPUT(f, i) {
        const struct in_patch_reply *p = &i->in.patch_reply;
        if (i->engine == d->engine && i->in.kind == IN_patch_reply && ID_EQ(p->op, d->op) &&
            ID_EQ(p->revision, d->revision))
            return p->size_lines;
    }
    return 0;
}

static int64_t part(int64_t weight, int64_t figure, int64_t full) {
    if (full <= 0 || figure >= full) return weight;
    return figure <= 0 ? 0 : muldiv(weight, figure, full);
}

static void look_risk(const struct facts *f, const struct fact_deploy_order *d,
                      struct violations *found) {
    const struct limits *l = &f->limits;
    if (d->service.v >= f->service.count) return;
    int64_t criticality = f->service.items[d->service.v].criticality_ppm;
    int64_t score = part(l->risk_criticality_ppm, criticality, PPM_ONE);
    score = time_add(score, part(l->risk_change_ppm, lines_changed(f, d), l->risk_lines_full));
    score = time_add(score, part(l->risk_severity_ppm, excess_told(f, d), l->critical_error_ppm));
    if (score > time_add(l->risk_max_ppm, RISK_NEAR_PPM) && !op_approved(f, d->op, d->record))
        violated(found, "risk_respected", d->at, d->record,
                 "operation %llu changes %s at a risk of %.2f at least", OP(d->op),
                 facts_service(f, d->service), (double)score / 1e6);
}

void invariant_risk_respected(const struct facts *f, struct violations *found) {
    each_beginning(f, found, look_risk);
}
