/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_COMPARE_H
#define REPORTS_COMPARE_H
/*
 * Two campaigns over the same scenarios and seeds: what changed, and how sure that is. A seed is
 * the same luck on both sides (common random numbers), so runs are compared pair by pair and what
 * luck does to both falls out of the difference. For each figure:
 *
 *   interval  95 %, by resampling seeds, each with both its sides (percentile bootstrap; Efron,
 *             1979)
 *   p         of the difference if the change did nothing: sides are swapped seed by seed, and
 *             how often is the difference as large? (paired randomisation test; Fisher, 1935)
 *   verdict   by p corrected for looking at all figures (Holm, 1979), level 5 %
 *
 * Times to repair are of incidents that were repaired on both sides; who repairs fewer shows in
 * "success". Streams are fixed: the same results compare the same.
 */
#include "reports/figured.h"

#define COMPARE_LEVEL     0.05
#define COMPARE_RESAMPLES 1000

struct compared_figure {
    bool known;             /* on both sides; a share of nothing is not */
    double base, candidate; /* NaN where not known */
    double low, high;       /* of candidate - base */
    double p, adjusted;     /* 1 where not known */
};
struct compare_side {
    struct figured_run *runs; /* in the order of adding */
    uint32_t count, capacity;
};
struct compare {
    struct compare_side base, candidate;
    uint32_t runs_a_seed;  /* scenarios; runs of one seed stand together */
    uint32_t seeds, pairs; /* pairs: incidents repaired on both sides */
    struct compared_figure of[COMPARED_COUNT];
};

/* runs_a_seed > 0. */
void compare_open(struct compare *c, uint32_t runs_a_seed);
void compare_add(struct compare_side *side, const struct run_summary *run);
/* Both sides hold the same runs in the same order, whole seeds. */
void compare_finish(struct compare *c, uint32_t resamples);
void compare_close(struct compare *c);

/* "better", "worse" or "no difference shown" */
const char *compared_verdict(const struct compare *c, enum compared which);

#endif
