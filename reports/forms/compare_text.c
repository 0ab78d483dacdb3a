/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/forms/compare_forms.h"
#include "reports/forms/page.h"

bool comparison_holds(const struct comparison *c) {
    char why[256];
    bool all = true;
    for (uint32_t k = 0; k < c->limits->count; k++)
        all &= demand_holds(&c->limits->list[k], c->compare, why, sizeof why);
    return all;
}

static const char *paint(const char *verdict) {
    return strcmp(verdict, "better") == 0  ? page_paint(VERDICT_PASS)
           : strcmp(verdict, "worse") == 0 ? page_paint(VERDICT_FAIL)
                                           : NULL;
}

static void figure_row(struct table *table, const struct compare *c, enum compared which) {
    const struct compared_figure *f = &c->of[which];
    struct table_row *row = table_row(table);
    const char *verdict = compared_verdict(c, which);
    char text[3][32];
    CELL(row, 0, "%s", compared_name(which));
    CELL(row, 1, "%s", compared_text(text[0], sizeof text[0], which, f->base));
    CELL(row, 2, "%s", compared_text(text[0], sizeof text[0], which, f->candidate));
    if (f->known) {
        CELL(row, 3, "%s", compared_change(text[0], sizeof text[0], which, f->candidate - f->base));
        CELL(row, 4, "%s", compared_change(text[1], sizeof text[1], which, f->low));
        CELL(row, 5, "%s", compared_change(text[2], sizeof text[2], which, f->high));
        CELL(row, 6, "%.3f", f->adjusted);
    }
    CELL(row, 7, "%s", verdict);
    row->colour = paint(verdict);
}

void compare_text(const struct comparison *c, FILE *out, int width, bool colour) {
    static const struct table_column columns[] = {
        {"figure", 0, 0, false}, {"base", 0, 0, true},     {"candidate", 0, 0, true},
        {"change", 0, 0, true},  {"95% from", 3, 0, true}, {"to", 3, 0, true},
        {"p", 4, 0, true},       {"verdict", 0, 0, false}};
    struct table table = {.columns = columns, .column_count = (int)ARRAY_LEN(columns)};
    char line[400];
    for (int k = 0; k < COMPARED_COUNT; k++) figure_row(&table, c->compare, (enum compared)k);
    table_print(&table, out, width, colour);
    table_free(&table);
    fprintf(out, "\n%u seeds on both sides, %u incidents repaired on both; %s\n", c->compare->seeds,
            c->compare->pairs, c->changed);
    if (c->limits->count > 0) fputc('\n', out);
    for (uint32_t k = 0; k < c->limits->count; k++) {
        bool holds = demand_holds(&c->limits->list[k], c->compare, line, sizeof line);
        fprintf(out, "%s %s\n", holds ? "ok  " : "FAIL", line);
    }
}
