/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/base/ratio.h"
#include "engine/base/text.h"
#include "reports/forms/figures.h"
#include "reports/forms/text_parts.h"

static void indicator_row(struct table *table, const struct report *report, enum indicator which) {
    const struct share *s = &report->indicators.of[which];
    struct table_row *row = table_row(table);
    char text[24];
    int64_t low, high;
    indicator_interval(s, &low, &high);
    CELL(row, 0, "%s", indicator_name(which));
    CELL(row, 1, "-");
    if (s->whole > 0) {
        CELL(row, 1, "%s", figure_share(text, sizeof text, muldiv(s->part, PPM_ONE, s->whole)));
        CELL(row, 3, "%s", figure_share(text, sizeof text, low));
        CELL(row, 4, "%s", figure_share(text, sizeof text, high));
    }
    CELL(row, 2, "%lld/%lld", (long long)s->part, (long long)s->whole);
    CELL(row, 5, "%s", indicator_target(which));
    CELL(row, 6, "%s", indicator_formula(which));
}

/* The incidents that speak against an indicator: of a share that shall be high those that are not
 * in it, else those that are. */
static bool speaks_against(const struct indicator_part *p, enum indicator which) {
    bool high = indicator_target(which)[0] == '>';
    return p->which == which && (high ? p->share.part < p->share.whole : p->share.part > 0);
}

#define TOLD_MAX 12 /* the other forms have them all */
static void against(const struct report *report, enum indicator which, const struct page *page) {
    char line[1600];
    uint32_t count = 0;
    struct naming naming = naming_of(report);
    struct writer w = writer_of(line, sizeof line - 1);
    for (uint32_t k = 0; k < report->part_count; k++) {
        const struct indicator_part *p = &report->parts[k];
        const struct verdict *v = report->runs[p->run].verdict;
        if (!speaks_against(p, which) || count++ >= TOLD_MAX) continue;
        write_text(&w, count > 1 ? ", " : indicator_name(which));
        write_text(&w, count > 1 ? "" : ", against it: ");
        write_text(&w, v->scenario);
        if (naming.topologies) {
            write_text(&w, " on ");
            write_text(&w, report->runs[p->run].facts->topology);
        }
        if (p->incident >= 0 && v->count > 1) {
            write_text(&w, " ");
            write_text(&w, v->list[p->incident].incident.name);
        }
    }
    if (count == 0) return;
    if (count > TOLD_MAX) {
        write_text(&w, " and ");
        write_int(&w, count - TOLD_MAX);
        write_text(&w, " more");
    }
    line[w.len] = '\0';
    page_sentence(page, "", line);
}

void text_indicators(const struct report *report, const struct page *p) {
    static const struct table_column columns[] = {
        {"indicator", 0, 22, false}, {"figure", 0, 0, true}, {"of", 1, 0, true},
        {"95% from", 4, 0, true},    {"to", 4, 0, true},     {"target", 2, 0, false},
        {"formula", 3, 32, false}};
    struct table table = {.columns = columns, .column_count = (int)ARRAY_LEN(columns)};
    for (int k = 0; k < INDICATOR_COUNT; k++) indicator_row(&table, report, (enum indicator)k);
    page_heading(p, "Indicators");
    table_print(&table, p->out, p->width, false);
    table_free(&table);
    fputc('\n', p->out);
    for (int k = 0; k < INDICATOR_COUNT; k++) against(report, (enum indicator)k, p);
}
