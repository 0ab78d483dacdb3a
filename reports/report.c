/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/report.h"
#include "engine/base/check.h"
#include "engine/base/diag.h"
#include <stdlib.h>

void report_init(struct report *report) { *report = (struct report){.kind = VERDICT_PASS}; }

static struct report_run *run_new(struct report *report) {
    if (report->run_count == report->run_capacity) {
        uint32_t larger = report->run_capacity == 0 ? 16 : 2 * report->run_capacity;
        struct report_run *moved = realloc(report->runs, larger * sizeof *moved);
        ASSERT(moved != NULL);
        report->runs = moved;
        report->run_capacity = larger;
    }
    struct report_run *run = &report->runs[report->run_count++];
    *run = (struct report_run){0};
    return run;
}

/* Several patches of an incident are one part. */
static void add_part(void *context, enum indicator which, int64_t incident, struct share share) {
    struct report *report = context;
    uint32_t run = report->run_count - 1;
    for (uint32_t k = report->part_count; k-- > 0 && report->parts[k].run == run;) {
        struct indicator_part *p = &report->parts[k];
        if (p->which != which || p->incident != incident) continue;
        p->share.part += share.part;
        p->share.whole += share.whole;
        return;
    }
    if (report->part_count == report->part_capacity) {
        report->part_capacity = report->part_capacity == 0 ? 64 : 2 * report->part_capacity;
        report->parts = realloc(report->parts, report->part_capacity * sizeof *report->parts);
        ASSERT(report->parts != NULL);
    }
    report->parts[report->part_count++] = (struct indicator_part){which, run, incident, share};
}

void report_add(struct report *report, const struct facts *facts, const struct verdict *verdict,
                const char *reproduce) {
    struct report_run *run = run_new(report);
    run->facts = facts;
    run->verdict = verdict;
    printable(run->reproduce, sizeof run->reproduce, reproduce, strlen(reproduce));
    run->rows = calloc(verdict->count + 1, sizeof *run->rows);
    bool counted = contention_of(facts, &run->contention);
    ASSERT(run->rows != NULL && counted);
    for (uint32_t i = 0; i < verdict->count; i++)
        run->rows[i] = mttr_row_of(facts, &verdict->list[i]);
    indicators_add(&report->indicators, facts, verdict, &run->contention);
    indicators_each(facts, verdict, &run->contention, add_part, report);
    report->kind = verdict_worse(report->kind, verdict->kind);
    report->passed += verdict->passed;
    report->failed += verdict->failed;
    report->inconclusive += verdict->inconclusive;
    report->violations +=
        verdict->violations.count + verdict->violations.dropped + verdict->forbidden_count;
}

void report_leave_out(struct report *report, const char *scenario, const char *topology) {
    size_t count = report->left_out_count + 1;
    report->left_out = realloc(report->left_out, count * sizeof *report->left_out);
    ASSERT(report->left_out != NULL);
    report->left_out[report->left_out_count++] = (struct report_left_out){scenario, topology};
}

void report_free(struct report *report) {
    for (uint32_t i = 0; i < report->run_count; i++) {
        free(report->runs[i].rows);
        contention_free(&report->runs[i].contention);
    }
    free(report->runs);
    free(report->parts);
    free(report->left_out);
    *report = (struct report){0};
}

bool report_counts(const struct report_run *run, uint32_t incident) {
    const struct incident *n = &run->verdict->list[incident].incident;
    if (n->fault < 0 || n->onset == TIME_NEVER) return false;
    for (uint32_t i = 0; i < incident; i++)
        if (run->verdict->list[i].incident.fault == n->fault) return false;
    return true;
}

void report_mttr(const struct report *report, struct mttr *out, struct survival *survival) {
    size_t room = 1, count = 0;
    for (uint32_t r = 0; r < report->run_count; r++) room += report->runs[r].verdict->count;
    const struct mttr_row **rows = malloc(room * sizeof *rows);
    ASSERT(rows != NULL);
    for (uint32_t r = 0; r < report->run_count; r++) {
        const struct report_run *run = &report->runs[r];
        for (uint32_t i = 0; i < run->verdict->count; i++)
            if (report_counts(run, i)) rows[count++] = &run->rows[i];
    }
    mttr_of(rows, count, out, survival);
    free(rows);
}
