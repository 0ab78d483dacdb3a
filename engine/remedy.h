/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ENGINE_REMEDY_H
#define ENGINE_REMEDY_H
/*
 * Which remedy? A pure function of what is known and of the policy's section "remedies". Each
 * remedy gets a score in millionths:
 *
 *     score = evidence x weights.evidence + preference x weights.preference
 *           + (1 - cost) x weights.cost
 *
 * preference falls from 1 (the first of remedies.order) in equal steps; cost is the policy's
 * figure. Evidence is 0 to 1 by the rules beside each field below; without any a remedy is not
 * chosen, whatever it costs. A figure that is not known is no evidence.
 *
 * Without mitigate_first the highest score is chosen; of equals the one that comes first in the
 * order. With it, while the symptom stands, the highest of those that ease it (all but patch and
 * wait) is, if it reaches min_score; then the cause is patched.
 */
#include "engine/gate.h"

struct remedy_facts {
    enum symptom symptom;
    int64_t limit;  /* over which its figure is a breach */
    bool located;   /* logs name a place in the code: patch 1, else 0.5; scale out, restart: less */
    bool mitigated; /* the symptom is gone, its cause is not */
    uint32_t tried; /* bit by enum remedy: did not help, or is no cure */
    /* roll back: 1 at the onset, 0.5 where undo_window ends before it */
    bool changed;                           /* by others, and its former revision can serve again */
    time_ns change_age_ns;                  /* at the onset; less than 0: after it */
    bool changing;                          /* others roll something out there now: wait 0.7 */
    struct gate_number own;                 /* under the limit: wait 1 */
    struct gate_number cpu;                 /* over cpu_high: scale out 0.3, and 1 with ... */
    struct gate_number rate, rate_before;   /* ... a rise of the request rate by rate_rise */
    struct gate_number memory;              /* over memory_high: restart 1, located 0.6 */
    struct gate_number in_flight_age;       /* over in_flight_age with CPU to spare: restart 0.8 */
    struct gate_number pod_worst, pod_next; /* the first over the limit, the next under half of it,
                                             * drain: how far they are apart, of the first */
    int64_t pod;                            /* which the first is; -1: not known */
    int64_t pods;                           /* there are so many; drain: two at least stay */
};

struct remedy_option {
    bool allowed; /* remedies.order names it */
    int64_t evidence_ppm, preference_ppm, score_ppm;
    const char *rejected; /* why it was not chosen; NULL: it was */
};
struct remedy_choice {
    bool any; /* else nothing that is allowed has evidence: a person decides */
    enum remedy chosen;
    bool cures;          /* what it eases does not come back by itself */
    int64_t amount, pod; /* pods to be added; the pod to be drained */
    struct remedy_option option[REMEDY_COUNT];
};
void remedy_weigh(const struct eng_remedies *policy, const struct remedy_facts *facts,
                  struct remedy_choice *out);
/* What it changes is the service's pods, not what they run. */
bool remedy_of_pods(enum remedy remedy);
bool remedy_allowed(const struct eng_remedies *policy, enum remedy remedy);
/* Whether anything beside the patch may be done. */
bool remedies_beside(const struct eng_remedies *policy);
const char *remedy_pro(enum remedy remedy);
const char *remedy_con(enum remedy remedy);
/* As what it stands in the registry. */
enum op_kind remedy_kind(enum remedy remedy);

#endif
