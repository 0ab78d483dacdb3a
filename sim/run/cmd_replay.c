/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/command.h"
#include "sim/run/engine_only.h"
#include "sim/run/files.h"
#include "sim/run/record_text.h"
#include "sim/run/replay_story.h"
#include "sim/run/run.h"

/*
 * Re-execution from the plan inside the trace: no file, catalogue or environment is read. The bytes
 * are compared; where they differ first, that record is shown in both versions, and the exit is 3.
 */

#define SOURCES_MAX 64

/* Reads to the end: what is no whole trace is bad input, not a run that does not reproduce. */
static bool collect_sources(const char *bytes, size_t len, struct plan_source *sources,
                            uint32_t *count, struct arena *arena, const char *file,
                            struct diags *diags) {
    struct trace_reader reader;
    struct trace_record record = {0};
    trace_reader_open(&reader, bytes, len);
    *count = 0;
    for (;;) {
        enum trace_read got = trace_next(&reader, &record);
        if (got == TRACE_BAD) {
            diag_error(diags, file, 0, 0, "record %llu, byte %zu: %s",
                       (unsigned long long)reader.error.record, reader.error.offset,
                       reader.error.what);
            return false;
        }
        if (got == TRACE_DONE) break;
        if (record.kind != REC_source) continue;
        if (*count == SOURCES_MAX) {
            diag_error(diags, file, 0, 0, "has more than %d sources", SOURCES_MAX);
            return false;
        }
        sources[(*count)++] = (struct plan_source){
            arena_text(arena, record.source.kind.bytes, record.source.kind.len),
            arena_text(arena, record.source.name.bytes, record.source.name.len),
            arena_text(arena, record.source.bytes.bytes, record.source.bytes.len),
            record.source.bytes.len};
    }
    if (*count > 0 && record.kind == REC_end) return true;
    diag_error(diags, file, 0, 0, "expected a trace %s",
               *count > 0 ? "with its last record: it was cut off" : "that carries its plan");
    return false;
}

/* The bytes where two versions of a record part: the rest of a long field is not shown otherwise.
 */
static void show_bytes(const char *label, const char *record, size_t len, size_t at) {
    size_t from = at > 16 ? at - 16 : 0, shown = len - from < 40 ? len - from : 40;
    char text[200];
    printable(text, sizeof text, record + from, shown);
    printf("  %s %s\n", label, text);
}

static void show_where_they_part(const char *was, size_t was_len, const char *now, size_t now_len) {
    size_t at = 0;
    while (at < was_len && at < now_len && was[at] == now[at]) at++;
    printf("first different byte of the record: %zu\n", at);
    show_bytes("was:", was, was_len, at);
    show_bytes("now:", now, now_len, at);
}

static void show_first_difference(const char *was, size_t was_len, const char *now,
                                  size_t now_len) {
    struct trace_reader a, b;
    struct trace_record ra, rb;
    trace_reader_open(&a, was, was_len);
    trace_reader_open(&b, now, now_len);
    for (;;) {
        size_t at_a = a.at, at_b = b.at;
        uint64_t number = a.count;
        enum trace_read got_a = trace_next(&a, &ra), got_b = trace_next(&b, &rb);
        bool same = got_a == got_b && a.at - at_a == b.at - at_b &&
                    memcmp(was + at_a, now + at_b, a.at - at_a) == 0;
        if (same && got_a == TRACE_RECORD) continue;
        printf("first difference: record %llu\n  was: ", (unsigned long long)number);
        if (got_a == TRACE_RECORD)
            record_print(&ra, stdout);
        else
            printf("%s\n", got_a == TRACE_DONE ? "the end" : a.error.what);
        printf("  now: ");
        if (got_b == TRACE_RECORD)
            record_print(&rb, stdout);
        else
            printf("%s\n", got_b == TRACE_DONE ? "the end" : b.error.what);
        if (got_a == TRACE_RECORD && got_b == TRACE_RECORD)
            show_where_they_part(was + at_a, a.at - at_a, now + at_b, b.at - at_b);
        return;
    }
}

struct replaying {
    struct replay_story story;
    bool engine_only;
};

static enum status replay(const struct replaying *r, struct arena *arena, const char *file,
                          struct diags *diags) {
    const char *bytes;
    size_t len;
    struct plan_source sources[SOURCES_MAX];
    uint32_t count;
    struct scenario *scenario;
    if (!file_read(arena, file, &bytes, &len, diags) ||
        !collect_sources(bytes, len, sources, &count, arena, file, diags) ||
        !scn_reload(arena, sources, count, diags, &scenario))
        return bad_input(diags);
    if (r->engine_only) return engine_only(arena, scenario, bytes, len);
    if (r->story.told) {
        enum status told = replay_story_tell(&r->story, file, bytes, len, diags);
        if (told != STATUS_OK) return told;
    }
    struct bytes now = {0};
    struct run_result result;
    if (!run_scenario(scenario, bytes_sink, &now, &result, diags)) return bad_input(diags);
    bool same = now.len == len && memcmp(now.bytes, bytes, len) == 0;
    if (same)
        printf("%s: reproduced, %llu records, %zu bytes, digest %016llx\n", scenario->plan.name,
               (unsigned long long)result.records, len, (unsigned long long)result.digest);
    else {
        printf("%s: does not reproduce\n", scenario->plan.name);
        show_first_difference(bytes, len, (const char *)now.bytes, now.len);
    }
    bytes_free(&now);
    return same ? STATUS_OK : STATUS_BUG;
}

static const struct option_spec options[] = {
    REPLAY_STORY_OPTIONS,
    {"engine-only", NULL, "give its inputs to today's engines, and show where they want else"},
    {NULL, NULL, NULL}};

static enum status run(int argc, char **argv) {
    struct arguments a;
    enum status status;
    if (!arguments_read(&a, &command_replay, argc, argv, &status)) return status;
    if (a.operand_count == 0) {
        command_help(&command_replay, stderr);
        return STATUS_BAD_INPUT;
    }
    struct replaying r = {.engine_only = argument(&a, "engine-only") != NULL};
    if (!replay_story_read(&r.story, &a)) return STATUS_BAD_INPUT;
    for (uint32_t k = 0; k < a.operand_count; k++) {
        struct arena arena;
        struct diags diags = {0};
        arena_open(&arena);
        status = status_worse(status, replay(&r, &arena, a.operands[k], &diags));
        arena_close(&arena);
    }
    return status;
}

const struct command command_replay = {"replay",
                                       "TRACE...",
                                       "runs a trace's plan again and compares byte by byte",
                                       "firedrill replay out/high_error_rate@shop-1.trace",
                                       options,
                                       run};
