/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_STATISTICS_H
#define REPORTS_STATISTICS_H
/*
 * Distributions of durations: mean and percentiles (linear between order statistics, GSL's) with
 * 95 % percentile bootstrap intervals (Efron, 1979; 1000 resamples from a fixed stream, so that
 * the same runs give the same report). Figures are whole nanoseconds.
 */
#include "engine/base/simtime.h"

struct estimate {
    time_ns value, low, high; /* low == high == value with fewer than two samples */
};
struct distribution {
    uint32_t count;
    struct estimate mean, p50, p95, p99;
    time_ns min, max;
};

/* Sorts the samples. count 0: all zeros. */
void distribution_of(time_ns *samples, size_t count, struct distribution *out);
/* Samples that come in groups, such as the incidents of one run, which depend on each other: the
 * intervals are over groups, drawn whole (a cluster bootstrap). Group g ends before ends[g]; it may
 * be empty. */
void distribution_of_groups(const time_ns *samples, const uint32_t *ends, size_t groups,
                            struct distribution *out);
/* Without intervals; cheap. */
void distribution_points(time_ns *samples, size_t count, struct distribution *out);

#endif
