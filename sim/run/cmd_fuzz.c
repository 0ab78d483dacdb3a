/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/command.h"
#include "sim/run/cover_file.h"
#include "sim/run/files.h"
#include "sim/run/folder.h"
#include "sim/run/fuzz.h"
#include "sim/run/loading.h"
#include "sim/run/terminal.h"
#include "sim/run/verify.h"
#include "sim/run/workers.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/*
 * DIR/failures/fuzz-SEED.yaml   what broke an invariant: tried again first, the next time
 * DIR/kept/fuzz-SEED.yaml       what reached something that no scenario before it had
 * DIR/coverage.tsv              what was reached, in how many runs, first by which seed
 */
static const struct option_spec options[] = {
    {"seeds", "N|A..B", "the seeds 1 to N, or A to B; default: 100, or as many as --time allows"},
    {"time", "DURATION", "begin no run after so long, such as 10m"},
    {"topology", "NAME|FILE", "of the catalogue; \"generated\" (default): another one each time"},
    {"out", "DIR", "failures, coverage, and what reached something new"},
    {"jobs", "N", "processes at a time; default: as many as processors"},
    {NULL, NULL, NULL}};

#define KINDS_MAX 64
struct kind { /* of failures: an invariant, or a crash */
    char name[48];
    uint64_t runs, first_seed;
    time_ns until; /* what was simulated up to the end of the first */
    char why[240];
};
struct fuzzing {
    struct fuzz_space space;
    const char *folder; /* NULL: nothing is kept */
    uint64_t first_seed, seeds, runs, failed, crashed;
    time_ns simulated;
    struct dirent **past; /* failures of former runs, tried first */
    uint32_t past_count, past_failed;
    time_ns time; /* TIME_NEVER: all seeds */
    struct timespec began;
    struct cover_file cover;
    struct kind kinds[KINDS_MAX];
    uint32_t kind_count;
    enum status status;
};

static double seconds_since(const struct timespec *then) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - then->tv_sec) + (double)(now.tv_nsec - then->tv_nsec) / 1e9;
}

static uint64_t seed_of(const struct fuzzing *f, uint64_t unit) {
    return f->first_seed + unit - f->past_count;
}

static void path_of(const struct fuzzing *f, const char *part, const char *name, char *out,
                    size_t size) {
    snprintf(out, size, "%s/%s/%s", f->folder, part, name);
}

/* ---- in the run's own process ---- */

struct fuzz_answer {
    struct verified verified;
};

static bool load_past(struct arena *arena, const struct fuzzing *f, uint64_t unit,
                      struct scenario **out, struct diags *diags) {
    char path[1024];
    const char *bytes;
    size_t len;
    uint32_t count;
    path_of(f, "failures", f->past[unit]->d_name, path, sizeof path);
    const char *kept = arena_text(arena, path, strlen(path));
    return file_read(arena, kept, &bytes, &len, diags) &&
           scenarios_load(arena, kept, bytes, len, NULL, diags, out, &count);
}

static bool load_drawn(struct arena *arena, const struct fuzzing *f, uint64_t unit,
                       struct scenario **out, struct diags *diags) {
    struct fuzzed fuzzed;
    if (!fuzz_scenario(arena, &f->space, seed_of(f, unit), &fuzzed, diags)) return false;
    *out = fuzzed.scenario;
    return true;
}

static enum status run_unit(void *context, uint64_t unit, struct bytes *out) {
    const struct fuzzing *f = context;
    struct arena arena;
    struct diags diags = {0};
    struct scenario *scenario;
    struct fuzz_answer answer = {0};
    arena_open(&arena);
    bool past = unit < f->past_count;
    bool good = past ? load_past(&arena, f, unit, &scenario, &diags)
                     : load_drawn(&arena, f, unit, &scenario, &diags);
    enum status status = good ? verify_scenario(scenario, &answer.verified) : bad_input(&diags);
    if (!good && !past) {
        fprintf(stderr, "firedrill fuzz: nothing that loads can be drawn with seed %" PRIu64 "\n",
                seed_of(f, unit));
        status = STATUS_BUG;
    }
    arena_close(&arena);
    if (status == STATUS_OK) bytes_sink(out, &answer, sizeof answer);
    return status;
}

/* ---- what comes back, seed by seed ---- */

/* The scenario again, with what is to be said of it before it. */
static bool keep(const struct fuzzing *f, const char *part, uint64_t seed,
                 const struct fuzz_answer *answer) {
    char name[64], path[1024], quoted[1100];
    struct arena arena;
    struct file_out out;
    struct diags diags = {0};
    struct fuzzed fuzzed;
    snprintf(name, sizeof name, "fuzz-%" PRIu64 ".yaml", seed);
    path_of(f, part, name, path, sizeof path);
    shell_word(quoted, sizeof quoted, path, strlen(path));
    bool good = file_begin(&out, path, &diags);
    if (good) {
        arena_open(&arena);
        fprintf(out.stream, "# Drawn by firedrill fuzz, seed %" PRIu64 ".\n", seed);
        for (uint32_t k = 0; k < answer->verified.kinds; k++)
            fprintf(out.stream, "# fails: %s\n", answer->verified.why[k]);
        fprintf(out.stream, "# reproduce: firedrill run %s --timeline\n", quoted);
        if (fuzz_scenario(&arena, &f->space, seed, &fuzzed, &diags))
            fwrite(fuzzed.text, 1, fuzzed.len, out.stream);
        arena_close(&arena);
        good = file_commit(&out, &diags);
    }
    diag_print(&diags, stderr);
    return good;
}

