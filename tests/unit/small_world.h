/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_UNIT_SMALL_WORLD_H
#define TESTS_UNIT_SMALL_WORLD_H
/*
 * A small world for testing the control plane part by part: three services (0 calls 1 and 2), a few
 * engines without a brain whose inputs are kept, a real kernel, network and clocks. A test opens
 * the parts it wants, sends effects, runs, and looks at what the engines were told and what was
 * recorded.
 */
#include "engine/base/check.h"
#include "sim/world/internal.h"
#include "tests/runner.h"
#include <msgpack.h>

#define SMALL_ENGINES   3
#define SMALL_TOLD_MAX  8192
#define SMALL_TRACE_MAX (4u << 20)

struct told {
    uint32_t engine;
    time_ns at;
    struct eng_input input;
};

struct small_world {
    struct arena arena;
    struct topo_service services[3];
    struct topo_call calls[2];
    struct topology topology;
    struct plan_service plan_services[3];
    struct plan_engine engines[SMALL_ENGINES];
    struct plan_person people[3];
    struct plan_fault faults[4];
    struct plan plan;
    struct world world;
    struct told *told;
    uint32_t told_count;
    uint8_t *records;
    size_t records_len;
};

static const uint32_t small_call_offset[] = {0, 2, 2, 2};
static const uint32_t small_out_target[] = {1, 2};
static const uint32_t small_in_offset[] = {0, 0, 1, 2};
static const uint32_t small_in_source[] = {0, 0};
static const int64_t small_visits[] = {1000000, 1000000, 1000000};

static inline void small_input(void *context, uint32_t engine, const struct eng_input *input) {
    struct small_world *s = context;
    ASSERT(s->told_count < SMALL_TOLD_MAX);
    s->told[s->told_count++] = (struct told){engine, sim_now(s->world.sim), *input};
}

static inline void small_sink(void *context, const void *bytes, size_t len) {
    struct small_world *s = context;
    ASSERT(s->records_len + len <= SMALL_TRACE_MAX);
    memcpy(s->records + s->records_len, bytes, len);
    s->records_len += len;
}

static inline void small_topology(struct small_world *s) {
    static const char *const names[] = {"front", "left", "right"};
    for (uint32_t i = 0; i < 3; i++)
        s->services[i] = (struct topo_service){.name = names[i],
                                               .replicas = 10,
                                               .slots = 8,
                                               .service_time_ns = 2 * NS_PER_MS,
                                               .distribution = TOPO_FIXED,
                                               .language = "",
                                               .zone = "",
                                               .entry = i == 0};
    for (uint32_t i = 0; i < 2; i++)
        s->calls[i] = (struct topo_call){.from = {0},
                                         .to = {1 + i},
                                         .protocol = "http",
                                         .per_request_ppm = 1000000,
                                         .timeout_ns = 2 * NS_PER_S};
    s->topology = (struct topology){.name = "small",
                                    .title = "",
                                    .service_count = 3,
                                    .call_count = 2,
                                    .services = s->services,
                                    .calls = s->calls,
                                    .call_offset = small_call_offset,
                                    .out_offset = small_call_offset,
                                    .out_target = small_out_target,
                                    .in_offset = small_in_offset,
                                    .in_source = small_in_source};
}

/* The plan, ready to be changed before small_open. */
static inline struct small_world *small_new(void) {
    struct small_world *s = calloc(1, sizeof *s);
    ASSERT(s != NULL);
    small_topology(s);
    for (uint32_t i = 0; i < SMALL_ENGINES; i++)
        s->engines[i] = (struct plan_engine){.name = "engine", .symptoms = 7};
    s->plan = (struct plan){.title = "small",
                            .name = "small",
                            .file = "small",
                            .seed = 7,
                            .start_wall = INT64_C(1767603600) * NS_PER_S,
                            .duration_ns = NS_PER_HOUR,
                            .scrape_ns = NS_PER_S,
                            .evaluate_ns = NS_PER_S,
                            .topology = &s->topology,
                            .services = s->plan_services,
                            .visits_ppm = small_visits,
                            .engine_count = SMALL_ENGINES,
                            .engines = s->engines,
                            .people = s->people,
                            .faults = s->faults};
    return s;
}

/* Kernel, trace, clocks and network; the parts are the test's. */
static inline struct world *small_open(struct small_world *s) {
    arena_open(&s->arena);
    s->told = ARENA_NEW(&s->arena, struct told, SMALL_TOLD_MAX);
    s->records = ARENA_NEW(&s->arena, uint8_t, SMALL_TRACE_MAX);
    struct sim_options options = {.events_max = 65536, .owners = 64, .kinds = 32};
    s->world = (struct world){
        .plan = &s->plan,
        .sim = sim_open(&s->arena, &options),
        .trace = trace_open(&s->arena, 1u << 16, small_sink, s),
        .hooks = {.context = s, .input = small_input},
    };
    clock_open(&s->world, &s->arena);
    network_open(&s->world, &s->arena);
    return &s->world;
}

static inline void small_open_app(struct small_world *s) {
    s->world.tables = dist_open(&s->arena, &s->topology);
    s->world.app = app_open(&s->arena, &s->plan, s->world.tables, s->world.sim, s->world.trace,
                            world_owner(&s->world) + 1);
}

static inline void small_close(struct small_world *s) {
    arena_close(&s->arena);
    free(s);
}

static inline void small_run(struct small_world *s, time_ns until) { sim_run(s->world.sim, until); }

/* The n-th last input told to anybody; 0 is the last. */
static inline const struct told *small_last(const struct small_world *s, uint32_t n) {
    ASSERT(n < s->told_count);
    return &s->told[s->told_count - 1 - n];
}

/* How many records of the kind there are; the last one's field (0: the first after "at"), if it is
 * an integer, in *value. */
static inline uint32_t small_records(struct small_world *s, enum record_kind kind, uint32_t field,
                                     int64_t *value) {
    trace_flush(s->world.trace);
    uint32_t count = 0;
    size_t at =
        s->records_len >= TRACE_MAGIC_LEN && memcmp(s->records, TRACE_MAGIC, TRACE_MAGIC_LEN) == 0
            ? TRACE_MAGIC_LEN
            : 0;
    msgpack_unpacked unpacked;
    msgpack_unpacked_init(&unpacked);
    while (msgpack_unpack_next(&unpacked, (const char *)s->records, s->records_len, &at) ==
           MSGPACK_UNPACK_SUCCESS) {
        const msgpack_object_array *array = &unpacked.data.via.array;
        if (array->ptr[0].via.i64 != (int64_t)kind) continue;
        count++;
        if (value) *value = array->ptr[2 + field].via.i64;
    }
    msgpack_unpacked_destroy(&unpacked);
    return count;
}

#endif
