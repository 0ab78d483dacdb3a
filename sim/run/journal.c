/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/journal.h"

#include "engine/base/check.h"
#include "sim/run/needed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* What stands where the object's closing brace was. */
#define CHECK_FORM ",\"check\":\"%016llx\"}\n"
#define CHECK_LEN  29

static const char *name_of(const struct journal *j) { return j->whole ? j->path : j->part; }

static bool failed(const struct journal *j, const char *what, struct diags *diags) {
    diag_error(diags, name_of(j), 0, 0, "%s: %s", what, strerror(errno));
    return false;
}

/* The digest goes on over the check and the newline, too: it is of the file's bytes. */
static void seal_line(struct digest *digest, char check[CHECK_LEN + 1], const char *object,
                      size_t len) {
    digest_add(digest, object, len - 1);
    snprintf(check, CHECK_LEN + 1, CHECK_FORM, (unsigned long long)digest_value(digest));
    digest_add(digest, check, CHECK_LEN);
}

/* ---- what is there ---- */

/* line: as it stands in the file. */
static bool take_line(struct journal *j, char *line, size_t len, journal_line *told, void *context,
                      struct diags *diags) {
    char check[CHECK_LEN + 1];
    struct digest digest = j->digest;
    bool good = len > CHECK_LEN + 1 && line[0] == '{';
    if (good) {
        seal_line(&digest, check, line, len - CHECK_LEN + 1);
        good = memcmp(check, line + len - CHECK_LEN, CHECK_LEN) == 0;
    }
    if (!good) {
        diag_error(diags, name_of(j), (int)(j->lines + 1), 0,
                   "is damaged: the check is not that of what stands before it");
        return false;
    }
    line[len - CHECK_LEN] = '}';
    if (!told(context, j->lines, line, len - CHECK_LEN + 1, diags)) return false;
    j->digest = digest;
    j->lines++;
    return true;
}

/* Leaves the stream behind the last whole line. */
static bool take_lines(struct journal *j, journal_line *told, void *context, struct diags *diags) {
    char *line = NULL;
    size_t room = 0;
    ssize_t len;
    off_t end = 0;
    bool good = true;
    while (good && (len = getline(&line, &room, j->stream)) > 0) {
        if (line[len - 1] != '\n' && !j->whole) break;
        good = take_line(j, line, (size_t)len, told, context, diags);
        end += len;
    }
    free(line);
    if (good && ferror(j->stream)) good = failed(j, "cannot be read", diags);
    if (good && j->writable &&
        (fseeko(j->stream, end, SEEK_SET) != 0 || ftruncate(fileno(j->stream), end) != 0))
        good = failed(j, "cannot be continued", diags);
    return good;
}

static bool lock(const struct journal *j, struct diags *diags) {
    struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(fileno(j->stream), F_SETLK, &all) == 0) return true;
    if (errno != EACCES && errno != EAGAIN) return failed(j, "cannot be locked", diags);
    diag_error(diags, name_of(j), 0, 0, "another process is writing it");
    return false;
}

/* For appending: a child that has inherited the stream cannot move where the next line goes. */
static bool open_any(struct journal *j, struct diags *diags) {
    int file = open(j->part, O_RDWR | O_APPEND);
    if (file < 0 && errno == ENOENT) {
        file = open(j->path, O_RDWR | O_APPEND);
        j->whole = file >= 0 || errno != ENOENT;
    }
    if (file < 0 && errno == ENOENT) file = open(j->part, O_RDWR | O_APPEND | O_CREAT, 0666);
    if (file >= 0) j->stream = fdopen(file, "r+b");
    j->writable = true;
    return j->stream || failed(j, "cannot be opened", diags);
}

bool journal_open(struct journal *j, const char *path, journal_line *told, void *context,
                  struct diags *diags) {
    *j = (struct journal){0};
    digest_init(&j->digest);
    if (strlen(path) >= sizeof j->path) {
        diag_error(diags, path, 0, 0, "the path is too long");
        return false;
    }
    snprintf(j->path, sizeof j->path, "%s", path);
    snprintf(j->part, sizeof j->part, "%s.part", path);
    if (open_any(j, diags) && lock(j, diags) && take_lines(j, told, context, diags)) return true;
    journal_close(j);
    return false;
}

bool journal_read(const char *path, journal_line *told, void *context, struct diags *diags) {
    struct journal j = {.whole = true};
    digest_init(&j.digest);
    snprintf(j.path, sizeof j.path, "%s", path);
    j.stream = fopen(path, "rb");
    needed_note(path);
    bool good =
        (j.stream || failed(&j, "cannot be opened", diags)) && take_lines(&j, told, context, diags);
    journal_close(&j);
    return good;
}

/* ---- what comes ---- */

bool journal_append(struct journal *j, const char *object, struct diags *diags) {
    size_t len = strlen(object);
    char check[CHECK_LEN + 1];
    ASSERT(len > 2 && object[len - 1] == '}' && !strchr(object, '\n'));
    if (j->whole && rename(j->path, j->part) != 0) return failed(j, "cannot be continued", diags);
    j->whole = false;
    seal_line(&j->digest, check, object, len);
    j->lines++;
    fwrite(object, 1, len - 1, j->stream);
    fwrite(check, 1, CHECK_LEN, j->stream);
    return (fflush(j->stream) == 0 && !ferror(j->stream)) || failed(j, "cannot be written", diags);
}

bool journal_finish(struct journal *j, struct diags *diags) {
    if (j->whole) return true;
    if (fsync(fileno(j->stream)) != 0 || rename(j->part, j->path) != 0)
        return failed(j, "cannot be finished", diags);
    j->whole = true;
    return true;
}

void journal_close(struct journal *j) {
    if (j->stream) fclose(j->stream);
    j->stream = NULL;
}
