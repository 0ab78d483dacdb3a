/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which remedy once more, by the rules that docs/POLICIES.md states: what speaks for each, its
 * score by the policy's weights, and which is chosen by the scores that the decision states. */
#include "engine/base/ratio.h"
#include "reports/judge/recompute.h"

#define SCORE_NEAR 4 /* millionths: two shares and three products of them, each rounded down */

enum figure { OWN, CPU, RATE, RATE_BEFORE, MEMORY, AGE, POD, POD_NEXT, FIGURES };

struct weighing {
    struct recomputing *r;
    const struct limits *limits;
    const struct said_input *figure[FIGURES];
    int64_t limit;
    double evidence[REMEDY_COUNT], preference[REMEDY_COUNT];
    int order[REMEDY_COUNT], count;
};

/* ---- what it was made from ---- */

static const char *name_of(enum figure figure, int symptom) {
    bool slow = symptom == SYMPTOM_LATENCY;
    switch (figure) {
    case CPU: return query_name(QUERY_CPU_SHARE);
    case RATE:
    case RATE_BEFORE: return query_name(QUERY_REQUEST_RATE);
    case MEMORY: return query_name(QUERY_MEMORY_SHARE);
    case AGE: return query_name(QUERY_IN_FLIGHT_AGE);
    case POD: return query_name(slow ? QUERY_POD_SLOWEST : QUERY_POD_WORST);
    case POD_NEXT: return query_name(slow ? QUERY_POD_NEXT_SLOWEST : QUERY_POD_NEXT);
    default: return recompute_figure(symptom);
    }
}

/* The nth of a name: of a saturated service the own figure is CPU's, and stands there twice. */
static uint32_t place_of(enum figure figure, int symptom) {
    if (figure == RATE_BEFORE) return 1;
    return figure == CPU && symptom != SYMPTOM_ERRORS && symptom != SYMPTOM_LATENCY ? 1 : 0;
}

static bool number(const struct said_input *in) { return in->kind == VALUE_NUMBER; }
static bool over(const struct said_input *in, int64_t limit) {
    return number(in) && in->micro >= limit;
}

/* All over the alert's window, all of now but one. */
static bool as_asked(const struct weighing *w, enum figure figure) {
    const struct said_input *in = w->figure[figure];
    return in && (!number(in) || (in->window_us == w->limits->rate_window_ns / NS_PER_US &&
                                  (in->offset_us > 0) == (figure == RATE_BEFORE)));
}

static bool take(struct weighing *w) {
    int symptom = (int)said_count(w->r->said, "symptom");
    for (int k = 0; k < FIGURES; k++) {
        const char *name = name_of((enum figure)k, symptom);
        w->figure[k] = said_input(w->r->said, name, place_of((enum figure)k, symptom));
        if (as_asked(w, (enum figure)k)) continue;
        recompute_wrong(w->r, "does not say what %s was%s", name,
                        k == RATE_BEFORE ? " before" : "");
        return false;
    }
    w->limit = recompute_limit(w->limits, symptom);
    if (said_micro(w->r->said, "limit") == w->limit) return true;
    recompute_wrong(w->r, "says that the limit is %.6f, the policy %.6f",
                    (double)said_micro(w->r->said, "limit") / 1e6, (double)w->limit / 1e6);
    return false;
}

static void take_order(struct weighing *w) {
    for (int64_t left = w->limits->remedy_order; left > 0; left /= 10)
        if (left % 10 <= REMEDY_COUNT && left % 10 > 0 && w->count < REMEDY_COUNT)
            w->order[w->count++] = (int)(left % 10) - 1;
    for (int k = 0; k < w->count / 2; k++) {
        int last = w->order[w->count - 1 - k];
        w->order[w->count - 1 - k] = w->order[k];
        w->order[k] = last;
    }
    for (int k = 0; k < w->count; k++)
        w->preference[w->order[k]] = (double)(w->count - k) / w->count;
}

/* ---- what speaks for each ---- */

static double for_undoing(const struct weighing *w) {
    int64_t age = said_micro(w->r->said, "change_age") * NS_PER_US;
    if (!said_count(w->r->said, "changed") || age > w->limits->undo_window_ns) return 0;
    return age <= 0 ? 1 : 1 - (double)age / (double)w->limits->undo_window_ns / 2;
}

static double for_restart(const struct weighing *w, bool located) {
    const struct said_input *cpu = w->figure[CPU];
    if (over(w->figure[MEMORY], w->limits->memory_high_ppm)) return located ? 0.6 : 1;
    bool hangs = over(w->figure[AGE], w->limits->in_flight_age_ns / NS_PER_US);
    bool spare = number(cpu) && cpu->micro < w->limits->cpu_high_ppm;
    return hangs && spare && !located ? 0.8 : 0;
}

static double for_more_pods(const struct weighing *w, bool located) {
    const struct said_input *now = w->figure[RATE], *before = w->figure[RATE_BEFORE];
    if (located || !over(w->figure[CPU], w->limits->cpu_high_ppm)) return 0;
    if (!number(now) || !number(before) || before->micro <= 0) return 0.3;
    int64_t rise = ppm_mul(before->micro, w->limits->rate_rise_ppm);
    return now->micro - before->micro >= rise ? 1 : 0.3;
}

