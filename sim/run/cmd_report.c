/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/campaign.h"
#include "sim/run/files.h"

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

/* Reports on traces: judged anew from their bytes, whatever was said of them when they were made.
 */

#define TRACES_MAX 4096

static const struct option_spec options[] = {
    REPORT_OPTIONS,
    {"timeline", NULL, "print what happened in each run, line by line"},
    {NULL, NULL, NULL}};

static int by_path(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static uint32_t traces_in(struct arena *arena, const char *folder, const char **paths,
                          uint32_t room) {
    uint32_t count = 0;
    DIR *dir = opendir(folder);
    for (struct dirent *entry = dir ? readdir(dir) : NULL; entry && count < room;
         entry = readdir(dir)) {
        size_t len = strlen(entry->d_name);
        if (len < 7 || strcmp(entry->d_name + len - 6, ".trace") != 0) continue;
        char path[PATH_MAX];
        snprintf(path, sizeof path, "%.3000s/%s", folder, entry->d_name);
        paths[count++] = arena_text(arena, path, strlen(path));
    }
    if (dir) closedir(dir);
    qsort(paths, count, sizeof *paths, by_path);
    return count;
}

static bool is_sweep(const char *folder) {
    char path[600];
    struct stat st;
    int len = snprintf(path, sizeof path, "%s/results.jsonl", folder);
    return len > 0 && (size_t)len < sizeof path && stat(path, &st) == 0;
}

static enum status run(int argc, char **argv) {
    struct arguments a;
    enum status status;
    if (!arguments_read(&a, &command_report, argc, argv, &status)) return status;
    if (a.operand_count == 0) {
        command_help(&command_report, stderr);
        return STATUS_BAD_INPUT;
    }
    struct arena arena;
    arena_open(&arena);
    const char **paths = ARENA_NEW(&arena, const char *, TRACES_MAX);
    uint32_t count = 0;
    for (uint32_t k = 0; k < a.operand_count && count < TRACES_MAX; k++) {
        struct stat st;
        bool folder = stat(a.operands[k], &st) == 0 && S_ISDIR(st.st_mode);
        uint32_t before = count;
        if (folder)
            count += traces_in(&arena, a.operands[k], paths + count, TRACES_MAX - count);
        else
            paths[count++] = a.operands[k];
        if (count > before) continue;
        char shown[256];
        printable(shown, sizeof shown, a.operands[k], strlen(a.operands[k]));
        fprintf(stderr, "firedrill report: %s holds no .trace file%s\n", shown,
                is_sweep(a.operands[k])
                    ? "; a sweep's report stands in it, and traces/ has what did not pass"
                    : "");
        status = STATUS_BAD_INPUT;
    }
    if (count > 0) status = status_worse(status, report_traces(paths, count, &a));
    arena_close(&arena);
    return status;
}

const struct command command_report = {"report",
                                       "DIR|TRACE...",
                                       "judges traces again and reports on them",
                                       "firedrill report out",
                                       options,
                                       run};
