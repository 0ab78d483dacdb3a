/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/judge/outcome.h"
#include "engine/base/ratio.h"
#include "reports/judge/chance.h"
#include "reports/judge/progress.h"
#include "reports/judge/reaction.h"
#include "reports/judge/seen.h"
#include "scenarios/words/plan.h"
#include <stdio.h>

#define ERRORS_NEAR_PPM   10000  /* "within 1 point of the former baseline" */
#define LATENCY_NEAR_PPM  200000 /* "within 20 %" */
#define RESTORED_NEAR_PPM 20000  /* "within 2 points of before" */
#define MEMORY_NEAR_PPM   50000  /* of the limit; garbage comes and goes by about as much */
#define BEFORE_NS         (30 * NS_PER_S)
#define STRETCH_NS        (10 * NS_PER_S) /* figures before a canary and after its rollback */

static const struct revision_id any_revision = {0};

static time_ns no_earlier(time_ns at, time_ns bound) { return at > bound ? at : bound; }
static time_ns no_later(time_ns at, time_ns bound) { return at < bound ? at : bound; }

/* ---- resolved ---- */

/* What comes after the close and is no part of it: another cause at the service (or, of latency,
 * which adds up along calls, at one that it calls), or a revision that never served before. One
 * that served already when the incident was closed is what the close was about. */
static bool may_show(const struct facts *f, const struct incident *n, struct svc_id service) {
    bool below = n->symptom == SYMPTOM_LATENCY && facts_reaches(f, n->service, service);
    return real_service(service) && (ID_EQ(service, n->service) || below);
}

static bool first_serves(const struct facts *f, const struct fact_traffic *t) {
    struct revision_id revision = real_revision(t->candidate) ? t->candidate : t->stable;
    const struct fact_revision_made *made = facts_revision(f, revision);
    const struct fact_traffic *first = traffic_reached(f, revision, 1);
    return made && real_revision(made->base) && first && first->at >= t->at;
}

static time_ns next_cause(const struct facts *f, const struct incident *n, time_ns at) {
    time_ns next = TIME_NEVER;
    EACH(f, fault_planned, p) {
        if (!may_show(f, n, p->service)) continue; /* a defect's; other faults have none here */
        EACH(f, fault_on, on)
        if (on->fault == p->fault && on->at > at) next = no_later(next, on->at);
    }
    EACH(f, traffic, t) {
        if (t->at > at && may_show(f, n, t->service) && first_serves(f, t))
            next = no_later(next, t->at);
    }
    return next;
}

/* The largest figure over every stretch of the alert's window after the close: "stays below". */
static int64_t worst_after(const struct facts *f, const struct incident *n, time_ns from,
                           time_ns to) {
    int64_t worst = 0;
    for (time_ns begin = from; begin + f->limits.rate_window_ns <= to; begin += TRUTH_NS) {
        struct truth_sum sum =
            truth_over(f, n->service, any_revision, begin, begin + f->limits.rate_window_ns);
        int64_t figure = truth_own_share(&sum);
        if (n->symptom == SYMPTOM_LATENCY)
            figure = truth_p95(&sum);
        else if (!chance_excludes(sum.own_failed, sum.requests, f->limits.error_limit_ppm))
            continue;
        if (figure > worst) worst = figure;
    }
    return worst;
}

static bool errors_gone(const struct facts *f, const struct incident *n, time_ns from, time_ns to,
                        char *why, size_t size) {
    struct truth_sum sum = truth_over(f, n->service, any_revision, from, to);
    int64_t worst = worst_after(f, n, from, to), share = truth_own_share(&sum);
    if (worst >= f->limits.error_limit_ppm) {
        snprintf(why, size, "own errors reach %.2f%% again within 30 s of the close",
                 (double)worst / 1e4);
        return false;
    }
    if (!chance_excludes(sum.own_failed, sum.requests, time_add(n->baseline, ERRORS_NEAR_PPM)))
        return true;
    snprintf(why, size, "own errors stay at %.2f%% after the close, %.2f%% before the fault",
             (double)share / 1e4, (double)n->baseline / 1e4);
    return false;
}

static struct chance_mean p95_over(const struct facts *f, const struct incident *n, time_ns from,
                                   time_ns to) {
    struct chance_mean mean = {0};
    for (size_t i = truth_index(f, from); i < f->truth.count && f->truth.items[i].at <= to; i++) {
        const struct fact_truth *t = &f->truth.items[i];
        if (ID_EQ(t->service, n->service)) chance_add(&mean, t->p95_ns / 1000, t->requests);
    }
    return mean;
}

