/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/world/app_parts.h"
#include "engine/base/digest.h"

#define KINDS (4 + TROUBLE_KINDS) /* arrival, end of a slot, end of a wait, timeout */

uint32_t app_replicas(const struct plan *plan, uint32_t service) {
    uint32_t stated = plan->services[service].replicas;
    return stated ? stated : plan->topology->services[service].replicas;
}

uint32_t app_slots(const struct plan *plan, uint32_t service) {
    uint32_t stated = plan->services[service].slots;
    return stated ? stated : plan->topology->services[service].slots;
}

uint32_t app_replicas_most(const struct plan *plan, uint32_t service) {
    uint32_t replicas = app_replicas(plan, service);
    uint32_t most = (uint32_t)ppm_mul(replicas, plan->scale_most_ppm);
    return most > replicas ? most : replicas;
}

/* A single replica needs a second place while a candidate stands beside it. */
uint32_t app_positions(const struct plan *plan, uint32_t service) {
    uint32_t replicas = app_replicas_most(plan, service);
    return replicas > 1 ? replicas : 2;
}

int64_t app_rate_milli(const struct plan *plan, uint32_t service) {
    return ppm_mul(plan->entry_rate_milli, plan->visits_ppm[service]);
}

uint64_t app_stream_id(const char *name, const char *other, uint32_t nth) {
    struct digest d;
    digest_init(&d);
    digest_add(&d, name, strlen(name) + 1);
    digest_add(&d, other, strlen(other) + 1);
    digest_add_u64(&d, nth);
    return digest_value(&d);
}

static uint64_t lesser(uint64_t a, uint64_t b) { return a < b ? a : b; }

/* How many times as much enters as usual, at most. */
static uint64_t burst_most(const struct plan *plan) {
    uint64_t most = 1;
    for (uint32_t f = 0; f < plan->fault_count; f++)
        if (plan->faults[f].kind == FAULT_LOAD_BURST && (uint64_t)plan->faults[f].value > most)
            most = (uint64_t)plan->faults[f].value;
    return most;
}

/* Visits that can be under way: what arrives in half a minute (longer than any sane timeout), but
 * no more than all slots and queues hold. Beyond that requests are refused. */
static uint64_t visits_under_way(const struct plan *plan, uint32_t service) {
    uint64_t held = (uint64_t)app_positions(plan, service) *
                    (app_slots(plan, service) + (uint64_t)APP_QUEUE_MAX);
    return lesser(held, (uint64_t)app_rate_milli(plan, service) * burst_most(plan) * 30 / 1000);
}

struct app_sizes app_sizes(const struct plan *plan) {
    struct app_sizes sizes = {0};
    uint64_t calls = 4096;
    uint32_t largest = 0;
    for (uint32_t s = 0; s < plan->topology->service_count; s++) {
        uint32_t positions = app_positions(plan, s);
        sizes.positions += positions;
        if (positions > largest) largest = positions;
        calls += visits_under_way(plan, s);
        sizes.entries += plan->topology->services[s].entry;
    }
    /* Retired pods: sixteen changes of the largest service's whole set before one has drained. */
    sizes.pods = sizes.positions + 16 * largest + 64;
    sizes.calls = (uint32_t)lesser(calls, 1u << 24);
    return sizes;
}

uint32_t app_owner_count(const struct plan *plan) { return plan->topology->service_count; }
uint32_t app_kind_count(void) { return KINDS; }

/* A visit has one event pending, of its slot or its wait; an edge one timer; an entry an arrival.
 */
uint32_t app_events_max(const struct plan *plan) {
    struct app_sizes sizes = app_sizes(plan);
    return sizes.calls + plan->topology->call_count + sizes.entries + troubles_events_max(plan);
}

static void service_open(struct app *app, const struct dist_tables *tables, uint32_t s,
                         uint32_t first_position) {
    const struct plan *plan = app->plan;
    const struct topo_service *service = &plan->topology->services[s];
    uint64_t id = app_stream_id(service->name, "", 0);
    app->services[s] = (struct app_service){
        .service_time = prng_named(plan->seed, "app.service_time", id),
        .own_failure = prng_named(plan->seed, "app.own_failure", id),
        .traffic = prng_named(plan->seed, "app.traffic", id),
        .calls = prng_named(plan->seed, "app.failing_calls", id),
        .loop = prng_named(plan->seed, "app.loop", id),
        .times = dist_table(tables, service->distribution, service->cv_ppm),
        .mean_ns = service->service_time_ns,
        .slots = app_slots(plan, s),
        .replicas = app_replicas(plan, s),
        .first_position = first_position,
        .first_edge = plan->topology->call_offset[s],
        .end_edge = plan->topology->call_offset[s + 1],
        .retired = APP_NONE,
    };
    ASSERT(app->services[s].slots > 0 && app->services[s].replicas > 0);
}

struct app *app_open(struct arena *arena, const struct plan *plan, const struct dist_tables *tables,
                     struct sim *sim, struct trace *trace, uint32_t first_owner) {
    struct app_sizes sizes = app_sizes(plan);
    struct app *app = ARENA_NEW(arena, struct app, 1);
    *app = (struct app){
        .plan = plan,
        .sim = sim,
        .trace = trace,
        .first_owner = first_owner,
        .service_count = plan->topology->service_count,
        .edge_count = plan->topology->call_count,
        .pod_max = sizes.pods,
        .call_max = sizes.calls,
        .entry_count = sizes.entries,
    };
    app->services = ARENA_NEW(arena, struct app_service, app->service_count);
    uint32_t position = 0;
    for (uint32_t s = 0; s < app->service_count; s++) {
        service_open(app, tables, s, position);
        position += app_positions(plan, s);
    }
    revisions_open(app, arena);
    pods_open(app, arena, sizes.positions);
    calls_open(app, arena);
    load_open(app, arena, tables);
    observe_open(app, arena);
    troubles_open(app, arena);
    for (uint32_t s = 0; s < app->service_count; s++) pods_place(app, s);
    return app;
}
