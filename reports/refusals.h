/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_REFUSALS_H
#define REPORTS_REFUSALS_H
/* What held operations back, by the engines' decision logs: gates that failed and conflicts that
 * held, each as often as it was judged so. A lock that was not to be had is in the contention. */
#include "reports/judge/judge.h"

#define REFUSALS (GATE_COUNT + CONFLICT_COUNT) /* gates first */

struct refusals {
    int64_t of[REFUSALS];
};

const char *refusal_name(int which); /* "incident_rate", "DEPENDENCY" */
int refusal_named(const char *name); /* -1: none */
void refusals_of(const struct facts *facts, struct refusals *out);

#endif
