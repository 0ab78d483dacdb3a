/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_JUDGE_BOUNDS_H
#define REPORTS_JUDGE_BOUNDS_H
/* What a scenario bounds and forbids, beside reactions and outcomes: bounds.def, must_not.def. */
#include "reports/judge/truth.h"

/* The first bound of the expectation that does not hold; false with one sentence in why. A key that
 * is not in the table does not hold either. */
bool bounds_hold(const struct facts *facts, const struct judged *judged, char *why, size_t size);
/* Adds every forbidden thing that happened. */
void must_not_check(const struct facts *facts, struct verdict *verdict);
/* Time that the incident's operations stood in lock queues or between attempts. */
time_ns lock_wait_of(const struct facts *facts, const struct incident *incident);

#endif
