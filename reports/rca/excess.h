/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_RCA_EXCESS_H
#define REPORTS_RCA_EXCESS_H
/*
 * What a service adds beyond its callees, over a call graph. Excess is waiting, or failures, per
 * second: every second that somebody waits in a callee is waited by just one caller, so what all
 * callers are excused by a callee together is no more than the callee's excess. Plain arrays, one
 * entry a service or, where it says so, a call.
 */
#include "engine/base/arena.h"
#include "topologies/topology.h"

/* requests: of each service in a second, in any unit; NaN where unknown, which is filled in from
 * the callers, or, if nobody's are known, from the topology's visit ratios. */
void requests_fill(struct arena *arena, const struct topology *t, double *requests);

/* A call: the part of its target's work that is done for this caller, as far as requests and the
 * topology's calls per request tell; 0 for asynchronous calls. */
void call_shares(const struct topology *t, const double *requests, double *shares);

/* A service that says nothing of itself (seen: false) is taken to pass on what its callees do. */
void guess_excess(const struct topology *t, const double *shares, const bool *seen, double *excess);

/* own: excess that no callee explains. flow (a call): how much of the caller's the callee explains.
 * A callee explains each caller's by its share first; what one caller does not need explains
 * another's, since calls per request are seldom known, up to capacity in all. */
void explain_excess(const struct topology *t, const double *shares, const double *excess,
                    const double *capacity, double *own, double *flow);

/* Where the excess of one service comes from: it stays where it is own, and goes on along flows. A
 * callee that says nothing of itself may be what its caller calls its own, so that some of that
 * goes to such callees. scratch: two entries a service. */
void trace_excess(const struct topology *t, const double *excess, const double *own,
                  const double *flow, const bool *seen, struct svc_id service, double *scratch,
                  double *contribution);

#endif