static void count_kind(struct fuzzing *f, const char *name, const char *why, uint64_t seed) {
    uint32_t k = 0;
    while (k < f->kind_count && strcmp(f->kinds[k].name, name) != 0) k++;
    if (k == KINDS_MAX) return;
    if (k == f->kind_count) {
        f->kinds[f->kind_count++] = (struct kind){.first_seed = seed, .until = f->simulated};
        snprintf(f->kinds[k].name, sizeof f->kinds[k].name, "%s", name);
        snprintf(f->kinds[k].why, sizeof f->kinds[k].why, "%s", why);
    }
    f->kinds[k].runs++;
}

static void show_progress(const struct fuzzing *f) {
    double seconds = seconds_since(&f->began);
    double rate = seconds > 0 ? (double)f->runs / seconds : 0;
    progress("%" PRIu64 " runs, %.1f a second, %" PRIu64 " failed, %u of %u reached", f->runs, rate,
             f->failed + f->crashed, f->cover.reached, f->cover.possible);
}

static bool take_past(struct fuzzing *f, uint64_t unit, const struct worked *worked) {
    const struct fuzz_answer *answer =
        (const struct fuzz_answer *)(const void *)worked->answer.bytes;
    bool fails = worked->status != STATUS_OK || answer->verified.violations > 0;
    f->past_failed += fails;
    if (fails) {
        progress_clear();
        printf("still fails: %s/failures/%s: %s\n", f->folder, f->past[unit]->d_name,
               worked->status == STATUS_OK ? answer->verified.why[0] : "it cannot be run");
        f->status =
            status_worse(f->status, worked->status == STATUS_OK ? STATUS_FAILED : worked->status);
    }
    return true;
}

static bool take_drawn(struct fuzzing *f, uint64_t seed, const struct fuzz_answer *answer) {
    const struct verified *v = &answer->verified;
    bool fails = v->violations > 0;
    f->failed += fails;
    f->simulated = time_add(f->simulated, v->simulated);
    if (fails) f->status = status_worse(f->status, STATUS_FAILED);
    for (uint32_t k = 0; k < v->kinds; k++) count_kind(f, v->invariant[k], v->why[k], seed);
    bool reached = cover_file_add(&f->cover, v->hit, seed);
    if (!f->folder) return true;
    return (!fails || keep(f, "failures", seed, answer)) &&
           (!reached || keep(f, "kept", seed, answer));
}

static bool take_answer(void *context, uint64_t unit, const struct worked *worked) {
    struct fuzzing *f = context;
    bool good = true;
    if (unit < f->past_count)
        good = take_past(f, unit, worked);
    else if (worked->status == STATUS_OK && worked->answer.len == sizeof(struct fuzz_answer)) {
        f->runs++;
        good = take_drawn(f, seed_of(f, unit), (const void *)worked->answer.bytes);
    } else {
        struct fuzz_answer crashed = {0};
        f->runs++;
        f->crashed++;
        f->status = status_worse(f->status, STATUS_BUG);
        count_kind(f, "crash", "the run ended before its end", seed_of(f, unit));
        good = !f->folder || keep(f, "failures", seed_of(f, unit), &crashed);
    }
    show_progress(f);
    return good && (f->time == TIME_NEVER || seconds_since(&f->began) * 1e9 < (double)f->time);
}

/* ---- before and after ---- */

static int is_yaml(const struct dirent *entry) {
    const char *ending = strrchr(entry->d_name, '.');
    return ending && strcmp(ending, ".yaml") == 0;
}

static bool is_coverage(const void *context, const char *name) {
    (void)context;
    return strcmp(name, COVER_FILE) == 0;
}

static bool folder_is_a_hunts(const char *folder) {
    struct folder_use use = {folder, is_coverage, NULL};
    struct diags diags = {0};
    bool good = folder_fits(&use, &diags);
    diag_print(&diags, stderr);
    return good;
}

static bool open_folder(struct fuzzing *f) {
    struct diags diags = {0};
    char path[1024];
    if (!f->folder) return true;
    if (!folder_is_a_hunts(f->folder) || !folder_make(f->folder)) return false;
    for (int k = 0; k < 2; k++) {
        path_of(f, k ? "kept" : "failures", "", path, sizeof path);
        if (!folder_make(path)) return false;
    }
    path_of(f, "failures", "", path, sizeof path);
    int count = scandir(path, &f->past, is_yaml, alphasort);
    f->past_count = count > 0 ? (uint32_t)count : 0;
    bool good = cover_file_read(&f->cover, f->folder, &diags);
    diag_print(&diags, stderr);
    return good;
}

