/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/folder.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool ends_in(const char *name, const char *ending) {
    size_t len = strlen(name), cut = strlen(ending);
    return len > cut && strcmp(name + len - cut, ending) == 0;
}

bool folder_is_report(const char *name) {
    static const char *const names[] = {"report.json", "report.md", "report.csv", "report.html"};
    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
        if (strcmp(name, names[k]) == 0) return true;
    return false;
}

/* Of what a file was left, so that one knows what one looks at; NULL: not firedrill's. */
static const char *left_by(const char *name) {
    if (ends_in(name, ".trace")) return "of another run";
    if (strcmp(name, "results.jsonl") == 0 || strcmp(name, "results.jsonl.part") == 0)
        return "of a sweep";
    if (strcmp(name, "coverage.tsv") == 0) return "of a hunt";
    if (strncmp(name, "engine-", 7) == 0 && ends_in(name, ".jsonl")) return "of an audit log";
    return folder_is_report(name) ? "of another command" : NULL;
}

static int is_firedrills(const struct dirent *entry) { return left_by(entry->d_name) != NULL; }

/* A report belongs to what lies beside it: where nothing of this command's does, it is another's.
 */
static bool is_own(const struct folder_use *use, const char *name, bool continued) {
    return folder_is_report(name) ? continued : use->own(use->context, name);
}

bool folder_fits(const struct folder_use *use, struct diags *diags) {
    struct dirent **there;
    int count = scandir(use->path, &there, is_firedrills, alphasort), others = 0;
    const char *first = NULL;
    bool continued = false;
    for (int k = 0; k < count && !continued; k++)
        continued = !folder_is_report(there[k]->d_name) && use->own(use->context, there[k]->d_name);
    for (int k = 0; k < count; k++) {
        if (is_own(use, there[k]->d_name, continued)) continue;
        others++;
        if (!first || folder_is_report(first)) first = there[k]->d_name;
    }
    if (first) {
        char shown[120], more[32] = "";
        printable(shown, sizeof shown, first, strlen(first));
        if (others > 1) snprintf(more, sizeof more, " and %d more", others - 1);
        diag_error(diags, use->path, 0, 0,
                   "holds %s%s, %s, which would be mixed up with what is written now; choose "
                   "another --out, or empty the folder",
                   shown, more, left_by(first));
    }
    for (int k = 0; k < count; k++) free(there[k]);
    if (count >= 0) free(there);
    return !first;
}

/* 0, or why it is not there. */
static int make_one(const char *folder) {
    struct stat st;
    if (mkdir(folder, 0777) == 0) return 0;
    int why = errno; /* a folder that is there may be on a disk that cannot be written */
    if (stat(folder, &st) != 0) return why;
    return S_ISDIR(st.st_mode) ? 0 : ENOTDIR;
}

bool folder_make(const char *folder) {
    char path[PATH_MAX];
    size_t len = strlen(folder);
    int why = len < sizeof path ? 0 : ENAMETOOLONG;
    if (why == 0) memcpy(path, folder, len + 1);
    for (size_t k = 1; why == 0 && k < len; k++) {
        if (path[k] != '/' || path[k - 1] == '/') continue;
        path[k] = '\0';
        why = make_one(path);
        path[k] = '/';
    }
    if (why == 0) why = make_one(folder);
    if (why == 0 && access(folder, W_OK | X_OK) != 0) why = errno;
    if (why == 0) return true;
    char shown[256];
    printable(shown, sizeof shown, folder, strlen(folder));
    fprintf(stderr, "firedrill: the folder %s cannot be made or written to: %s\n", shown,
            strerror(why));
    return false;
}
