/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BASE_POOL_H
#define BASE_POOL_H
/*
 * Fixed-capacity pool of equal items. A handle is {index, generation}; freeing an item bumps its
 * generation, so a stale handle finds NULL. Free items are reused last-in first-out: deterministic.
 */
#include "engine/base/arena.h"

struct pool_handle {
    uint32_t index, generation;
};
struct pool {
    uint8_t *items;
    uint32_t *generations; /* odd while in use */
    uint32_t *next_free;
    size_t item_size;
    uint32_t capacity, in_use, high_water, free_head;
};

void pool_init(struct pool *pool, struct arena *arena, uint32_t capacity, size_t item_size);
void *pool_take(struct pool *pool, struct pool_handle *handle); /* zeroed item; NULL when full */
void *pool_get(const struct pool *pool, struct pool_handle handle); /* NULL when stale */
void *pool_at(const struct pool *pool,
              uint32_t index); /* NULL when not in use; for walks in index order */
void pool_give(struct pool *pool, struct pool_handle handle); /* asserts: not stale */

#endif
