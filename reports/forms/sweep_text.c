/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/forms/figures.h"
#include "reports/forms/page.h"
#include "reports/forms/sweep_forms.h"
#include "reports/forms/width.h"

#define SHOWN_MAX 5 /* seeds told of for each scenario; all stand in the results */

static void name_cells(struct table_row *row, const struct sweep_part *part) {
    CELL(row, 0, "%.63s", part->scenario);
    CELL(row, 1, "%.63s", part->topology);
}

/* ---- how the runs ended ---- */

static void outcome_row(struct table *table, const struct sweep_part *part,
                        const struct sweep_figures *f) {
    struct table_row *row = table_row(table);
    enum status worst = sweep_figures_status(f);
    name_cells(row, part);
    CELL(row, 2, "%u", f->runs);
    CELL(row, 3, "%u", f->passed);
    CELL(row, 4, "%u", f->failed);
    CELL(row, 5, "%u", f->inconclusive);
    CELL(row, 6, "%u", f->crashed);
    CELL(row, 7, "%lld", (long long)f->violations);
    CELL(row, 8, "%lld", (long long)(f->runs > 0 ? f->mttr.failed / f->runs : 0));
    CELL(row, 9, "%s", run_status_name(worst));
    row->colour = page_paint(run_status_verdict(worst));
}

static void outcomes(const struct sweep *sweep, const struct page *p) {
    static const struct table_column columns[] = {
        {"scenario", 0, 10, false}, {"topology", 0, 6, false},  {"runs", 0, 0, true},
        {"pass", 0, 0, true},       {"fail", 0, 0, true},       {"inconclusive", 2, 0, true},
        {"crash", 3, 0, true},      {"violations", 4, 0, true}, {"failed req/run", 5, 0, true},
        {"verdict", 0, 0, false},
    };
    struct table table = {.columns = columns, .column_count = (int)ARRAY_LEN(columns)};
    for (uint32_t k = 0; k < sweep->plan->part_count; k++)
        outcome_row(&table, &sweep->plan->parts[k], &sweep->parts[k]);
    table_print(&table, p->out, p->width, p->colour);
    table_free(&table);
}

/* ---- distributions over seeds ---- */

static void estimate_cells(struct table_row *row, int column, const struct estimate *e) {
    char time[3][24];
    CELL(row, column, "%s", figure_time(time[0], sizeof time[0], e->value));
    CELL(row, column + 1, "%s-%s", figure_time(time[1], sizeof time[1], e->low),
         figure_time(time[2], sizeof time[2], e->high));
    if (e->low == e->high) row->cell[column + 1][0] = '\0';
}

static void distribution_cells(struct table_row *row, int column, const struct distribution *d) {
    if (d->count == 0) return;
    estimate_cells(row, column, &d->mean);
    estimate_cells(row, column + 2, &d->p50);
    estimate_cells(row, column + 4, &d->p95);
    estimate_cells(row, column + 6, &d->p99);
}

static void repair_times(const struct sweep *sweep, const struct page *p) {
    static const struct table_column columns[] = {
        {"scenario", 0, 10, false}, {"topology", 0, 6, false}, {"repaired", 1, 0, true},
        {"mean", 0, 0, true},       {"95%", 3, 0, true},       {"p50", 3, 0, true},
        {"95%", 4, 0, true},        {"p95", 0, 0, true},       {"95%", 2, 0, true},
        {"p99", 2, 0, true},        {"95%", 2, 0, true},
    };
    struct table table = {.columns = columns, .column_count = (int)ARRAY_LEN(columns)};
    for (uint32_t k = 0; k < sweep->plan->part_count; k++) {
        const struct mttr *m = &sweep->parts[k].mttr;
        if (m->incidents == 0) continue;
        struct table_row *row = table_row(&table);
        name_cells(row, &sweep->plan->parts[k]);
        CELL(row, 2, "%u/%u", m->repaired.count, m->incidents);
        distribution_cells(row, 3, &m->repaired);
    }
    if (table.row_count > 0) {
        page_heading(p, "Time to repair, with 95% bootstrap intervals over seeds");
        table_print(&table, p->out, p->width, false);
    }
    table_free(&table);
}

