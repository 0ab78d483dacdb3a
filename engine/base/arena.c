/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _DEFAULT_SOURCE /* madvise */
#include "engine/base/arena.h"
#include "engine/base/check.h"
#include <stdlib.h>
#include <sys/mman.h>

#define ALIGNMENT   16
#define BLOCK_BYTES ((size_t)256 << 10)
#define HUGE_PAGE   ((size_t)2 << 20)

struct arena_block {
    struct arena_block *next;
    size_t size, used;
    size_t reserved; /* keeps the bytes that follow on 16 */
};
_Static_assert(sizeof(struct arena_block) % ALIGNMENT == 0, "what is taken must stay aligned");

void arena_open(struct arena *arena) { *arena = (struct arena){0}; }

/*
 * Large tables are walked at random by whoever took them, and then half of the time goes into
 * translating addresses: ask for huge pages. Both ways give zeroed pages lazily, so what is never
 * touched costs nothing.
 */
static struct arena_block *block_new(size_t size) {
    size_t bytes = sizeof(struct arena_block) + size;
    struct arena_block *block;
    if (bytes < 2 * HUGE_PAGE) {
        block = calloc(1, bytes);
    } else {
        bytes = (bytes + HUGE_PAGE - 1) & ~(HUGE_PAGE - 1);
        block = aligned_alloc(HUGE_PAGE, bytes);
#ifdef MADV_HUGEPAGE
        if (block) madvise(block, bytes, MADV_HUGEPAGE);
#endif
        if (block) memset(block, 0, bytes);
    }
    if (!block) crash(__FILE__, __LINE__, "out of memory");
    block->size = size;
    return block;
}

static struct arena_block *block_with(struct arena *arena, size_t bytes) {
    struct arena_block *head = arena->blocks;
    if (head && head->size - head->used >= bytes) return head;
    struct arena_block *block = block_new(bytes > BLOCK_BYTES ? bytes : BLOCK_BYTES);
    if (head && bytes > BLOCK_BYTES) {
        /* a large piece fills its own block; what is left in the newest goes on serving small ones
         */
        block->next = head->next;
        head->next = block;
    } else {
        block->next = head;
        arena->blocks = block;
    }
    return block;
}

void *arena_take(struct arena *arena, size_t count, size_t size) {
    ASSERT(!arena->sealed);
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX / 2)
        crash(__FILE__, __LINE__, "a piece of memory larger than the address space");
    bytes = (bytes + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    struct arena_block *block = block_with(arena, bytes);
    void *piece = (uint8_t *)(block + 1) + block->used;
    block->used += bytes;
    arena->taken += bytes;
    return piece;
}

void arena_seal(struct arena *arena) { arena->sealed = true; }

void arena_close(struct arena *arena) {
    for (struct arena_block *block = arena->blocks, *next; block; block = next) {
        next = block->next;
        free(block);
    }
    *arena = (struct arena){0};
}

char *arena_text(struct arena *arena, const char *s, size_t len) {
    char *copy = arena_take(arena, len + 1, 1);
    if (len > 0) memcpy(copy, s, len);
    return copy;
}