static double for_drain(const struct weighing *w) {
    const struct said_input *worst = w->figure[POD], *next = w->figure[POD_NEXT];
    bool alone = over(worst, w->limit) && number(next) && next->micro < w->limit / 2;
    if (!alone || said_micro(w->r->said, "pod") < 0 || said_count(w->r->said, "pods") < 3) return 0;
    return 1 - (double)next->micro / (double)worst->micro;
}

static double for_waiting(const struct weighing *w) {
    if (number(w->figure[OWN]) && w->figure[OWN]->micro < w->limit) return 1;
    return said_count(w->r->said, "changing") ? 0.7 : 0;
}

static void weigh(struct weighing *w) {
    bool located = said_count(w->r->said, "located") != 0;
    w->evidence[REMEDY_PATCH] = located ? 1 : 0.5;
    w->evidence[REMEDY_ROLL_BACK_CHANGE] = for_undoing(w);
    w->evidence[REMEDY_RESTART] = for_restart(w, located);
    w->evidence[REMEDY_SCALE_OUT] = for_more_pods(w, located);
    w->evidence[REMEDY_DRAIN] = for_drain(w);
    w->evidence[REMEDY_WAIT] = for_waiting(w);
}

/* ---- scores and choice ---- */

static int64_t cheapness(const struct limits *l, int remedy) {
    const int64_t costs[REMEDY_COUNT] = {[REMEDY_PATCH] = l->cost_patch_ppm,
                                         [REMEDY_ROLL_BACK_CHANGE] = l->cost_roll_back_change_ppm,
                                         [REMEDY_RESTART] = l->cost_restart_ppm,
                                         [REMEDY_SCALE_OUT] = l->cost_scale_out_ppm,
                                         [REMEDY_DRAIN] = l->cost_drain_ppm,
                                         [REMEDY_WAIT] = l->cost_wait_ppm};
    return PPM_ONE - costs[remedy];
}

static bool possible(const struct weighing *w, int remedy) {
    return w->preference[remedy] > 0 && w->evidence[remedy] > 0;
}

static void hold_scores(const struct weighing *w) {
    const struct limits *l = w->limits;
    for (int k = 0; k < REMEDY_COUNT; k++) {
        double score = w->evidence[k] * (double)l->weight_evidence_ppm +
                       w->preference[k] * (double)l->weight_preference_ppm +
                       (double)cheapness(l, k) / 1e6 * (double)l->weight_cost_ppm;
        if (possible(w, k))
            recompute_score(w->r, remedy_name(k), (int64_t)score, SCORE_NEAR);
        else
            recompute_score(w->r, remedy_name(k), 0, 0);
    }
}

static int64_t said_score(const struct weighing *w, int remedy) {
    return said_alternative(w->r->said, remedy_name(remedy))->score_micro;
}

/* The first with the highest score; -1: there is none. */
static int best(const struct weighing *w, bool easing) {
    bool mitigated = said_count(w->r->said, "mitigated") != 0;
    int64_t tried = said_count(w->r->said, "tried");
    int found = -1;
    for (int k = 0; k < w->count; k++) {
        int remedy = w->order[k];
        bool eases = remedy != REMEDY_PATCH && remedy != REMEDY_WAIT;
        if (!possible(w, remedy) || tried >> remedy & 1) continue;
        if (mitigated && remedy != REMEDY_PATCH) continue;
        if (easing && (!eases || said_score(w, remedy) < w->limits->mitigate_score_ppm)) continue;
        if (found < 0 || said_score(w, remedy) > said_score(w, found)) found = remedy;
    }
    return found;
}

static int choose(const struct weighing *w) {
    bool easing = w->limits->mitigate_first && !said_count(w->r->said, "mitigated");
    int found = easing ? best(w, true) : -1;
    return found >= 0 ? found : best(w, false);
}

static void hold_factor(const struct weighing *w, const char *name, double micro, int64_t weight) {
    recompute_factor(w->r, name, (int64_t)micro, 1);
    if (!w->r->wrong && said_factor(w->r->said, name)->weight_ppm != weight)
        recompute_wrong(w->r, "weighs %s otherwise than the policy", name);
}

void recompute_remedy(struct recomputing *r) {
    struct weighing w = {.r = r, .limits = &r->facts->limits};
    if (!take(&w)) return;
    take_order(&w);
    weigh(&w);
    hold_scores(&w);
    if (r->wrong) return;
    int chosen = choose(&w);
    recompute_choice(r, chosen < 0 ? "none" : remedy_name(chosen));
    if (chosen < 0) return;
    hold_factor(&w, "evidence", w.evidence[chosen] * 1e6, w.limits->weight_evidence_ppm);
    hold_factor(&w, "preference", w.preference[chosen] * 1e6, w.limits->weight_preference_ppm);
    hold_factor(&w, "cheapness", (double)cheapness(w.limits, chosen), w.limits->weight_cost_ppm);
}
