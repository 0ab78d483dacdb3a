/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/forms/figures.h"
#include "reports/forms/text_parts.h"
#include "reports/forms/width.h"
#include "reports/grid.h"

/* A row a scenario, a column a topology: what each came to. Where the names of the topologies do
 * not fit beside one another, columns have short marks, which are told beneath. */

#define BESIDE     2 /* columns before the topologies' */
#define AT_ONCE    (TABLE_COLUMNS - BESIDE)
#define NAME_SHOWN 48

struct block { /* the columns that one table shows */
    const struct grid *grid;
    uint32_t first, count;
    bool named;
};

/* A failure stands out without colour, too: the only word in capitals. */
static void cell_words(char out[TABLE_CELL], const struct grid_cell *cell, bool roomy) {
    static const char *const words[] = {"ok", "FAIL", "?"};
    const char *word = words[grid_verdict(cell)];
    out[0] = '\0';
    if (cell->runs > 1)
        snprintf(out, TABLE_CELL, "%u/%u", cell->passed, cell->runs);
    else if (cell->runs == 1 && roomy && cell->passed == 1 && cell->first->verdict->count > 0) {
        const struct judged *first = &cell->first->verdict->list[0];
        if (first->outcome == OUTCOME_RESOLVED)
            figure_time(out, TABLE_CELL, first->mttr);
        else
            snprintf(out, TABLE_CELL, "%s", outcome_name(first->outcome));
    } else if (cell->runs == 1)
        snprintf(out, TABLE_CELL, "%s", word);
    else if (cell->left_out)
        snprintf(out, TABLE_CELL, "-");
}

static void fill(struct table *table, const struct block *b) {
    for (uint32_t r = 0; r < b->grid->row_count; r++) {
        struct table_row *row = table_row(table);
        run_row(row->cell[0], b->grid->rows[r]);
        CELL(row, 1, "%.63s", b->grid->rows[r]->verdict->scenario);
        for (uint32_t c = 0; c < b->count; c++)
            cell_words(row->cell[BESIDE + c], grid_at(b->grid, r, b->first + c), b->named);
    }
    struct table_row *sums = table_row(table);
    CELL(sums, 1, "passed");
    for (uint32_t c = 0; c < b->count; c++) {
        const struct grid_sum *sum = &b->grid->sums[b->first + c];
        CELL(sums, BESIDE + c, "%u/%u", sum->passed, sum->runs);
    }
}

static void print_block(const struct block *b, const struct page *p) {
    char marks[AT_ONCE][NAME_SHOWN];
    struct table_column columns[TABLE_COLUMNS] = {{"#", 0, 0, true}, {"scenario", 0, 14, false}};
    for (uint32_t c = 0; c < b->count; c++) {
        const char *name = b->grid->columns[b->first + c]->facts->topology;
        if (b->named)
            snprintf(marks[c], NAME_SHOWN, "%s", name);
        else
            snprintf(marks[c], NAME_SHOWN, "T%u", b->first + c + 1);
        columns[BESIDE + c] = (struct table_column){marks[c], 0, b->named ? 12 : 0, true};
    }
    struct table table = {.columns = columns, .column_count = (int)(BESIDE + b->count)};
    fill(&table, b);
    table_print(&table, p->out, p->width, p->colour);
    table_free(&table);
}

static bool names_fit(const struct grid *grid, int width) {
    int needed = 32; /* the longest scenario, and its number */
    for (uint32_t c = 0; c < grid->column_count; c++) {
        int name = columns_of(grid->columns[c]->facts->topology);
        needed += 2 + (name > 9 ? name : 9); /* of "suspended" */
    }
    return grid->column_count <= AT_ONCE && needed <= width;
}

static void tell_marks(const struct grid *grid, const struct page *p) {
    char text[1024] = "";
    size_t len = 0;
    for (uint32_t c = 0; c < grid->column_count && len + 80 < sizeof text; c++)
        len += (size_t)snprintf(text + len, sizeof text - len, "%sT%u %.60s", c ? ", " : "", c + 1,
                                grid->columns[c]->facts->topology);
    page_sentence(p, "", text);
}

void text_grid(const struct report *report, const struct page *page) {
    struct grid grid = grid_of(report);
    if (grid.column_count > 1) {
        struct block b = {&grid, 0, 0, names_fit(&grid, page->width)};
        page_heading(page, "By topology");
        uint32_t at_once = b.named ? AT_ONCE : (uint32_t)(page->width - 24) / 7;
        if (at_once > AT_ONCE) at_once = AT_ONCE;
        for (; b.first < grid.column_count; b.first += b.count) {
            b.count = grid.column_count - b.first < at_once ? grid.column_count - b.first : at_once;
            print_block(&b, page);
        }
        if (!b.named) tell_marks(&grid, page);
        if (report->left_out_count > 0)
            page_sentence(page, "", "-: left out, the topology has nobody for one of its roles");
    }
    grid_free(&grid);
}
