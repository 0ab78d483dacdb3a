/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/forms/json_parts.h"
#include "reports/grid.h"

static json_t *cell(const struct grid_cell *c) {
    json_t *o = json_object();
    json_set_int(o, "runs", c->runs);
    json_set_int(o, "passed", c->passed);
    json_set_int(o, "failed", c->failed);
    json_set_int(o, "inconclusive", c->inconclusive);
    json_set(o, "left_out", json_boolean(c->left_out));
    return o;
}

static json_t *row(const struct grid *grid, uint32_t r) {
    json_t *o = json_object(), *cells = json_array();
    for (uint32_t c = 0; c < grid->column_count; c++)
        json_array_append_new(cells, cell(grid_at(grid, r, c)));
    json_set_text(o, "scenario", grid->rows[r]->verdict->scenario);
    json_set(o, "cells", cells);
    return o;
}

json_t *json_grid(const struct report *report) {
    struct grid grid = grid_of(report);
    json_t *o = json_object(), *topologies = json_array(), *rows = json_array();
    for (uint32_t c = 0; c < grid.column_count; c++)
        json_array_append_new(topologies, json_text(grid.columns[c]->facts->topology));
    for (uint32_t r = 0; r < grid.row_count; r++) json_array_append_new(rows, row(&grid, r));
    json_set(o, "topologies", topologies);
    json_set(o, "rows", rows);
    grid_free(&grid);
    return o;
}
