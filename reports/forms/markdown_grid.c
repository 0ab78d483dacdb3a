/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/forms/markdown_parts.h"
#include "reports/forms/naming.h"
#include "reports/grid.h"

static void cell(FILE *out, const struct grid_cell *c) {
    fputs(" | ", out);
    if (c->left_out && c->runs == 0) fputs("left out", out);
    if (c->runs == 0) return;
    fputs(markdown_mark(grid_verdict(c)), out);
    if (c->runs > 1) fprintf(out, " %u/%u", c->passed, c->runs);
}

static void sums(FILE *out, const struct grid *grid) {
    fputs("| | passed", out);
    for (uint32_t c = 0; c < grid->column_count; c++)
        fprintf(out, " | %u/%u", grid->sums[c].passed, grid->sums[c].runs);
    fputs(" |\n\n", out);
}

void markdown_grid(const struct report *report, FILE *out) {
    struct grid grid = grid_of(report);
    char number[ROW_NUMBER];
    if (grid.column_count > 1) {
        fputs("| # | scenario", out);
        for (uint32_t c = 0; c < grid.column_count; c++)
            fputs(" | ", out), markdown_text(out, grid.columns[c]->facts->topology);
        fputs(" |\n|---|---", out);
        for (uint32_t c = 0; c < grid.column_count; c++) fputs("|---", out);
        fputs("|\n", out);
        for (uint32_t r = 0; r < grid.row_count; r++) {
            fprintf(out, "| %s | ", run_row(number, grid.rows[r]));
            markdown_text(out, grid.rows[r]->verdict->scenario);
            for (uint32_t c = 0; c < grid.column_count; c++) cell(out, grid_at(&grid, r, c));
            fputs(" |\n", out);
        }
        sums(out, &grid);
    }
    grid_free(&grid);
}
