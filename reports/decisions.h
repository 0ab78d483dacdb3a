/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_DECISIONS_H
#define REPORTS_DECISIONS_H
/*
 * The engines' decision logs, taken apart: what was decided, from which factors, how sure. They are
 * an engine's own words, shown as such; nothing of the verdict rests on them. All text is
 * printable. A body that is no decision leaves its factors empty.
 */
#include "reports/judge/decision.h"
#include "reports/judge/judge.h"

struct decision {
    time_ns at;
    uint64_t record;
    int64_t engine, number; /* of the engine's decision, from 1 */
    int64_t kind;           /* enum decision_kind */
    struct incident_id incident;
    struct op_id op;
    struct svc_id service; /* NONE_ID: of none that is known */
    int64_t confidence_ppm;
    char choice[128], reasoning[SAID_REASONING];
    struct said_factor factors[SAID_ITEMS_MAX];
    uint32_t factor_count;
};
struct decisions {
    struct decision *list; /* in trace order */
    uint32_t count;
};

struct decisions decisions_of(const struct facts *facts);
void decisions_free(struct decisions *decisions);
/* The first factor of that name; NULL: it has none. */
const struct said_factor *decision_factor(const struct decision *decision, const char *name);

#endif
