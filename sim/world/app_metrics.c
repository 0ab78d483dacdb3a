/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/world/app_metrics_parts.h"
#include "engine/base/text.h"
#include "sim/prometheus/prometheus.h"
#include <math.h>

/*
 * What a scrape sees: the pods' integer counters as samples. Doubles stand here only, at the
 * append. A place remembers the revision whose pod it last saw; when that changed, the series of
 * the former pod end with a stale marker. Series are by name, so a pod that comes back to its
 * place continues its series with a counter reset.
 */

#define HISTORY_STEP_NS     (5 * NS_PER_MIN)
#define DISK_USED_PPM       400000
#define NAME_SIZE           256
#define REVISIONS_PER_CAUSE 2 /* that each fault and each stated patch bring about, and ... */
#define REVISIONS_BESIDE    8 /* ... those that others roll out */

static const char *const code_names[APP_CODES] = {"200", "500", "502", "503", "504"};
static const char *const bound_names[APP_BUCKETS] = {
    "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "+Inf"};
static const char *const outcome_names[APP_OUTCOMES] = {"ok", "failed", "timeout"};

static const char *const gauge_names[] = {
    "http_request_duration_seconds_sum", "http_request_duration_seconds_count",
    "process_cpu_seconds_total",         "process_resident_memory_bytes",
    "container_cpu_limit_cores",         "container_memory_limit_bytes",
    "container_disk_used_ratio",         "http_requests_in_flight",
    "http_requests_in_flight_seconds",   "http_requests_abandoned_total",
};

static const char *const scrape_names[POD_SERIES - OF_UP] = {
    "up", "scrape_duration_seconds", "scrape_samples_scraped",
    "scrape_samples_post_metric_relabeling", "scrape_series_added"};

/* ---- names ---- */

static const char *service_name(const struct app *app, uint32_t service) {
    return app->plan->topology->services[service].name;
}

static void revision_label(char *buffer, uint32_t revision) {
    struct writer w = writer_of(buffer, NAME_SIZE);
    write_text(&w, "r");
    write_int(&w, revision);
}

static void pod_label(char *buffer, const char *service, uint32_t revision, uint32_t position) {
    struct writer w = writer_of(buffer, NAME_SIZE);
    write_text(&w, service);
    write_text(&w, "-r");
    write_int(&w, revision);
    write_text(&w, "-");
    write_int(&w, position);
}

const char *app_metrics_bucket(time_ns limit) {
    int b = 0;
    while (b < APP_BUCKETS - 1 && app_bucket_bounds[b] < limit) b++;
    return bound_names[b];
}

/* ---- pods ---- */

static void place_register(struct app_metrics *m, struct place *place, const struct app_pod *pod) {
    const char *service = service_name(m->app, pod->service);
    char name[NAME_SIZE], revision[NAME_SIZE];
    pod_label(name, service, pod->revision, pod->position);
    revision_label(revision, place->shown);
    struct prom_label labels[] = {
        {"__name__", "http_requests_total"},
        {"service", service},
        {"pod", name},
        {"revision", revision},
        {"code", NULL},
    };
    struct prom_label *metric = &labels[0], *fifth = &labels[4];
    for (int c = 0; c < APP_CODES; c++) {
        fifth->value = code_names[c];
        place->series[OF_CODE + c] = prom_series(m->prom, labels, 5);
    }
    metric->value = "http_request_duration_seconds_bucket";
    fifth->name = "le";
    for (int b = 0; b < APP_BUCKETS; b++) {
        fifth->value = bound_names[b];
        place->series[OF_BUCKET + b] = prom_series(m->prom, labels, 5);
    }
    for (uint32_t g = 0; g < ARRAY_LEN(gauge_names); g++) {
        metric->value = gauge_names[g];
        place->series[OF_DURATION_SUM + g] = prom_series(m->prom, labels, 4);
    }
    *fifth = (struct prom_label){"job", "services"};
    for (int i = OF_UP; i < POD_SERIES; i++) {
        metric->value = scrape_names[i - OF_UP];
        place->series[i] = prom_series(m->prom, labels, 5);
    }
}

/* What a count is divided by on its way to a sample. */
static int64_t unit_of(int i) {
    switch (i) {
    case OF_DURATION_SUM:
    case OF_CPU:
    case OF_IN_FLIGHT_AGE: return NS_PER_S;
    case OF_CPU_LIMIT: return 1000;
    case OF_DISK: return PPM_ONE;
    default: return 1;
    }
}

static void pod_counts(const struct app *app, struct app_pod pod, int64_t *counts) {
    const struct topo_service *service = &app->plan->topology->services[pod.service];
    pod_count(&pod, sim_now(app->sim));
    int64_t requests = 0;
    for (int c = 0; c < APP_CODES; c++) counts[OF_CODE + c] = (int64_t)pod.codes[c];
    for (int b = 0; b < APP_BUCKETS; b++) {
        requests += (int64_t)pod.buckets[b];
        counts[OF_BUCKET + b] = requests;
    }
    int64_t cores_milli = service->cpu_limit_millicores;
    counts[OF_DURATION_SUM] = (int64_t)pod.duration_ns;
    counts[OF_DURATION_COUNT] = requests;
    counts[OF_CPU] = muldiv((int64_t)pod.busy_ns, cores_milli, 1000 * (int64_t)pod.slots);
    counts[OF_MEMORY] = (int64_t)memory_used(app, &pod);
    counts[OF_CPU_LIMIT] = cores_milli;
    counts[OF_MEMORY_LIMIT] = (int64_t)memory_limit(app, pod.service);
    counts[OF_IN_FLIGHT] = (int64_t)pod.in_flight;
    counts[OF_IN_FLIGHT_AGE] =
        (int64_t)(pod.in_flight * (uint64_t)sim_now(app->sim) - pod.arrived_sum);
    counts[OF_ABANDONED] = (int64_t)pod.abandoned;
    counts[OF_DISK] = DISK_USED_PPM;
}

/* A scrape takes no time in this world, and nothing relabels; what it added is what was not there
 * at the scrape before. */
static void scrape_told(struct app_metrics *m, const struct place *place, bool up, bool added,
                        int64_t at_ms) {
    const double values[POD_SERIES - OF_UP] = {up, 0, up ? OF_UP : 0, up ? OF_UP : 0,
                                               up && added ? OF_UP : 0};
    for (int i = OF_UP; i < POD_SERIES; i++)
        prom_append(m->prom, place->series[i], at_ms, values[i - OF_UP]);
}

/* The pod's own series end with a stale marker; "up" says why. */
static void scrape_failed(struct app_metrics *m, struct place *place, int64_t at_ms) {
    for (int i = 0; i < OF_UP && !place->lost; i++) prom_stale(m->prom, place->series[i], at_ms);
    scrape_told(m, place, false, false, at_ms);
}

static void place_scrape(struct app_metrics *m, uint32_t position, int64_t at_ms) {
    struct place *place = &m->places[position];
    uint32_t p = m->app->position_pod[position];
    const struct app_pod *pod = p != APP_NONE ? &m->app->pods[p] : NULL;
    uint32_t revision = pod ? pod->revision : 0;
    uint32_t shown = pod ? metrics_shown_revision(m, pod) : 0;
    bool other = place->revision != revision || place->shown != shown;
    bool added = !place->scraped || place->lost || other;
    if (other) {
        for (int i = 0; i < POD_SERIES && place->revision; i++)
            prom_stale(m->prom, place->series[i], at_ms);
        place->revision = revision;
        place->shown = shown;
        place->lost = false;
        if (pod) place_register(m, place, pod);
    }
    if (!pod) return;
    struct app_service *service = &m->app->services[pod->service];
    bool reachable = pods_reachable(service, pod->position);
    if (!reachable || pod->ready_at > sim_now(m->app->sim)) {
        scrape_failed(m, place, at_ms);
        place->lost = true;
        service->unreached += !reachable;
        return;
    }
    int64_t counts[OF_UP], stamped_ms = at_ms;
    bool is_nan = false;
    pod_counts(m->app, *pod, counts);
    if (m->bent && !metrics_bend(m, pod, position, counts, &stamped_ms, &is_nan)) return;
    place->lost = false;
    place->scraped = true;
    for (int i = 0; i < OF_UP; i++)
        prom_append(m->prom, place->series[i], stamped_ms,
                    is_nan ? NAN : (double)counts[i] / (double)unit_of(i));
    scrape_told(m, place, true, added, at_ms);
}

/* ---- calls, as callers count them ---- */

static void edge_register(struct app_metrics *m, uint32_t e) {
    const struct app_edge *edge = &m->app->edges[e];
    for (int o = 0; o < APP_OUTCOMES; o++) {
        const struct prom_label labels[] = {
            {"__name__", "http_client_requests_total"},
            {"service", service_name(m->app, edge->from)},
            {"callee", service_name(m->app, edge->to)},
            {"outcome", outcome_names[o]},
        };
        m->edges[e].series[o] = prom_series(m->prom, labels, ARRAY_LEN(labels));
    }
}

static void edge_scrape(struct app_metrics *m, uint32_t e, int64_t at_ms) {
    const struct app_edge *edge = &m->app->edges[e];
    if (edge->counted_as != e) return;
    for (int o = 0; o < APP_OUTCOMES; o++)
        prom_append(m->prom, m->edges[e].series[o], at_ms, (double)edge->outcomes[o]);
}

void app_metrics_scrape(struct app_metrics *m, time_ns now) {
    const struct app *app = m->app;
    int64_t at_ms = (app->plan->start_wall + now) / NS_PER_MS;
    for (uint32_t s = 0; s < app->service_count; s++) {
        uint32_t first = app->services[s].first_position, count = app_positions(app->plan, s);
        for (uint32_t i = first; i < first + count; i++) place_scrape(m, i, at_ms);
    }
    for (uint32_t e = 0; e < app->edge_count; e++) edge_scrape(m, e, at_ms);
}

/* ---- the time before the run ---- */

static uint32_t history_series(struct app_metrics *m, uint32_t service, const char *code,
                               uint32_t samples) {
    char revision[NAME_SIZE];
    revision_label(revision, 1 + service); /* the first of each service, see revisions_open */
    const struct prom_label labels[] = {
        {"__name__", "http_requests_total"},
        {"service", service_name(m->app, service)},
        {"pod", "history"},
        {"revision", revision},
        {"code", code},
    };
    return prom_series_sized(m->prom, labels, ARRAY_LEN(labels), samples);
}

/* Steady traffic, as the counters of one pod that ends when the run begins. */
static void history_append(struct app_metrics *m, const struct plan_history_series *history) {
    const struct plan *plan = m->app->plan;
    time_ns span = plan->history.span_ns;
    int64_t start_ms = plan->start_wall / NS_PER_MS;
    uint32_t samples = (uint32_t)(span / HISTORY_STEP_NS) + 3;
    uint32_t good = history_series(m, history->service.v, code_names[APP_OK], samples);
    uint32_t bad = history_series(m, history->service.v, code_names[APP_OWN], samples);
    for (time_ns past = 0;; past += HISTORY_STEP_NS) {
        if (past > span) past = span;
        int64_t requests = muldiv(past, history->rate_milli, 1000 * NS_PER_S);
        int64_t failed = ppm_mul(requests, history->error_ppm);
        int64_t at_ms = start_ms - (span - past) / NS_PER_MS - 1;
        prom_append(m->prom, good, at_ms, (double)(requests - failed));
        prom_append(m->prom, bad, at_ms, (double)failed);
        if (past == span) break;
    }
    prom_stale(m->prom, good, start_ms);
    prom_stale(m->prom, bad, start_ms);
}

static void history_fill(struct app_metrics *m) {
    const struct plan *plan = m->app->plan;
    const struct plan_history *history = &plan->history;
    if (history->span_ns <= 0) return;
    for (uint32_t i = 0; i < history->series_count; i++) history_append(m, &history->series[i]);
    for (uint32_t s = 0; history->series_count == 0 && s < m->app->service_count; s++)
        history_append(m, &(struct plan_history_series){
                              .service = {s},
                              .rate_milli = app_rate_milli(plan, s),
                              .error_ppm = plan->topology->services[s].error_ppm,
                          });
}

/* ---- opening ---- */

uint32_t app_metrics_series_max(const struct plan *plan) {
    const struct topology *t = plan->topology;
    uint32_t pods = app_sizes(plan).positions, largest = 0;
    for (uint32_t s = 0; s < t->service_count; s++)
        if (app_positions(plan, s) > largest) largest = app_positions(plan, s);
    uint32_t causes = plan_causes(plan);
    pods += largest * (REVISIONS_PER_CAUSE * causes + REVISIONS_BESIDE);
    return pods * POD_SERIES + t->call_count * APP_OUTCOMES + 2 * t->service_count +
           2 * plan->history.series_count;
}

struct app_metrics *app_metrics_open(struct arena *arena, struct app *app, const struct plan *plan,
                                     struct prom *prom) {
    struct app_metrics *m = ARENA_NEW(arena, struct app_metrics, 1);
    *m = (struct app_metrics){
        .app = app,
        .prom = prom,
        .places = ARENA_NEW(arena, struct place, app_sizes(plan).positions),
        .edges = ARENA_NEW(arena, struct edge_series, app->edge_count),
    };
    metrics_bend_open(m, arena);
    for (uint32_t e = 0; e < app->edge_count; e++) edge_register(m, e);
    for (uint32_t s = 0; s < app->service_count; s++) {
        uint32_t first = app->services[s].first_position;
        for (uint32_t i = 0; i < app->services[s].stable_pods; i++) {
            const struct app_pod *pod = &app->pods[app->position_pod[first + i]];
            m->places[first + i].revision = m->places[first + i].shown = pod->revision;
            place_register(m, &m->places[first + i], pod);
        }
    }
    history_fill(m);
    return m;
}
