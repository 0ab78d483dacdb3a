/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Ten stations in a row: a customer enters the first, each departure is the next one's arrival. One
 * such row, and a thousand of them in one world, where neither the queue nor the stations fit in
 * the nearest cache.
 */
#include "bench/bench.h"
#include "sim/kernel/sim.h"

#define HOPS            10
#define EVENTS          5000000
#define ARRIVAL_MEAN_NS 1000000
#define SERVICE_MEAN_NS 700000

struct station {
    struct prng services;
    uint64_t waiting;
};

struct tandems {
    struct quantile_table table;
    struct station *stations; /* HOPS a row */
    struct prng *arrivals;    /* one a row */
    uint64_t left, hash;
    uint16_t arrival, departure;
};

static void enter(struct tandems *t, struct sim *sim, uint32_t station);

static void serve(struct tandems *t, struct sim *sim, uint32_t station) {
    struct prng *stream = &t->stations[station].services;
    time_ns done = sim_now(sim) + quantile_draw(&t->table, stream, SERVICE_MEAN_NS);
    sim_at(sim, done, SIM_DELIVERY, station, t->departure, 0, 0);
}

static void enter(struct tandems *t, struct sim *sim, uint32_t station) {
    if (t->stations[station].waiting++ == 0) serve(t, sim, station);
}

static void count_down(struct tandems *t, struct sim *sim) {
    if (--t->left == 0) sim_stop(sim);
}

static void on_arrival(void *context, struct sim *sim, const struct sim_event *event) {
    struct tandems *t = context;
    count_down(t, sim);
    enter(t, sim, event->owner);
    struct prng *stream = &t->arrivals[event->owner / HOPS];
    time_ns next = event->at + quantile_draw(&t->table, stream, ARRIVAL_MEAN_NS);
    sim_at(sim, next, SIM_DELIVERY, event->owner, t->arrival, 0, 0);
}

static void on_departure(void *context, struct sim *sim, const struct sim_event *event) {
    struct tandems *t = context;
    uint32_t station = event->owner;
    count_down(t, sim);
    t->hash = t->hash * 31 + (uint64_t)event->at + station;
    if (--t->stations[station].waiting > 0) serve(t, sim, station);
    if (station % HOPS < HOPS - 1) enter(t, sim, station + 1);
}

static struct bench_work run(const struct bench *bench, struct arena *arena, uint64_t rows) {
    uint32_t stations = (uint32_t)rows * HOPS;
    struct sim_options options = {
        .events_max = stations + (uint32_t)rows, .owners = stations, .kinds = 2};
    struct sim *sim = sim_open(arena, &options);
    struct tandems *t = ARENA_NEW(arena, struct tandems, 1);
    bench_exponential(&t->table);
    t->stations = ARENA_NEW(arena, struct station, stations);
    t->arrivals = ARENA_NEW(arena, struct prng, rows);
    t->arrival = sim_kind(sim, on_arrival, t);
    t->departure = sim_kind(sim, on_departure, t);
    for (uint32_t i = 0; i < stations; i++) t->stations[i].services = prng_named(1, "services", i);
    for (uint32_t r = 0; r < rows; r++) {
        t->arrivals[r] = prng_named(1, "arrivals", r);
        sim_at(sim, 0, SIM_DELIVERY, r * HOPS, t->arrival, 0, 0);
    }
    t->left = rows * 500; /* let the queues settle */
    sim_run(sim, TIME_NEVER);
    struct bench_work work = {.units = bench_size(bench, EVENTS), .started_ns = bench_clock()};
    t->left = work.units;
    sim_run(sim, TIME_NEVER);
    work.hash = t->hash;
    return work;
}

int main(int argc, char **argv) {
    struct bench bench = bench_open(argc, argv);
    bench_report(&bench, "tandem-1", "ns/event", run, 1);
    bench_report(&bench, "tandem-1000", "ns/event", run, 1000);
    return 0;
}
