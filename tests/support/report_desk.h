/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_SUPPORT_REPORT_DESK_H
#define TESTS_SUPPORT_REPORT_DESK_H
/* A report over handmade traces, and its forms as text. */
#include "reports/forms/forms.h"
#include "tests/runner.h"
#include "tests/support/csv.h"
#include "tests/support/whole_story.h"
#include <stdlib.h>

#define DESK_RUNS 4
struct desk {
    struct report report;
    struct tb traces[DESK_RUNS];
    struct facts facts[DESK_RUNS];
    struct verdict verdicts[DESK_RUNS];
    uint32_t count;
};

static inline void desk_open(struct desk *d) {
    memset(d, 0, sizeof *d);
    report_init(&d->report);
}
/* Judges what was written to desk_trace. */
static inline struct tb *desk_trace(struct desk *d) { return &d->traces[d->count]; }
static inline void desk_add(struct desk *d, const char *reproduce) {
    uint32_t k = d->count++;
    struct trace_error error;
    CU_ASSERT_FATAL(
        judge_read(d->traces[k].bytes.data, d->traces[k].bytes.size, &d->facts[k], &error));
    CU_ASSERT_FATAL(judge_run(&d->facts[k], &d->verdicts[k]));
    report_add(&d->report, &d->facts[k], &d->verdicts[k], reproduce);
}
static inline void desk_close(struct desk *d) {
    report_free(&d->report);
    for (uint32_t k = 0; k < d->count; k++) {
        verdict_free(&d->verdicts[k]);
        facts_free(&d->facts[k]);
        tb_free(&d->traces[k]);
    }
}

/* The caller frees them. */
static inline char *desk_form(const struct desk *d,
                              void (*form)(const struct report *report, FILE *out)) {
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    form(&d->report, out);
    fclose(out);
    return text;
}
static inline char *desk_text(const struct desk *d, int width, bool colour) {
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    report_text(&d->report, out, width, colour);
    fclose(out);
    return text;
}

#endif
