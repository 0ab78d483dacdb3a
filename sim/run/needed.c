/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/needed.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* is_there: of the file itself; else of its folder, and last names it there. */
struct place {
    dev_t device;
    ino_t inode;
    bool is_there;
    const char *last; /* within the path it was asked of */
};
struct needed {
    struct place place;
    char *path;
};

static struct needed *list; /* of the whole process, as what it reads is */
static size_t count, capacity;

/* False for what cannot be lost: a device, a pipe, a folder, a name in a folder that is not there.
 */
static bool place_of(const char *path, struct place *out) {
    struct stat st;
    const char *slash = strrchr(path, '/');
    *out = (struct place){.last = slash ? slash + 1 : path};
    if (stat(path, &st) == 0) {
        if (!S_ISREG(st.st_mode)) return false;
        out->is_there = true;
    } else {
        char folder[PATH_MAX] = ".";
        int len = slash ? snprintf(folder, sizeof folder, "%.*s/", (int)(slash - path), path) : 1;
        if (len < 0 || (size_t)len >= sizeof folder || stat(folder, &st) != 0) return false;
    }
    out->device = st.st_dev;
    out->inode = st.st_ino;
    return true;
}

static bool is_same(const struct place *a, const struct place *b) {
    return a->device == b->device && a->inode == b->inode && a->is_there == b->is_there &&
           (a->is_there || strcmp(a->last, b->last) == 0);
}

static const struct needed *find(const struct place *place) {
    for (size_t k = 0; k < count; k++)
        if (is_same(&list[k].place, place)) return &list[k];
    return NULL;
}

void needed_note(const char *path) {
    struct needed new;
    if (!place_of(path, &new.place) || find(&new.place)) return;
    if (count == capacity) {
        capacity = capacity ? 2 * capacity : 64;
        list = realloc(list, capacity * sizeof *list);
        if (!list) abort();
    }
    new.path = strdup(path);
    if (!new.path) abort();
    new.place.last = new.path + (new.place.last - path);
    list[count++] = new;
}

bool needed_spared(const char *option, const char *path, struct diags *diags) {
    struct place place;
    const struct needed *lost = place_of(path, &place) ? find(&place) : NULL;
    if (!lost) return true;
    char shown[200];
    printable(shown, sizeof shown, lost->path, strlen(lost->path));
    diag_error(diags, path, 0, 0, "--%s would overwrite %s, which this command needs", option,
               shown);
    return false;
}
