/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/base/prng.h"
#include "reports/demand.h"
#include "tests/runner.h"

#include <math.h>

#define SEEDS 40

/* Luck that both sides share, luck of their own, and what the change does. */
static struct run_summary run_of(uint64_t seed, int side, time_ns shift, int64_t own_luck_ms) {
    struct prng shared = prng_named(seed, "shared", 0),
                own = prng_named(seed, "own", (uint64_t)side);
    time_ns mttr = 30 * NS_PER_S + (time_ns)prng_below(&shared, 20000) * NS_PER_MS;
    if (own_luck_ms > 0) mttr += (time_ns)prng_below(&own, (uint64_t)own_luck_ms) * NS_PER_MS;
    struct run_summary run = {
        .seed = seed, .status = STATUS_OK, .incident_count = 1, .lock_requests = 3};
    run.incidents[0] = (struct mttr_row){
        .repaired = true, .mttr = mttr + (side ? shift : 0), .failed = mttr / NS_PER_MS};
    run.lock_wait = mttr / 10;
    run.lock_timeouts = prng_chance(&shared, 100000);
    return run;
}

static void fill(struct compare *c, uint64_t first, time_ns shift, int64_t own_luck_ms) {
    compare_open(c, 1);
    for (uint64_t seed = first; seed < first + SEEDS; seed++) {
        struct run_summary base = run_of(seed, 0, shift, own_luck_ms),
                           candidate = run_of(seed, 1, shift, own_luck_ms);
        compare_add(&c->base, &base);
        compare_add(&c->candidate, &candidate);
    }
}

static void nothing_changed_shows_nothing(void) {
    struct compare c;
    fill(&c, 1, 0, 0);
    compare_finish(&c, 200);
    for (int k = 0; k < COMPARED_COUNT; k++) {
        CU_ASSERT(!c.of[k].known || c.of[k].low <= 0);
        CU_ASSERT(!c.of[k].known || c.of[k].high >= 0);
        if (c.of[k].known)
            CU_ASSERT_STRING_EQUAL(compared_verdict(&c, (enum compared)k), "no difference shown");
    }
    CU_ASSERT_STRING_EQUAL(compared_verdict(&c, COMPARED_WRONG), "unknown");
    compare_close(&c);
}

/* 200 comparisons of a thing with itself, each side with luck of its own. */
static void alarms_keep_their_level(void) {
    uint32_t raw[COMPARED_COUNT] = {0}, any = 0;
    for (uint64_t repetition = 0; repetition < 200; repetition++) {
        struct compare c;
        bool alarm = false;
        fill(&c, 1000 * (repetition + 1), 0, 10000);
        compare_finish(&c, 199);
        for (int k = 0; k < COMPARED_COUNT; k++) {
            raw[k] += c.of[k].known && c.of[k].p <= COMPARE_LEVEL;
            alarm |= c.of[k].known && c.of[k].adjusted <= COMPARE_LEVEL;
        }
        any += alarm;
        compare_close(&c);
    }
    /* 10 are expected of 200; 21 or more have a chance of 1 in 1000 */
    for (int k = 0; k < COMPARED_COUNT; k++) CU_ASSERT(raw[k] <= 20);
    CU_ASSERT(any <= 20);
}

static void a_shift_is_found(void) {
    struct compare c;
    fill(&c, 1, 1 * NS_PER_S, 2000);
    compare_finish(&c, 1000);
    CU_ASSERT_STRING_EQUAL(compared_verdict(&c, COMPARED_MTTR_MEAN), "worse");
    CU_ASSERT(c.of[COMPARED_MTTR_MEAN].low > 0);
    CU_ASSERT(c.of[COMPARED_MTTR_MEAN].low < 1e9);
    CU_ASSERT(c.of[COMPARED_MTTR_MEAN].high > 1e9);
    compare_close(&c);
    fill(&c, 1, -1 * NS_PER_S, 2000);
    compare_finish(&c, 1000);
    CU_ASSERT_STRING_EQUAL(compared_verdict(&c, COMPARED_MTTR_MEAN), "better");
    compare_close(&c);
}

