/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/same_trace.h"

#include "engine/base/diag.h"
#include "sim/run/record_text.h"

#include <stdlib.h>

#define KEPT_MAX (4u << 20) /* a source, the longest record there is, has 1 MiB */

static void keep(struct same_trace *s, const char *bytes, size_t len) {
    size_t room = KEPT_MAX - s->now.len;
    bytes_sink(&s->now, bytes, len < room ? len : room);
}

void same_trace_sink(void *context, const void *bytes, size_t len) {
    struct same_trace *s = context;
    const char *now = bytes;
    size_t same = 0, left = s->len - s->at;
    if (!s->differs) {
        size_t most = len < left ? len : left;
        if (most > 0 && memcmp(s->was + s->at, now, most) == 0)
            same = most;
        else
            while (same < most && s->was[s->at + same] == now[same]) same++;
        s->at += same;
        s->differs = same < len;
    }
    if (s->differs) keep(s, now + same, len - same);
    if (!s->passed || s->at - s->passed_to < TRACE_PASSED_BYTES) return;
    s->passed(s->was + s->passed_to, s->at - s->passed_to);
    s->passed_to = s->at;
}

bool same_trace_holds(const struct same_trace *s) { return !s->differs && s->at == s->len; }

/* ---- what differs ---- */

/* The bytes where two versions of a record part: the rest of a long field is not shown otherwise.
 */
static void show_bytes(const char *label, const char *record, size_t len, size_t at) {
    size_t from = at > 16 ? at - 16 : 0, shown = len - from < 40 ? len - from : 40;
    char text[200];
    printable(text, sizeof text, record + from, shown);
    printf("  %s %s\n", label, text);
}

static void show_record(const char *label, enum trace_read got, const struct trace_record *record,
                        const struct trace_reader *reader) {
    printf("  %s ", label);
    if (got == TRACE_RECORD)
        record_print(record, stdout);
    else
        printf("%s\n", got == TRACE_DONE ? "the end" : reader->error.what);
}

/* The record that holds the first byte that differs, and where it begins. */
static enum trace_read record_at(const struct same_trace *s, struct trace_reader *reader,
                                 struct trace_record *record, size_t *begins) {
    trace_reader_open(reader, s->was, s->len);
    reader->passed = s->passed;
    for (;;) {
        *begins = reader->at;
        enum trace_read got = trace_next(reader, record);
        if (got != TRACE_RECORD || reader->at > s->at) return got;
    }
}

void same_trace_show(const struct same_trace *s) {
    struct trace_reader was, now;
    struct trace_record then, again;
    struct bytes record = {0}; /* today's, whole: what was the same, and what was not */
    size_t begins;
    enum trace_read got_then = record_at(s, &was, &then, &begins);
    bytes_sink(&record, s->was + begins, s->at - begins);
    bytes_sink(&record, s->now.bytes, s->now.len);
    trace_reader_open(&now, record.bytes, record.len);
    enum trace_read got_again = trace_next(&now, &again);
    uint64_t number = got_then == TRACE_RECORD ? then.number : was.count;
    printf("first difference: record %llu\n", (unsigned long long)number);
    show_record("was:", got_then, &then, &was);
    show_record("now:", got_again, &again, &now);
    if (got_then == TRACE_RECORD && got_again == TRACE_RECORD) {
        size_t at = s->at - begins;
        printf("first different byte of the record: %zu\n", at);
        show_bytes("was:", s->was + begins, was.at - begins, at);
        show_bytes("now:", (const char *)record.bytes, now.at, at);
    }
    bytes_free(&record);
}

void same_trace_free(struct same_trace *s) { bytes_free(&s->now); }
