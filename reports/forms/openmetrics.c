/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A report's runs as the series that their control plane would have exposed, folded from the facts:
 * what an engine counts of itself, locks by the store's records, incidents as they are judged, and
 * requests at services. Each run has labels of its own and begins at its own wall clock; all are
 * carried on to the end of the longest, so that sums over runs are sums at one time.
 */
#include "reports/decisions.h"
#include "reports/forms/forms.h"
#include "reports/forms/openmetrics_series.h"
#include "reports/spans.h"

struct fold {
    struct om_book book;
    const struct report_run *run;
    const struct facts *facts;
    char labels[SERIES_LABELS]; /* the run's */
};

/* The run's labels and one more. */
static const char *with(const struct fold *f, char out[SERIES_LABELS], const char *name,
                        const char *value) {
    snprintf(out, SERIES_LABELS, "%s", f->labels);
    om_label(out, name, value);
    return out;
}

/* ---- locks ---- */

/* The wait that a grant ended; NULL: it came at once. */
static const struct span *wait_before(const struct spans *spans, const struct span *held) {
    for (uint32_t k = 0; k < spans->count; k++) {
        const struct span *wait = &spans->list[k];
        if (wait->kind == SPAN_wait && wait->lane == held->lane && !wait->open &&
            ID_EQ(wait->op, held->op) && wait->to == held->from)
            return wait;
    }
    return NULL;
}

static void add_locks(struct fold *f) {
    struct spans spans = spans_of(f->run);
    int64_t held_now = 0;
    om_declare(&f->book, METRIC_distributed_lock_requests, f->labels);
    om_declare(&f->book, METRIC_distributed_lock_timeout, f->labels);
    om_declare_histogram(&f->book, METRIC_lock_acquisition_duration_seconds, f->labels);
    om_set(&f->book, METRIC_active_locks_total, f->labels, 0, 0);
    for (uint32_t k = 0; k < spans.count; k++) {
        const struct span *s = &spans.list[k];
        if (s->kind == SPAN_wait)
            om_add(&f->book, METRIC_distributed_lock_requests, f->labels, s->from, 1);
        if (s->kind != SPAN_held) continue;
        const struct span *wait = wait_before(&spans, s);
        om_observe(&f->book, METRIC_lock_acquisition_duration_seconds, f->labels, s->from,
                   wait ? wait->to - wait->from : 0);
        if (!wait) om_add(&f->book, METRIC_distributed_lock_requests, f->labels, s->from, 1);
    }
    spans_free(&spans);
    EACH(f->facts, lock, l) {
        bool freed =
            l->event == LOCK_RELEASED || l->event == LOCK_EXPIRED || l->event == LOCK_FORCED;
        if (l->event == LOCK_LEFT)
            om_add(&f->book, METRIC_distributed_lock_timeout, f->labels, l->at, 1);
        if (!freed && l->event != LOCK_GRANTED) continue;
        held_now += freed ? -1 : 1;
        om_set(&f->book, METRIC_active_locks_total, f->labels, l->at, held_now < 0 ? 0 : held_now);
    }
}

/* ---- engines ---- */

static void add_decisions(struct fold *f) {
    struct decisions all = decisions_of(f->facts);
    char labels[SERIES_LABELS];
    for (int k = 0; k < CONFLICT_COUNT; k++)
        om_declare(&f->book, METRIC_conflicts_detected, with(f, labels, "type", conflict_name(k)));
    for (int k = 0; k < GATE_COUNT; k++)
        om_declare(&f->book, METRIC_safety_gates_failed, with(f, labels, "gate", gate_name(k)));
    for (uint32_t k = 0; k < all.count; k++) {
        const struct decision *d = &all.list[k];
        for (uint32_t i = 0; i < d->factor_count; i++) {
            const struct said_factor *factor = &d->factors[i];
            size_t len = strlen(factor->name);
            if (d->kind == DECISION_CONCURRENCY && conflict_of(factor->name, len) >= 0)
                om_add(&f->book, METRIC_conflicts_detected, with(f, labels, "type", factor->name),
                       d->at, 1);
            if (d->kind == DECISION_SAFETY_GATE && gate_of(factor->name, len) >= 0 &&
                strcmp(factor->explanation, "fail") == 0)
                om_add(&f->book, METRIC_safety_gates_failed, with(f, labels, "gate", factor->name),
                       d->at, 1);
        }
    }
    decisions_free(&all);
}

static bool stated_before(const struct facts *f, const struct seen_effect *now) {
    EACH_EFFECT(f, e) {
        if (e >= now) return false;
        if (e->out.kind == EFF_report && e->out.report.kind == REPORT_STATE &&
            ID_EQ(e->out.report.op, now->out.report.op))
            return true;
    }
    return false;
}

static void add_operations(struct fold *f) {
    om_declare(&f->book, METRIC_operations_started, f->labels);
    om_declare(&f->book, METRIC_operations_paused, f->labels);
    om_declare(&f->book, METRIC_rollbacks, f->labels);
    om_set(&f->book, METRIC_hash_chain_valid, f->labels, 0, 1);
    EACH_EFFECT(f->facts, e) {
        const struct eff_report *r = &e->out.report;
        if (e->out.kind == EFF_suspend && e->out.suspend.reason == REASON_CHAIN_BROKEN)
            om_set(&f->book, METRIC_hash_chain_valid, f->labels, e->at, !e->out.suspend.on);
        if (e->out.kind != EFF_report || r->kind != REPORT_STATE) continue;
        if (!stated_before(f->facts, e))
            om_add(&f->book, METRIC_operations_started, f->labels, e->at, 1);
        if (r->detail == STATE_PAUSED)
            om_add(&f->book, METRIC_operations_paused, f->labels, e->at, 1);
        if (r->detail == STATE_ROLLED_BACK) om_add(&f->book, METRIC_rollbacks, f->labels, e->at, 1);
    }
}

