/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/base/pool.h"
#include "engine/base/check.h"

static void *item_at(const struct pool *pool, uint32_t index) {
    return pool->items + (size_t)index * pool->item_size;
}

void pool_init(struct pool *pool, struct arena *arena, uint32_t capacity, size_t item_size) {
    ASSERT(capacity < UINT32_MAX && item_size > 0);
    *pool = (struct pool){
        .items = arena_take(arena, capacity, item_size),
        .generations = ARENA_NEW(arena, uint32_t, capacity),
        .next_free = ARENA_NEW(arena, uint32_t, capacity),
        .item_size = item_size,
        .capacity = capacity,
    };
    for (uint32_t i = 0; i < capacity; i++) pool->next_free[i] = i + 1;
}

void *pool_take(struct pool *pool, struct pool_handle *handle) {
    uint32_t index = pool->free_head;
    if (index == pool->capacity) return NULL;
    pool->free_head = pool->next_free[index];
    if (++pool->in_use > pool->high_water) pool->high_water = pool->in_use;
    *handle = (struct pool_handle){index, ++pool->generations[index]};
    return memset(item_at(pool, index), 0, pool->item_size);
}

void *pool_get(const struct pool *pool, struct pool_handle handle) {
    if (handle.index >= pool->capacity || handle.generation % 2 == 0) return NULL;
    return pool->generations[handle.index] == handle.generation ? item_at(pool, handle.index)
                                                                : NULL;
}

void *pool_at(const struct pool *pool, uint32_t index) {
    bool in_use = index < pool->capacity && pool->generations[index] % 2 == 1;
    return in_use ? item_at(pool, index) : NULL;
}

void pool_give(struct pool *pool, struct pool_handle handle) {
    ASSERT(pool_get(pool, handle) != NULL);
    pool->generations[handle.index]++;
    pool->next_free[handle.index] = pool->free_head;
    pool->free_head = handle.index;
    pool->in_use--;
}
