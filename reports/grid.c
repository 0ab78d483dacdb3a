/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/grid.h"
#include "engine/base/check.h"
#include <stdlib.h>

static void *some(uint32_t count, size_t size) {
    void *list = calloc(count ? count : 1, size);
    ASSERT(list != NULL);
    return list;
}

typedef const char *(*grid_name)(const struct report_run *run);
static const char *scenario_of(const struct report_run *run) { return run->verdict->scenario; }
static const char *topology_of(const struct report_run *run) { return run->facts->topology; }

static uint32_t place(const struct report_run **list, uint32_t *count, grid_name name,
                      const struct report_run *run) {
    for (uint32_t k = 0; k < *count; k++)
        if (strcmp(name(list[k]), name(run)) == 0) return k;
    list[*count] = run;
    return (*count)++;
}

static void add(struct grid_cell *cell, struct grid_sum *sum, const struct report_run *run) {
    enum verdict_kind kind = run->verdict->kind;
    if (!cell->first) cell->first = run;
    cell->runs++;
    cell->passed += kind == VERDICT_PASS;
    cell->failed += kind == VERDICT_FAIL;
    cell->inconclusive += kind == VERDICT_INCONCLUSIVE;
    sum->runs++;
    sum->passed += kind == VERDICT_PASS;
}

static void mark_left_out(struct grid *g, const struct report_left_out *left) {
    for (uint32_t r = 0; r < g->row_count; r++)
        for (uint32_t c = 0; c < g->column_count; c++)
            if (strcmp(scenario_of(g->rows[r]), left->scenario) == 0 &&
                strcmp(topology_of(g->columns[c]), left->topology) == 0)
                g->cells[r * g->column_count + c].left_out = true;
}

struct grid grid_of(const struct report *report) {
    struct grid g = {.rows = some(report->run_count, sizeof *g.rows),
                     .columns = some(report->run_count, sizeof *g.columns)};
    for (uint32_t r = 0; r < report->run_count; r++) {
        (void)place(g.rows, &g.row_count, scenario_of, &report->runs[r]);
        (void)place(g.columns, &g.column_count, topology_of, &report->runs[r]);
    }
    g.cells = some(g.row_count * g.column_count, sizeof *g.cells);
    g.sums = some(g.column_count, sizeof *g.sums);
    for (uint32_t r = 0; r < report->run_count; r++) {
        uint32_t row = place(g.rows, &g.row_count, scenario_of, &report->runs[r]);
        uint32_t column = place(g.columns, &g.column_count, topology_of, &report->runs[r]);
        add(&g.cells[row * g.column_count + column], &g.sums[column], &report->runs[r]);
    }
    for (uint32_t k = 0; k < report->left_out_count; k++) mark_left_out(&g, &report->left_out[k]);
    return g;
}

void grid_free(struct grid *grid) {
    free(grid->rows);
    free(grid->columns);
    free(grid->cells);
    free(grid->sums);
    *grid = (struct grid){0};
}

const struct grid_cell *grid_at(const struct grid *grid, uint32_t row, uint32_t column) {
    return &grid->cells[row * grid->column_count + column];
}

enum verdict_kind grid_verdict(const struct grid_cell *cell) {
    if (cell->failed > 0) return VERDICT_FAIL;
    return cell->inconclusive > 0 ? VERDICT_INCONCLUSIVE : VERDICT_PASS;
}
