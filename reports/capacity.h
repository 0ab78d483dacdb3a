/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_CAPACITY_H
#define REPORTS_CAPACITY_H
/*
 * What a search for a capacity came to, as its forms show it: a figure over one key with the knee
 * where it passes its limit (knee.h), or over two keys as a grid, where each row has its own.
 * Beside it stands what else might have bound first: the limits of the policy in force, and what
 * refused operations where the knee is.
 */
#include "reports/demand.h"
#include "reports/knee.h"
#include "reports/refusals.h"

#define CAPACITY_SIDE_MAX 16 /* of a grid */

struct capacity_axis {
    char key[200], unit[8]; /* key "": there is no such axis */
    double low, step;       /* point k is low + k * step */
    uint32_t last;
    int decimals;
};
struct capacity_row { /* of a grid: where it passes the limit */
    bool known;       /* between the row's ends */
    double at, low, high;
};
struct capacity {
    const char *scenario, *topology, *policy; /* printable */
    const char *limits;                       /* of the policy: lines "key = value" */
    struct demand demand;
    struct capacity_axis x, y;
    double precision;
    struct knee knee; /* of one key */
    uint32_t columns, rows;
    uint32_t column[CAPACITY_SIDE_MAX], row[CAPACITY_SIDE_MAX];   /* points */
    struct knee_point cell[CAPACITY_SIDE_MAX][CAPACITY_SIDE_MAX]; /* by row, then column */
    struct capacity_row passes[CAPACITY_SIDE_MAX];
    /* at the point nearest to the knee, or at the end of the range */
    char looked_at[64];
    uint32_t runs_there;
    int64_t requests_there, timeouts_there;
    struct refusals refusals;
    uint64_t runs, not_passed, violations;
    char why[240], reproduce[512]; /* of the first that broke an invariant, else did not pass */
};

/* "9.71/min" of a value, to the axis' decimals and some more; of a point: what --set is given. */
const char *capacity_value(char *out, size_t size, const struct capacity_axis *axis, double value,
                           int more_decimals);
const char *capacity_point(char *out, size_t size, const struct capacity_axis *axis,
                           uint32_t point);
/* One sentence: what refused most, and whether that was not the locks. */
void capacity_binding(const struct capacity *c, char *out, size_t size);

#endif
