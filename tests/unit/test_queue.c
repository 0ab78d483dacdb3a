/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/kernel/sim.h"
#include "engine/base/check.h"
#include "engine/base/prng.h"
#include "tests/model/naive_queue.h"
#include "tests/runner.h"
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * The ladder against the naive queue: the same random schedules, cancels and runs, from outside and
 * from inside handlers; every event must come out the same.
 */
#define PENDING_MAX 6000
#define OWNERS      40
#define KEPT        512 /* handles that may be cancelled later */

struct shape {
    const char *name;
    uint32_t shift_low, shift_high; /* distances are uniform below 2^shift */
    uint32_t owners;
    uint32_t burst; /* outside pushes a round: up to so many */
    uint64_t grid;  /* times are multiples of it: ties */
    bool falling;   /* pushes in falling order of time */
};

struct duel {
    const struct shape *shape;
    struct naive_queue naive;
    struct sim *sim;
    struct prng stream;
    uint16_t kind;
    uint64_t ids, ran, mismatches;
    time_ns until;
    struct {
        struct sim_handle handle;
        uint64_t id;
    } kept[KEPT];
};

static time_ns some_distance(struct duel *d) {
    const struct shape *s = d->shape;
    uint32_t shift =
        s->shift_low + (uint32_t)prng_below(&d->stream, s->shift_high - s->shift_low + 1);
    uint64_t distance = prng_below(&d->stream, UINT64_C(1) << shift);
    return (time_ns)(distance / s->grid * s->grid);
}

static void push_both(struct duel *d, time_ns at) {
    if (d->naive.count >= PENDING_MAX) return;
    uint32_t phase = (uint32_t)prng_below(&d->stream, SIM_PHASE_COUNT);
    uint32_t owner = (uint32_t)prng_below(&d->stream, d->shape->owners);
    uint64_t id = ++d->ids;
    struct sim_handle handle = sim_at(d->sim, at, (enum sim_phase)phase, owner, d->kind, id, ~id);
    naive_push(&d->naive, at, phase, owner, id);
    uint64_t place = prng_below(&d->stream, KEPT);
    d->kept[place].handle = handle;
    d->kept[place].id = id;
}

static void cancel_both(struct duel *d) {
    uint64_t place = prng_below(&d->stream, KEPT);
    struct sim_handle handle = d->kept[place].handle;
    bool was_pending = sim_pending(d->sim, handle);
    bool ladder = sim_cancel(d->sim, handle);
    bool naive = d->kept[place].id != 0 && naive_cancel(&d->naive, d->kept[place].id);
    if (ladder != naive || ladder != was_pending || sim_pending(d->sim, handle)) d->mismatches++;
}

static void on_event(void *context, struct sim *sim, const struct sim_event *event) {
    struct duel *d = context;
    struct naive_event expected;
    d->ran++;
    if (!naive_pop(&d->naive, d->until, &expected) || expected.id != event->a ||
        expected.at != event->at || expected.phase != event->phase ||
        expected.owner != event->owner || event->b != ~event->a || sim_now(sim) != event->at)
        d->mismatches++;
    uint64_t children = prng_below(&d->stream, 100);
    if (children < 3)
        children = prng_below(&d->stream, 15); /* below one on average in all: it dies out */
    else
        children = children < 55 ? 0 : children < 95 ? 1 : 2;
    for (uint64_t i = 0; i < children; i++) {
        bool at_once = prng_below(&d->stream, 8) == 0; /* any phase: passed ones too */
        push_both(d, sim_now(sim) + (at_once ? 0 : some_distance(d)));
    }
    if (prng_chance(&d->stream, 300000)) cancel_both(d);
}

static void push_burst(struct duel *d) {
    uint64_t count = prng_below(&d->stream, d->shape->burst);
    time_ns now = sim_now(d->sim), span = some_distance(d);
    for (uint64_t i = 0; i < count; i++) {
        time_ns falling = span / (time_ns)count * (time_ns)(count - i);
        push_both(d, now + (d->shape->falling ? falling : some_distance(d)));
    }
}

