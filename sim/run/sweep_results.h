/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RUN_SWEEP_RESULTS_H
#define SIM_RUN_SWEEP_RESULTS_H
/*
 * A sweep's results file: a journal (journal.h) whose first line says what is swept and each other
 * one how a run ended (reports/forms/sweep_lines.h). Runs stand in one order, whoever ran them:
 * every scenario with the first seed, then every scenario with the next. What is in the file is
 * what is added up, so a sweep that is continued reports as if it had never stopped.
 */
#include "engine/base/arena.h"
#include "reports/sweep.h"
#include "sim/run/journal.h"

struct sweep_results {
    struct journal journal;
    const struct sweep_plan *plan;
    struct sweep sweep; /* sweep.runs: how many are there */
};

/* Makes the file, or reads what is there; refuses results of another plan. */
bool sweep_results_open(struct sweep_results *results, const char *path,
                        const struct sweep_plan *plan, struct diags *diags) MUST_CHECK;
/* The next run in the order, as sweep_run_line wrote it. */
bool sweep_results_add(struct sweep_results *results, const char *line,
                       struct diags *diags) MUST_CHECK;
/* Adds up, and gives the file its name. */
bool sweep_results_finish(struct sweep_results *results, struct diags *diags) MUST_CHECK;
void sweep_results_close(struct sweep_results *results);

/* The order: unit 0, 1, ...; a shard's units are its own. */
uint32_t sweep_unit_part(const struct sweep_plan *plan, uint64_t unit);
uint64_t sweep_unit_count(const struct sweep_plan *plan, uint64_t seeds); /* of "seeds" in all */
uint64_t sweep_unit_seed(const struct sweep_plan *plan, uint64_t unit);

#endif
