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
    size_t mapped; /* bytes, of a block from the system; 0: from malloc */
};
_Static_assert(sizeof(struct arena_block) % ALIGNMENT == 0, "what is taken must stay aligned");

void arena_open(struct arena *arena) { *arena = (struct arena){0}; }

/*
 * Large tables are walked at random by whoever took them, and then half of the time goes into
 * translating addresses: these blocks begin on a huge page's boundary and ask for such pages. NULL
 * when there is no memory.
 */
static struct arena_block *block_map(size_t bytes) {
    size_t whole = (bytes + HUGE_PAGE - 1) & ~(HUGE_PAGE - 1);
    uint8_t *from =
        mmap(NULL, whole + HUGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (from == MAP_FAILED) return NULL;
    size_t before = (HUGE_PAGE - (uintptr_t)from % HUGE_PAGE) % HUGE_PAGE;
    if (before > 0) munmap(from, before);
    if (before < HUGE_PAGE) munmap(from + before + whole, HUGE_PAGE - before);
    struct arena_block *block = (void *)(from + before);
#ifdef MADV_HUGEPAGE
    madvise(block, whole, MADV_HUGEPAGE);
#endif
    block->mapped = whole;
    return block;
}

/* Both ways give zeroed pages when they are first touched: what is never used costs nothing. */
static struct arena_block *block_new(size_t size) {
    size_t bytes = sizeof(struct arena_block) + size;
    struct arena_block *block = bytes < HUGE_PAGE ? calloc(1, bytes) : block_map(bytes);
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

size_t arena_bytes(const struct arena *arena) {
    size_t bytes = 0;
    for (const struct arena_block *b = arena->blocks; b; b = b->next) bytes += b->used;
    return bytes;
}

void arena_save(const struct arena *arena, void *to) {
    uint8_t *at = to;
    for (const struct arena_block *b = arena->blocks; b; at += b->used, b = b->next)
        memcpy(at, b + 1, b->used);
}

void arena_load(struct arena *arena, const void *from) {
    const uint8_t *at = from;
    for (struct arena_block *b = arena->blocks; b; at += b->used, b = b->next)
        memcpy(b + 1, at, b->used);
}

void arena_close(struct arena *arena) {
    for (struct arena_block *block = arena->blocks, *next; block; block = next) {
        next = block->next;
        if (block->mapped > 0)
            munmap(block, block->mapped);
        else
            free(block);
    }
    *arena = (struct arena){0};
}

char *arena_text(struct arena *arena, const char *s, size_t len) {
    char *copy = arena_take(arena, len + 1, 1);
    if (len > 0) memcpy(copy, s, len);
    return copy;
}
