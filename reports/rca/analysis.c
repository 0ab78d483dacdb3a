/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/rca/analysis.h"
#include "reports/rca/excess.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

#define WINDOW_SECONDS   600 /* of the abnormal window, or WINDOW_STEPS if that is longer */
#define WINDOW_STEPS     6
#define GUARD_STEPS      20  /* as far back as the symptom may have begun unnoticed */
#define SAMPLE_DEVIATES  4.0 /* spreads, of a single sample */
#define SYMPTOM_Z        4.0
#define NOISE_Z          2.0 /* spreads that are taken off every deviation */
#define RESOURCE_Z       3.0
#define RESOURCE_CLEAR_Z 100.0
#define RESOURCE_WEIGHT  2.0  /* a clear resource triples what a service has */
#define OTHER_FAMILY     0.3  /* own excess in latency, when errors are the symptom; and so back */
#define NEAR             0.03 /* what a service that the symptom's reaches has for that alone */
#define CAPACITY         1.5  /* of what a callee's excess may excuse, since means are estimates */
#define CAPACITY_GUESSED 3.0  /* where its requests are not recorded */
#define SHARE_LEAST      0.1 /* an error share's level that matters, times 2 %: 0.2 % of requests */
#define MOVED            0.7 /* of a caller's failures, to a callee that became slow or silent */
#define SLOW             1.0 /* own latency excess, of its former latency */

struct family_excess {
    double *excess, *own, *flow, *contribution, *relative;
    bool *seen; /* says something of itself in this family */
    double total;
};

struct analysis {
    struct arena *arena;
    const struct rca_request *request;
    const struct topology *t;
    const struct rca_recording *r;
    struct rca_result *out;
    struct deviation_scratch scratch;
    struct deviation *deviations; /* of each series */
    double *typical;              /* level of each metric over services */
    double *requests, *shares, *scratch_walk;
    bool *gone, *counted, *reached; /* counted: its requests are recorded */
};

/* ---- windows */

static double step_of(const struct rca_recording *r) { return r->step > 0 ? r->step : 1; }

static bool shows_symptoms(enum metric_family family) {
    return family == METRIC_LATENCY || family == METRIC_ERRORS || family == METRIC_AVAILABILITY;
}

/* What is bad of a symptom is up; shares are kept as what fails. */
static struct deviation deviate(struct analysis *a, const struct recorded_series *s,
                                struct window abnormal) {
    enum metric_family family = a->r->meanings[s->metric].family;
    bool share = family == METRIC_ERRORS || family == METRIC_AVAILABILITY;
    double scale = family == METRIC_RESOURCE                  ? a->typical[s->metric]
                   : share && !a->r->units[s->metric].counted ? SHARE_LEAST
                                                              : 0;
    return deviation_of(&a->scratch, s, a->out->baseline, abnormal, scale);
}

static bool sample_deviates(const struct deviation *d, double spread, double value) {
    return value - d->before > SAMPLE_DEVIATES * spread;
}

/* When the symptom's service first left its baseline before it was noticed, one sample in four
 * may be as before; and when it last did so within the window. */
static void narrow_by(struct analysis *a, const struct recorded_series *s, struct window *w) {
    double step = step_of(a->r), at = a->request->at;
    struct window one = {at, at + step};
    struct deviation d = deviate(a, s, one);
    double earliest = w->from, last = -INFINITY;
    uint32_t deviating = 0, seen = 0;
    if (!(d.spread > 0)) return;
    for (uint32_t k = s->count; k-- > 0;) {
        bool deviates = sample_deviates(&d, d.spread, s->value[k]);
        if (s->time[k] >= at) {
            if (deviates && s->time[k] < w->to) last = fmax(last, s->time[k]);
            continue;
        }
        if (s->time[k] < at - GUARD_STEPS * step) break;
        seen++;
        deviating += deviates;
        if (4 * deviating < 3 * seen) break;
        if (deviates) earliest = fmin(earliest, s->time[k]);
    }
    w->from = fmin(w->from, earliest);
    if (isfinite(last)) w->to = fmin(w->to, last + step);
}

/* The series by which the service shows it most, each in a window of its own. */
static const struct recorded_series *symptom_series(struct analysis *a, struct window *w) {
    const struct recorded_series *best = NULL;
    struct window wide = *w;
    double z = 0;
    for (uint32_t k = 0; k < a->r->series_count; k++) {
        const struct recorded_series *s = &a->r->series[k];
        struct window narrow = wide;
        if (s->service != a->request->service.v ||
            !shows_symptoms(a->r->meanings[s->metric].family))
            continue;
        narrow_by(a, s, &narrow);
        struct deviation d = deviate(a, s, narrow);
        if (!d.known || (best && d.z <= z)) continue;
        best = s;
        z = d.z;
        *w = narrow;
    }
    return best;
}

