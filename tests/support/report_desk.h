/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_SUPPORT_REPORT_DESK_H
#define TESTS_SUPPORT_REPORT_DESK_H
/* A report over handmade traces, and its forms as text. */
#include "reports/forms/forms.h"
#include "tests/runner.h"
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

/* ---- CSV, read back by RFC 4180 ---- */

#define CSV_CELLS 64
struct csv_line {
    const char *cell[CSV_CELLS];
    uint32_t count;
};
/* The next line, unquoted in place; false at the end, or where it is no CSV. */
static inline bool csv_next(char **at, struct csv_line *line) {
    char *in = *at, *out = in;
    line->count = 0;
    if (*in == '\0') return false;
    for (;;) {
        bool quoted = *in == '"';
        if (line->count == CSV_CELLS) return false;
        line->cell[line->count++] = out;
        if (quoted) in++;
        while (quoted ? *in != '\0' : *in != '\0' && !strchr(",\"\r\n", *in)) {
            if (quoted && *in == '"' && *++in != '"') break;
            *out++ = *in++;
        }
        bool more = *in == ',';
        if (!more && strncmp(in, "\r\n", 2) != 0) return false;
        in += more ? 1 : 2;
        *out++ = '\0';
        if (more) continue;
        *at = in;
        return true;
    }
}
static inline const char *csv_cell(const struct csv_line *head, const struct csv_line *line,
                                   const char *name) {
    for (uint32_t k = 0; k < head->count && k < line->count; k++)
        if (strcmp(head->cell[k], name) == 0) return line->cell[k];
    return "no such column";
}

#endif