static void add_audit(struct fold *f) {
    char labels[SERIES_LABELS];
    EACH(f->facts, audit_stored, a) {
        if (a->result != AUDIT_REPLY_OK) continue;
        om_add(&f->book, METRIC_audit_events,
               with(f, labels, "category", category_name(a->category)), a->at, 1);
    }
}

/* ---- incidents, as judged ---- */

static void add_incidents(struct fold *f) {
    const struct verdict *v = f->run->verdict;
    struct indicators indicators = {0};
    char labels[SERIES_LABELS];
    om_declare_histogram(&f->book, METRIC_self_healing_mttr_seconds, f->labels);
    om_declare(&f->book, METRIC_self_healing_fixes, with(f, labels, "status", "success"));
    om_declare(&f->book, METRIC_incidents_detected, f->labels);
    om_declare(&f->book, METRIC_incidents_auto_resolved, f->labels);
    om_declare(&f->book, METRIC_rollbacks_incorrect, f->labels);
    for (uint32_t i = 0; i < v->count; i++) {
        const struct judged *j = &v->list[i];
        bool resolved = j->outcome == OUTCOME_RESOLVED;
        if (!report_counts(f->run, i)) continue;
        if (j->incident.detected != TIME_NEVER)
            om_add(&f->book, METRIC_incidents_detected, f->labels, j->incident.detected, 1);
        if (resolved && f->run->rows[i].pages == 0)
            om_add(&f->book, METRIC_incidents_auto_resolved, f->labels, j->incident.ends, 1);
        om_add(&f->book, METRIC_self_healing_fixes,
               with(f, labels, "status", resolved ? "success" : outcome_name(j->outcome)),
               j->incident.ends, 1);
        if (f->run->rows[i].seen >= 0)
            om_observe(&f->book, METRIC_self_healing_mttr_seconds, f->labels, j->incident.ends,
                       f->run->rows[i].seen);
    }
    indicators_add(&indicators, f->facts, v, &f->run->contention);
    int64_t wrong = indicators.of[INDICATOR_wrong_rollbacks].part;
    if (wrong > 0)
        om_add(&f->book, METRIC_rollbacks_incorrect, f->labels, f->facts->ends_at, wrong);
}

/* ---- services ---- */

/* The worst of what serves a service, in the second of that record. */
static time_ns p95_of(const struct facts *f, const struct fact_truth *now) {
    const struct fact_truth *t = now, *end = f->truth.items + f->truth.count;
    time_ns worst = 0;
    while (t > f->truth.items && t[-1].at == now->at) t--;
    for (; t < end && t->at == now->at; t++)
        if (ID_EQ(t->service, now->service) && t->requests > 0 && t->p95_ns > worst)
            worst = t->p95_ns;
    return worst;
}

static void add_services(struct fold *f) {
    EACH(f->facts, truth, t) {
        char labels[SERIES_LABELS], good[SERIES_LABELS], bad[SERIES_LABELS];
        with(f, labels, "service", facts_service(f->facts, t->service));
        snprintf(good, sizeof good, "%s", labels);
        snprintf(bad, sizeof bad, "%s", labels);
        om_label(good, "code", "200");
        om_label(bad, "code", "500");
        om_add(&f->book, METRIC_http_requests, good, t->at, t->requests - t->failed);
        om_add(&f->book, METRIC_http_requests, bad, t->at, t->failed);
        if (t->requests > 0)
            om_set(&f->book, METRIC_service_latency_p95_seconds, labels, t->at,
                   p95_of(f->facts, t) / NS_PER_US);
    }
}

static void label_run(struct fold *f) {
    char seed[24];
    f->labels[0] = '\0';
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)f->run->verdict->seed);
    om_label(f->labels, "scenario", f->run->verdict->scenario);
    om_label(f->labels, "topology", f->facts->topology);
    om_label(f->labels, "seed", seed);
}

void report_openmetrics(const struct report *report, FILE *out) {
    struct fold f = {0};
    time_ns end = 0,
            wall = report->run_count > 0 ? report->runs[0].facts->run.items[0].start_wall : 0;
    for (uint32_t r = 0; r < report->run_count; r++) {
        f.run = &report->runs[r];
        f.facts = f.run->facts;
        label_run(&f);
        add_locks(&f);
        add_decisions(&f);
        add_operations(&f);
        add_audit(&f);
        add_incidents(&f);
        add_services(&f);
        if (f.facts->ends_at > end) end = f.facts->ends_at;
    }
    /* a scrape a second of one run; of many, and of long ones, fewer will do */
    time_ns step = report->run_count == 1 ? NS_PER_S : 5 * NS_PER_S;
    while (end / step > 3600) step *= 2;
    om_write(&f.book, wall, end, step, out);
    om_free(&f.book);
}
