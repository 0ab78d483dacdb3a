/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_JUDGE_MITIGATED_H
#define REPORTS_JUDGE_MITIGATED_H
/*
 * When users no longer saw an incident, by the world's truth, which may be long before its cause is
 * out and longer before an engine closes it; and whether an engine's remedy beside the patch was
 * what did it.
 */
#include "reports/judge/truth.h"

struct mitigated {
    time_ns after;     /* the onset, until the end of the last second in which the symptom was over
                        * its limit; 0: it never was; -1: it was to the end */
    bool cause_serves; /* its cause was not out yet, then */
};
struct mitigated incident_mitigated(const struct facts *facts, const struct incident *incident);

/* The first change of pods, or of what serves, by an operation of the incident that deployed
 * nothing of its own, and that stood at the incident's end; TIME_NEVER: none. */
time_ns remedy_stood(const struct facts *facts, const struct incident *incident);

#endif
