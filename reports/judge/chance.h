/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_JUDGE_CHANCE_H
#define REPORTS_JUDGE_CHANCE_H
/*
 * What chance does to figures of a few requests. One failure of fifteen is 6.7 %, and a service
 * that fails one of a thousand shows it once in seventy such windows: a figure is held against
 * somebody only where it lies beyond its limit by more than that. Of many requests next to nothing
 * is chance, and the limit binds as it stands.
 */
#include "engine/base/base.h"

/* Whether so many failures of so many requests would be a rarity (three standard deviations of a
 * binomial, corrected for whole numbers) if the share that fails were limit_ppm. */
bool chance_excludes(int64_t failed, int64_t requests, int64_t limit_ppm);

/* A mean of figures, weighted by their requests, and what tells how sure it is; begins as zeros. */
struct chance_mean {
    int128 sum, squares, crossed, weights; /* of w x, w^2 x^2, w^2 x, w^2 */
    int64_t weight, count;
};
void chance_add(struct chance_mean *mean, int64_t figure_us, int64_t weight);
/* Whether one mean is above another times factor_ppm by more than four standard errors of both.
 * False where fewer than ten figures were seen of either: how they spread is not known then. */
bool chance_above(const struct chance_mean *one, const struct chance_mean *other,
                  int64_t factor_ppm);

#endif
