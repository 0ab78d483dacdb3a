/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The knee of a lock against queueing theory. People ask for one lock as a Poisson stream, keep it
 * for a time whose law is known, and give up after a wait of fixed length: M/G/1+D, first come
 * first served. What an arrival finds as work ahead of it has, up to the patience t, the law of the
 * M/G/1 queue but for a factor, P(V <= x) = p G(x); who comes is served if V <= t, and the lock is
 * free for a share p. So 1 - loss = p G(t) and rho (1 - loss) = 1 - p, hence
 *
 *   loss = 1 - G / (1 + rho G)
 *
 * for any rho, 1 and more too (the identity behind de Kok and Tijms, "A queueing system with
 * impatient customers", Journal of Applied Probability 22, 1985). With rho the load, mean hold 1:
 *
 *   fixed holds         G = sum over k <= t of (rho (k - t))^k exp(rho (t - k)) / k!   (Erlang,
 * 1909) exponential holds   G = 1 + rho (1 - exp(-(1 - rho) t)) / (1 - rho)
 *
 * Where loss is a tenth, GSL finds; the simulated knee's interval has to hold it.
 */
#include "sim/run/capacity_key.h"
#include "sim/run/capacity_runs.h"
#include "tests/runner.h"

#include <gsl/gsl_roots.h>
#include <gsl/gsl_sf_gamma.h>
#include <math.h>

#define HOLD     5.0 /* seconds; as scenarios/load/lock_load.yaml has them */
#define PATIENCE 2.0 /* of holds */
#define LIMIT    0.1

static double fixed_holds(double rho) {
    double sum = 0;
    for (unsigned k = 0; k <= (unsigned)PATIENCE; k++)
        sum += pow(rho * (k - PATIENCE), k) * exp(rho * (PATIENCE - k)) / gsl_sf_fact(k);
    return sum;
}

static double exponential_holds(double rho) {
    double apart = 1 - rho;
    double part = fabs(apart) < 1e-9 ? PATIENCE : (1 - exp(-apart * PATIENCE)) / apart;
    return 1 + rho * part;
}

static double over_limit(double rho, void *context) {
    double (*const *law)(double) = context;
    double g = (*law)(rho);
    return 1 - g / (1 + rho * g) - LIMIT;
}

/* A minute. */
static double knee_in_theory(double (*law)(double)) {
    gsl_function f = {over_limit, &law};
    gsl_root_fsolver *solver = gsl_root_fsolver_alloc(gsl_root_fsolver_brent);
    gsl_root_fsolver_set(solver, &f, 0.01, 3);
    for (int step = 0; step < 100; step++) gsl_root_fsolver_iterate(solver);
    double rho = gsl_root_fsolver_root(solver);
    gsl_root_fsolver_free(solver);
    return rho * 60 / HOLD;
}

static bool measure(void *context, const uint32_t *points, uint32_t count, uint32_t seeds) {
    return capacity_runs_measure(context, points, count, 0, seeds);
}
static double figure(void *context, uint32_t point, const uint32_t *seeds, uint32_t count) {
    return capacity_runs_figure(context, point, 0, seeds, count);
}

static struct knee knee_simulated(const char *vary, const char *set) {
    struct arena arena;
    struct diags diags = {0};
    arena_open(&arena);
    struct capacity_runs runs = {.arena = &arena,
                                 .given = {.set = set},
                                 .figure = COMPARED_CONTENTION,
                                 .first_seed = 1,
                                 .at_once = 2};
    CU_ASSERT_FATAL(capacity_key_read(&runs.x, vary, &diags));
    CU_ASSERT_FATAL(capacity_runs_open(&runs, "lock_load"));
    struct knee_question q = {.context = &runs,
                              .measure = measure,
                              .figure = figure,
                              .low = runs.x.low,
                              .step = runs.x.step,
                              .last = runs.x.last,
                              .limit = LIMIT,
                              .curve = 5,
                              .seeds_first = 12,
                              .seeds = 24};
    struct knee knee = knee_find(&q);
    CU_ASSERT(runs.not_passed == 0);
    capacity_runs_close(&runs);
    arena_close(&arena);
    return knee;
}

/* widest: of the interval, relative to the knee; one that says nothing holds everything. */
static void compare(const char *vary, const char *set, double (*law)(double), double widest) {
    double theory = knee_in_theory(law);
    struct knee knee = knee_simulated(vary, set);
    printf("theory %.4f, simulated %.4f [%.4f, %.4f] ", theory, knee.at, knee.low, knee.high);
    CU_ASSERT(knee.status == KNEE_FOUND && knee.rises);
    CU_ASSERT(knee.low <= theory && theory <= knee.high);
    CU_ASSERT(knee.high - knee.low < widest * theory);
    CU_ASSERT(knee.against == knee.count);
}

static void fixed(void) { compare("incidents.rate=4/min..16/min", NULL, fixed_holds, 0.1); }
static void exponential(void) {
    compare("incidents.rate=2/min..12/min", "incidents.keeps=exponential", exponential_holds, 0.25);
}

TEST_MAIN("capacity_theory", TEST(fixed), TEST(exponential))
