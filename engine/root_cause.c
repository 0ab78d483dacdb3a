/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Two rankings of the same candidates.
 *
 * By own excess: what a service adds beyond its callees, the only evidence that points at a service
 * rather than at a coincidence. It is the mean, by the policy's weights, of
 *   frequency  its share of all candidates' own excess
 *   severity   own excess / critical, at most 1
 *   proximity  1 / (1 + calls between it and the service that alerted), 0 if out of reach
 * times its strength: own excess / limit, at most 1. So a service that merely passes on failures,
 * and has the little own excess of unaligned windows, stays far behind however near it stands.
 *
 * By change: recent commit and deployment by the policy's weights, fading to one half over the
 * window, so that of two the newer leads.
 *
 * The score puts both together. A change counts for as much as the service has own excess: one that
 * adds no failures is explained by no change of it. What is left, a 20th, lets changes and traces
 * order the candidates when nobody has own excess.
 *
 * Confidence is kept as odds that the best is the cause. The margin of its own score to the
 * second's, squared, gives the odds, at most 19 : 1 times its strength squared; each further
 * witness multiplies them: a recent change of the best, of somebody else in breach, of somebody
 * without own excess; traces for it or for another. Odds rather than sums, since independent
 * witnesses multiply, no number of them exceeds 1, and no order of them matters.
 */
#include "engine/root_cause.h"
#include "engine/base/check.h"
#include "engine/base/ratio.h"

#define ODDS_CLEAR         (19 * PPM_ONE) /* one clear own excess and no other witness: 95 % */
#define ODDS_NO_OWN        (PPM_ONE / 4)  /* a change or a trace alone: 20 % */
#define ODDS_UNKNOWN       (3 * PPM_ONE) /* at most, when the best's own excess is not measured: 75 % */
#define CHANGE_AGREES      (2 * PPM_ONE)
#define CHANGE_DIFFERS     (PPM_ONE / 4)  /* only another service in breach changed */
#define CHANGE_MISLEADS    (PPM_ONE / 20) /* a change without own excess: 49 %, with traces 66 % */
#define TRACE_AGAINST      9 /* traces that all name another divide the odds by 1 + 9 */
#define WITNESS_ONLY_SHARE 20

/* Half the limit: what is merely passed on stays well below, a cause of an alert well above. */
static bool has_own_excess(const struct eng_config *config, const struct candidate *c) {
    return c->own_excess_ppm >= config->detection.own_error_limit_ppm / 2 && c->own_excess_ppm > 0;
}

static bool changed_recently(const struct eng_config *config, const struct candidate *c) {
    return (c->changed_commit || c->changed_deployment) &&
           c->change_age_ns <= config->root_cause.change_window_ns;
}

/* part / whole on a scale of 0 to 1; anything is all of nothing. */
static int64_t scale(int64_t part, int64_t whole) {
    if (part <= 0) return 0;
    return part >= whole ? PPM_ONE : ppm_of(part, whole);
}

static int64_t strength(const struct eng_config *config, const struct candidate *c) {
    return scale(c->own_excess_ppm, config->detection.own_error_limit_ppm);
}

static int64_t hops_between(struct eng_search *search, const struct eng_config *config,
                            struct svc_id detected, struct svc_id service) {
    uint32_t known = config->graph.service_count;
    if (ID_EQ(detected, service)) return 0;
    if (detected.v >= known || service.v >= known) return -1;
    int64_t most = config->conflicts.max_depth;
    int calls = graph_hops(search, detected, service, most);
    int called = graph_hops(search, service, detected, most);
    return calls < 0 || (called >= 0 && called < calls) ? called : calls;
}

static int64_t change_score(const struct eng_config *config, const struct candidate *c) {
    const struct eng_root_cause *w = &config->root_cause;
    int64_t weight = w->weight_commit + w->weight_deployment;
    if (!changed_recently(config, c)) return 0;
    int64_t sum = (c->changed_commit ? w->weight_commit : 0) +
                  (c->changed_deployment ? w->weight_deployment : 0);
    int64_t faded = scale(c->change_age_ns, w->change_window_ns) / 2;
    return ppm_mul(scale(sum, weight), PPM_ONE - faded);
}

static int64_t own_score(const struct eng_config *config, const struct candidate *c,
                         int64_t all_excess_ppm, int64_t proximity_ppm) {
    const struct eng_root_cause *w = &config->root_cause;
    int64_t weight = w->weight_frequency + w->weight_severity + w->weight_proximity;
    int64_t sum = ppm_mul(w->weight_frequency, scale(c->own_excess_ppm, all_excess_ppm)) +
                  ppm_mul(w->weight_severity,
                          scale(c->own_excess_ppm, config->detection.critical_error_ppm)) +
                  ppm_mul(w->weight_proximity, proximity_ppm);
    return ppm_mul(strength(config, c), scale(sum, weight));
}

static int64_t score(const struct eng_config *config, const struct candidate *c) {
    const struct eng_root_cause *w = &config->root_cause;
    int64_t change = ppm_mul(w->weight_commit + w->weight_deployment, c->change_score_ppm);
    int64_t own = w->weight_frequency + w->weight_severity + w->weight_proximity;
    int64_t witnesses = change + ppm_mul(own, c->trace_share_ppm);
    return ppm_mul(c->own_score_ppm, own + change) + witnesses / WITNESS_ONLY_SHARE;
}

