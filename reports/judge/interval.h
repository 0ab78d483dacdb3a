/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_JUDGE_INTERVAL_H
#define REPORTS_JUDGE_INTERVAL_H
/*
 * What chance alone may do, in floating point and straight from the formulas, to hold the engine's
 * integers against: Wilson's bounds of a share (E. B. Wilson, JASA 22, 1927), Newcombe's of a
 * difference (method 10 in Statistics in Medicine 17, 1998), Sen's bound of a slope (JASA 63,
 * 1968). Shares are 0 to 1.
 */
#include "engine/base/base.h"

struct share_of {
    int64_t part, whole;
};
struct bounds_of {
    double low, share, high;
};
/* The upper quantile of the normal distribution: P(Z > z) = tail, 0 < tail <= 1/2. */
double interval_z(double tail);
struct bounds_of interval_wilson(struct share_of share, double z);
struct bounds_of interval_newcombe(struct share_of a, struct share_of b, double z); /* of a - b */
/* Of all pairs of a row of so many figures: how many may fall while chance alone has no more of
 * them fall at this level; -1: none. */
int64_t interval_falling(uint32_t count, double level);

#endif
