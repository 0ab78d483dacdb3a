/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One server, one queue, events as callbacks: two events a customer, at nine tenths of the
 * capacity. */
#include "bench/bench.h"
#include "sim/kernel/sim.h"

#define CUSTOMERS       5000000
#define ARRIVAL_MEAN_NS 1000000
#define SERVICE_MEAN_NS 900000

struct station {
    struct quantile_table table;
    struct prng arrivals, services;
    uint64_t left, waiting, hash;
    uint16_t arrival, departure;
};

static void serve(struct station *s, struct sim *sim) {
    time_ns done = sim_now(sim) + quantile_draw(&s->table, &s->services, SERVICE_MEAN_NS);
    sim_at(sim, done, SIM_DELIVERY, 0, s->departure, 0, 0);
}

static void on_arrival(void *context, struct sim *sim, const struct sim_event *event) {
    struct station *s = context;
    if (s->waiting++ == 0) serve(s, sim);
    if (--s->left == 0) return;
    time_ns next = event->at + quantile_draw(&s->table, &s->arrivals, ARRIVAL_MEAN_NS);
    sim_at(sim, next, SIM_DELIVERY, 0, s->arrival, 0, 0);
}

static void on_departure(void *context, struct sim *sim, const struct sim_event *event) {
    struct station *s = context;
    s->hash = s->hash * 31 + (uint64_t)event->at + s->waiting;
    if (--s->waiting > 0) serve(s, sim);
}

static struct bench_work run(const struct bench *bench, struct arena *arena, uint64_t seed) {
    struct sim_options options = {.events_max = 8, .owners = 1, .kinds = 2};
    struct sim *sim = sim_open(arena, &options);
    struct station *s = ARENA_NEW(arena, struct station, 1);
    bench_exponential(&s->table);
    s->arrivals = prng_named(seed, "arrivals", 0);
    s->services = prng_named(seed, "services", 0);
    s->left = bench_size(bench, CUSTOMERS);
    s->arrival = sim_kind(sim, on_arrival, s);
    s->departure = sim_kind(sim, on_departure, s);
    sim_at(sim, 0, SIM_DELIVERY, 0, s->arrival, 0, 0);
    struct bench_work work = {.started_ns = bench_clock()};
    work.units = sim_run(sim, TIME_NEVER);
    work.hash = s->hash;
    return work;
}

int main(int argc, char **argv) {
    struct bench bench = bench_open(argc, argv);
    bench_report(&bench, "mm1", "ns/event", run, 1);
    return 0;
}
