/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a step of the engine costs, by the kind of input; what a conflict check costs by the size of
 * the system; how many audit entries a second it makes and verifies. Steps are those of a recorded
 * life (tests/support/recording.h), fed to an engine of their own again and again; of each input
 * the least of all passes counts, for a neighbour on the machine only adds. Median and p99 are over
 * inputs:
 *
 *   step-KIND MEDIAN P99 ns/step COUNT
 */
#include "bench/bench.h"
#include "engine/base/check.h"
#include "engine/base/prng.h"
#include "engine/chain_check.h"
#include "engine/conflict.h"
#include "tests/support/recording.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define PASSES  40
#define ROUNDS  20
#define CHECKS  200000
#define ENTRIES 200000

static struct eng_effects out;

/* ---- steps ---- */

static int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

/* What it takes to look at the clock is in each figure; it is taken off. */
static int64_t clock_cost(void) {
    int64_t least = INT64_MAX;
    for (int k = 0; k < 10000; k++) {
        int64_t began = now_ns(), took = now_ns() - began;
        if (took < least) least = took;
    }
    return least;
}

static int by_time(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void tell(const char *name, int64_t *ns, uint32_t count) {
    qsort(ns, count, sizeof *ns, by_time);
    printf("step-%s %" PRId64 " %" PRId64 " ns/step %" PRIu32 "\n", name, ns[count / 2],
           ns[count - 1 - count / 100], count);
}

/* Of each input, the least of all passes. */
static void time_steps(const struct recording *r, uint32_t passes, int64_t *least) {
    struct arena arena;
    arena_open(&arena);
    struct engine *engine = eng_open(&arena, &r->rig.config);
    int64_t clock = clock_cost();
    for (uint32_t k = 0; k < r->count; k++) least[k] = INT64_MAX;
    for (uint32_t pass = 0; pass < passes; pass++) {
        for (uint32_t k = 0; k < r->count; k++) {
            if (r->inputs[k].kind == IN_recovered) eng_restart(engine);
            int64_t began = now_ns();
            eng_step(engine, &r->inputs[k], &out);
            int64_t took = now_ns() - began - clock;
            if (took < least[k]) least[k] = took > 0 ? took : 0;
        }
        ASSERT(eng_fingerprint(engine) == r->fingerprint);
    }
    arena_close(&arena);
}

static void steps(const struct bench *bench) {
    static struct recording r;
    recording_make(&r, bench->smoke ? 1 : ROUNDS);
    int64_t *least = calloc(r.count, sizeof *least), *some = calloc(r.count, sizeof *some);
    ASSERT(least && some);
    time_steps(&r, bench->smoke ? 2 : PASSES, least);
    for (int64_t kind = 0; kind < IN_COUNT; kind++) {
        uint32_t count = 0;
        for (uint32_t k = 0; k < r.count; k++)
            if ((int64_t)r.inputs[k].kind == kind) some[count++] = least[k];
        if (count > 0) tell(input_name(kind), some, count);
    }
    memcpy(some, least, r.count * sizeof *some);
    tell("any", some, r.count);
    free(least);
    free(some);
    recording_free(&r);
}

/* ---- conflicts ---- */

static uint32_t *offsets(struct arena *arena, uint32_t n, const uint32_t *of, uint32_t edges) {
    uint32_t *offset = ARENA_NEW(arena, uint32_t, n + 1);
    for (uint32_t e = 0; e < edges; e++) offset[of[e] + 1]++;
    for (uint32_t s = 0; s < n; s++) offset[s + 1] += offset[s];
    return offset;
}

static uint32_t *targets(struct arena *arena, uint32_t n, const uint32_t *offset,
                         const uint32_t *of, const uint32_t *to, uint32_t edges) {
    uint32_t *target = ARENA_NEW(arena, uint32_t, edges), *at = ARENA_NEW(arena, uint32_t, n);
    for (uint32_t e = 0; e < edges; e++) target[offset[of[e]] + at[of[e]]++] = to[e];
    return target;
}

/* Three calls a service on average, anywhere, so that there are cycles; a shared store for every
 * ten. */
static struct eng_graph random_graph(struct arena *arena, struct prng *luck, uint32_t n) {
    enum { CALLS = 3, MATES = 10 };
    uint32_t edges = CALLS * n, groups = n / MATES;
    uint32_t *from = ARENA_NEW(arena, uint32_t, edges), *to = ARENA_NEW(arena, uint32_t, edges);
    for (uint32_t e = 0; e < edges; e++) {
        from[e] = e / CALLS;
        to[e] = (uint32_t)prng_below(luck, n);
    }
    struct eng_graph g = {.service_count = n, .group_count = groups};
    g.out_offset = offsets(arena, n, from, edges);
    g.out_target = targets(arena, n, g.out_offset, from, to, edges);
    g.in_offset = offsets(arena, n, to, edges);
    g.in_source = targets(arena, n, g.in_offset, to, from, edges);
    uint8_t *is_service = ARENA_NEW(arena, uint8_t, n);
    memset(is_service, 1, n);
    g.is_service = is_service;
    g.criticality_ppm = ARENA_NEW(arena, int64_t, n);
    uint32_t *offset = ARENA_NEW(arena, uint32_t, groups + 1);
    uint32_t *member = ARENA_NEW(arena, uint32_t, groups * MATES);
    for (uint32_t k = 0; k <= groups; k++) offset[k] = k * MATES;
    for (uint32_t k = 0; k < groups * MATES; k++) member[k] = k;
    g.group_offset = offset;
    g.group_member = member;
    return g;
}

/* As many others as a registry tells of, and as many changes as an engine remembers. */
static struct bench_work check_conflicts(const struct bench *bench, struct arena *arena,
                                         uint64_t services) {
    static struct rig rig; /* for the policy */
    rig_open(&rig);
    struct eng_config *config = ARENA_NEW(arena, struct eng_config, 1);
    *config = rig.config;
    struct prng luck = prng_named(1, "conflicts", services);
    config->graph = random_graph(arena, &luck, (uint32_t)services);
    struct eng_search *search = search_open(arena, &config->graph);
    struct recent_change changes[64];
    struct intents others = {.count = INTENTS_MAX};
    struct conflicts found;
    for (uint32_t k = 0; k < ARRAY_LEN(changes); k++)
        changes[k] = (struct recent_change){.service = {(uint32_t)prng_below(&luck, services)},
                                            .op = {1000 + k}};
    struct bench_work work = {.units = bench_size(bench, CHECKS), .started_ns = bench_clock()};
    for (uint64_t n = 0; n < work.units; n++) {
        struct planned planned = {.op = {1},
                                  .kind = OPKIND_DEPLOYMENT,
                                  .service = {(uint32_t)prng_below(&luck, services)},
                                  .changes_shared = n % 4 == 0};
        for (uint32_t k = 0; k < INTENTS_MAX; k++)
            others.list[k] = (struct intent){.number = k + 1,
                                             .op = {2 + k},
                                             .kind = OPKIND_DEPLOYMENT,
                                             .service = {(uint32_t)prng_below(&luck, services)}};
        conflict_detect(search, config, &planned, &others, 0, true, changes, ARRAY_LEN(changes),
                        NS_PER_S, &found);
        work.hash = work.hash * 31 + found.count * 7 + (uint64_t)found.action;
    }
    rig_close(&rig);
    return work;
}

/* ---- audit ---- */

/* Commands that are refused: each is an entry with who and why, and its acknowledgement. */
struct log {
    struct engine *engine;
    struct eng_input command;
};

static void log_open(struct log *log, struct arena *arena, struct rig *rig) {
    rig_open(rig);
    rig->config.graph = small_graph_adjacency(&rig->graph);
    log->engine = eng_open(arena, &rig->config);
    struct eng_input input = {.kind = IN_recovered, .wall = rig->wall, .mono = NS_PER_S};
    input.recovered.incarnation = 1;
    eng_step(log->engine, &input, &out);
    log->command = input;
    log->command.kind = IN_person_command;
    log->command.person_command = (struct in_person_command){.command = COMMAND_FREEZE};
    text_set(&log->command.person_command.team, "sales");
}

/* What the next command leads to goes to kept, at most room of it, and is acknowledged. */
static uint32_t log_next(struct log *log, struct eff_audit_append *kept, uint32_t room) {
    uint32_t count = 0;
    log->command.mono += NS_PER_S;
    log->command.wall += NS_PER_S;
    eng_step(log->engine, &log->command, &out);
    for (uint32_t k = 0; k < out.count && count < room; k++)
        if (out.list[k].kind == EFF_audit_append) kept[count++] = out.list[k].audit_append;
    ASSERT(count > 0);
    struct eng_input ack = log->command;
    ack.kind = IN_audit_ack;
    ack.audit_ack =
        (struct in_audit_ack){kept[count - 1].sequence, AUDIT_REPLY_OK, kept[count - 1].hash};
    eng_step(log->engine, &ack, &out);
    return count;
}

static struct bench_work append(const struct bench *bench, struct arena *arena, uint64_t unused) {
    static struct rig rig;
    struct log log;
    struct eff_audit_append entries[8];
    uint32_t count = 0;
    (void)unused;
    log_open(&log, arena, &rig);
    struct bench_work work = {.started_ns = bench_clock()};
    for (; work.units < bench_size(bench, ENTRIES); work.units += count)
        count = log_next(&log, entries, ARRAY_LEN(entries));
    memcpy(&work.hash, &entries[0].hash, sizeof work.hash);
    rig_close(&rig);
    return work;
}

/* As a restart and an auditor do: a chain, entry by entry. */
static struct bench_work verify(const struct bench *bench, struct arena *arena, uint64_t entries) {
    static struct rig rig;
    struct log log;
    struct chain_check check;
    uint32_t count = 0;
    log_open(&log, arena, &rig);
    struct eff_audit_append *chain = ARENA_NEW(arena, struct eff_audit_append, entries);
    while (count + 8 <= entries) count += log_next(&log, chain + count, 8);
    struct bench_work work = {.started_ns = bench_clock()};
    for (; work.units < bench_size(bench, ENTRIES); work.units += count) {
        chain_check_open(&check);
        chain_check_from(&check, chain[0].sequence); /* "recovered" has an entry of its own */
        for (uint32_t k = 0; k < count; k++)
            chain_check_entry(&check, &chain[k].previous, &chain[k].hash, &chain[k].body);
        chain_check_end(&check);
        ASSERT(check.flaw == FLAW_NONE && check.place == chain[count - 1].sequence + 1);
    }
    memcpy(&work.hash, &check.head, sizeof work.hash);
    rig_close(&rig);
    return work;
}

int main(int argc, char **argv) {
    struct bench bench = bench_open(argc, argv);
    steps(&bench);
    bench_report(&bench, "conflicts-100", "ns/check", check_conflicts, 100);
    bench_report(&bench, "conflicts-1000", "ns/check", check_conflicts, 1000);
    bench_report(&bench, "conflicts-10000", "ns/check", check_conflicts, 10000);
    bench_report(&bench, "audit-append", "ns/entry", append, 0);
    bench_report(&bench, "audit-verify", "ns/entry", verify, 2000);
    return 0;
}
