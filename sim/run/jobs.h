/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RUN_JOBS_H
#define SIM_RUN_JOBS_H
/*
 * Many runs in processes of their own (igraph is not thread-safe, and a crash takes one run only).
 * Each job's trace is a file in a folder; the order of results is that of the jobs, whatever
 * finished first.
 */
#include "sim/run/run.h"

struct job {
    const struct scenario *scenario;
    const char *named;        /* its file, as it was asked for */
    struct scn_options given; /* what was asked for beside */
    char trace[512];          /* where its trace goes; written beside and renamed */
    enum status
        status; /* OK: the trace is there; BUG: it crashed; BAD_INPUT: it could not be built */
};

/* Runs all, at most "at_once" processes at a time. */
void jobs_run(struct job *jobs, uint32_t count, uint32_t at_once);

#endif
