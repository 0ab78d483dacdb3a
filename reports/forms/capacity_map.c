/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two keys as a heat map: a cell a pair of values, darker the larger its figure, with the figure in
 * it; a step line separates the cells on either side of the limit. */
#include "reports/forms/capacity_forms.h"

#include <math.h>

#define CELL_WIDTH  76
#define CELL_HEIGHT 34
#define LEFT        110
#define TOP         72

struct map {
    const struct capacity *c;
    FILE *out;
    double low, high;
};

static struct map map_of(const struct capacity *c, FILE *out) {
    struct map m = {c, out, INFINITY, -INFINITY};
    for (uint32_t r = 0; r < c->rows; r++)
        for (uint32_t k = 0; k < c->columns; k++) {
            double v = c->cell[r][k].value;
            if (isnan(v)) continue;
            m.low = fmin(m.low, v);
            m.high = fmax(m.high, v);
        }
    return m;
}

static int y_of(const struct map *m, uint32_t r) { /* the first row stands at the bottom */
    return TOP + (int)(m->c->rows - 1 - r) * CELL_HEIGHT;
}
static int x_of(uint32_t k) { return LEFT + (int)k * CELL_WIDTH; }

/* From pale to deep blue, readable on either paper; the ink on it by how dark it is. */
static void cell(const struct map *m, uint32_t r, uint32_t k) {
    static const int pale[] = {222, 235, 247}, deep[] = {8, 60, 125};
    double v = m->c->cell[r][k].value,
           part = m->high > m->low ? (v - m->low) / (m->high - m->low) : 0;
    char value[32] = "-";
    int colour[3];
    if (isnan(v)) part = 0;
    for (int i = 0; i < 3; i++) colour[i] = pale[i] + (int)lround(part * (deep[i] - pale[i]));
    compared_text(value, sizeof value, m->c->demand.figure, v);
    fprintf(m->out,
            "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"#%02x%02x%02x\"/><text "
            "x=\"%d\" y=\"%d\" text-anchor=\"middle\" fill=\"%s\">%s</text>\n",
            x_of(k), y_of(m, r), CELL_WIDTH, CELL_HEIGHT, (unsigned)colour[0], (unsigned)colour[1],
            (unsigned)colour[2], x_of(k) + CELL_WIDTH / 2, y_of(m, r) + CELL_HEIGHT / 2 + 5,
            part > 0.5 ? "#ffffff" : "#10243a", value);
}

static bool holds(const struct map *m, uint32_t r, uint32_t k) {
    return demand_within(m->c->demand.sign, m->c->cell[r][k].value, m->c->demand.value);
}

static void edge(const struct map *m, int x1, int y1, int x2, int y2) {
    fprintf(m->out, "<line class=\"border\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n", x1, y1,
            x2, y2);
}

static void border(const struct map *m) {
    const struct capacity *c = m->c;
    fputs("<style>.border { stroke: #d81b60; stroke-width: 4; stroke-linecap: square }</style>\n",
          m->out);
    for (uint32_t r = 0; r < c->rows; r++)
        for (uint32_t k = 0; k < c->columns; k++) {
            if (k + 1 < c->columns && holds(m, r, k) != holds(m, r, k + 1))
                edge(m, x_of(k + 1), y_of(m, r), x_of(k + 1), y_of(m, r) + CELL_HEIGHT);
            if (r + 1 < c->rows && holds(m, r, k) != holds(m, r + 1, k))
                edge(m, x_of(k), y_of(m, r), x_of(k) + CELL_WIDTH, y_of(m, r));
        }
}

static void labels(const struct map *m) {
    const struct capacity *c = m->c;
    char text[48];
    int bottom = TOP + (int)c->rows * CELL_HEIGHT;
    for (uint32_t k = 0; k < c->columns; k++)
        fprintf(m->out, "<text class=\"dim\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>\n",
                x_of(k) + CELL_WIDTH / 2, bottom + 18,
                capacity_point(text, sizeof text, &c->x, c->column[k]));
    for (uint32_t r = 0; r < c->rows; r++)
        fprintf(m->out, "<text class=\"dim\" x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>\n",
                LEFT - 8, y_of(m, r) + CELL_HEIGHT / 2 + 5,
                capacity_point(text, sizeof text, &c->y, c->row[r]));
    fprintf(m->out, "<text class=\"ink\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>\n",
            x_of(c->columns) / 2 + LEFT / 2, bottom + 42, c->x.key);
    fprintf(m->out, "<text class=\"ink\" x=\"16\" y=\"56\">%s</text>\n", c->y.key);
}

void capacity_map_svg(const struct capacity *c, FILE *out) {
    struct map m = map_of(c, out);
    int width = x_of(c->columns) + 24, height = TOP + (int)c->rows * CELL_HEIGHT + 60;
    capacity_svg_begin(c, width < 640 ? 640 : width, height, out);
    for (uint32_t r = 0; r < c->rows; r++)
        for (uint32_t k = 0; k < c->columns; k++) cell(&m, r, k);
    border(&m);
    labels(&m);
    fputs("</svg>\n", out);
}