static void fight(const struct shape *shape, uint64_t seed, uint32_t rounds) {
    struct arena arena;
    arena_open(&arena);
    struct duel *d = calloc(1, sizeof *d);
    ASSERT(d);
    struct sim_options options = {.events_max = PENDING_MAX, .owners = OWNERS, .kinds = 1};
    d->shape = shape;
    d->naive = naive_open(PENDING_MAX, OWNERS);
    d->sim = sim_open(&arena, &options);
    d->kind = sim_kind(d->sim, on_event, d);
    d->stream = prng_named(seed, shape->name, 0);
    arena_seal(&arena);
    for (uint32_t round = 0; round < rounds && d->mismatches == 0; round++) {
        push_burst(d);
        for (uint64_t n = prng_below(&d->stream, 20); n > 0; n--) cancel_both(d);
        sim_check(d->sim);
        d->until = sim_now(d->sim) + some_distance(d);
        uint64_t before = d->ran, ran = sim_run(d->sim, d->until);
        struct naive_event missed;
        if (ran != d->ran - before || naive_pop(&d->naive, d->until, &missed)) d->mismatches++;
        if (sim_now(d->sim) != d->until || sim_pending_count(d->sim) != d->naive.count)
            d->mismatches++;
        sim_check(d->sim);
    }
    if (d->mismatches > 0) printf("\n%s, seed %llu\n", shape->name, (unsigned long long)seed);
    CU_ASSERT_EQUAL(d->mismatches, 0);
    CU_ASSERT(d->ran > rounds);
    CU_ASSERT_EQUAL(sim_event_count(d->sim), d->ran);
    naive_close(&d->naive);
    free(d);
    arena_close(&arena);
}

