/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_KERNEL_QUEUE_H
#define SIM_KERNEL_QUEUE_H
/*
 * The pending events' keys in order: a ladder queue (Tang, Goh, Thng, ACM TOMACS 15(3), 2005) on
 * integers. Private to the kernel; sim.h is the face.
 *
 * A key is one 128-bit number, time << 64 | phase << 61 | owner << 32 | slot; all but the slot is
 * the key's place. Keys of equal place leave in the order in which they came, which is the owner's
 * sequence: every part below is first-in-first-out or stable, so that no sequence is ever stored.
 *
 *   bottom   what runs next: a sorted array, short unless many keys share one place
 *   rungs    a stack. Each cuts a stretch of places into buckets of a power-of-two width; the last
 *            bucket is open towards the future. The finest rung is on top of the stack; the bottom
 *            holds what lies before its first bucket not yet given up ("boundary"), and each rung
 *            what lies before the boundary of the one beneath.
 *
 * When the bottom runs dry, the next bucket is sorted into it, or becomes a finer rung if it is
 * large. When the bottom grows long, it becomes a rung itself. With few keys there is no rung and
 * the bottom is all. Widths follow the keys: two rungs are the ordinary case for a million.
 *
 * Keys lie in chunks of two cache lines, a bucket is a chain of chunks: appending touches memory
 * that nothing waits for. All memory is taken when the queue is opened.
 */
#include "engine/base/arena.h"
#include "engine/base/simtime.h"

#define QUEUE_SLOT_BITS 32
#define QUEUE_SLOT_MASK UINT32_MAX
#define QUEUE_CHUNK     8
#define QUEUE_RUNGS     24 /* beyond, the bottom grows: slower, never wrong */
#define QUEUE_SMALL     32 /* at most so many keys are sorted at once */

struct queue_bucket {
    uint32_t first, last; /* chunks; meaningless when empty */
    uint32_t count;
};

struct queue_rung {
    uint128 start, boundary; /* boundary: the first place that is still in a bucket of this rung */
    struct queue_bucket *buckets;
    uint32_t shift, due, last; /* due: the first bucket not given up; last: the open one */
};

struct queue_chunk {
    uint128 keys[QUEUE_CHUNK];
};

struct queue {
    time_ns now; /* no key is pushed for an earlier time; the owner of the queue moves it on */
    uint128 *bottom;
    size_t head, tail; /* of the bottom: [head, tail) */
    uint32_t depth;    /* rungs in use */
    uint32_t free_chunk;
    struct queue_chunk *chunks;
    uint32_t *next_chunk; /* in a bucket's chain, or in the chain of free chunks */
    struct queue_bucket *buckets;
    size_t buckets_used, buckets_max; /* taken by the rungs, in the order of the stack */
    const uint8_t *payload;           /* what belongs to slot 0, to have it fetched in time */
    size_t payload_size;
    uint32_t capacity, chunk_count;
    struct queue_rung rungs[QUEUE_RUNGS];
};

/* payload, payload_size: the array of what belongs to slots; only its addresses are used. */
void queue_open(struct queue *queue, struct arena *arena, uint32_t capacity, const void *payload,
                size_t payload_size);

void queue_push(struct queue *queue, uint128 key);

/* Brings the next keys to the bottom, which must be empty. False when none is due by then; buckets
 * that begin later are left alone, so that what is pushed before them finds its place among them.
 */
bool queue_refill(struct queue *queue, time_ns until);

/* Drops the keys that the test refuses. */
void queue_keep(struct queue *queue, bool (*keep)(void *context, uint32_t slot), void *context);

/* Asserts the whole structure; the number of keys. */
uint32_t queue_check(const struct queue *queue);

static inline uint128 queue_key(time_ns at, uint32_t phase, uint32_t owner, uint32_t slot) {
    return (uint128)(uint64_t)at << 64 | (uint64_t)(phase << 29 | owner) << 32 | slot;
}
static inline time_ns queue_key_at(uint128 key) { return (time_ns)(key >> 64); }
static inline uint32_t queue_key_phase(uint128 key) { return (uint32_t)(key >> 61) & 7; }
static inline uint32_t queue_key_owner(uint128 key) {
    return (uint32_t)(key >> 32) & ((UINT32_C(1) << 29) - 1);
}
static inline uint32_t queue_key_slot(uint128 key) { return (uint32_t)key; }

#endif