static const struct recorded_series *choose_windows(struct analysis *a) {
    const struct rca_request *q = a->request;
    struct rca_result *out = a->out;
    double step = step_of(a->r);
    bool given = q->baseline.to > q->baseline.from;
    double guard = fmin(GUARD_STEPS * step, (q->at - a->r->from) / 4);
    struct window w = {q->at, q->at + fmax(WINDOW_SECONDS, WINDOW_STEPS * step)};
    out->baseline = given ? q->baseline : (struct window){a->r->from, q->at - fmax(0, guard)};
    const struct recorded_series *s = symptom_series(a, &w);
    if (!given) out->baseline.to = fmin(q->at, fmax(out->baseline.to, w.from - step));
    out->abnormal_window = w;
    return s;
}

/* ---- what every series did */

static double median_of(double *values, size_t n) {
    gsl_sort(values, 1, n);
    return gsl_stats_median_from_sorted_data(values, 1, n);
}

static void find_typical_levels(struct analysis *a) {
    double *levels = ARENA_NEW(a->arena, double, a->r->series_count);
    for (uint32_t m = 0; m < a->r->metric_count; m++) {
        size_t n = 0;
        for (uint32_t k = 0; k < a->r->series_count; k++) {
            const struct recorded_series *s = &a->r->series[k];
            if (s->metric != m) continue;
            double sum = 0;
            for (uint32_t i = 0; i < s->count; i++) sum += fabs(s->value[i]);
            levels[n++] = sum / s->count;
        }
        a->typical[m] = n > 0 ? median_of(levels, n) : 0;
    }
}

static void deviate_all(struct analysis *a) {
    for (uint32_t k = 0; k < a->r->series_count; k++) {
        a->deviations[k] = deviate(a, &a->r->series[k], a->out->abnormal_window);
        if (a->deviations[k].gone) a->gone[a->r->series[k].service] = true;
    }
    /* who still says something of itself is not gone */
    for (uint32_t k = 0; k < a->r->series_count; k++)
        if (a->deviations[k].known) a->gone[a->r->series[k].service] = false;
}

/* The metric of a family that most services have; -1 if none has. */
static int common_metric(const struct rca_recording *r, enum metric_family family) {
    int best = -1;
    uint32_t most = 0;
    for (uint32_t m = 0; m < r->metric_count; m++) {
        uint32_t count = 0;
        if (r->meanings[m].family != family) continue;
        for (uint32_t k = 0; k < r->series_count; k++) count += r->series[k].metric == m;
        if (count > most) {
            most = count;
            best = (int)m;
        }
    }
    return best;
}

static double load_ratio(const struct analysis *a, uint32_t service) {
    int load = common_metric(a->r, METRIC_LOAD);
    for (uint32_t k = 0; load >= 0 && k < a->r->series_count; k++) {
        const struct deviation *d = &a->deviations[k];
        if (a->r->series[k].metric == (uint32_t)load && a->r->series[k].service == service &&
            d->known && d->before > 0)
            return d->now / d->before;
    }
    return 1;
}

static void mark_reached(const struct analysis *a, uint32_t s) {
    if (a->reached[s]) return;
    a->reached[s] = true;
    for (uint32_t k = a->t->out_offset[s]; k < a->t->out_offset[s + 1]; k++)
        mark_reached(a, a->t->out_target[k]);
}

static void count_requests(struct analysis *a) {
    int load = common_metric(a->r, METRIC_LOAD);
    for (uint32_t s = 0; s < a->t->service_count; s++) a->requests[s] = NAN;
    for (uint32_t k = 0; load >= 0 && k < a->r->series_count; k++) {
        const struct deviation *d = &a->deviations[k];
        if (a->r->series[k].metric == (uint32_t)load && d->known)
            a->requests[a->r->series[k].service] = fmax(d->now, 0);
    }
    for (uint32_t s = 0; s < a->t->service_count; s++) a->counted[s] = !isnan(a->requests[s]);
    requests_fill(a->arena, a->t, a->requests);
    call_shares(a->t, a->requests, a->shares);
    mark_reached(a, a->request->service.v);
}

/* ---- own excess of a family */

/* The series by which services are compared: the family's mean where there is one, for means add
 * up along calls; else the percentile that is nearest to the symptom's. */
static int distance_of(struct metric_meaning m, int percentile) {
    if (m.percentile == 0) return 0;
    return 1 + abs(m.percentile - percentile);
}

