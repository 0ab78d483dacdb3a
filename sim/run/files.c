/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/files.h"
#include "sim/run/recorded_load.h"
#include "sim/run/needed.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX_BYTES (2L * 1024 * 1024 * 1024) /* traces of long runs; YAML has its own limit */

static bool is_folder(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}
static bool is_file(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static bool holds_data(const char *folder) {
    char path[PATH_MAX];
    int len = snprintf(path, sizeof path, "%s/scenarios/core", folder);
    return len > 0 && (size_t)len < sizeof path && is_folder(path);
}

const char *data_root(void) {
    static char root[PATH_MAX];
    static bool missing;
    if (missing) return NULL;
    if (root[0]) return root;
    const char *told = getenv("FIREDRILL_DATA");
    if (told && strlen(told) < sizeof root && holds_data(told)) {
        snprintf(root, sizeof root, "%s", told);
        return root;
    }
    char program[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", program, sizeof program - 1);
    if (len > 0) program[len] = '\0';
    for (char *slash = len > 0 && !told ? strrchr(program, '/') : NULL; slash;
         slash = strrchr(program, '/')) {
        *slash = '\0';
        snprintf(root, sizeof root, "%.*s/share/firedrill", PATH_MAX - 32, program);
        if (holds_data(root)) return root;
        snprintf(root, sizeof root, "%s", program[0] ? program : "/");
        if (holds_data(root)) return root;
    }
    root[0] = '\0';
    missing = true;
    fprintf(stderr, "firedrill: cannot find its own data (a folder with scenarios/core) %s\n",
            told ? "where FIREDRILL_DATA says" : "above the program; FIREDRILL_DATA can name it");
    return NULL;
}

bool file_read(struct arena *arena, const char *path, const char **bytes, size_t *len,
               struct diags *diags) {
    struct stat st;
    if (stat(path, &st) != 0) {
        diag_error(diags, path, 0, 0, "cannot be read: %s", strerror(errno));
        return false;
    }
    if (!S_ISREG(st.st_mode)) {
        diag_error(diags, path, 0, 0, "expected a file");
        return false;
    }
    if (st.st_size > FILE_MAX_BYTES) {
        diag_error(diags, path, 0, 0, "is larger than %ld bytes", FILE_MAX_BYTES);
        return false;
    }
    FILE *in = fopen(path, "rb");
    if (!in) {
        diag_error(diags, path, 0, 0, "cannot be read: %s", strerror(errno));
        return false;
    }
    char *buffer = arena_take(arena, (size_t)st.st_size + 1, 1);
    *len = fread(buffer, 1, (size_t)st.st_size, in);
    *bytes = buffer;
    bool good = !ferror(in);
    fclose(in);
    needed_note(path);
    if (!good) diag_error(diags, path, 0, 0, "cannot be read: %s", strerror(errno));
    return good;
}

static const char *const *folders_of(const char *kind) {
    static const char *const topology[] = {"topologies/catalogue", NULL};
    static const char *const policy[] = {"policies", NULL};
    static const char *const rules[] = {"rules", NULL};
    static const char *const nowhere[] = {NULL}; /* a recording is a path */
    static const char *const profile[] = {"rules/profiles", NULL};
    static const char *const alertmanager[] = {"rules/alertmanager", NULL};
    static const char *const lesson[] = {"lessons", NULL};
    static const char *const scenario[] = {"scenarios/core",  "scenarios/extended",
                                           "scenarios/load",  "scenarios/month",
                                           "scenarios/bench", NULL};
    if (strcmp(kind, "topology") == 0) return topology;
    if (strcmp(kind, "policy") == 0) return policy;
    if (strcmp(kind, "rules") == 0) return rules;
    if (strcmp(kind, "lesson") == 0) return lesson;
    if (strcmp(kind, "alertmanager") == 0) return alertmanager;
    if (strcmp(kind, "profile") == 0) return profile;
    if (strcmp(kind, "recording") == 0 || strcmp(kind, "include") == 0) return nowhere;
    return scenario;
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

#define NAMES_MAX 512
uint32_t file_list(struct arena *arena, const char *kind, const char *const **names) {
    const char **list = ARENA_NEW(arena, const char *, NAMES_MAX);
    uint32_t count = 0;
    const char *root = data_root();
    for (const char *const *folder = folders_of(kind); root && *folder; folder++) {
        char path[PATH_MAX];
        snprintf(path, sizeof path, "%.*s/%s", PATH_MAX - 64, root, *folder);
        DIR *dir = opendir(path);
        uint32_t first = count;
        for (struct dirent *entry = dir ? readdir(dir) : NULL; entry && count < NAMES_MAX;
             entry = readdir(dir)) {
            size_t len = strlen(entry->d_name);
            if (len > 5 && strcmp(entry->d_name + len - 5, ".yaml") == 0)
                list[count++] = arena_text(arena, entry->d_name, len - 5);
        }
        if (dir) closedir(dir);
        qsort(list + first, count - first, sizeof *list, by_name);
    }
    *names = list;
    return count;
}

bool file_is_path(const char *name) {
    static const char *const endings[] = {".yaml", ".yml", ".csv", ".om"};
    size_t len = strlen(name);
    bool path = strchr(name, '/') != NULL;
    for (size_t k = 0; k < ARRAY_LEN(endings); k++) {
        size_t tail = strlen(endings[k]);
        path |= len > tail && strcmp(name + len - tail, endings[k]) == 0;
    }
    return path;
}

static const char *beside(struct arena *arena, const char *from_file, const char *name) {
    const char *slash = from_file && name[0] != '/' ? strrchr(from_file, '/') : NULL;
    if (!slash) return name;
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%.*s/%s", (int)(slash - from_file), from_file, name);
    return arena_text(arena, path, strlen(path));
}

bool file_find(struct arena *arena, const char *kind, const char *name, const char *from_file,
               const char **path, const char **suggestion) {
    *suggestion = NULL;
    if (file_is_path(name)) {
        *path = beside(arena, from_file, name);
        if (!is_file(*path) && is_file(name)) *path = name;
        return is_file(*path);
    }
    const char *root = data_root();
    for (const char *const *folder = folders_of(kind); root && *folder; folder++) {
        char full[PATH_MAX];
        snprintf(full, sizeof full, "%.*s/%s/%.200s.yaml", PATH_MAX - 300, root, *folder, name);
        if (!is_file(full)) continue;
        *path = arena_text(arena, full, strlen(full));
        return true;
    }
    const char *const *names;
    uint32_t count = file_list(arena, kind, &names);
    *suggestion = nearest_name(name, strlen(name), names, count);
    return false;
}

const char *const *file_source_list(void *context, const char *kind, uint32_t *count) {
    struct file_source *source = context;
    const char *const *names;
    *count = file_list(source->arena, kind, &names);
    return names;
}

/* A recording is a source as the lines it comes to, so that a trace holds what was played. */
static bool read_source(struct arena *arena, const char *kind, struct plan_source *out,
                        struct diags *why) {
    const char *text;
    size_t len;
    if (!file_read(arena, out->name, &text, &len, why)) return false;
    out->bytes = text;
    out->len = len;
    return strcmp(kind, "recording") != 0 || !is_openmetrics(text, len) ||
           recorded_load(arena, out->name, text, len, &out->bytes, &out->len, why);
}

/* The data base of time zones that the system has (Debian: tzdata). */
#define ZONES "/usr/share/zoneinfo/"

bool file_zone_read(void *context, const char *name, const char **bytes, size_t *len) {
    struct file_source *source = context;
    struct diags why = {0};
    char path[PATH_MAX];
    snprintf(path, sizeof path, ZONES "%.200s", name);
    return is_file(path) && file_read(source->arena, arena_text(source->arena, path, strlen(path)),
                                      bytes, len, &why);
}

bool file_source_read(void *context, const char *kind, const char *name, struct plan_source *out) {
    struct file_source *source = context;
    const char *path, *suggestion;
    struct diags why = {0};
    if (strcmp(kind, "zone") == 0) {
        out->kind = kind;
        out->name = name;
        return file_zone_read(context, name, &out->bytes, &out->len);
    }
    if (!file_find(source->arena, kind, name, source->from_file, &path, &suggestion) &&
        !file_is_path(name))
        return false;
    out->kind = kind;
    out->name = path;
    if (read_source(source->arena, kind, out, &why)) return true;
    const struct diag *d = &why.list[0];
    char text[sizeof d->message + 32];
    int len = d->line > 0
                  ? snprintf(text, sizeof text, "line %d:%d: %s", d->line, d->column, d->message)
                  : snprintf(text, sizeof text, "%s", d->message);
    out->bytes = arena_text(source->arena, text, (size_t)len);
    return false;
}

/* Renaming over a device, a pipe or a link would replace it. */
bool file_is_written_in_place(const char *path) {
    struct stat st;
    return lstat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

void file_word(char *out, size_t size, const char *name) {
    size_t len = 0;
    for (const char *c = name; *c; c++) {
        bool plain =
            (uint8_t)*c > ' ' && *c != 0x7F && *c != '/' && *c != '%' && (*c != '.' || c > name);
        size_t room = plain ? 1 : 3;
        if (len + room >= size) break;
        if (plain)
            out[len] = *c;
        else
            snprintf(out + len, size - len, "%%%02X", (unsigned)(uint8_t)*c);
        len += room;
    }
    out[len] = '\0';
}

bool file_begin(struct file_out *out, const char *path, struct diags *diags) {
    *out = (struct file_out){0};
    errno = ENAMETOOLONG;
    if (strlen(path) < sizeof out->path) {
        snprintf(out->path, sizeof out->path, "%s", path);
        if (!file_is_written_in_place(path))
            snprintf(out->beside, sizeof out->beside, "%s.%ld.part", path, (long)getpid());
        out->stream = fopen(out->beside[0] ? out->beside : path, "wb");
    }
    if (!out->stream) diag_error(diags, path, 0, 0, "cannot be written: %s", strerror(errno));
    return out->stream != NULL;
}

bool file_possible(const char *path, struct diags *diags) {
    struct stat st;
    struct file_out out;
    if (strcmp(path, "-") == 0) {
        diag_error(diags, path, 0, 0, "expected a file's name; what is printed is /dev/stdout");
        return false;
    }
    if (file_is_written_in_place(path)) { /* opening could wait for a reader, or tell it the end */
        if (stat(path, &st) != 0 || access(path, W_OK) == 0) return true;
        diag_error(diags, path, 0, 0, "cannot be written: %s", strerror(errno));
        return false;
    }
    if (is_folder(path)) {
        diag_error(diags, path, 0, 0, "cannot be written: %s", strerror(EISDIR));
        return false;
    }
    if (!file_begin(&out, path, diags)) return false;
    file_abandon(&out);
    return true;
}

/* A write that failed earlier is not seen by the flush. */
static bool flushed(struct file_out *out) {
    if (fflush(out->stream) != 0 || ferror(out->stream)) return false;
    return !out->beside[0] || fsync(fileno(out->stream)) == 0;
}

bool file_commit(struct file_out *out, struct diags *diags) {
    bool good = flushed(out);
    if (fclose(out->stream) != 0) good = false;
    if (good && out->beside[0] && rename(out->beside, out->path) != 0) good = false;
    if (!good) {
        diag_error(diags, out->path, 0, 0, "cannot be written: %s", strerror(errno));
        if (out->beside[0]) unlink(out->beside);
    }
    out->stream = NULL;
    return good;
}

void file_abandon(struct file_out *out) {
    if (!out->stream) return;
    fclose(out->stream);
    if (out->beside[0]) unlink(out->beside);
    out->stream = NULL;
}
