/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/kernel/queue.h"
#include "engine/base/check.h"

#define NO_CHUNK UINT32_MAX
#ifndef BUCKETS_MAX
#define BUCKETS_MAX 8192 /* of one rung: beyond, headers and open chunks outgrow the caches */
#endif
#define BUCKETS_FEW  8     /* what every further rung is sure to get */
#define BUCKET_KEYS  11    /* wished for in a bucket that is sorted when it comes due */
#define KEYS_AT_ONCE 32768 /* more are dealt twice, so that each deal stays in the caches */
#define COARSE       256   /* buckets of a first deal, over the stretch where most keys are */
#define RUNG_MEANS   2     /* a rung reaches at least so many times its keys' mean distance */
#define FETCH_MAX    128   /* payloads that fit in the nearest cache beside all else */
#define NEAR_KEYS    8192  /* all payload of so many stays in the second cache unasked */
#define WALK_LINKS   3     /* chunks fetched ahead at a time: more than a sorted bucket has */
#define CACHE_LINE   64

static uint128 place_of(uint128 key) { return key & ~(uint128)QUEUE_SLOT_MASK; }

static uint32_t bits_of(uint64_t v) { return v ? 64 - (uint32_t)__builtin_clzll(v) : 0; }

/* The first place of a bucket. */
static uint128 bucket_start(const struct queue_rung *rung, uint32_t bucket) {
    uint128 start = (uint128)rung->start + ((uint128)bucket << rung->shift);
    return rung->by_rank ? ((uint128)rung->instant << 64) + (start << 32) : start << 64;
}

void queue_open(struct queue *queue, struct arena *arena, uint32_t capacity, const void *payload,
                size_t payload_size) {
    size_t few = QUEUE_RUNGS * BUCKETS_FEW;
    size_t many = capacity < BUCKETS_MAX ? capacity : BUCKETS_MAX;
    *queue = (struct queue){.payload = payload, .payload_size = payload_size};
    queue->buckets_max = 2 * many + few;
    queue->buckets = ARENA_NEW(arena, struct queue_bucket, queue->buckets_max);
    queue->bottom = ARENA_NEW(arena, uint128, 2 * (size_t)capacity + 2 * QUEUE_COMPACT);
    /* all chunks of a bucket are full but the last; one more is in hand while keys move */
    size_t chunks = capacity / QUEUE_CHUNK + queue->buckets_max + 2;
    ASSERT(chunks < NO_CHUNK / QUEUE_CHUNK);
    queue->chunk_count = (uint32_t)chunks;
    /* whole cache lines: a chunk astride one more would be fetched by half again as much */
    uint8_t *keys = arena_take(arena, chunks * QUEUE_CHUNK * sizeof(uint128) + CACHE_LINE, 1);
    queue->keys = (void *)(keys + (CACHE_LINE - (uintptr_t)keys % CACHE_LINE) % CACHE_LINE);
    queue->next_chunk = ARENA_NEW(arena, uint32_t, chunks);
    for (uint32_t i = 0; i < chunks; i++) queue->next_chunk[i] = i + 1;
    queue->next_chunk[chunks - 1] = NO_CHUNK;
}

/* The keys of a chunk. */
static const uint128 *chunk_keys(const struct queue *queue, uint32_t chunk) {
    return queue->keys + (size_t)chunk * QUEUE_CHUNK;
}

/* Makes room for a key behind a bucket's full last chunk; where. */
uint32_t queue_chunk_append(struct queue *queue, struct queue_bucket *bucket) {
    uint32_t chunk = queue->free_chunk;
    ASSERT(chunk != NO_CHUNK);
    queue->free_chunk = queue->next_chunk[chunk];
    if (bucket->count == 0)
        bucket->first = chunk;
    else
        queue->next_chunk[bucket->end / QUEUE_CHUNK - 1] = chunk;
    return chunk * QUEUE_CHUNK;
}

