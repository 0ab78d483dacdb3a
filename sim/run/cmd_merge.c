/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/forms/sweep_lines.h"
#include "sim/run/command.h"
#include "sim/run/files.h"
#include "sim/run/folder.h"
#include "sim/run/needed.h"
#include "sim/run/sweep_files.h"
#include "sim/run/sweep_results.h"

#include <dirent.h>
#include <stdlib.h>

/*
 * The shards of a sweep, each in its folder, as the one sweep that they are: the same files, to the
 * byte, that one process would have written. Refused unless every shard is there once, finished and
 * of the same plan.
 */
#define RESULTS "results.jsonl"

struct shard {
    const char *folder;
    char path[560];
    struct arena *arena;
    struct sweep_plan plan;
    const char **lines; /* of its runs, in order */
    uint64_t count, capacity;
};

static bool take_line(void *context, uint64_t number, const char *line, size_t len,
                      struct diags *diags) {
    struct shard *s = context;
    const char *expected;
    if (number == 0) {
        if (!sweep_head_read(line, len, s->arena, &s->plan, &expected) || s->plan.part_count == 0)
            diag_error(diags, s->path, 1, 0, "is no results of a sweep");
        else if (s->plan.shards == 0)
            diag_error(diags, s->path, 1, 0, "is of a whole sweep, no shard");
        else
            return true;
        return false;
    }
    if (s->count == s->capacity) {
        uint64_t room = s->capacity ? 2 * s->capacity : 256;
        const char **more = ARENA_NEW(s->arena, const char *, room);
        if (s->count > 0) memcpy(more, s->lines, s->count * sizeof *more);
        s->lines = more;
        s->capacity = room;
    }
    s->lines[s->count++] = arena_text(s->arena, line, len);
    return true;
}

static bool shard_load(struct shard *s, struct arena *arena, const char *folder,
                       struct diags *diags) {
    *s = (struct shard){.folder = folder, .arena = arena};
    snprintf(s->path, sizeof s->path, "%.500s/%s", folder, RESULTS);
    if (!journal_read(s->path, take_line, s, diags)) return false;
    uint64_t whole = sweep_unit_count(&s->plan, s->plan.seeds);
    if (s->count == whole) return true;
    diag_error(diags, s->path, 0, 0, "is not complete: %llu of %llu runs",
               (unsigned long long)s->count, (unsigned long long)whole);
    return false;
}

/* Sorted by shard: place k holds shard k. */
static bool shards_belong(struct shard *shards, uint32_t count, struct diags *diags) {
    const struct sweep_plan *first = &shards[0].plan;
    for (uint32_t k = 0; k < count; k++) {
        char why[400];
        struct sweep_plan alike = shards[k].plan;
        alike.shard = first->shard;
        if (sweep_plans_differ(first, &alike, why, sizeof why)) {
            diag_error(diags, shards[k].path, 1, 0, "does not belong with %.200s: %s",
                       shards[0].path, why);
            return false;
        }
    }
    for (uint32_t n = 0; n < first->shards; n++) {
        uint32_t at = n;
        while (at < count && shards[at].plan.shard != n) at++;
        if (at >= count) {
            diag_error(diags, shards[0].path, 0, 0, "is one of %u shards; shard %u is missing",
                       first->shards, n + 1);
            return false;
        }
        struct shard found = shards[at];
        shards[at] = shards[n];
        shards[n] = found;
    }
    if (count == first->shards) return true;
    diag_error(diags, shards[first->shards].path, 0, 0, "is shard %u once more",
               shards[first->shards].plan.shard + 1);
    return false;
}

static bool add_all(struct sweep_results *results, const struct shard *shards,
                    struct diags *diags) {
    const struct sweep_plan *plan = results->plan;
    uint64_t units = shards[0].plan.seeds * plan->part_count;
    for (uint64_t unit = 0; unit < units; unit++) {
        uint64_t turn = unit / plan->part_count, n = shards[0].plan.shards;
        const struct shard *s = &shards[turn % n];
        if (!sweep_results_add(
                results, s->lines[turn / n * plan->part_count + unit % plan->part_count], diags))
            return false;
    }
    return true;
}

