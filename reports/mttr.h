/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_MTTR_H
#define REPORTS_MTTR_H
/*
 * Time to repair, from the true onset. Repaired: closed as resolved or as healed by another, and
 * true. Everything else is censored (with a person, or still standing): counted apart, never
 * dropped, and not in the mean. The manual process stands beside it: 45 minutes, of which detect
 * 5, analyse 15, develop 20, deploy and verify 5.
 */
#include "reports/statistics.h"
#include "reports/timeline.h"

#define MANUAL_DETECT_NS  (5 * NS_PER_MIN)
#define MANUAL_ANALYSE_NS (15 * NS_PER_MIN)
#define MANUAL_DEVELOP_NS (20 * NS_PER_MIN)
#define MANUAL_DEPLOY_NS  (5 * NS_PER_MIN)
#define MANUAL_NS         (MANUAL_DETECT_NS + MANUAL_ANALYSE_NS + MANUAL_DEVELOP_NS + MANUAL_DEPLOY_NS)
#define MTTR_TARGET_NS    (60 * NS_PER_S)

struct mttr_row { /* one incident */
    struct timeline timeline;
    bool repaired;
    bool escalated; /* not repaired: with a person, or suspended */
    time_ns mttr;   /* true; of a censored one, how long it stood */
    time_ns seen;   /* as the engine says; -1: it said nothing */
    int64_t failed; /* requests that failed at the service meanwhile */
    int64_t pages;  /* messages that wanted an answer */
};
struct mttr {
    struct distribution repaired;
    uint32_t incidents, escalated, unresolved;
    int64_t failed, pages;
    time_ns buckets[BUCKET_COUNT]; /* of the repaired ones, summed */
};

struct mttr_row mttr_row_of(const struct facts *facts, const struct judged *judged);
/* Adds an incident; a repaired one's time goes to samples, which has room for it. Whoever added all
 * makes "repaired" of the samples: repaired.count of them. */
void mttr_add(struct mttr *mttr, const struct mttr_row *row, time_ns *samples);

#endif
