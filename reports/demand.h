/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_DEMAND_H
#define REPORTS_DEMAND_H
/*
 * What a CI job demands of a comparison: "mttr.p95 <= 1.05x, success >= 95%, lock_wait < 2s". A
 * figure of the candidate, <, <=, > or >=, and a limit: a number and "x" (times the base's figure),
 * a share in per cent, a duration, or a plain number. Several stand with commas between. The point
 * estimate decides, and the interval is told beside it.
 */
#include "engine/base/diag.h"
#include "reports/compare.h"

#define DEMANDS_MAX 16

enum demand_sign { DEMAND_LESS, DEMAND_AT_MOST, DEMAND_MORE, DEMAND_AT_LEAST };
struct demand {
    enum compared figure;
    enum demand_sign sign;
    bool relative; /* value is times the base's */
    double value;
    char text[64]; /* as it was written */
};
struct demands {
    uint32_t count;
    struct demand list[DEMANDS_MAX];
};

/* False with a diagnostic, whose column is the place in the text. */
/* option: what messages call it, "--gate". */
bool demands_read(struct demands *out, const char *text, const char *option,
                  struct diags *diags) MUST_CHECK;

/* False, too, if the figure is not known on a side that is needed. why: one sentence with the
 * figures, either way. */
bool demand_holds(const struct demand *limit, const struct compare *c, char *why, size_t size);

/* Whether a figure keeps within a limit, both in the figure's unit. */
bool demand_within(enum demand_sign sign, double value, double limit);

/* "36.000s", "15.2%", "5201.0" */
const char *compared_text(char *out, size_t size, enum compared which, double value);
/* The same with its sign: "+0.700s" */
const char *compared_change(char *out, size_t size, enum compared which, double value);

#endif
