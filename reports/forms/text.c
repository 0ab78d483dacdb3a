/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/base/ratio.h"
#include "reports/forms/figures.h"
#include "reports/forms/forms.h"
#include "reports/forms/page.h"
#include "reports/forms/table.h"

/* ---- the matrix ---- */

static void matrix_row(struct table *table, const struct report_run *run, uint32_t i) {
    const struct judged *j = &run->verdict->list[i];
    struct table_row *row = table_row(table);
    char time[24];
    CELL(row, 0, "%.63s", run->verdict->scenario);
    CELL(row, 1, "%.63s", run->facts->topology);
    CELL(row, 2, "%.63s", j->incident.name);
    CELL(row, 3, "%s, %s", j->expected_reaction, j->expected_outcome);
    CELL(row, 4, "%s, %s", reaction_name(j->reaction), outcome_name(j->outcome));
    CELL(row, 5, "%s", figure_time(time, sizeof time, j->mttr));
    CELL(row, 6, "%s", verdict_name(j->kind));
    row->colour = page_paint(j->kind);
}

static void matrix(const struct report *report, const struct page *p) {
    static const struct table_column columns[] = {
        {"scenario", 0, 14, false}, {"topology", 3, 0, false}, {"incident", 2, 10, false},
        {"expected", 1, 20, false}, {"seen", 0, 20, false},    {"MTTR", 0, 0, true},
        {"verdict", 0, 0, false},
    };
    struct table table = {.columns = columns, .column_count = (int)ARRAY_LEN(columns)};
    for (uint32_t r = 0; r < report->run_count; r++) {
        const struct report_run *run = &report->runs[r];
        for (uint32_t i = 0; i < run->verdict->count; i++)
            if (run->verdict->list[i].expected) matrix_row(&table, run, i);
    }
    table_print(&table, p->out, p->width, p->colour);
    table_free(&table);
}

static void troubles_of(const struct report_run *run, const struct page *p) {
    const struct verdict *v = run->verdict;
    if (v->kind == VERDICT_PASS) return;
    fputc('\n', p->out);
    page_verdict(p, v->kind);
    fputs(": ", p->out);
    print_cut(p->out, v->scenario, p->width - 14);
    fprintf(p->out, ", seed %llu\n", (unsigned long long)v->seed);
    for (uint32_t i = 0; i < v->count; i++)
        if (v->list[i].kind != VERDICT_PASS) {
            fputs("  ", p->out);
            print_cut(p->out, v->list[i].incident.name, p->width - 3);
            fputs(":\n", p->out);
            page_sentence(p, "    ", v->list[i].why);
        }
    for (uint32_t i = 0; i < v->forbidden_count; i++) page_sentence(p, "  ", v->forbidden[i]);
    for (uint32_t i = 0; i < v->violations.count; i++)
        page_sentence(p, "  ", v->violations.list[i].why);
    if (v->violations.dropped > 0) fprintf(p->out, "  and %u more\n", v->violations.dropped);
    if (v->count == 0 || v->passed + v->failed + v->inconclusive == 0)
        page_sentence(p, "  ", v->why);
    if (run->reproduce[0]) fprintf(p->out, "  reproduce: %s\n", run->reproduce);
}

static void verdict_summary(const struct report *report, const struct page *p) {
    fputc('\n', p->out);
    page_verdict(p, report->kind);
    fprintf(p->out, ": %u passed, %u failed, %u inconclusive; %u violation%s\n", report->passed,
            report->failed, report->inconclusive, report->violations,
            report->violations == 1 ? "" : "s");
}

/* ---- time to repair ---- */

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
                         bool several) {
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
    const struct verdict *v = run->verdict;
    if (several && v->count == 1)
        CELL(row, 0, "%.63s", v->scenario);
    else
        CELL(row, 0, "%.38s%s%.22s", several ? v->scenario : "", several ? ": " : "",
             v->list[i].incident.name);
    for (size_t g = 0; g < ARRAY_LEN(groups); g++) {
        time_ns sum = 0;
        for (const enum bucket *b = groups[g]; *b != BUCKET_COUNT; b++) sum += m->timeline.ns[*b];
        CELL(row, 1 + g, "%s", figure_time(text, sizeof text, sum));
    }
    CELL(row, 9, "%s%s", figure_time(text, sizeof text, m->mttr), m->repaired ? "" : "+");
    CELL(row, 10, "%s", figure_time(text, sizeof text, m->seen));
    CELL(row, 11, "%lld", (long long)m->failed);
}

static void incident_table(const struct report *report, const struct page *p) {
    static const struct table_column columns[] = {
        {"incident", 0, 18, false}, {"detect", 3, 0, true}, {"diagnose", 4, 0, true},
        {"patch", 4, 0, true},      {"wait", 3, 0, true},   {"person", 4, 0, true},
        {"canary", 4, 0, true},     {"verify", 5, 0, true}, {"back", 6, 0, true},
        {"total", 0, 0, true},      {"seen", 1, 0, true},   {"failed requests", 2, 0, true},
    };
    struct table table = {.columns = columns, .column_count = (int)ARRAY_LEN(columns)};
    for (uint32_t r = 0; r < report->run_count; r++)
        for (uint32_t i = 0; i < report->runs[r].verdict->count; i++)
            if (report_counts(&report->runs[r], i))
                incident_row(&table, &report->runs[r], i, report->run_count > 1);
    if (table.row_count > 0) {
        fputc('\n', p->out);
        table_print(&table, p->out, p->width, false);
    }
    table_free(&table);
}

