/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_FORMS_EXPLAIN_H
#define REPORTS_FORMS_EXPLAIN_H
/*
 * Why engines did what they did, as a person would tell it: from what was seen to what was done, in
 * the order in which it happened, each decision with the figures it was made from and what would
 * have had to differ for another. An engine's reasons are its own words; what the world really did
 * and how the judge took it stand beside them.
 */
#include "reports/alternatives.h"
#include <stdio.h>

struct explained {
    const char *incident; /* a cause's name, or an engine's number of it ("0.1"); NULL: all */
    int64_t decision;     /* a decision's number; -1: all */
    int64_t engine;       /* of that decision; -1: any */
    const char *why_not;  /* a choice: only what it would have needed; NULL: everything */
};

/* Lines wrapped to the width; prints nothing and returns false when nothing is asked for that
 * there is. *nearest is then the nearest name there is, or NULL. */
bool explain(const struct facts *facts, const struct verdict *verdict,
             const struct explained *asked, FILE *out, int width, const char **nearest);

#endif
