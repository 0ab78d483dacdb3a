/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RUN_JOBS_H
#define SIM_RUN_JOBS_H
/*
 * Many runs in processes of their own (igraph is not thread-safe, and a crash takes one run only).
 * Traces come back into memory, and are written by this process alone: whatever ends it, nothing is
 * left in a folder that nobody asked for. The order of results is that of the jobs, whatever
 * finished first.
 */
#include "sim/run/run.h"

struct job {
    const struct scenario *scenario;
    const char *named;        /* its file, as it was asked for */
    struct scn_options given; /* what was asked for beside */
    char path[512];           /* the file that its trace goes to, too; "": none */
    struct bytes trace;       /* freed by whoever holds the jobs */
    enum status status;       /* OK: the trace is there; BUG: it crashed; BAD_INPUT: it could not be
                                 built, or its file not be written */
};

/* Runs all, at most "at_once" processes at a time. */
void jobs_run(struct job *jobs, uint32_t count, uint32_t at_once);

/* Its trace to a file, besides. BAD_INPUT after a diagnostic on stderr. */
enum status job_write(const struct job *job, const char *path) MUST_CHECK;

#endif
