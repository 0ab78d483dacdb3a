/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a trace: read, judged, every invariant checked, reported. Nothing may be assumed of
 * them. */
#include "reports/forms/explain.h"
#include "reports/forms/forms.h"
#include <stdlib.h>

static void report_all(const struct facts *facts, const struct verdict *verdict) {
    static FILE *nowhere;
    static const struct explained all = {.decision = -1, .engine = -1};
    const char *nearest;
    struct report report;
    if (!nowhere) nowhere = fopen("/dev/null", "w");
    report_init(&report);
    report_add(&report, facts, verdict, "");
    report_text(&report, nowhere, 60, true);
    report_json(&report, nowhere);
    report_html(&report, nowhere);
    report_openmetrics(&report, nowhere);
    report_perfetto(&report, nowhere);
    timeline_text(facts, nowhere);
    explain(facts, verdict, &all, nowhere, 60, &nearest);
    verdict_line(verdict, nowhere);
    report_free(&report);
}

/* An "end" whose seal fits: without one nothing is judged, and none is found by chance. */
#define END_BYTES 15 /* array, kind, four zeros, a number of 8 bytes */
static void add_end(uint8_t *end, const uint8_t *data, size_t size) {
    size_t magic = trace_has_magic(data, size) ? TRACE_FILE_MAGIC_LEN : 0;
    struct digest digest;
    digest_init(&digest);
    digest_add(&digest, data + magic, size - magic);
    uint64_t seal = (uint64_t)record_seal(digest_value(&digest), 0, &(struct rec_end){0});
    memcpy(end, (uint8_t[]){0x96, REC_end, 0, 0, 0, 0, 0xcf}, 7);
    for (int i = 0; i < 8; i++) end[7 + i] = (uint8_t)(seal >> (56 - 8 * i));
}

static void judge_bytes(const uint8_t *data, size_t size) {
    struct facts facts;
    struct trace_error error;
    struct verdict verdict;
    if (!judge_read(data, size, &facts, &error)) return;
    if (judge_run(&facts, &verdict)) {
        report_all(&facts, &verdict);
        verdict_free(&verdict);
    }
    facts_free(&facts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    uint8_t *ended = malloc(size + END_BYTES);
    if (!ended) return 0;
    if (size > 0) memcpy(ended, data, size);
    add_end(ended + size, data, size);
    judge_bytes(data, size); /* most are refused for their seal */
    judge_bytes(ended, size + END_BYTES);
    free(ended);
    return 0;
}