static bool copy_trace(const char *from_folder, const char *to_folder, const char *name,
                       struct diags *diags) {
    struct arena arena;
    struct file_out out;
    char from[1200], to[1200];
    const char *bytes;
    size_t len;
    snprintf(from, sizeof from, "%s/traces/%s", from_folder, name);
    snprintf(to, sizeof to, "%s/traces/%s", to_folder, name);
    arena_open(&arena);
    bool good = file_read(&arena, from, &bytes, &len, diags) && file_begin(&out, to, diags);
    if (good) {
        fwrite(bytes, 1, len, out.stream);
        good = file_commit(&out, diags);
    }
    arena_close(&arena);
    return good;
}

static bool copy_traces(const struct shard *s, const char *folder, struct diags *diags) {
    char path[600];
    bool good = true;
    snprintf(path, sizeof path, "%.500s/traces", s->folder);
    DIR *dir = opendir(path);
    if (!dir) return true;
    snprintf(path, sizeof path, "%.500s/traces", folder);
    good = folder_make(path);
    for (struct dirent *entry = readdir(dir); good && entry; entry = readdir(dir)) {
        const char *ending = strrchr(entry->d_name, '.');
        if (ending && strcmp(ending, ".trace") == 0)
            good = copy_trace(s->folder, folder, entry->d_name, diags);
    }
    closedir(dir);
    return good;
}

static enum status merge(struct arena *arena, const struct arguments *a, struct diags *diags) {
    uint32_t count = a->operand_count;
    const char *folder = argument(a, "out");
    struct shard *shards = ARENA_NEW(arena, struct shard, count);
    struct sweep_results results;
    char path[560];
    if (!folder || strlen(folder) > 256) {
        fprintf(stderr, "firedrill merge: --out: expected a folder for the results%s\n",
                folder ? ", with a shorter name" : "");
        return STATUS_BAD_INPUT;
    }
    for (uint32_t k = 0; k < count; k++)
        if (!shard_load(&shards[k], arena, a->operands[k], diags)) return STATUS_BAD_INPUT;
    snprintf(path, sizeof path, "%s/%s", folder, RESULTS);
    needed_note(path);
    if (!shards_belong(shards, count, diags) || !sweep_files_fit(folder, diags) ||
        !sweep_files_possible(a, diags) || !folder_make(folder))
        return STATUS_BAD_INPUT;
    struct sweep_plan whole = shards[0].plan;
    whole.shards = whole.shard = 0;
    whole.seeds = 0;
    if (!sweep_results_open(&results, path, &whole, diags)) return STATUS_BAD_INPUT;
    bool good = true;
    if (results.sweep.runs > 0) {
        diag_error(diags, path, 0, 0, "is there already; choose another --out");
        good = false;
    }
    for (uint32_t k = 0; good && k < count; k++) good = copy_traces(&shards[k], folder, diags);
    good = good && add_all(&results, shards, diags) && sweep_results_finish(&results, diags);
    enum status status = STATUS_BAD_INPUT;
    if (good) status = sweep_files(&results.sweep, a, folder);
    sweep_results_close(&results);
    return status;
}

static const struct option_spec options[] = {
    {"out", "DIR", "results, report and failing traces of the whole"},
    SWEEP_FORM_OPTIONS,
    {NULL, NULL, NULL}};

static enum status run(int argc, char **argv) {
    struct arguments a;
    enum status status;
    if (!arguments_read(&a, &command_merge, argc, argv, &status)) return status;
    if (a.operand_count == 0) {
        command_help(&command_merge, stderr);
        return STATUS_BAD_INPUT;
    }
    struct arena arena;
    struct diags diags = {0};
    arena_open(&arena);
    status = merge(&arena, &a, &diags);
    diag_print(&diags, stderr);
    arena_close(&arena);
    return status;
}

const struct command command_merge = {"merge",
                                      "DIR...",
                                      "the shards of a sweep, as one sweep",
                                      "firedrill merge shard-1 shard-2 shard-3 --out swept",
                                      options,
                                      run};
