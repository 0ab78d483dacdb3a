/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/small_world.h"

static struct small_world *open_registry(void) {
    struct small_world *s = small_new();
    small_open(s);
    lock_store_open(&s->world, &s->arena);
    return s;
}

static void state(struct small_world *s, uint64_t op, time_ns ttl_ns) {
    struct eng_effect e = {.kind = EFF_registry_register};
    e.registry_register.op.v = op;
    e.registry_register.kind = OPKIND_DEPLOYMENT;
    e.registry_register.service.v = 1;
    e.registry_register.ttl_ns = ttl_ns;
    network_send(&s->world, 0, &e);
}

static void withdraw(struct small_world *s, uint64_t op) {
    struct eng_effect e = {.kind = EFF_registry_remove};
    e.registry_remove.op.v = op;
    network_send(&s->world, 0, &e);
}

static const struct in_registry_snapshot *read_at(struct small_world *s, uint64_t op, time_ns at) {
    small_run(s, at);
    struct eng_effect e = {.kind = EFF_registry_read};
    e.registry_read.op.v = op;
    network_send(&s->world, 1, &e);
    small_run(s, at);
    return &small_last(s, 0)->input.registry_snapshot;
}

static void numbers_intents_as_they_come(void) {
    struct small_world *s = open_registry();
    state(s, 30, NS_PER_MIN);
    state(s, 10, NS_PER_MIN);
    state(s, 20, NS_PER_MIN);
    const struct in_registry_snapshot *in = read_at(s, 10, NS_PER_S);
    CU_ASSERT_EQUAL(in->number, 2);
    CU_ASSERT_EQUAL(in->intents.count, 3);
    CU_ASSERT_EQUAL(in->intents.list[0].op.v, 30);
    CU_ASSERT_EQUAL(in->intents.list[2].op.v, 20);
    CU_ASSERT_EQUAL(in->intents.list[2].number, 3);
    CU_ASSERT_EQUAL(in->intents.list[2].age_ns, NS_PER_S);
    small_close(s);
}

static void stating_again_keeps_the_number_alive(void) {
    struct small_world *s = open_registry();
    state(s, 1, 10 * NS_PER_S);
    state(s, 2, 10 * NS_PER_S);
    small_run(s, 9 * NS_PER_S);
    state(s, 1, 10 * NS_PER_S);
    const struct in_registry_snapshot *in = read_at(s, 1, 15 * NS_PER_S);
    CU_ASSERT_EQUAL(in->number, 1);
    CU_ASSERT_EQUAL(in->intents.count, 1);
    CU_ASSERT_EQUAL(in->intents.list[0].age_ns, 15 * NS_PER_S);
    int64_t event = -1;
    CU_ASSERT_EQUAL(small_records(s, REC_registry, 2, &event), 3);
    CU_ASSERT_EQUAL(event, 2);
    in = read_at(s, 1, 19 * NS_PER_S + 1);
    CU_ASSERT_EQUAL(in->number, 0);
    CU_ASSERT_EQUAL(in->intents.count, 0);
    small_close(s);
}

static void a_number_is_never_used_again(void) {
    struct small_world *s = open_registry();
    state(s, 1, NS_PER_MIN);
    withdraw(s, 1);
    withdraw(s, 1);
    state(s, 1, NS_PER_MIN);
    const struct in_registry_snapshot *in = read_at(s, 1, NS_PER_S);
    CU_ASSERT_EQUAL(in->number, 2);
    CU_ASSERT_EQUAL(in->intents.count, 1);
    CU_ASSERT_EQUAL(small_records(s, REC_registry, 0, NULL), 3);
    small_close(s);
}

static void refuses_what_a_snapshot_cannot_show(void) {
    struct small_world *s = open_registry();
    for (uint64_t op = 1; op <= INTENTS_MAX + 1; op++) state(s, op, NS_PER_MIN);
    const struct in_registry_snapshot *in = read_at(s, INTENTS_MAX + 1, NS_PER_S);
    CU_ASSERT_EQUAL(in->number, 0);
    CU_ASSERT_EQUAL(in->intents.count, INTENTS_MAX);
    withdraw(s, 3);
    state(s, INTENTS_MAX + 1, NS_PER_MIN);
    in = read_at(s, INTENTS_MAX + 1, 2 * NS_PER_S);
    CU_ASSERT_EQUAL(in->number, INTENTS_MAX + 1);
    CU_ASSERT_EQUAL(in->intents.list[INTENTS_MAX - 1].number, INTENTS_MAX + 1);
    small_close(s);
}

TEST_MAIN("registry", TEST(numbers_intents_as_they_come),
          TEST(stating_again_keeps_the_number_alive), TEST(a_number_is_never_used_again),
          TEST(refuses_what_a_snapshot_cannot_show))
