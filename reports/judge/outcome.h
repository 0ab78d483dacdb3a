/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_JUDGE_OUTCOME_H
#define REPORTS_JUDGE_OUTCOME_H
/* What came of an incident, by the world's truth. */
#include "reports/judge/truth.h"

#define RESOLVED_WATCH_NS (30 * NS_PER_S) /* a close is judged over so long after it */

/* why: one sentence when the outcome is one of those that need a reason (open, not restored,
 * falsely closed, unknown); else empty. */
enum outcome outcome_of(const struct facts *facts, const struct incident *incident, char *why,
                        size_t size);
/* True when the world bears out a close at that time: the defect serves nothing, and the symptom
 * stays away for RESOLVED_WATCH_NS (or until the run's end, another cause, or a revision that never
 * served before), but for what chance does to a few requests (chance.h). */
bool outcome_healed(const struct facts *facts, const struct incident *incident, time_ns at,
                    char *why, size_t size);
/* When what the outcome says was reached: the close, or the last step back; TIME_NEVER: censored.
 */
time_ns outcome_end(const struct facts *facts, const struct incident *incident,
                    enum outcome outcome);

#endif
