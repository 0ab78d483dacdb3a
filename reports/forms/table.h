/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_FORMS_TABLE_H
#define REPORTS_FORMS_TABLE_H
/* Columns of text that fit a width. A column is as wide as its widest cell; if all together are too
 * wide, first the wide text columns shrink (cells end in "~"), then columns of the largest "rank"
 * go. Widths count code points. */
#include "engine/base/base.h"
#include <stdio.h>

#define TABLE_COLUMNS 12
#define TABLE_CELL    64

struct table_column {
    const char *title;
    int rank;   /* 0: stays; the larger, the sooner it goes */
    int narrow; /* may shrink to this; 0: never shrinks */
    bool right; /* figures */
};
struct table_row {
    char cell[TABLE_COLUMNS][TABLE_CELL];
    const char *colour; /* of its last cell; NULL: none */
};
struct table {
    const struct table_column *columns;
    int column_count;
    struct table_row *rows;
    uint32_t row_count, row_capacity;
};

/* A row of empty cells; asserts on memory. */
struct table_row *table_row(struct table *table);
void table_print(const struct table *table, FILE *out, int width, bool colour);
void table_free(struct table *table);

/* Prints text cut to "width" code points, the last one "~" when cut; returns the width printed. */
int print_cut(FILE *out, const char *text, int width);

#endif
