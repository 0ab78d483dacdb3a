/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ENGINE_COMPARE_H
#define ENGINE_COMPARE_H
/*
 * Canary against stable, and after against before, in integers. Two proportions are compared by
 * Newcombe's hybrid score interval for their difference (Newcombe, "Interval estimation for the
 * difference between independent proportions", Statistics in Medicine 17, 1998, method 10), built
 * on Wilson's score interval (Wilson, JASA 22, 1927). The level over all looks of one canary is
 * alpha; each look spends alpha / looks_max (Bonferroni), so the chance of calling a good canary
 * bad is at most alpha however often one looks. A breach needs both: lower bound of (canary -
 * stable) above 0, and the difference itself at least min_effect.
 */
#include "engine/config.h"

/* One-sided normal quantile z for tail alpha_ppm / looks in thousandths, from an integer table
 * (interpolated, rounded up). */
int64_t compare_z_milli(int64_t alpha_ppm, int64_t looks);

struct proportion {
    int64_t errors, total;
};
void wilson_bounds(struct proportion p, int64_t z_milli, int64_t *low_ppm,
                   int64_t *high_ppm); /* total 0: 0..1e6 */
struct comparison {
    int64_t difference_ppm;    /* a - b */
    int64_t low_ppm, high_ppm; /* Newcombe */
    bool breach;               /* a is worse than b by test and by effect */
    bool enough;               /* both have min_samples */
};
void compare_proportions(struct proportion a, struct proportion b, int64_t z_milli,
                         int64_t min_effect_ppm, int64_t min_samples, struct comparison *out);

#endif
