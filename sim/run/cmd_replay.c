/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/command.h"
#include "sim/run/files.h"
#include "sim/run/record_text.h"
#include "sim/run/run.h"

/*
 * Re-execution from the plan inside the trace: no file, catalogue or environment is read. The bytes
 * are compared; where they differ first, that record is shown in both versions, and the exit is 3.
 */

#define SOURCES_MAX 64

static bool collect_sources(const char *bytes, size_t len, struct plan_source *sources,
                            uint32_t *count, struct arena *arena, const char *file,
                            struct diags *diags) {
    struct trace_reader reader;
    struct trace_record record;
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
        if (got == TRACE_DONE || record.kind == REC_plan_end) break;
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
    if (*count > 0) return true;
    diag_error(diags, file, 0, 0, "is not a trace that carries its plan");
    return false;
}

static void show_first_difference(const char *was, size_t was_len, const struct bytes *now) {
    struct trace_reader a, b;
    struct trace_record ra, rb;
    trace_reader_open(&a, was, was_len);
    trace_reader_open(&b, now->bytes, now->len);
    for (;;) {
        size_t at_a = a.at, at_b = b.at;
        enum trace_read got_a = trace_next(&a, &ra), got_b = trace_next(&b, &rb);
        bool same = got_a == got_b && a.at - at_a == b.at - at_b &&
                    memcmp(was + at_a, now->bytes + at_b, a.at - at_a) == 0;
        if (same && got_a == TRACE_RECORD) continue;
        printf("first difference: record %llu\n  was: ", (unsigned long long)a.count);
        if (got_a == TRACE_RECORD)
            record_print(&ra, stdout);
        else
            printf("%s\n", got_a == TRACE_DONE ? "the end" : a.error.what);
        printf("  now: ");
        if (got_b == TRACE_RECORD)
            record_print(&rb, stdout);
        else
            printf("%s\n", got_b == TRACE_DONE ? "the end" : b.error.what);
        return;
    }
}

static enum status replay(struct arena *arena, const char *file, struct diags *diags) {
    const char *bytes;
    size_t len;
    struct plan_source sources[SOURCES_MAX];
    uint32_t count;
    struct scenario *scenario;
    if (!file_read(arena, file, &bytes, &len, diags) ||
        !collect_sources(bytes, len, sources, &count, arena, file, diags) ||
        !scn_reload(arena, sources, count, diags, &scenario))
        return bad_input(diags);
    struct bytes now = {0};
    struct run_result result;
    if (!run_scenario(scenario, bytes_sink, &now, &result, diags)) return bad_input(diags);
    bool same = now.len == len && memcmp(now.bytes, bytes, len) == 0;
    if (same)
        printf("%s: reproduced, %llu records, %zu bytes, digest %016llx\n", scenario->plan.name,
               (unsigned long long)result.records, len, (unsigned long long)result.digest);
    else {
        printf("%s: does not reproduce\n", scenario->plan.name);
        show_first_difference(bytes, len, &now);
    }
    bytes_free(&now);
    return same ? STATUS_OK : STATUS_BUG;
}

static const struct option_spec options[] = {{NULL, NULL, NULL}};

static enum status run(int argc, char **argv) {
    struct arguments a;
    enum status status;
    if (!arguments_read(&a, &command_replay, argc, argv, &status)) return status;
    if (a.operand_count == 0) {
        command_help(&command_replay, stderr);
        return STATUS_BAD_INPUT;
    }
    for (uint32_t k = 0; k < a.operand_count; k++) {
        struct arena arena;
        struct diags diags = {0};
        arena_open(&arena);
        status = status_worse(status, replay(&arena, a.operands[k], &diags));
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
