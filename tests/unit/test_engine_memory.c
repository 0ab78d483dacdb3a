/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * After eng_open the engine takes no memory, whatever it is told: its arena is sealed, and this
 * program's own malloc, calloc, realloc and free stand before the C library's for every library
 * that is linked, and count. The inputs are recorded ones, so that nothing but eng_step runs
 * meanwhile.
 */
#include "tests/runner.h"
#include "tests/support/recording.h"
#include <stdlib.h>

/* The C library's own, by the names that it exports for this. */
extern void *__libc_malloc(size_t);          /* NOLINT(bugprone-reserved-identifier) */
extern void *__libc_calloc(size_t, size_t);  /* NOLINT(bugprone-reserved-identifier) */
extern void *__libc_realloc(void *, size_t); /* NOLINT(bugprone-reserved-identifier) */
extern void __libc_free(void *);             /* NOLINT(bugprone-reserved-identifier) */

static uint64_t calls;

void *malloc(size_t size) {
    calls++;
    return __libc_malloc(size);
}
void *calloc(size_t count, size_t size) {
    calls++;
    return __libc_calloc(count, size);
}
void *realloc(void *old, size_t size) {
    calls++;
    return __libc_realloc(old, size);
}
void free(void *old) {
    calls += old != NULL;
    __libc_free(old);
}

static struct recording recording;
static struct eng_effects out;

static void the_counter_counts(void) {
    uint64_t before = calls;
    void *volatile piece = malloc(10);
    free(piece);
    CU_ASSERT_EQUAL(calls - before, 2);
}

static void the_recording_has_every_kind_of_input(void) {
    uint32_t seen[IN_COUNT] = {0};
    for (uint32_t k = 0; k < recording.count; k++) seen[recording.inputs[k].kind]++;
    for (int64_t kind = 0; kind < IN_COUNT; kind++) {
        if (seen[kind] == 0) fprintf(stderr, "no %s\n", input_name(kind));
        CU_ASSERT_TRUE(seen[kind] > 0);
    }
    if (recording.rig.broken) fprintf(stderr, "%s\n", recording.rig.broken);
    CU_ASSERT_PTR_NULL(recording.rig.broken);
    CU_ASSERT_TRUE(rig_entries(&recording.rig, STATE_COMPLETED) > 0);
    CU_ASSERT_TRUE(rig_entries(&recording.rig, STATE_ROLLED_BACK) > 0);
}

static void no_step_takes_memory(void) {
    struct arena arena;
    arena_open(&arena);
    struct engine *engine = eng_open(&arena, &recording.rig.config);
    size_t taken = arena.taken;
    arena_seal(&arena);
    uint64_t before = calls;
    for (uint32_t k = 0; k < recording.count; k++) recording_feed(&recording, k, engine, &out);
    CU_ASSERT_EQUAL(calls, before);
    CU_ASSERT_EQUAL(arena.taken, taken);
    CU_ASSERT_EQUAL(eng_fingerprint(engine), recording.fingerprint); /* all of it was done again */
    arena_close(&arena);
}

int main(void) {
    static const struct test_case cases[] = {TEST(the_counter_counts),
                                             TEST(the_recording_has_every_kind_of_input),
                                             TEST(no_step_takes_memory)};
    recording_make(&recording, 2);
    int status = test_run("engine: memory", cases, ARRAY_LEN(cases));
    recording_free(&recording);
    return status;
}
