/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RUN_REPORT_FILES_H
#define SIM_RUN_REPORT_FILES_H
/* A report as files, one a form, for as many forms as a command's options ask for. */
#include "reports/report.h"
#include "sim/run/command.h"

/* For a command's table. */
#define REPORT_OPTIONS                                                                             \
    {"json", "FILE", "write the report as JSON, too"},                                             \
        {"junit", "FILE", "write it as JUnit XML, for CI: a run a test case"},                     \
        {"markdown", "FILE", "write it as Markdown, for CI: a summary and what did not pass"},     \
        {"csv", "FILE", "write it as CSV: an incident a line, times in nanoseconds"},              \
        {"html", "FILE", "write it as a page for a browser, with each run to look at and play"},   \
        {"openmetrics", "FILE", "write the control plane's metrics over time, for a Prometheus"},  \
    {                                                                                              \
        "perfetto", "FILE", "write the runs as tracks for a trace viewer, ui.perfetto.dev"         \
    }

/* Whether every file can be made; to be asked before what takes long. */
bool report_files_possible(const struct arguments *arguments, struct diags *diags) MUST_CHECK;
/* Files get their names once all are whole. To the folder (NULL: none) go report.json, .md, .csv
 * and .html. */
enum status report_files(const struct report *report, const struct arguments *arguments,
                         const char *folder);

#endif
