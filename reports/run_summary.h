/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_RUN_SUMMARY_H
#define REPORTS_RUN_SUMMARY_H
/*
 * What a sweep keeps of a run once its facts are gone: how it ended, and the figures that are added
 * up over seeds. Plain data, no pointers; all text is printable.
 */
#include "engine/base/diag.h"
#include "reports/refusals.h"
#include "reports/report.h"
#include "scenarios/words/plan.h"

#define SUMMARY_INCIDENTS_MAX (PLAN_DEFECTS_MAX + 1)

struct run_summary {
    uint32_t part; /* which of the sweep's scenarios, from 0 */
    uint64_t seed;
    enum status status; /* OK, FAILED, INCONCLUSIVE; BUG: it crashed, and has no figures */
    uint64_t digest;    /* of the trace's records */
    uint32_t violations;
    char why[240], reproduce[512], trace[256]; /* empty for a run that passed */
    int64_t lock_requests, lock_timeouts;
    time_ns lock_wait; /* of all requests together */
    struct indicators indicators;
    struct refusals refusals;
    uint32_t incident_count; /* one a cause that began */
    struct mttr_row incidents[SUMMARY_INCIDENTS_MAX];
};

/* The report's only run; part, digest and trace are left to the caller. */
void run_summary_of(const struct report *report, struct run_summary *out);

#endif
