/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/folder.h"
#include "sim/run/needed.h"
#include "sim/run/sweep.h"
#include "sim/run/sweep_files.h"
#include "sim/run/sweep_results.h"
#include "sim/run/sweep_stop.h"
#include "sim/run/terminal.h"
#include "sim/run/workers.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/*
 * DIR/results.jsonl    a line a run (sweep_results.h); results.jsonl.part until the sweep is done
 * DIR/report.*         what they add up to, in several forms
 * DIR/traces/          of the runs that did not pass
 *
 * The same command with the same DIR goes on where it was stopped, however it was stopped.
 */
#define RESULTS "results.jsonl"

static const struct option_spec options[] = {
    {"seeds", "N|A..B", "the seeds 1 to N, or A to B"},
    {"out", "DIR", "results, report and failing traces; what is there already is not run again"},
    {"topology", "NAME|FILE", "run on this topology instead of the scenario's (\"all\": on each)"},
    {"policy", "NAME|FILE", "use this policy instead of the scenario's"},
    {"without", "FAULT",
     "take this fault out (\"all\": every one); what it caused is still expected"},
    {"set", "KEY=VALUE,...", "other values of keys of the scenario or its policy"},
    {"variant", "NAME", "of a scenario with a matrix this one alone"},
    {"shard", "I/N",
     "run one part in N, for \"firedrill merge\"; default: what a Slurm array, a Kubernetes "
     "Indexed Job "
     "(\"/N\") or a parallel GitLab job says"},
    {"until", "GOAL", "stop when known well enough, such as \"ci(mttr.p95) < 2%\""},
    {"max-failures", "N", "stop when so many runs did not pass"},
    {"fail-fast", NULL, "stop at the first run that does not pass"},
    {"jobs", "N", "processes at a time; default: as many as processors"},
    SWEEP_FORM_OPTIONS,
    {NULL, NULL, NULL}};

struct sweeping {
    struct sweep_request request;
    struct sweep_results results;
    struct sweep_stop stop;
    uint64_t already; /* runs that were there when it began */
    struct timespec began;
    char results_path[512];
};

/* ---- the runs ---- */

static double seconds_since(const struct timespec *then) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - then->tv_sec) + (double)(now.tv_nsec - then->tv_nsec) / 1e9;
}

static void show_progress(const struct sweeping *s) {
    const struct sweep *sweep = &s->results.sweep;
    double seconds = seconds_since(&s->began);
    double rate = seconds > 0 ? (double)(sweep->runs - s->already) / seconds : 0;
    int64_t left = rate > 0 ? (int64_t)((double)(s->request.units - sweep->runs) / rate) : 0;
    progress("%" PRIu64 " of %" PRIu64 " runs, %.1f a second, %" PRIu64 " did not pass, %" PRId64
             ":%02" PRId64 " left",
             sweep->runs, s->request.units, rate, sweep->not_passed, left / 60, left % 60);
}

static enum status run_unit(void *context, uint64_t unit, struct bytes *answer) {
    const struct sweeping *s = context;
    return sweep_unit_run(&s->request, s->already + unit, answer);
}

static bool take_answer(void *context, uint64_t unit, const struct worked *worked) {
    struct sweeping *s = context;
    struct diags diags = {0};
    bool good = false;
    if (worked->status == STATUS_OK)
        good = sweep_results_add(&s->results, (const char *)worked->answer.bytes, &diags);
    else if (worked->status != STATUS_BAD_INPUT) {
        char *line = sweep_unit_crashed(&s->request, s->already + unit);
        good = sweep_results_add(&s->results, line, &diags);
        free(line);
    } /* else its own process said why it cannot be run */
    if (diags.count > 0) progress_clear();
    diag_print(&diags, stderr);
    show_progress(s);
    return good && !sweep_stop_now(&s->stop, &s->results.sweep);
}

