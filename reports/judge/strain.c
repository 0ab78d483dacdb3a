/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which violations a fault of the world excuses: the table is scenarios/words/strain.def. */
#include "reports/judge/invariants.h"
#include "scenarios/words/plan.h"

struct strain {
    int64_t fault;
    const char *invariant;
};
static const struct strain table[] = {
#define STRAIN(FAULT, invariant) {FAULT_##FAULT, #invariant},
#include "scenarios/words/strain.def"
#undef STRAIN
};

static bool may_strain(int64_t fault, const char *invariant) {
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (table[i].fault == fault && strcmp(table[i].invariant, invariant) == 0) return true;
    return false;
}

/* What a lease of before may still do after the fault has ended. What was cut off a log stays cut
 * off, and a counter that went back gives its numbers again at any later time. */
static time_ns lingers(const struct facts *f, const struct fact_fault_planned *p) {
    if (p->kind == FAULT_AUDIT_CUT || p->kind == FAULT_LOCK_TOKEN_REGRESS) return TIME_NEVER;
    time_ns own =
        fault_entry((enum fault_kind)p->kind)->value == FAULT_VALUE_DURATION ? p->value : 0;
    return time_add(time_add(f->limits.lock_ttl_ns, f->limits.lock_ttl_slack_ns), own);
}

static bool acts_at(const struct facts *f, const struct fact_fault_planned *p, time_ns at) {
    time_ns begins = TIME_NEVER, ends = TIME_NEVER;
    EACH(f, fault_on, on) {
        if (on->fault == p->fault) begins = on->at;
    }
    EACH(f, fault_off, off) {
        if (off->fault == p->fault) ends = time_add(off->at, lingers(f, p));
    }
    return begins <= at && at <= ends;
}

bool strained(const struct facts *f, const char *invariant, time_ns at) {
    EACH(f, fault_planned, p) {
        if (p->kind < 0 || p->kind >= FAULT_COUNT || !may_strain(p->kind, invariant)) continue;
        if (acts_at(f, p, at)) return true;
    }
    return false;
}
