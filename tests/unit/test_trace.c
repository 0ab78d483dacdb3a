/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/kernel/trace.h"
#include "engine/base/check.h"
#include "tests/runner.h"
#include <msgpack/unpack.h>
#include <sys/wait.h>
#include <unistd.h>

struct collected {
    uint8_t bytes[100000];
    size_t len, calls, longest;
};

static void collect(void *context, const void *bytes, size_t len) {
    struct collected *c = context;
    ASSERT(c->len + len <= sizeof c->bytes);
    memcpy(c->bytes + c->len, bytes, len);
    c->len += len;
    c->calls++;
    if (len > c->longest) c->longest = len;
}

static char long_text[5000];

static void write_some(struct trace *trace) {
    trace_begin(trace, 7, 36 * NS_PER_S, 4);
    trace_int(trace, -5);
    trace_text(trace, "payment", 7);
    trace_bytes(trace, "\0\xFF", 2);
    trace_array(trace, 2);
    trace_int(trace, INT64_MAX);
    trace_array(trace, 0);
    trace_array_end(trace);
    trace_array_end(trace);
    trace_end(trace);
    trace_begin(trace, 8, 0, 0);
    trace_end(trace);
    trace_begin(trace, 9, 1, 1); /* longer than any segment here */
    trace_text(trace, long_text, sizeof long_text);
    trace_end(trace);
}

static void check_first(const msgpack_object *record) {
    CU_ASSERT_EQUAL_FATAL(record->type, MSGPACK_OBJECT_ARRAY);
    CU_ASSERT_EQUAL_FATAL(record->via.array.size, 6);
    const msgpack_object *f = record->via.array.ptr;
    CU_ASSERT(f[0].via.i64 == 7 && f[1].via.i64 == 36 * NS_PER_S && f[2].via.i64 == -5);
    CU_ASSERT(f[3].type == MSGPACK_OBJECT_STR && f[3].via.str.size == 7);
    CU_ASSERT(memcmp(f[3].via.str.ptr, "payment", 7) == 0);
    CU_ASSERT(f[4].type == MSGPACK_OBJECT_BIN && f[4].via.bin.size == 2);
    CU_ASSERT(f[5].via.array.size == 2 && f[5].via.array.ptr[0].via.i64 == INT64_MAX);
    CU_ASSERT(f[5].via.array.ptr[1].type == MSGPACK_OBJECT_ARRAY);
}

static void a_trace_is_messagepack_whatever_the_segments(void) {
    static const size_t segments[] = {1, 7, 64, 65536};
    static struct collected c;
    uint64_t digests[ARRAY_LEN(segments)];
    memset(long_text, 'x', sizeof long_text);
    for (size_t i = 0; i < ARRAY_LEN(segments); i++) {
        struct arena arena;
        arena_open(&arena);
        memset(&c, 0, sizeof c);
        struct trace *trace = trace_open(&arena, segments[i], collect, &c);
        arena_seal(&arena);
        write_some(trace);
        digests[i] = trace_digest(trace); /* the segment counts before it is handed over */
        trace_flush(trace);
        trace_flush(trace);
        CU_ASSERT_EQUAL(trace_digest(trace), digests[i]);
        CU_ASSERT_EQUAL(digests[i], digests[0]);
        CU_ASSERT_EQUAL(trace_record_count(trace), 3);
        CU_ASSERT_EQUAL(trace_byte_count(trace), c.len);
        CU_ASSERT(c.longest <= segments[i]);
        struct digest d;
        digest_init(&d);
        digest_add(&d, c.bytes, c.len);
        CU_ASSERT_EQUAL(digest_value(&d), digests[i]);

        msgpack_unpacked record;
        msgpack_unpacked_init(&record);
        size_t at = 0;
        CU_ASSERT_EQUAL(msgpack_unpack_next(&record, (const char *)c.bytes, c.len, &at),
                        MSGPACK_UNPACK_SUCCESS);
        check_first(&record.data);
        CU_ASSERT_EQUAL(msgpack_unpack_next(&record, (const char *)c.bytes, c.len, &at),
                        MSGPACK_UNPACK_SUCCESS);
        CU_ASSERT_EQUAL(msgpack_unpack_next(&record, (const char *)c.bytes, c.len, &at),
                        MSGPACK_UNPACK_SUCCESS);
        CU_ASSERT_EQUAL(record.data.via.array.ptr[2].via.str.size, sizeof long_text);
        CU_ASSERT_EQUAL(at, c.len);
        msgpack_unpacked_destroy(&record);
        arena_close(&arena);
    }
}

static void too_few_fields(struct trace *trace) {
    trace_begin(trace, 1, 0, 2);
    trace_int(trace, 1);
    trace_end(trace);
}

static void too_many_fields(struct trace *trace) {
    trace_begin(trace, 1, 0, 1);
    trace_int(trace, 1);
    trace_int(trace, 2);
}

static void an_array_not_filled(struct trace *trace) {
    trace_begin(trace, 1, 0, 1);
    trace_array(trace, 2);
    trace_int(trace, 1);
    trace_array_end(trace);
}

static void an_array_not_ended(struct trace *trace) {
    trace_begin(trace, 1, 0, 1);
    trace_array(trace, 0);
    trace_end(trace);
}

static void a_record_within_a_record(struct trace *trace) {
    trace_begin(trace, 1, 0, 0);
    trace_begin(trace, 1, 0, 0);
}

static void quiet(void *context, const char *file, int line, const char *fact) {
    (void)context;
    (void)file;
    (void)line;
    (void)fact;
}

static int exit_status_of(void (*run)(struct trace *)) {
    static struct collected c;
    pid_t child = fork();
    if (child == 0) {
        struct arena arena;
        arena_open(&arena);
        crash_hook_set(quiet, NULL);
        run(trace_open(&arena, 64, collect, &c));
        _exit(0);
    }
    int status = 0;
    if (waitpid(child, &status, 0) != child || !WIFEXITED(status)) return -1;
    return WEXITSTATUS(status);
}

static void a_record_with_other_fields_than_announced_is_a_bug(void) {
    CU_ASSERT_EQUAL(exit_status_of(write_some), 0);
    CU_ASSERT_EQUAL(exit_status_of(too_few_fields), 3);
    CU_ASSERT_EQUAL(exit_status_of(too_many_fields), 3);
    CU_ASSERT_EQUAL(exit_status_of(an_array_not_filled), 3);
    CU_ASSERT_EQUAL(exit_status_of(an_array_not_ended), 3);
    CU_ASSERT_EQUAL(exit_status_of(a_record_within_a_record), 3);
}

TEST_MAIN("trace", TEST(a_trace_is_messagepack_whatever_the_segments),
          TEST(a_record_with_other_fields_than_announced_is_a_bug))