/* Gives a chunk back; what followed it. */
static uint32_t chunk_give(struct queue *queue, uint32_t chunk) {
    uint32_t next = queue->next_chunk[chunk];
    queue->next_chunk[chunk] = queue->free_chunk;
    queue->free_chunk = chunk;
    return next;
}

/* What a bucket's keys stretch over, in times or in ranks. */
struct stretch {
    uint64_t low, high;
    uint128 sum;
};

static inline struct stretch stretch_of(const struct queue *queue,
                                        const struct queue_bucket *bucket, bool by_rank) {
    struct stretch s = {.low = UINT64_MAX};
    uint32_t chunk = bucket->first;
    for (uint32_t done = 0; done < bucket->count; chunk = queue->next_chunk[chunk]) {
        const uint128 *keys = chunk_keys(queue, chunk);
        for (uint32_t i = 0; i < QUEUE_CHUNK && done < bucket->count; i++, done++) {
            uint64_t v = by_rank ? queue_key_rank(keys[i]) : queue_key_at(keys[i]);
            s.low = v < s.low ? v : s.low;
            s.high = v > s.high ? v : s.high;
            s.sum += v;
        }
    }
    return s;
}

/*
 * The width is set by the mean distance from the start, not by the last key: an event an hour ahead
 * must not spoil the buckets of the next millisecond. What lies beyond is the open bucket's. Only
 * keys that lie evenly, as those of a bucket do that is cut finer, are all counted on.
 */
static uint32_t shift_for(const struct stretch *s, uint64_t start, uint32_t count,
                          uint64_t buckets) {
    uint64_t mean = (uint64_t)((s->sum - (uint128)start * count) / count), range = s->high - start;
    uint64_t most = range / 4 < mean ? range : mean;
    uint64_t wished = count <= KEYS_AT_ONCE ? most / count * BUCKET_KEYS : most / COARSE;
    uint64_t reaching = mean / buckets * RUNG_MEANS;
    uint32_t shift = bits_of(wished > reaching ? wished : reaching);
    uint32_t whole = bits_of(range); /* at least eight times finer than all */
    uint32_t coarsest = whole > 3 ? whole - 3 : 0;
    return shift < coarsest ? shift : coarsest;
}

/* The room for a rung's buckets that leaves some for the rungs to come. */
static uint64_t room_for_buckets(const struct queue *queue) {
    size_t kept = (size_t)(QUEUE_RUNGS - queue->depth - 1) * BUCKETS_FEW;
    size_t room = queue->buckets_max - queue->buckets_used - kept;
    return room < BUCKETS_MAX ? room : BUCKETS_MAX;
}

/* Makes a finest rung of all keys of the bucket, which must not belong to a rung any more. */
static void rung_open(struct queue *queue, struct queue_bucket bucket, const struct stretch *s,
                      uint64_t start, bool by_rank) {
    uint64_t room = room_for_buckets(queue);
    struct queue_rung *rung = &queue->rungs[queue->depth++];
    bool near = bucket.count <= NEAR_KEYS && (rung == queue->rungs || rung[-1].near);
    uint32_t shift = shift_for(s, start, bucket.count, room);
    uint64_t last = (s->high - start) >> shift;
    *rung = (struct queue_rung){.buckets = queue->buckets + queue->buckets_used,
                                .start = start,
                                .shift = shift,
                                .last = (uint32_t)(last < room ? last : room - 1),
                                .by_rank = by_rank,
                                .near = near,
                                .fetched = near || bucket.count <= FETCH_MAX};
    if (by_rank) rung->instant = queue_key_at(chunk_keys(queue, bucket.first)[0]);
    rung->boundary = bucket_start(rung, 0);
    queue->buckets_used += rung->last + 1;
    memset(rung->buckets, 0, (rung->last + 1) * sizeof *rung->buckets);

    uint32_t chunk = bucket.first;
    for (uint32_t left = bucket.count; left > 0;) {
        uint32_t n = left < QUEUE_CHUNK ? left : QUEUE_CHUNK;
        for (uint32_t i = 0; i < n; i++) queue_rung_push(queue, rung, chunk_keys(queue, chunk)[i]);
        chunk = chunk_give(queue, chunk);
        left -= n;
    }
}

