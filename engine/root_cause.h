/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ENGINE_ROOT_CAUSE_H
#define ENGINE_ROOT_CAUSE_H
/*
 * Which service is the cause, and how sure (SPEC §2). Each candidate is a service in or near the
 * incident with what metrics, traces and changes say of it. Two rankings: by change (recent commit,
 * recent deployment, weighted by policy) and by own excess (what a service adds beyond its callees;
 * frequency, severity, proximity weights). Confidence = how far they agree, and the margin to the
 * second: no recent change anywhere is no disagreement; a recent change on a service without own
 * excess lowers it below confirm_below. Traces that name the same culprit support it; that name
 * another lower it. Pure.
 */
#include "engine/config.h"
#include "engine/graph.h"

#define CANDIDATES_MAX 32
struct candidate {
    struct svc_id service;
    bool own_known;
    int64_t own_excess_ppm; /* own error share now less baseline; for latency: own p95 excess over
                               limit / limit */
    bool changed_commit, changed_deployment;
    time_ns change_age_ns;   /* newest recent change */
    int64_t trace_share_ppm; /* share of failing traces that begin here */
    int64_t hops;            /* out: calls between it and who alerted; -1: out of reach */
    int64_t score_ppm, change_score_ppm, own_score_ppm; /* out */
};
struct diagnosis {
    struct svc_id service; /* best; none when nothing has own excess nor change */
    int64_t confidence_ppm;
    uint32_t own_breaches;  /* candidates in breach by own excess: own_error_limit */
    bool misleading_change; /* a recent change without own excess was seen */
};
/* candidates are sorted in place: score descending, then id. detected: the service that alerted. */
void root_cause_rank(struct eng_search *search, const struct eng_config *config,
                     struct svc_id detected, struct candidate *candidates, uint32_t count,
                     struct diagnosis *out);

#endif
