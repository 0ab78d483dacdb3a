/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/compare.h"
#include "engine/base/prng.h"
#include "tests/runner.h"
#include <math.h>
#include <stdlib.h>

static double tail_of(double z) { return 0.5 * erfc(z / sqrt(2)); }

/* The reference: bisection on erfc. */
static double quantile_of(double tail) {
    double low = 0, high = 12;
    for (int i = 0; i < 80; i++) {
        double middle = (low + high) / 2;
        if (tail_of(middle) > tail)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static void z_is_never_smaller_than_the_truth(void) {
    static const int64_t alphas[] = {1, 100, 1000, 10000, 50000, 100000, 250000, 400000, 500000};
    double worst_below = 0, worst_above = 0;
    for (size_t a = 0; a < ARRAY_LEN(alphas); a++)
        for (int64_t looks = 1; looks <= 600; looks += 1 + looks / 8) {
            double tail = (double)alphas[a] / 1e6 / (double)looks;
            if (tail < 1e-7) continue;
            double above = (double)compare_z_milli(alphas[a], looks) / 1e3 - quantile_of(tail);
            worst_below = fmax(worst_below, -above);
            worst_above = fmax(worst_above, above);
        }
    CU_ASSERT(worst_below <= 0);
    CU_ASSERT(worst_above < 0.012);
    CU_ASSERT_EQUAL(compare_z_milli(500000, 1), 0);
    CU_ASSERT_EQUAL(compare_z_milli(900000, 1), 0);
    CU_ASSERT_EQUAL(compare_z_milli(50000, 1), 1651); /* truth: 1644.85; chords lie above */
    CU_ASSERT(tail_of((double)compare_z_milli(1, INT64_MAX) / 1e3) < 1e-25);
}

static void wilson_reference(double e, double n, double z, double *low, double *high) {
    double p = e / n, whole = 1 + z * z / n, centre = (p + z * z / (2 * n)) / whole;
    double half = z / whole * sqrt(p * (1 - p) / n + z * z / (4 * n * n));
    *low = fmax(0, centre - half);
    *high = fmin(1, centre + half);
}

static struct proportion some_proportion(struct prng *luck) {
    int64_t n = 1 + (int64_t)(prng_next(luck) >> (24 + prng_below(luck, 40)));
    return (struct proportion){(int64_t)prng_below(luck, (uint64_t)n + 1), n};
}

static double off(int64_t ppm, double truth) { return fabs((double)ppm - truth * 1e6); }

static void bounds_are_those_of_doubles(void) {
    struct prng luck = prng_named(3, "bounds", 0);
    double worst_wilson = 0, worst_newcombe = 0, low[2], high[2];
    for (int round = 0; round < 20000; round++) {
        struct proportion p[2] = {some_proportion(&luck), some_proportion(&luck)};
        int64_t z = (int64_t)prng_below(&luck, 5300), low_ppm, high_ppm;
        double share[2];
        for (int i = 0; i < 2; i++) {
            double n = (double)p[i].total;
            share[i] = (double)p[i].errors / n;
            wilson_reference((double)p[i].errors, n, (double)z / 1e3, &low[i], &high[i]);
            wilson_bounds(p[i], z, &low_ppm, &high_ppm);
            worst_wilson = fmax(worst_wilson, fmax(off(low_ppm, low[i]), off(high_ppm, high[i])));
        }
        struct comparison c;
        compare_proportions(p[0], p[1], z, 0, 1, &c);
        double d = share[0] - share[1];
        double down = hypot(share[0] - low[0], high[1] - share[1]);
        double up = hypot(high[0] - share[0], share[1] - low[1]);
        worst_newcombe =
            fmax(worst_newcombe, fmax(off(c.low_ppm, d - down), off(c.high_ppm, d + up)));
        worst_newcombe = fmax(worst_newcombe, off(c.difference_ppm, d));
    }
    CU_ASSERT(worst_wilson <= 1.01);
    CU_ASSERT(worst_newcombe <= 1.01);
}

/* Newcombe 1998, table II, method 10, two-sided 95 %: 56/70 - 48/80 and 9/10 - 3/10. */
static void published_intervals(void) {
    struct comparison c;
    compare_proportions((struct proportion){56, 70}, (struct proportion){48, 80}, 1960, 0, 1, &c);
    CU_ASSERT(labs(c.low_ppm - 52400) <= 50 && labs(c.high_ppm - 333900) <= 50);
    compare_proportions((struct proportion){9, 10}, (struct proportion){3, 10}, 1960, 0, 1, &c);
    CU_ASSERT(labs(c.low_ppm - 170500) <= 50 && labs(c.high_ppm - 809000) <= 50);
}

static void edges(void) {
    struct comparison c;
    int64_t low, high;
    wilson_bounds((struct proportion){0, 0}, 1645, &low, &high);
    CU_ASSERT(low == 0 && high == 1000000);
    wilson_bounds((struct proportion){0, 100}, 1645, &low, &high);
    CU_ASSERT(low == 0 && high > 0);
    wilson_bounds((struct proportion){100, 100}, 1645, &low, &high);
    CU_ASSERT(low < 1000000 && high == 1000000);
    wilson_bounds((struct proportion){101, 100}, 1645, &low, &high);
    CU_ASSERT(low < 1000000 && high == 1000000);
    /* counts over a window may disagree a little: a part is never more than the whole */
    int64_t all_low = low;
    wilson_bounds((struct proportion){200, 100}, 1645, &low, &high);
    CU_ASSERT(low == all_low && high == 1000000);
    wilson_bounds((struct proportion){-5, 100}, 1645, &low, &high);
    CU_ASSERT(low == 0 && high == 1000000 - all_low);
    compare_proportions((struct proportion){50, 50}, (struct proportion){0, 0}, 1645, 0, 0, &c);
    CU_ASSERT(!c.enough && !c.breach);
    /* sure, but too few; sure and enough, but too small an effect */
    compare_proportions((struct proportion){50, 50}, (struct proportion){0, 5000}, 1645, 0, 51, &c);
    CU_ASSERT(!c.enough && !c.breach && c.low_ppm > 0);
    struct proportion a = {30000, 1000000}, b = {20000, 1000000};
    compare_proportions(a, b, 1645, 10000, 50, &c);
    CU_ASSERT(c.breach && c.difference_ppm == 10000);
    compare_proportions(a, b, 1645, 10001, 50, &c);
    CU_ASSERT(!c.breach && c.low_ppm > 0);
}

static void a_bad_canary_is_found(void) {
    struct comparison c;
    int64_t z = compare_z_milli(50000, 8);
    compare_proportions((struct proportion){375 * 22 / 100, 375}, (struct proportion){513, 3375}, z,
                        20000, 50, &c);
    CU_ASSERT(c.breach);
    CU_ASSERT(c.low_ppm > 0 && c.low_ppm < c.difference_ppm && c.difference_ppm < c.high_ppm);
    compare_proportions((struct proportion){57, 375}, (struct proportion){513, 3375}, z, 20000, 50,
                        &c);
    CU_ASSERT(!c.breach);
}

/* One canary no different from stable, looked at after each second; true if it is called bad. */
static bool wrongly_called_bad(struct prng *luck, int64_t z) {
    struct proportion canary = {0, 0}, stable = {0, 0};
    struct comparison c;
    for (int look = 0; look < 8; look++) {
        for (int i = 0; i < 125; i++) canary.errors += prng_chance(luck, 152000);
        for (int i = 0; i < 1125; i++) stable.errors += prng_chance(luck, 152000);
        canary.total += 125;
        stable.total += 1125;
        compare_proportions(canary, stable, z, 0, 50, &c);
        if (c.breach) return true;
    }
    return false;
}

static void the_level_holds_under_repeated_looks(void) {
    int64_t canaries = 4000, split = 0, unsplit = 0;
    for (int64_t i = 0; i < canaries; i++) {
        struct prng luck = prng_named(4, "null canary", (uint64_t)i), same = luck;
        split += wrongly_called_bad(&luck, compare_z_milli(50000, 8));
        unsplit += wrongly_called_bad(&same, compare_z_milli(50000, 1));
    }
    /* a share of 5 % gives at most 232 of 4000 with 99 % probability */
    CU_ASSERT(split <= 232);
    CU_ASSERT(split > 0);
    CU_ASSERT(unsplit > 400); /* why the level is split: looked at each second it does not hold */
}

TEST_MAIN("compare", TEST(z_is_never_smaller_than_the_truth), TEST(bounds_are_those_of_doubles),
          TEST(published_intervals), TEST(edges), TEST(a_bad_canary_is_found),
          TEST(the_level_holds_under_repeated_looks))