static void rung_close(struct queue *queue) {
    struct queue_rung *rung = &queue->rungs[--queue->depth];
    queue->buckets_used -= rung->last + 1;
}

/* Where the bucket that is due begins, and how wide it is. */
struct cut {
    uint64_t start;
    uint32_t shift;
    bool by_rank;
};

static inline struct cut cut_of(const struct queue_rung *rung) {
    return (struct cut){.start = rung->start + ((uint64_t)rung->due << rung->shift),
                        .shift = rung->shift,
                        .by_rank = rung->by_rank};
}

/* An open bucket is as wide as what came. */
static struct cut cut_of_open(const struct queue *queue, const struct queue_bucket *bucket) {
    struct stretch s = stretch_of(queue, bucket, false);
    bool by_rank = s.low == s.high;
    if (by_rank) s = stretch_of(queue, bucket, true);
    return (struct cut){.start = s.low, .shift = bits_of(s.high - s.low), .by_rank = by_rank};
}

/* A chunk's leads: the first bits of each key's distance, above its position in the bucket. */
typedef int16_t leads __attribute__((vector_size(2 * QUEUE_CHUNK)));
#define SMALL_CHUNKS  (QUEUE_SMALL / QUEUE_CHUNK)
#define POSITION_BITS 5
#define DISTANCE_BITS 10
_Static_assert(QUEUE_SMALL == 1 << POSITION_BITS, "a lead is no one else's");
_Static_assert(QUEUE_CHUNK == 8, "as many lanes are written out below");

static inline leads leads_of_chunk(const uint128 *keys, const struct cut *cut, uint32_t position,
                                   uint32_t count) {
    uint32_t drop = cut->shift > DISTANCE_BITS ? cut->shift - DISTANCE_BITS : 0;
    int16_t each[QUEUE_CHUNK];
    for (uint32_t i = 0; i < QUEUE_CHUNK; i++) {
        uint64_t place = cut->by_rank ? queue_key_rank(keys[i]) : queue_key_at(keys[i]);
        each[i] = (int16_t)((place - cut->start) >> drop);
    }
    leads distances, none = {0}, lanes = {0, 1, 2, 3, 4, 5, 6, 7};
    memcpy(&distances, each, sizeof each);
    leads positions = lanes + (int16_t)position;
    leads stale = (positions >= (int16_t)count) | none;
    return (distances << POSITION_BITS | positions | (stale << POSITION_BITS)) & INT16_MAX;
}

/* Adds to each lane's rank how many of a chunk's leads are less. */
static inline leads rank_behind(leads ranks, leads of, leads than) {
#define BEHIND(i) (of > __builtin_shufflevector(than, than, i, i, i, i, i, i, i, i))
    ranks -= BEHIND(0) + BEHIND(1) + BEHIND(2) + BEHIND(3);
    ranks -= BEHIND(4) + BEHIND(5) + BEHIND(6) + BEHIND(7);
#undef BEHIND
    return ranks;
}

/*
 * Sorts so many chunks into the array, of which count keys are the bucket's and the rest is what
 * the chunks held before. No branch depends on the keys nor on how many there are, for a wrong
 * guess costs as much as ranking two keys: stale ones are ranked, behind all others, too.
 */
static inline void sort_chunks(const uint128 *const *from, uint32_t chunks, uint32_t count,
                               const struct cut *cut, uint128 *out) {
    leads leads_of[SMALL_CHUNKS], ranks[SMALL_CHUNKS] = {{0}};
    for (uint32_t c = 0; c < chunks; c++)
        leads_of[c] = leads_of_chunk(from[c], cut, c * QUEUE_CHUNK, count);
    for (uint32_t than = 0; than < chunks; than++)
        for (uint32_t of = 0; of < chunks; of++)
            ranks[of] = rank_behind(ranks[of], leads_of[of], leads_of[than]);
    for (uint32_t c = 0; c < chunks; c++)
        for (uint32_t i = 0; i < QUEUE_CHUNK; i++) out[ranks[c][i]] = from[c][i];
}