static const struct deviation *family_deviation(const struct analysis *a, uint32_t service,
                                                bool latency, int percentile, uint32_t *metric) {
    const struct deviation *best = NULL;
    int nearest = 0;
    for (uint32_t k = 0; k < a->r->series_count; k++) {
        const struct recorded_series *s = &a->r->series[k];
        struct metric_meaning m = a->r->meanings[s->metric];
        bool fits = latency ? m.family == METRIC_LATENCY
                            : m.family == METRIC_ERRORS || m.family == METRIC_AVAILABILITY;
        if (s->service != service || !fits || !a->deviations[k].known) continue;
        int distance = distance_of(m, percentile);
        if (best && distance >= nearest) continue;
        best = &a->deviations[k];
        nearest = distance;
        *metric = s->metric;
    }
    return best;
}

static void find_excess(struct analysis *a, bool latency, int percentile, struct family_excess *f) {
    uint32_t n = a->t->service_count;
    f->excess = ARENA_NEW(a->arena, double, n);
    f->own = ARENA_NEW(a->arena, double, n);
    f->contribution = ARENA_NEW(a->arena, double, n);
    f->relative = ARENA_NEW(a->arena, double, n);
    f->flow = ARENA_NEW(a->arena, double, a->t->call_count);
    f->seen = ARENA_NEW(a->arena, bool, n);
    double *capacity = ARENA_NEW(a->arena, double, n);
    for (uint32_t s = 0; s < n; s++) {
        uint32_t metric = 0;
        const struct deviation *d = family_deviation(a, s, latency, percentile, &metric);
        f->seen[s] = d != NULL;
        if (!d) continue;
        double clear = fmax(0, d->now - d->before - NOISE_Z * d->spread);
        f->excess[s] = clear * (a->r->units[metric].counted ? 1 : a->requests[s]);
    }
    guess_excess(a->t, a->shares, f->seen, f->excess);
    for (uint32_t s = 0; s < n; s++)
        capacity[s] = f->excess[s] * (a->counted[s] && f->seen[s] ? CAPACITY : CAPACITY_GUESSED);
    explain_excess(a->t, a->shares, f->excess, capacity, f->own, f->flow);
    for (uint32_t s = 0; s < n; s++) {
        uint32_t metric = 0;
        const struct deviation *d = family_deviation(a, s, latency, percentile, &metric);
        if (d && d->before > 0 && a->requests[s] > 0)
            f->relative[s] = f->own[s] / a->requests[s] / d->before;
    }
}

/* Failures go to callees that became slow by themselves or fell silent. */
static void move_failures(const struct analysis *a, const struct family_excess *latency,
                          struct family_excess *errors) {
    for (uint32_t s = 0; s < a->t->service_count; s++) {
        uint32_t count = 0, from = a->t->out_offset[s], to = a->t->out_offset[s + 1];
        for (uint32_t k = from; k < to; k++) {
            uint32_t c = a->t->out_target[k];
            count += a->gone[c] || latency->relative[c] >= SLOW;
        }
        double moved = count > 0 ? MOVED * errors->contribution[s] : 0;
        for (uint32_t k = from; k < to; k++) {
            uint32_t c = a->t->out_target[k];
            if (a->gone[c] || latency->relative[c] >= SLOW)
                errors->contribution[c] += moved / count;
        }
        errors->contribution[s] -= moved;
    }
}

static void contributions(const struct analysis *a, struct family_excess *f) {
    trace_excess(a->t, f->excess, f->own, f->flow, f->seen, a->request->service, a->scratch_walk,
                 f->contribution);
    f->total = 0;
    for (uint32_t s = 0; s < a->t->service_count; s++) f->total += f->contribution[s];
}

static double part(const struct family_excess *f, uint32_t s) {
    return f->total > 0 ? f->contribution[s] / f->total : 0;
}

/* ---- resources */

/* Deviation of a resource, less what its requests explain; negative ones count half, since what
 * falls is mostly somebody's who is asked less. */
static double resource_z(const struct analysis *a, uint32_t k) {
    const struct deviation *d = &a->deviations[k];
    const struct recorded_series *s = &a->r->series[k];
    double z = d->z;
    if (a->r->meanings[s->metric].per_load) {
        double expected = d->before * load_ratio(a, s->service);
        double low = fmin(expected, d->before), high = fmax(expected, d->before);
        double beyond = d->now > high ? d->now - high : d->now < low ? d->now - low : 0;
        z = beyond / d->spread;
    }
    return z >= 0 ? z : -z / 2;
}

static double resource_evidence(const struct analysis *a, uint32_t service) {
    double most = 0;
    for (uint32_t k = 0; k < a->r->series_count; k++) {
        const struct recorded_series *s = &a->r->series[k];
        if (s->service != service || a->r->meanings[s->metric].family != METRIC_RESOURCE ||
            !a->deviations[k].known)
            continue;
        most = fmax(most, resource_z(a, k));
    }
    if (a->gone[service]) most = RESOURCE_CLEAR_Z;
    double clear = log1p(fmax(0, most - RESOURCE_Z)) / log1p(RESOURCE_CLEAR_Z);
    return fmin(1, clear);
}

