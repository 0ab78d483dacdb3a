/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_PRECISION_H
#define REPORTS_PRECISION_H
/* How well something is to be known before a campaign ends, "ci(mttr.p95) < 2%": half the width of
 * its 95 % interval, relative to it. */
#include "engine/base/diag.h"

struct precision {
    int figure;   /* index in the names; -1: none is asked for */
    double share; /* 0.02 */
};

/* len bytes of a text that may go on. False with a diagnostic that calls it by option. */
bool precision_read(struct precision *out, const char *text, size_t len, const char *const *names,
                    size_t count, const char *option, struct diags *diags) MUST_CHECK;
/* Does a part of an --until begin as one? */
bool precision_begins(const char *text);

#endif
