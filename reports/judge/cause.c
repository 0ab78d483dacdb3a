/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whether an incident's cause acts on users: by what serves, and by which pods do. A defect is in
 * builds; a bad release is one build; what befalls single pods is gone while these get no requests;
 * what comes from more requests than there is room for is gone where there is more room, if the
 * figures say so too.
 */
#include "engine/base/ratio.h"
#include "reports/judge/mitigated.h"
#include "scenarios/words/plan.h"

static const struct fact_fault_planned *planned_of(const struct facts *f,
                                                   const struct incident *n) {
    EACH(f, fault_planned, p) if (p->fault == n->fault) return p;
    return NULL;
}

/* Every build of the service that stood when the fault began carries it; a later one, by what its
 * record says. Of other people's release, the build that they made for it. */
static bool carries(const struct facts *f, const struct incident *n, int64_t kind,
                    struct revision_id revision) {
    const struct fact_revision_made *made = facts_revision(f, revision);
    if (kind == FAULT_ROLLOUT) return made && !real64(made->op.v) && made->at == n->onset;
    if (!made || !real_revision(made->base) || made->at < n->onset) return true;
    return n->fault < 63 && (made->defects >> n->fault & 1) != 0;
}

/* Of so many pods from the first, how many get requests. */
static int64_t bad_pods(const struct facts *f, const struct incident *n, int64_t pods, time_ns at) {
    int64_t left = pods;
    for (int64_t pod = 0; pod < pods; pod++) {
        bool drained = false;
        EACH(f, pods_changed, c) {
            if (c->at <= at && ID_EQ(c->service, n->service) && c->remedy == REMEDY_DRAIN &&
                c->pod == pod)
                drained = !c->undo;
        }
        left -= drained;
    }
    return left;
}

static bool has_more_room(const struct facts *f, const struct incident *n, time_ns at) {
    bool more = false;
    EACH(f, pods_changed, c) {
        if (c->at <= at && c->at >= n->onset && ID_EQ(c->service, n->service) &&
            c->remedy == REMEDY_SCALE_OUT)
            more = !c->undo;
    }
    return more;
}

static bool of_pods(int64_t kind) {
    return kind == FAULT_SLOW_CPU || kind == FAULT_HANDLES_EXHAUSTED ||
           kind == FAULT_RESTART_LOOP || kind == FAULT_MEMORY_EXHAUSTED;
}

int64_t defect_share(const struct facts *f, const struct incident *n, time_ns at) {
    if (n->fault < 0 || at < n->onset || at >= n->fault_ends) return 0;
    const struct fact_fault_planned *p = planned_of(f, n);
    int64_t kind = p ? p->kind : -1;
    if (p && of_pods(kind) && p->pods > 0 && bad_pods(f, n, p->pods, at) == 0) return 0;
    if (kind == FAULT_LOAD_BURST && has_more_room(f, n, at)) return 0;
    const struct fact_traffic *t = traffic_at(f, n->service, at);
    if (!t) return PPM_ONE;
    int64_t share = 0;
    if (carries(f, n, kind, t->stable)) share += traffic_share(t, t->stable);
    if (real_revision(t->candidate) && !ID_EQ(t->candidate, t->stable) &&
        carries(f, n, kind, t->candidate))
        share += traffic_share(t, t->candidate);
    return share;
}
