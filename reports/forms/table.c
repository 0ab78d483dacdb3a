/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/forms/table.h"
#include "engine/base/check.h"
#include "reports/forms/width.h"
#include <stdlib.h>

#define GAP 2

struct table_row *table_row(struct table *table) {
    if (table->row_count == table->row_capacity) {
        uint32_t larger = table->row_capacity == 0 ? 16 : 2 * table->row_capacity;
        struct table_row *moved = realloc(table->rows, larger * sizeof *moved);
        ASSERT(moved != NULL);
        table->rows = moved;
        table->row_capacity = larger;
    }
    struct table_row *row = &table->rows[table->row_count++];
    memset(row, 0, sizeof *row);
    return row;
}

void table_free(struct table *table) {
    free(table->rows);
    *table = (struct table){0};
}

/* ---- how wide each column is; 0: left out ---- */

static void natural(const struct table *t, int widths[TABLE_COLUMNS]) {
    for (int c = 0; c < t->column_count; c++) {
        int title = columns_of(t->columns[c].title);
        widths[c] = 0;
        for (uint32_t r = 0; r < t->row_count; r++) {
            int w = columns_of(t->rows[r].cell[c]);
            if (w > widths[c]) widths[c] = w;
        }
        if (widths[c] > 0 && title > widths[c]) widths[c] = title;
    }
}

static int total(const struct table *t, const int widths[TABLE_COLUMNS]) {
    int sum = 0;
    for (int c = 0; c < t->column_count; c++)
        if (widths[c] > 0) sum += widths[c] + (sum > 0 ? GAP : 0);
    return sum;
}

/* The widest column that may still shrink; -1: none. */
static int shrinkable(const struct table *t, const int widths[TABLE_COLUMNS], bool at_any_price) {
    int best = -1;
    for (int c = 0; c < t->column_count; c++) {
        int narrow = t->columns[c].narrow;
        if (at_any_price && narrow > TABLE_NARROWEST) narrow = TABLE_NARROWEST;
        if (narrow > 0 && widths[c] > narrow && (best < 0 || widths[c] > widths[best])) best = c;
    }
    return best;
}

static void shrink(const struct table *t, int width, int widths[TABLE_COLUMNS], bool at_any_price) {
    int column;
    while (total(t, widths) > width && (column = shrinkable(t, widths, at_any_price)) >= 0)
        widths[column]--;
}

static int dispensable(const struct table *t, const int widths[TABLE_COLUMNS]) {
    int worst = -1;
    for (int c = 0; c < t->column_count; c++) {
        int rank = t->columns[c].rank;
        if (rank > 0 && widths[c] > 0 && (worst < 0 || rank > t->columns[worst].rank)) worst = c;
    }
    return worst;
}

static void fit(const struct table *t, int width, int widths[TABLE_COLUMNS]) {
    int whole[TABLE_COLUMNS];
    natural(t, whole);
    memcpy(widths, whole, sizeof whole);
    for (;;) {
        shrink(t, width, widths, false);
        int column = dispensable(t, widths);
        if (total(t, widths) <= width) return;
        if (column < 0) break;
        whole[column] = 0;
        memcpy(widths, whole, sizeof whole); /* with one less, the others may be wide again */
    }
    shrink(t, width, widths, true);
}

/* ---- printing ---- */

static void spaces(FILE *out, int count) {
    for (int i = 0; i < count; i++) fputc(' ', out);
}

static void print_cell(FILE *out, const char *text, int width, bool right, bool last,
                       const char *colour) {
    int columns = columns_of(text);
    int blank = columns < width ? width - columns : 0;
    if (right) spaces(out, blank);
    if (colour) fputs(colour, out);
    int printed = print_cut(out, text, width);
    if (colour) fputs("\033[0m", out);
    if (columns > width) blank = width - printed; /* a wide sign did not fit whole */
    if (!right && !last) spaces(out, blank);
}

static const char *text_of(const struct table *t, const struct table_row *row, int column) {
    return row ? row->cell[column] : t->columns[column].title;
}

/* Ends with the last cell that says something: no spaces at the end of a line. */
static void print_row(const struct table *t, const struct table_row *row,
                      const int widths[TABLE_COLUMNS], FILE *out, bool colour) {
    int last = t->column_count - 1;
    while (last > 0 && (widths[last] == 0 || text_of(t, row, last)[0] == '\0')) last--;
    for (int c = 0, printed = 0; c <= last; c++) {
        if (widths[c] == 0) continue;
        if (printed++ > 0) spaces(out, GAP);
        const char *paint = colour && row && c == t->column_count - 1 ? row->colour : NULL;
        print_cell(out, text_of(t, row, c), widths[c], t->columns[c].right, c == last, paint);
    }
    fputc('\n', out);
}

void table_print(const struct table *table, FILE *out, int width, bool colour) {
    int widths[TABLE_COLUMNS] = {0};
    fit(table, width, widths);
    print_row(table, NULL, widths, out, false);
    for (uint32_t r = 0; r < table->row_count; r++)
        print_row(table, &table->rows[r], widths, out, colour);
}
