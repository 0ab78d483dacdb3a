/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_ALTERNATIVES_H
#define REPORTS_ALTERNATIVES_H
/*
 * What else could have been decided, and by how much figures would have had to differ for it: from
 * the factors that the decision log has and the policy's limits that the trace has. Where a choice
 * hangs on more than those (a state of the world, an answer), it says on what.
 */
#include "reports/decisions.h"

#define ALTERNATIVES_MAX 12
struct alternative {
    char choice[48];
    char needs[200]; /* one sentence */
};
/* How many; at most ALTERNATIVES_MAX. */
uint32_t alternatives_of(const struct facts *facts, const struct decision *decision,
                         struct alternative out[ALTERNATIVES_MAX]);

/* A factor's figure in its own unit: "7.4%", "0.354", "3", "1.250s". */
const char *factor_figure(char *out, size_t size, const struct decision *decision,
                          const struct said_factor *factor);

#endif
