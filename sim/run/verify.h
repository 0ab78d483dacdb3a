/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RUN_VERIFY_H
#define SIM_RUN_VERIFY_H
/*
 * One scenario run and judged by its invariants alone, in this process: for those that run many and
 * want to know of each whether, and of what, it failed. Plain data, so that a worker can answer
 * with it.
 */
#include "reports/coverage.h"
#include "sim/run/run.h"

#define VERIFY_KINDS 8
struct verified {
    uint64_t digest;
    time_ns simulated; /* until the end of the run */
    uint32_t violations;
    uint32_t kinds; /* different invariants among them, the first VERIFY_KINDS */
    char invariant[VERIFY_KINDS][48];
    char why[VERIFY_KINDS][240]; /* the first of each, as the judge says it */
    uint8_t hit[COVER_MAX];
};

/* A run that goes on for so many real seconds never ends: its process is ended as a bug. */
#define VERIFY_SECONDS 300

/* OK: it was run and judged; BAD_INPUT after a diagnostic; BUG after a message. */
enum status verify_scenario(const struct scenario *scenario, struct verified *out);
/* Whether that invariant is among them. */
bool verified_fails(const struct verified *v, const char *invariant);

#endif
