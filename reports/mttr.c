/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/mttr.h"
#include "reports/judge/truth.h"

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

struct mttr_row mttr_row_of(const struct facts *f, const struct judged *j) {
    const struct incident *n = &j->incident;
    struct mttr_row row = {.timeline = timeline_of(f, n), .seen = seen_mttr(f, n)};
    row.repaired = j->outcome == OUTCOME_RESOLVED || j->outcome == OUTCOME_HEALED_BY_ANOTHER;
    row.mttr = row.timeline.total;
    row.pages = pages_of(f, n);
    row.escalated = !row.repaired && (with_a_person(j->outcome) || row.pages > 0);
    if (n->onset == TIME_NEVER) return row;
    row.failed = truth_over(f, n->service, (struct revision_id){0}, n->onset, n->ends).failed;
    return row;
}

void mttr_add(struct mttr *mttr, const struct mttr_row *row, time_ns *samples) {
    mttr->incidents++;
    mttr->failed += row->failed;
    mttr->pages += row->pages;
    mttr->escalated += row->escalated;
    mttr->unresolved += !row->repaired && !row->escalated;
    if (!row->repaired) return;
    samples[mttr->repaired.count++] = row->mttr;
    for (int k = 0; k < BUCKET_COUNT; k++) mttr->buckets[k] += row->timeline.ns[k];
}
