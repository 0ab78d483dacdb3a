/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_CONTENTION_H
#define REPORTS_CONTENTION_H
/*
 * How locks were fought for, by the store's own records. A request is one wish for a lock: granted
 * at once, or queued and then granted, left (a timeout) or still waiting. A convoy is a row of
 * grants that each pass to a waiter at the very moment of the release. Jain's fairness index over
 * the engines' grants: (sum x)^2 / (n * sum x^2), 1 is fair (Jain, Chiu, Hawe, 1984). Little's law,
 * L = lambda * W, is held against the queue as a check of the figures themselves.
 */
#include "reports/statistics.h"
#include "reports/judge/judge.h"

#define LOCK_LABEL 64
struct lock_figures {
    int64_t scope, name;
    char label[LOCK_LABEL]; /* printable: "SERVICE payment" */
    int64_t requests, grants, timeouts, refused, lost, forced;
    int64_t queue_max, convoy_max;
    int64_t utilisation_ppm;
    struct distribution wait, hold;
    time_ns waited;                     /* sum of all waits, however they ended */
    int64_t queue_mean_ppm, little_ppm; /* L measured, and lambda * W: waiting requests * 1e6 */
};
struct contention {
    struct lock_figures *list; /* by scope, then name */
    uint32_t count;
    struct lock_figures total; /* of all locks; utilisation and Little's law summed */
    int64_t fenced_off;        /* orders refused for an older token */
    int64_t fairness_ppm;      /* over engines that asked at all */
    int64_t wait_edges,
        cycles; /* of the waits-for graph: edges it ever had; 0 cycles is the proof */
};

/* False when memory is out. */
bool contention_of(const struct facts *facts, struct contention *out) MUST_CHECK;
/* "SERVICE payment" of a lock's scope and name. */
const char *lock_label(char out[LOCK_LABEL], const struct facts *facts, int64_t scope,
                       int64_t name);
void contention_free(struct contention *contention);

#endif
