/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RUN_LOADING_H
#define SIM_RUN_LOADING_H
/*
 * Scenarios and rules from files. What the scenario language hands on as it stands, rule files, is
 * read here, too, so that nothing bad is found when a run has begun.
 */
#include "sim/run/files.h"

/* The row of the matrix that a name in the catalogue begins with; -1: it is of none. */
long scenario_row(const char *name);
/* The file that an operand names: its path, its name in the catalogue, or its row's number. False
 * after a diagnostic, or a message on stderr. */
bool scenario_file(struct arena *arena, const char *named, const char **path, const char **bytes,
                   size_t *len, struct diags *diags) MUST_CHECK;

/* Every scenario of a file, with the files that it names; scn_load says the rest. options may be
 * NULL. False after a diagnostic. */
bool scenarios_load(struct arena *arena, const char *file, const char *bytes, size_t len,
                    const struct scn_options *options, struct diags *diags, struct scenario **list,
                    uint32_t *count) MUST_CHECK;

/* The command that shows a run again, to the byte: it says what was said, and nothing else. */
void reproduce_line(const char *named, const struct scn_options *given, char *out, size_t size);

/* The number of rules in a file; -1 after a diagnostic. scrape: how often is scraped, for warnings
 * of windows too short for that; 0: not known. */
int64_t rules_check(struct arena *arena, const char *file, const char *bytes, size_t len,
                    time_ns scrape, struct diags *diags) MUST_CHECK;

#endif
