/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_GRID_H
#define REPORTS_GRID_H
/* Scenarios by topologies: what the runs of each came to, whatever their seeds. Rows and columns in
 * the order in which a report has them first. */
#include "reports/report.h"

struct grid_cell {
    uint32_t runs, passed, failed, inconclusive;
    bool left_out;                  /* the topology cannot cast it */
    const struct report_run *first; /* NULL: none ran here */
};
struct grid_sum { /* of a column */
    uint32_t runs, passed;
};
struct grid {
    uint32_t row_count, column_count;
    const struct report_run **rows;    /* one of each scenario */
    const struct report_run **columns; /* one of each topology */
    struct grid_cell *cells;           /* row by row */
    struct grid_sum *sums;             /* by column */
};

/* What no topology casts has no row, and a topology that casts nothing no column. Asserts on
 * memory. The report has to outlive it. */
struct grid grid_of(const struct report *report);
void grid_free(struct grid *grid);
const struct grid_cell *grid_at(const struct grid *grid, uint32_t row, uint32_t column);
/* The worst of its runs. */
enum verdict_kind grid_verdict(const struct grid_cell *cell);

#endif
