/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/base/digest.h"
#include "reports/forms/sweep_forms.h"
#include "reports/forms/sweep_lines.h"
#include "sim/run/command.h"
#include "sim/run/loading.h"
#include "sim/run/sweep_results.h"
#include "sim/run/terminal.h"
#include "sim/run/workers.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/*
 * DIR/results.jsonl    a line a run (sweep_results.h); .part until the sweep is done
 * DIR/report.json      what they add up to
 * DIR/traces/          of runs that did not pass
 */

#define PARTS_MAX 4096
#define SEEDS_MAX 100000000

static const struct option_spec options[] = {
    {"seeds", "N|A..B", "the seeds 1 to N, or A to B"},
    {"out", "DIR", "results, report and failing traces go there; a sweep that was stopped goes on"},
    {"topology", "NAME|FILE", "run on this topology instead of the scenario's; all: on each"},
    {"policy", "NAME|FILE", "use this policy instead of the scenario's"},
    {"without", "FAULT",
     "take this fault out (\"all\": every one); what it caused is still expected"},
    {"jobs", "N", "processes at a time; default: as many as processors"},
    {"json", "FILE", "write the report as JSON here, too"},
    {NULL, NULL, NULL}};

struct swept { /* beside the plan's parts */
    const struct scenario *scenario;
    const char *named;
    struct scn_options given;
};
struct sweep_command {
    const struct arguments *arguments;
    struct arena arena;
    const char *folder;
    struct sweep_plan plan;
    struct swept *swept;
    uint64_t seeds, already; /* runs that were there when it began */
    struct sweep_results results;
    struct timespec began;
    enum status status; /* of what is not a run */
};

/* ---- what to sweep ---- */

static bool read_seed(const char **at, int64_t *seed) {
    char *end;
    errno = 0;
    *seed = strtoll(*at, &end, 10);
    bool good = errno == 0 && **at >= '0' && **at <= '9';
    *at = end;
    return good;
}

/* "N" is 1..N */
static bool read_seeds(struct sweep_command *c) {
    const char *text = argument(c->arguments, "seeds"), *at = text;
    int64_t first = 1, last = 0;
    bool good = text && read_seed(&at, &last);
    if (good && strncmp(at, "..", 2) == 0) {
        at += 2;
        first = last;
        good = read_seed(&at, &last);
    }
    if (good && *at == '\0' && last >= first && last - first < SEEDS_MAX) {
        c->plan.first_seed = (uint64_t)first;
        c->seeds = (uint64_t)(last - first) + 1;
        return true;
    }
    char shown[96] = "nothing";
    if (text) printable(shown, sizeof shown, text, strlen(text));
    fprintf(stderr, "firedrill sweep: --seeds: expected such as 1000 or 1001..2000, got %s\n",
            shown);
    return false;
}

static bool is_there(const struct sweep_plan *plan, const struct sweep_part *part) {
    for (uint32_t k = 0; k < plan->part_count; k++)
        if (strcmp(plan->parts[k].scenario, part->scenario) == 0 &&
            strcmp(plan->parts[k].topology, part->topology) == 0)
            return true;
    return false;
}

static bool add_part(struct sweep_command *c, const struct scenario *s, const char *named,
                     const struct scn_options *given) {
    struct sweep_part part = {.plan = scn_plan_digest(s)};
    const char *topology = s->plan.topology->name;
    printable(part.scenario, sizeof part.scenario, s->plan.name, strlen(s->plan.name));
    printable(part.topology, sizeof part.topology, topology, strlen(topology));
    if (is_there(&c->plan, &part))
        fprintf(stderr, "firedrill sweep: there are two scenarios %s on %s\n", part.scenario,
                part.topology);
    else if (c->plan.part_count == PARTS_MAX)
        fprintf(stderr, "firedrill sweep: more than %d scenarios\n", PARTS_MAX);
    else {
        c->swept[c->plan.part_count] = (struct swept){s, named, *given};
        c->plan.parts[c->plan.part_count++] = part;
        return true;
    }
    return false;
}

static bool add_file(struct sweep_command *c, const char *named, const char *topology) {
    struct diags diags = {0};
    struct scn_options given = {.seed_given = true,
                                .topology = topology,
                                .policy = argument(c->arguments, "policy"),
                                .without = argument(c->arguments, "without")};
    const char *path, *bytes;
    size_t len;
    struct scenario *list;
    uint32_t count = 0;
    bool good = scenario_file(&c->arena, named, &path, &bytes, &len, &diags) &&
                scenarios_load(&c->arena, path, bytes, len, &given, &diags, &list, &count);
    for (uint32_t k = 0; k < count && good; k++) good = add_part(c, &list[k], named, &given);
    diag_print(&diags, stderr);
    return good;
}

static bool add_files(struct sweep_command *c, const char *topology) {
    for (uint32_t k = 0; k < c->arguments->operand_count; k++)
        if (!add_file(c, c->arguments->operands[k], topology)) return false;
    return true;
}

