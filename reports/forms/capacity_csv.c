/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/forms/capacity_forms.h"
#include "reports/forms/csv_parts.h"

#include <math.h>

static void number(struct csv_line *line, double v) {
    char text[40] = "";
    if (!isnan(v)) snprintf(text, sizeof text, "%.9g", v);
    csv_cell(line, text);
}

static void place(struct csv_line *line, const struct capacity_axis *axis, uint32_t point) {
    char text[48];
    csv_text(line, capacity_point(text, sizeof text, axis, point));
}

static void figures(struct csv_line *line, const struct knee_point *p) {
    csv_int(line, p->seeds);
    number(line, p->value);
    number(line, p->low);
    number(line, p->high);
    csv_end(line);
}

/* Times in nanoseconds, shares of 1. */
void capacity_csv(const struct capacity *c, FILE *out) {
    struct csv_line line = {out, false};
    csv_text(&line, c->x.key);
    if (c->y.key[0]) csv_text(&line, c->y.key);
    csv_cell(&line, "seeds");
    csv_text(&line, compared_name(c->demand.figure));
    csv_cell(&line, "low");
    csv_cell(&line, "high");
    csv_end(&line);
    for (uint32_t k = 0; k < c->knee.count && !c->y.key[0]; k++) {
        place(&line, &c->x, c->knee.list[k].point);
        figures(&line, &c->knee.list[k]);
    }
    for (uint32_t r = 0; r < c->rows; r++)
        for (uint32_t k = 0; k < c->columns; k++) {
            place(&line, &c->x, c->column[k]);
            place(&line, &c->y, c->row[r]);
            figures(&line, &c->cell[r][k]);
        }
}
