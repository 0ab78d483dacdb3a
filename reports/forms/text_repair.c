/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/forms/text_parts.h"
#include "engine/base/ratio.h"
#include "reports/forms/figures.h"

static void estimate_row(struct table *table, const char *name, const struct estimate *e) {
    struct table_row *row = table_row(table);
    char time[3][24];
    CELL(row, 0, "%s", name);
    CELL(row, 1, "%s", figure_time(time[0], sizeof time[0], e->value));
    if (e->low == e->high) return;
    CELL(row, 2, "%s", figure_time(time[1], sizeof time[1], e->low));
    CELL(row, 3, "%s", figure_time(time[2], sizeof time[2], e->high));
}

static void distribution_table(const struct mttr *m, const struct page *p) {
    static const struct table_column columns[] = {{"repaired", 0, 8, false},
                                                  {"time", 0, 0, true},
                                                  {"95% from", 1, 0, true},
                                                  {"to", 1, 0, true}};
    struct table table = {.columns = columns, .column_count = (int)ARRAY_LEN(columns)};
    const struct distribution *d = &m->repaired;
    estimate_row(&table, "mean", &d->mean);
    if (d->count > 1) {
        estimate_row(&table, "p50", &d->p50);
        estimate_row(&table, "p95", &d->p95);
        estimate_row(&table, "p99", &d->p99);
    }
    table_print(&table, p->out, p->width, false);
    table_free(&table);
}

static void bucket_table(const struct mttr *m, const struct page *p) {
    static const struct table_column columns[] = {{"where it went", 0, 8, false},
                                                  {"mean", 0, 0, true},
                                                  {"share", 0, 0, true},
                                                  {"", 1, 0, false}};
    struct table table = {.columns = columns, .column_count = (int)ARRAY_LEN(columns)};
    time_ns whole = 0;
    for (int k = 0; k < BUCKET_COUNT; k++) whole += m->buckets[k];
    for (int k = 0; k < BUCKET_COUNT && whole > 0; k++) {
        char text[24];
        if (m->buckets[k] == 0) continue;
        struct table_row *row = table_row(&table);
        int64_t share = muldiv(m->buckets[k], PPM_ONE, whole);
        CELL(row, 0, "%s", bucket_name((enum bucket)k));
        CELL(row, 1, "%s", figure_time(text, sizeof text, m->buckets[k] / m->repaired.count));
        CELL(row, 2, "%s", figure_share(text, sizeof text, share));
        memset(row->cell[3], '#', (size_t)(share * 25 / PPM_ONE));
    }
    table_print(&table, p->out, p->width, false);
    table_free(&table);
}

/* The buckets of each incident, in groups. */
static void incident_row(struct table *table, const struct report_run *run, uint32_t i,
                         struct naming naming) {
    static const enum bucket groups[][5] = {
        {BUCKET_detect, BUCKET_COUNT},
        {BUCKET_evidence, BUCKET_root_cause, BUCKET_plan, BUCKET_COUNT},
        {BUCKET_patch, BUCKET_checks, BUCKET_COUNT},
        {BUCKET_cooldown_wait, BUCKET_lock_wait, BUCKET_retry_wait, BUCKET_COUNT},
        {BUCKET_human_wait, BUCKET_COUNT},
        {BUCKET_gates, BUCKET_canary_10, BUCKET_canary_50, BUCKET_canary_100, BUCKET_COUNT},
        {BUCKET_verify, BUCKET_close, BUCKET_COUNT},
        {BUCKET_rollback, BUCKET_COUNT},
    };
    const struct mttr_row *m = &run->rows[i];
    struct table_row *row = table_row(table);
    char text[24];
    page_name_cells(row, run, naming);
    CELL(row, NAMES, "%.63s", run->verdict->list[i].incident.name);
    for (size_t g = 0; g < ARRAY_LEN(groups); g++) {
        time_ns sum = 0;
        for (const enum bucket *b = groups[g]; *b != BUCKET_COUNT; b++) sum += m->timeline.ns[*b];
        CELL(row, NAMES + 1 + g, "%s", figure_time(text, sizeof text, sum));
    }
    CELL(row, NAMES + 9, "%s%s", figure_time(text, sizeof text, m->mttr), m->repaired ? "" : "+");
    CELL(row, NAMES + 10, "%s", figure_time(text, sizeof text, m->seen));
    CELL(row, NAMES + 11, "%lld", (long long)m->failed);
}

static void incident_table(const struct report *report, const struct page *p) {
    static const struct table_column columns[] = {
        NAME_COLUMNS,           {"incident", 2, 12, false},
        {"detect", 4, 0, true}, {"diagnose", 5, 0, true},
        {"patch", 5, 0, true},  {"wait", 4, 0, true},
        {"person", 5, 0, true}, {"canary", 5, 0, true},
        {"verify", 6, 0, true}, {"back", 7, 0, true},
        {"total", 0, 0, true},  {"seen", 1, 0, true},
        {"failed", 3, 0, true},
    };
    struct table table = {.columns = columns, .column_count = (int)ARRAY_LEN(columns)};
    struct naming naming = naming_of(report);
    for (uint32_t r = 0; r < report->run_count; r++)
        for (uint32_t i = 0; i < report->runs[r].verdict->count; i++)
            if (report_counts(&report->runs[r], i))
                incident_row(&table, &report->runs[r], i, naming);
    if (table.row_count > 0) {
        fputc('\n', p->out);
        table_print(&table, p->out, p->width, false);
    }
    table_free(&table);
}

void text_repair(const struct report *report, const struct page *p) {
    struct mttr m;
    char text[2][24];
    report_mttr(report, &m);
    if (m.incidents == 0) return;
    page_heading(p, "Time to repair");
    if (m.repaired.count > 0) {
        distribution_table(&m, p);
        fputc('\n', p->out);
        bucket_table(&m, p);
    }
    incident_table(report, p);
    char line[160];
    snprintf(line, sizeof line,
             "%u incident%s: %u repaired, %u with a person, %u unresolved (+: censored)",
             m.incidents, m.incidents == 1 ? "" : "s", m.repaired.count, m.escalated, m.unresolved);
    fputc('\n', p->out);
    page_sentence(p, "", line);
    fprintf(p->out, "failed requests %lld, pages %lld\n", (long long)m.failed, (long long)m.pages);
    if (m.repaired.count > 0 && m.repaired.mean.value > 0)
        fprintf(p->out, "by hand %s: %lld times as long; target %s: %s\n",
                figure_time(text[0], sizeof text[0], MANUAL_NS),
                (long long)((MANUAL_NS + m.repaired.mean.value / 2) / m.repaired.mean.value),
                figure_time(text[1], sizeof text[1], MTTR_TARGET_NS),
                m.repaired.mean.value < MTTR_TARGET_NS ? "met" : "missed");
}
