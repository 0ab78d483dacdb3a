/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/judge/mitigated.h"
#include "engine/base/ratio.h"

static bool over_limit(const struct facts *f, const struct incident *n, time_ns second) {
    struct truth_sum sum =
        truth_over(f, n->service, (struct revision_id){0}, second - TRUTH_NS, second);
    if (n->symptom == SYMPTOM_LATENCY) return truth_p95(&sum) >= f->limits.latency_limit_ns;
    return truth_own_share(&sum) >= f->limits.error_limit_ppm;
}

struct mitigated incident_mitigated(const struct facts *f, const struct incident *n) {
    time_ns over = n->onset, seen = n->onset;
    if (n->onset == TIME_NEVER) return (struct mitigated){-1, false};
    for (size_t k = truth_index(f, n->onset); k < f->truth.count; k++) {
        time_ns second = f->truth.items[k].at;
        if (second > n->ends) break;
        if (second == seen) continue;
        seen = second;
        if (over_limit(f, n, second)) over = second;
    }
    if (over == seen && seen > n->onset) return (struct mitigated){-1, false};
    return (struct mitigated){over - n->onset, over > n->onset && defect_share(f, n, over) > 0};
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