static bool before(const struct candidate *a, const struct candidate *b) {
    if (a->score_ppm != b->score_ppm) return a->score_ppm > b->score_ppm;
    return a->service.v < b->service.v;
}

static void sort(struct candidate *candidates, uint32_t count) {
    for (uint32_t i = 1; i < count; i++) {
        struct candidate moved = candidates[i];
        uint32_t at = i;
        for (; at > 0 && before(&moved, &candidates[at - 1]); at--)
            candidates[at] = candidates[at - 1];
        candidates[at] = moved;
    }
}

/* From here on candidates[0] is the best. */
static int64_t odds_by_own(const struct eng_config *config, const struct candidate *candidates,
                           uint32_t count) {
    int64_t second = 0, own = candidates[0].own_score_ppm;
    if (own == 0) return ODDS_NO_OWN;
    int64_t s = strength(config, &candidates[0]);
    int64_t clear = ppm_mul(ODDS_CLEAR, ppm_mul(s, s));
    for (uint32_t i = 1; i < count; i++)
        if (candidates[i].own_score_ppm > second) second = candidates[i].own_score_ppm;
    if (second == 0 || own / second >= 5) return clear; /* 5 squared is beyond ODDS_CLEAR */
    int64_t margin = ppm_of(own, second), odds = ppm_mul(margin, margin);
    return odds < clear ? odds : clear;
}

/* Who of those behind the best changed, with and without own excess. */
struct other_changes {
    bool in_breach, misleading;
};

static struct other_changes changes_behind(const struct eng_config *config,
                                           const struct candidate *candidates, uint32_t count) {
    struct other_changes others = {false, false};
    for (uint32_t i = 1; i < count; i++) {
        if (!changed_recently(config, &candidates[i])) continue;
        bool own = has_own_excess(config, &candidates[i]);
        others.in_breach |= own;
        others.misleading |= !own;
    }
    return others;
}

static int64_t change_factor(const struct eng_config *config, const struct candidate *best,
                             struct other_changes others) {
    /* without own excess of the best there is no ranking by own excess to agree with */
    if (best->own_score_ppm == 0) return PPM_ONE;
    int64_t factor = changed_recently(config, best) ? CHANGE_AGREES
                     : others.in_breach             ? CHANGE_DIFFERS
                                                    : PPM_ONE;
    return others.misleading ? ppm_mul(factor, CHANGE_MISLEADS) : factor;
}

static int64_t trace_factor(const struct candidate *candidates, uint32_t count) {
    int64_t best = candidates[0].trace_share_ppm, other = 0;
    for (uint32_t i = 1; i < count; i++)
        if (candidates[i].trace_share_ppm > other) other = candidates[i].trace_share_ppm;
    int64_t against = other > best ? other - best : 0;
    return muldiv(PPM_ONE + best, PPM_ONE, PPM_ONE + TRACE_AGAINST * against);
}

static int64_t confidence(const struct eng_config *config, const struct candidate *candidates,
                          uint32_t count) {
    int64_t ask_below = config->root_cause.confirm_below_ppm;
    struct other_changes others = changes_behind(config, candidates, count);
    int64_t odds = odds_by_own(config, candidates, count);
    odds = ppm_mul(odds, change_factor(config, &candidates[0], others));
    odds = ppm_mul(odds, trace_factor(candidates, count));
    if (!candidates[0].own_known && odds > ODDS_UNKNOWN) odds = ODDS_UNKNOWN;
    int64_t sure = ppm_of(odds, PPM_ONE + odds);
    /* a person is asked about a misleading change however low the policy sets that bound */
    return others.misleading && ask_below > 0 && sure >= ask_below ? ask_below - 1 : sure;
}

void root_cause_rank(struct eng_search *search, const struct eng_config *config,
                     struct svc_id detected, struct candidate *candidates, uint32_t count,
                     struct diagnosis *out) {
    int64_t all_excess = 0;
    ASSERT(count <= CANDIDATES_MAX);
    *out = (struct diagnosis){.service = ID_NONE(svc_id)};
    for (uint32_t i = 0; i < count; i++) {
        const struct candidate *c = &candidates[i];
        if (c->own_excess_ppm > 0) all_excess += c->own_excess_ppm;
        out->own_breaches +=
            c->own_known && c->own_excess_ppm > config->detection.own_error_limit_ppm;
        out->misleading_change |= changed_recently(config, c) && !has_own_excess(config, c);
    }
    for (uint32_t i = 0; i < count; i++) {
        struct candidate *c = &candidates[i];
        c->hops = hops_between(search, config, detected, c->service);
        int64_t near = c->hops < 0 ? 0 : ppm_of(1, 1 + c->hops);
        c->change_score_ppm = change_score(config, c);
        c->own_score_ppm = own_score(config, c, all_excess, near);
        c->score_ppm = score(config, c);
    }
    sort(candidates, count);
    if (count == 0 || candidates[0].score_ppm == 0) return;
    out->service = candidates[0].service;
    out->confidence_ppm = confidence(config, candidates, count);
}
