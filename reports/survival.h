/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_SURVIVAL_H
#define REPORTS_SURVIVAL_H
/*
 * How long incidents stand, those that were not repaired counted for as long as they were watched:
 * the product-limit estimate (Kaplan, Meier, 1958). A quantile is the first time by which that
 * share is repaired. It takes it that who was handed over would have been repaired like the others;
 * that is an assumption, so the plain figures of the repaired ones stand beside it.
 */
#include "reports/statistics.h"

struct survival_sample {
    time_ns time;
    bool repaired; /* else it was watched so long, and stood */
};
/* Times are TIME_NEVER where fewer than that share are repaired, however long one waits. */
struct survival {
    uint32_t count, repaired;
    struct estimate p50, p95; /* 95 % percentile bootstrap intervals, as of distribution_of */
};

/* Sorts the samples. count 0: all TIME_NEVER. */
void survival_of(struct survival_sample *samples, size_t count, struct survival *out);

#endif
