/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_WAITS_FOR_H
#define REPORTS_WAITS_FOR_H
/*
 * Who waited for whom, over time: the waits-for graph of the lock store's records (Coffman,
 * Elphick, Shoshani, "System Deadlocks", 1971). A queued operation waits for the one that holds the
 * lock, and for the one before it in the queue.
 *
 * The proof that the graph stayed acyclic is a certificate: of each shape that it ever had, an
 * order of its operations in which every edge goes forward (Kahn, 1962). Whoever doubts it checks
 * the edges against the orders, and needs no search. The judge's invariant "no_deadlock" looks for
 * a cycle by another way (reports/judge/invariants_waits.c).
 */
#include "reports/judge/judge.h"

struct wait_edge {
    struct op_id waiter, holder;
    int64_t scope, name;
    time_ns from, to;
    bool open;   /* it stood when the run ended; to is the end then */
    bool behind; /* it waits behind another waiter, not for the holder */
};
/* A shape that the graph had from "at" on. */
struct wait_shape {
    time_ns at;
    uint32_t first, count; /* its operations in order[]; count 0: the shape has a cycle */
    uint32_t edges;
};
struct waits_for {
    struct wait_edge *edges; /* in the order in which they came */
    uint32_t edge_count, edge_capacity;
    struct wait_shape *shapes; /* those with an edge */
    uint32_t shape_count, shape_capacity;
    struct op_id *order;
    uint32_t order_count, order_capacity;
    uint32_t most;   /* edges at once */
    uint32_t cyclic; /* shapes that have a cycle */
};

/* The caller frees it. */
struct waits_for waits_for_of(const struct facts *facts);
void waits_for_free(struct waits_for *graph);
/* Checks the certificate: every edge of every shape goes forward in the shape's order. False for a
 * shape without an order, too. */
bool waits_for_proven(const struct waits_for *graph);

#endif