static void lock_waits(const struct sweep *sweep, const struct page *p) {
    static const struct table_column columns[] = {
        {"scenario", 0, 10, false}, {"topology", 0, 6, false}, {"asked", 1, 0, true},
        {"timeouts", 1, 0, true},   {"mean", 0, 0, true},      {"95%", 3, 0, true},
        {"p50", 3, 0, true},        {"95%", 4, 0, true},       {"p95", 0, 0, true},
        {"95%", 2, 0, true},        {"p99", 2, 0, true},       {"95%", 2, 0, true},
    };
    struct table table = {.columns = columns, .column_count = (int)ARRAY_LEN(columns)};
    for (uint32_t k = 0; k < sweep->plan->part_count; k++) {
        const struct sweep_figures *f = &sweep->parts[k];
        if (f->lock_requests == 0) continue;
        struct table_row *row = table_row(&table);
        name_cells(row, &sweep->plan->parts[k]);
        CELL(row, 2, "%lld", (long long)f->lock_requests);
        CELL(row, 3, "%lld", (long long)f->lock_timeouts);
        distribution_cells(row, 4, &f->lock_wait);
    }
    if (table.row_count > 0) {
        page_heading(p, "Waiting for locks, a run");
        table_print(&table, p->out, p->width, false);
    }
    table_free(&table);
}

/* ---- what did not pass ---- */

static void trouble(const struct sweep_trouble *t, const struct page *p) {
    fprintf(p->out, "  seed %llu, ", (unsigned long long)t->seed);
    page_verdict(p, run_status_verdict(t->status));
    fputs(t->status == STATUS_BUG ? ", crashed\n" : "\n", p->out);
    page_sentence(p, "    ", t->why);
    fprintf(p->out, "    reproduce: %s\n", t->reproduce); /* to be copied: never folded */
    if (t->trace[0]) fprintf(p->out, "    trace: %s\n", t->trace);
}

static void troubles(const struct sweep_part *part, const struct sweep_figures *f,
                     const struct page *p) {
    char title[sizeof part->scenario + sizeof part->topology + 4], runs[48];
    if (f->trouble_count == 0) return;
    fputc('\n', p->out);
    page_verdict(p, run_status_verdict(sweep_figures_status(f)));
    fputs(": ", p->out);
    snprintf(title, sizeof title, "%s on %s", part->scenario, part->topology);
    snprintf(runs, sizeof runs, ", %u of %u runs\n", f->runs - f->passed, f->runs);
    print_cut(p->out, title, p->width - (int)strlen("inconclusive: ") - (int)strlen(runs));
    fputs(runs, p->out);
    for (uint32_t k = 0; k < f->trouble_count && k < SHOWN_MAX; k++) trouble(&f->troubles[k], p);
    if (f->runs - f->passed > SHOWN_MAX)
        fprintf(p->out, "  and %u more, in the results\n", f->runs - f->passed - SHOWN_MAX);
}

void sweep_text(const struct sweep *sweep, FILE *out, int width, bool colour) {
    struct page page = {out, width < 60 ? 60 : width, colour};
    outcomes(sweep, &page);
    repair_times(sweep, &page);
    lock_waits(sweep, &page);
    for (uint32_t k = 0; k < sweep->plan->part_count; k++)
        troubles(&sweep->plan->parts[k], &sweep->parts[k], &page);
    fputc('\n', out);
    page_verdict(&page, run_status_verdict(sweep->status));
    fprintf(out, ": %llu runs, %llu of them passed\n", (unsigned long long)sweep->runs,
            (unsigned long long)(sweep->runs - sweep->not_passed));
}
