/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/forms/csv_parts.h"
#include "reports/forms/forms.h"
#include "reports/forms/naming.h"
#include "reports/groups.h"

static void head(struct csv_line *line) {
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
                                         "pages",
                                         "fault_kind",
                                         "engine",
                                         "mitigated_ns",
                                         "mitigated_before_cure",
                                         "budget_burnt_ppm"};
    for (size_t k = 0; k < ARRAY_LEN(before); k++) csv_cell(line, before[k]);
    for (int k = 0; k < BUCKET_COUNT; k++) {
        char name[40];
        snprintf(name, sizeof name, "%s_ns", bucket_name((enum bucket)k));
        csv_cell(line, name);
    }
    csv_cell(line, "reproduce");
    csv_end(line);
}

static void run_cells(struct csv_line *line, const struct report_run *run) {
    char text[DIGEST_TEXT];
    csv_cell(line, run_row(text, run));
    csv_text(line, run->verdict->scenario);
    csv_text(line, run->facts->topology);
    csv_int(line, (int64_t)run->verdict->seed);
    csv_cell(line, run_digest(text, run));
    csv_cell(line, verdict_name(run->verdict->kind));
}

static void verdict_cells(struct csv_line *line, const struct judged *j) {
    csv_text(line, expected_reaction(j));
    csv_text(line, j->expected_outcome);
    csv_cell(line, seen_reaction(j));
    csv_cell(line, seen_outcome(j));
    csv_cell(line, j->expected ? verdict_name(j->kind) : "");
    csv_text(line, j->why);
}

static void group_cell(struct csv_line *line, const struct report_run *run, uint32_t i,
                       enum grouping by) {
    char name[GROUP_NAME];
    group_name(name, run, i, by);
    csv_text(line, strcmp(name, "-") == 0 ? "" : name);
}

static void incident(struct csv_line *line, const struct report_run *run, uint32_t i) {
    const struct judged *j = &run->verdict->list[i];
    const struct mttr_row *m = &run->rows[i];
    run_cells(line, run);
    csv_text(line, j->incident.name);
    csv_text(line, real_service(j->incident.service)
                       ? facts_service(run->facts, j->incident.service)
                       : "");
    csv_cell(line, symptom_name(j->incident.symptom));
    verdict_cells(line, j);
    csv_time(line, j->incident.onset);
    csv_time(line, j->incident.detected);
    csv_time(line, j->incident.closed);
    csv_time(line, j->mttr);
    csv_time(line, m->seen);
    csv_cell(line, m->repaired ? "true" : "false");
    csv_int(line, m->mttr);
    csv_int(line, m->failed);
    csv_int(line, m->pages);
    group_cell(line, run, i, GROUP_BY_fault);
    group_cell(line, run, i, GROUP_BY_engine);
    csv_time(line, m->mitigated);
    csv_cell(line, m->eased ? "true" : "false");
    csv_time(line, m->budget_ppm);
    for (int k = 0; k < BUCKET_COUNT; k++) csv_int(line, m->timeline.ns[k]);
    csv_text(line, run->reproduce);
    csv_end(line);
}

void report_csv(const struct report *report, FILE *out) {
    struct csv_line line = {out, false};
    head(&line);
    for (uint32_t r = 0; r < report->run_count; r++)
        for (uint32_t i = 0; i < report->runs[r].verdict->count; i++)
            incident(&line, &report->runs[r], i);
}
