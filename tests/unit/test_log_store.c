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

static void refuses_a_fork_and_a_gap(void) {
    struct small_world *s = open_log();
    append(s, 0, 1, 0);
    append(s, 0, 2, 1);
    CU_ASSERT_EQUAL(append(s, 0, 3, 1)->result, AUDIT_REPLY_HEAD_MISMATCH);
    CU_ASSERT_EQUAL(append(s, 0, 4, 2)->result, AUDIT_REPLY_HEAD_MISMATCH);
    int64_t result = -1;
    CU_ASSERT_EQUAL(small_records(s, REC_audit_stored, 3, &result), 4);
    CU_ASSERT_EQUAL(result, AUDIT_REPLY_HEAD_MISMATCH);
    CU_ASSERT_EQUAL(append(s, 0, 3, 2)->result, AUDIT_REPLY_OK);
    small_close(s);
}

/* Sent again because its answer was lost: it has it, and says so again. */
static void the_same_entry_again_is_acknowledged_again(void) {
    struct small_world *s = open_log();
    append(s, 0, 1, 0);
    append(s, 0, 2, 1);
    CU_ASSERT_EQUAL(append(s, 0, 1, 0)->result, AUDIT_REPLY_OK);
    const struct in_audit_ack *ack = append(s, 0, 2, 1);
    CU_ASSERT_EQUAL(ack->result, AUDIT_REPLY_OK);
    CU_ASSERT_EQUAL(ack->sequence, 2);
    CU_ASSERT_EQUAL(small_records(s, REC_audit_stored, 3, NULL), 2);
    CU_ASSERT_EQUAL(append(s, 0, 3, 2)->result, AUDIT_REPLY_OK);
    small_close(s);
}

/* ---- tampering ---- */

static void past_entry(void *context, uint32_t engine, time_ns wall, struct eff_audit_append *out) {
    (void)context, (void)engine, (void)wall;
    out->hash = hash_of(out->sequence + 1000);
    out->body.len = 10;
    memset(out->body.b, 7, 10);
}

static void sign(void *context, uint32_t engine, struct eff_checkpoint *out) {
    (void)context, (void)engine;
    out->signature.len = 1;
}

/* Five entries from before the run; one fault, of engine 0. */
static struct small_world *open_tampered(enum fault_kind kind, int64_t value) {
    struct small_world *s = small_new();
    s->plan.history.audit_entries = 5;
    s->plan.history.span_ns = NS_PER_HOUR;
    s->plan.fault_count = 1;
    s->faults[0] = (struct plan_fault){.kind = kind, .value = value, .from = 0};
    small_open(s);
    s->world.hooks.past_entry = past_entry;
    s->world.hooks.sign = sign;
    log_store_open(&s->world, &s->arena);
    log_store_start(&s->world);
    return s;
}

static void knows_what_was_before_the_run(void) {
    struct small_world *s = open_tampered(FAULT_AUDIT_ALTERED, 3);
    int64_t sequence;
    struct hash head;
    struct in_checkpoint checkpoint;
    log_store_head(&s->world, 1, &sequence, &head);
    CU_ASSERT_EQUAL(sequence, 5);
    CU_ASSERT_EQUAL(memcmp(head.b, hash_of(1005).b, 32), 0);
    CU_ASSERT_TRUE(log_store_checkpoint(&s->world, 1, &checkpoint));
    CU_ASSERT_EQUAL(checkpoint.sequence, 5);
    CU_ASSERT_EQUAL(small_records(s, REC_audit_past, 0, NULL), 5 * SMALL_ENGINES);
    small_close(s);
}

static void an_altered_entry_is_so_until_mended(void) {
    struct small_world *s = open_tampered(FAULT_AUDIT_ALTERED, 3);
    log_store_alter(&s->world, 0);
    CU_ASSERT_EQUAL(read_back(s, 0, 3)->body.b[5], 6);
    CU_ASSERT_EQUAL(read_back(s, 0, 2)->body.b[5], 7);
    CU_ASSERT_EQUAL(read_back(s, 1, 3)->body.b[5], 7);
    CU_ASSERT_EQUAL(log_store_mend(&s->world, 0), 1); /* it was read once */
    CU_ASSERT_EQUAL(read_back(s, 0, 3)->body.b[5], 7);
    CU_ASSERT_EQUAL(small_records(s, REC_audit_tampered, 0, NULL), 2);
    small_close(s);
}

static void a_cut_log_ends_there_and_its_checkpoint_does_not(void) {
    struct small_world *s = open_tampered(FAULT_AUDIT_CUT, 2);
    struct in_checkpoint checkpoint;
    log_store_cut(&s->world, 0);
    CU_ASSERT_EQUAL(read_back(s, 0, 4)->result, AUDIT_REPLY_END);
    CU_ASSERT_EQUAL(read_back(s, 0, 3)->result, AUDIT_REPLY_OK);
    CU_ASSERT_TRUE(log_store_checkpoint(&s->world, 0, &checkpoint));
    CU_ASSERT_EQUAL(checkpoint.sequence, 5);
    CU_ASSERT_EQUAL(append(s, 0, 6, 1005)->result, AUDIT_REPLY_HEAD_MISMATCH);
    CU_ASSERT_EQUAL(log_store_was_cut(&s->world, 0), 2);
    small_close(s);
}

static void a_strangers_entry_takes_the_head(void) {
    struct small_world *s = open_tampered(FAULT_AUDIT_FOREIGN, 0);
    s->world.tables = NULL;
    log_store_intrude(&s->world, 0);
    CU_ASSERT_EQUAL(append(s, 0, 6, 1005)->result, AUDIT_REPLY_HEAD_MISMATCH);
    CU_ASSERT_EQUAL(read_back(s, 0, 6)->result, AUDIT_REPLY_OK);
    CU_ASSERT_EQUAL(log_store_intruded(&s->world, 0), 1);
    small_close(s);
}

static void a_log_that_refuses_does_so_until_it_accepts(void) {
    struct small_world *s = open_tampered(FAULT_AUDIT_UNWRITABLE, 0);
    log_store_refuse(&s->world, 0);
    CU_ASSERT_EQUAL(append(s, 0, 6, 1005)->result, AUDIT_REPLY_UNAVAILABLE);
    CU_ASSERT_EQUAL(append(s, 1, 6, 1005)->result, AUDIT_REPLY_OK);
    CU_ASSERT_EQUAL(log_store_accept(&s->world, 0), 1);
    CU_ASSERT_EQUAL(append(s, 0, 6, 1005)->result, AUDIT_REPLY_OK);
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

TEST_MAIN("log store", TEST(appends_what_follows_the_head), TEST(refuses_a_fork_and_a_gap),
          TEST(the_same_entry_again_is_acknowledged_again), TEST(reads_back_what_it_keeps),
          TEST(says_when_an_entry_is_archived), TEST(knows_what_was_before_the_run),
          TEST(an_altered_entry_is_so_until_mended),
          TEST(a_cut_log_ends_there_and_its_checkpoint_does_not),
          TEST(a_strangers_entry_takes_the_head), TEST(a_log_that_refuses_does_so_until_it_accepts))
