/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RUN_CAMPAIGN_H
#define SIM_RUN_CAMPAIGN_H
/*
 * A list of scenarios, run in processes, judged from their traces, reported together. What "run"
 * and "matrix" share. The status is the worst of all runs (diag.h).
 */
#include "sim/run/command.h"
#include "sim/run/jobs.h"
#include "sim/run/report_files.h"

#define CAMPAIGN_JOBS_MAX 4096

/* Options that "run" and "matrix" both have; put them into a command's table. */
#define CAMPAIGN_OPTIONS                                                                           \
    {"topology", "NAME|FILE", "run on this topology instead of the scenario's"},                   \
        {"policy", "NAME|FILE", "use this policy instead of the scenario's"},                      \
        {"seed", "N", "use this seed instead of the scenario's"},                                  \
        {"seeds", "N", "run each scenario with N seeds: --seed (default 1) and those after it"},   \
        {"without", "FAULT",                                                                       \
         "take this fault out (\"all\": every one); what it caused is still expected"},            \
        {"set", "KEY=VALUE,...", "other values of keys of the scenario or its policy"},            \
        {"variant", "NAME", "of a scenario with a matrix this one alone"},                         \
        {"jobs", "N", "processes at a time; default: as many as processors"},                      \
        {"out", "DIR", "keep traces and the report in this folder"}, REPORT_OPTIONS,               \
        {"timeline", NULL, "print what happened in each run, line by line"}, {                     \
        "trace-level", "LEVEL", "control (default) or requests: every request in the trace, too"   \
    }

struct campaign {
    struct arena arena;
    const struct arguments *arguments;
    struct job *jobs;
    uint32_t job_count;
    bool leave_out; /* set before adding: what a topology cannot cast is told and not run ... */
    const struct scenario **left_out; /* ... but kept for the report: each on each topology once */
    uint32_t left_out_count;
    struct diags said; /* of files that several runs read */
};

void campaign_open(struct campaign *c, const struct arguments *arguments);
/* Adds all scenarios of a file, for each seed, on this topology (NULL: the scenario's). */
enum status campaign_add(struct campaign *c, const char *file, const char *topology);
/* Runs, judges, reports. trace: where the only run's trace goes too; NULL: nowhere. */
enum status campaign_run(struct campaign *c, const char *trace);
void campaign_close(struct campaign *c);

/* Judges traces that are files already and reports on them. */
enum status report_traces(const char *const *paths, uint32_t count,
                          const struct arguments *arguments);

#endif
