/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/run_summary.h"
#include "engine/base/check.h"

void run_summary_of(const struct report *report, struct run_summary *out) {
    ASSERT(report->run_count == 1);
    const struct report_run *run = &report->runs[0];
    const struct lock_figures *locks = &run->contention.total;
    *out = (struct run_summary){.seed = run->verdict->seed,
                                .status = verdict_status(run->verdict),
                                .violations = report->violations,
                                .lock_requests = locks->requests,
                                .lock_timeouts = locks->timeouts,
                                .lock_wait = locks->waited,
                                .indicators = report->indicators};
    if (out->status != STATUS_OK) {
        printable(out->why, sizeof out->why, run->verdict->why, strlen(run->verdict->why));
        printable(out->reproduce, sizeof out->reproduce, run->reproduce, strlen(run->reproduce));
    }
    refusals_of(run->facts, &out->refusals);
    for (uint32_t i = 0; i < run->verdict->count; i++) {
        if (!report_counts(run, i)) continue;
        ASSERT(out->incident_count < SUMMARY_INCIDENTS_MAX);
        out->incidents[out->incident_count++] = run->rows[i];
    }
}
