/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_FORMS_CSV_PARTS_H
#define REPORTS_FORMS_CSV_PARTS_H
/* What the CSV forms share. RFC 4180: lines end in CR LF, a cell with a comma, a quote or a line's
 * end stands in quotes. An empty cell is what did not happen. */
#include "engine/base/simtime.h"
#include <stdio.h>

struct csv_line {
    FILE *out;
    bool begun;
};

/* As it stands: for text of our own. */
void csv_cell(struct csv_line *line, const char *text);
/* Text that came from a file: made printable, and kept from being a formula where a spreadsheet
 * opens it. */
void csv_text(struct csv_line *line, const char *text);
void csv_int(struct csv_line *line, int64_t v);
void csv_time(struct csv_line *line, time_ns at);
void csv_end(struct csv_line *line);

#endif
