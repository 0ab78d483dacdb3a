/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/base/check.h"
#include "reports/forms/forms.h"
#include <jansson.h>

/* Every setter takes over the value; what cannot be made (no memory) is a null. */
static void set(json_t *object, const char *key, json_t *value) {
    json_object_set_new(object, key, value ? value : json_null());
}
static void set_int(json_t *object, const char *key, int64_t v) {
    set(object, key, json_integer(v));
}
static void set_text(json_t *object, const char *key, const char *text) {
    set(object, key, json_string(text)); /* NULL for invalid UTF-8: a null then */
}
/* TIME_NEVER and anything below 0: it did not happen. */
static void set_time(json_t *object, const char *key, time_ns at) {
    set(object, key, at == TIME_NEVER || at < 0 ? json_null() : json_integer(at));
}

static json_t *distribution(const struct distribution *d) {
    json_t *o = json_object();
    const struct {
        const char *name;
        const struct estimate *e;
    } figures[] = {{"mean", &d->mean}, {"p50", &d->p50}, {"p95", &d->p95}, {"p99", &d->p99}};
    set_int(o, "count", d->count);
    for (size_t i = 0; i < ARRAY_LEN(figures); i++) {
        json_t *e = json_object();
        set_int(e, "value_ns", figures[i].e->value);
        set_int(e, "low_ns", figures[i].e->low);
        set_int(e, "high_ns", figures[i].e->high);
        set(o, figures[i].name, e);
    }
    set_int(o, "min_ns", d->min);
    set_int(o, "max_ns", d->max);
    return o;
}

static json_t *buckets(const time_ns ns[BUCKET_COUNT]) {
    json_t *o = json_object();
    for (int k = 0; k < BUCKET_COUNT; k++) set_int(o, bucket_name((enum bucket)k), ns[k]);
    return o;
}

static json_t *expected(const struct judged *j) {
    json_t *o = json_object();
    set_text(o, "reaction", j->expected_reaction);
    set_text(o, "outcome", j->expected_outcome);
    set_time(o, "mttr_min_ns", j->mttr_min > 0 ? j->mttr_min : -1);
    set_time(o, "mttr_max_ns", j->mttr_max > 0 ? j->mttr_max : -1);
    return o;
}

static json_t *incident(const struct report_run *run, uint32_t i) {
    const struct judged *j = &run->verdict->list[i];
    const struct mttr_row *row = &run->rows[i];
    json_t *o = json_object();
    set_text(o, "name", j->incident.name);
    set_int(o, "fault", j->incident.fault);
    set_text(o, "service", facts_service(run->facts, j->incident.service));
    set_text(o, "symptom", symptom_name(j->incident.symptom));
    set_time(o, "onset_ns", j->incident.onset);
    set_time(o, "detected_ns", j->incident.detected);
    set_time(o, "closed_ns", j->incident.closed);
    set(o, "acted", json_boolean(j->incident.acted));
    set(o, "expected", j->expected ? expected(j) : json_null());
    set_text(o, "reaction", reaction_name(j->reaction));
    set_text(o, "outcome", outcome_name(j->outcome));
    set_text(o, "verdict", verdict_name(j->kind));
    set_text(o, "why", j->why);
    set_time(o, "mttr_ns", j->mttr);
    set_time(o, "mttr_seen_ns", row->seen);
    set(o, "repaired", json_boolean(row->repaired));
    set_int(o, "stood_ns", row->mttr);
    set_int(o, "failed_requests", row->failed);
    set_int(o, "pages", row->pages);
    set(o, "buckets_ns", buckets(row->timeline.ns));
    return o;
}

static json_t *lock(const struct lock_figures *x) {
    json_t *o = json_object();
    set_text(o, "lock", x->label);
    set_int(o, "requests", x->requests);
    set_int(o, "grants", x->grants);
    set_int(o, "timeouts", x->timeouts);
    set_int(o, "refused", x->refused);
    set_int(o, "lost", x->lost);
    set_int(o, "forced", x->forced);
    set_int(o, "queue_max", x->queue_max);
    set_int(o, "convoy_max", x->convoy_max);
    set_int(o, "utilisation_ppm", x->utilisation_ppm);
    set_int(o, "queue_mean_ppm", x->queue_mean_ppm);
    set_int(o, "little_ppm", x->little_ppm);
    set(o, "wait", distribution(&x->wait));
    set(o, "hold", distribution(&x->hold));
    return o;
}

