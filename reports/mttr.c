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

struct mttr_row mttr_row_of(const struct facts *f, const struct judged *j) {
    const struct incident *n = &j->incident;
    struct mttr_row row = {.timeline = timeline_of(f, n), .seen = seen_mttr(f, n)};
    row.repaired = j->outcome == OUTCOME_RESOLVED || j->outcome == OUTCOME_HEALED_BY_ANOTHER;
    row.mttr = row.timeline.total;
    row.pages = pages_of(f, n);
    if (n->onset == TIME_NEVER) return row;
    row.failed = truth_over(f, n->service, (struct revision_id){0}, n->onset, n->ends).failed;
    return row;
}
