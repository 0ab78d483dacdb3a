/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_RCA_ANALYSIS_H
#define REPORTS_RCA_ANALYSIS_H
/*
 * Root cause from recorded metrics and a call graph, by the principle that the engine goes by
 * (engine/root_cause.h): what a service adds beyond its callees points to the cause. Nothing is
 * known of the application: no name, no threshold of its own, no training.
 *
 *   excess of a service  = deviation of its latency (or error share) x its requests: the waiting,
 *                          or the failures, that it adds to the world in a second
 *   own excess           = its excess less its callees', each callee's divided among its callers by
 *                          their calls; asynchronous calls pass nothing on
 *   contribution         = what arrives when the excess of the service with the symptom is
 *                          followed along what explains it, to where it is own (excess.h)
 *
 * A deviation counts as far as it exceeds twice its spread (deviation.h), so noise at a busy
 * service adds nothing. Failures move to a callee that became slow or fell silent: whoever gives up
 * waiting fails by itself only on paper. Resources (CPU beyond what the requests explain, memory,
 * any other) multiply what a service has and cannot make a culprit of one far from the symptom.
 * Whether there is anything to explain is asked first, of the service with the symptom alone.
 */
#include "reports/rca/deviation.h"

#define RCA_EVIDENCE_MAX 4

struct rca_request {
    const struct topology *topology;
    const struct rca_recording *recording;
    struct svc_id service;  /* that shows the symptom */
    double at;              /* when it was noticed; seconds of the recording */
    struct window baseline; /* to <= from: all before the symptom began */
};

struct rca_evidence {
    uint32_t metric;
    struct deviation deviation;
};
struct rca_service {
    struct svc_id service;
    double score;  /* of all scores; they sum to 1 */
    double own;    /* share of the symptom that is its own contribution, 0 to 1 */
    double excess; /* before what callees explain, in the symptom's unit x requests */
    bool reached;  /* the service with the symptom calls it, over any number of calls */
    uint32_t evidence_count;
    struct rca_evidence evidence[RCA_EVIDENCE_MAX]; /* largest deviation first */
};
struct rca_result {
    bool abnormal;
    bool symptom_known; /* symptom and deviation are there */
    uint32_t symptom;   /* metric */
    struct deviation deviation;
    struct window baseline, abnormal_window;
    uint32_t count;
    struct rca_service *ranked; /* best first; ties by id; only scores > 0 */
};

void rca_analyse(struct arena *arena, const struct rca_request *request, struct rca_result *out);

#endif
