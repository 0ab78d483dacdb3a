/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Detection and root cause once more. */
#include "engine/base/ratio.h"
#include "reports/judge/interval.h"
#include "reports/judge/recompute.h"
#include <math.h>

/* An integer bound against one in floating point: the engine's level is from a table, and so near,
 * of how far the bound is from its estimate, the two may be. */
static int64_t bound_near(int64_t estimate, int64_t bound) { return 2 + (estimate - bound) / 200; }

/* ---- incident_detection ---- */

const char *recompute_figure(int symptom) {
    return query_name(symptom == SYMPTOM_ERRORS    ? QUERY_OWN_ERROR_SHARE
                      : symptom == SYMPTOM_LATENCY ? QUERY_LATENCY_P95
                                                   : QUERY_CPU_SHARE);
}

int64_t recompute_limit(const struct limits *l, int symptom) {
    if (symptom == SYMPTOM_ERRORS) return l->error_limit_ppm;
    if (symptom == SYMPTOM_LATENCY) return l->latency_limit_ns / 1000;
    return PPM_ONE - l->saturation_headroom_ppm;
}

/* The lower bound of an error share by so many requests of a window. */
static int64_t surely(const struct limits *l, int64_t own, int64_t rate_micro) {
    double requests = floor((double)rate_micro / 1e6 * (double)l->rate_window_ns / 1e9);
    double failed = floor(requests * (double)own / 1e6);
    double z = interval_z((double)l->detection_alpha_ppm / 1e6);
    struct share_of share = {(int64_t)failed, (int64_t)requests};
    return (int64_t)(interval_wilson(share, z).low * 1e6);
}

static void callees_are_well(struct recomputing *r, int64_t limit) {
    for (uint32_t k = 0; k < r->said->input_count; k++) {
        const struct said_input *in = &r->said->inputs[k];
        if (in->service >= 0 && in->kind == VALUE_NUMBER && in->micro >= limit)
            recompute_wrong(r, "says incident, and a callee is in breach itself");
    }
}

void recompute_detection(struct recomputing *r) {
    const struct said_decision *d = r->said;
    const struct limits *l = &r->facts->limits;
    const char *first = d->factor_count > 0 ? d->factors[0].name : "";
    int symptom = symptom_of(first, strlen(first));
    const struct said_input *own = symptom < 0 ? NULL : said_input(d, recompute_figure(symptom), 0);
    if (!own || own->kind != VALUE_NUMBER || own->service >= 0) {
        recompute_wrong(r, "does not say by which figure");
        return;
    }
    int64_t limit = recompute_limit(l, symptom), low = own->micro;
    recompute_factor(r, first, own->micro, 0);
    recompute_factor(r, "limit", limit, 0);
    if (symptom == SYMPTOM_ERRORS) {
        low = surely(l, own->micro, said_micro(d, query_name(QUERY_REQUEST_RATE)));
        recompute_factor(r, "surely", low, bound_near(own->micro, low));
        if (!r->wrong) low = said_factor(d, "surely")->micro;
    }
    callees_are_well(r, limit);
    recompute_choice(r, low >= limit ? "incident" : "no incident");
    recompute_score(r, "incident", low, 0);
    recompute_score(r, "no incident", limit, 0);
}

/* ---- rca_analysis ---- */

#define SCORE_NEAR      20   /* millionths: some products, each rounded down */
#define CONFIDENCE_NEAR 2000 /* odds multiply what was rounded */

struct suspect { /* a candidate, figures from 0 to 1 */
    int64_t service;
    bool known, changed, culprit;
    double excess, age, traces, hops; /* age: of the window; hops -1: out of reach */
    double own, change, score;
};
#define SUSPECTS_MAX 64
struct suspects {
    uint32_t count;
    struct suspect list[SUSPECTS_MAX];
};

static struct suspect *suspect_of(struct suspects *all, int64_t service) {
    for (uint32_t k = 0; k < all->count; k++)
        if (all->list[k].service == service) return &all->list[k];
    if (all->count == SUSPECTS_MAX) return NULL;
    all->list[all->count] = (struct suspect){.service = service, .hops = -2};
    return &all->list[all->count++];
}

static double fraction(double part, double whole) {
    if (part <= 0) return 0;
    return part >= whole ? 1 : part / whole;
}

static void take(const struct limits *l, struct suspects *all, const struct said_input *in) {
    if (strcmp(in->name, "alerted") == 0) return;
    struct suspect *s = in->service < 0 ? NULL : suspect_of(all, in->service);
    if (!s) return;
    double value = (double)in->micro / 1e6;
    bool latency = strcmp(in->name, query_name(QUERY_LATENCY_P95)) == 0;
    if (strcmp(in->name, "hops") == 0)
        s->hops = value;
    else if (strcmp(in->name, "failing_traces") == 0) {
        s->traces = value;
        s->culprit = true;
    } else if (strcmp(in->name, "changed_before") == 0) {
        s->changed = value * 1e9 <= (double)l->change_window_ns;
        s->age = fraction(value * 1e9, (double)l->change_window_ns);
    } else if ((latency || strcmp(in->name, query_name(QUERY_OWN_ERROR_SHARE)) == 0) &&
               in->kind == VALUE_NUMBER) {
        if (latency) value /= (double)l->latency_limit_ns / 1e9;
        s->excess += in->offset_us != 0 ? -value : value;
        s->known |= in->offset_us == 0;
    }
}

