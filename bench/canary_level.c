/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How often is a canary judged wrongly? Drives the engine's own judgement (canary_judge) with drawn
 * counts: good patches that it takes back, and bad ones that it lets go on, over many canaries at
 * several levels of traffic, on the first stage of a policy. What is counted as wrong is held
 * against canary.alpha; above it the program fails.
 *
 *   canary_level POLICY RATE...    10,000 canaries a line
 *   canary_level --smoke POLICY    200, at one level of traffic
 */
#include "engine/base/prng.h"
#include "engine/core.h"
#include "engine/policy/policy.h"
#include <stdio.h>
#include <stdlib.h>

/* What a revision is like: shares of its requests, and its memory's floor. */
struct nature {
    int64_t own, calls, slow, abandoned; /* ppm */
    int64_t lost;                        /* of the requests meant for it, never arrive */
    int64_t leak;                        /* ppm of the limit a minute */
};

struct kind {
    const char *name;
    bool good;
    struct nature candidate, stable;
};

#define HEALTHY .calls = 2000, .slow = 5000, .abandoned = 1000
static const struct kind kinds[] = {
    {"as stable, which fails 0.3 %", true, {3000, HEALTHY}, {3000, HEALTHY}},
    {"as stable, which fails 15 %", true, {150000, HEALTHY}, {150000, HEALTHY}},
    {"heals: 0.3 % of 15 %", true, {3000, HEALTHY}, {150000, HEALTHY}},
    {"fails 22 % of 15 %", false, {220000, HEALTHY}, {150000, HEALTHY}},
    {"fails 5 % of 0.3 %", false, {50000, HEALTHY}, {3000, HEALTHY}},
    {"heals, 6 % of its calls fail", false, {3000, 60000, 5000, 1000, 0, 0}, {150000, HEALTHY}},
    {"heals, 6 % are slow", false, {3000, 2000, 60000, 1000, 0, 0}, {150000, HEALTHY}},
    {"heals, 6 % are given up", false, {3000, 2000, 5000, 60000, 0, 0}, {150000, HEALTHY}},
    {"heals, half never arrive", false, {3000, HEALTHY, .lost = 500000}, {150000, HEALTHY}},
    {"heals, at its limit in 24 min", false, {3000, HEALTHY, .leak = 25000}, {150000, HEALTHY}},
};

struct tally {
    uint32_t breached, promoted;
};

static void draw(struct prng *luck, const struct nature *nature, struct stage_sample *sample) {
    if (prng_chance(luck, nature->lost)) return;
    sample->requests += PPM_ONE;
    bool own = prng_chance(luck, nature->own);
    bool calls = !own && prng_chance(luck, nature->calls);
    if (own) sample->errors += PPM_ONE;
    if (own || calls) sample->failures += PPM_ONE;
    if (prng_chance(luck, nature->slow)) sample->slow += PPM_ONE;
    if (prng_chance(luck, nature->abandoned)) sample->abandoned += PPM_ONE;
}

/* The floors of garbage-collected memory: some noise above what is held. */
static struct gate_number floor_of(struct prng *luck, const struct nature *nature, time_ns age) {
    int64_t noise = (int64_t)prng_below(luck, 4000);
    return (struct gate_number){VALUE_NUMBER,
                                400000 + noise + muldiv(nature->leak, age, NS_PER_MIN), 0};
}

static void look(struct engine *e, struct op *op, struct prng *luck, const struct kind *kind,
                 int64_t rate) {
    struct canary *c = &op->canary;
    const struct eng_canary *limits = &e->config->canary;
    int64_t share = limits->stage[0].share_ppm;
    int64_t requests = rate * limits->look_interval_ns / NS_PER_S;
    e->mono += limits->look_interval_ns;
    for (int64_t i = 0; i < requests; i++) {
        int which = prng_chance(luck, share) ? 0 : 1;
        draw(luck, which == 0 ? &kind->candidate : &kind->stable, &c->now[which]);
    }
    for (int which = 0; which < 2; which++) {
        const struct nature *nature = which == 0 ? &kind->candidate : &kind->stable;
        struct stage_gauges *g = &c->gauges[which];
        g->cpu = (struct gate_number){VALUE_NUMBER, 200000, 0};
        g->in_flight = (struct gate_number){VALUE_NUMBER, 0, 0};
        g->in_flight_age = (struct gate_number){VALUE_NAN, 0, 0};
        g->floor = floor_of(luck, nature, e->mono - c->began_mono);
    }
    canary_grow(e, c);
}

