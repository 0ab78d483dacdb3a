/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the world's true figures demand of an engine that looks: a candidate clearly worse is taken
 * back, a cause that is gone is left alone. */
#include "engine/base/ratio.h"
#include "reports/judge/invariants.h"

#define OP(id)      ((unsigned long long)(id).v)
#define ACTING_NS   (5 * NS_PER_S) /* an audit entry, an order, and the pods it replaces */
#define SAMPLES_MAX (1 << 24)      /* as many leave room in 128 bits */
#define Z_SQUARED   36             /* six standard errors: once in 10^9 */

/* ---- breach_obeyed ---- */

struct counts {
    int64_t requests, failed;
};

/* By a pooled two-proportion test, with n1, n2 requests and e failures of N in all:
 * z^2 = (e1 n2 - e2 n1)^2 N / (n1 n2 e (N - e)). An engine's own test needs far less. */
static bool clearly_worse(const struct facts *f, struct counts a, struct counts b,
                          int64_t min_samples) {
    if (a.requests < min_samples || b.requests < min_samples) return false;
    if (a.requests == 0 || b.requests == 0) return false;
    if (a.requests > SAMPLES_MAX || b.requests > SAMPLES_MAX) return false;
    int128 apart = (int128)a.failed * b.requests - (int128)b.failed * a.requests;
    int128 product = (int128)a.requests * b.requests;
    int128 all = a.requests + b.requests, failed = a.failed + b.failed;
    if (apart * PPM_ONE <= product * f->limits.min_effect_ppm) return false;
    return apart * apart * all > Z_SQUARED * product * failed * (all - failed);
}

/* A candidate's time beside the stable revision: from its share to the next change of traffic. */
struct beside {
    const struct fact_traffic *traffic;
    const struct fact_stage *stage;
    time_ns until;
    struct counts candidate, stable;
    time_ns worse_since; /* TIME_NEVER: it is not */
};

static time_ns next_shift(const struct facts *f, const struct fact_traffic *t) {
    for (const struct fact_traffic *n = t + 1; n < f->traffic.items + f->traffic.count; n++)
        if (ID_EQ(n->service, t->service)) return n->at;
    return f->heals_at < f->ends_at ? f->heals_at : f->ends_at;
}

static const struct fact_stage *stage_of(const struct facts *f, int64_t share_ppm) {
    EACH(f, stage, s) if (s->share_ppm >= share_ppm) return s;
    return NULL;
}

/* Whether the engine asked of the candidate in that time, and no number came: then it cannot know,
 * which no_data_is_not_success judges. */
static bool figures_withheld(const struct facts *f, const struct fact_traffic *t, time_ns from,
                             time_ns to) {
    bool asked = false, told = false;
    EACH_EFFECT(f, e) {
        if (e->at >= from && e->at <= to && e->engine == t->engine && e->out.kind == EFF_query &&
            ID_EQ(e->out.query.revision, t->candidate))
            asked = true;
    }
    EACH_INPUT(f, i) {
        const struct in_query_result *q = &i->in.query_result;
        if (i->at >= from && i->at <= to && i->engine == t->engine &&
            i->in.kind == IN_query_result && ID_EQ(q->revision, t->candidate) &&
            q->query == QUERY_OWN_ERRORS && q->kind == VALUE_NUMBER)
            told = true;
    }
    return asked && !told;
}

/* Without its locks, or with automation suspended, it may not act. */
static bool may_not_act(const struct facts *f, const struct fact_traffic *t, time_ns at) {
    EACH(f, lock, l) {
        bool lost =
            l->event == LOCK_EXPIRED || l->event == LOCK_FORCED || l->event == LOCK_FORGOTTEN;
        if (l->at <= at && lost && l->scope == SCOPE_SERVICE && l->name == t->service.v)
            return true;
    }
    uint64_t record = 0;
    EACH_EFFECT(f, e) if (e->at <= at) record = e->record;
    return engine_suspended(f, t->engine, record);
}

/* It obeyed as soon as the target took its order to go back; that it fails is the target's doing.
 */
static bool going_back(const struct facts *f, const struct fact_traffic *t, time_ns at) {
    EACH(f, deploy_order, d) {
        if (d->at <= at && d->record > t->record && d->action == 1 && ID_EQ(d->op, t->op) &&
            d->status == DEPLOY_ACCEPTED)
            return true;
    }
    return false;
}

static time_ns patience(const struct facts *f) {
    const struct limits *l = &f->limits;
    return time_add(time_add(l->rate_window_ns, l->look_interval_ns),
                    time_add(l->scrape_ns, ACTING_NS));
}

/* A second is over; true when the candidate has been worse for too long. */
static bool too_long(const struct facts *f, struct beside *b, time_ns second) {
    if (!clearly_worse(f, b->candidate, b->stable, b->stage->min_samples)) {
        b->worse_since = TIME_NEVER;
        return false;
    }
    if (b->worse_since == TIME_NEVER) b->worse_since = second;
    return second >= time_add(b->worse_since, patience(f));
}

