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
#ifndef QUEUE_RUNGS
#define QUEUE_RUNGS 24 /* beyond, the bottom grows: slower, never wrong */
#endif
#define QUEUE_SMALL   32 /* at most so many keys are sorted at once */
#define QUEUE_COMPACT 64 /* the bottom is moved back to the array's start beyond this */

struct queue_bucket {
    uint32_t first; /* chunk; meaningless when empty */
    uint32_t end;   /* where in keys[] the next one goes; on a chunk's boundary: in a new chunk */
    uint32_t count;
};

/* Cuts by time; or, where more keys than are sorted at once share an instant, by what follows it.
 */
struct queue_rung {
    uint128 boundary; /* the first place that is still in a bucket of this rung */
    struct queue_bucket *buckets;
    uint64_t start;     /* of bucket 0: a time, or a rank within the instant */
    uint64_t instant;   /* of a rung that cuts by rank */
    uint32_t due, last; /* due: the first bucket not given up; last: the open one */
    uint32_t shift;     /* a bucket is 2^shift wide */
    bool by_rank;
    bool fetched; /* the payload of what it was made of */
    bool near;    /* so few keys in all that their payload stays in a near cache */
};

struct queue {
    time_ns now; /* no key is pushed for an earlier time; the owner of the queue moves it on */
    uint128 *bottom;
    size_t head, tail; /* of the bottom: [head, tail) */
    uint32_t depth;    /* rungs in use */
    uint32_t free_chunk;
    uint128 *keys;        /* chunk after chunk */
    uint32_t *next_chunk; /* in a bucket's chain, or in the chain of free chunks */
    struct queue_bucket *buckets;
    size_t buckets_used, buckets_max; /* taken by the rungs, in the order of the stack */
    const uint8_t *payload;           /* what belongs to slot 0, to have it fetched in time */
    size_t payload_size;
    uint32_t chunk_count;
    uint32_t ahead, ahead_left; /* chunks of a large bucket that will be due, to be fetched */
    struct queue_rung rungs[QUEUE_RUNGS];
};

/* payload, payload_size: the array of what belongs to slots; only its addresses are used. */
void queue_open(struct queue *queue, struct arena *arena, uint32_t capacity, const void *payload,
                size_t payload_size);

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
static inline uint64_t queue_key_at(uint128 key) { return (uint64_t)(key >> 64); }
static inline uint64_t queue_key_rank(uint128 key) { return (uint64_t)key >> 32; }
static inline uint32_t queue_key_phase(uint128 key) { return (uint32_t)(key >> 61) & 7; }
static inline uint32_t queue_key_owner(uint128 key) {
    return (uint32_t)(key >> 32) & ((UINT32_C(1) << 29) - 1);
}
static inline uint32_t queue_key_slot(uint128 key) { return (uint32_t)key; }

/* The key that follows all of the same place. */
static inline uint128 queue_place_end(uint128 key) { return key | QUEUE_SLOT_MASK; }

/* The parts of a push; the usual ones are inline, for this is half of what a simulation does. */
uint32_t queue_chunk_append(struct queue *queue, struct queue_bucket *bucket);
void queue_bottom_insert_long(struct queue *queue, uint128 key);

static inline void queue_bucket_push(struct queue *queue, struct queue_bucket *bucket,
                                     uint128 key) {
    uint32_t end = bucket->end;
    if (end % QUEUE_CHUNK == 0) end = queue_chunk_append(queue, bucket);
    bucket->end = end + 1;
    bucket->count++;
    queue->keys[end] = key;
}

/* Beyond the last bucket is decided without a branch, which would be guessed wrong every so often.
 */
static inline void queue_rung_push(struct queue *queue, struct queue_rung *rung, uint128 key) {
    uint64_t distance = queue_key_at(key) - rung->start;
    if (rung->by_rank)
        distance =
            queue_key_at(key) == rung->instant ? queue_key_rank(key) - rung->start : UINT64_MAX;
    uint64_t index = distance >> rung->shift, beyond = -(uint64_t)(index > rung->last);
    index = (index & ~beyond) | (rung->last & beyond);
    queue_bucket_push(queue, &rung->buckets[index], key);
}

/*
 * With a handful pending this is all, and it may well branch: the branch that is guessed wrong here
 * is what the next handler is then guessed from, which is one wrong guess and not two.
 */
static inline void queue_bottom_insert(struct queue *queue, uint128 key) {
    if (queue->tail - queue->head >= QUEUE_SMALL || queue->tail >= QUEUE_COMPACT) {
        queue_bottom_insert_long(queue, key);
        return;
    }
    const uint128 *first = queue->bottom + queue->head;
    uint128 *at = queue->bottom + queue->tail++, end = queue_place_end(key);
    for (; at > first && at[-1] > end; at--) at[0] = at[-1];
    at[0] = key;
}

static inline void queue_push(struct queue *queue, uint128 key) {
    struct queue_rung *rung = queue->rungs, *end = rung + queue->depth;
    while (rung < end && key < rung->boundary) rung++;
    if (rung < end)
        queue_rung_push(queue, rung, key);
    else
        queue_bottom_insert(queue, key);
}

#endif
