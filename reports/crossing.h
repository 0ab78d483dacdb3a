/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_CROSSING_H
#define REPORTS_CROSSING_H
/*
 * Where a curve that rises throughout, or falls throughout, meets a limit, from points that noise
 * moved. Points that contradict the direction are pooled (isotonic regression by pooling adjacent
 * violators; Ayer and others, 1955); a monotone curve goes through what is left (Steffen, Astronomy
 * & Astrophysics 239, 1990; GSL's), and Brent's method finds the root (GSL's).
 */
#include "engine/base/base.h"

#define CROSSING_POINTS_MAX 64

enum crossing_side { CROSSING_INSIDE, CROSSING_BEFORE, CROSSING_BEHIND };

/* Makes the values monotone; equal weights. */
void crossing_pool(double *values, uint32_t count, bool rises);
/* x rises strictly. BEFORE and BEHIND: the limit is met before the first point, or behind the last;
 * then *at is that point. Values are pooled in place. */
enum crossing_side crossing_of(const double *x, double *values, uint32_t count, bool rises,
                               double limit, double *at);

#endif
