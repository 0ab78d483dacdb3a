/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_RCA_RECORDING_H
#define REPORTS_RCA_RECORDING_H
/*
 * Recorded metrics in long form: a CSV file (RFC 4180) whose first line names the columns time,
 * service, metric and value, in any order, others ignored. Time is seconds (of any epoch); a value
 * that is empty, NaN, null or None is a missing cell. Rows may come in any order; of two at one
 * time the later row holds. Services that the topology does not have are left out with a warning.
 * Series are sorted by (service, metric), samples by time; all of it lives in the arena.
 */
#include "engine/base/arena.h"
#include "engine/base/diag.h"
#include "reports/rca/metric.h"
#include "topologies/topology.h"

struct recorded_series {
    uint32_t service, metric; /* index into the topology's services, the recording's metrics */
    uint32_t count;
    const double *time, *value; /* ascending time; no NaN */
};
/* Shares are kept as parts of 1 and as what fails: availability 99.5 (per cent) is 0.005 here. */
struct recorded_unit {
    double whole;   /* what the file writes for all; 1 or 100 for shares, 1 for all else */
    bool reflected; /* an availability: what fails is whole - value */
    bool counted;   /* errors as a number per time, not as a share */
};
struct rca_recording {
    uint32_t metric_count, series_count;
    const char *const *metrics; /* in order of appearance */
    const struct metric_meaning *meanings;
    const struct recorded_unit *units;
    const struct recorded_series *series;
    double from, to; /* of all samples; seconds */
    double step;     /* the median distance of two samples of a series */
};

/* False with diagnostics: no header, a row of too few columns, a number that is none. */
bool rca_recording_read(struct rca_recording *out, struct arena *arena,
                        const struct topology *topology, const char *file, const char *bytes,
                        size_t len, struct diags *diags) MUST_CHECK;

/* A figure of the metric as the file writes it. */
double recorded_figure(const struct rca_recording *r, uint32_t metric, double value);

#endif
