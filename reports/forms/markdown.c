/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/forms/figures.h"
#include "reports/forms/forms.h"
#include "reports/forms/markdown_parts.h"
#include "reports/forms/naming.h"
#include "reports/forms/troubles.h"

#define TROUBLES_MAX 20 /* runs told of; a CI summary is limited in size */

/* ---- the matrix ---- */

static void row(FILE *out, const struct report_run *run, uint32_t i, struct naming naming) {
    const struct judged *j = &run->verdict->list[i];
    const struct mttr_row *m = &run->rows[i];
    char text[64], number[ROW_NUMBER];
    fprintf(out, "| %s | ", run_row(number, run));
    markdown_text(out, run->verdict->scenario);
    if (naming.topologies) fputs(" | ", out), markdown_text(out, run->facts->topology);
    if (naming.seeds) fprintf(out, " | %llu", (unsigned long long)run->verdict->seed);
    fputs(" | ", out);
    markdown_text(out, j->incident.name);
    fputs(" | ", out);
    markdown_text(out, expected_words(text, sizeof text, j));
    fprintf(out, " | %s", seen_words(text, sizeof text, j));
    fprintf(out, " | %s", figure_time(text, sizeof text, j->mttr));
    fprintf(out, " | %s", figure_time(text, sizeof text, m->seen));
    fprintf(out, " | %s |\n", markdown_mark(j->kind));
}

static void matrix(FILE *out, const struct report *report) {
    struct naming naming = naming_of(report);
    fprintf(out, "| # | scenario |%s%s incident | expected | seen | MTTR | as seen | verdict |\n",
            naming.topologies ? " topology |" : "", naming.seeds ? " seed |" : "");
    fprintf(out, "|---|---|%s%s---|---|---|--:|--:|---|\n", naming.topologies ? "---|" : "",
            naming.seeds ? "--:|" : "");
    for (uint32_t r = 0; r < report->run_count; r++)
        for (uint32_t i = 0; i < report->runs[r].verdict->count; i++)
            if (report->runs[r].verdict->list[i].expected) row(out, &report->runs[r], i, naming);
    fputc('\n', out);
}

/* ---- what did not pass ---- */

static void troubles(FILE *out, const struct report_run *run) {
    struct trouble t;
    char text[1024];
    fprintf(out, "%s: ", markdown_mark(run->verdict->kind));
    markdown_text(out, run_title(text, sizeof text, run));
    fputs("\n\n", out);
    for (uint32_t k = 0; trouble_at(run, k, &t); k++) {
        fputs("- ", out);
        markdown_text(out, trouble_sentence(text, sizeof text, &t));
        fputc('\n', out);
    }
    fputc('\n', out);
    if (run->reproduce[0]) markdown_code(out, run->reproduce);
}

static void not_passed(FILE *out, const struct report *report) {
    uint32_t told = 0, count = 0;
    for (uint32_t r = 0; r < report->run_count; r++) {
        if (report->runs[r].verdict->kind == VERDICT_PASS) continue;
        if (count++ == 0) fputs("### What did not pass\n\n", out);
        if (told < TROUBLES_MAX) told++, troubles(out, &report->runs[r]);
    }
    if (count > told) fprintf(out, "And %u more runs.\n\n", count - told);
}

/* ---- figures ---- */

static void repair(FILE *out, const struct report *report) {
    struct mttr m;
    struct survival survival;
    char time[5][24];
    report_mttr(report, &m, &survival);
    if (m.incidents == 0) return;
    fprintf(out, "%u incident%s: %u repaired, %u with a person, %u unresolved; ", m.incidents,
            plural(m.incidents), m.repaired.count, m.escalated, m.unresolved);
    fprintf(out, "%lld failed request%s, %lld page%s.", (long long)m.failed, plural(m.failed),
            (long long)m.pages, plural(m.pages));
    if (m.repaired.count > 0) {
        const struct distribution *d = &m.repaired;
        fprintf(out, " Time to repair: mean **%s**, p50 %s, p95 %s, p99 %s; target %s: %s.",
                figure_time(time[0], sizeof time[0], d->mean.value),
                figure_time(time[1], sizeof time[1], d->p50.value),
                figure_time(time[2], sizeof time[2], d->p95.value),
                figure_time(time[3], sizeof time[3], d->p99.value),
                figure_time(time[4], sizeof time[4], MTTR_TARGET_NS),
                d->mean.value < MTTR_TARGET_NS ? "met" : "missed");
    }
    if (m.mitigated_count > 0)
        fprintf(out, " Time to mitigate: mean **%s**; %u before the cause was out.",
                figure_time(time[0], sizeof time[0], mttr_mitigated_mean(&m)), m.eased);
    fputs("\n\n", out);
}

void report_markdown(const struct report *report, FILE *out) {
    fprintf(out, "## firedrill: %s\n\n%u passed, %u failed, %u inconclusive; %u violation%s",
            verdict_name(report->kind), report->passed, report->failed, report->inconclusive,
            report->violations, plural(report->violations));
    if (report->left_out_count > 0) fprintf(out, "; %u left out", report->left_out_count);
    fputs(".\n\n", out);
    markdown_grid(report, out);
    not_passed(out, report);
    repair(out, report);
    matrix(out, report);
}
