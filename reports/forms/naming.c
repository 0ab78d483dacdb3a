/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/forms/naming.h"
#include "engine/base/diag.h"
#include "reports/forms/figures.h"
#include <stdio.h>

const char *run_file(char *out, size_t size, const struct report_run *run) {
    const struct rec_view *file = &run->facts->run.items[0].file;
    printable(out, size, file->bytes, file->len);
    return out;
}

const char *run_row(char out[ROW_NUMBER], const struct report_run *run) {
    char file[ROW_NUMBER];
    size_t digits = strspn(run_file(file, sizeof file, run), "0123456789");
    bool numbered = digits > 0 && file[digits] == '_';
    snprintf(out, ROW_NUMBER, "%.*s", numbered ? (int)digits : 0, file);
    return out;
}

const char *run_digest(char out[DIGEST_TEXT], const struct report_run *run) {
    snprintf(out, DIGEST_TEXT, "%016llx", (unsigned long long)run->facts->digest);
    return out;
}

const char *run_title(char *out, size_t size, const struct report_run *run) {
    char row[ROW_NUMBER];
    run_row(row, run);
    snprintf(out, size, "%s%s%s%s%s, seed %llu", row, row[0] ? " " : "", run->verdict->scenario,
             run->facts->topology[0] ? " on " : "", run->facts->topology,
             (unsigned long long)run->verdict->seed);
    return out;
}

const char *remedy_words(char out[REMEDY_WORDS], const struct eff_remedy *order) {
    long long amount = (long long)order->amount, pod = (long long)order->pod;
    if (order->remedy == REMEDY_SCALE_OUT && order->undo)
        snprintf(out, REMEDY_WORDS, "takes %lld pod%s away again", amount, plural(amount));
    else if (order->remedy == REMEDY_SCALE_OUT)
        snprintf(out, REMEDY_WORDS, "adds %lld pod%s", amount, plural(amount));
    else if (order->remedy == REMEDY_DRAIN)
        snprintf(out, REMEDY_WORDS, order->undo ? "lets pod %lld serve again" : "drains pod %lld",
                 pod);
    else
        snprintf(out, REMEDY_WORDS, "restarts its pods");
    return out;
}

static bool same_but_for_the_seed(const struct report_run *a, const struct report_run *b) {
    return strcmp(a->verdict->scenario, b->verdict->scenario) == 0 &&
           strcmp(a->facts->topology, b->facts->topology) == 0 &&
           a->verdict->seed != b->verdict->seed;
}

struct naming naming_of(const struct report *report) {
    struct naming n = {false, false};
    for (uint32_t r = 1; r < report->run_count; r++) {
        const struct report_run *run = &report->runs[r];
        if (strcmp(run->facts->topology, report->runs[0].facts->topology) != 0) n.topologies = true;
        for (uint32_t b = 0; b < r && !n.seeds; b++)
            n.seeds = same_but_for_the_seed(run, &report->runs[b]);
    }
    return n;
}

const char *expected_reaction(const struct judged *judged) {
    return judged_by_invariants(judged) ? "invariants" : judged->expected_reaction;
}
const char *seen_reaction(const struct judged *judged) {
    return judged_by_invariants(judged) ? "" : reaction_name(judged->reaction);
}
const char *seen_outcome(const struct judged *judged) {
    return judged_by_invariants(judged) ? "" : outcome_name(judged->outcome);
}

const char *expected_words(char *out, size_t size, const struct judged *judged) {
    const char *outcome = judged->expected_outcome;
    snprintf(out, size, "%s%s%s", expected_reaction(judged), outcome[0] ? ", " : "", outcome);
    return out;
}
const char *seen_words(char *out, size_t size, const struct judged *judged) {
    const char *reaction = seen_reaction(judged);
    if (reaction[0] == '\0')
        snprintf(out, size, "-");
    else
        snprintf(out, size, "%s, %s", reaction, seen_outcome(judged));
    return out;
}