static json_t *contention(const struct contention *c) {
    json_t *o = json_object(), *locks = json_array();
    for (uint32_t k = 0; k < c->count; k++) json_array_append_new(locks, lock(&c->list[k]));
    set(o, "all", lock(&c->total));
    set(o, "locks", locks);
    set_int(o, "fenced_off", c->fenced_off);
    set_int(o, "fairness_ppm", c->fairness_ppm);
    set_int(o, "wait_edges", c->wait_edges);
    set_int(o, "cycles", c->cycles);
    return o;
}

static json_t *violation(const struct violation *v) {
    json_t *o = json_object();
    set_text(o, "invariant", v->invariant);
    set_int(o, "at_ns", v->at);
    set_int(o, "record", (int64_t)v->record);
    set_text(o, "why", v->why);
    return o;
}

static json_t *run_of(const struct report_run *run) {
    const struct verdict *v = run->verdict;
    json_t *o = json_object();
    json_t *incidents = json_array(), *violations = json_array(), *forbidden = json_array();
    for (uint32_t i = 0; i < v->count; i++) json_array_append_new(incidents, incident(run, i));
    for (uint32_t i = 0; i < v->violations.count; i++)
        json_array_append_new(violations, violation(&v->violations.list[i]));
    for (uint32_t i = 0; i < v->forbidden_count; i++)
        json_array_append_new(forbidden, json_string(v->forbidden[i]));
    set_text(o, "scenario", v->scenario);
    set_int(o, "seed", (int64_t)v->seed);
    set_text(o, "verdict", verdict_name(v->kind));
    set_text(o, "why", v->why);
    set_text(o, "reproduce", run->reproduce);
    set_int(o, "ended_ns", run->facts->ends_at);
    set_time(o, "healed_ns", run->facts->heals_at);
    set(o, "incidents", incidents);
    set(o, "violations", violations);
    set_int(o, "violations_dropped", v->violations.dropped);
    set(o, "forbidden", forbidden);
    set(o, "contention", contention(&run->contention));
    return o;
}

static json_t *mttr_of(const struct report *report) {
    struct mttr m;
    json_t *o = json_object();
    report_mttr(report, &m);
    set_int(o, "incidents", m.incidents);
    set_int(o, "escalated", m.escalated);
    set_int(o, "unresolved", m.unresolved);
    set_int(o, "failed_requests", m.failed);
    set_int(o, "pages", m.pages);
    set(o, "repaired", distribution(&m.repaired));
    set(o, "buckets_ns", buckets(m.buckets));
    set_int(o, "manual_ns", MANUAL_NS);
    set_int(o, "target_ns", MTTR_TARGET_NS);
    return o;
}

static json_t *indicators_of(const struct indicators *indicators) {
    json_t *o = json_object();
    for (int k = 0; k < INDICATOR_COUNT; k++) {
        json_t *i = json_object();
        set_int(i, "part", indicators->of[k].part);
        set_int(i, "whole", indicators->of[k].whole);
        set_text(i, "formula", indicator_formula((enum indicator)k));
        set_text(i, "target", indicator_target((enum indicator)k));
        set(o, indicator_name((enum indicator)k), i);
    }
    return o;
}

void report_json(const struct report *report, FILE *out) {
    json_t *o = json_object(), *runs = json_array();
    for (uint32_t r = 0; r < report->run_count; r++)
        json_array_append_new(runs, run_of(&report->runs[r]));
    set_int(o, "schema", 1);
    set_text(o, "verdict", verdict_name(report->kind));
    set_int(o, "passed", report->passed);
    set_int(o, "failed", report->failed);
    set_int(o, "inconclusive", report->inconclusive);
    set_int(o, "violations", report->violations);
    set(o, "mttr", mttr_of(report));
    set(o, "indicators", indicators_of(&report->indicators));
    set(o, "runs", runs);
    ASSERT(o != NULL);
    json_dumpf(o, out, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    fputc('\n', out);
    json_decref(o);
}
