/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RUN_SWEEP_FILES_H
#define SIM_RUN_SWEEP_FILES_H
/* A sweep's report, as text on standard output, as files in its folder, and as files that the
 * options --json, --junit, --markdown and --csv name. */
#include "reports/sweep.h"
#include "sim/run/command.h"

#define SWEEP_FORM_OPTIONS                                                                         \
    {"json", "FILE", "write the report as JSON here, too"},                                        \
        {"junit", "FILE", "write it as JUnit XML, for CI: a scenario on a topology a test case"},  \
        {"markdown", "FILE", "write it as Markdown here, too: for a CI summary"}, {                \
        "csv", "FILE", "write it as CSV here, too: a scenario on a topology a line"                \
    }

/* Whether every file can be made; to be asked before what takes long. */
bool sweep_files_possible(const struct arguments *a, struct diags *diags) MUST_CHECK;
/* Whether the folder is free, or holds a sweep; which one, its results say. */
bool sweep_files_fit(const char *folder, struct diags *diags) MUST_CHECK;
/* Of a sweep that is finished. The worse of its status and of what happened to the files. */
enum status sweep_files(const struct sweep *sweep, const struct arguments *a, const char *folder);
/* Of a report that is about to be of fewer runs than there are. */
void sweep_files_remove(const char *folder);

#endif
