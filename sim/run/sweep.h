/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RUN_SWEEP_H
#define SIM_RUN_SWEEP_H
/*
 * What the sweep command's arguments ask for, and one run of it. Units are the runs in the order of
 * the results (sweep_results.h).
 */
#include "reports/sweep.h"
#include "sim/run/command.h"
#include "sim/run/loading.h"
#include "sim/run/run.h"

struct swept { /* one of the plan's parts */
    const struct scenario *scenario;
    const char *named; /* its file, as it was asked for */
    struct scn_options given;
};
struct sweep_request {
    struct sweep_plan plan;
    struct swept *swept; /* beside plan.parts */
    uint64_t units;      /* all runs: parts * seeds */
    const char *folder;
    struct diags said; /* of files that several scenarios read */
};

/* False after a message on stderr. What it is made of is the arena's. */
bool sweep_request_read(struct sweep_request *request, struct arena *arena,
                        const struct arguments *arguments) MUST_CHECK;

/* Runs and judges in this process; the answer is the run's line, terminated. A run that does not
 * pass leaves its trace in the folder. BAD_INPUT after diagnostics on stderr. */
enum status sweep_unit_run(const struct sweep_request *request, uint64_t unit,
                           struct bytes *answer);
/* The same of any part with any seed. A request without a folder keeps no trace. */
enum status sweep_part_run(const struct sweep_request *request, uint32_t part, uint64_t seed,
                           struct bytes *answer);
/* The command that shows it again. */
void sweep_part_reproducing(const struct sweep_request *request, uint32_t part, uint64_t seed,
                            char *out, size_t size);
/* The line of a run whose process crashed; the caller frees it. */
char *sweep_unit_crashed(const struct sweep_request *request, uint64_t unit);

#endif
