/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/forms/capacity_forms.h"
#include "reports/forms/page.h"
#include "reports/forms/table.h"

#include <math.h>

static const char *figure(char out[32], const struct capacity *c, double value) {
    return compared_text(out, 32, c->demand.figure, value);
}

static void head(const struct capacity *c, FILE *out) {
    char low[48], high[48];
    fprintf(out, "%s on %s, policy %s\n%s, as %s goes from %s to %s", c->scenario, c->topology,
            c->policy, c->demand.text, c->x.key, capacity_point(low, sizeof low, &c->x, 0),
            capacity_point(high, sizeof high, &c->x, c->x.last));
    if (c->y.key[0])
        fprintf(out, " and %s from %s to %s", c->y.key, capacity_point(low, sizeof low, &c->y, 0),
                capacity_point(high, sizeof high, &c->y, c->y.last));
    fputs("\n\n", out);
}

static void point_row(struct table *table, const struct capacity *c, uint32_t k) {
    const struct knee_point *p = &c->knee.list[k];
    struct table_row *row = table_row(table);
    char text[48];
    CELL(row, 0, "%s", capacity_point(text, sizeof text, &c->x, p->point));
    CELL(row, 1, "%u", p->seeds);
    CELL(row, 2, "%s", figure(text, c, p->value));
    CELL(row, 3, "%s", figure(text, c, p->low));
    CELL(row, 4, "%s", figure(text, c, p->high));
    if (c->knee.status == KNEE_FOUND && k == c->knee.nearest) CELL(row, 5, "knee");
}

static void curve(const struct capacity *c, FILE *out, int width, bool colour) {
    const struct table_column columns[] = {{c->x.key, 0, 0, true},
                                           {"seeds", 2, 0, true},
                                           {compared_name(c->demand.figure), 0, 0, true},
                                           {"95% from", 1, 0, true},
                                           {"to", 1, 0, true},
                                           {"", 0, 0, false}};
    struct table table = {.columns = columns, .column_count = (int)ARRAY_LEN(columns)};
    for (uint32_t k = 0; k < c->knee.count; k++) point_row(&table, c, k);
    table_print(&table, out, width, colour);
    table_free(&table);
    fputc('\n', out);
}

static void grid(const struct capacity *c, FILE *out, int width, bool colour) {
    struct table_column columns[TABLE_COLUMNS] = {{c->y.key, 0, 0, true}};
    char titles[CAPACITY_SIDE_MAX][48], text[3][48];
    uint32_t shown = c->columns < TABLE_COLUMNS - 2 ? c->columns : TABLE_COLUMNS - 2;
    for (uint32_t k = 0; k < shown; k++)
        columns[k + 1] = (struct table_column){
            capacity_point(titles[k], sizeof titles[k], &c->x, c->column[k]), 0, 0, true};
    columns[shown + 1] = (struct table_column){"passes the limit at", 0, 0, false};
    struct table table = {.columns = columns, .column_count = (int)shown + 2};
    for (uint32_t r = 0; r < c->rows; r++) {
        struct table_row *row = table_row(&table);
        const struct capacity_row *p = &c->passes[r];
        CELL(row, 0, "%s", capacity_point(text[0], sizeof text[0], &c->y, c->row[r]));
        for (uint32_t k = 0; k < shown; k++)
            CELL(row, k + 1, "%s", figure(text[0], c, c->cell[r][k].value));
        if (p->known)
            CELL(row, shown + 1, "%s [%s, %s]",
                 capacity_value(text[0], sizeof text[0], &c->x, p->at, 0),
                 capacity_value(text[1], sizeof text[1], &c->x, p->low, 0),
                 capacity_value(text[2], sizeof text[2], &c->x, p->high, 0));
        else
            CELL(row, shown + 1, "-");
    }
    fprintf(out, "%s, by %s (across) and %s (down)\n", compared_name(c->demand.figure), c->x.key,
            c->y.key);
    table_print(&table, out, width, colour);
    table_free(&table);
    fputc('\n', out);
}

static void knee(const struct capacity *c, FILE *out) {
    const struct knee *k = &c->knee;
    char at[48], low[48], high[48];
    fprintf(out, "knee: %s = %s, 95%% from %s%s to %s%s; %u seeds\n", c->x.key,
            capacity_value(at, sizeof at, &c->x, k->at, 1), k->low_open ? "below " : "",
            capacity_value(low, sizeof low, &c->x, k->low, 1), k->high_open ? "above " : "",
            capacity_value(high, sizeof high, &c->x, k->high, 1), k->seeds);
    if (c->precision > 0)
        fprintf(out, "half of that is %.2g%% of it: %s %.3g%%\n",
                100 * (k->high - k->low) / 2 / fabs(k->at),
                k->precise ? "less than" : "more seeds are needed for", 100 * c->precision);
    if (k->against == k->count)
        fprintf(out, "the curve %s throughout, within its noise\n", k->rises ? "rises" : "falls");
    else
        fprintf(out,
                "the curve turns back after %s, by more than noise: there may be other knees\n",
                capacity_point(at, sizeof at, &c->x, k->list[k->against].point));
}

void capacity_text(const struct capacity *c, FILE *out, int width, bool colour) {
    char line[400];
    head(c, out);
    if (c->y.key[0])
        grid(c, out, width, colour);
    else
        curve(c, out, width, colour);
    if (!c->y.key[0] && c->knee.status == KNEE_FOUND) knee(c, out);
    capacity_binding(c, line, sizeof line);
    fprintf(out, "%s\n\nlimits of policy %s that may bind first\n", line, c->policy);
    for (const char *at = c->limits; *at;) {
        size_t len = strcspn(at, "\n");
        fprintf(out, "  %.*s\n", (int)len, at);
        at += len + (at[len] == '\n');
    }
    fprintf(out, "\n%llu runs, %llu of them did not pass, %llu violations\n",
            (unsigned long long)c->runs, (unsigned long long)c->not_passed,
            (unsigned long long)c->violations);
    if (c->not_passed > 0) fprintf(out, "  %s\n  reproduce: %s\n", c->why, c->reproduce);
}
