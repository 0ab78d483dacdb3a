/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/world/app_parts.h"

/*
 * Truth: what each revision did in each second. Durations go to a log-linear histogram (as in HDR
 * Histogram by Gil Tene): cells of 2 us up to 16 us, then eight to an octave up to 34 s; within a
 * cell durations are taken as evenly spread, so a percentile is off by a few per cent at most.
 */
#define CELL_SHIFT 11
#define OCTAVE     8 /* cells */

static uint32_t cell_of(time_ns duration) {
    uint64_t v = (uint64_t)duration >> CELL_SHIFT;
    if (v < OCTAVE) return (uint32_t)v;
    uint32_t top = 63 - (uint32_t)__builtin_clzll(v);
    uint32_t cell = (top - 2) * OCTAVE + (uint32_t)(v >> (top - 3) & (OCTAVE - 1));
    return cell < APP_HISTOGRAM ? cell : APP_HISTOGRAM - 1;
}

static time_ns cell_begin(uint32_t cell) {
    if (cell < OCTAVE) return (time_ns)cell << CELL_SHIFT;
    return (time_ns)(OCTAVE + cell % OCTAVE) << (cell / OCTAVE - 1) << CELL_SHIFT;
}

static time_ns percentile(const uint32_t *cells, uint32_t count, int64_t ppm) {
    uint32_t rank = (uint32_t)((count * ppm + PPM_ONE - 1) / PPM_ONE), below = 0;
    for (uint32_t c = 0; c < APP_HISTOGRAM; c++) {
        if (below + cells[c] < rank) {
            below += cells[c];
            continue;
        }
        time_ns begin = cell_begin(c), width = cell_begin(c + 1) - begin;
        return begin + width * (rank - below) / (cells[c] ? cells[c] : 1);
    }
    UNREACHABLE();
}

void truth_count(struct app *app, uint32_t p, enum app_code code, time_ns arrived_at) {
    struct app_pod *pod = &app->pods[p];
    struct app_revision *r = &app->revisions[pod->revision];
    time_ns duration = sim_now(app->sim) - arrived_at;
    uint32_t bucket = 0;
    for (uint32_t b = 0; b < APP_BUCKETS - 1; b++) bucket += duration > app_bucket_bounds[b];
    pod->buckets[bucket]++;
    pod->codes[code]++;
    pod->duration_ns += duration;
    app->histograms[(size_t)pod->revision * APP_HISTOGRAM + cell_of(duration)]++;
    r->requests++;
    r->failed += code != APP_OK;
    r->own_failed += app_own(code);
    r->duration_ns += duration;
}

/* Of the pods that take requests, over the time since the last record, and of what they hold now.
 */
static void truth_of_pods(struct app *app, uint32_t id, int64_t *cpu_ppm, int64_t *memory_ppm) {
    const struct app_service *s = &app->services[app->revisions[id].service];
    time_ns now = sim_now(app->sim), capacity = 0;
    int64_t busy = 0, used = 0, limit = 0;
    for (uint32_t i = 0; i < s->stable_pods + s->candidate_pods; i++) {
        struct app_pod *pod = &app->pods[app->position_pod[s->first_position + i]];
        if (pod->revision != id || pod_is_drained(app, pod)) continue;
        time_ns lived = now - pod->born_at;
        pod_count(pod, now);
        busy += (int64_t)(pod->busy_ns - pod->busy_told_ns);
        capacity += (lived < NS_PER_S ? lived : NS_PER_S) * pod->slots;
        pod->busy_told_ns = pod->busy_ns;
        used += memory_used(app, pod) >> 10;
        limit += memory_limit(app, pod->service) >> 10;
    }
    if (busy > capacity) busy = capacity; /* of a second in which there was nothing to tell */
    *cpu_ppm = capacity > 0 ? muldiv(busy, PPM_ONE, capacity) : 0;
    *memory_ppm = limit > 0 ? muldiv(used, PPM_ONE, limit) : 0;
}

static void truth_write(struct app *app, uint32_t id) {
    struct app_revision *r = &app->revisions[id];
    int64_t cpu_ppm, memory_ppm;
    truth_of_pods(app, id, &cpu_ppm, &memory_ppm);
    uint32_t *cells = &app->histograms[(size_t)id * APP_HISTOGRAM];
    bool any = r->requests > 0;
    fact_truth(app->trace, sim_now(app->sim),
               &(struct rec_truth){
                   .service = {r->service},
                   .revision = {id},
                   .requests = r->requests,
                   .failed = r->failed,
                   .own_failed = r->own_failed,
                   .timeouts = r->timeouts,
                   .p95_ns = any ? percentile(cells, r->requests, 950000) : 0,
                   .mean_ns = any ? r->duration_ns / r->requests : 0,
                   .in_flight = r->in_flight,
                   .cpu_ppm = cpu_ppm,
                   .memory_ppm = memory_ppm,
               });
    if (any) memset(cells, 0, APP_HISTOGRAM * sizeof *cells);
    r->requests = r->failed = r->own_failed = r->timeouts = 0;
    r->duration_ns = 0;
}

void app_truth(struct app *app) {
    for (uint32_t id = 1; id < app->revision_count; id++) {
        const struct app_revision *r = &app->revisions[id];
        if (r->requests > 0 || r->timeouts > 0 || r->in_flight > 0) truth_write(app, id);
    }
}