static void one_canary(struct engine *e, struct op *op, struct prng *luck, const struct kind *kind,
                       int64_t rate, struct tally *tally) {
    const struct eng_canary *limits = &e->config->canary;
    time_ns soak = limits->stage[0].soak_ns, end = soak + limits->hold_max_ns;
    memset(&op->canary, 0, sizeof op->canary);
    op->canary.began_mono = op->canary.floor_mono = e->mono;
    for (time_ns soaked = 0; soaked < end; soaked += limits->look_interval_ns) {
        struct canary_finding found;
        look(e, op, luck, kind, rate);
        canary_judge(e, op, &found);
        if (found.breach) {
            tally->breached++;
            return;
        }
        bool soaked_enough = soaked + limits->look_interval_ns >= soak;
        if (soaked_enough && found.complete && found.errors.enough && found.errors.high_ppm < 0) {
            tally->promoted++;
            return;
        }
    }
}

/* Four deviations above the level: what luck hardly ever brings. */
static bool above_level(const struct tally *tally, uint32_t canaries, int64_t alpha_ppm) {
    int64_t expected = (int64_t)canaries * alpha_ppm / PPM_ONE;
    return (int64_t)tally->breached > expected + 4 * (int64_t)isqrt64((uint64_t)expected) + 1;
}

static bool measure(struct engine *e, int64_t rate, uint32_t canaries) {
    static struct op op;
    bool holds = true;
    for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
        struct prng luck = prng_named(1, kinds[k].name, (uint64_t)rate);
        struct tally tally = {0};
        for (uint32_t i = 0; i < canaries; i++) one_canary(e, &op, &luck, &kinds[k], rate, &tally);
        uint32_t wrong = kinds[k].good ? tally.breached : tally.promoted;
        printf("%6lld/s  %-30s %s  %6.2f %%  %6.2f %%  %s %.2f %%\n", (long long)rate,
               kinds[k].name, kinds[k].good ? "good" : "bad ", tally.breached * 100.0 / canaries,
               tally.promoted * 100.0 / canaries, kinds[k].good ? "taken back" : "let go on ",
               wrong * 100.0 / canaries);
        if (kinds[k].good && above_level(&tally, canaries, e->config->canary.alpha_ppm)) {
            printf("  above the level\n");
            holds = false;
        }
    }
    return holds;
}

static bool load(const char *path, struct arena *arena, struct policy *policy) {
    static char text[1 << 16];
    struct diags diags = {0};
    FILE *file = fopen(path, "rb");
    size_t len = file ? fread(text, 1, sizeof text, file) : 0;
    if (file) fclose(file);
    bool good = len > 0 && len < sizeof text && policy_load(policy, arena, path, text, len, &diags);
    diag_print(&diags, stderr);
    return good;
}

int main(int argc, char **argv) {
    bool smoke = argc > 1 && strcmp(argv[1], "--smoke") == 0;
    if (argc < 3) {
        fprintf(stderr, "usage: canary_level POLICY RATE... | canary_level --smoke POLICY\n");
        return 2;
    }
    static struct policy policy;
    static struct engine engine;
    struct arena arena;
    arena_open(&arena);
    if (!load(argv[smoke ? 2 : 1], &arena, &policy)) return 2;
    engine.config = &policy.config;
    printf("%8s  %-30s       %8s  %8s  wrong\n", "traffic", "patch", "breach", "promoted");
    bool holds = true;
    if (smoke) holds = measure(&engine, 100, 200);
    for (int i = 2; i < argc && !smoke; i++) {
        int64_t rate = strtoll(argv[i], NULL, 10);
        if (rate < 1 || rate > 100000) return 2;
        holds = measure(&engine, rate, 10000) && holds;
    }
    arena_close(&arena);
    return holds ? 0 : 1;
}