static bool read_time(struct fuzzing *f, const struct arguments *a) {
    const char *text = argument(a, "time");
    f->time = TIME_NEVER;
    if (!text || (duration_parse(text, strlen(text), &f->time) && f->time > 0)) return true;
    char shown[96];
    printable(shown, sizeof shown, text, strlen(text));
    fprintf(stderr, "firedrill fuzz: --time: expected a duration such as 10m, got \"%s\"\n", shown);
    return false;
}

/* Kept scenarios lie elsewhere, and name it. */
static const char *whole_path(struct arena *arena, const char *path) {
    char whole[2048], here[1024];
    bool relative = path[0] != '/' && getcwd(here, sizeof here);
    snprintf(whole, sizeof whole, "%s%s%s", relative ? here : "", relative ? "/" : "", path);
    return arena_text(arena, whole, strlen(whole));
}

static bool read_topology(struct fuzzing *f, const struct arguments *a, struct arena *arena) {
    struct diags diags = {0};
    const char *name = argument(a, "topology"), *path, *suggestion, *bytes;
    size_t len;
    if (!name || strcmp(name, "generated") == 0) return true;
    if (!file_find(arena, "topology", name, NULL, &path, &suggestion)) {
        char shown[96];
        printable(shown, sizeof shown, name, strlen(name));
        fprintf(stderr, "firedrill fuzz: there is no topology \"%s\"", shown);
        if (suggestion) fprintf(stderr, "; did you mean \"%s\"?", suggestion);
        fprintf(stderr, "\n");
        return false;
    }
    f->space.topology = file_is_path(name) ? whole_path(arena, name) : name;
    bool good = file_read(arena, path, &bytes, &len, &diags) &&
                (f->space.loaded = topo_load(arena, path, bytes, len, &diags)) != NULL;
    diag_print(&diags, stderr);
    return good && f->space.topology;
}

static enum status finish(struct fuzzing *f) {
    struct diags diags = {0};
    progress_clear();
    double seconds = seconds_since(&f->began);
    fprintf(stderr, "%.1f s, %.3f s a run, %.0f runs an hour\n", seconds,
            f->runs ? seconds / (double)f->runs : 0, (double)f->runs * 3600 / seconds);
    if (f->past_count > 0)
        printf("%u of %u past failures still fail\n", f->past_failed, f->past_count);
    for (uint32_t k = 0; k < f->kind_count; k++)
        printf("%s: %" PRIu64 " runs, first seed %" PRIu64 ", found after %.0f simulated s\n  %s\n",
               f->kinds[k].name, f->kinds[k].runs, f->kinds[k].first_seed,
               (double)f->kinds[k].until / 1e9, f->kinds[k].why);
    printf("%" PRIu64 " runs: %" PRIu64 " held, %" PRIu64 " broke an invariant, %" PRIu64
           " crashed; reached %u of %u\n",
           f->runs, f->runs - f->failed - f->crashed, f->failed, f->crashed, f->cover.reached,
           f->cover.possible);
    if (f->folder && !cover_file_write(&f->cover, f->folder, &diags)) return bad_input(&diags);
    return f->status;
}

static enum status fuzz(struct fuzzing *f, const struct arguments *a, struct arena *arena) {
    int64_t at_once;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    const char *otherwise = argument(a, "time") ? "100000000" : "100";
    f->folder = argument(a, "out");
    if (!argument_int(a, "jobs", 1, 1024, processors > 0 ? processors : 1, &at_once) ||
        !argument_seeds(a, otherwise, &f->first_seed, &f->seeds) || !read_time(f, a) ||
        !read_topology(f, a, arena))
        return STATUS_BAD_INPUT;
    cover_file_open(&f->cover);
    if (!open_folder(f)) return STATUS_BAD_INPUT;
    clock_gettime(CLOCK_MONOTONIC, &f->began);
    struct work work = {f, f->past_count + f->seeds, (uint32_t)at_once, run_unit, take_answer};
    bool all = work_run(&work);
    if (!all && f->time == TIME_NEVER) return STATUS_BAD_INPUT; /* a file could not be written */
    return finish(f);
}

static enum status run(int argc, char **argv) {
    static struct fuzzing f;
    struct arguments a;
    enum status status;
    if (!arguments_read(&a, &command_fuzz, argc, argv, &status)) return status;
    if (a.operand_count > 0) {
        command_help(&command_fuzz, stderr);
        return STATUS_BAD_INPUT;
    }
    struct arena arena;
    arena_open(&arena);
    status = fuzz(&f, &a, &arena);
    arena_close(&arena);
    return status;
}

const struct command command_fuzz = {"fuzz",
                                     "",
                                     "draws scenarios, and demands that every invariant holds",
                                     "firedrill fuzz --seeds 1000 --out hunt",
                                     options,
                                     run};
