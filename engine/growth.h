/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ENGINE_GROWTH_H
#define ENGINE_GROWTH_H
/*
 * Does memory grow? Pure and in integers. What is looked at is not the memory but its floor: the
 * least that each pod held in each of a row of windows of equal length, longer than a cycle of its
 * garbage collector. So the sawtooth above the floor, whose values hang together and would make any
 * slope over single samples look far surer than it is, drops out before anything is estimated; what
 * is left of it differs from window to window about as independent draws do. (Minima of batches
 * take the place of the batch means of output analysis: Schmeiser, "Batch size effects in the
 * analysis of simulation output", Operations Research 30, 1982.)
 *
 * The slope is the median of the slopes of all pairs of windows (Theil 1950), its lower bound the
 * one that goes with Kendall's S (Sen, "Estimates of the regression coefficient based on Kendall's
 * tau", JASA 63, 1968). S is taken with its exact distribution, the number of permutations by their
 * inversions, so that the level holds with seven windows as with twenty, whatever the noise.
 */
#include "engine/base/base.h"
#include "engine/base/simtime.h"

#define GROWTH_WINDOWS 20 /* 20! fits 64 bits; more are put together in pairs */

struct growth {
    int64_t floor[GROWTH_WINDOWS]; /* any unit, at most 2^40 */
    uint32_t count;
    uint32_t halvings; /* a window is 2^halvings of those that were added */
    uint32_t pending;  /* of those, in the window being filled, whose floor is floor[count] */
};

void growth_add(struct growth *g, int64_t floor);

/* Of the floor's unit, in thousandths, over one window as they are added. False while there are too
 * few windows to say anything at that level: alpha_ppm / looks, one-sided. */
bool growth_low(const struct growth *g, int64_t alpha_ppm, int64_t looks, int64_t *slope_milli);
/* The estimate itself; 0 with fewer than two windows. */
int64_t growth_slope(const struct growth *g);

#endif
