/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_JUDGE_INVARIANTS_H
#define REPORTS_JUDGE_INVARIANTS_H
/*
 * What must hold in every run, whatever its scenario, checked on facts and crossings. The table is
 * invariants.def; each is one function over the facts that adds what it finds. None of them shares
 * code with the engine: they are the naive second implementation.
 */
#include "reports/judge/truth.h"

struct invariant {
    const char *name, *meaning;
    void (*check)(const struct facts *facts, struct violations *found);
};
extern const struct invariant invariants[];
extern const size_t invariant_count;

/* All of them, in the order of the table. */
void invariants_check(const struct facts *facts, struct violations *found);
/* NULL: no such name. */
const struct invariant *invariant_named(const char *name);

/* strain.c: whether a fault that acts then excuses a violation of that invariant. */
bool strained(const struct facts *facts, const char *invariant, time_ns at);

/* For the checks: one sentence on what was seen; name, meaning, time and record are added. */
PRINTF_LIKE(5, 6)
void violated(struct violations *found, const char *name, time_ns at, uint64_t record,
              const char *format, ...);

/* clang-format off */
#define INVARIANT(name, meaning) void invariant_##name(const struct facts *facts, struct violations *found);
#include "reports/judge/invariants.def"
#undef INVARIANT
/* clang-format on */

#endif
