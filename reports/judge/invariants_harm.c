/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a patch does beside failing by itself, and what it does not do: by the world's truth. */
#include "engine/base/ratio.h"
#include "reports/judge/invariants.h"

#define OP(id)    ((unsigned long long)(id).v)
#define CYCLES_NS (40 * NS_PER_S)   /* several of garbage collection */
#define STAGE_NS  (100 * NS_PER_S)  /* a shorter stage says nothing of growth */
#define GROWTH_NS (45 * NS_PER_MIN) /* less than a policy usually forbids: no doubt about it */

/* ---- harm_goes_back: memory ---- */

/* What the revision's pods held of their limit on average; 0: nothing is known. Over several cycles
 * of garbage collection that comes and goes evens out. */
static int64_t held_over(const struct facts *f, struct revision_id revision, time_ns from,
                         time_ns to) {
    int64_t sum = 0, seconds = 0;
    for (size_t i = truth_index(f, from); i < f->truth.count && f->truth.items[i].at <= to; i++) {
        const struct fact_truth *t = &f->truth.items[i];
        if (!ID_EQ(t->revision, revision) || t->memory_ppm == 0) continue;
        sum += t->memory_ppm;
        seconds++;
    }
    return seconds > 0 ? sum / seconds : 0;
}

static const struct fact_traffic *next_of(const struct facts *f, const struct fact_traffic *t) {
    for (const struct fact_traffic *n = t + 1; n < f->traffic.items + f->traffic.count; n++)
        if (ID_EQ(n->service, t->service)) return n;
    return NULL;
}

static void look_memory(const struct facts *f, const struct fact_traffic *t,
                        struct violations *found) {
    const struct fact_traffic *n = next_of(f, t);
    if (!n || n->at - t->at < STAGE_NS) return;
    if (traffic_share(n, t->candidate) <= traffic_share(t, t->candidate)) return;
    int64_t first = held_over(f, t->candidate, t->at, t->at + CYCLES_NS);
    int64_t last = held_over(f, t->candidate, n->at - CYCLES_NS, n->at);
    time_ns apart = n->at - t->at - CYCLES_NS;
    if (first == 0 || last <= first) return;
    if (last + muldiv(last - first, GROWTH_NS, apart) < PPM_ONE) return;
    violated(found, "harm_goes_back", n->at, n->record,
             "revision %u goes on from %.0f%% while its memory grew from %.1f%% to %.1f%% of its "
             "limit in %.0f s",
             t->candidate.v, (double)t->share_ppm / 1e4, (double)first / 1e4, (double)last / 1e4,
             (double)apart / 1e9);
}

/* ---- harm_goes_back: calls ---- */

/* Failed by what it called; of all its requests. */
static int64_t passed_share(const struct truth_sum *sum) {
    return sum->requests > 0 ? muldiv(sum->failed - sum->own_failed, PPM_ONE, sum->requests) : 0;
}

static struct truth_sum window_before(const struct facts *f, struct svc_id service, time_ns at) {
    time_ns from = at - f->limits.rate_window_ns;
    return truth_over(f, service, (struct revision_id){0}, from > 0 ? from : 0, at);
}

static int64_t callees_failed(const struct facts *f, struct svc_id service, time_ns at) {
    int64_t failed = 0;
    EACH(f, call, c) {
        if (!ID_EQ(c->from, service)) continue;
        struct truth_sum sum = window_before(f, c->to, at);
        failed = time_add(failed, sum.failed);
    }
    return failed;
}

/* The engine's traffic record by which a revision came to serve everything, before a time. */
static const struct fact_traffic *serves_all(const struct facts *f, struct svc_id service,
                                             time_ns at) {
    const struct fact_traffic *t = traffic_at(f, service, at);
    return t && is_engine(f, t->engine) && traffic_share(t, t->stable) == PPM_ONE ? t : NULL;
}

static void look_calls(const struct facts *f, const struct seen_effect *e,
                       struct violations *found) {
    struct svc_id service = e->out.report.service;
    const struct fact_traffic *full = serves_all(f, service, e->at);
    const struct fact_deploy_order *first = full ? op_first_stage(f, full->op) : NULL;
    if (!first) return;
    struct truth_sum now = window_before(f, service, e->at);
    struct truth_sum before = window_before(f, service, first->at);
    int64_t limit = f->limits.verification_error_ppm;
    if (passed_share(&now) < limit || passed_share(&before) >= limit / 2) return;
    if (callees_failed(f, service, e->at) >= (now.failed - now.own_failed) / 2) return;
    violated(found, "harm_goes_back", e->at, e->record,
             "%s is closed as healed while %.1f%% of its requests fail by calls that its callees "
             "did not fail",
             facts_service(f, service), (double)passed_share(&now) / 1e4);
}

void invariant_harm_goes_back(const struct facts *f, struct violations *found) {
    EACH(f, traffic, t) {
        if (real_revision(t->candidate) && is_engine(f, t->engine)) look_memory(f, t, found);
    }
    EACH_EFFECT(f, e) {
        if (e->out.kind == EFF_report && e->out.report.kind == REPORT_CLOSED_RESOLVED)
            look_calls(f, e, found);
    }
}

/* ---- blame_is_due ---- */

static bool a_person_said_so(const struct facts *f, time_ns at) {
    EACH(f, person_answered, a) if (a->at <= at && a->answer == ANSWER_NO) return true;
    EACH_INPUT(f, i) {
        if (i->at <= at && i->in.kind == IN_person_command &&
            i->in.person_command.command == COMMAND_CANCEL)
            return true;
    }
    return false;
}

/* A service that it calls, changed since by nobody's engine, that fails by itself; none: NULL. */
static const struct fact_traffic *others_change(const struct facts *f, struct svc_id service,
                                                time_ns since, time_ns at) {
    EACH(f, traffic, t) {
        if (t->at < since || t->at > at || is_engine(f, t->engine)) continue;
        struct truth_sum sum = window_before(f, t->service, at);
        bool fails = truth_own_share(&sum) >= f->limits.verification_error_ppm / 2;
        EACH(f, call, c) {
            if (fails && ID_EQ(c->from, service) && ID_EQ(c->to, t->service)) return t;
        }
    }
    return NULL;
}

static void look_rollback(const struct facts *f, const struct fact_deploy_order *d,
                          struct violations *found) {
    const struct fact_traffic *full = serves_all(f, d->service, d->at);
    if (!full || !ID_EQ(full->stable, d->revision) || !ID_EQ(full->op, d->op)) return;
    time_ns watched = d->at - full->at;
    if (watched < f->limits.rate_window_ns || a_person_said_so(f, d->at)) return;
    struct truth_sum now = window_before(f, d->service, d->at);
    bool heals = now.requests > 0 && truth_own_share(&now) < f->limits.verification_error_ppm / 2 &&
                 truth_p95(&now) < f->limits.latency_limit_ns;
    const struct fact_traffic *other = heals ? others_change(f, d->service, full->at, d->at) : NULL;
    if (!other) return;
    violated(found, "blame_is_due", d->at, d->record,
             "operation %llu takes back a revision of %s that fails %.1f%% by itself; what fails "
             "is %s, which others changed at %.3f s",
             OP(d->op), facts_service(f, d->service), (double)truth_own_share(&now) / 1e4,
             facts_service(f, other->service), (double)other->at / 1e9);
}

void invariant_blame_is_due(const struct facts *f, struct violations *found) {
    EACH(f, deploy_order, d) {
        if (d->action == 1 && d->status == DEPLOY_ACCEPTED && is_engine(f, d->engine))
            look_rollback(f, d, found);
    }
}
