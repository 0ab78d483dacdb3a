/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_RCA_CORPUS_H
#define TESTS_RCA_CORPUS_H
/*
 * Made-up recordings with a known cause, to measure a ranking by. Applications are random: 6 to 40
 * services in tiers, shared callees, some calls asynchronous, now and then a cycle. Requests come
 * with a slow swing and noise that is correlated in time; latencies add up along calls, failures
 * are passed on in part, callers may give up waiting; CPU follows requests, memory wanders. Then
 * one service gets a fault. Steps of 1 s to 5 min, milliseconds or seconds, shares or per cent,
 * error_rate or availability, some services without some metrics, some cells missing, some series
 * without any spread. A case is a function of (seed, number).
 */
#include "reports/rca/analysis.h"

enum corpus_fault {
    CORPUS_NONE,
    CORPUS_DELAY,    /* the service itself is slow, nothing else shows */
    CORPUS_ERRORS,   /* it fails requests */
    CORPUS_CPU,      /* it burns CPU and is slow for it */
    CORPUS_MEMORY,   /* it fills memory and becomes somewhat slow */
    CORPUS_OVERLOAD, /* more requests than it has CPU for */
    CORPUS_SILENT,   /* it is down: no metrics, callers fail */
    CORPUS_FAULT_COUNT
};
const char *corpus_fault_name(enum corpus_fault fault);

enum corpus_metric { M_LATENCY, M_P99, M_FAILURES, M_LOAD, M_CPU, M_MEMORY, M_COUNT };
struct corpus_case {
    enum corpus_fault fault;
    const struct topology *topology;
    struct rca_recording recording;
    struct svc_id cause, target;
    double at;
    uint32_t steps, onset,
        end; /* the same on a grid: value[metric][service * steps + i], NaN missing */
    double *value[M_COUNT];
};

/* False if the fault does not show at any service that could be asked of. */
bool corpus_make(struct corpus_case *out, struct arena *arena, uint64_t seed, uint64_t number,
                 enum corpus_fault fault);

#endif
