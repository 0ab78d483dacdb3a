/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/judge/mitigated.h"
#include "engine/base/ratio.h"

/* So few requests a second say nothing of a share. */
#define REQUESTS_MIN 20

static bool over(const struct facts *f, const struct incident *n, time_ns from, time_ns to) {
    struct truth_sum sum = truth_over(f, n->service, (struct revision_id){0}, from, to);
    if (sum.requests < REQUESTS_MIN) return false;
    return n->symptom == SYMPTOM_LATENCY ? truth_p95(&sum) >= f->limits.latency_limit_ns
                                         : truth_own_share(&sum) >= f->limits.error_limit_ppm;
}

struct mitigated incident_mitigated(const struct facts *f, const struct incident *n) {
    struct mitigated m = {TIME_NEVER, false};
    if (n->fault < 0 || n->onset == TIME_NEVER) return m;
    time_ns last = TIME_NEVER, end = n->onset;
    for (; end + TRUTH_NS <= n->ends; end += TRUTH_NS)
        if (over(f, n, end, end + TRUTH_NS)) last = end + TRUTH_NS;
    if (last == TIME_NEVER || last + TRUTH_NS > n->ends) return m;
    m.at = last;
    m.cause_serves = defect_share(f, n, last) > 0;
    return m;
}

static bool undone_later(const struct facts *f, const struct fact_pods_changed *c, time_ns until) {
    EACH(f, pods_changed, later) {
        if (later->record > c->record && later->at <= until && later->undo &&
            ID_EQ(later->op, c->op))
            return true;
    }
    return false;
}

static time_ns pods_remedied(const struct facts *f, const struct incident *n) {
    EACH(f, pods_changed, c) {
        if (c->at <= n->ends && !c->undo && is_engine(f, c->engine) &&
            incident_has_op(f, n, c->op) && !undone_later(f, c, n->ends))
            return c->at;
    }
    return TIME_NEVER;
}

/* It made something else serve that it had not brought. */
static time_ns change_undone(const struct facts *f, const struct incident *n) {
    EACH(f, traffic, t) {
        if (t->at > n->ends || !is_engine(f, t->engine) || !incident_has_op(f, n, t->op)) continue;
        const struct fact_traffic *last = traffic_at(f, t->service, n->ends);
        if (!op_first_stage(f, t->op) && last && ID_EQ(last->stable, t->stable)) return t->at;
    }
    return TIME_NEVER;
}

time_ns remedy_stood(const struct facts *f, const struct incident *n) {
    time_ns pods = pods_remedied(f, n), change = change_undone(f, n);
    return pods < change ? pods : change;
}
