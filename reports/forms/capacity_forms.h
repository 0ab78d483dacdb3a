/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_FORMS_CAPACITY_FORMS_H
#define REPORTS_FORMS_CAPACITY_FORMS_H
/* The forms of a capacity (reports/capacity.h). */
#include "reports/capacity.h"
#include <stdio.h>

void capacity_text(const struct capacity *c, FILE *out, int width, bool colour);
/* One object; keys are stable: reports/forms/capacity.schema.json. */
void capacity_json(const struct capacity *c, FILE *out);
/* A point, or a cell, a line. */
void capacity_csv(const struct capacity *c, FILE *out);
/* A picture that stands alone, light or dark as its reader's system is: the curve with its
 * intervals, the limit and the knee; of two keys a heat map (capacity_map.c). */
void capacity_svg(const struct capacity *c, FILE *out);
void capacity_map_svg(const struct capacity *c, FILE *out);
/* The head of either picture, with its colours and its title. */
void capacity_svg_begin(const struct capacity *c, int width, int height, FILE *out);

#endif
