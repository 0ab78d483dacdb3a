/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BASE_DIAG_H
#define BASE_DIAG_H
/*
 * What a person is told about bad input: file, line, column (both from 1; 0 is "the whole file"),
 * what is wrong, what was expected, the nearest known name. A sink collects up to DIAG_MAX of them
 * in the order found; the rest are counted. Printing form:  FILE:LINE:COL: error: MESSAGE; did you
 * mean "X"? Text that comes from the input is made printable (control bytes as \xNN) and cut at 80
 * bytes. Edge code only: never inside a run.
 */
#include "engine/base/base.h"
#include <stdio.h>

enum status {
    STATUS_OK = 0,
    STATUS_FAILED = 1,       /* an expectation or an invariant failed */
    STATUS_BAD_INPUT = 2,    /* file, option or usage; the diagnostics say where */
    STATUS_BUG = 3,          /* of firedrill's, or a run that does not reproduce */
    STATUS_INCONCLUSIVE = 4, /* the cause did not act, or too little data */
};
/* Of several: 3 before 2 before 1 before 4 before 0. */
enum status status_worse(enum status a, enum status b);

#define DIAG_MAX 32
struct diag {
    char file[256];
    int line, column;
    bool warning;
    char message[512];
};
struct diags {
    struct diag list[DIAG_MAX];
    uint32_t count, errors, dropped;
};

void diag_error(struct diags *d, const char *file, int line, int column, const char *format, ...)
    PRINTF_LIKE(5, 6);
void diag_warning(struct diags *d, const char *file, int line, int column, const char *format, ...)
    PRINTF_LIKE(5, 6);
void diag_print(const struct diags *d, FILE *out);
/* Only what is not in said yet; said has it then. For files that are read again and again. */
void diag_print_once(const struct diags *d, struct diags *said, FILE *out);

/* The name nearest to s by edit distance (Damerau-Levenshtein), at most max(1, len/3) edits away;
 * NULL if none. Ties: the first in the list. */
const char *nearest_name(const char *s, size_t len, const char *const *names, size_t count);
/* A printable copy of untrusted bytes: control bytes and invalid UTF-8 as \xNN, cut at size - 1. */
void printable(char *out, size_t size, const char *s, size_t len);

#endif
