/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_MTTR_H
#define REPORTS_MTTR_H
/*
 * Time to repair, from the true onset. Repaired: closed as resolved or as healed by another, and
 * true. Everything else is censored (with a person, or still standing): counted apart, never
 * dropped, and not in the mean. The manual process stands beside it: 45 minutes, of which detect
 * 5, analyse 15, develop 20, deploy and verify 5.
 */
#include "reports/survival.h"
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
    /* Of the failures that the policy's budget allows the service in a day at its stated rate, the
     * share that this incident took, in ppm; -1: its rate is not known. */
    int64_t budget_ppm;
    /* From the onset until the symptom was below the alert's limit for good; -1: it never was
     * before the end. 0: it never was above. */
    time_ns mitigated;
    bool eased;     /* its cause was not out yet, then */
    int64_t engine; /* that opened it first; -1: none did */
};
struct mttr {
    struct distribution repaired;
    uint32_t incidents, escalated, unresolved;
    int64_t failed, pages;
    int64_t budget_ppm;            /* the incidents' shares, each of its service's, summed */
    time_ns buckets[BUCKET_COUNT]; /* of the repaired ones, summed */
    /* of the repaired ones that users saw: time to mitigate, apart from that to recover */
    uint32_t mitigated_count, eased;
    time_ns mitigated_sum;
};

struct mttr_row mttr_row_of(const struct facts *facts, const struct judged *judged);
/* Over repaired incidents that users saw; -1: there were none. */
static inline time_ns mttr_mitigated_mean(const struct mttr *mttr) {
    return mttr->mitigated_count > 0 ? mttr->mitigated_sum / mttr->mitigated_count : -1;
}
/* Adds an incident; a repaired one's time goes to samples, which has room for it. Whoever added all
 * makes "repaired" of the samples: repaired.count of them. */
void mttr_add(struct mttr *mttr, const struct mttr_row *row, time_ns *samples);
/* All of them at once, with intervals, and with those that are censored. */
void mttr_of(const struct mttr_row *const *rows, size_t count, struct mttr *out,
             struct survival *survival);

#endif
