/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Canaries: stages in order, each with its soak, its samples and figures that were looked at. */
#include "engine/base/ratio.h"
#include "reports/judge/invariants.h"

#define OP(id) ((unsigned long long)(id).v)

static bool stage_order(const struct facts *f, const struct fact_deploy_order *d) {
    return d->status == DEPLOY_ACCEPTED && d->action == 0 && is_engine(f, d->engine);
}

static int64_t stage_index(const struct facts *f, int64_t share_ppm) {
    EACH(f, stage, s) if (s->share_ppm == share_ppm) return s - f->stage.items;
    return -1;
}

/* The operation's accepted order before this one; NULL: this is its first. */
static const struct fact_deploy_order *former_stage(const struct facts *f,
                                                    const struct fact_deploy_order *d) {
    for (const struct fact_deploy_order *p = d; p > f->deploy_order.items;) {
        p--;
        if (stage_order(f, p) && ID_EQ(p->op, d->op) && ID_EQ(p->revision, d->revision)) return p;
    }
    return NULL;
}

/* When the revision first served the share; TIME_NEVER: never. */
static time_ns served_since(const struct facts *f, struct revision_id revision, int64_t share_ppm) {
    const struct fact_traffic *t = traffic_reached(f, revision, share_ppm);
    return t ? t->at : TIME_NEVER;
}

/* What must lie between a stage's service and the step that follows it. A second of truth that only
 * touches the stage counts: the bound is on what the engine could have seen at most. */
static void look_stage(const struct facts *f, const struct fact_stage *stage, struct op_id op,
                       struct svc_id service, struct revision_id revision, time_ns at,
                       uint64_t record, struct violations *found) {
    time_ns since = served_since(f, revision, stage->share_ppm);
    if (since == TIME_NEVER || at < time_add(since, stage->soak_ns)) {
        violated(found, "canary_stages", at, record,
                 "operation %llu leaves the stage of %.0f%% before its soak is over", OP(op),
                 (double)stage->share_ppm / 1e4);
        return;
    }
    /* the pods of a first stage that was half done go on as those of the whole one */
    time_ns counts = stage == f->stage.items ? served_since(f, revision, 1) : since;
    struct truth_sum sum =
        truth_over(f, service, revision, counts - TRUTH_NS, time_add(at, TRUTH_NS));
    if (sum.requests < stage->min_samples)
        violated(found, "canary_stages", at, record,
                 "operation %llu leaves the stage of %.0f%% after %lld of %lld samples", OP(op),
                 (double)stage->share_ppm / 1e4, (long long)sum.requests,
                 (long long)stage->min_samples);
}

static void look_order(const struct facts *f, const struct fact_deploy_order *d,
                       struct violations *found) {
    const struct fact_deploy_order *former = former_stage(f, d);
    int64_t index = stage_index(f, d->share_ppm);
    int64_t before = former ? stage_index(f, former->share_ppm) : -1;
    if (former && index == before) return; /* the same stage, asked for again */
    if (index < 0 || index != before + 1) {
        violated(found, "canary_stages", d->at, d->record,
                 "operation %llu asks for %.0f%%, which is not its next stage", OP(d->op),
                 (double)d->share_ppm / 1e4);
        return;
    }
    if (former)
        look_stage(f, &f->stage.items[before], d->op, d->service, d->revision, d->at, d->record,
                   found);
}

static const struct fact_deploy_order *last_stage(const struct facts *f, struct op_id op,
                                                  uint64_t before) {
    const struct fact_deploy_order *last = NULL;
    EACH(f, deploy_order, d) {
        if (d->record < before && stage_order(f, d) && ID_EQ(d->op, op)) last = d;
    }
    return last;
}

void invariant_canary_stages(const struct facts *f, struct violations *found) {
    if (f->stage.count == 0) return;
    EACH(f, deploy_order, d) if (stage_order(f, d)) look_order(f, d, found);
    EACH_EFFECT(f, e) {
        const struct eff_report *r = &e->out.report;
        if (e->out.kind != EFF_report || r->kind != REPORT_PROMOTED) continue;
        const struct fact_deploy_order *last = last_stage(f, r->op, e->record);
        const struct fact_stage *stage = &f->stage.items[f->stage.count - 1];
        if (!last || last->share_ppm != stage->share_ppm)
            violated(found, "canary_stages", e->at, e->record,
                     "operation %llu is promoted before its last stage", OP(r->op));
        else
            look_stage(f, stage, r->op, r->service, last->revision, e->at, e->record, found);
    }
}

/* ---- no_data_is_not_success ---- */

/* Whether metrics told the engine, between two records, how many requests the revision had. */
static bool requests_seen(const struct facts *f, int64_t engine, struct revision_id revision,
                          uint64_t from, uint64_t to) {
    EACH_INPUT(f, i) {
        const struct in_query_result *q = &i->in.query_result;
        if (i->engine == engine && i->in.kind == IN_query_result && i->record > from &&
            i->record < to && q->query == QUERY_REQUESTS && ID_EQ(q->revision, revision) &&
            q->kind == VALUE_NUMBER && q->micro > 0)
            return true;
    }
    return false;
}

static void look_promotion(const struct facts *f, const struct fact_deploy_order *d,
                           struct violations *found) {
    const struct fact_deploy_order *former = former_stage(f, d);
    if (!former || former->share_ppm == d->share_ppm) return;
    if (!requests_seen(f, d->engine, d->revision, former->record, d->record))
        violated(found, "no_data_is_not_success", d->at, d->record,
                 "operation %llu goes to %.0f%% without a figure of its canary", OP(d->op),
                 (double)d->share_ppm / 1e4);
}

/* A question about the past says nothing of now. */
static bool of_the_past(const struct facts *f, uint32_t engine, int64_t request) {
    EACH_EFFECT(f, e) {
        if (e->engine == engine && e->out.kind == EFF_query && e->out.query.request == request &&
            e->out.query.offset_ns > 0)
            return true;
    }
    return false;
}

/* The last figure of the symptom that the engine had of the service before it closed. */
static const struct in_query_result *last_figure(const struct facts *f,
                                                 const struct seen_effect *e) {
    const struct in_query_result *last = NULL;
    int64_t symptom = e->out.report.symptom;
    EACH_INPUT(f, i) {
        const struct in_query_result *q = &i->in.query_result;
        if (i->record > e->record) break;
        bool figure = symptom == SYMPTOM_LATENCY
                          ? q->query == QUERY_LATENCY_P95
                          : q->query == QUERY_OWN_ERROR_SHARE || q->query == QUERY_ERROR_SHARE;
        if (i->engine == e->engine && i->in.kind == IN_query_result && figure &&
            ID_EQ(q->service, e->out.report.service) && !of_the_past(f, i->engine, q->request))
            last = q;
    }
    return last;
}

void invariant_no_data_is_not_success(const struct facts *f, struct violations *found) {
    EACH(f, deploy_order, d) if (stage_order(f, d)) look_promotion(f, d, found);
    EACH_EFFECT(f, e) {
        if (e->out.kind != EFF_report || e->out.report.kind != REPORT_CLOSED_RESOLVED) continue;
        const struct in_query_result *q = last_figure(f, e);
        if (!q || q->kind != VALUE_NUMBER)
            violated(found, "no_data_is_not_success", e->at, e->record,
                     "incident %llu is closed on %s", (unsigned long long)e->out.report.incident.v,
                     q ? value_name(q->kind) : "no figure at all");
    }
}