/* When the candidate had been worse for too long; TIME_NEVER: it never was. */
static time_ns disobeyed_at(const struct facts *f, struct beside *b) {
    time_ns second = TIME_NEVER;
    for (size_t i = truth_index(f, b->traffic->at); i < f->truth.count; i++) {
        const struct fact_truth *t = &f->truth.items[i];
        if (second != TIME_NEVER && t->at != second && too_long(f, b, second)) return second;
        if (t->at > b->until) break;
        second = t->at;
        bool own = ID_EQ(t->revision, b->traffic->candidate);
        if (!ID_EQ(t->service, b->traffic->service)) continue;
        if (!own && !ID_EQ(t->revision, b->traffic->stable)) continue;
        struct counts *counts = own ? &b->candidate : &b->stable;
        counts->requests = time_add(counts->requests, t->requests);
        counts->failed = time_add(counts->failed, t->own_failed);
    }
    return TIME_NEVER;
}

void invariant_breach_obeyed(const struct facts *f, struct violations *found) {
    EACH(f, traffic, t) {
        bool beside = real_revision(t->candidate) && t->share_ppm > 0 && t->share_ppm < PPM_ONE;
        struct beside b = {.traffic = t,
                           .stage = stage_of(f, t->share_ppm),
                           .until = next_shift(f, t),
                           .worse_since = TIME_NEVER};
        if (!beside || !b.stage || !is_engine(f, t->engine)) continue;
        time_ns at = disobeyed_at(f, &b);
        if (at == TIME_NEVER || going_back(f, t, at) || may_not_act(f, t, at) ||
            figures_withheld(f, t, b.worse_since, at))
            continue;
        violated(found, "breach_obeyed", at, t->record,
                 "operation %llu leaves revision %u at %.0f%%: %lld of %lld fail, %lld of %lld "
                 "beside it",
                 OP(t->op), t->candidate.v, (double)t->share_ppm / 1e4,
                 (long long)b.candidate.failed, (long long)b.candidate.requests,
                 (long long)b.stable.failed, (long long)b.stable.requests);
    }
}

/* ---- cause_persists ---- */

/* When the operation was granted its SERVICE lock after it had queued; TIME_NEVER: it never did. */
static time_ns granted_after_wait(const struct facts *f, const struct fact_deploy_order *d) {
    bool queued = false;
    time_ns granted = TIME_NEVER;
    EACH(f, lock, l) {
        if (l->record > d->record) break;
        if (!ID_EQ(l->op, d->op) || l->scope != SCOPE_SERVICE) continue;
        if (l->event == LOCK_QUEUED) queued = true;
        if (l->event == LOCK_GRANTED && queued) granted = l->at;
    }
    return granted;
}

static int64_t symptom_seen(const struct facts *f, struct op_id op) {
    const struct seen_op *own = facts_op(f, op);
    EACH_EFFECT(f, e) {
        const struct eff_report *r = &e->out.report;
        if (own && e->out.kind == EFF_report && r->kind == REPORT_OPENED &&
            ID_EQ(r->incident, own->incident))
            return r->symptom;
    }
    return -1;
}

/* Half of the limit, so that no noise makes a cause look gone; over the engine's own window and a
 * scrape before it. */
static bool gone(const struct facts *f, struct svc_id service, int64_t symptom, time_ns at) {
    time_ns scrapes = time_add(f->limits.scrape_ns, f->limits.scrape_ns);
    time_ns window = time_add(f->limits.rate_window_ns, scrapes);
    if (window < 0 || window > at) return false;
    struct truth_sum sum = truth_over(f, service, (struct revision_id){0}, at - window, at);
    if (sum.requests == 0) return false;
    if (symptom == SYMPTOM_ERRORS) return truth_own_share(&sum) < f->limits.error_limit_ppm / 2;
    return symptom == SYMPTOM_LATENCY && sum.p95_worst < f->limits.latency_limit_ns / 2;
}

void invariant_cause_persists(const struct facts *f, struct violations *found) {
    EACH(f, deploy_order, d) {
        time_ns granted = op_begins(f, d) ? granted_after_wait(f, d) : TIME_NEVER;
        int64_t symptom = granted == TIME_NEVER ? -1 : symptom_seen(f, d->op);
        /* at the grant, and still when it acts: a fix taken back between them shows it again */
        if (granted == TIME_NEVER || !gone(f, d->service, symptom, granted) ||
            !gone(f, d->service, symptom, d->at))
            continue;
        violated(found, "cause_persists", d->at, d->record,
                 "operation %llu waited until %.3f s, and changes %s though nothing fails any more",
                 OP(d->op), (double)granted / 1e9, facts_service(f, d->service));
    }
}
