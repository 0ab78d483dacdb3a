/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The reader against msgpack-c's writer, and against bytes that no writer writes. */
#include "reports/judge/trace_reader.h"
#include "reports/judge/wire.h"
#include "tests/runner.h"
#include "tests/support/whole_story.h"

static void every_record_comes_back(void) {
    struct tb t;
    tb_begin(&t);
    tb_truth(&t, 5,
             &(struct rec_truth){
                 .service = ID_NONE(svc_id), .revision = {9}, .requests = INT64_MAX, .failed = -1});
    tb_lock(&t, 6, &(struct rec_lock){.op = ID_NONE64(op_id), .scope = -129, .name = 70000});
    struct trace_reader r;
    struct trace_record got;
    trace_reader_open(&r, t.bytes.data, t.bytes.size);
    CU_ASSERT_EQUAL(trace_next(&r, &got), TRACE_RECORD);
    CU_ASSERT_EQUAL(got.kind, REC_truth);
    CU_ASSERT_EQUAL(got.at, 5);
    CU_ASSERT_EQUAL(got.truth.service.v, NONE_ID);
    CU_ASSERT_EQUAL(got.truth.requests, INT64_MAX);
    CU_ASSERT_EQUAL(got.truth.failed, -1);
    CU_ASSERT_EQUAL(trace_next(&r, &got), TRACE_RECORD);
    CU_ASSERT_EQUAL(got.number, 1);
    CU_ASSERT_EQUAL(got.lock.op.v, NONE_ID64);
    CU_ASSERT_EQUAL(got.lock.scope, -129);
    CU_ASSERT_EQUAL(got.lock.name, 70000);
    CU_ASSERT_EQUAL(trace_next(&r, &got), TRACE_DONE);
    tb_free(&t);
}

static void crossings_come_back(void) {
    struct tb t;
    tb_begin(&t);
    struct in_registry_snapshot snapshot = {.request = 3, .number = 2, .intents = {.count = 2}};
    snapshot.intents.list[1] = (struct intent){7, {8}, OPKIND_RESTART, {1}, {9}, 10};
    tb_told(&t, 1, 0,
            (struct eng_input){.kind = IN_registry_snapshot, .registry_snapshot = snapshot});
    struct eff_notify notify = {.message = 4, .plan = {{1, 2, 3}}};
    text_set(&notify.body, "look");
    tb_wants(&t, 2, 1, (struct eng_effect){.kind = EFF_notify, .notify = notify});
    struct trace_reader r;
    struct trace_record got;
    struct eng_input in;
    struct eng_effect out;
    const char *wrong;
    size_t at;
    trace_reader_open(&r, t.bytes.data, t.bytes.size);
    CU_ASSERT_EQUAL(trace_next(&r, &got), TRACE_RECORD);
    CU_ASSERT_TRUE(trace_input(&got.input, &in, &wrong, &at));
    CU_ASSERT_EQUAL(in.mono, 1);
    CU_ASSERT_EQUAL(memcmp(&in.registry_snapshot, &snapshot, sizeof snapshot), 0);
    CU_ASSERT_EQUAL(trace_next(&r, &got), TRACE_RECORD);
    CU_ASSERT_TRUE(trace_effect(&got.effect, &out, &wrong, &at));
    CU_ASSERT_EQUAL(memcmp(&out.notify, &notify, sizeof notify), 0);
    tb_free(&t);
}

/* What is said of bytes that are wrong. */
static struct trace_error refused(const void *bytes, size_t len) {
    struct trace_reader r;
    struct trace_record got;
    trace_reader_open(&r, bytes, len);
    enum trace_read last;
    do last = trace_next(&r, &got);
    while (last == TRACE_RECORD);
    CU_ASSERT_EQUAL(last, TRACE_BAD);
    CU_ASSERT_EQUAL(trace_next(&r, &got), TRACE_BAD);
    return r.error;
}
#define REFUSED(bytes, place, said)                                                                \
    do {                                                                                           \
        struct trace_error e = refused(bytes, sizeof(bytes) - 1);                                  \
        CU_ASSERT_EQUAL(e.offset, place);                                                          \
        CU_ASSERT_PTR_NOT_NULL(strstr(e.what, said));                                              \
    } while (0)

static void wrong_bytes_are_named_by_place(void) {
    REFUSED("\xc1", 1, "0xc1");
    REFUSED("\x2a", 0, "is no trace: expected an array");
    REFUSED("name: a_scenario\n", 0, "is no trace");
    REFUSED("fdrill\x01\n\x2a", 8, "expected an array");
    REFUSED("\xdd\xff\xff\xff\xff", 5, "count larger");
    REFUSED("\x92\xa1x\x00", 1, "expected an integer");
    REFUSED("\x92\x7f\x00", 3, "no such kind");
    REFUSED("\x92\x00\x00", 0, "\"run\" has 2 values");
    REFUSED("\x9c\x00\x00\xd9\xf0"
            "0123456789",
            5, "count larger");
    REFUSED("\x93\x00\xd3\x01\x02", 3, "end within");
}

