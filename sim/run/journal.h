/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RUN_JOURNAL_H
#define SIM_RUN_JOURNAL_H
/*
 * A file of JSON objects, one a line, that grows line by line and survives a kill at any moment.
 * Each object's last key, "check", is the digest of all that stands before it in the file, so that
 * a line that was cut, changed, lost or moved is seen. While it grows the file is called
 * NAME.part; only a finished one is called NAME. A half line at the end, which is what a kill
 * leaves, is cut off when the file is opened again; any other damage is refused. One process at a
 * time has it open (a record lock, which the system frees with the process).
 */
#include "engine/base/digest.h"
#include "engine/base/diag.h"

struct journal {
    char path[512], part[520];
    FILE *stream;         /* the only one: closing another of the same file would free the lock */
    bool writable;        /* else only read */
    bool whole;           /* it is called "path" now, else "part" */
    struct digest digest; /* of all bytes so far */
    uint64_t lines;
};

/* Told of each line that is there, in order, from 0: the object without its check. False: it is
 * refused, after a diagnostic. */
typedef bool journal_line(void *context, uint64_t number, const char *object, size_t len,
                          struct diags *diags);

/* Opens the file, finished or not, or makes it. What is refused stays as it was. */
bool journal_open(struct journal *journal, const char *path, journal_line *line, void *context,
                  struct diags *diags) MUST_CHECK;
/* Only reads a finished file, which may be anybody's: nothing is locked, continued or made. */
bool journal_read(const char *path, journal_line *line, void *context,
                  struct diags *diags) MUST_CHECK;
/* Adds an object: "{...}", no newline in it. */
bool journal_append(struct journal *journal, const char *object, struct diags *diags) MUST_CHECK;
/* Safe on disk, and under its own name. */
bool journal_finish(struct journal *journal, struct diags *diags) MUST_CHECK;
/* An unfinished one can be continued. */
void journal_close(struct journal *journal);

#endif
