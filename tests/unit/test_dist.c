/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/world/dist.h"
#include "tests/runner.h"
#include <gsl/gsl_cdf.h>
#include <math.h>

static const struct topo_service services[] = {
    {.name = "a", .distribution = TOPO_LOGNORMAL, .cv_ppm = 2000000},
    {.name = "b", .distribution = TOPO_LOGNORMAL, .cv_ppm = 500000},
    {.name = "c", .distribution = TOPO_EXPONENTIAL},
    {.name = "d", .distribution = TOPO_LOGNORMAL, .cv_ppm = 2000000},
};
static const struct topology topology = {.service_count = 4, .services = services};

static struct arena arena;
static struct dist_tables *open_tables(void) {
    arena_open(&arena);
    return dist_open(&arena, &topology);
}

/* The largest relative distance of a knot from the quantile; below 2^-10 of the mean, of that. */
static double worst(const struct quantile_table *t, double (*quantile)(double p, double q)) {
    double largest = 0;
    for (int i = -QUANTILE_TAIL; i < QUANTILE_CELLS + QUANTILE_TAIL; i++) {
        int k = i < 1 ? -i : i - QUANTILE_CELLS + 1;
        bool low = i < 1, high = i >= QUANTILE_CELLS - 1;
        double p = low ? ldexp(1, -10 - k) : (double)i / QUANTILE_CELLS;
        double q = high ? ldexp(1, -10 - k) : 1 - p;
        double knot = ldexp((double)(low ? t->low[k] : high ? t->high[k] : t->body[i]), -20);
        double exact = quantile(p, q);
        double error = fabs(knot - exact) / fmax(exact, ldexp(1, -10));
        if (error > largest) largest = error;
    }
    return largest;
}

static double exponential(double p, double q) {
    return p < q ? gsl_cdf_exponential_Pinv(p, 1) : gsl_cdf_exponential_Qinv(q, 1);
}
static double erlang2(double p, double q) {
    return p < q ? gsl_cdf_gamma_Pinv(p, 2, 0.5) : gsl_cdf_gamma_Qinv(q, 2, 0.5);
}
static double lognormal_half(double p, double q) {
    double variance = log1p(0.25), zeta = -variance / 2, sigma = sqrt(variance);
    return p < q ? gsl_cdf_lognormal_Pinv(p, zeta, sigma) : gsl_cdf_lognormal_Qinv(q, zeta, sigma);
}
static double lognormal_two(double p, double q) {
    double variance = log1p(4), zeta = -variance / 2, sigma = sqrt(variance);
    return p < q ? gsl_cdf_lognormal_Pinv(p, zeta, sigma) : gsl_cdf_lognormal_Qinv(q, zeta, sigma);
}

static void knots_are_gsl_s_quantiles(void) {
    struct dist_tables *tables = open_tables();
    /* Tables are scaled to a drawn mean of 1; heavier tails need more of it. */
    CU_ASSERT(worst(dist_table(tables, TOPO_EXPONENTIAL, 0), exponential) < 2e-3);
    CU_ASSERT(worst(dist_table(tables, TOPO_ERLANG2, 0), erlang2) < 2e-3);
    CU_ASSERT(worst(dist_table(tables, TOPO_LOGNORMAL, 500000), lognormal_half) < 2e-3);
    CU_ASSERT(worst(dist_table(tables, TOPO_LOGNORMAL, 2000000), lognormal_two) < 2e-3);
    arena_close(&arena);
}

/* Mean and variance of what is drawn, within five standard errors. */
static void check_draws(const struct quantile_table *t, double cv, double excess_kurtosis) {
    enum { DRAWS = 1000000, MEAN_NS = 1000000 };
    struct prng stream = prng_named(1, "test.dist", 0);
    double sum = 0, squares = 0;
    for (int i = 0; i < DRAWS; i++) {
        double x = (double)quantile_draw(t, &stream, MEAN_NS) / MEAN_NS;
        sum += x;
        squares += x * x;
    }
    double mean = sum / DRAWS, variance = squares / DRAWS - mean * mean;
    CU_ASSERT(fabs(mean - 1) < 5 * cv / sqrt(DRAWS));
    CU_ASSERT(fabs(variance - cv * cv) < 5 * cv * cv * sqrt((excess_kurtosis + 2) / DRAWS));
}

static void draws_have_the_stated_moments(void) {
    struct dist_tables *tables = open_tables();
    check_draws(dist_table(tables, TOPO_EXPONENTIAL, 0), 1, 6);
    check_draws(dist_table(tables, TOPO_ERLANG2, 0), sqrt(0.5), 3);
    double w = 1.25; /* exp(sigma squared) */
    check_draws(dist_table(tables, TOPO_LOGNORMAL, 500000), 0.5,
                w * w * w * w + 2 * w * w * w + 3 * w * w - 6);
    arena_close(&arena);
}

static void fixed_has_no_table(void) {
    struct dist_tables *tables = open_tables();
    CU_ASSERT_PTR_NULL(dist_table(tables, TOPO_FIXED, 0));
    arena_close(&arena);
}

/* Pins the tables themselves: a value that moves changes every trace there is. */
static void digest_is_the_known_one(void) {
    struct dist_tables *tables = open_tables();
    CU_ASSERT_EQUAL(dist_digest(tables), UINT64_C(0xd2909983006e9913));
    arena_close(&arena);
}

TEST_MAIN("dist", TEST(knots_are_gsl_s_quantiles), TEST(draws_have_the_stated_moments),
          TEST(fixed_has_no_table), TEST(digest_is_the_known_one))
