/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_COVERAGE_H
#define REPORTS_COVERAGE_H
/*
 * What a run reached, of all that could be: transitions of operations, decisions, faults and the
 * states of operations that they met, messages, effects, inputs, answers. Counted from traces
 * alone, by the tables of words; what one of them gains can be reached from then on.
 */
#include "reports/judge/facts.h"

/* Room for all items; a test holds it against the tables. */
#define COVER_MAX 1024

struct cover_group {
    const char *name, *meaning;
    uint32_t first, count; /* its items */
};
extern const uint32_t cover_group_count;
struct cover_group cover_group(uint32_t group);
uint32_t cover_count(void);

#define COVER_NAME 64
/* "transition INIT>LOCKED"; false: that one cannot be, and does not count. */
bool cover_name(uint32_t item, char out[COVER_NAME]);

/* hit: COVER_MAX of them, set to whether the run reached it. */
void coverage_of(const struct facts *facts, uint8_t *hit);

#endif
