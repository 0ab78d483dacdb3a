/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The search for a knee, on curves whose knee is known and whose noise is made. */
#include "engine/base/prng.h"
#include "reports/crossing.h"
#include "reports/knee.h"
#include "tests/runner.h"

#include <math.h>

#define SEEDS     30
#define SEEDS_MAX 60

struct world { /* a figure is a mean over seeds of truth, luck of the seed, and luck of its own */
    double (*truth)(double x);
    double together, apart;
    uint64_t repetition;
    uint32_t most; /* seeds ever asked for */
    bool unknown;
};

/* Mean 0, variance 1. */
static double luck(struct prng stream) {
    double sum = 0;
    for (int k = 0; k < 12; k++) sum += (double)(prng_next(&stream) >> 11) / 9007199254740992.0;
    return sum - 6;
}

static bool measure(void *context, const uint32_t *points, uint32_t count, uint32_t seeds) {
    struct world *w = context;
    (void)points;
    (void)count;
    if (seeds > w->most) w->most = seeds;
    return true;
}

static double figure(void *context, uint32_t point, const uint32_t *seeds, uint32_t count) {
    static double noise[SEEDS_MAX], together[SEEDS_MAX];
    static uint64_t of = UINT64_MAX, with = UINT64_MAX;
    const struct world *w = context;
    if (w->unknown) return NAN;
    for (uint64_t s = 0; s < SEEDS_MAX && with != w->repetition; s++)
        together[s] = luck(prng_named(w->repetition, "together", s));
    if (of != point || with != w->repetition)
        for (uint64_t s = 0; s < SEEDS_MAX; s++)
            noise[s] = luck(prng_named(w->repetition, "apart", point * UINT64_C(1000) + s));
    of = point;
    with = w->repetition;
    double sum = 0;
    for (uint32_t k = 0; k < count; k++)
        sum += w->together * together[seeds[k]] + w->apart * noise[seeds[k]];
    return w->truth(point) + sum / count;
}

static double line(double x) { return x / 1000; }
static double bent(double x) { return pow(x / 1000, 4); } /* flat, then steep: as a queue */
static double falls(double x) { return 1 - x / 1000; }
static double step(double x) { return x < 333 ? 0 : 1; }
static double hump(double x) { return x < 500 ? x / 250 : 2.2 - x / 900; }

static struct knee_question question(struct world *w, double limit) {
    return (struct knee_question){.context = w,
                                  .measure = measure,
                                  .figure = figure,
                                  .low = 10,
                                  .step = 0.1,
                                  .last = 1000,
                                  .limit = limit,
                                  .curve = 9,
                                  .seeds_first = 10,
                                  .seeds = SEEDS};
}

static void without_noise_it_is_exact(void) {
    struct world w = {.truth = line};
    struct knee_question q = question(&w, 0.4);
    struct knee k = knee_find(&q);
    CU_ASSERT(k.status == KNEE_FOUND && k.rises);
    CU_ASSERT(fabs(k.at - 50) < 0.01 && k.low <= k.at && k.high >= k.at);
    w.truth = falls;
    k = knee_find(&q);
    CU_ASSERT(k.status == KNEE_FOUND && !k.rises);
    CU_ASSERT(fabs(k.at - 70) < 0.01);
    w.truth = step;
    k = knee_find(&q);
    CU_ASSERT(k.status == KNEE_FOUND);
    CU_ASSERT(k.at > 43.1 && k.at < 43.4);
}

static void what_never_passes_the_limit_has_no_knee(void) {
    struct world w = {.truth = line, .together = 0.01};
    struct knee_question q = question(&w, 2);
    CU_ASSERT(knee_find(&q).status == KNEE_SAME_SIDE);
    CU_ASSERT(w.most == 10); /* and it is told at once */
    w.unknown = true;
    CU_ASSERT(knee_find(&q).status == KNEE_NOT_KNOWN);
}