/* Of traces whose process was killed. */
static void remove_halves(const char *folder) {
    char path[600];
    snprintf(path, sizeof path, "%s/traces", folder);
    DIR *dir = opendir(path);
    for (struct dirent *entry = dir ? readdir(dir) : NULL; entry; entry = readdir(dir)) {
        const char *ending = strrchr(entry->d_name, '.');
        if (!ending || strcmp(ending, ".part") != 0) continue;
        snprintf(path, sizeof path, "%s/traces/%.300s", folder, entry->d_name);
        unlink(path);
    }
    if (dir) closedir(dir);
}

static bool run_missing(struct sweeping *s, uint32_t at_once) {
    struct work work = {s, s->request.units - s->already, at_once, run_unit, take_answer};
    if (work.count == 0 || sweep_stop_now(&s->stop, &s->results.sweep)) return true;
    remove_halves(s->request.folder);
    sweep_files_remove(s->request.folder); /* they would be of fewer runs */
    clock_gettime(CLOCK_MONOTONIC, &s->began);
    bool all = work_run(&work);
    progress_clear();
    if (s->stop.why[0])
        fprintf(stderr, "firedrill sweep: stopped after %" PRIu64 " runs: %s\n",
                s->results.sweep.runs, s->stop.why);
    return all || s->stop.why[0];
}

/* ---- before and after ---- */

static bool open_results(struct sweeping *s) {
    struct diags diags = {0};
    uint64_t units = s->request.units;
    bool good = sweep_results_open(&s->results, s->results_path, &s->request.plan, &diags);
    s->already = good ? s->results.sweep.runs : 0;
    if (s->already > units) {
        diag_error(&diags, s->results_path, 0, 0,
                   "holds %" PRIu64 " runs, more than the %" PRIu64
                   " asked for; ask for as many seeds, or choose another --out",
                   s->already, units);
        sweep_results_close(&s->results);
        good = false;
    }
    if (good && s->already > 0)
        fprintf(stderr, "firedrill sweep: %" PRIu64 " of %" PRIu64 " runs are there already\n",
                s->already, units);
    diag_print(&diags, stderr);
    return good;
}

static enum status finish(struct sweeping *s, const struct arguments *a) {
    struct diags diags = {0};
    if (!sweep_results_finish(&s->results, &diags)) return bad_input(&diags);
    return sweep_files(&s->results.sweep, a, s->request.folder);
}

static bool forms_possible(const struct arguments *a, const char *folder, const char *results) {
    struct diags diags = {0};
    char part[520];
    snprintf(part, sizeof part, "%s.part", results);
    needed_note(results);
    needed_note(part);
    bool good = sweep_files_fit(folder, &diags) && sweep_files_possible(a, &diags);
    diag_print(&diags, stderr);
    return good;
}

static enum status sweep_all(struct arena *arena, const struct arguments *a) {
    int64_t at_once;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    struct sweeping s = {0};
    if (!argument_int(a, "jobs", 1, 1024, processors > 0 ? processors : 1, &at_once) ||
        !sweep_stop_read(&s.stop, a) || !sweep_request_read(&s.request, arena, a) ||
        !folder_make(s.request.folder))
        return STATUS_BAD_INPUT;
    snprintf(s.results_path, sizeof s.results_path, "%s/%s", s.request.folder, RESULTS);
    if (!forms_possible(a, s.request.folder, s.results_path) || !open_results(&s))
        return STATUS_BAD_INPUT;
    enum status status = run_missing(&s, (uint32_t)at_once) ? finish(&s, a) : STATUS_BAD_INPUT;
    sweep_results_close(&s.results);
    return status;
}

static enum status run(int argc, char **argv) {
    struct arguments a;
    enum status status;
    if (!arguments_read(&a, &command_sweep, argc, argv, &status)) return status;
    if (a.operand_count == 0) {
        command_help(&command_sweep, stderr);
        return STATUS_BAD_INPUT;
    }
    struct arena arena;
    arena_open(&arena);
    status = sweep_all(&arena, &a);
    arena_close(&arena);
    return status;
}

const struct command command_sweep = {"sweep",
                                      "FILE|NAME...",
                                      "runs scenarios with many seeds, and adds up",
                                      "firedrill sweep 01_high_error_rate --seeds 1000 --out swept",
                                      options,
                                      run};