/* The plain interval of the same two samples, without pairs: 1.96 standard errors. */
static void pairs_are_narrower(void) {
    struct compare c;
    double sum = 0, squares = 0, unpaired;
    fill(&c, 1, NS_PER_S, 2000);
    compare_finish(&c, 1000);
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        double x = (double)run_of(seed, 0, 0, 2000).incidents[0].mttr;
        sum += x;
        squares += x * x;
    }
    unpaired = 2 * 1.96 * sqrt(2 * (squares / SEEDS - sum / SEEDS * (sum / SEEDS)) / SEEDS);
    CU_ASSERT(unpaired > 3 * (c.of[COMPARED_MTTR_MEAN].high - c.of[COMPARED_MTTR_MEAN].low));
    compare_close(&c);
}

static void who_repairs_less_is_not_faster(void) {
    struct compare c;
    compare_open(&c, 1);
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct run_summary base = run_of(seed, 0, 0, 0), candidate = base;
        if (base.incidents[0].mttr > 40 * NS_PER_S) candidate.incidents[0].repaired = false;
        compare_add(&c.base, &base);
        compare_add(&c.candidate, &candidate);
    }
    compare_finish(&c, 1000);
    CU_ASSERT_STRING_EQUAL(compared_verdict(&c, COMPARED_MTTR_MEAN), "no difference shown");
    CU_ASSERT_STRING_EQUAL(compared_verdict(&c, COMPARED_SUCCESS), "worse");
    CU_ASSERT(c.pairs < SEEDS);
    compare_close(&c);
}

static void demands_are_read_and_judged(void) {
    struct compare c;
    struct demands demands;
    struct diags diags = {0};
    char why[300];
    static const bool holds[] = {true, false, true, true, false};
    fill(&c, 1, 2 * NS_PER_S, 0);
    compare_finish(&c, 100);
    CU_ASSERT_FATAL(demands_read(
        &demands,
        " mttr.mean <= 1.1x,mttr.mean<1.01x, success >= 95% , lock_wait < 10s, failed < 5",
        "--gate", &diags));
    CU_ASSERT_EQUAL_FATAL(demands.count, 5);
    for (uint32_t k = 0; k < 5; k++)
        CU_ASSERT_EQUAL(demand_holds(&demands.list[k], &c, why, sizeof why), holds[k]);
    CU_ASSERT_FATAL(demands_read(&demands, "wrong_rollbacks < 5%", "--gate", &diags));
    CU_ASSERT(!demand_holds(&demands.list[0], &c, why, sizeof why)); /* not known is not held */
    compare_close(&c);
}

static void bad_demands_are_named_by_place(void) {
    static const struct {
        const char *text;
        int column;
    } cases[] = {{"", 1},
                 {"mtr.p95 < 1x", 1},
                 {"mttr.p95 1x", 10},
                 {"mttr.p95 < ", 12},
                 {"mttr.p95 < 5", 12},
                 {"success > 0.95", 0},
                 {"success > 95", 11}, /* not 9500 % */
                 {"failed < 5%", 10},
                 {"failed < -5", 10},
                 {"failed < 5 6", 12},
                 {"failed < 5, ", 13},
                 {"lock_wait < 1y", 13},
                 {"failed = 5", 8}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct demands demands;
        struct diags diags = {0};
        bool good = demands_read(&demands, cases[k].text, "--gate", &diags);
        CU_ASSERT_EQUAL(good, cases[k].column == 0);
        CU_ASSERT(good || diags.list[0].column == cases[k].column);
    }
}

TEST_MAIN("compare", TEST(nothing_changed_shows_nothing), TEST(alarms_keep_their_level),
          TEST(a_shift_is_found), TEST(pairs_are_narrower), TEST(who_repairs_less_is_not_faster),
          TEST(demands_are_read_and_judged), TEST(bad_demands_are_named_by_place))