/* The interval holds the truth as often as it says, within what so many repetitions tell. */
static double coverage(struct world w, double limit, double truth, uint32_t repetitions) {
    struct knee_question q = question(&w, limit);
    uint32_t covered = 0;
    q.context = &w;
    for (uint32_t r = 0; r < repetitions; r++) {
        w.repetition = r;
        struct knee k = knee_find(&q);
        covered += k.status == KNEE_FOUND && k.low <= truth && k.high >= truth;
    }
    printf("covered %.3f ", (double)covered / repetitions);
    return (double)covered / repetitions;
}

static void the_interval_covers(void) {
    double c = coverage((struct world){.truth = line, .together = 0.1, .apart = 0.1}, 0.4, 50, 60);
    CU_ASSERT(c > 0.85);
    c = coverage((struct world){.truth = bent, .together = 0.05, .apart = 0.05}, 0.4096, 90, 60);
    CU_ASSERT(c > 0.85);
}

/* Half of it is what a figure's interval makes of the slope, and not much more. */
static void the_interval_is_not_wide(void) {
    struct world w = {.truth = line, .together = 0.1};
    struct knee_question q = question(&w, 0.4);
    double widths = 0;
    for (w.repetition = 0; w.repetition < 40; w.repetition++) {
        struct knee k = knee_find(&q);
        widths += (k.high - k.low) / 2 / 40;
    }
    double ideal = 2.0 * 0.1 / sqrt(SEEDS) * 100; /* two standard errors, slope 1 in 100 */
    CU_ASSERT(widths > 0.85 * ideal && widths < 1.25 * ideal);
}

static void a_curve_that_turns_back_is_told(void) {
    struct world w = {.truth = hump, .together = 0.02, .apart = 0.02};
    struct knee_question q = question(&w, 0.4);
    struct knee k = knee_find(&q);
    CU_ASSERT(k.against < k.count && k.list[k.against].point >= 375);
    uint32_t blamed = 0;
    w = (struct world){.truth = line, .together = 0.3, .apart = 0.3};
    for (w.repetition = 0; w.repetition < 50; w.repetition++) {
        k = knee_find(&q);
        blamed += k.status == KNEE_FOUND && k.against < k.count;
    }
    CU_ASSERT(blamed <= 7); /* at a level of 5 % */
}

static void seeds_grow_until_it_is_precise(void) {
    struct world w = {.truth = line, .together = 0.1};
    struct knee_question q = question(&w, 0.4);
    q.seeds = KNEE_FIRST_LOOK + 10;
    q.precision = 0.2;
    struct knee k = knee_find(&q);
    CU_ASSERT(k.precise && k.seeds == KNEE_FIRST_LOOK);
    q.precision = 0.0001;
    k = knee_find(&q);
    CU_ASSERT(!k.precise && k.seeds == q.seeds);
}

static void contradictions_are_pooled(void) {
    double values[] = {1, 3, 2, 4, 4, 0};
    crossing_pool(values, 6, true);
    for (int k = 1; k < 6; k++) CU_ASSERT(values[k] >= values[k - 1]);
    CU_ASSERT(values[0] == 1);
    double x[] = {0, 1, 2}, up[] = {0, 1, 2}, at;
    CU_ASSERT(crossing_of(x, up, 3, true, 1.5, &at) == CROSSING_INSIDE && fabs(at - 1.5) < 1e-9);
    CU_ASSERT(crossing_of(x, up, 3, true, 5, &at) == CROSSING_BEHIND && at == 2);
    CU_ASSERT(crossing_of(x, up, 3, true, -1, &at) == CROSSING_BEFORE && at == 0);
}

TEST_MAIN("knee", TEST(without_noise_it_is_exact), TEST(what_never_passes_the_limit_has_no_knee),
          TEST(the_interval_covers), TEST(the_interval_is_not_wide),
          TEST(a_curve_that_turns_back_is_told), TEST(seeds_grow_until_it_is_precise),
          TEST(contradictions_are_pooled))
