/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_FORMS_TABLE_H
#define REPORTS_FORMS_TABLE_H
/*
 * Columns of text that fit a width. A column is as wide as its widest cell; one without any text is
 * left out. If all together are too wide, names are cut (cells end in "~") as far as "narrow"
 * allows; if that is not enough, the column of the largest "rank" goes and the others are as wide
 * as they like again. Only when none may go are names cut further. Widths are columns of a terminal
 * (width.h).
 */
#include "engine/base/base.h"
#include <stdio.h>

#define TABLE_COLUMNS   16
#define TABLE_CELL      64
#define TABLE_NARROWEST 8

struct table_column {
    const char *title;
    int rank;   /* 0: stays; the larger, the sooner it goes */
    int narrow; /* a width to which it may be cut; 0: never cut */
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

#endif
