/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/small_world.h"

static struct small_world *open_log(void) {
    struct small_world *s = small_new();
    small_open(s);
    log_store_open(&s->world, &s->arena);
    return s;
}

static struct hash hash_of(int64_t n) {
    struct hash h = {{0}};
    memcpy(h.b, &n, sizeof n);
    return h;
}

static const struct in_audit_ack *append(struct small_world *s, uint32_t engine, int64_t sequence,
                                         int64_t previous) {
    struct eng_effect e = {.kind = EFF_audit_append};
    e.audit_append.sequence = sequence;
    e.audit_append.previous = hash_of(previous);
    e.audit_append.hash = hash_of(sequence);
    e.audit_append.body.len = 1;
    e.audit_append.body.b[0] = (uint8_t)sequence;
    network_send(&s->world, engine, &e);
    small_run(s, sim_now(s->world.sim));
    return &small_last(s, 0)->input.audit_ack;
}

static const struct in_audit_record *read_back(struct small_world *s, uint32_t engine,
                                               int64_t sequence) {
    struct eng_effect e = {.kind = EFF_audit_read};
    e.audit_read.sequence = sequence;
    network_send(&s->world, engine, &e);
    small_run(s, sim_now(s->world.sim));
    return &small_last(s, 0)->input.audit_record;
}

static void appends_what_follows_the_head(void) {
    struct small_world *s = open_log();
    for (int64_t n = 1; n <= 5; n++) {
        const struct in_audit_ack *ack = append(s, 0, n, n - 1);
        CU_ASSERT_EQUAL(ack->result, AUDIT_REPLY_OK);
        CU_ASSERT_EQUAL(ack->sequence, n);
        CU_ASSERT_EQUAL(memcmp(ack->head.b, hash_of(n).b, 32), 0);
    }
    CU_ASSERT_EQUAL(append(s, 1, 1, 0)->result, AUDIT_REPLY_OK); /* a chain of its own */
    CU_ASSERT_EQUAL(small_records(s, REC_audit_stored, 0, NULL), 6);
    small_close(s);
}

static void refuses_a_fork_a_gap_and_a_repetition(void) {
    struct small_world *s = open_log();
    append(s, 0, 1, 0);
    append(s, 0, 2, 1);
    CU_ASSERT_EQUAL(append(s, 0, 3, 1)->result, AUDIT_REPLY_HEAD_MISMATCH);
    CU_ASSERT_EQUAL(append(s, 0, 4, 2)->result, AUDIT_REPLY_HEAD_MISMATCH);
    CU_ASSERT_EQUAL(append(s, 0, 2, 1)->result, AUDIT_REPLY_HEAD_MISMATCH);
    int64_t result = -1;
    CU_ASSERT_EQUAL(small_records(s, REC_audit_stored, 3, &result), 5);
    CU_ASSERT_EQUAL(result, AUDIT_REPLY_HEAD_MISMATCH);
    CU_ASSERT_EQUAL(append(s, 0, 3, 2)->result, AUDIT_REPLY_OK);
    small_close(s);
}

static void reads_back_what_it_keeps(void) {
    struct small_world *s = open_log();
    for (int64_t n = 1; n <= 3; n++) append(s, 2, n, n - 1);
    const struct in_audit_record *in = read_back(s, 2, 2);
    CU_ASSERT_EQUAL(in->result, AUDIT_REPLY_OK);
    CU_ASSERT_EQUAL(in->body.b[0], 2);
    CU_ASSERT_EQUAL(memcmp(in->previous.b, hash_of(1).b, 32), 0);
    CU_ASSERT_EQUAL(read_back(s, 2, 4)->result, AUDIT_REPLY_END);
    CU_ASSERT_EQUAL(read_back(s, 2, 0)->result, AUDIT_REPLY_END);
    CU_ASSERT_EQUAL(read_back(s, 1, 1)->result, AUDIT_REPLY_END);
    small_close(s);
}

static void says_when_an_entry_is_archived(void) {
    struct small_world *s = open_log();
    for (int64_t n = 1; n <= LOG_STORE_ENTRIES_MAX + 1; n++) {
        append(s, 0, n, n - 1);
        s->told_count = 0;
    }
    CU_ASSERT_EQUAL(read_back(s, 0, 1)->result, AUDIT_REPLY_UNAVAILABLE);
    CU_ASSERT_EQUAL(read_back(s, 0, 2)->result, AUDIT_REPLY_OK);
    small_close(s);
}

TEST_MAIN("log store", TEST(appends_what_follows_the_head),
          TEST(refuses_a_fork_a_gap_and_a_repetition), TEST(reads_back_what_it_keeps),
          TEST(says_when_an_entry_is_archived))
