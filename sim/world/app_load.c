/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/world/app_parts.h"

/* Users' requests: each entrypoint has an arrival process of its own, of an equal share. */

/* Evenly spaced over all entrypoints together, which take turns; by the number of the arrival, so
 * that no rounding adds up. */
static time_ns uniform_at(const struct app *app, const struct app_entry *entry) {
    int64_t mine = entry - app->entries;
    int64_t arrival = entry->arrivals * app->entry_count + mine + 1;
    return app->load_at + muldiv(arrival, 1000 * NS_PER_S, app->plan->entry_rate_milli);
}

/* How long it takes until so much has entered as would in `wait` at the highest rate: the recorded
 * load is a clock that runs slower where less enters. TIME_NEVER: no more does. */
static time_ns by_recording(const struct app *app, struct app_entry *entry, time_ns wait) {
    const struct plan *plan = app->plan;
    time_ns now = sim_now(app->sim) - app->load_at;
    while (entry->step < plan->load_step_count) {
        const struct plan_load_step *step = &plan->load_steps[entry->step];
        bool last = entry->step + 1 == plan->load_step_count;
        time_ns left = last ? TIME_NEVER : plan->load_steps[entry->step + 1].from_ns - now;
        if (step->rate_milli > 0) {
            time_ns takes = muldiv(wait, plan->entry_rate_milli, step->rate_milli);
            if (takes < left) return app->load_at + now + takes;
            wait -= muldiv(left, step->rate_milli, plan->entry_rate_milli);
            if (wait < 0) wait = 0;
        } else if (last)
            return TIME_NEVER;
        now += left;
        entry->step++;
    }
    return TIME_NEVER;
}

static time_ns recorded_at(struct app *app, struct app_entry *entry) {
    time_ns wait = app->interarrival_ns;
    if (app->interarrival)
        wait = quantile_draw(app->interarrival, &entry->draws, app->interarrival_ns);
    else if (entry->arrivals == 0) /* entrypoints take turns */
        wait = wait * (entry - app->entries + 1) / app->entry_count;
    return by_recording(app, entry, wait);
}

static time_ns arrives_at(struct app *app, struct app_entry *entry) {
    const struct quantile_table *table = app->interarrival;
    if (app->plan->load_step_count > 0) return recorded_at(app, entry);
    return table ? sim_now(app->sim) + quantile_draw(table, &entry->draws, app->interarrival_ns)
                 : uniform_at(app, entry);
}

static void arrive_next(struct app *app, struct app_entry *entry) {
    uint32_t number = (uint32_t)(entry - app->entries);
    time_ns at = arrives_at(app, entry);
    entry->next = (struct sim_handle){0};
    if (at == TIME_NEVER) return;
    entry->next = sim_at(app->sim, at, SIM_DELIVERY, app->first_owner + entry->service, app->arrive,
                         number, 0);
}

static void on_arrive(void *context, struct sim *sim, const struct sim_event *event) {
    (void)sim;
    struct app *app = context;
    struct app_entry *entry = &app->entries[event->a];
    entry->arrivals++;
    arrive_next(app, entry);
    calls_enter(app, entry->service);
}

void load_open(struct app *app, struct arena *arena, const struct dist_tables *tables) {
    const struct plan *plan = app->plan;
    app->entries = ARENA_NEW(arena, struct app_entry, app->entry_count);
    uint32_t n = 0;
    for (uint32_t s = 0; s < app->service_count; s++) {
        const struct topo_service *service = &plan->topology->services[s];
        if (!service->entry) continue;
        uint64_t id = app_stream_id(service->name, "", 0);
        app->entries[n++] = (struct app_entry){
            .draws = prng_named(plan->seed, "app.arrivals", id),
            .service = s,
        };
    }
    if (plan->entry_rate_milli > 0)
        app->interarrival_ns = muldiv(1000 * NS_PER_S, app->entry_count, plan->entry_rate_milli);
    switch (plan->arrivals) {
    case ARRIVALS_POISSON: app->interarrival = dist_table(tables, TOPO_EXPONENTIAL, 0); break;
    case ARRIVALS_ERLANG2: app->interarrival = dist_table(tables, TOPO_ERLANG2, 0); break;
    case ARRIVALS_UNIFORM: break;
    }
    app->arrive = sim_kind(app->sim, on_arrive, app);
}

void app_start(struct app *app) {
    ASSERT(!app->loaded);
    app->loaded = app->plan->entry_rate_milli > 0;
    app->load_at = sim_now(app->sim);
    for (uint32_t i = 0; app->loaded && i < app->entry_count; i++)
        arrive_next(app, &app->entries[i]);
}

void app_stop_load(struct app *app) {
    for (uint32_t i = 0; app->loaded && i < app->entry_count; i++)
        sim_cancel(app->sim, app->entries[i].next);
    app->loaded = false;
}

uint64_t app_request_count(const struct app *app) { return app->request_count; }
