/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a trace: read, judged, every invariant checked, reported. Nothing may be assumed of
 * them. */
#include "reports/forms/forms.h"

static void report_all(const struct facts *facts, const struct verdict *verdict) {
    static FILE *nowhere;
    struct report report;
    if (!nowhere) nowhere = fopen("/dev/null", "w");
    report_init(&report);
    report_add(&report, facts, verdict, "");
    report_text(&report, nowhere, 60, true);
    report_json(&report, nowhere);
    timeline_text(facts, nowhere);
    verdict_line(verdict, nowhere);
    report_free(&report);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct facts facts;
    struct trace_error error;
    struct verdict verdict;
    if (!judge_read(data, size, &facts, &error)) return 0;
    if (judge_run(&facts, &verdict)) {
        report_all(&facts, &verdict);
        verdict_free(&verdict);
    }
    facts_free(&facts);
    return 0;
}
