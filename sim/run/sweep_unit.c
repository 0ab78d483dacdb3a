/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/sweep.h"

#include "reports/forms/sweep_lines.h"
#include "sim/run/folder.h"
#include "sim/run/sweep_results.h"

#include <inttypes.h>
#include <stdlib.h>

void sweep_part_reproducing(const struct sweep_request *r, uint32_t part, uint64_t seed, char *out,
                            size_t size) {
    const struct swept *swept = &r->swept[part];
    struct scn_options given = swept->given;
    given.seed = seed;
    reproduce_line(swept->named, &given, out, size);
}

/* Into memory: most traces are gone when they have been judged. */
static enum status simulate(const struct sweep_request *r, uint32_t part, uint64_t seed,
                            struct bytes *trace, uint64_t *digest) {
    const struct scenario *base = r->swept[part].scenario;
    struct scenario *scenario;
    struct run_result result;
    struct diags diags = {0};
    struct arena arena;
    arena_open(&arena);
    bool good = scn_reseed(&arena, base, seed, &diags, &scenario) &&
                run_scenario(scenario, bytes_sink, trace, &result, &diags);
    if (good) *digest = result.digest;
    arena_close(&arena);
    return good ? STATUS_OK : bad_input(&diags);
}

static enum status judge(const struct bytes *trace, const char *reproduce,
                         struct run_summary *out) {
    struct facts facts;
    struct verdict verdict;
    struct report report;
    struct trace_error error;
    if (!judge_read(trace->bytes, trace->len, &facts, &error) || !judge_run(&facts, &verdict)) {
        fprintf(stderr, "firedrill: its own trace cannot be judged; reproduce: %s\n", reproduce);
        return STATUS_BUG;
    }
    report_init(&report);
    report_add(&report, &facts, &verdict, reproduce);
    run_summary_of(&report, out);
    report_free(&report);
    verdict_free(&verdict);
    facts_free(&facts);
    return STATUS_OK;
}

/* "traces/SCENARIO@TOPOLOGY-SEED.trace" in the folder, names as words (files.h) */
static bool keep_trace(const struct sweep_request *r, const struct bytes *trace,
                       struct run_summary *run) {
    const struct sweep_part *part = &r->plan.parts[run->part];
    char path[512], scenario[100], topology[100];
    struct file_out out;
    struct diags diags = {0};
    file_word(scenario, sizeof scenario, part->scenario);
    file_word(topology, sizeof topology, part->topology);
    snprintf(path, sizeof path, "%s/traces", r->folder);
    if (!folder_make(path)) return false;
    snprintf(run->trace, sizeof run->trace, "traces/%s@%s-%" PRIu64 ".trace", scenario, topology,
             run->seed);
    snprintf(path, sizeof path, "%s/%s", r->folder, run->trace);
    bool good = file_begin(&out, path, &diags);
    if (good) {
        fwrite(trace->bytes, 1, trace->len, out.stream);
        good = file_commit(&out, &diags);
    }
    diag_print(&diags, stderr);
    return good;
}

enum status sweep_unit_run(const struct sweep_request *r, uint64_t unit, struct bytes *answer) {
    return sweep_part_run(r, sweep_unit_part(&r->plan, unit), sweep_unit_seed(&r->plan, unit),
                          answer);
}

enum status sweep_part_run(const struct sweep_request *r, uint32_t part, uint64_t seed,
                           struct bytes *answer) {
    struct bytes trace = {0};
    struct run_summary run = {0};
    uint64_t digest = 0;
    char reproduce[sizeof run.reproduce];
    sweep_part_reproducing(r, part, seed, reproduce, sizeof reproduce);
    enum status status = simulate(r, part, seed, &trace, &digest);
    if (status == STATUS_OK) status = judge(&trace, reproduce, &run);
    run.part = part;
    run.digest = digest;
    if (status == STATUS_OK && run.status != STATUS_OK && r->folder && !keep_trace(r, &trace, &run))
        status = STATUS_BAD_INPUT;
    bytes_free(&trace);
    if (status != STATUS_OK) return status;
    char *line = sweep_run_line(&run);
    bytes_sink(answer, line, strlen(line) + 1);
    free(line);
    return STATUS_OK;
}

char *sweep_unit_crashed(const struct sweep_request *r, uint64_t unit) {
    struct run_summary run = {.part = sweep_unit_part(&r->plan, unit),
                              .seed = sweep_unit_seed(&r->plan, unit),
                              .status = STATUS_BUG,
                              .why = "the run crashed"};
    sweep_part_reproducing(r, run.part, run.seed, run.reproduce, sizeof run.reproduce);
    return sweep_run_line(&run);
}