static void a_cut_trace_is_refused_wherever_it_is_cut(void) {
    struct tb t;
    whole_story(&t, no_twist);
    for (size_t len = 0; len < t.bytes.size; len++) {
        struct facts facts;
        struct trace_error error;
        char *copy = malloc(len + 1); /* an exact copy: a read beyond it is seen */
        CU_ASSERT_FATAL(copy != NULL);
        memcpy(copy, t.bytes.data, len);
        CU_ASSERT_FALSE(facts_read(copy, len, &facts, &error));
        CU_ASSERT_TRUE(error.what[0] != '\0');
        free(copy);
    }
    tb_free(&t);
}

/* Most of them still are records that could be. */
static void a_flipped_bit_anywhere_is_refused(void) {
    struct tb t;
    struct facts facts;
    struct trace_error error;
    uint32_t sealed = 0;
    whole_story(&t, no_twist);
    char *copy = malloc(t.bytes.size);
    CU_ASSERT_FATAL(copy != NULL);
    memcpy(copy, t.bytes.data, t.bytes.size);
    CU_ASSERT_FATAL(facts_read(copy, t.bytes.size, &facts, &error));
    facts_free(&facts);
    for (size_t at = 0; at < t.bytes.size; at++) {
        copy[at] ^= (char)(1 << at % 8);
        CU_ASSERT_FALSE(facts_read(copy, t.bytes.size, &facts, &error));
        if (strstr(error.what, "altered or cut: its digest is")) sealed++;
        copy[at] ^= (char)(1 << at % 8);
    }
    CU_ASSERT_TRUE(sealed > t.bytes.size / 4);
    free(copy);
    tb_free(&t);
}

static void a_trace_without_its_end_is_refused(void) {
    struct tb t;
    struct facts facts;
    struct trace_error error;
    tb_begin(&t);
    tb_plan(&t, "none", "none");
    CU_ASSERT_FALSE(facts_read(t.bytes.data, t.bytes.size, &facts, &error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error.what, "its last record is not \"end\""));
    tb_free(&t);
}

static void values_of_any_depth_are_stepped_over(void) {
    uint8_t deep[4096];
    memset(deep, 0x91, sizeof deep); /* an array of one array of one ... */
    deep[sizeof deep - 1] = 0xc0;
    struct wire w = wire_of(deep, sizeof deep);
    struct rec_view v;
    CU_ASSERT_TRUE(wire_value(&w, &v));
    CU_ASSERT_EQUAL(v.len, sizeof deep);
    CU_ASSERT_TRUE(wire_done(&w));
    static const char mixed[] = "\x82\xa1k\xcb\0\0\0\0\0\0\0\0\xa1l\xd6\1abcd";
    w = wire_of(mixed, sizeof mixed - 1);
    CU_ASSERT_TRUE(wire_value(&w, &v) && wire_done(&w));
}

static void facts_say_what_is_wrong_with_a_plan(void) {
    struct tb t;
    struct facts facts;
    struct trace_error error;
    tb_begin(&t);
    tb_engine(&t, 0, &(struct rec_engine){.engine = 0, .name = REC_STR("e")});
    CU_ASSERT_FALSE(facts_read(t.bytes.data, t.bytes.size, &facts, &error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error.what, "first record must be"));
    tb_free(&t);
    tb_begin(&t);
    tb_run(&t, 0, &(struct rec_run){.version = REC_STR("1")});
    tb_limit(&t, 0, &(struct rec_limit){.key = REC_STR("watch_nss"), .value = 1});
    CU_ASSERT_FALSE(facts_read(t.bytes.data, t.bytes.size, &facts, &error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error.what, "no limit is called \"watch_nss\""));
    CU_ASSERT_EQUAL(error.record, 1);
    tb_free(&t);
}

static void figures_beyond_reason_are_refused(void) {
    struct tb t;
    struct facts facts;
    struct trace_error error;
    const struct rec_truth wrong[] = {
        {.requests = -1}, {.requests = 1, .failed = 2}, {.requests = INT64_MAX}, {.p95_ns = -1}};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        tb_begin(&t);
        tb_plan(&t, "none", "none");
        tb_truth(&t, 1, &wrong[i]);
        CU_ASSERT_FALSE(facts_read(t.bytes.data, t.bytes.size, &facts, &error));
        CU_ASSERT_PTR_NOT_NULL(strstr(error.what, "one second"));
        tb_free(&t);
    }
    tb_begin(&t);
    tb_run(&t, -1, &(struct rec_run){.version = REC_STR("1")});
    CU_ASSERT_FALSE(facts_read(t.bytes.data, t.bytes.size, &facts, &error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error.what, "a time before 0"));
    tb_free(&t);
}

TEST_MAIN("trace reader", TEST(every_record_comes_back), TEST(crossings_come_back),
          TEST(wrong_bytes_are_named_by_place), TEST(a_cut_trace_is_refused_wherever_it_is_cut),
          TEST(a_flipped_bit_anywhere_is_refused), TEST(a_trace_without_its_end_is_refused),
          TEST(values_of_any_depth_are_stepped_over), TEST(facts_say_what_is_wrong_with_a_plan),
          TEST(figures_beyond_reason_are_refused))
