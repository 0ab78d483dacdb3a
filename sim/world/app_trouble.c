/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/world/app_parts.h"

/*
 * What befalls a service beside its code: machines that are slow or run out of something, processes
 * that die, requests that come more often, again, or all for one key. Users' further requests are a
 * stream of their own, so that a burst shifts nobody's draws. Keys are asked for by Zipf's law: the
 * kth most popular 1/k as often as the first (G. K. Zipf 1949; exponent 1).
 */
#define KEY_WEIGHT (UINT64_C(1) << 32) /* of the first key */

static const struct plan_fault *fault_of(const struct app *app, uint32_t fault) {
    return &app->plan->faults[fault];
}

static bool kills(enum fault_kind kind) {
    return kind == FAULT_MEMORY_EXHAUSTED || kind == FAULT_RESTART_LOOP;
}

/* ---- which of several counts ---- */

static void consider(struct app_trouble *t, const struct plan_fault *fault, uint32_t f) {
    uint32_t value = (uint32_t)fault->value;
    switch (fault->kind) {
    case FAULT_SLOW_CPU:
        if (t->slow_pods > 0 && t->slow >= value) return;
        t->slow = value, t->slow_pods = fault->pods, t->slow_by = f;
        return;
    case FAULT_HANDLES_EXHAUSTED:
        if (t->handle_pods > 0 && t->handles <= value) return;
        t->handles = value, t->handle_pods = fault->pods, t->handles_by = f;
        return;
    case FAULT_MEMORY_EXHAUSTED: t->fills_pods = fault->pods, t->fills_by = f; return;
    case FAULT_HOT_KEY:
        if (t->keys > 0 && t->keys <= value) return;
        t->keys = value, t->keys_by = f;
        return;
    case FAULT_RETRY_STORM:
        if (t->tries >= value) return;
        t->tries = value, t->tries_by = f;
        return;
    default: return;
    }
}

void troubles_refresh(struct app *app, uint32_t service) {
    struct app_trouble *t = &app->services[service].trouble;
    *t = (struct app_trouble){.draws = t->draws};
    for (uint32_t f = 0; f < app->plan->fault_count && f < PLAN_DEFECTS_MAX; f++)
        if (app->fault_on[f] && fault_of(app, f)->service.v == service)
            consider(t, fault_of(app, f), f);
}

/* ---- keys ---- */

uint32_t trouble_key(struct app *app, struct app_service *s, uint32_t n) {
    struct app_trouble *t = &s->trouble;
    uint64_t drawn = prng_below(&t->draws, app->key_weights[t->keys - 1]);
    uint32_t low = 0, high = t->keys - 1;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (app->key_weights[middle] <= drawn)
            low = middle + 1;
        else
            high = middle;
    }
    app->fault_count[t->keys_by]++;
    return (uint32_t)(((low + 1) * UINT64_C(0x9E3779B97F4A7C15) >> 32) % n); /* Fibonacci hashing */
}

static void keys_open(struct app *app, struct arena *arena) {
    uint32_t most = 0;
    for (uint32_t f = 0; f < app->plan->fault_count; f++)
        if (fault_of(app, f)->kind == FAULT_HOT_KEY && fault_of(app, f)->value > most)
            most = (uint32_t)fault_of(app, f)->value;
    app->key_weights = ARENA_NEW(arena, uint64_t, most);
    for (uint32_t k = 0; k < most; k++)
        app->key_weights[k] = (k > 0 ? app->key_weights[k - 1] : 0) + KEY_WEIGHT / (k + 1);
}

/* ---- processes that die ---- */

int64_t trouble_memory(const struct app *app, const struct app_pod *pod, int64_t limit) {
    const struct app_trouble *t = &app->services[pod->service].trouble;
    if (pod->position >= t->fills_pods) return 0;
    time_ns began = app->fault_began[t->fills_by];
    time_ns since = sim_now(app->sim) - (pod->born_at > began ? pod->born_at : began);
    time_ns whole = fault_of(app, t->fills_by)->value;
    return since >= whole ? limit : muldiv(limit, since, whole);
}

/* Memory fills at all of them alike; in a loop they die in turns, each once in its time. */
static void arm_death(struct app *app, uint32_t f) {
    const struct plan_fault *fault = fault_of(app, f);
    time_ns after = fault->kind == FAULT_RESTART_LOOP ? fault->value / fault->pods : fault->value;
    app->fault_next[f] = sim_at(app->sim, time_add(sim_now(app->sim), after > 0 ? after : 1),
                                SIM_FAULT, app->first_owner + fault->service.v, app->dies, f, 0);
}