static bool add_all(struct sweep_command *c) {
    const char *topology = argument(c->arguments, "topology");
    if (!topology || strcmp(topology, "all") != 0) return add_files(c, topology);
    const char *const *names;
    uint32_t count = file_list(&c->arena, "topology", &names);
    for (uint32_t k = 0; k < count; k++)
        if (!add_files(c, names[k])) return false;
    return true;
}

/* Another build may run otherwise, whatever its version says. */
static bool digest_program(struct sweep_command *c) {
    struct diags diags = {0};
    struct arena arena;
    const char *bytes;
    size_t len;
    arena_open(&arena);
    bool good = file_read(&arena, "/proc/self/exe", &bytes, &len, &diags);
    if (good) {
        struct digest digest;
        digest_init(&digest);
        digest_add(&digest, bytes, len);
        c->plan.program = digest_value(&digest);
    }
    arena_close(&arena);
    diag_print(&diags, stderr);
    return good;
}

static bool plan_sweep(struct sweep_command *c) {
    snprintf(c->plan.version, sizeof c->plan.version, "%s", FIREDRILL_VERSION);
    c->plan.parts = ARENA_NEW(&c->arena, struct sweep_part, PARTS_MAX);
    c->swept = ARENA_NEW(&c->arena, struct swept, PARTS_MAX);
    return read_seeds(c) && digest_program(c) && add_all(c);
}

/* ---- one run, in its own process ---- */

static void describe(const struct sweep_command *c, uint64_t unit, struct run_summary *out) {
    const struct swept *swept = &c->swept[sweep_unit_part(&c->plan, unit)];
    struct scn_options given = swept->given;
    char line[sizeof out->reproduce];
    out->part = sweep_unit_part(&c->plan, unit);
    out->seed = sweep_unit_seed(&c->plan, unit);
    given.seed = out->seed;
    reproduce_line(swept->named, &given, line, sizeof line);
    printable(out->reproduce, sizeof out->reproduce, line, strlen(line));
}

/* "traces/NAME@TOPOLOGY-SEED.trace", in the sweep's folder */
static bool keep_trace(const struct sweep_command *c, const struct bytes *trace,
                       struct run_summary *run) {
    const struct sweep_part *part = &c->plan.parts[run->part];
    char path[512];
    struct file_out out;
    struct diags diags = {0};
    snprintf(path, sizeof path, "%s/traces", c->folder);
    bool good = folder_make(path);
    snprintf(run->trace, sizeof run->trace, "traces/%s@%s-%" PRIu64 ".trace", part->scenario,
             part->topology, run->seed);
    snprintf(path, sizeof path, "%s/%s", c->folder, run->trace);
    good = good && file_begin(&out, path, &diags);
    if (good) {
        fwrite(trace->bytes, 1, trace->len, out.stream);
        good = file_commit(&out, &diags);
    }
    diag_print(&diags, stderr);
    return good;
}

static enum status judge_into(const struct bytes *trace, struct run_summary *out) {
    struct facts facts;
    struct verdict verdict;
    struct report report;
    struct trace_error error;
    char reproduce[sizeof out->reproduce];
    memcpy(reproduce, out->reproduce, sizeof reproduce);
    if (!judge_read(trace->bytes, trace->len, &facts, &error) || !judge_run(&facts, &verdict)) {
        fprintf(stderr, "firedrill: its own trace cannot be judged; reproduce: %s\n", reproduce);
        return STATUS_BUG;
    }
    uint32_t part = out->part;
    report_init(&report);
    report_add(&report, &facts, &verdict, reproduce);
    run_summary_of(&report, out);
    out->part = part;
    report_free(&report);
    verdict_free(&verdict);
    facts_free(&facts);
    return STATUS_OK;
}

static enum status run_unit(void *context, uint64_t unit, struct bytes *answer) {
    const struct sweep_command *c = context;
    struct arena arena;
    struct diags diags = {0};
    struct scenario *scenario;
    struct run_summary run = {0};
    struct run_result result;
    struct bytes trace = {0};
    unit += c->already;
    describe(c, unit, &run);
    arena_open(&arena);
    if (!scn_reseed(&arena, c->swept[run.part].scenario, run.seed, &diags, &scenario) ||
        !run_scenario(scenario, bytes_sink, &trace, &result, &diags))
        return bad_input(&diags);
    enum status status = judge_into(&trace, &run);
    if (status != STATUS_OK) return status;
    run.digest = result.digest;
    if (run.status != STATUS_OK && !keep_trace(c, &trace, &run)) return STATUS_BAD_INPUT;
    char *line = sweep_run_line(&run);
    bytes_sink(answer, line, strlen(line) + 1);
    free(line);
    bytes_free(&trace);
    arena_close(&arena);
    return STATUS_OK;
}

/* ---- what comes of it ---- */

static void show_progress(const struct sweep_command *c) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    const struct sweep *sweep = &c->results.sweep;
    uint64_t count = c->seeds * c->plan.part_count;
    double seconds =
        (double)(now.tv_sec - c->began.tv_sec) + (double)(now.tv_nsec - c->began.tv_nsec) / 1e9;
    double rate = seconds > 0 ? (double)(sweep->runs - c->already) / seconds : 0;
    char left[32] = "?";
    if (rate > 0)
        duration_format(left, sizeof left,
                        (time_ns)((double)(count - sweep->runs) / rate) * NS_PER_S);
    progress("%" PRIu64 " of %" PRIu64 " runs, %.1f a second, %" PRIu64 " not passed, %s left",
             sweep->runs, count, rate, sweep->not_passed, left);
}

