/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The hold model (Jones, "An empirical comparison of priority-queue and event-set implementations",
 * CACM 29(4), 1986): a constant number of events is pending; each that runs schedules one more
 * after an exponential time. And the same with a timeout armed and cancelled by each event.
 */
#include "bench/bench.h"
#include "sim/kernel/sim.h"
#include "tests/model/naive_queue.h"

#define MEAN    NS_PER_S
#define EVENTS  5000000
#define OWNERS  1024
#define TIMEOUT (30 * NS_PER_S)

struct hold {
    struct quantile_table table;
    struct prng stream;
    uint64_t left, hash;
    uint16_t kind;
    struct sim_handle timeout[OWNERS];
};

static void hold(void *context, struct sim *sim, const struct sim_event *event) {
    struct hold *h = context;
    h->hash = h->hash * 31 + (uint64_t)event->at + event->a;
    if (--h->left == 0) sim_stop(sim);
    time_ns at = event->at + quantile_draw(&h->table, &h->stream, MEAN);
    sim_at(sim, at, SIM_DELIVERY, event->owner, event->kind, event->a, 0);
}

static void hold_with_timeout(void *context, struct sim *sim, const struct sim_event *event) {
    struct hold *h = context;
    sim_cancel(sim, h->timeout[event->owner]);
    h->timeout[event->owner] =
        sim_at(sim, event->at + TIMEOUT, SIM_TIMER, event->owner, event->kind, 0, 0);
    hold(context, sim, event);
}

static struct bench_work run(const struct bench *bench, struct arena *arena, uint64_t pending,
                             sim_handler handler) {
    struct sim_options options = {
        .events_max = (uint32_t)pending + OWNERS + 1, .owners = OWNERS, .kinds = 1};
    struct sim *sim = sim_open(arena, &options);
    struct hold *h = ARENA_NEW(arena, struct hold, 1);
    bench_exponential(&h->table);
    h->stream = prng_named(1, "hold", pending);
    uint16_t kind = sim_kind(sim, handler, h);
    for (uint32_t i = 0; i < pending; i++)
        sim_at(sim, quantile_draw(&h->table, &h->stream, MEAN), SIM_DELIVERY, i % OWNERS, kind, i,
               0);
    h->left = pending * 2; /* let the queue settle */
    sim_run(sim, TIME_NEVER);
    struct bench_work work = {.units = bench_size(bench, EVENTS), .started_ns = bench_clock()};
    h->left = work.units;
    sim_run(sim, TIME_NEVER);
    work.hash = h->hash;
    return work;
}

static struct bench_work run_hold(const struct bench *bench, struct arena *arena,
                                  uint64_t pending) {
    return run(bench, arena, pending, hold);
}

static struct bench_work run_timeout(const struct bench *bench, struct arena *arena,
                                     uint64_t pending) {
    return run(bench, arena, pending, hold_with_timeout);
}

/* The same draws, so the same order and the same hash as the kernel's. */
static struct bench_work run_heap(const struct bench *bench, struct arena *arena,
                                  uint64_t pending) {
    struct naive_queue queue = naive_open(pending + 1, OWNERS);
    struct quantile_table *table = ARENA_NEW(arena, struct quantile_table, 1);
    bench_exponential(table);
    struct prng stream = prng_named(1, "hold", pending);
    for (uint32_t i = 0; i < pending; i++)
        naive_push(&queue, quantile_draw(table, &stream, MEAN), SIM_DELIVERY, i % OWNERS, i);
    struct bench_work work = {.units = bench_size(bench, EVENTS)};
    uint64_t settle = pending * 2;
    for (uint64_t n = 0; n < settle + work.units; n++) {
        struct naive_event event;
        if (n == settle) work.started_ns = bench_clock();
        if (!naive_pop(&queue, TIME_NEVER, &event)) break;
        work.hash = work.hash * 31 + (uint64_t)event.at + event.id;
        time_ns at = event.at + quantile_draw(table, &stream, MEAN);
        naive_push(&queue, at, SIM_DELIVERY, event.owner, event.id);
    }
    naive_close(&queue);
    return work;
}

int main(int argc, char **argv) {
    struct bench bench = bench_open(argc, argv);
    bench_report(&bench, "hold-1e3", "ns/event", run_hold, 1000);
    bench_report(&bench, "hold-1e4", "ns/event", run_hold, 10000);
    bench_report(&bench, "hold-1e5", "ns/event", run_hold, 100000);
    bench_report(&bench, "hold-1e6", "ns/event", run_hold, 1000000);
    bench_report(&bench, "heap-1e3", "ns/event", run_heap, 1000);
    bench_report(&bench, "heap-1e5", "ns/event", run_heap, 100000);
    bench_report(&bench, "hold-1e3-with-timeout", "ns/event", run_timeout, 1000);
    bench_report(&bench, "hold-1e5-with-timeout", "ns/event", run_timeout, 100000);
    return 0;
}
