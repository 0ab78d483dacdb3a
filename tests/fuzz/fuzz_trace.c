/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a trace: read, judged, every invariant checked. Nothing may be assumed of them. */
#include "reports/judge/judge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct facts facts;
    struct trace_error error;
    struct verdict verdict;
    if (!judge_read(data, size, &facts, &error)) return 0;
    if (judge_run(&facts, &verdict)) verdict_free(&verdict);
    facts_free(&facts);
    return 0;
}
