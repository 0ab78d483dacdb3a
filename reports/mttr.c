/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/mttr.h"
#include "engine/base/check.h"
#include "engine/base/ratio.h"
#include "reports/judge/mitigated.h"
#include <stdlib.h>

#define DAY_NS (24 * 3600 * NS_PER_S)

static time_ns seen_mttr(const struct facts *f, const struct incident *n) {
    EACH_EFFECT(f, e) {
        if (n->closed != TIME_NEVER && e->record == n->closed_record) return e->out.report.detail;
    }
    return -1;
}

static int64_t pages_of(const struct facts *f, const struct incident *n) {
    int64_t pages = 0;
    EACH(f, message_delivered, m) {
        if (m->form != FORM_TELL && m->at <= n->ends && incident_has_id(n, m->incident)) pages++;
    }
    return pages;
}

static bool with_a_person(enum outcome outcome) {
    return outcome == OUTCOME_HELD || outcome == OUTCOME_SUSPENDED || outcome == OUTCOME_REJECTED;
}

static int64_t budget_burnt(const struct facts *f, const struct incident *n, int64_t failed) {
    EACH(f, service, s) {
        if (!ID_EQ(s->service, n->service) || s->rate_milli <= 0 || f->limits.budget_ppm <= 0)
            continue;
        int64_t requests = muldiv(s->rate_milli, DAY_NS, 1000 * NS_PER_S);
        int64_t allowed = muldiv(requests, f->limits.budget_ppm, PPM_ONE);
        return allowed > 0 ? muldiv(failed, PPM_ONE, allowed) : -1;
    }
    return -1;
}

static int64_t opened_by(const struct facts *f, const struct incident *n) {
    EACH_EFFECT(f, e) {
        const struct eff_report *r = &e->out.report;
        if (e->out.kind == EFF_report && r->kind == REPORT_OPENED &&
            incident_has_id(n, r->incident))
            return e->engine;
    }
    return -1;
}

struct mttr_row mttr_row_of(const struct facts *f, const struct judged *j) {
    const struct incident *n = &j->incident;
    struct mttr_row row = {.timeline = timeline_of(f, n), .seen = seen_mttr(f, n)};
    row.repaired = j->outcome == OUTCOME_RESOLVED || j->outcome == OUTCOME_HEALED_BY_ANOTHER;
    row.mttr = row.timeline.total;
    row.pages = pages_of(f, n);
    row.escalated = !row.repaired && (with_a_person(j->outcome) || row.pages > 0);
    row.engine = opened_by(f, n);
    row.budget_ppm = row.mitigated = -1;
    if (n->onset == TIME_NEVER) return row;
    row.failed = truth_over(f, n->service, (struct revision_id){0}, n->onset, n->ends).failed;
    row.budget_ppm = budget_burnt(f, n, row.failed);
    struct mitigated mitigated = incident_mitigated(f, n);
    row.mitigated = mitigated.after;
    row.eased = mitigated.cause_serves;
    return row;
}

void mttr_add(struct mttr *mttr, const struct mttr_row *row, time_ns *samples) {
    mttr->incidents++;
    mttr->failed += row->failed;
    mttr->pages += row->pages;
    if (row->budget_ppm > 0) mttr->budget_ppm += row->budget_ppm;
    mttr->escalated += row->escalated;
    mttr->unresolved += !row->repaired && !row->escalated;
    if (!row->repaired) return;
    samples[mttr->repaired.count++] = row->mttr;
    if (row->mitigated > 0) {
        mttr->mitigated_count++;
        mttr->mitigated_sum += row->mitigated;
        mttr->eased += row->eased;
    }
    for (int k = 0; k < BUCKET_COUNT; k++) mttr->buckets[k] += row->timeline.ns[k];
}

void mttr_of(const struct mttr_row *const *rows, size_t count, struct mttr *out,
             struct survival *survival) {
    time_ns *samples = malloc((count + 1) * sizeof *samples);
    struct survival_sample *watched = malloc((count + 1) * sizeof *watched);
    ASSERT(samples != NULL && watched != NULL);
    *out = (struct mttr){0};
    for (size_t k = 0; k < count; k++) {
        mttr_add(out, rows[k], samples);
        watched[k] = (struct survival_sample){rows[k]->mttr, rows[k]->repaired};
    }
    distribution_of(samples, out->repaired.count, &out->repaired);
    survival_of(watched, count, survival);
    free(samples);
    free(watched);
}
