/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/base/diag.h"
#include "reports/forms/forms.h"
#include "reports/forms/naming.h"

/* RFC 4180: lines end in CR LF, a cell with a comma, a quote or a line's end stands in quotes. An
 * empty cell is what did not happen. */

struct line {
    FILE *out;
    bool begun;
};

static void cell(struct line *line, const char *text) {
    bool quoted = text[strcspn(text, ",\"\r\n")] != '\0';
    if (line->begun) fputc(',', line->out);
    line->begun = true;
    if (quoted) fputc('"', line->out);
    for (; *text; text++) {
        if (*text == '"') fputc('"', line->out);
        fputc(*text, line->out);
    }
    if (quoted) fputc('"', line->out);
}

/* Text that came from a file: made printable, and kept from being a formula where a spreadsheet
 * opens it. */
static void cell_text(struct line *line, const char *text) {
    char copy[1024];
    bool formula = *text != '\0' && strchr("=+-@", *text) != NULL;
    copy[0] = '\'';
    printable(copy + formula, sizeof copy - 1, text, strlen(text));
    cell(line, copy);
}
static void cell_int(struct line *line, int64_t v) {
    char text[24];
    snprintf(text, sizeof text, "%lld", (long long)v);
    cell(line, text);
}
static void cell_time(struct line *line, time_ns at) {
    if (at == TIME_NEVER || at < 0)
        cell(line, "");
    else
        cell_int(line, at);
}
static void end(struct line *line) {
    fputs("\r\n", line->out);
    line->begun = false;
}

static void head(struct line *line) {
    static const char *const before[] = {"row",
                                         "scenario",
                                         "topology",
                                         "seed",
                                         "digest",
                                         "run_verdict",
                                         "incident",
                                         "service",
                                         "symptom",
                                         "expected_reaction",
                                         "expected_outcome",
                                         "reaction",
                                         "outcome",
                                         "verdict",
                                         "why",
                                         "onset_ns",
                                         "detected_ns",
                                         "closed_ns",
                                         "mttr_ns",
                                         "mttr_seen_ns",
                                         "repaired",
                                         "stood_ns",
                                         "failed_requests",
                                         "pages"};
    for (size_t k = 0; k < ARRAY_LEN(before); k++) cell(line, before[k]);
    for (int k = 0; k < BUCKET_COUNT; k++) {
        char name[40];
        snprintf(name, sizeof name, "%s_ns", bucket_name((enum bucket)k));
        cell(line, name);
    }
    cell(line, "reproduce");
    end(line);
}

static void run_cells(struct line *line, const struct report_run *run) {
    char text[DIGEST_TEXT];
    cell(line, run_row(text, run));
    cell_text(line, run->verdict->scenario);
    cell_text(line, run->facts->topology);
    cell_int(line, (int64_t)run->verdict->seed);
    cell(line, run_digest(text, run));
    cell(line, verdict_name(run->verdict->kind));
}

static void verdict_cells(struct line *line, const struct judged *j) {
    cell_text(line, j->expected_reaction);
    cell_text(line, j->expected_outcome);
    cell(line, reaction_name(j->reaction));
    cell(line, outcome_name(j->outcome));
    cell(line, j->expected ? verdict_name(j->kind) : "");
    cell_text(line, j->why);
}

static void incident(struct line *line, const struct report_run *run, uint32_t i) {
    const struct judged *j = &run->verdict->list[i];
    const struct mttr_row *m = &run->rows[i];
    run_cells(line, run);
    cell_text(line, j->incident.name);
    cell_text(line, real_service(j->incident.service)
                        ? facts_service(run->facts, j->incident.service)
                        : "");
    cell(line, symptom_name(j->incident.symptom));
    verdict_cells(line, j);
    cell_time(line, j->incident.onset);
    cell_time(line, j->incident.detected);
    cell_time(line, j->incident.closed);
    cell_time(line, j->mttr);
    cell_time(line, m->seen);
    cell(line, m->repaired ? "true" : "false");
    cell_int(line, m->mttr);
    cell_int(line, m->failed);
    cell_int(line, m->pages);
    for (int k = 0; k < BUCKET_COUNT; k++) cell_int(line, m->timeline.ns[k]);
    cell_text(line, run->reproduce);
    end(line);
}

void report_csv(const struct report *report, FILE *out) {
    struct line line = {out, false};
    head(&line);
    for (uint32_t r = 0; r < report->run_count; r++)
        for (uint32_t i = 0; i < report->runs[r].verdict->count; i++)
            incident(&line, &report->runs[r], i);
}
