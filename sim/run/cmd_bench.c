/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/forms/bench_forms.h"
#include "reports/forms/sweep_lines.h"
#include "sim/run/files.h"
#include "sim/run/folder.h"
#include "sim/run/needed.h"
#include "sim/run/sweep_process.h"
#include "sim/run/sweep_results.h"
#include "sim/run/terminal.h"

#include <stdlib.h>

/*
 * A benchmark set as sweeps in DIR/PART, each by the sweep command in a process of its own, so that
 * the same command goes on where it was stopped; then what they come to, as a score card and as
 * DIR/bench.json, which can be published: --verify looks at its seal and does some of its runs
 * again.
 */
#define FILES_MAX 32

static const struct set_part {
    const char *name, *what;
    uint64_t seeds, quick;
    const char *files[FILES_MAX];
} set[] = {
#define PART(name, what, seeds, quick, ...) {#name, what, seeds, quick, {__VA_ARGS__}},
#include "sim/run/bench.def"
#undef PART
};
_Static_assert(ARRAY_LEN(set) <= BENCH_PARTS_MAX, "there is room for every part");

static const struct option_spec options[] = {
    {"out", "DIR", "sweeps, and bench.json to publish; what is there already is not run again"},
    {"quick", NULL, "few seeds and no month: a look, whose results are not the set's"},
    {"jobs", "N", "processes at a time; default: as many as processors"},
    {"verify", "FILE", "look at the seal of a published bench.json, and do some of its runs again"},
    {"runs", "N", "how many of each part --verify does again; 2 unless given"},
    {NULL, NULL, NULL}};

/* ---- running ---- */

static void sweep_line(const struct set_part *part, bool quick, const char *folder,
                       const char *jobs, char *seeds, size_t size, const char **words, int *count) {
    *count = 0;
    while (*count < FILES_MAX && part->files[*count]) {
        words[*count] = part->files[*count];
        (*count)++;
    }
    snprintf(seeds, size, "%llu", (unsigned long long)(quick ? part->quick : part->seeds));
    const char *rest[] = {"--seeds", seeds, "--out", folder, "--jobs", jobs};
    for (size_t k = 0; k < (jobs ? ARRAY_LEN(rest) : ARRAY_LEN(rest) - 2); k++)
        words[(*count)++] = rest[k];
}

/* Its report goes to the folder, not to the terminal. */
static enum status sweep_part(const struct set_part *part, bool quick, const char *folder,
                              const char *jobs) {
    const char *words[FILES_MAX + 8];
    char seeds[24];
    int count;
    sweep_line(part, quick, folder, jobs, seeds, sizeof seeds, words, &count);
    return sweep_process(count, words, false);
}

/* ---- adding up ---- */

struct reading {
    struct bench_part *part;
    struct arena *arena;
    const char *path;
    uint64_t room;
};

static bool take_line(void *context, uint64_t number, const char *line, size_t len,
                      struct diags *diags) {
    struct reading *r = context;
    struct bench_part *part = r->part;
    struct run_summary run;
    const char *expected;
    if (number == 0) {
        if (sweep_head_read(line, len, r->arena, &part->plan, &expected)) {
            sweep_open(&part->sweep, &part->plan);
            return true;
        }
    } else if (sweep_run_read(line, len, &run, &expected) && part->run_count < r->room) {
        sweep_add(&part->sweep, &run);
        part->runs[part->run_count++] =
            (struct bench_run){run.part, run.seed, run.status, run.digest};
        return true;
    }
    diag_error(diags, r->path, (int)number + 1, 0, "is no results of this set: expected %s",
               expected);
    return false;
}

static bool add_up(struct bench *bench, struct arena *arena, const struct set_part *of,
                   const char *folder, struct diags *diags) {
    char *path = ARENA_NEW(arena, char, strlen(folder) + 16);
    struct bench_part *part = &bench->parts[bench->part_count++];
    struct reading r = {part, arena, path, of->seeds * 64 * FILES_MAX};
    sprintf(path, "%s/results.jsonl", folder);
    *part = (struct bench_part){.name = of->name, .what = of->what};
    part->runs = ARENA_NEW(arena, struct bench_run, r.room);
    if (!journal_read(path, take_line, &r, diags)) return false;
    sweep_finish(&part->sweep);
    return true;
}

static bool write_json(const struct bench *bench, const char *path, struct diags *diags) {
    struct file_out out;
    if (!file_begin(&out, path, diags)) return false;
    bench_json(bench, out.stream);
    return file_commit(&out, diags);
}

static enum status run_set(struct arena *arena, const struct arguments *a, const char *folder) {
    struct bench bench = {.quick = argument(a, "quick") != NULL};
    struct diags diags = {0};
    char path[600];
    enum status worst = STATUS_OK;
    if (!folder_make(folder)) return STATUS_BAD_INPUT;
    for (size_t k = 0; k < ARRAY_LEN(set); k++) {
        if (bench.quick && set[k].quick == 0) continue;
        snprintf(path, sizeof path, "%s/%s", folder, set[k].name);
        fprintf(stderr, "firedrill bench: %s: %s\n", set[k].name, set[k].what);
        enum status status = sweep_part(&set[k], bench.quick, path, argument(a, "jobs"));
        if (status == STATUS_BAD_INPUT || !add_up(&bench, arena, &set[k], path, &diags)) {
            diag_print(&diags, stderr);
            return status_worse(status, STATUS_BAD_INPUT);
        }
        worst = status_worse(worst, status);
    }
    snprintf(path, sizeof path, "%s/bench.json", folder);
    if (!write_json(&bench, path, &diags)) return bad_input(&diags);
    bench_text(&bench, stdout, terminal_width(stdout), terminal_colour(stdout));
    printf("to publish: %s\n", path);
    for (uint32_t k = 0; k < bench.part_count; k++) sweep_close(&bench.parts[k].sweep);
    return worst;
}

