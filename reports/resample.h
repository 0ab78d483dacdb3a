/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_RESAMPLE_H
#define REPORTS_RESAMPLE_H
/*
 * How sure is a figure that is made of runs? Seeds are drawn with replacement, each with all its
 * runs (a bootstrap of whole clusters: what shares a seed shares its luck), and the figure is made
 * again. The interval is the expanded percentile one, whose level makes up for how narrow few seeds
 * make a bootstrap (Hesterberg, "What teachers should know about the bootstrap", The American
 * Statistician 69, 2015). Streams are fixed: the same runs give the same interval.
 */
#include "engine/base/base.h"

struct resampled {
    double low, high; /* 95 %; NaN with fewer than two seeds, or if nothing was known */
    double deviation; /* standard error, widened as the interval is */
    double lost;      /* share of resamples in which the figure was not known */
};

/* of: the figure over a list of seeds, numbers from 0, each as often as it was drawn; NaN: it is
 * not known. stream tells resamples of different figures apart. */
struct resampled resample(uint32_t seeds, uint64_t stream, uint32_t resamples,
                          double (*of)(void *context, const uint32_t *drawn, uint32_t count),
                          void *context);

/* What a two-sided t test of that level takes as a difference, in standard errors. */
double resample_quantile(double level, uint32_t seeds);

#endif
