/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/indicators.h"
#include "engine/base/ratio.h"
#include "reports/judge/reaction.h"
#include <math.h>

#define INDICATOR(name, formula, target) {#name, formula, target},
static const char *const table[][3] = {
#include "reports/indicators.def"
};
#undef INDICATOR

const char *indicator_name(enum indicator which) { return table[which][0]; }
const char *indicator_formula(enum indicator which) { return table[which][1]; }
const char *indicator_target(enum indicator which) { return table[which][2]; }

/* Of a text such as "> 95%", "< 5%" or "20-30%", whole per cent. */
void indicator_range(enum indicator which, int64_t *least_ppm, int64_t *most_ppm) {
    const char *text = indicator_target(which);
    int64_t figures[2] = {0, 0}, count = 0;
    for (const char *at = text; *at && count < 2; at++) {
        if (*at < '0' || *at > '9') continue;
        while (*at >= '0' && *at <= '9') figures[count] = figures[count] * 10 + (*at++ - '0');
        figures[count++] *= PPM_ONE / 100;
        at--;
    }
    *least_ppm = *text == '<' ? 0 : figures[0];
    *most_ppm = *text == '<' ? figures[0] : *text == '>' ? PPM_ONE : figures[1];
}

/* z of 97.5 % */
#define Z 1.959963984540054

void indicator_interval(const struct share *share, int64_t *low_ppm, int64_t *high_ppm) {
    double n = (double)share->whole, p = n > 0 ? (double)share->part / n : 0;
    *low_ppm = 0;
    *high_ppm = PPM_ONE;
    if (share->whole <= 0) return;
    double middle = (p + Z * Z / (2 * n)) / (1 + Z * Z / n);
    double half = Z / (1 + Z * Z / n) * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n));
    double low = middle - half, high = middle + half;
    *low_ppm = low > 0 && share->part > 0 ? llround(low * 1e6) : 0;
    *high_ppm = high < 1 && share->part < share->whole ? llround(high * 1e6) : PPM_ONE;
}

struct tally {
    const struct facts *facts;
    const struct verdict *verdict;
    indicator_sink sink;
    void *context;
};

static void count(const struct tally *t, enum indicator which, int64_t incident, bool part) {
    t->sink(t->context, which, incident, (struct share){part, 1});
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

static void add_incident(const struct tally *t, int64_t i) {
    const struct facts *f = t->facts;
    const struct judged *j = &t->verdict->list[i];
    const struct incident *n = &j->incident;
    const struct fact_traffic *served;
    if (n->fault < 0 || n->onset == TIME_NEVER) return;
    bool closed = n->closed != TIME_NEVER && !n->closed_by_another;
    count(t, INDICATOR_auto_healing_success, i, j->outcome == OUTCOME_RESOLVED);
    if (closed) count(t, INDICATOR_false_positives, i, j->outcome == OUTCOME_FALSELY_CLOSED);
    count(t, INDICATOR_human_intervention, i, reaction_question(f, n, false) != NULL);
    for (uint32_t r = 0; r < n->revision_count; r++) {
        if (!revision_served(f, n->revisions[r])) continue;
        count(t, INDICATOR_canaries_promoted, i,
              traffic_reached(f, n->revisions[r], PPM_ONE) != NULL);
    }
    const struct fact_traffic *back = reaction_rollback(f, n, &served);
    if (back)
        count(
            t, INDICATOR_wrong_rollbacks, i,
            was_good(f, n, real_revision(served->candidate) ? served->candidate : served->stable));
}

static bool first_of_cause(const struct verdict *v, uint32_t index) {
    for (uint32_t i = 0; i < index; i++)
        if (v->list[i].incident.fault == v->list[index].incident.fault) return false;
    return true;
}

/* The incident that a patch was made for; -1: of none that is known. */
static int64_t incident_of(const struct tally *t, struct op_id op) {
    for (uint32_t i = 0; i < t->verdict->count; i++)
        if (first_of_cause(t->verdict, i) &&
            incident_has_op(t->facts, &t->verdict->list[i].incident, op))
            return i;
    return -1;
}

void indicators_each(const struct facts *f, const struct verdict *v,
                     const struct contention *contention, indicator_sink sink, void *context) {
    const struct tally t = {f, v, sink, context};
    const struct lock_figures *locks = &contention->total;
    for (uint32_t i = 0; i < v->count; i++)
        if (first_of_cause(v, i)) add_incident(&t, i);
    EACH(f, checked, c) {
        if (c->reply == REPLY_OK)
            count(&t, INDICATOR_gate_rejections, incident_of(&t, c->op), !c->passed);
    }
    if (locks->requests > 0)
        sink(context, INDICATOR_lock_contention, -1,
             (struct share){locks->timeouts, locks->requests});
}

static void add(void *context, enum indicator which, int64_t incident, struct share share) {
    struct indicators *x = context;
    (void)incident;
    x->of[which].part += share.part;
    x->of[which].whole += share.whole;
}

void indicators_add(struct indicators *x, const struct facts *f, const struct verdict *v,
                    const struct contention *contention) {
    indicators_each(f, v, contention, add, x);
}