static void same_order_as_the_naive_queue(void) {
    static const struct shape shapes[] = {
        {"nanoseconds to hours", 0, 42, OWNERS, 40, 1, false},
        {"ties in nanoseconds", 0, 3, 3, 200, 1, false},
        {"one owner, one instant", 0, 0, 1, 400, 1, false},
        {"a dense second", 30, 30, OWNERS, 2000, 1, false},
        {"a grid of 15 s", 38, 40, OWNERS, 300, 15 * (uint64_t)NS_PER_S, false},
        {"falling times", 20, 40, OWNERS, 3000, 1, true},
        {"falling, few", 20, 20, OWNERS, 60, 1, true},
        {"few pending", 10, 30, OWNERS, 3, 1, false},
        {"every power of two", 0, 56, OWNERS, 4000, 1, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(shapes); i++)
        for (uint64_t seed = 1; seed <= 6; seed++) fight(&shapes[i], seed, 60);
}

static void count_event(void *context, struct sim *sim, const struct sim_event *event) {
    (void)sim;
    (void)event;
    ++*(int *)context;
}

static struct sim *small_sim(struct arena *arena, uint32_t events_max, int *count) {
    struct sim_options options = {.events_max = events_max, .owners = 2, .kinds = 1};
    arena_open(arena);
    struct sim *sim = sim_open(arena, &options);
    CU_ASSERT_EQUAL(sim_kind(sim, count_event, count), 0);
    return sim;
}

static void runs_up_to_and_including_until(void) {
    struct arena arena;
    int count = 0;
    struct sim *sim = small_sim(&arena, 4, &count);
    sim_at(sim, 5, SIM_TIMER, 0, 0, 0, 0);
    sim_at(sim, 10, SIM_TIMER, 0, 0, 0, 0);
    sim_at(sim, 11, SIM_TIMER, 0, 0, 0, 0);
    CU_ASSERT_EQUAL(sim_run(sim, 10), 2);
    CU_ASSERT_EQUAL(sim_now(sim), 10);
    CU_ASSERT_EQUAL(sim_pending_count(sim), 1);
    CU_ASSERT_EQUAL(sim_run(sim, TIME_NEVER), 1);
    CU_ASSERT_EQUAL(sim_now(sim), TIME_NEVER);
    CU_ASSERT_EQUAL(count, 3);
    arena_close(&arena);
}

static void stop_event(void *context, struct sim *sim, const struct sim_event *event) {
    (void)context;
    if (event->a) sim_stop(sim);
}

static void stop_leaves_the_rest(void) {
    struct arena arena;
    arena_open(&arena);
    struct sim_options options = {.events_max = 4, .owners = 1, .kinds = 1};
    struct sim *sim = sim_open(&arena, &options);
    sim_kind(sim, stop_event, NULL);
    sim_at(sim, 1, SIM_TIMER, 0, 0, 1, 0);
    sim_at(sim, 2, SIM_TIMER, 0, 0, 0, 0);
    CU_ASSERT_EQUAL(sim_run(sim, 100), 1);
    CU_ASSERT_EQUAL(sim_now(sim), 1);
    CU_ASSERT_EQUAL(sim_run(sim, 100), 1);
    CU_ASSERT_EQUAL(sim_now(sim), 100);
    arena_close(&arena);
}

static void a_handle_dies_with_its_event(void) {
    struct arena arena;
    int count = 0;
    struct sim *sim = small_sim(&arena, 2, &count);
    struct sim_handle first = sim_at(sim, 5, SIM_TIMER, 0, 0, 0, 0);
    CU_ASSERT(sim_pending(sim, first));
    CU_ASSERT(!sim_pending(sim, (struct sim_handle){0, 0}));
    CU_ASSERT(!sim_cancel(sim, (struct sim_handle){UINT32_MAX, 1}));
    CU_ASSERT_EQUAL(sim_run(sim, 5), 1);
    struct sim_handle second = sim_at(sim, 9, SIM_TIMER, 0, 0, 0, 0); /* takes the same slot */
    CU_ASSERT_EQUAL(second.slot, first.slot);
    CU_ASSERT(!sim_cancel(sim, first));
    CU_ASSERT(sim_cancel(sim, second));
    CU_ASSERT(!sim_cancel(sim, second));
    CU_ASSERT_EQUAL(sim_run(sim, 100), 0);
    CU_ASSERT_EQUAL(count, 1);
    arena_close(&arena);
}

/* Timeouts that never fire must not fill the queue: a request arms one and cancels it, for hours.
 */
static void cancelled_events_make_room(void) {
    struct arena arena;
    int count = 0;
    struct sim *sim = small_sim(&arena, 100, &count);
    for (int i = 0; i < 99; i++) sim_at(sim, 1000000, SIM_TIMER, 0, 0, 0, 0);
    for (int i = 0; i < 10000; i++) {
        struct sim_handle handle = sim_at(sim, 5000 + i, SIM_TIMER, 1, 0, 0, 0);
        CU_ASSERT(sim_cancel(sim, handle));
    }
    sim_check(sim);
    CU_ASSERT_EQUAL(sim_run(sim, 1000000), 99);
    arena_close(&arena);
}

static void name_the_limit(void *context, const char *file, int line, const char *fact) {
    (void)context;
    (void)file;
    (void)line;
    _exit(strstr(fact, "events_max") ? 42 : 1);
}

static void a_full_queue_names_its_limit(void) {
    pid_t child = fork();
    if (child == 0) {
        struct arena arena;
        int count = 0;
        struct sim *sim = small_sim(&arena, 3, &count);
        crash_hook_set(name_the_limit, NULL);
        for (int i = 0; i < 4; i++) sim_at(sim, 5, SIM_TIMER, 0, 0, 0, 0);
        _exit(0);
    }
    int status = 0;
    CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
    CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 42);
}

TEST_MAIN("queue", TEST(same_order_as_the_naive_queue), TEST(runs_up_to_and_including_until),
          TEST(stop_leaves_the_rest), TEST(a_handle_dies_with_its_event),
          TEST(cancelled_events_make_room), TEST(a_full_queue_names_its_limit))