/* Keys of about the same time, which leads could not settle: moves one back to its place. */
static void insert_back(uint128 *keys, uint32_t at) {
    uint128 key = keys[at], end = queue_place_end(key);
    for (; at > 0 && keys[at - 1] > end; at--) keys[at] = keys[at - 1];
    keys[at] = key;
}

/* Moves a small bucket to the bottom. Stable. */
static void bucket_sort(struct queue *queue, struct queue_bucket bucket, const struct cut *cut) {
    const uint128 *from[SMALL_CHUNKS];
    uint128 *out = queue->bottom;
    uint32_t chunk = bucket.first;
    for (uint32_t c = 0; c < SMALL_CHUNKS; c++) {
        bool more = (c + 1) * QUEUE_CHUNK < bucket.count;
        from[c] = chunk_keys(queue, chunk);
        chunk = more ? queue->next_chunk[chunk] : chunk;
    }
    queue->next_chunk[chunk] = queue->free_chunk;
    queue->free_chunk = bucket.first;
    if (bucket.count <= QUEUE_SMALL / 2)
        sort_chunks(from, SMALL_CHUNKS / 2, bucket.count, cut, out);
    else
        sort_chunks(from, SMALL_CHUNKS, bucket.count, cut, out);
    for (uint32_t i = 1; i < bucket.count; i++)
        if (queue_key_at(out[i - 1]) >= queue_key_at(out[i])) insert_back(out, i);
    queue->tail = bucket.count;
}

/*
 * Has the payload of a bucket's keys fetched while the events before them run: one by one, each
 * would be a cache miss that everything waits for. Once a key is enough, on the level where the
 * bucket is small enough for the nearest cache. Inlined by force: a compiler that finds no effect
 * in a function leaves the call out.
 */
__attribute__((always_inline)) static inline void fetch_payload(const struct queue *queue,
                                                                const struct queue_bucket *bucket) {
    if (bucket->count > FETCH_MAX) return;
    uint32_t chunk = bucket->first;
    for (uint32_t left = bucket->count; left > 0; chunk = queue->next_chunk[chunk]) {
        const uint128 *keys = chunk_keys(queue, chunk);
        uint32_t n = left < QUEUE_CHUNK ? left : QUEUE_CHUNK;
        for (uint32_t i = 0; i < n; i++)
            __builtin_prefetch(queue->payload + queue_key_slot(keys[i]) * queue->payload_size);
        left -= n;
    }
}

/*
 * A large bucket is a long chain, each link of which would be waited for when it comes due. It is
 * walked while the buckets before it run, more links at a time than they have.
 */
static inline void walk_ahead(struct queue *queue) {
    if (queue->ahead_left == 0) return;
    uint32_t n = queue->ahead_left < WALK_LINKS ? queue->ahead_left : WALK_LINKS;
    queue->ahead_left -= n;
    for (; n > 0; n--) {
        const uint128 *keys = chunk_keys(queue, queue->ahead);
        __builtin_prefetch(keys);
        __builtin_prefetch(keys + QUEUE_CHUNK / 2);
        queue->ahead = queue->next_chunk[queue->ahead];
    }
    if (queue->ahead_left > 0) __builtin_prefetch(&queue->next_chunk[queue->ahead]);
}

/* The first bucket that holds anything, or begins after until, or is the last. */
static struct queue_bucket *bucket_next(struct queue_rung *rung, uint64_t until) {
    uint32_t due = rung->due;
    while (due < rung->last && rung->buckets[due].count == 0 &&
           queue_key_at(bucket_start(rung, due)) <= until)
        due++;
    if (due != rung->due) {
        rung->due = due;
        rung->boundary = bucket_start(rung, due);
    }
    return &rung->buckets[due];
}

