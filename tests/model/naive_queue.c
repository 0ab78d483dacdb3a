/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/model/naive_queue.h"
#include "engine/base/check.h"
#include <stdlib.h>

struct naive_queue naive_open(size_t capacity, uint32_t owners) {
    struct naive_queue queue = {.capacity = capacity};
    queue.heap = calloc(capacity, sizeof *queue.heap);
    queue.sequences = calloc(owners, sizeof *queue.sequences);
    ASSERT(queue.heap && queue.sequences);
    return queue;
}

void naive_close(struct naive_queue *queue) {
    free(queue->heap);
    free(queue->sequences);
    *queue = (struct naive_queue){0};
}

static bool before(const struct naive_event *a, const struct naive_event *b) {
    if (a->at != b->at) return a->at < b->at;
    if (a->phase != b->phase) return a->phase < b->phase;
    if (a->owner != b->owner) return a->owner < b->owner;
    return a->sequence < b->sequence;
}

static void swap(struct naive_event *a, struct naive_event *b) {
    struct naive_event kept = *a;
    *a = *b;
    *b = kept;
}

static void sift_up(struct naive_queue *queue, size_t i) {
    for (; i > 0 && before(&queue->heap[i], &queue->heap[(i - 1) / 2]); i = (i - 1) / 2)
        swap(&queue->heap[i], &queue->heap[(i - 1) / 2]);
}

static void sift_down(struct naive_queue *queue, size_t i) {
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= queue->count) return;
        if (child + 1 < queue->count && before(&queue->heap[child + 1], &queue->heap[child]))
            child++;
        if (!before(&queue->heap[child], &queue->heap[i])) return;
        swap(&queue->heap[child], &queue->heap[i]);
        i = child;
    }
}

void naive_push(struct naive_queue *queue, time_ns at, uint32_t phase, uint32_t owner,
                uint64_t id) {
    ASSERT(queue->count < queue->capacity);
    queue->heap[queue->count] =
        (struct naive_event){at, phase, owner, ++queue->sequences[owner], id};
    sift_up(queue, queue->count++);
}

static void remove_at(struct naive_queue *queue, size_t i) {
    queue->heap[i] = queue->heap[--queue->count];
    if (i >= queue->count) return;
    sift_up(queue, i);
    sift_down(queue, i);
}

bool naive_pop(struct naive_queue *queue, time_ns until, struct naive_event *out) {
    if (queue->count == 0 || queue->heap[0].at > until) return false;
    *out = queue->heap[0];
    remove_at(queue, 0);
    return true;
}

bool naive_cancel(struct naive_queue *queue, uint64_t id) {
    for (size_t i = 0; i < queue->count; i++) {
        if (queue->heap[i].id != id) continue;
        remove_at(queue, i);
        return true;
    }
    return false;
}
