/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_JUDGE_BOUNDS_H
#define REPORTS_JUDGE_BOUNDS_H
/* What a scenario bounds and forbids, beside reactions and outcomes: bounds.def, must_not.def. */
#include "reports/judge/truth.h"

/* Adds every bound of the expectation that does not hold, its time to repair first, by the key and
 * in the units of a scenario's file. A key that is not in the table does not hold either. */
void bounds_check(const struct facts *facts, const struct judged *judged, struct reasons *reasons);
/* Adds every forbidden thing that happened. */
void must_not_check(const struct facts *facts, struct verdict *verdict);
/* Time that the incident's operations stood in lock queues or between attempts. */
time_ns lock_wait_of(const struct facts *facts, const struct incident *incident);

#endif