static void on_dies(void *context, struct sim *sim, const struct sim_event *event) {
    (void)sim;
    struct app *app = context;
    uint32_t f = (uint32_t)event->a;
    const struct plan_fault *fault = fault_of(app, f);
    uint32_t service = fault->service.v, place = 0;
    if (fault->kind == FAULT_RESTART_LOOP)
        pods_kill(app, service, app->fault_turn[f]++ % fault->pods, fault->down_ns, f);
    else
        for (; place < fault->pods; place++) pods_kill(app, service, place, fault->down_ns, f);
    arm_death(app, f);
}

/* ---- a burst ---- */

static void arm_burst(struct app *app, uint32_t f) {
    struct app_burst *burst = &app->bursts[f];
    time_ns wait = burst->interarrival_ns;
    if (app->interarrival)
        wait = quantile_draw(app->interarrival, &burst->draws, burst->interarrival_ns);
    burst->next = sim_at(app->sim, time_add(sim_now(app->sim), wait), SIM_DELIVERY,
                         app->first_owner + fault_of(app, f)->service.v, app->burst, f, 0);
}

static void on_burst(void *context, struct sim *sim, const struct sim_event *event) {
    (void)sim;
    struct app *app = context;
    uint32_t f = (uint32_t)event->a;
    app->fault_count[f]++;
    arm_burst(app, f);
    calls_enter(app, fault_of(app, f)->service.v);
}

static void bursts_open(struct app *app, struct arena *arena) {
    const struct plan *plan = app->plan;
    app->bursts = ARENA_NEW(arena, struct app_burst, plan->fault_count);
    for (uint32_t f = 0; f < plan->fault_count; f++) {
        const struct plan_fault *fault = fault_of(app, f);
        if (fault->kind != FAULT_LOAD_BURST) continue;
        int64_t rate_milli = app_rate_milli(plan, fault->service.v) * (fault->value - 1);
        uint64_t id = app_stream_id(plan->topology->services[fault->service.v].name, "", f);
        app->bursts[f].draws = prng_named(plan->seed, "app.burst", id);
        app->bursts[f].interarrival_ns = rate_milli > 0 ? 1000 * NS_PER_S / rate_milli : 0;
    }
}

/* ---- a cut through the graph ---- */

static void cut_refresh(struct app *app) {
    for (uint32_t e = 0; e < app->edge_count; e++) {
        struct app_edge *edge = &app->edges[e];
        edge->cut_by = APP_NONE;
        for (uint32_t f = 0; f < app->plan->fault_count && f < PLAN_DEFECTS_MAX; f++) {
            const uint8_t *side = fault_of(app, f)->side;
            if (app->fault_on[f] && side && side[edge->from] != side[edge->to]) edge->cut_by = f;
        }
    }
}

void app_part(struct app *app, uint32_t fault) {
    app->fault_on[fault] = true;
    cut_refresh(app);
}

uint64_t app_join(struct app *app, uint32_t fault) {
    app->fault_on[fault] = false;
    cut_refresh(app);
    return app->fault_count[fault];
}

/* ---- all of them ---- */

void trouble_begin(struct app *app, uint32_t f) {
    app->fault_began[f] = sim_now(app->sim);
    if (kills(fault_of(app, f)->kind)) arm_death(app, f);
    if (app->bursts[f].interarrival_ns > 0) arm_burst(app, f);
}

void trouble_end(struct app *app, uint32_t f) {
    sim_cancel(app->sim, app->fault_next[f]);
    sim_cancel(app->sim, app->bursts[f].next);
    app->fault_next[f] = app->bursts[f].next = (struct sim_handle){0};
}

uint32_t troubles_events_max(const struct plan *plan) {
    return plan->fault_count; /* a death or an arrival */
}

void troubles_open(struct app *app, struct arena *arena) {
    keys_open(app, arena);
    bursts_open(app, arena);
    for (uint32_t s = 0; s < app->service_count; s++)
        app->services[s].trouble.draws =
            prng_named(app->plan->seed, "app.keys",
                       app_stream_id(app->plan->topology->services[s].name, "", 0));
    app->burst = sim_kind(app->sim, on_burst, app);
    app->dies = sim_kind(app->sim, on_dies, app);
}
