/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/forms/text_parts.h"
#include "engine/base/ratio.h"
#include "reports/forms/figures.h"
#include "reports/spans.h"

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

static void lock_row(struct table *table, const struct lock_figures *x) {
    struct table_row *row = table_row(table);
    CELL(row, NAMES, "%.63s", x->label);
    lock_cells(row, x);
}

/* Each lock, then each scope and each engine; an engine has no queue and no utilisation. */
static void lock_rows(struct table *table, const struct contention *c) {
    for (uint32_t k = 0; k < c->count; k++) lock_row(table, &c->list[k]);
    for (uint32_t k = 0; k < c->scope_count && c->scope_count < c->count; k++)
        lock_row(table, &c->scopes[k]);
    for (uint32_t k = 0; k < c->engine_count; k++) {
        lock_row(table, &c->engines[k]);
        table->rows[table->row_count - 1].cell[NAMES + 5][0] = '\0';
        table->rows[table->row_count - 1].cell[NAMES + 11][0] = '\0';
    }
}

static void waits_table(const struct report_run *run, const struct page *p) {
    static const struct table_column columns[] = {
        {"waits", 0, 10, false}, {"for", 0, 10, false}, {"lock", 0, 18, false},
        {"from", 0, 0, true},    {"to", 0, 0, true},    {"", 1, 0, false},
    };
    struct table table = {.columns = columns, .column_count = (int)ARRAY_LEN(columns)};
    const struct waits_for *g = &run->contention.graph;
    for (uint32_t k = 0; k < g->edge_count; k++) {
        const struct wait_edge *e = &g->edges[k];
        struct table_row *row = table_row(&table);
        char label[LOCK_LABEL], clock[24];
        CELL(row, 0, "%s", op_label(label, e->waiter));
        CELL(row, 1, "%s", op_label(label, e->holder));
        CELL(row, 2, "%.63s", lock_label(label, run->facts, e->scope, e->name));
        CELL(row, 3, "%s", figure_clock(clock, sizeof clock, e->from));
        CELL(row, 4, "%s", e->open ? "-" : figure_clock(clock, sizeof clock, e->to));
        CELL(row, 5, "%s", e->behind ? "behind it in the queue" : "which holds it");
    }
    if (table.row_count > 0) {
        fputc('\n', p->out);
        table_print(&table, p->out, p->width, false);
    }
    table_free(&table);
}

static void one_run(const struct report_run *run, const struct page *p) {
    const struct contention *c = &run->contention;
    char text[24], line[240];
    waits_table(run, p);
    fputc('\n', p->out);
    snprintf(line, sizeof line,
             "longest convoy %lld, fenced-off writes %lld, fairness over engines %s",
             (long long)c->total.convoy_max, (long long)c->fenced_off,
             figure_share(text, sizeof text, c->fairness_ppm));
    page_sentence(p, "", line);
    snprintf(line, sizeof line, "queue L %lld.%03lld, lambda W %lld.%03lld",
             (long long)(c->total.queue_mean_ppm / PPM_ONE),
             (long long)(c->total.queue_mean_ppm % PPM_ONE / 1000),
             (long long)(c->total.little_ppm / PPM_ONE),
             (long long)(c->total.little_ppm % PPM_ONE / 1000));
    page_sentence(p, "", line);
}

void text_waits_for(const struct report *report, char *out, size_t size) {
    long long edges = 0, cycles = 0, shapes = 0;
    uint32_t most = 0;
    bool acyclic = true, little = true;
    for (uint32_t r = 0; r < report->run_count; r++) {
        const struct contention *c = &report->runs[r].contention;
        edges += c->wait_edges;
        cycles += c->cycles;
        shapes += c->graph.shape_count;
        if (c->graph.most > most) most = c->graph.most;
        acyclic = acyclic && c->acyclic;
        little = little && contention_little_holds(c);
    }
    snprintf(
        out, size,
        "waits-for graph: %lld edge%s, at most %u at once, %lld cycles; %s the %lld shape%s it "
        "had; Little's law %s",
        edges, plural(edges), most, cycles,
        acyclic ? "proven by an order of" : "NOT proven by an order of", shapes, plural(shapes),
        little ? "holds" : "DOES NOT hold");
}

/* Of one run, each lock, scope and engine; of several, each run. */
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
        if (one) lock_rows(&table, c);
        if (one || c->count == 0) continue;
        struct table_row *row = table_row(&table);
        page_name_cells(row, &report->runs[r], naming);
        lock_cells(row, &c->total);
    }
    if (table.row_count > 0) {
        page_heading(p, "Locks");
        table_print(&table, p->out, p->width, false);
        char line[320];
        if (one)
            one_run(&report->runs[0], p);
        else
            fputc('\n', p->out);
        text_waits_for(report, line, sizeof line);
        page_sentence(p, "", line);
    }
    table_free(&table);
}
