/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/forms/text_parts.h"
#include "engine/base/ratio.h"
#include "engine/base/text.h"
#include "reports/forms/figures.h"
#include "reports/groups.h"

static void estimate_row(struct table *table, const char *name, const struct estimate *e) {
    struct table_row *row = table_row(table);
    char time[3][24];
    CELL(row, 0, "%s", name);
    CELL(row, 1, "%s", figure_time(time[0], sizeof time[0], e->value));
    if (e->low == e->high) return;
    CELL(row, 2, "%s", figure_time(time[1], sizeof time[1], e->low));
    CELL(row, 3, "%s", figure_time(time[2], sizeof time[2], e->high));
}

/* Of those that stand, too: "-" where it cannot be said. */
static void standing_row(struct table *table, const char *name, const struct estimate *e) {
    struct table_row *row = table_row(table);
    char time[24];
    CELL(row, 0, "%s", name);
    CELL(row, 1, "%s", figure_time(time, sizeof time, e->value));
    CELL(row, 2, "%s", figure_time(time, sizeof time, e->low));
    CELL(row, 3, "%s", figure_time(time, sizeof time, e->high));
}

static void distribution_table(const struct mttr *m, const struct survival *survival,
                               const struct page *p) {
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
    if (survival->repaired < survival->count) {
        standing_row(&table, "p50 of all", &survival->p50);
        standing_row(&table, "p95 of all", &survival->p95);
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
    static const enum bucket groups[][6] = {
        {BUCKET_detect, BUCKET_COUNT},
        {BUCKET_evidence, BUCKET_root_cause, BUCKET_plan, BUCKET_COUNT},
        {BUCKET_patch, BUCKET_checks, BUCKET_COUNT},
        {BUCKET_cooldown_wait, BUCKET_lock_wait, BUCKET_retry_wait, BUCKET_COUNT},
        {BUCKET_human_wait, BUCKET_COUNT},
        {BUCKET_gates, BUCKET_canary_10, BUCKET_canary_50, BUCKET_canary_100, BUCKET_remedy,
         BUCKET_COUNT},
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

/* ---- by what incidents have in common ---- */

static void group_row(struct table *table, enum grouping by, const struct mttr_group *g) {
    struct table_row *row = table_row(table);
    const struct distribution *d = &g->mttr.repaired;
    char text[24];
    CELL(row, 0, "%s", grouping_name(by));
    CELL(row, 1, "%.60s", g->name);
    CELL(row, 2, "%u", g->mttr.incidents);
    CELL(row, 3, "%u", d->count);
    CELL(row, 4, "%u", g->mttr.escalated);
    CELL(row, 5, "%u", g->mttr.unresolved);
    if (d->count > 0) {
        CELL(row, 6, "%s", figure_time(text, sizeof text, d->mean.value));
        CELL(row, 7, "%s", figure_time(text, sizeof text, d->p50.value));
        CELL(row, 8, "%s", figure_time(text, sizeof text, d->p95.value));
    }
    CELL(row, 9, "%s", figure_time(text, sizeof text, g->survival.p50.value));
    CELL(row, 10, "%lld", (long long)g->mttr.failed);
    CELL(row, 11, "%s", figure_budget(text, sizeof text, g->mttr.budget_ppm));
    CELL(row, 12, "%lld", (long long)g->mttr.pages);
}

/* A kind of which most incidents are groups of their own, or all are one, says nothing new here. */
static void group_table(const struct report *report, uint32_t incidents, const struct page *p) {
    static const struct table_column columns[] = {
        {"by", 0, 0, false},      {"", 0, 16, false},     {"incidents", 1, 0, true},
        {"repaired", 0, 0, true}, {"person", 3, 0, true}, {"open", 4, 0, true},
        {"mean", 0, 0, true},     {"p50", 5, 0, true},    {"p95", 2, 0, true},
        {"p50 all", 3, 0, true},  {"failed", 2, 0, true}, {"budget", 1, 0, true},
        {"pages", 4, 0, true},
    };
    struct table table = {.columns = columns, .column_count = (int)ARRAY_LEN(columns)};
    for (int by = 0; by < GROUPING_COUNT; by++) {
        struct mttr_groups groups = groups_of(report, (enum grouping)by);
        bool told = groups.count > 1 && 2 * groups.count <= incidents;
        for (uint32_t k = 0; told && k < groups.count; k++)
            group_row(&table, (enum grouping)by, &groups.list[k]);
        groups_free(&groups);
    }
    if (table.row_count > 0) {
        fputc('\n', p->out);
        table_print(&table, p->out, p->width, false);
    }
    table_free(&table);
}

/* ---- of one run, the path of each incident ---- */

static void add_step(void *context, enum bucket bucket, time_ns from, time_ns to) {
    struct writer *line = context;
    char text[24];
    write_text(line, line->len > 0 ? " > " : "");
    write_text(line, bucket_name(bucket));
    write_text(line, " ");
    write_text(line, figure_time(text, sizeof text, to - from));
}

static void path(const struct report_run *run, uint32_t i, const struct page *p) {
    char steps[1500], line[1800], text[2][24];
    const struct mttr_row *m = &run->rows[i];
    struct writer w = writer_of(steps, sizeof steps - 1);
    timeline_walk(run->facts, &run->verdict->list[i].incident, add_step, &w);
    steps[w.len] = '\0';
    snprintf(line, sizeof line, "%s: %s; below its limit after %s; %s of a day's error budget",
             run->verdict->list[i].incident.name, steps,
             figure_time(text[0], sizeof text[0], m->mitigated),
             figure_budget(text[1], sizeof text[1], m->budget_ppm));
    page_sentence(p, "", line);
}

static void paths(const struct report *report, const struct page *p) {
    const struct report_run *run = &report->runs[0];
    if (report->run_count != 1) return;
    fputc('\n', p->out);
    for (uint32_t i = 0; i < run->verdict->count; i++)
        if (report_counts(run, i)) path(run, i, p);
}

void text_repair(const struct report *report, const struct page *p) {
    struct mttr m;
    struct survival survival;
    char text[2][24];
    report_mttr(report, &m, &survival);
    if (m.incidents == 0) return;
    page_heading(p, "Time to repair");
    if (m.repaired.count > 0) {
        distribution_table(&m, &survival, p);
        fputc('\n', p->out);
        bucket_table(&m, p);
    }
    incident_table(report, p);
    paths(report, p);
    group_table(report, m.incidents, p);
    char line[160];
    snprintf(line, sizeof line,
             "%u incident%s: %u repaired, %u with a person, %u unresolved (+: censored)",
             m.incidents, plural(m.incidents), m.repaired.count, m.escalated, m.unresolved);
    fputc('\n', p->out);
    page_sentence(p, "", line);
    if (m.mitigated_count > 0) {
        snprintf(line, sizeof line,
                 "time to mitigate: mean %s, of %u repaired; %u of them before the cause was out",
                 figure_time(text[0], sizeof text[0], mttr_mitigated_mean(&m)), m.mitigated_count,
                 m.eased);
        page_sentence(p, "", line);
    }
    snprintf(line, sizeof line, "failed requests %lld, %s of a day's error budget, pages %lld",
             (long long)m.failed, figure_budget(text[0], sizeof text[0], m.budget_ppm),
             (long long)m.pages);
    page_sentence(p, "", line);
    if (m.repaired.count > 0 && m.repaired.mean.value > 0)
        fprintf(p->out, "by hand %s: %lld times as long; target %s: %s\n",
                figure_time(text[0], sizeof text[0], MANUAL_NS),
                (long long)((MANUAL_NS + m.repaired.mean.value / 2) / m.repaired.mean.value),
                figure_time(text[1], sizeof text[1], MTTR_TARGET_NS),
                m.repaired.mean.value < MTTR_TARGET_NS ? "met" : "missed");
}
