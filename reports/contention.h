/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_CONTENTION_H
#define REPORTS_CONTENTION_H
/*
 * How locks were fought for, by the store's own records. A request is one wish for a lock: granted
 * at once, or queued and then granted, left (a timeout) or still waiting. A convoy is a row of
 * grants that each pass to a waiter at the very moment of the release. Jain's fairness index over
 * the engines' grants: (sum x)^2 / (n * sum x^2), 1 is fair (Jain, Chiu, Hawe, 1984). Little's law,
 * L = lambda * W (1961), is held against the figures themselves: L from the length of the queue
 * over time, lambda * W from each request's own wait, one that still lasts up to the end.
 */
#include "reports/statistics.h"
#include "reports/judge/judge.h"
#include "reports/waits_for.h"

#define LOCK_LABEL 64
/* Of one lock, of all of a scope, of all that one engine asked for, or of all. What only a single
 * lock has is summed over several (utilisation, Little's law) or the most of them (queue, convoy);
 * an engine's own has none of it. */
struct lock_figures {
    int64_t scope, name;
    char label[LOCK_LABEL]; /* printable: "SERVICE payment" */
    int64_t requests, grants, timeouts, refused, lost, forced;
    int64_t queue_max, convoy_max;
    int64_t utilisation_ppm;
    struct distribution wait, hold;
    time_ns waited; /* sum of all waits, however they ended, and of those that last */
    int64_t queue_mean_ppm, little_ppm; /* L measured, and lambda * W: waiting requests * 1e6 */
};
/* A lock's queue from a time on. */
struct queue_point {
    uint32_t lock; /* in the list */
    time_ns at;
    int64_t waiters;
};
struct contention {
    struct lock_figures *list; /* by scope, then name */
    uint32_t count;
    struct lock_figures *scopes, *engines; /* in order of scope, and of engine; those that asked */
    uint32_t scope_count, engine_count;
    struct lock_figures total;  /* of all locks */
    struct queue_point *queues; /* lock by lock, in order of time */
    uint32_t queue_count;
    struct waits_for graph;
    int64_t fenced_off;   /* orders refused for an older token */
    int64_t fairness_ppm; /* over engines that asked at all */
    int64_t wait_edges;   /* of the graph: those it ever had, to holders; whom one stands behind is
                             not   counted */
    int64_t cycles;       /* found by the judge, who does not look at the graph's proof */
    bool acyclic;         /* the graph's certificate holds, and the judge found no cycle */
};
/* Little's law: what the queues' lengths and the requests' waits say is the same, but for the
 * rounding of each lock. */
bool contention_little_holds(const struct contention *contention);

/* False when memory is out. */
bool contention_of(const struct facts *facts, struct contention *out) MUST_CHECK;
/* "SERVICE payment" of a lock's scope and name. */
const char *lock_label(char out[LOCK_LABEL], const struct facts *facts, int64_t scope,
                       int64_t name);
void contention_free(struct contention *contention);

#endif