static void score(const struct limits *l, struct suspects *all) {
    double limit = (double)l->error_limit_ppm / 1e6, sum = 0;
    double frequency = (double)l->weight_frequency_ppm, severity = (double)l->weight_severity_ppm,
           proximity = (double)l->weight_proximity_ppm;
    double change = (double)(l->weight_commit_ppm + l->weight_deployment_ppm) / 1e6;
    double own = (frequency + severity + proximity) / 1e6;
    for (uint32_t k = 0; k < all->count; k++) {
        struct suspect *s = &all->list[k];
        if (!s->known || s->excess < 0) s->excess = 0;
        sum += s->excess;
    }
    for (uint32_t k = 0; k < all->count; k++) {
        struct suspect *s = &all->list[k];
        double near = s->hops < 0 ? 0 : 1 / (1 + s->hops);
        double weighed = frequency * fraction(s->excess, sum) +
                         severity * fraction(s->excess, (double)l->critical_error_ppm / 1e6) +
                         proximity * near;
        s->own = own > 0 ? fraction(s->excess, limit) * fraction(weighed / 1e6, own) : 0;
        s->change = s->changed && change > 0
                        ? (double)l->weight_deployment_ppm / 1e6 / change * (1 - s->age / 2)
                        : 0;
        s->score =
            s->own * (own + change * s->change) + (change * s->change + own * s->traces) / 20;
    }
}

static const struct suspect *best_of(const struct suspects *all) {
    const struct suspect *best = NULL;
    for (uint32_t k = 0; k < all->count; k++) {
        const struct suspect *s = &all->list[k];
        if (!best || s->score > best->score ||
            (s->score == best->score && s->service < best->service))
            best = s;
    }
    return best;
}

/* The odds that the best is it: by the margin of its own score, then each further witness. */
static double sureness(const struct limits *l, const struct suspects *all,
                       const struct suspect *best) {
    double half = floor((double)l->error_limit_ppm / 2) / 1e6,
           limit = (double)l->error_limit_ppm / 1e6;
    double second = 0, other_traces = 0;
    bool breach_changed = false, misleading = false;
    for (uint32_t k = 0; k < all->count; k++) {
        const struct suspect *s = &all->list[k];
        if (s == best) continue;
        bool own = s->excess >= half && s->excess > 0;
        second = fmax(second, s->own);
        other_traces = fmax(other_traces, s->traces);
        breach_changed |= s->changed && own;
        misleading |= s->changed && !own;
    }
    double odds = 0.25;
    if (best->own > 0) {
        double strong = fraction(best->excess, limit), clear = 19 * strong * strong;
        double margin = second > 0 ? best->own / second : INFINITY;
        odds = margin >= 5 ? clear : fmin(clear, margin * margin);
        odds *= best->changed ? 2 : breach_changed ? 0.25 : 1;
        if (misleading) odds /= 20;
    }
    odds *= (1 + best->traces) / (1 + 9 * fmax(0, other_traces - best->traces));
    if (!best->known) odds = fmin(odds, 3);
    double sure = odds / (1 + odds), below = (double)l->confirm_below_ppm / 1e6;
    return misleading && below > 0 && sure >= below ? below - 1e-6 : sure;
}

static void ranks(struct recomputing *r, const struct suspects *all) {
    const struct suspect *best = best_of(all);
    char name[32];
    const struct said_alternative *chosen = NULL;
    for (uint32_t k = 0; k < all->count; k++) {
        const struct suspect *s = &all->list[k];
        snprintf(name, sizeof name, "service %lld", (long long)s->service);
        recompute_score(r, name, (int64_t)(s->score * 1e6), SCORE_NEAR);
        const struct said_alternative *a = said_alternative(r->said, name);
        if (!a || !a->chosen) continue;
        chosen = a;
        if (s->score + SCORE_NEAR / 1e6 < best->score)
            recompute_wrong(r, "says %s, and service %lld scores higher", name,
                            (long long)best->service);
        best = s;
    }
    if (r->wrong) return;
    if (!chosen) {
        if (best && best->score > SCORE_NEAR / 1e6) recompute_wrong(r, "names no cause");
        return;
    }
    double sure = sureness(&r->facts->limits, all, best) * 1e6;
    if (fabs(sure - (double)r->said->confidence_ppm) > CONFIDENCE_NEAR)
        recompute_wrong(r, "says it is sure by %.4f, its inputs give %.4f",
                        (double)r->said->confidence_ppm / 1e6, sure / 1e6);
}

void recompute_cause(struct recomputing *r) {
    struct suspects all = {0};
    for (uint32_t k = 0; k < r->said->input_count; k++)
        take(&r->facts->limits, &all, &r->said->inputs[k]);
    for (uint32_t k = 0; k < all.count; k++)
        if (all.list[k].hops < -1) recompute_wrong(r, "does not say how near a candidate is");
    score(&r->facts->limits, &all);
    recompute_choice(r, "cause");
    ranks(r, &all);
}
