/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/base/check.h"
#include "reports/forms/forms.h"
#include "reports/forms/json_parts.h"
#include "reports/forms/naming.h"
#include "reports/groups.h"

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

/* The critical path: one bucket after the other. */
static void add_step(void *context, enum bucket bucket, time_ns from, time_ns to) {
    json_t *steps = context, *step = json_object();
    json_set_text(step, "bucket", bucket_name(bucket));
    json_set_int(step, "from_ns", from);
    json_set_int(step, "to_ns", to);
    json_array_append_new(steps, step);
}

static json_t *path(const struct report_run *run, uint32_t i) {
    json_t *steps = json_array();
    timeline_walk(run->facts, &run->verdict->list[i].incident, add_step, steps);
    return steps;
}

static void set_group(json_t *o, const char *key, const struct report_run *run, uint32_t i,
                      enum grouping by) {
    char name[GROUP_NAME];
    group_name(name, run, i, by);
    json_set(o, key, strcmp(name, "-") == 0 ? json_null() : json_text(name));
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
    set_group(o, "fault_kind", run, i, GROUP_BY_fault);
    set_group(o, "engine", run, i, GROUP_BY_engine);
    json_set_time(o, "mitigated_ns", row->mitigated);
    json_set(o, "mitigated_before_cure", json_boolean(row->eased));
    json_set_time(o, "budget_burnt_ppm", row->budget_ppm);
    json_set(o, "buckets_ns", json_buckets(row->timeline.ns));
    json_set(o, "path", path(run, i));
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
    json_set(o, "contention", json_contention(run));
    return o;
}

static json_t *estimate(const struct estimate *e) {
    json_t *o = json_object();
    json_set_time(o, "value_ns", e->value);
    json_set_time(o, "low_ns", e->low);
    json_set_time(o, "high_ns", e->high);
    return o;
}

static json_t *survival(const struct survival *s) {
    json_t *o = json_object();
    json_set_int(o, "incidents", s->count);
    json_set_int(o, "repaired", s->repaired);
    json_set(o, "p50", estimate(&s->p50));
    json_set(o, "p95", estimate(&s->p95));
    return o;
}

static json_t *mitigation(const struct mttr *m) {
    json_t *o = json_object();
    json_set_int(o, "count", m->mitigated_count);
    json_set_int(o, "before_cure", m->eased);
    json_set_time(o, "mean_ns", mttr_mitigated_mean(m));
    return o;
}

static json_t *group(const struct mttr_group *g) {
    json_t *o = json_object();
    json_set_text(o, "name", g->name);
    json_set(o, "mttr", json_mttr(&g->mttr));
    json_set(o, "survival", survival(&g->survival));
    return o;
}

static json_t *groups(const struct report *report) {
    json_t *o = json_object();
    for (int by = 0; by < GROUPING_COUNT; by++) {
        struct mttr_groups all = groups_of(report, (enum grouping)by);
        json_t *list = json_array();
        for (uint32_t k = 0; k < all.count; k++) json_array_append_new(list, group(&all.list[k]));
        json_set(o, grouping_name((enum grouping)by), list);
        groups_free(&all);
    }
    return o;
}

/* What of which run made an indicator; an incident of null is the run as a whole. */
static json_t *parts(const struct report *report, enum indicator which) {
    json_t *list = json_array();
    for (uint32_t k = 0; k < report->part_count; k++) {
        const struct indicator_part *p = &report->parts[k];
        if (p->which != which) continue;
        const struct judged *all = report->runs[p->run].verdict->list;
        json_t *o = json_object();
        json_set_int(o, "run", p->run);
        json_set(o, "incident",
                 p->incident < 0 ? json_null() : json_text(all[p->incident].incident.name));
        json_set_int(o, "part", p->share.part);
        json_set_int(o, "whole", p->share.whole);
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *indicators(const struct report *report) {
    json_t *o = json_indicators(&report->indicators);
    for (int k = 0; k < INDICATOR_COUNT; k++) {
        json_t *i = json_object_get(o, indicator_name((enum indicator)k));
        const struct share *share = &report->indicators.of[k];
        int64_t low, high;
        indicator_interval(share, &low, &high);
        json_set(i, "low_ppm", share->whole > 0 ? json_integer(low) : json_null());
        json_set(i, "high_ppm", share->whole > 0 ? json_integer(high) : json_null());
        json_set(i, "made_by", parts(report, (enum indicator)k));
    }
    return o;
}

static json_t *left_out(const struct report *report) {
    json_t *list = json_array();
    for (uint32_t k = 0; k < report->left_out_count; k++) {
        json_t *o = json_object();
        json_set_text(o, "scenario", report->left_out[k].scenario);
        json_set_text(o, "topology", report->left_out[k].topology);
        json_array_append_new(list, o);
    }
    return list;
}

void report_json(const struct report *report, FILE *out) {
    json_t *o = json_object(), *runs = json_array();
    struct mttr mttr;
    struct survival standing;
    report_mttr(report, &mttr, &standing);
    for (uint32_t r = 0; r < report->run_count; r++)
        json_array_append_new(runs, run_of(&report->runs[r]));
    json_set_int(o, "schema", 1);
    json_set_text(o, "verdict", verdict_name(report->kind));
    json_set_int(o, "passed", report->passed);
    json_set_int(o, "failed", report->failed);
    json_set_int(o, "inconclusive", report->inconclusive);
    json_set_int(o, "violations", report->violations);
    json_set(o, "left_out", left_out(report));
    json_set(o, "mttr", json_mttr(&mttr));
    json_set(o, "mitigation", mitigation(&mttr));
    json_set(o, "survival", survival(&standing));
    json_set(o, "groups", groups(report));
    json_set(o, "indicators", indicators(report));
    json_set(o, "grid", json_grid(report));
    json_set(o, "runs", runs);
    ASSERT(o != NULL);
    json_dumpf(o, out, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    fputc('\n', out);
    json_decref(o);
}
