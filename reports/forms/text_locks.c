/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/forms/text_parts.h"
#include "engine/base/ratio.h"
#include "reports/forms/figures.h"

static void lock_cells(struct table_row *row, const struct lock_figures *x) {
    char text[24];
    CELL(row, NAMES + 1, "%lld", (long long)x->requests);
    CELL(row, NAMES + 2, "%lld", (long long)x->grants);
    CELL(row, NAMES + 3, "%lld", (long long)x->timeouts);
    CELL(row, NAMES + 4, "%lld", (long long)x->lost);
    CELL(row, NAMES + 5, "%lld", (long long)x->queue_max);
    CELL(row, NAMES + 6, "%s", figure_time(text, sizeof text, x->wait.p50.value));
    CELL(row, NAMES + 7, "%s", figure_time(text, sizeof text, x->wait.p95.value));
    CELL(row, NAMES + 8, "%s", figure_time(text, sizeof text, x->wait.max));
    CELL(row, NAMES + 9, "%s", figure_time(text, sizeof text, x->hold.p50.value));
    CELL(row, NAMES + 10, "%s", figure_time(text, sizeof text, x->hold.max));
    CELL(row, NAMES + 11, "%s", figure_share(text, sizeof text, x->utilisation_ppm));
}

static void contention_line(const struct contention *c, const struct page *p) {
    char text[24], line[240];
    snprintf(line, sizeof line,
             "longest convoy %lld, fenced-off writes %lld, fairness over engines %s",
             (long long)c->total.convoy_max, (long long)c->fenced_off,
             figure_share(text, sizeof text, c->fairness_ppm));
    page_sentence(p, "", line);
    snprintf(line, sizeof line,
             "waits-for graph: %lld edge%s, %lld cycles; queue L %lld.%03lld, lambda W %lld.%03lld",
             (long long)c->wait_edges, c->wait_edges == 1 ? "" : "s", (long long)c->cycles,
             (long long)(c->total.queue_mean_ppm / PPM_ONE),
             (long long)(c->total.queue_mean_ppm % PPM_ONE / 1000),
             (long long)(c->total.little_ppm / PPM_ONE),
             (long long)(c->total.little_ppm % PPM_ONE / 1000));
    page_sentence(p, "", line);
}

/* Of one run, each lock; of several, each run. */
void text_contention(const struct report *report, const struct page *p) {
    static const struct table_column columns[] = {
        NAME_COLUMNS,
        {"lock", 0, 18, false},
        {"asked", 0, 0, true},
        {"granted", 1, 0, true},
        {"timeouts", 0, 0, true},
        {"lost", 4, 0, true},
        {"queue", 3, 0, true},
        {"wait p50", 2, 0, true},
        {"wait p95", 3, 0, true},
        {"wait max", 0, 0, true},
        {"hold p50", 2, 0, true},
        {"hold max", 2, 0, true},
        {"in use", 5, 0, true},
    };
    struct table table = {.columns = columns, .column_count = (int)ARRAY_LEN(columns)};
    struct naming naming = naming_of(report);
    bool one = report->run_count == 1;
    for (uint32_t r = 0; r < report->run_count; r++) {
        const struct contention *c = &report->runs[r].contention;
        for (uint32_t k = 0; one && k < c->count; k++) {
            struct table_row *row = table_row(&table);
            CELL(row, NAMES, "%.63s", c->list[k].label);
            lock_cells(row, &c->list[k]);
        }
        if (one || c->count == 0) continue;
        struct table_row *row = table_row(&table);
        page_name_cells(row, &report->runs[r], naming);
        lock_cells(row, &c->total);
    }
    if (table.row_count > 0) {
        page_heading(p, "Locks");
        table_print(&table, p->out, p->width, false);
        if (one) contention_line(&report->runs[0].contention, p);
    }
    table_free(&table);
}
