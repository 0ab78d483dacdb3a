/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/judge/seal.h"
#include "sim/run/command.h"
#include "sim/run/engine_only.h"
#include "sim/run/replay_story.h"
#include "sim/run/run.h"
#include "sim/run/same_trace.h"

/*
 * Re-execution from the plan inside the trace: no file, catalogue or environment is read. The bytes
 * are compared; where they differ first, that record is shown in both versions. The exit is then 3,
 * or 2 where the trace was altered since, which its seal tells.
 */

#define SOURCES_MAX 64

static void tell_broken(const char *file, const struct trace_error *error, struct diags *diags) {
    diag_error(diags, file, 0, 0, "record %llu, byte %zu: %s", (unsigned long long)error->record,
               error->offset, error->what);
}

/* Reads to the end: what is no whole trace is bad input, not a run that does not reproduce.
 * "altered": its seal does not hold, and why. */
static bool collect_sources(const struct trace_file *trace, struct plan_source *sources,
                            uint32_t *count, struct arena *arena, struct trace_error *altered,
                            struct diags *diags) {
    const char *file = trace->path;
    struct trace_reader reader;
    struct trace_record record = {0};
    trace_reader_open(&reader, trace->bytes, trace->len);
    struct seal seal;
    reader.passed = trace_file_passed;
    seal_open(&seal, &reader, trace->bytes);
    *count = 0;
    for (;;) {
        enum trace_read got = trace_next(&reader, &record);
        if (got == TRACE_BAD) {
            tell_broken(file, &reader.error, diags);
            return false;
        }
        if (got == TRACE_DONE) break;
        seal_pass(&seal, &record);
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
    if (*count > 0 && record.kind == REC_end) {
        if (seal_holds(&seal, &record, altered)) altered->what[0] = '\0';
        return true;
    }
    diag_error(diags, file, 0, 0, "expected a trace %s",
               *count > 0 ? "with its last record: it was cut off" : "that carries its plan");
    return false;
}

struct replaying {
    struct replay_story story;
    bool engine_only;
};

static enum status again(const struct scenario *scenario, const struct trace_file *file,
                         struct diags *diags) {
    struct same_trace same = {.was = file->bytes, .len = file->len, .passed = trace_file_passed};
    struct run_result result;
    bool ran = run_scenario(scenario, same_trace_sink, &same, &result, diags);
    bool reproduced = ran && same_trace_holds(&same);
    if (reproduced)
        printf("%s: reproduced, %llu records, %zu bytes, digest %016llx\n", scenario->plan.name,
               (unsigned long long)result.records, file->len, (unsigned long long)result.digest);
    else if (ran) {
        printf("%s: does not reproduce\n", scenario->plan.name);
        same_trace_show(&same);
    }
    same_trace_free(&same);
    if (!ran) return bad_input(diags);
    return reproduced ? STATUS_OK : STATUS_BUG;
}

static enum status replay_whole(const struct replaying *r, struct arena *arena,
                                const struct scenario *scenario, const struct trace_file *file,
                                struct diags *diags) {
    if (r->engine_only) return engine_only(arena, scenario, file);
    if (r->story.told) {
        enum status told = replay_story_tell(&r->story, file, diags);
        if (told != STATUS_OK) return told;
    }
    return again(scenario, file, diags);
}

static enum status replay(const struct replaying *r, struct arena *arena,
                          const struct trace_file *file, struct diags *diags) {
    struct plan_source sources[SOURCES_MAX];
    uint32_t count;
    struct scenario *scenario;
    struct trace_error altered;
    if (!collect_sources(file, sources, &count, arena, &altered, diags)) return bad_input(diags);
    if (!scn_reload(arena, sources, count, diags, &scenario)) return bad_input(diags);
    enum status status = replay_whole(r, arena, scenario, file, diags);
    if (status == STATUS_BAD_INPUT || !altered.what[0]) return status;
    tell_broken(file->path, &altered, diags); /* what was shown to differ is where */
    return bad_input(diags);
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
        struct trace_file file;
        arena_open(&arena);
        bool open = trace_file_open(&file, a.operands[k], &diags);
        enum status mine = open ? replay(&r, &arena, &file, &diags) : bad_input(&diags);
        status = status_worse(status, mine);
        if (open) trace_file_close(&file);
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
