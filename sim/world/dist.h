/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_WORLD_DIST_H
#define SIM_WORLD_DIST_H
/*
 * Distributions with mean 1 as quantile tables, filled once by GSL's quantile functions when a
 * world is built and rounded to 30 significant bits, so that processors whose libm differ in last
 * bits agree. The tables' digest stands in the trace header: a machine that differs is named, not
 * suspected.
 */
#include "engine/base/arena.h"
#include "sim/kernel/quantile.h"
#include "topologies/topology.h"

struct dist_tables; /* one exponential, one Erlang-2, and a lognormal for each coefficient of
                       variation in use */
struct dist_tables *dist_open(struct arena *arena, const struct topology *topology);
const struct quantile_table *dist_table(const struct dist_tables *tables, enum topo_distribution d,
                                        int64_t cv_ppm); /* NULL: TOPO_FIXED */
uint64_t dist_digest(const struct dist_tables *tables);

#endif
