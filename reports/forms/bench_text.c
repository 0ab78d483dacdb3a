/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/forms/bench_forms.h"
#include "reports/forms/figures.h"
#include "reports/forms/page.h"
#include "engine/base/ratio.h"

static void share_cells(struct table_row *row, int column, const struct share *s) {
    char text[3][24];
    int64_t low, high;
    if (s->whole == 0) return;
    indicator_interval(s, &low, &high);
    CELL(row, column, "%s", figure_share(text[0], sizeof text[0], ppm_of(s->part, s->whole)));
    CELL(row, column + 1, "%s-%s", figure_share(text[1], sizeof text[1], low),
         figure_share(text[2], sizeof text[2], high));
}

static void time_cells(struct table_row *row, int column, const struct estimate *e) {
    char time[3][24];
    CELL(row, column, "%s", figure_time(time[0], sizeof time[0], e->value));
    CELL(row, column + 1, "%s-%s", figure_time(time[1], sizeof time[1], e->low),
         figure_time(time[2], sizeof time[2], e->high));
    if (e->low == e->high) row->cell[column + 1][0] = '\0';
}

static void scenario_row(struct table *table, const struct bench_part *part, uint32_t k) {
    const struct sweep_figures *f = &part->sweep.parts[k];
    struct table_row *row = table_row(table);
    CELL(row, 0, "%s", k == 0 ? part->name : "");
    CELL(row, 1, "%.63s", part->plan.parts[k].scenario);
    CELL(row, 2, "%u", f->runs);
    share_cells(row, 3, &(struct share){f->passed, f->runs});
    CELL(row, 5, "%u/%u", f->mttr.repaired.count, f->mttr.incidents);
    if (f->mttr.repaired.count > 0) {
        time_cells(row, 6, &f->mttr.repaired.mean);
        time_cells(row, 8, &f->mttr.repaired.p95);
    }
    share_cells(row, 10, &(struct share){f->lock_timeouts, f->lock_requests});
    row->colour = NULL;
}

static void scores(const struct bench *bench, const struct page *p) {
    static const struct table_column columns[] = {
        {"part", 0, 0, false},  {"scenario", 0, 12, false},    {"runs", 0, 0, true},
        {"passed", 0, 0, true}, {"95%", 4, 0, true},           {"repaired", 3, 0, true},
        {"MTTR", 0, 0, true},   {"95%", 1, 0, true},           {"p95", 2, 0, true},
        {"95%", 5, 0, true},    {"lock timeouts", 0, 0, true}, {"95%", 6, 0, true},
    };
    struct table table = {.columns = columns, .column_count = (int)ARRAY_LEN(columns)};
    for (uint32_t k = 0; k < bench->part_count; k++)
        for (uint32_t s = 0; s < bench->parts[k].plan.part_count; s++)
            scenario_row(&table, &bench->parts[k], s);
    table_print(&table, p->out, p->width, p->colour);
    table_free(&table);
}

/* Indicators are judged on the month, nowhere else: a third of the matrix needs people. */
static void month(const struct bench_part *part, const struct page *p) {
    static const struct table_column columns[] = {
        {"indicator", 0, 10, false}, {"figure", 0, 0, true},  {"of", 2, 0, true},
        {"95%", 0, 0, true},         {"target", 0, 0, false}, {"", 0, 0, false},
    };
    struct table table = {.columns = columns, .column_count = (int)ARRAY_LEN(columns)};
    for (int k = 0; k < INDICATOR_COUNT; k++) {
        const struct share *s = &part->sweep.parts[0].indicators.of[k];
        struct table_row *row = table_row(&table);
        CELL(row, 0, "%s", indicator_name((enum indicator)k));
        CELL(row, 1, "-");
        CELL(row, 2, "%lld/%lld", (long long)s->part, (long long)s->whole);
        share_cells(row, 1, s);
        if (s->whole > 0) memcpy(row->cell[3], row->cell[2], sizeof row->cell[3]);
        CELL(row, 2, "%lld/%lld", (long long)s->part, (long long)s->whole);
        CELL(row, 4, "%s", indicator_target((enum indicator)k));
        CELL(row, 5, "%s", bench_target_word((enum indicator)k, s));
    }
    page_heading(p, "Indicators of the month");
    table_print(&table, p->out, p->width, false);
    table_free(&table);
    fputs("met and missed are said of the whole interval; open: the runs do not say\n", p->out);
}

void bench_text(const struct bench *bench, FILE *out, int width, bool colour) {
    struct page page = {out, width < 60 ? 60 : width, colour};
    uint64_t runs = 0, not_passed = 0;
    fprintf(out, "%s%s\n\n", BENCH_SET, bench->quick ? ", a quick part of it" : "");
    scores(bench, &page);
    for (uint32_t k = 0; k < bench->part_count; k++) {
        const struct bench_part *part = &bench->parts[k];
        if (strcmp(part->name, "month") == 0) month(part, &page);
        runs += part->sweep.runs;
        not_passed += part->sweep.not_passed;
    }
    fprintf(out, "\n%llu of %llu runs passed\n", (unsigned long long)(runs - not_passed),
            (unsigned long long)runs);
}