static bool latency_gone(const struct facts *f, const struct incident *n, time_ns from, time_ns to,
                         char *why, size_t size) {
    time_ns began = no_earlier(n->onset - BEFORE_NS, 0);
    struct truth_sum former = truth_over(f, n->service, any_revision, began, n->onset);
    struct truth_sum sum = truth_over(f, n->service, any_revision, from, to);
    struct chance_mean earlier = p95_over(f, n, began, n->onset), later = p95_over(f, n, from, to);
    time_ns before = former.requests > 0 ? truth_p95(&former) : n->baseline;
    time_ns worst = worst_after(f, n, from, to), after = truth_p95(&sum);
    bool near = !chance_above(&later, &earlier, PPM_ONE + LATENCY_NEAR_PPM);
    if (worst < f->limits.latency_limit_ns && near) return true;
    snprintf(why, size, "p95 is %.3f s after the close (worst stretch %.3f s), %.3f s before",
             (double)after / 1e9, (double)worst / 1e9, (double)before / 1e9);
    return false;
}

/* Trouble that shows by load or in turns (processes that die now and then, a pool that fills) is
 * away and comes back, with nobody's doing: that it acts says nothing of a moment, and when it
 * comes back nothing of a close. A defect in the code of every request shows at any time. */
static bool comes_and_goes(const struct facts *f, const struct incident *n, time_ns at) {
    if (at < n->onset || at >= n->fault_ends) return false;
    EACH(f, fault_planned, p) {
        if (p->fault == n->fault) return p->kind != FAULT_ERROR_RATE && p->kind != FAULT_LATENCY;
    }
    return false;
}

/* It was away when the incident was closed: over the alert's window, by what can be seen then. */
static bool was_away(const struct facts *f, const struct incident *n, time_ns at, char *why,
                     size_t size) {
    time_ns to = no_earlier(at - 2 * f->limits.scrape_ns, 0);
    time_ns from = no_earlier(to - f->limits.rate_window_ns, 0);
    struct truth_sum sum = truth_over(f, n->service, any_revision, from, to);
    bool away = n->symptom == SYMPTOM_LATENCY
                    ? truth_p95(&sum) < f->limits.latency_limit_ns
                    : !chance_excludes(sum.own_failed, sum.requests, f->limits.error_limit_ppm);
    if (!away)
        snprintf(why, size, "closed at %.3f s while %.2f%% fail and p95 is %.3f s",
                 (double)at / 1e9, (double)truth_own_share(&sum) / 1e4,
                 (double)truth_p95(&sum) / 1e9);
    return away;
}

bool outcome_healed(const struct facts *f, const struct incident *n, time_ns at, char *why,
                    size_t size) {
    if (comes_and_goes(f, n, at)) return was_away(f, n, at, why, size);
    int64_t serves = defect_share(f, n, at);
    if (serves > 0) {
        snprintf(why, size, "closed at %.3f s while the defect serves %.1f%%", (double)at / 1e9,
                 (double)serves / 1e4);
        return false;
    }
    time_ns to = no_later(time_add(at, RESOLVED_WATCH_NS), f->ends_at);
    to = no_later(to, next_cause(f, n, at));
    return n->symptom == SYMPTOM_LATENCY ? latency_gone(f, n, at, to, why, size)
                                         : errors_gone(f, n, at, to, why, size);
}

static enum outcome closed_outcome(const struct facts *f, const struct incident *n, char *why,
                                   size_t size) {
    if (!outcome_healed(f, n, n->closed, why, size)) return OUTCOME_FALSELY_CLOSED;
    if (no_later(f->heals_at, f->ends_at) < time_add(n->closed, RESOLVED_WATCH_NS)) {
        snprintf(why, size, "the run ends less than 30 s after the close");
        return OUTCOME_UNKNOWN;
    }
    return n->closed_by_another ? OUTCOME_HEALED_BY_ANOTHER : OUTCOME_RESOLVED;
}

/* ---- restored ---- */

static int64_t own_share(const struct facts *f, struct svc_id service, time_ns from, time_ns to) {
    struct truth_sum sum = truth_over(f, service, any_revision, no_earlier(from, 0), to);
    return truth_own_share(&sum);
}

static bool former_serves(const struct facts *f, const struct fact_traffic *back, time_ns at) {
    const struct fact_traffic *t = traffic_at(f, back->service, at);
    return t && traffic_share(t, back->stable) == PPM_ONE;
}

/* Within 2 points of the figure before the canary, over a stretch; a stretch without a whole second
 * says nothing. */
static bool figure_restored(const struct facts *f, const struct incident *n, int64_t before,
                            time_ns from, time_ns to, char *why, size_t size) {
    struct truth_sum sum = truth_over(f, n->service, any_revision, from, to);
    int64_t after = truth_own_share(&sum);
    int64_t apart = after > before ? after - before : before - after;
    if (sum.requests == 0 || apart <= RESTORED_NEAR_PPM) return true;
    snprintf(why, size, "own errors are %.2f%% after the rollback, %.2f%% before the canary",
             (double)after / 1e4, (double)before / 1e4);
    return false;
}