/* Gives up the bucket that is due, and with its last one the rung. */
static struct queue_bucket bucket_give_up(struct queue *queue, struct queue_rung *rung) {
    struct queue_bucket bucket = rung->buckets[rung->due];
    if (rung->due == 0 && !rung->fetched) fetch_payload(queue, &bucket);
    if (bucket.count > FETCH_MAX) queue->ahead_left = 0; /* its chain ends here */
    if (rung->due == rung->last) {
        rung_close(queue);
    } else {
        rung->buckets[rung->due++] = (struct queue_bucket){0};
        rung->boundary = bucket_start(rung, rung->due);
        const struct queue_bucket *next = &rung->buckets[rung->due];
        if (!rung->fetched) fetch_payload(queue, next);
        if (next->count > FETCH_MAX) {
            queue->ahead = next->first;
            queue->ahead_left = (next->count - 1) / QUEUE_CHUNK + 1;
        }
    }
    walk_ahead(queue);
    return bucket;
}

/* More keys than are sorted at once: cut finer, unless nothing is left to cut. */
static void refine(struct queue *queue, struct queue_bucket bucket) {
    if (queue->depth < QUEUE_RUNGS) {
        struct stretch times = stretch_of(queue, &bucket, false);
        if (times.low != times.high) {
            rung_open(queue, bucket, &times, times.low, false);
            return;
        }
        struct stretch ranks = stretch_of(queue, &bucket, true);
        if (ranks.low != ranks.high) {
            rung_open(queue, bucket, &ranks, ranks.low, true);
            return;
        }
    }
    /* keys of one place are in order as they came, and each insertion appends */
    uint32_t chunk = bucket.first;
    for (uint32_t left = bucket.count; left > 0;) {
        uint32_t n = left < QUEUE_CHUNK ? left : QUEUE_CHUNK;
        for (uint32_t i = 0; i < n; i++) queue_bottom_insert(queue, chunk_keys(queue, chunk)[i]);
        chunk = chunk_give(queue, chunk);
        left -= n;
    }
}

bool queue_refill(struct queue *queue, time_ns until) {
    queue->head = queue->tail = 0;
    while (queue->depth > 0 && queue->head == queue->tail) {
        struct queue_rung *rung = &queue->rungs[queue->depth - 1];
        struct queue_bucket *next = bucket_next(rung, (uint64_t)until);
        if (queue_key_at(rung->boundary) > (uint64_t)until) return false;
        if (next->count == 0) {
            rung_close(queue);
            continue;
        }
        struct cut cut = cut_of(rung);
        bool open = rung->due == rung->last;
        struct queue_bucket bucket = bucket_give_up(queue, rung);
        if (bucket.count <= QUEUE_SMALL) {
            if (open) cut = cut_of_open(queue, &bucket);
            bucket_sort(queue, bucket, &cut);
        } else {
            refine(queue, bucket);
        }
    }
    return queue->head < queue->tail;
}

