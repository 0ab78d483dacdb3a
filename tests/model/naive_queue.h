/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_MODEL_NAIVE_QUEUE_H
#define TESTS_MODEL_NAIVE_QUEUE_H
/*
 * The kernel's queue said plainly: a binary heap of whole events with their sequences written out.
 * What the ladder is held against, and what the benchmarks compare with. Shares no code with it.
 */
#include "engine/base/simtime.h"

struct naive_event {
    time_ns at;
    uint32_t phase, owner;
    uint64_t sequence; /* of the owner */
    uint64_t id;       /* the caller's */
};
struct naive_queue {
    struct naive_event *heap;
    size_t count, capacity;
    uint64_t *sequences; /* by owner */
};

struct naive_queue naive_open(size_t capacity, uint32_t owners);
void naive_close(struct naive_queue *queue);
void naive_push(struct naive_queue *queue, time_ns at, uint32_t phase, uint32_t owner, uint64_t id);
/* False when nothing is due by then. */
bool naive_pop(struct naive_queue *queue, time_ns until, struct naive_event *out);
bool naive_cancel(struct naive_queue *queue, uint64_t id);

#endif