/* ---- verifying ---- */

static const struct set_part *set_part_of(const char *name) {
    for (size_t k = 0; k < ARRAY_LEN(set); k++)
        if (strcmp(set[k].name, name) == 0) return &set[k];
    return NULL;
}

/* The part as this program would run it, from which single runs are done. */
static bool request_of(const struct set_part *part, bool quick, struct arena *arena,
                       struct sweep_request *request) {
    const char *words[FILES_MAX + 8];
    char *seeds = ARENA_NEW(arena, char, 24);
    int count;
    sweep_line(part, quick, "/dev/null", NULL, seeds, 24, words, &count);
    return sweep_process_request(count, words, arena, request);
}

static bool plans_are(const struct bench_claimed *claimed, const struct sweep_request *request) {
    bool same =
        claimed->scenario_count == request->plan.part_count && claimed->run_count == request->units;
    for (uint32_t k = 0; same && k < claimed->scenario_count; k++)
        same = claimed->plans[k] == request->plan.parts[k].plan;
    return same;
}

/* Whether run number "unit" comes to the same again. */
static bool same_again(const struct bench_claimed *claimed, const struct sweep_request *request,
                       uint64_t unit) {
    const struct bench_run *run = &claimed->runs[unit];
    struct run_summary again = {0};
    struct bytes answer = {0};
    const char *expected;
    bool same = run->scenario == sweep_unit_part(&request->plan, unit) &&
                run->seed == sweep_unit_seed(&request->plan, unit) &&
                sweep_unit_run(request, unit, &answer) == STATUS_OK &&
                sweep_run_read((const char *)answer.bytes, answer.len - 1, &again, &expected) &&
                again.digest == run->digest && again.status == run->status;
    bytes_free(&answer);
    if (!same)
        printf("%s: scenario %u with seed %llu comes to other records here\n", claimed->name,
               run->scenario, (unsigned long long)run->seed);
    return same;
}

/* Spread over the part; only runs that passed, which leave nothing behind. */
static enum status verify_part(const struct bench_claimed *claimed, bool quick, uint64_t runs,
                               struct arena *arena) {
    const struct set_part *part = set_part_of(claimed->name);
    struct sweep_request request;
    uint64_t done = 0, same = 0;
    if (!part || !request_of(part, quick, arena, &request)) return STATUS_BAD_INPUT;
    if (!plans_are(claimed, &request)) {
        printf("%s: its scenarios or seeds are not those of the set here\n", claimed->name);
        return STATUS_FAILED;
    }
    uint64_t step = runs > 0 && claimed->run_count > runs ? claimed->run_count / runs : 1;
    for (uint64_t unit = 0; unit < claimed->run_count && done < runs; unit += step) {
        if (claimed->runs[unit].status != STATUS_OK) continue;
        done++;
        same += same_again(claimed, &request, unit);
    }
    printf("%s: %llu of %llu runs done again, %llu came to the same\n", claimed->name,
           (unsigned long long)done, (unsigned long long)claimed->run_count,
           (unsigned long long)same);
    return same == done ? STATUS_OK : STATUS_FAILED;
}

static enum status verify(struct arena *arena, const char *file, uint64_t runs) {
    struct diags diags = {0};
    struct bench_claim claim;
    const char *bytes;
    char why[160];
    size_t len;
    if (!file_read(arena, file, &bytes, &len, &diags)) return bad_input(&diags);
    if (!bench_read(bytes, len, arena, &claim, why, sizeof why)) {
        diag_error(&diags, file, 0, 0, "%s", why);
        return bad_input(&diags);
    }
    printf("%s%s, by firedrill %s, program %016llx: the seal holds\n", BENCH_SET,
           claim.quick ? ", a quick part of it" : "", claim.version,
           (unsigned long long)claim.program);
    enum status worst = STATUS_OK;
    for (uint32_t k = 0; k < claim.part_count; k++)
        worst = status_worse(worst, verify_part(&claim.parts[k], claim.quick, runs, arena));
    return worst;
}

static enum status run(int argc, char **argv) {
    struct arguments a;
    enum status status;
    int64_t runs;
    if (!arguments_read(&a, &command_bench, argc, argv, &status)) return status;
    const char *file = argument(&a, "verify"), *folder = argument(&a, "out");
    if (!argument_int(&a, "runs", 0, 100000, 2, &runs)) return STATUS_BAD_INPUT;
    if (a.operand_count > 0 || (file == NULL) == (folder == NULL)) {
        fputs("firedrill bench: expected --out DIR, or --verify FILE\n", stderr);
        return STATUS_BAD_INPUT;
    }
    if (folder && strlen(folder) > 200) {
        fputs("firedrill bench: --out: expected a folder with a shorter name\n", stderr);
        return STATUS_BAD_INPUT;
    }
    struct arena arena;
    arena_open(&arena);
    status = file ? verify(&arena, file, (uint64_t)runs) : run_set(&arena, &a, folder);
    arena_close(&arena);
    return status;
}

const struct command command_bench = {"bench",
                                      "",
                                      "a fixed set of scenarios, as a score card to publish",
                                      "firedrill bench --quick --out bench",
                                      options,
                                      run};
