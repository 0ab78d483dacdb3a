/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/base/arena.h"
#include "engine/base/check.h"
#include "engine/base/pool.h"
#include "engine/base/prng.h"
#include "tests/runner.h"
#include <sys/wait.h>
#include <unistd.h>

static bool all_zero(const uint8_t *bytes, size_t len) {
    for (size_t i = 0; i < len; i++)
        if (bytes[i] != 0) return false;
    return true;
}

static void memory_is_zeroed_aligned_and_apart(void) {
    struct arena arena;
    arena_open(&arena);
    struct prng stream = prng_named(1, "arena", 0);
    uint8_t *pieces[300];
    size_t sizes[300];
    for (size_t i = 0; i < 300; i++) {
        /* small ones, and some larger than a block or than a huge page */
        sizes[i] = prng_below(&stream, i % 50 == 49 ? 6000000 : 5000);
        pieces[i] = arena_take(&arena, sizes[i], 1);
        CU_ASSERT_EQUAL((uintptr_t)pieces[i] % 16, 0);
        CU_ASSERT(all_zero(pieces[i], sizes[i]));
        memset(pieces[i], (int)i, sizes[i]);
    }
    for (size_t i = 0; i < 300; i++)
        CU_ASSERT(sizes[i] == 0 ||
                  (pieces[i][0] == (uint8_t)i && pieces[i][sizes[i] - 1] == (uint8_t)i));
    CU_ASSERT(arena.taken > 0);
    arena_close(&arena);
    CU_ASSERT(arena.blocks == NULL && arena.taken == 0);
}

static void texts_are_terminated_copies(void) {
    struct arena arena;
    arena_open(&arena);
    const char *copy = arena_text(&arena, "payment-service", 7);
    CU_ASSERT_STRING_EQUAL(copy, "payment");
    CU_ASSERT_STRING_EQUAL(arena_text(&arena, NULL, 0), "");
    arena_close(&arena);
}

static void crash_quietly(void *context, const char *file, int line, const char *fact) {
    (void)file;
    (void)line;
    (void)fact;
    *(int *)context = 1;
}

static int exit_status_of(void (*run)(void)) {
    pid_t child = fork();
    if (child == 0) {
        int called = 0;
        crash_hook_set(crash_quietly, &called);
        run();
        _exit(0);
    }
    int status = 0;
    if (waitpid(child, &status, 0) != child || !WIFEXITED(status)) return -1;
    return WEXITSTATUS(status);
}

static void take_after_the_seal(void) {
    struct arena arena;
    arena_open(&arena);
    arena_seal(&arena);
    arena_take(&arena, 1, 1);
}

static void take_more_than_there_is(void) {
    struct arena arena;
    arena_open(&arena);
    arena_take(&arena, SIZE_MAX / 2, 4);
}

static void give_twice(void) {
    struct arena arena;
    struct pool pool;
    struct pool_handle handle;
    arena_open(&arena);
    pool_init(&pool, &arena, 2, 8);
    pool_take(&pool, &handle);
    pool_give(&pool, handle);
    pool_give(&pool, handle);
}

static void nothing(void) {}

static void misuse_is_a_bug(void) {
    CU_ASSERT_EQUAL(exit_status_of(nothing), 0);
    CU_ASSERT_EQUAL(exit_status_of(take_after_the_seal), 3);
    CU_ASSERT_EQUAL(exit_status_of(take_more_than_there_is), 3);
    CU_ASSERT_EQUAL(exit_status_of(give_twice), 3);
}

static void a_stale_handle_finds_nothing(void) {
    struct arena arena;
    struct pool pool;
    struct pool_handle a, b, c;
    arena_open(&arena);
    pool_init(&pool, &arena, 2, sizeof(uint64_t));
    uint64_t *first = pool_take(&pool, &a);
    *first = 99;
    CU_ASSERT_PTR_NOT_NULL(pool_take(&pool, &b));
    CU_ASSERT_PTR_NULL(pool_take(&pool, &c));
    CU_ASSERT(pool_get(&pool, a) == first && pool_at(&pool, a.index) == first);
    pool_give(&pool, a);
    CU_ASSERT_PTR_NULL(pool_get(&pool, a));
    CU_ASSERT_PTR_NULL(pool_at(&pool, a.index));
    uint64_t *again = pool_take(&pool, &c);
    CU_ASSERT(again == first && *again == 0 && c.index == a.index);
    CU_ASSERT_PTR_NULL(pool_get(&pool, a));
    CU_ASSERT_PTR_NULL(pool_get(&pool, (struct pool_handle){0, 0}));
    CU_ASSERT_PTR_NULL(pool_get(&pool, (struct pool_handle){UINT32_MAX, 1}));
    CU_ASSERT_PTR_NULL(pool_at(&pool, 2));
    CU_ASSERT(pool.in_use == 2 && pool.high_water == 2);
    arena_close(&arena);
}

static void the_last_given_is_taken_first(void) {
    struct arena arena;
    struct pool pool;
    struct pool_handle handles[5], next;
    arena_open(&arena);
    pool_init(&pool, &arena, 5, 1);
    for (uint32_t i = 0; i < 5; i++) {
        pool_take(&pool, &handles[i]);
        CU_ASSERT_EQUAL(handles[i].index, i);
    }
    pool_give(&pool, handles[1]);
    pool_give(&pool, handles[4]);
    pool_give(&pool, handles[0]);
    static const uint32_t expected[] = {0, 4, 1};
    for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
        pool_take(&pool, &next);
        CU_ASSERT_EQUAL(next.index, expected[i]);
    }
    arena_close(&arena);
}

TEST_MAIN("arena and pool", TEST(memory_is_zeroed_aligned_and_apart),
          TEST(texts_are_terminated_copies), TEST(misuse_is_a_bug),
          TEST(a_stale_handle_finds_nothing), TEST(the_last_given_is_taken_first))
