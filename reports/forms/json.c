/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/base/check.h"
#include "reports/forms/forms.h"
#include "reports/forms/json_parts.h"
#include "reports/forms/naming.h"

static json_t *expected(const struct judged *j) {
    json_t *o = json_object();
    json_set_text(o, "reaction", expected_reaction(j));
    json_set_text(o, "outcome", j->expected_outcome);
    json_set_time(o, "mttr_min_ns", j->mttr_min > 0 ? j->mttr_min : -1);
    json_set_time(o, "mttr_max_ns", j->mttr_max > 0 ? j->mttr_max : -1);
    return o;
}

static json_t *reasons(const struct reasons *list) {
    json_t *a = json_array();
    for (uint32_t i = 0; i < list->count; i++) json_array_append_new(a, json_text(list->list[i]));
    return a;
}

static json_t *incident(const struct report_run *run, uint32_t i) {
    const struct judged *j = &run->verdict->list[i];
    const struct mttr_row *row = &run->rows[i];
    json_t *o = json_object();
    json_set_text(o, "name", j->incident.name);
    json_set_int(o, "fault", j->incident.fault);
    json_set_text(o, "service", facts_service(run->facts, j->incident.service));
    json_set_text(o, "symptom", symptom_name(j->incident.symptom));
    json_set_time(o, "onset_ns", j->incident.onset);
    json_set_time(o, "detected_ns", j->incident.detected);
    json_set_time(o, "closed_ns", j->incident.closed);
    json_set(o, "acted", json_boolean(j->incident.acted));
    json_set(o, "expected", j->expected ? expected(j) : json_null());
    json_set_text(o, "reaction", seen_reaction(j));
    json_set_text(o, "outcome", seen_outcome(j));
    json_set_text(o, "verdict", verdict_name(j->kind));
    json_set_text(o, "why", j->why);
    json_set(o, "reasons", reasons(&j->reasons));
    json_set_time(o, "mttr_ns", j->mttr);
    json_set_time(o, "mttr_seen_ns", row->seen);
    json_set(o, "repaired", json_boolean(row->repaired));
    json_set_int(o, "stood_ns", row->mttr);
    json_set_int(o, "failed_requests", row->failed);
    json_set_int(o, "pages", row->pages);
    json_set(o, "buckets_ns", json_buckets(row->timeline.ns));
    return o;
}

static json_t *lock(const struct lock_figures *x) {
    json_t *o = json_object();
    json_set_text(o, "lock", x->label);
    json_set_int(o, "requests", x->requests);
    json_set_int(o, "grants", x->grants);
    json_set_int(o, "timeouts", x->timeouts);
    json_set_int(o, "refused", x->refused);
    json_set_int(o, "lost", x->lost);
    json_set_int(o, "forced", x->forced);
    json_set_int(o, "queue_max", x->queue_max);
    json_set_int(o, "convoy_max", x->convoy_max);
    json_set_int(o, "utilisation_ppm", x->utilisation_ppm);
    json_set_int(o, "queue_mean_ppm", x->queue_mean_ppm);
    json_set_int(o, "little_ppm", x->little_ppm);
    json_set(o, "wait", json_distribution(&x->wait));
    json_set(o, "hold", json_distribution(&x->hold));
    return o;
}

static json_t *contention(const struct contention *c) {
    json_t *o = json_object(), *locks = json_array();
    for (uint32_t k = 0; k < c->count; k++) json_array_append_new(locks, lock(&c->list[k]));
    json_set(o, "all", lock(&c->total));
    json_set(o, "locks", locks);
    json_set_int(o, "fenced_off", c->fenced_off);
    json_set_int(o, "fairness_ppm", c->fairness_ppm);
    json_set_int(o, "wait_edges", c->wait_edges);
    json_set_int(o, "cycles", c->cycles);
    return o;
}

static json_t *violation(const struct violation *v) {
    json_t *o = json_object();
    json_set_text(o, "invariant", v->invariant);
    json_set_int(o, "at_ns", v->at);
    json_set_int(o, "record", (int64_t)v->record);
    json_set_text(o, "why", v->why);
    return o;
}

static json_t *run_of(const struct report_run *run) {
    const struct verdict *v = run->verdict;
    char file[256], digest[DIGEST_TEXT];
    json_t *o = json_object();
    json_t *incidents = json_array(), *violations = json_array(), *forbidden = json_array();
    for (uint32_t i = 0; i < v->count; i++) json_array_append_new(incidents, incident(run, i));
    for (uint32_t i = 0; i < v->violations.count; i++)
        json_array_append_new(violations, violation(&v->violations.list[i]));
    for (uint32_t i = 0; i < v->forbidden_count; i++)
        json_array_append_new(forbidden, json_text(v->forbidden[i]));
    json_set_text(o, "scenario", v->scenario);
    json_set_text(o, "file", run_file(file, sizeof file, run));
    json_set_text(o, "topology", run->facts->topology);
    json_set_int(o, "seed", (int64_t)v->seed);
    json_set_text(o, "digest", run_digest(digest, run));
    json_set_text(o, "verdict", verdict_name(v->kind));
    json_set_text(o, "why", v->why);
    json_set_text(o, "reproduce", run->reproduce);
    json_set_int(o, "ended_ns", run->facts->ends_at);
    json_set_time(o, "healed_ns", run->facts->heals_at);
    json_set(o, "incidents", incidents);
    json_set(o, "violations", violations);
    json_set_int(o, "violations_dropped", v->violations.dropped);
    json_set(o, "forbidden", forbidden);
    json_set(o, "contention", contention(&run->contention));
    return o;
}

void report_json(const struct report *report, FILE *out) {
    json_t *o = json_object(), *runs = json_array();
    struct mttr mttr;
    report_mttr(report, &mttr);
    for (uint32_t r = 0; r < report->run_count; r++)
        json_array_append_new(runs, run_of(&report->runs[r]));
    json_set_int(o, "schema", 1);
    json_set_text(o, "verdict", verdict_name(report->kind));
    json_set_int(o, "passed", report->passed);
    json_set_int(o, "failed", report->failed);
    json_set_int(o, "inconclusive", report->inconclusive);
    json_set_int(o, "violations", report->violations);
    json_set(o, "mttr", json_mttr(&mttr));
    json_set(o, "indicators", json_indicators(&report->indicators));
    json_set(o, "runs", runs);
    ASSERT(o != NULL);
    json_dumpf(o, out, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    fputc('\n', out);
    json_decref(o);
}
