/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/forms/figures.h"
#include "reports/forms/forms.h"
#include "reports/forms/text_parts.h"
#include "reports/forms/troubles.h"
#include "reports/forms/width.h"

void page_name_cells(struct table_row *row, const struct report_run *run, struct naming naming) {
    run_row(row->cell[NAME_ROW], run);
    CELL(row, NAME_SCENARIO, "%.63s", run->verdict->scenario);
    if (naming.topologies) CELL(row, NAME_TOPOLOGY, "%.63s", run->facts->topology);
    if (naming.seeds) CELL(row, NAME_SEED, "%llu", (unsigned long long)run->verdict->seed);
}

/* ---- the matrix ---- */

static void matrix_row(struct table *table, const struct report_run *run, uint32_t i,
                       struct naming naming) {
    const struct judged *j = &run->verdict->list[i];
    struct table_row *row = table_row(table);
    char time[24], words[64];
    page_name_cells(row, run, naming);
    CELL(row, NAMES, "%.63s", j->incident.name);
    CELL(row, NAMES + 1, "%s", expected_words(words, sizeof words, j));
    CELL(row, NAMES + 2, "%s", seen_words(words, sizeof words, j));
    CELL(row, NAMES + 3, "%s", figure_time(time, sizeof time, j->mttr));
    CELL(row, NAMES + 4, "%s", verdict_name(j->kind));
    row->colour = page_paint(j->kind);
}

static void matrix(const struct report *report, const struct page *p) {
    static const struct table_column columns[] = {
        NAME_COLUMNS,           {"incident", 1, 12, false}, {"expected", 2, 0, false},
        {"seen", 0, 24, false}, {"MTTR", 0, 0, true},       {"verdict", 0, 0, false},
    };
    struct table table = {.columns = columns, .column_count = (int)ARRAY_LEN(columns)};
    struct naming naming = naming_of(report);
    for (uint32_t r = 0; r < report->run_count; r++) {
        const struct report_run *run = &report->runs[r];
        for (uint32_t i = 0; i < run->verdict->count; i++)
            if (run->verdict->list[i].expected) matrix_row(&table, run, i, naming);
    }
    table_print(&table, p->out, p->width, p->colour);
    table_free(&table);
}

static void troubles_of(const struct report_run *run, const struct page *p) {
    const struct verdict *v = run->verdict;
    struct trouble t;
    char text[400];
    if (v->kind == VERDICT_PASS) return;
    fputc('\n', p->out);
    page_verdict(p, v->kind);
    fputs(": ", p->out);
    print_cut(p->out, run_title(text, sizeof text, run), p->width - 14);
    fputc('\n', p->out);
    for (uint32_t k = 0; trouble_at(run, k, &t); k++)
        page_sentence(p, "  ", trouble_sentence(text, sizeof text, &t));
    if (v->violations.dropped > 0) fprintf(p->out, "  and %u more\n", v->violations.dropped);
    if (run->reproduce[0]) fprintf(p->out, "  reproduce: %s\n", run->reproduce);
}

static void verdict_summary(const struct report *report, const struct page *p) {
    fputc('\n', p->out);
    page_verdict(p, report->kind);
    fprintf(p->out, ": %u passed, %u failed, %u inconclusive; %u violation%s", report->passed,
            report->failed, report->inconclusive, report->violations, plural(report->violations));
    if (report->left_out_count > 0) fprintf(p->out, "; %u left out", report->left_out_count);
    fputc('\n', p->out);
}

void report_text(const struct report *report, FILE *out, int width, bool colour) {
    struct page page = {out, width < 60 ? 60 : width, colour};
    matrix(report, &page);
    for (uint32_t r = 0; r < report->run_count; r++) troubles_of(&report->runs[r], &page);
    text_grid(report, &page);
    verdict_summary(report, &page);
    text_repair(report, &page);
    text_contention(report, &page);
    text_indicators(report, &page);
}
