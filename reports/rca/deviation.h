/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_RCA_DEVIATION_H
#define REPORTS_RCA_DEVIATION_H
/*
 * How far a recorded series is from what it was. Two windows: the baseline, and the abnormal one,
 * both half-open [from, to). The level of either is robust (median of the baseline; the mean of the
 * abnormal samples, trimmed by a tenth when there are many), and the deviation is measured in the
 * spread that means over a window of the same length have within the baseline: noise that is
 * correlated in time, and a day's rise and fall, do not count as an event. The spread is at least a
 * fiftieth of the level, so that a series without any spread has a finite deviation.
 * Robust scale: 1.4826 median absolute deviations (Rousseeuw and Croux, 1993).
 */
#include "engine/base/arena.h"
#include "reports/rca/recording.h"

struct window {
    double from, to;
};
struct deviation {
    bool known;         /* enough samples on both sides */
    bool gone;          /* there were samples, and in the abnormal window there are none */
    double before, now; /* levels */
    double spread;      /* of such means, in the series' unit; > 0 */
    double z;           /* (now - before) / spread */
};

struct deviation_scratch {
    double *values, *means; /* as long as the longest series */
};
void deviation_scratch_open(struct deviation_scratch *s, struct arena *arena,
                            const struct rca_recording *r);
/* scale: what is a level's least that matters, in the series' unit; 0 if nothing is known. */
struct deviation deviation_of(struct deviation_scratch *scratch, const struct recorded_series *s,
                              struct window baseline, struct window abnormal, double scale);

#endif
