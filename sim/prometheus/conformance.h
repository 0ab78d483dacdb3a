/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_PROMETHEUS_CONFORMANCE_H
#define SIM_PROMETHEUS_CONFORMANCE_H
/*
 * Scripts in the format of Prometheus' promqltest: `load` makes series, `eval instant` and
 * `eval range` ask and say what has to come out, `clear` forgets. A blank line or a comment ends
 * what belongs to a command. Values agree within a millionth.
 *
 * Names fall at the end of an evaluation, as in the original's tests, and not where they fall in
 * Prometheus unless it is told to: label_replace() can still use what rate() will drop.
 *
 * An evaluation that needs what is refused by name (experimental functions) is skipped, not passed;
 * so is one over native histograms, unless its answer is right without them. That a query fails or
 * warns is checked, the words of it are not: they are Prometheus' own.
 *
 * An instant is also asked as the middle of a range, and, unless a function looks at the clock,
 * with every selector held to it by @ at other times: all have to give the same.
 */
#include "sim/prometheus/prometheus.h"

#define SKIPS_MAX 64
struct skip_count {
    const char *feature; /* that firedrill has not; static */
    uint32_t count;
};
struct conformance {
    uint32_t passed, failed, skipped;
    struct skip_count skips[SKIPS_MAX]; /* why, most first; ends with a NULL feature or is full */
};

struct conformance_options {
    uint32_t version;    /* as prom_options.version */
    bool verbose;        /* also say what is skipped, and why */
    uint32_t values_max; /* of all loads since a clear; 0: eight million */
    uint32_t steps_max;  /* of the subqueries of an evaluation; 0: a million */
    FILE *out;           /* what failed: FILE:LINE: expression, expected, got */
};

/* Counts evaluations that need a feature. */
void conformance_skip(struct conformance *counts, const char *feature, uint32_t times);
/* Adds to counts. False when some of the script cannot be read; the diagnostics say where. */
bool conformance_run(const char *file, const char *text, size_t len,
                     const struct conformance_options *options, struct conformance *counts,
                     struct diags *diags) MUST_CHECK;

#endif