static void repair(const struct report *report, const struct page *p) {
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

/* ---- contention ---- */

static void lock_row(struct table *table, const char *label, const struct lock_figures *x) {
    struct table_row *row = table_row(table);
    char text[24];
    CELL(row, 0, "%.63s", label);
    CELL(row, 1, "%lld", (long long)x->requests);
    CELL(row, 2, "%lld", (long long)x->grants);
    CELL(row, 3, "%lld", (long long)x->timeouts);
    CELL(row, 4, "%lld", (long long)x->lost);
    CELL(row, 5, "%lld", (long long)x->queue_max);
    CELL(row, 6, "%s", figure_time(text, sizeof text, x->wait.p50.value));
    CELL(row, 7, "%s", figure_time(text, sizeof text, x->wait.p95.value));
    CELL(row, 8, "%s", figure_time(text, sizeof text, x->wait.max));
    CELL(row, 9, "%s", figure_time(text, sizeof text, x->hold.p50.value));
    CELL(row, 10, "%s", figure_time(text, sizeof text, x->hold.max));
    CELL(row, 11, "%s", figure_share(text, sizeof text, x->utilisation_ppm));
}

static void contention_line(const struct contention *c, const struct page *p) {
    char text[24];
    fprintf(p->out, "longest convoy %lld, fenced-off writes %lld, fairness over engines %s\n",
            (long long)c->total.convoy_max, (long long)c->fenced_off,
            figure_share(text, sizeof text, c->fairness_ppm));
    fprintf(
        p->out,
        "waits-for graph: %lld edge%s, %lld cycles; queue L %lld.%03lld, lambda W %lld.%03lld\n",
        (long long)c->wait_edges, c->wait_edges == 1 ? "" : "s", (long long)c->cycles,
        (long long)(c->total.queue_mean_ppm / PPM_ONE),
        (long long)(c->total.queue_mean_ppm % PPM_ONE / 1000),
        (long long)(c->total.little_ppm / PPM_ONE),
        (long long)(c->total.little_ppm % PPM_ONE / 1000));
}

static void contention(const struct report *report, const struct page *p) {
    static const struct table_column columns[] = {
        {"lock", 0, 18, false},   {"asked", 0, 0, true},    {"granted", 1, 0, true},
        {"timeouts", 0, 0, true}, {"lost", 4, 0, true},     {"queue", 3, 0, true},
        {"wait p50", 2, 0, true}, {"wait p95", 3, 0, true}, {"wait max", 0, 0, true},
        {"hold p50", 2, 0, true}, {"hold max", 2, 0, true}, {"in use", 5, 0, true},
    };
    struct table table = {.columns = columns, .column_count = (int)ARRAY_LEN(columns)};
    bool one = report->run_count == 1;
    for (uint32_t r = 0; r < report->run_count; r++) {
        const struct contention *c = &report->runs[r].contention;
        for (uint32_t k = 0; one && k < c->count; k++)
            lock_row(&table, c->list[k].label, &c->list[k]);
        if (!one && c->count > 0) lock_row(&table, report->runs[r].verdict->scenario, &c->total);
    }
    if (table.row_count > 0) {
        page_heading(p, "Locks");
        table_print(&table, p->out, p->width, false);
        if (one) contention_line(&report->runs[0].contention, p);
    }
    table_free(&table);
}

/* ---- indicators ---- */

static void indicators(const struct report *report, const struct page *p) {
    static const struct table_column columns[] = {{"indicator", 0, 10, false},
                                                  {"figure", 0, 0, true},
                                                  {"of", 1, 0, true},
                                                  {"target", 2, 0, false},
                                                  {"formula", 3, 12, false}};
    struct table table = {.columns = columns, .column_count = (int)ARRAY_LEN(columns)};
    for (int k = 0; k < INDICATOR_COUNT; k++) {
        const struct share *s = &report->indicators.of[k];
        struct table_row *row = table_row(&table);
        char text[24];
        CELL(row, 0, "%s", indicator_name((enum indicator)k));
        CELL(row, 1, "%s",
             s->whole > 0 ? figure_share(text, sizeof text, muldiv(s->part, PPM_ONE, s->whole))
                          : "-");
        CELL(row, 2, "%lld/%lld", (long long)s->part, (long long)s->whole);
        CELL(row, 3, "%s", indicator_target((enum indicator)k));
        CELL(row, 4, "%s", indicator_formula((enum indicator)k));
    }
    page_heading(p, "Indicators");
    table_print(&table, p->out, p->width, false);
    table_free(&table);
}

void report_text(const struct report *report, FILE *out, int width, bool colour) {
    struct page page = {out, width < 60 ? 60 : width, colour};
    matrix(report, &page);
    for (uint32_t r = 0; r < report->run_count; r++) troubles_of(&report->runs[r], &page);
    verdict_summary(report, &page);
    repair(report, &page);
    contention(report, &page);
    indicators(report, &page);
}