/* The first position in the bottom whose key is greater. */
static size_t bottom_search(const struct queue *queue, uint128 key) {
    size_t low = queue->head, high = queue->tail;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (queue->bottom[middle] > key)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/*
 * The bottom has grown long: it becomes a rung. That begins now, not at its first key, or keys
 * pushed in falling order would make rung after rung.
 */
static void bottom_to_rung(struct queue *queue) {
    struct queue_bucket bucket = {0};
    for (size_t i = queue->head; i < queue->tail; i++)
        queue_bucket_push(queue, &bucket, queue->bottom[i]);
    queue->head = queue->tail = 0;
    struct stretch times = stretch_of(queue, &bucket, false);
    rung_open(queue, bucket, &times, (uint64_t)queue->now, false);
}

static bool bottom_divides(const struct queue *queue) {
    return queue->depth < QUEUE_RUNGS &&
           place_of(queue->bottom[queue->head]) != place_of(queue->bottom[queue->tail - 1]);
}

void queue_bottom_insert_long(struct queue *queue, uint128 key) {
    size_t count = queue->tail - queue->head;
    if (queue->tail >= QUEUE_COMPACT && queue->head >= count) {
        memcpy(queue->bottom, queue->bottom + queue->head, count * sizeof key);
        queue->head = 0;
        queue->tail = count;
    }
    uint128 end = queue_place_end(key);
    uint128 *bottom = queue->bottom;
    size_t at;
    if (count <= QUEUE_SMALL) {
        for (at = queue->tail; at > queue->head && bottom[at - 1] > end; at--)
            bottom[at] = bottom[at - 1];
    } else {
        at = bottom_search(queue, end);
        memmove(bottom + at + 1, bottom + at, (queue->tail - at) * sizeof key);
    }
    bottom[at] = key;
    queue->tail++;
    if (count >= QUEUE_SMALL && bottom_divides(queue)) bottom_to_rung(queue);
}

void queue_keep(struct queue *queue, bool (*keep)(void *context, uint32_t slot), void *context) {
    size_t kept = queue->head;
    queue->ahead_left = 0; /* chains change */
    for (size_t i = queue->head; i < queue->tail; i++)
        if (keep(context, queue_key_slot(queue->bottom[i])))
            queue->bottom[kept++] = queue->bottom[i];
    queue->tail = kept;
    for (size_t b = 0; b < queue->buckets_used; b++) {
        struct queue_bucket old = queue->buckets[b];
        uint32_t chunk = old.first;
        queue->buckets[b] = (struct queue_bucket){0};
        for (uint32_t left = old.count; left > 0;) {
            uint32_t n = left < QUEUE_CHUNK ? left : QUEUE_CHUNK;
            for (uint32_t i = 0; i < n; i++) {
                uint128 key = chunk_keys(queue, chunk)[i];
                if (keep(context, queue_key_slot(key)))
                    queue_bucket_push(queue, &queue->buckets[b], key);
            }
            chunk = chunk_give(queue, chunk);
            left -= n;
        }
    }
}

/* A bucket's keys lie in its stretch: from its start, below the next one's or the rung's end. */
static uint32_t bucket_check(const struct queue *queue, const struct queue_bucket *bucket,
                             uint128 low, uint128 end, uint32_t *chunks) {
    uint32_t chunk = bucket->first;
    for (uint32_t i = 0; i < bucket->count; i++) {
        if (i > 0 && i % QUEUE_CHUNK == 0) chunk = queue->next_chunk[chunk];
        if (i % QUEUE_CHUNK == 0) ++*chunks;
        uint128 key = chunk_keys(queue, chunk)[i % QUEUE_CHUNK];
        ASSERT(key >= low && key < end);
    }
    ASSERT(bucket->count == 0 ? bucket->end == 0 : chunk == (bucket->end - 1) / QUEUE_CHUNK);
    ASSERT(bucket->end % QUEUE_CHUNK == bucket->count % QUEUE_CHUNK);
    return bucket->count;
}

uint32_t queue_check(const struct queue *queue) {
    uint32_t keys = 0, chunks = 0;
    size_t buckets = 0;
    uint128 end = ~(uint128)0;
    for (uint32_t r = 0; r < queue->depth; r++) {
        const struct queue_rung *rung = &queue->rungs[r];
        ASSERT(rung->buckets == queue->buckets + buckets);
        buckets += rung->last + 1;
        for (uint32_t b = 0; b <= rung->last; b++) {
            uint128 low = bucket_start(rung, b);
            uint128 high = b < rung->last ? bucket_start(rung, b + 1) : end;
            ASSERT(b >= rung->due || rung->buckets[b].count == 0);
            keys += bucket_check(queue, &rung->buckets[b], low, high, &chunks);
        }
        ASSERT(rung->boundary <= end);
        end = rung->boundary;
    }
    ASSERT(buckets == queue->buckets_used);
    for (size_t i = queue->head; i < queue->tail; i++) {
        ASSERT(queue->bottom[i] < end);
        ASSERT(i == queue->head || place_of(queue->bottom[i - 1]) <= place_of(queue->bottom[i]));
    }
    for (uint32_t c = queue->free_chunk; c != NO_CHUNK; c = queue->next_chunk[c]) chunks++;
    ASSERT(chunks == queue->chunk_count);
    return keys + (uint32_t)(queue->tail - queue->head);
}
