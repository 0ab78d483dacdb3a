/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/indicators.h"
#include "engine/base/ratio.h"
#include "reports/judge/reaction.h"

#define INDICATOR(name, formula, target) {#name, formula, target},
static const char *const table[][3] = {
#include "reports/indicators.def"
};
#undef INDICATOR

const char *indicator_name(enum indicator which) { return table[which][0]; }
const char *indicator_formula(enum indicator which) { return table[which][1]; }
const char *indicator_target(enum indicator which) { return table[which][2]; }

static void count(struct share *share, bool part) {
    share->whole++;
    share->part += part;
}

/* A revision that neither carried the defect nor looped nor leaked, and was no worse than the
 * alerts' limits allow: taking it back was wrong. */
static bool was_good(const struct facts *f, const struct incident *n, struct revision_id revision) {
    const struct fact_revision_made *made = facts_revision(f, revision);
    struct truth_sum sum = truth_over(f, n->service, revision, 0, f->ends_at);
    bool carries = made && n->fault < 63 && (made->defects >> n->fault & 1) != 0;
    return sum.requests > 0 && !carries && !(made && made->harm) &&
           truth_own_share(&sum) < f->limits.error_limit_ppm &&
           truth_p95(&sum) < f->limits.latency_limit_ns;
}

static void add_incident(struct indicators *x, const struct facts *f, const struct judged *j) {
    const struct incident *n = &j->incident;
    const struct fact_traffic *served;
    if (n->fault < 0 || n->onset == TIME_NEVER) return;
    bool closed = n->closed != TIME_NEVER && !n->closed_by_another;
    count(&x->of[INDICATOR_auto_healing_success], j->outcome == OUTCOME_RESOLVED);
    if (closed) count(&x->of[INDICATOR_false_positives], j->outcome == OUTCOME_FALSELY_CLOSED);
    count(&x->of[INDICATOR_human_intervention], reaction_question(f, n, false) != NULL);
    for (uint32_t i = 0; i < n->revision_count; i++) {
        if (!revision_served(f, n->revisions[i])) continue;
        count(&x->of[INDICATOR_canaries_promoted],
              traffic_reached(f, n->revisions[i], PPM_ONE) != NULL);
    }
    const struct fact_traffic *back = reaction_rollback(f, n, &served);
    if (back)
        count(
            &x->of[INDICATOR_wrong_rollbacks],
            was_good(f, n, real_revision(served->candidate) ? served->candidate : served->stable));
}

static bool first_of_cause(const struct verdict *v, uint32_t index) {
    for (uint32_t i = 0; i < index; i++)
        if (v->list[i].incident.fault == v->list[index].incident.fault) return false;
    return true;
}

void indicators_add(struct indicators *x, const struct facts *f, const struct verdict *v,
                    const struct contention *contention) {
    for (uint32_t i = 0; i < v->count; i++)
        if (first_of_cause(v, i)) add_incident(x, f, &v->list[i]);
    EACH(f, checked, c) {
        if (c->reply == REPLY_OK) count(&x->of[INDICATOR_gate_rejections], !c->passed);
    }
    x->of[INDICATOR_lock_contention].part += contention->total.timeouts;
    x->of[INDICATOR_lock_contention].whole += contention->total.requests;
}
