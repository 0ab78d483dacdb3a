/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A comparison of two sides that are the same finds nothing, but by chance, and no more often than
 * its level. A repetition compares runs of one policy with runs of the same one, on seeds that are
 * nobody else's, as if they were pairs. A figure is significant if its p is at most 5 %, and a
 * repetition if any figure's corrected p is; each may happen as often as the 99.95th percentile of
 * a binomial distribution says. With a side that is not the same they have to be.
 *
 * FIREDRILL_REPETITIONS: 200 in the long tier of CI, a few and only of the cheaper load otherwise.
 */
#include "reports/compare.h"
#include "reports/forms/sweep_lines.h"
#include "sim/run/sweep_process.h"
#include "sim/run/workers.h"
#include "tests/runner.h"

#include <stdlib.h>
#include <unistd.h>

#include <gsl/gsl_cdf.h>

/* A side. The rarest of 2^7 swaps has a p of 1.6 %, which is none of 5 % once it is corrected for
 * nine figures; of 2^10 it is 0.2 %. */
#define LOCK_SEEDS     10
#define INCIDENT_SEEDS 7
#define REPETITIONS    10
#define MOST           1000
#define CHANCE         5e-4 /* of more than that, for each figure */

#define LOCKS   "duration=3m,incidents.until=2m,incidents.rate=12/min"
#define CROWDED "duration=3m,incidents.until=2m,incidents.rate=16/min"
#define INCIDENTS                                                                                  \
    "duration=110s,incidents.rate=120/h,incidents.from=10s,incidents.until=40s,"                   \
    "roles.payment.rate=60/s"

static uint32_t repetitions(void) {
    const char *asked = getenv("FIREDRILL_REPETITIONS");
    long count = asked ? strtol(asked, NULL, 10) : 0;
    return count > 0 && count <= MOST ? (uint32_t)count : REPETITIONS;
}

/* ---- runs ---- */

struct pool {
    struct sweep_request request;
    struct run_summary *runs;
};

static enum status run_unit(void *context, uint64_t unit, struct bytes *answer) {
    const struct pool *pool = context;
    return sweep_unit_run(&pool->request, unit, answer);
}

static bool take_answer(void *context, uint64_t unit, const struct worked *worked) {
    struct pool *pool = context;
    const char *expected, *line = (const char *)worked->answer.bytes;
    return worked->status == STATUS_OK &&
           sweep_run_read(line, strlen(line), &pool->runs[unit], &expected);
}

/* One run a seed, from "first" on; the caller frees them. */
static struct run_summary *runs_of(const char *scenario, const char *set, uint64_t first,
                                   uint32_t count) {
    char seeds[48];
    const char *words[] = {scenario, "--set", set, "--seeds", seeds, "--out", "/dev/null"};
    struct arena arena;
    struct pool pool = {.runs = calloc(count, sizeof *pool.runs)};
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    arena_open(&arena);
    snprintf(seeds, sizeof seeds, "%llu..%llu", (unsigned long long)first,
             (unsigned long long)(first + count - 1));
    CU_ASSERT_FATAL(pool.runs != NULL);
    CU_ASSERT_FATAL(sweep_process_request((int)ARRAY_LEN(words), words, &arena, &pool.request));
    pool.request.folder = NULL; /* no traces are kept */
    struct work work = {&pool, count, processors > 0 ? (uint32_t)processors : 1, run_unit,
                        take_answer};
    CU_ASSERT_FATAL(work_run(&work));
    arena_close(&arena);
    return pool.runs;
}

/* ---- how often ---- */

struct tally {
    uint32_t known[COMPARED_COUNT], significant[COMPARED_COUNT], any, repetitions;
};

/* Repetition k takes the k-th "seeds" runs of either side. */
static struct tally compare_all(const struct run_summary *base, const struct run_summary *candidate,
                                uint32_t seeds, uint32_t count) {
    struct tally tally = {.repetitions = count};
    for (uint32_t k = 0; k < count; k++) {
        struct compare c;
        bool any = false;
        compare_open(&c, 1);
        for (uint32_t n = k * seeds; n < (k + 1) * seeds; n++) {
            compare_add(&c.base, &base[n]);
            compare_add(&c.candidate, &candidate[n]);
        }
        compare_finish(&c, COMPARE_RESAMPLES);
        for (int f = 0; f < COMPARED_COUNT; f++) {
            tally.known[f] += c.of[f].known;
            tally.significant[f] += c.of[f].known && c.of[f].p <= COMPARE_LEVEL;
            any |= c.of[f].known && c.of[f].adjusted <= COMPARE_LEVEL;
        }
        tally.any += any;
        compare_close(&c);
    }
    return tally;
}

/* So often at most, but for a chance of CHANCE. */
static uint32_t most_by_chance(uint32_t of) {
    uint32_t most = 0;
    while (gsl_cdf_binomial_Q(most, COMPARE_LEVEL, of) > CHANCE) most++;
    return most;
}

static void nothing_is_found(const char *scenario, const char *set, uint32_t seeds) {
    uint32_t count = repetitions();
    struct run_summary *runs = runs_of(scenario, set, 1, 2 * count * seeds);
    struct tally tally = compare_all(runs, runs + (size_t)count * seeds, seeds, count);
    for (int f = 0; f < COMPARED_COUNT; f++) {
        CU_ASSERT(tally.significant[f] <= most_by_chance(tally.known[f]));
        if (tally.known[f] > 0)
            printf("\n  %-18s %u of %u, at most %u", compared_name((enum compared)f),
                   tally.significant[f], tally.known[f], most_by_chance(tally.known[f]));
    }
    printf("\n  %-18s %u of %u, at most %u ", "any, corrected", tally.any, count,
           most_by_chance(count));
    CU_ASSERT(tally.any <= most_by_chance(count));
    CU_ASSERT(tally.known[COMPARED_PASSED] == count);
    free(runs);
}

static void the_same_locks(void) { nothing_is_found("lock_load", LOCKS, LOCK_SEEDS); }
static void the_same_incidents(void) {
    if (getenv("FIREDRILL_REPETITIONS"))
        nothing_is_found("incident_load", INCIDENTS, INCIDENT_SEEDS);
}

static void what_differs_is_found(void) {
    uint32_t count = REPETITIONS;
    struct run_summary *base = runs_of("lock_load", LOCKS, 1, count * LOCK_SEEDS);
    struct run_summary *other = runs_of("lock_load", CROWDED, 100001, count * LOCK_SEEDS);
    struct tally tally = compare_all(base, other, LOCK_SEEDS, count);
    CU_ASSERT(tally.significant[COMPARED_LOCK_WAIT] > most_by_chance(count));
    CU_ASSERT(tally.significant[COMPARED_CONTENTION] > most_by_chance(count));
    CU_ASSERT(tally.any > most_by_chance(count));
    free(base);
    free(other);
}

TEST_MAIN("compare_chance", TEST(the_same_locks), TEST(the_same_incidents),
          TEST(what_differs_is_found))