/* ---- ranking */

static void add_evidence(const struct analysis *a, struct rca_service *service) {
    for (uint32_t k = 0; k < a->r->series_count; k++) {
        const struct deviation *d = &a->deviations[k];
        if (a->r->series[k].service != service->service.v || !d->known || fabs(d->z) < RESOURCE_Z)
            continue;
        uint32_t at = service->evidence_count;
        while (at > 0 && fabs(service->evidence[at - 1].deviation.z) < fabs(d->z)) at--;
        if (at == RCA_EVIDENCE_MAX) continue;
        uint32_t last = service->evidence_count < RCA_EVIDENCE_MAX ? service->evidence_count++
                                                                   : RCA_EVIDENCE_MAX - 1;
        for (uint32_t i = last; i > at; i--) service->evidence[i] = service->evidence[i - 1];
        service->evidence[at] = (struct rca_evidence){a->r->series[k].metric, *d};
    }
}

static int better(const void *x, const void *y) {
    const struct rca_service *a = x, *b = y;
    if (a->score > b->score || a->score < b->score) return a->score > b->score ? -1 : 1;
    return a->service.v < b->service.v ? -1 : 1;
}

static void rank(struct analysis *a, const struct family_excess *symptom,
                 const struct family_excess *other) {
    struct rca_result *out = a->out;
    double all = 0;
    out->ranked = ARENA_NEW(a->arena, struct rca_service, a->t->service_count);
    for (uint32_t s = 0; s < a->t->service_count; s++) {
        double own = (part(symptom, s) + OTHER_FAMILY * part(other, s)) / (1 + OTHER_FAMILY);
        double near = a->reached[s] ? NEAR : NEAR / 10;
        double resource = resource_evidence(a, s);
        double score = own * (1 + RESOURCE_WEIGHT * resource) + near * resource;
        if (!(score > 0)) continue;
        struct rca_service *service = &out->ranked[out->count++];
        *service = (struct rca_service){.service = {s},
                                        .score = score,
                                        .own = part(symptom, s),
                                        .excess = symptom->excess[s],
                                        .reached = a->reached[s]};
        add_evidence(a, service);
        all += score;
    }
    for (uint32_t k = 0; k < out->count; k++) out->ranked[k].score /= all;
    /* a total order, ending in the id */
    qsort(out->ranked, out->count, sizeof *out->ranked, better);
}

/* ---- all of it */

static void open(struct analysis *a) {
    deviation_scratch_open(&a->scratch, a->arena, a->r);
    a->deviations = ARENA_NEW(a->arena, struct deviation, a->r->series_count);
    a->typical = ARENA_NEW(a->arena, double, a->r->metric_count);
    a->requests = ARENA_NEW(a->arena, double, a->t->service_count);
    a->shares = ARENA_NEW(a->arena, double, a->t->call_count);
    a->scratch_walk = ARENA_NEW(a->arena, double, 2 * a->t->service_count);
    a->reached = ARENA_NEW(a->arena, bool, a->t->service_count);
    a->counted = ARENA_NEW(a->arena, bool, a->t->service_count);
    a->gone = ARENA_NEW(a->arena, bool, a->t->service_count);
}

void rca_analyse(struct arena *arena, const struct rca_request *request, struct rca_result *out) {
    struct analysis a = {.arena = arena,
                         .request = request,
                         .t = request->topology,
                         .r = request->recording,
                         .out = out};
    *out = (struct rca_result){0};
    open(&a);
    find_typical_levels(&a);
    const struct recorded_series *s = choose_windows(&a);
    deviate_all(&a);
    out->symptom_known = s != NULL;
    if (s) {
        out->symptom = s->metric;
        out->deviation = a.deviations[s - a.r->series];
    }
    out->abnormal = a.gone[request->service.v] || (s && out->deviation.z >= SYMPTOM_Z);
    if (!out->abnormal) return;
    bool by_latency = s && a.r->meanings[s->metric].family == METRIC_LATENCY;
    int percentile = s ? a.r->meanings[s->metric].percentile : 0;
    struct family_excess latency, errors;
    count_requests(&a);
    find_excess(&a, true, percentile, &latency);
    find_excess(&a, false, percentile, &errors);
    contributions(&a, &latency);
    contributions(&a, &errors);
    move_failures(&a, &latency, &errors);
    if (by_latency)
        rank(&a, &latency, &errors);
    else
        rank(&a, &errors, &latency);
}
