/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RUN_CAPACITY_RUNS_H
#define SIM_RUN_CAPACITY_RUNS_H
/*
 * Runs of one scenario at points of one or two keys, each point with the same seeds, made as they
 * are asked for and kept. A run is a sweep's, in a process of its own.
 */
#include "reports/capacity.h"
#include "sim/run/sweep.h"

struct capacity_cell {
    uint32_t x, y;            /* points of the axes */
    struct figured_run *runs; /* by seed, from the first */
    uint32_t count;
    struct refusals refusals;
};
struct capacity_runs {
    struct arena *arena;
    const char *named, *path, *bytes; /* the scenario's file */
    size_t len;
    struct scn_options given;
    struct capacity_axis x, y;
    enum compared figure;
    uint64_t first_seed;
    uint32_t at_once;
    struct sweep_request request; /* a part a cell */
    struct capacity_cell *cells;
    double *times; /* room for what a figure is made of */
    size_t times_room;
    uint64_t runs, not_passed, violations;
    char why[240], reproduce[512];
    enum status status; /* other than OK: runs could not be made, and it was said */
};

/* Loads the scenario at the ends of the range: what cannot be set is told before anything runs.
 * False after a diagnostic. Axes, figure, seeds and options are set by the caller. */
bool capacity_runs_open(struct capacity_runs *runs, const char *named) MUST_CHECK;
/* Sees to it that these points of x, at that one of y, have so many seeds. */
bool capacity_runs_measure(struct capacity_runs *runs, const uint32_t *xs, uint32_t count,
                           uint32_t y, uint32_t seeds) MUST_CHECK;
/* NULL: not asked for yet. */
const struct capacity_cell *capacity_runs_cell(const struct capacity_runs *runs, uint32_t x,
                                               uint32_t y);
/* The figure of a cell over a list of seeds, numbers from 0. */
double capacity_runs_figure(struct capacity_runs *runs, uint32_t x, uint32_t y,
                            const uint32_t *seeds, uint32_t count);
/* The scenario of the first cell: what it is called, and its policy. */
const struct scenario *capacity_runs_scenario(const struct capacity_runs *runs);
void capacity_runs_close(struct capacity_runs *runs);

#endif