static bool take_answer(void *context, uint64_t unit, enum status status,
                        const struct bytes *answer) {
    struct sweep_command *c = context;
    struct diags diags = {0};
    bool good;
    if (status == STATUS_OK)
        good = sweep_results_add(&c->results, (const char *)answer->bytes, &diags);
    else if (status == STATUS_BUG) {
        struct run_summary crashed = {.status = STATUS_BUG, .why = "the run crashed"};
        describe(c, unit + c->already, &crashed);
        char *line = sweep_run_line(&crashed);
        good = sweep_results_add(&c->results, line, &diags);
        free(line);
    } else
        good = false; /* its own process said why */
    diag_print(&diags, stderr);
    show_progress(c);
    if (!good) c->status = STATUS_BAD_INPUT;
    return good;
}

static enum status write_json(const struct sweep *sweep, const char *path) {
    struct diags diags = {0};
    struct file_out out;
    if (!file_begin(&out, path, &diags)) return bad_input(&diags);
    sweep_json(sweep, out.stream);
    return file_commit(&out, &diags) ? STATUS_OK : bad_input(&diags);
}

static void report(struct sweep_command *c, const char *path) {
    const struct sweep *sweep = &c->results.sweep;
    const char *json = argument(c->arguments, "json");
    sweep_text(sweep, stdout, terminal_width(stdout), terminal_colour(stdout));
    c->status = status_worse(c->status, write_json(sweep, path));
    if (json) c->status = status_worse(c->status, write_json(sweep, json));
    c->status = status_worse(c->status, sweep->status);
}

static void run_missing(struct sweep_command *c, uint32_t at_once, const char *report_path) {
    uint64_t count = c->seeds * c->plan.part_count;
    struct diags diags = {0};
    struct work work = {c, count - c->already, at_once, run_unit, take_answer};
    if (work.count > 0) unlink(report_path); /* it is of fewer runs */
    clock_gettime(CLOCK_MONOTONIC, &c->began);
    bool done = work_run(&work);
    progress_clear();
    if (done && !sweep_results_finish(&c->results, &diags)) done = false;
    diag_print(&diags, stderr);
    if (done)
        report(c, report_path);
    else
        c->status = status_worse(c->status, STATUS_BAD_INPUT);
}

static bool open_results(struct sweep_command *c, const char *path) {
    struct diags diags = {0};
    uint64_t count = c->seeds * c->plan.part_count;
    bool good = sweep_results_open(&c->results, path, &c->plan, &diags);
    c->already = good ? c->results.sweep.runs : 0;
    if (c->already > count) {
        diag_error(&diags, path, 0, 0,
                   "holds %" PRIu64 " runs, more than the %" PRIu64
                   " asked for; ask for as many seeds, or choose another --out",
                   c->already, count);
        sweep_results_close(&c->results);
        good = false;
    }
    if (good && c->already > 0)
        fprintf(stderr, "firedrill sweep: %" PRIu64 " of %" PRIu64 " runs are there already\n",
                c->already, count);
    diag_print(&diags, stderr);
    return good;
}

static enum status sweep(struct sweep_command *c) {
    int64_t at_once;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    char results[512], report_path[512];
    c->folder = argument(c->arguments, "out");
    if (!c->folder || strlen(c->folder) > 256) {
        fprintf(stderr, "firedrill sweep: --out: expected a folder for the results%s\n",
                c->folder ? ", with a shorter name" : "");
        return STATUS_BAD_INPUT;
    }
    if (!argument_int(c->arguments, "jobs", 1, 1024, processors > 0 ? processors : 1, &at_once) ||
        !plan_sweep(c) || !folder_make(c->folder))
        return STATUS_BAD_INPUT;
    snprintf(results, sizeof results, "%s/results.jsonl", c->folder);
    snprintf(report_path, sizeof report_path, "%s/report.json", c->folder);
    if (!open_results(c, results)) return STATUS_BAD_INPUT;
    run_missing(c, (uint32_t)at_once, report_path);
    sweep_results_close(&c->results);
    return c->status;
}

static enum status run(int argc, char **argv) {
    struct arguments a;
    enum status status;
    if (!arguments_read(&a, &command_sweep, argc, argv, &status)) return status;
    if (a.operand_count == 0) {
        command_help(&command_sweep, stderr);
        return STATUS_BAD_INPUT;
    }
    struct sweep_command c = {.arguments = &a};
    arena_open(&c.arena);
    status = sweep(&c);
    arena_close(&c.arena);
    return status;
}

const struct command command_sweep = {"sweep",
                                      "FILE|NAME...",
                                      "runs scenarios with many seeds, and adds up",
                                      "firedrill sweep 01_high_error_rate --seeds 1000 --out swept",
                                      options,
                                      run};
