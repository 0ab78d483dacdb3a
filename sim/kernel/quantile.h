/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_KERNEL_QUANTILE_H
#define SIM_KERNEL_QUANTILE_H
/*
 * Sampling by integer inverse-CDF tables: a table of quantiles of a distribution with mean 1, as
 * integers scaled by 2^20, rounded to 30 significant bits when it was filled (by GSL, outside:
 * sim/world/dist.c). A draw takes one random number: its high bits pick a cell, the rest
 * interpolate linearly; the last cells on either side are subdivided (geometrically, "fine in the
 * tails") so that the tail reaches 1 - 2^-32.
 */
#include "engine/base/prng.h"
#include "engine/base/simtime.h"

#define QUANTILE_CELLS                                                                             \
    1024 /* body cells; cells 0 and 1023 are split in 22 geometric tail cells                      \
          */
#define QUANTILE_TAIL 22
struct quantile_table {
    /* knots of Q(u) * 2^20: body u = i/1024; low tail u = 2^-10-k, high tail 1 - u likewise, k =
     * 0..22 */
    uint64_t body[QUANTILE_CELLS + 1];
    uint64_t low[QUANTILE_TAIL + 1], high[QUANTILE_TAIL + 1];
};

/* A draw with the given mean; >= 0. Exactly one random number. */
time_ns quantile_draw(const struct quantile_table *table, struct prng *stream, time_ns mean_ns);

#endif