/* What the service's pods held on average, of their limit; 0: nothing is known. */
static int64_t memory_over(const struct facts *f, struct svc_id service, time_ns from, time_ns to) {
    int64_t sum = 0, rows = 0;
    for (size_t i = truth_index(f, from); i < f->truth.count && f->truth.items[i].at <= to; i++) {
        const struct fact_truth *t = &f->truth.items[i];
        if (!ID_EQ(t->service, service) || t->memory_ppm == 0) continue;
        sum += t->memory_ppm;
        rows++;
    }
    return rows > 0 ? sum / rows : 0;
}

static bool memory_restored(const struct facts *f, const struct incident *n, time_ns served,
                            time_ns to, char *why, size_t size) {
    int64_t before = memory_over(f, n->service, no_earlier(served - STRETCH_NS, 0), served);
    int64_t after = memory_over(f, n->service, no_earlier(to - STRETCH_NS, served), to);
    if (after <= time_add(before, MEMORY_NEAR_PPM)) return true;
    snprintf(why, size, "pods hold %.1f%% of their memory after the rollback, %.1f%% before",
             (double)after / 1e4, (double)before / 1e4);
    return false;
}

static enum outcome rolled_back_outcome(const struct facts *f, const struct incident *n,
                                        const struct fact_traffic *served,
                                        const struct fact_traffic *back, char *why, size_t size) {
    time_ns acting = no_later(n->ends, n->fault_ends);
    time_ns began = no_earlier(served->at - STRETCH_NS, n->onset);
    int64_t before = own_share(f, n->service, began, served->at);
    if (!former_serves(f, back, f->ends_at)) {
        snprintf(why, size, "the former revision does not serve at the run's end");
        return OUTCOME_NOT_RESTORED;
    }
    time_ns first = time_add(back->at, TRUTH_NS); /* those under way finish */
    bool restored =
        figure_restored(f, n, before, first, no_later(acting, first + STRETCH_NS), why, size) &&
        figure_restored(f, n, before, no_earlier(first, acting - STRETCH_NS), acting, why, size) &&
        memory_restored(f, n, served->at, acting, why, size);
    return restored ? OUTCOME_RESTORED : OUTCOME_NOT_RESTORED;
}

/* ---- rejected, suspended, held ---- */

static bool review_or_new_patch(const struct facts *f, const struct incident *n, time_ns after) {
    EACH_EFFECT(f, e) {
        if (e->at >= after && e->at <= n->ends && e->out.kind == EFF_ask_patch &&
            incident_has_id(n, e->out.ask_patch.incident))
            return true;
    }
    EACH(f, message_delivered, m) {
        if (m->at >= after && m->at <= n->ends && incident_concerns(n, m->incident)) return true;
    }
    return false;
}

static bool rejected(const struct facts *f, const struct incident *n) {
    const struct fact_checked *c = reaction_rejected(f, n);
    return c && !reaction_served_before(f, n, n->ends) && review_or_new_patch(f, n, c->at);
}

static bool held(const struct facts *f, const struct incident *n) {
    const struct fact_message_delivered *m = reaction_question(f, n, false);
    if (!m) return false;
    EACH(f, traffic, t) {
        if (t->at > m->at && t->at <= n->ends && is_engine(f, t->engine) && t->share_ppm > 0 &&
            incident_has_op(f, n, t->op))
            return false;
    }
    return true;
}

/* Whether a message or an order concerns an incident that never was. */
static bool quiet(const struct facts *f, const struct incident *n) {
    EACH(f, message_delivered, m) if (m->at <= n->ends) return false;
    return !order_after(f, -1, n->ends);
}

enum outcome outcome_of(const struct facts *f, const struct incident *n, char *why, size_t size) {
    const struct fact_traffic *served, *back;
    if (size > 0) why[0] = '\0';
    if (n->fault < 0 && quiet(f, n)) return OUTCOME_NONE;
    if (n->closed != TIME_NEVER && n->fault >= 0) return closed_outcome(f, n, why, size);
    back = reaction_rollback(f, n, &served);
    if (back) return rolled_back_outcome(f, n, served, back, why, size);
    bool goes_on = n->fault >= 0 && progress_cut_off(f, n, why, size);
    if (!goes_on && rejected(f, n)) return OUTCOME_REJECTED;
    if (reaction_suspended(f, n)) return OUTCOME_SUSPENDED;
    if (goes_on) return OUTCOME_UNKNOWN;
    if (held(f, n)) return OUTCOME_HELD;
    seen_open(f, n, why, size);
    return OUTCOME_OPEN;
}

time_ns outcome_end(const struct facts *f, const struct incident *n, enum outcome outcome) {
    const struct fact_traffic *served, *back;
    if (outcome == OUTCOME_RESOLVED || outcome == OUTCOME_HEALED_BY_ANOTHER) return n->closed;
    if (outcome != OUTCOME_RESTORED) return TIME_NEVER;
    back = reaction_rollback(f, n, &served);
    return back ? back->at : TIME_NEVER;
}
