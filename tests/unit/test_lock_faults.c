/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kinds of lock store, and what can go wrong with one: each fault by what a client sees of it, and
 * by its account of itself. */
#include "tests/unit/small_world.h"

static struct plan_fault on_store(enum fault_kind kind, int64_t value, time_ns at, time_ns lasts) {
    return (struct plan_fault){.kind = kind,
                               .name = "f",
                               .at = at,
                               .lasts_ns = lasts,
                               .service = {5},
                               .value = value,
                               .exception = "",
                               .file = ""};
}

static struct small_world *open_with(enum backend backend, const struct plan_fault *fault) {
    struct small_world *s = small_new();
    s->plan.lock_backend = backend;
    s->plan.fault_count = fault ? 1 : 0;
    if (fault) s->faults[0] = *fault;
    small_open(s);
    lock_store_open(&s->world, &s->arena);
    fault_open(&s->world, &s->arena);
    fault_start(&s->world);
    return s;
}

static void post(struct small_world *s, uint64_t op, const struct eng_effect *e, time_ns until) {
    network_send(&s->world, (uint32_t)(op % SMALL_ENGINES), e);
    small_run(s, until);
}

static void acquire(struct small_world *s, uint64_t op, time_ns ttl, time_ns until) {
    struct eng_effect e = {.kind = EFF_lock_acquire};
    e.lock_acquire = (struct eff_lock_acquire){.request = (int64_t)op,
                                               .op = {op},
                                               .scope = SCOPE_SERVICE,
                                               .name = 5,
                                               .ttl_ns = ttl,
                                               .attempt = 1,
                                               .generation = 1};
    post(s, op, &e, until);
}
static void renew(struct small_world *s, uint64_t op, const struct in_lock_reply *held, time_ns ttl,
                  time_ns until) {
    struct eng_effect e = {.kind = EFF_lock_renew};
    e.lock_renew = (struct eff_lock_renew){
        100 + (int64_t)op, {op}, SCOPE_SERVICE, 5, ttl, held->token_epoch, held->token_number};
    post(s, op, &e, until);
}
static void release(struct small_world *s, uint64_t op, const struct in_lock_reply *held,
                    time_ns until) {
    struct eng_effect e = {.kind = EFF_lock_release};
    e.lock_release = (struct eff_lock_release){
        200 + (int64_t)op, {op}, SCOPE_SERVICE, 5, held->token_epoch, held->token_number};
    post(s, op, &e, until);
}
static void ask(struct small_world *s, uint64_t op, time_ns until) {
    struct eng_effect e = {.kind = EFF_lock_query};
    e.lock_query = (struct eff_lock_query){300 + (int64_t)op, {op}, SCOPE_SERVICE, 5};
    post(s, op, &e, until);
}

/* The newest answer to an operation; a result that none has when there is none. */
static struct in_lock_reply told(const struct small_world *s, uint64_t op) {
    for (uint32_t i = s->told_count; i > 0; i--) {
        const struct eng_input *in = &s->told[i - 1].input;
        if (in->kind == IN_lock_reply && in->lock_reply.op.v == op) return in->lock_reply;
    }
    return (struct in_lock_reply){.result = LOCK_REPLY_COUNT};
}
static time_ns told_at(const struct small_world *s, uint64_t op) {
    for (uint32_t i = s->told_count; i > 0; i--)
        if (s->told[i - 1].input.lock_reply.op.v == op) return s->told[i - 1].at;
    return -1;
}

/* Heals, and says how often the fault acted by its own account. */
static int64_t fired(struct small_world *s) {
    int64_t count = -1;
    fault_heal_all(&s->world);
    CU_ASSERT_EQUAL(small_records(s, REC_fault_off, 1, &count), 1);
    if (count > 0) CU_ASSERT(small_records(s, REC_fault_acted, 0, NULL) >= 1);
    return count;
}

/* ---- kinds ---- */

static void redis_ends_a_lease_at_its_millisecond(void) {
    struct small_world *s = open_with(BACKEND_REDIS, NULL);
    acquire(s, 1, 1300 * NS_PER_MS, 0);
    acquire(s, 2, NS_PER_MIN, 10 * NS_PER_S);
    CU_ASSERT_EQUAL(told(s, 2).result, LOCK_REPLY_GRANTED);
    CU_ASSERT_EQUAL(told_at(s, 2), 1300 * NS_PER_MS);
    small_close(s);
}

static void etcd_leases_are_whole_seconds_seen_every_half(void) {
    struct small_world *s = open_with(BACKEND_ETCD, NULL);
    small_run(s, 200 * NS_PER_MS);
    acquire(s, 1, 2100 * NS_PER_MS, 200 * NS_PER_MS);
    CU_ASSERT_EQUAL(told(s, 1).expires_in_ns, 3 * NS_PER_S);
    acquire(s, 2, NS_PER_MIN, 10 * NS_PER_S);
    CU_ASSERT_EQUAL(told_at(s, 2), 3500 * NS_PER_MS);                 /* 3.2 s, at the next look */
    CU_ASSERT(told(s, 2).token_number > told(s, 1).token_number + 1); /* a queue entry is a write */
    small_close(s);
}

static void a_file_is_held_until_its_holder_ends(void) {
    struct small_world *s = open_with(BACKEND_FILE, NULL);
    acquire(s, 1, NS_PER_S, 0);
    acquire(s, 2, NS_PER_S, 3 * NS_PER_HOUR);
    CU_ASSERT_EQUAL(told(s, 2).result, LOCK_REPLY_HELD);
    lock_store_process_ended(&s->world, 2); /* who waits, waits no longer */
    lock_store_process_ended(&s->world, 1);
    small_run(s, 4 * NS_PER_HOUR);
    CU_ASSERT_EQUAL(told(s, 2).result, LOCK_REPLY_HELD);
    acquire(s, 3, NS_PER_S, 4 * NS_PER_HOUR);
    CU_ASSERT_EQUAL(told(s, 3).result, LOCK_REPLY_GRANTED);
    CU_ASSERT(told(s, 3).token_number > told(s, 1).token_number);
    small_close(s);
}

static void a_process_that_ends_frees_nothing_in_redis(void) {
    struct small_world *s = open_with(BACKEND_REDIS, NULL);
    acquire(s, 1, NS_PER_MIN, 0);
    lock_store_process_ended(&s->world, 1);
    acquire(s, 2, NS_PER_S, NS_PER_S);
    CU_ASSERT_EQUAL(told(s, 2).result, LOCK_REPLY_HELD);
    small_close(s);
}

/* ---- leases ---- */

static void leases_end_early_or_late(void) {
    static const struct {
        enum fault_kind kind;
        time_ns ends;
    } cases[] = {{FAULT_LOCK_EXPIRY_EARLY, 7 * NS_PER_S}, {FAULT_LOCK_EXPIRY_LATE, 13 * NS_PER_S}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct plan_fault f = on_store(cases[i].kind, 3 * NS_PER_S, 0, TIME_NEVER);
        struct small_world *s = open_with(BACKEND_REDIS, &f);
        small_run(s, 0);
        acquire(s, 1, 10 * NS_PER_S, 0);
        acquire(s, 2, NS_PER_MIN, NS_PER_MIN);
        CU_ASSERT_EQUAL(told(s, 1).expires_in_ns, 10 * NS_PER_S); /* what the holder was told */
        CU_ASSERT_EQUAL(told_at(s, 2), cases[i].ends);
        CU_ASSERT_EQUAL(fired(s), 2);
        small_close(s);
    }
}

static void a_renewal_is_lost_on_its_way_or_back(void) {
    for (int back = 0; back < 2; back++) {
        struct plan_fault f = on_store(
            back ? FAULT_LOCK_RENEWAL_REPLY_LOST : FAULT_LOCK_RENEWAL_LOST, 1, 0, TIME_NEVER);
        struct small_world *s = open_with(BACKEND_REDIS, &f);
        small_run(s, 0);
        acquire(s, 1, 10 * NS_PER_S, 0);
        struct in_lock_reply held = told(s, 1);
        renew(s, 1, &held, 60 * NS_PER_S, 9 * NS_PER_S);
        CU_ASSERT_EQUAL(told(s, 1).result, LOCK_REPLY_GRANTED); /* no answer */
        ask(s, 2, 11 * NS_PER_S);
        ask(s, 2, 11 * NS_PER_S);
        CU_ASSERT_EQUAL(told(s, 2).result, back ? LOCK_REPLY_HELD : LOCK_REPLY_FREE);
        CU_ASSERT_EQUAL(small_records(s, REC_dropped, 0, NULL), 1);
        CU_ASSERT_EQUAL(fired(s), 1);
        small_close(s);
    }
}

static void a_grant_is_lost_held_and_unknown(void) {
    struct plan_fault f = on_store(FAULT_LOCK_GRANT_LOST, 1, 0, TIME_NEVER);
    struct small_world *s = open_with(BACKEND_REDIS, &f);
    small_run(s, 0);
    acquire(s, 1, 10 * NS_PER_S, NS_PER_S);
    CU_ASSERT_EQUAL(told(s, 1).result, LOCK_REPLY_COUNT);
    acquire(s, 2, NS_PER_S, 2 * NS_PER_S);
    CU_ASSERT_EQUAL(told(s, 2).result, LOCK_REPLY_HELD);
    acquire(s, 1, 10 * NS_PER_S, 3 * NS_PER_S); /* asks again: the same hold, and now it knows */
    CU_ASSERT_EQUAL(told(s, 1).result, LOCK_REPLY_GRANTED);
    CU_ASSERT_EQUAL(told(s, 1).token_number, 1);
    CU_ASSERT_EQUAL(fired(s), 1);
    small_close(s);
}

/* ---- successors ---- */

static void a_redis_successor_lacks_the_last_write(void) {
    struct plan_fault f = on_store(FAULT_LOCK_FAILOVER, 1, 2 * NS_PER_S, TIME_NEVER);
    struct small_world *s = open_with(BACKEND_REDIS, &f);
    acquire(s, 1, NS_PER_MIN, NS_PER_S);
    struct in_lock_reply first = told(s, 1);
    small_run(s, 3 * NS_PER_S);
    acquire(s, 2, NS_PER_MIN, 4 * NS_PER_S);
    CU_ASSERT_EQUAL(told(s, 2).result, LOCK_REPLY_COUNT); /* silent while one is elected */
    small_run(s, 5 * NS_PER_S);
    acquire(s, 2, NS_PER_MIN, 6 * NS_PER_S);
    CU_ASSERT_EQUAL(told(s, 2).result, LOCK_REPLY_GRANTED); /* the first is forgotten */
    CU_ASSERT_EQUAL(told(s, 2).token_epoch, first.token_epoch + 1);
    renew(s, 1, &first, NS_PER_MIN, 7 * NS_PER_S);
    CU_ASSERT_EQUAL(told(s, 1).result, LOCK_REPLY_NOT_HOLDER);
    CU_ASSERT_EQUAL(fired(s), 1);
    small_close(s);
}

static void a_released_lock_comes_back_with_a_successor(void) {
    struct plan_fault f = on_store(FAULT_LOCK_FAILOVER, 1, 2 * NS_PER_S, TIME_NEVER);
    struct small_world *s = open_with(BACKEND_REDIS, &f);
    acquire(s, 1, 30 * NS_PER_S, NS_PER_S);
    struct in_lock_reply first = told(s, 1);
    release(s, 1, &first, 6 * NS_PER_S);
    acquire(s, 2, NS_PER_MIN, 7 * NS_PER_S);
    CU_ASSERT_EQUAL(told(s, 2).result, LOCK_REPLY_HELD); /* by whom nobody is any more */
    small_run(s, NS_PER_MIN);
    CU_ASSERT_EQUAL(told_at(s, 2), 30 * NS_PER_S); /* until its lease ends */
    small_close(s);
}

static void an_etcd_leader_forgets_nothing_and_prolongs(void) {
    struct plan_fault f = on_store(FAULT_LOCK_FAILOVER, 0, 2 * NS_PER_S, TIME_NEVER);
    struct small_world *s = open_with(BACKEND_ETCD, &f);
    acquire(s, 1, 3 * NS_PER_S, NS_PER_S);
    struct in_lock_reply first = told(s, 1);
    small_run(s, 4100 * NS_PER_MS);
    acquire(s, 2, NS_PER_MIN, 20 * NS_PER_S);
    /* begun anew at 4.05 s, seen at the next half second: a 3 s lease lives 7.5 s */
    CU_ASSERT_EQUAL(told_at(s, 2), 7500 * NS_PER_MS);
    CU_ASSERT_EQUAL(told(s, 2).token_epoch, first.token_epoch);
    CU_ASSERT(told(s, 2).token_number > first.token_number);
    CU_ASSERT_EQUAL(fired(s), 1);
    small_close(s);
}

static void without_a_quorum_only_reads_are_answered(void) {
    struct plan_fault f = on_store(FAULT_LOCK_QUORUM_LOST, 0, NS_PER_S, 10 * NS_PER_S);
    struct small_world *s = open_with(BACKEND_ETCD, &f);
    small_run(s, 2 * NS_PER_S);
    acquire(s, 1, NS_PER_MIN, 5 * NS_PER_S);
    CU_ASSERT_EQUAL(told(s, 1).result, LOCK_REPLY_COUNT);
    ask(s, 2, 6 * NS_PER_S);
    CU_ASSERT_EQUAL(told(s, 2).result, LOCK_REPLY_FREE);
    small_run(s, 12 * NS_PER_S);
    acquire(s, 1, NS_PER_MIN, 13 * NS_PER_S);
    CU_ASSERT_EQUAL(told(s, 1).result, LOCK_REPLY_GRANTED);
    CU_ASSERT_EQUAL(small_records(s, REC_dropped, 0, NULL), 1);
    small_close(s);
}

static void two_primaries_grant_and_one_is_forgotten(void) {
    struct plan_fault f = on_store(FAULT_LOCK_SPLIT_BRAIN, 0, NS_PER_S, 10 * NS_PER_S);
    f.from = 1;
    struct small_world *s = open_with(BACKEND_REDIS, &f);
    small_run(s, 2 * NS_PER_S);
    acquire(s, 1, NS_PER_MIN, 3 * NS_PER_S);
    acquire(s, 2, NS_PER_MIN, 4 * NS_PER_S);
    struct in_lock_reply old = told(s, 1), new = told(s, 2);
    CU_ASSERT_EQUAL(old.result, LOCK_REPLY_GRANTED);
    CU_ASSERT_EQUAL(new.result, LOCK_REPLY_GRANTED);
    CU_ASSERT_EQUAL(new.token_epoch, old.token_epoch + 1); /* which is what fences the other */
    renew(s, 1, &old, NS_PER_MIN, 5 * NS_PER_S);
    CU_ASSERT_EQUAL(told(s, 1).result, LOCK_REPLY_RENEWED);
    small_run(s, 12 * NS_PER_S);
    renew(s, 1, &old, NS_PER_MIN, 13 * NS_PER_S);
    CU_ASSERT_EQUAL(told(s, 1).result, LOCK_REPLY_NOT_HOLDER);
    renew(s, 2, &new, NS_PER_MIN, 14 * NS_PER_S);
    CU_ASSERT_EQUAL(told(s, 2).result, LOCK_REPLY_RENEWED);
    int64_t count = -1;
    CU_ASSERT_EQUAL(small_records(s, REC_fault_off, 1, &count), 1);
    CU_ASSERT_EQUAL(count, 2); /* the split, and the lock that is gone */
    small_close(s);
}

/* ---- reads, delays, strangers ---- */

static void intents(struct small_world *s, uint64_t op, bool state, time_ns until) {
    struct eng_effect e = {.kind = state ? EFF_registry_register : EFF_registry_read};
    if (state)
        e.registry_register = (struct eff_registry_register){.op = {op}, .ttl_ns = NS_PER_MIN};
    else
        e.registry_read.op.v = op;
    post(s, op, &e, until);
}

static void withdraw(struct small_world *s, uint64_t op, time_ns until) {
    struct eng_effect e = {.kind = EFF_registry_remove};
    e.registry_remove.op.v = op;
    post(s, op, &e, until);
}

/* The last write was that the first operation's intent is gone. */
static void a_successor_still_knows_an_intent(void) {
    struct plan_fault f = on_store(FAULT_LOCK_FAILOVER, 1, 3 * NS_PER_S, TIME_NEVER);
    struct small_world *s = open_with(BACKEND_REDIS, &f);
    int64_t event = -1;
    intents(s, 1, true, NS_PER_S);
    withdraw(s, 1, 2 * NS_PER_S);
    CU_ASSERT_EQUAL(small_records(s, REC_registry, 2, &event), 2);
    CU_ASSERT_EQUAL(event, REGISTRY_REMOVED);
    small_run(s, 10 * NS_PER_S);
    CU_ASSERT_EQUAL(small_records(s, REC_registry, 2, &event), 3);
    CU_ASSERT_EQUAL(event, REGISTRY_RETURNED);
    small_close(s);
}

/* The last write was an intent: nobody is told that it is gone. */
static void a_successor_does_not_know_an_intent(void) {
    struct plan_fault f = on_store(FAULT_LOCK_FAILOVER, 1, 3 * NS_PER_S, TIME_NEVER);
    struct small_world *s = open_with(BACKEND_REDIS, &f);
    int64_t event = -1;
    intents(s, 1, true, 10 * NS_PER_S);
    CU_ASSERT_EQUAL(small_records(s, REC_registry, 2, &event), 2);
    CU_ASSERT_EQUAL(event, REGISTRY_FORGOTTEN);
    small_close(s);
}

static void a_stale_read_hides_what_others_stated(void) {
    struct plan_fault f = on_store(FAULT_LOCK_STALE_READ, 2 * NS_PER_S, 0, TIME_NEVER);
    struct small_world *s = open_with(BACKEND_REDIS, &f);
    intents(s, 1, true, NS_PER_S);
    intents(s, 2, true, NS_PER_S + 1);
    const struct in_registry_snapshot *in = &small_last(s, 0)->input.registry_snapshot;
    CU_ASSERT_EQUAL(in->number, 2);
    CU_ASSERT_EQUAL(in->intents.count, 1);
    intents(s, 2, false, 3 * NS_PER_S);
    intents(s, 2, false, 3 * NS_PER_S);
    CU_ASSERT_EQUAL(small_last(s, 0)->input.registry_snapshot.intents.count, 2);
    CU_ASSERT(fired(s) >= 1);
    small_close(s);
}

static void a_slow_store_answers_late(void) {
    struct plan_fault f = on_store(FAULT_LOCK_STORE_SLOW, 3 * NS_PER_S, 0, TIME_NEVER);
    struct small_world *s = open_with(BACKEND_REDIS, &f);
    small_run(s, 0);
    acquire(s, 1, NS_PER_MIN, 10 * NS_PER_S);
    CU_ASSERT_EQUAL(told_at(s, 1), 3 * NS_PER_S);
    int64_t count = -1;
    fault_heal_all(&s->world);
    small_records(s, REC_fault_off, 1, &count);
    CU_ASSERT_EQUAL(count, 1);
    small_close(s);
}

static void tokens_go_back_after_a_restore(void) {
    struct plan_fault f = on_store(FAULT_LOCK_TOKEN_REGRESS, 3, NS_PER_S, TIME_NEVER);
    struct small_world *s = open_with(BACKEND_REDIS, &f);
    for (uint64_t op = 1; op <= 3; op++) {
        acquire(s, op, NS_PER_MIN, 0);
        struct in_lock_reply held = told(s, op);
        release(s, op, &held, 0);
    }
    small_run(s, 2 * NS_PER_S);
    acquire(s, 4, NS_PER_MIN, 2 * NS_PER_S);
    CU_ASSERT_EQUAL(told(s, 4).token_number, 1);
    CU_ASSERT_EQUAL(fired(s), 1);
    small_close(s);
}

static void a_stranger_deletes_what_is_held(void) {
    struct plan_fault f = on_store(FAULT_LOCK_DELETED, 0, NS_PER_S, TIME_NEVER);
    struct small_world *s = open_with(BACKEND_REDIS, &f);
    acquire(s, 1, NS_PER_MIN, 0);
    struct in_lock_reply held = told(s, 1);
    acquire(s, 2, NS_PER_MIN, 2 * NS_PER_S);
    CU_ASSERT_EQUAL(told_at(s, 2), NS_PER_S);
    release(s, 1, &held, 3 * NS_PER_S);
    CU_ASSERT_EQUAL(told(s, 1).result, LOCK_REPLY_NOT_HOLDER);
    CU_ASSERT_EQUAL(fired(s), 1);
    small_close(s);
    s = open_with(BACKEND_REDIS, &f); /* of a lock that nobody holds there is nothing to delete */
    small_run(s, 2 * NS_PER_S);
    CU_ASSERT_EQUAL(fired(s), 0);
    small_close(s);
}

static void an_operators_word_frees_it(void) {
    struct small_world *s = open_with(BACKEND_REDIS, NULL);
    acquire(s, 1, NS_PER_HOUR, 0);
    acquire(s, 2, NS_PER_HOUR, 0);
    struct eng_effect e = {.kind = EFF_lock_force};
    e.lock_force = (struct eff_lock_force){9, SCOPE_SERVICE, 5};
    post(s, 0, &e, NS_PER_S);
    CU_ASSERT_EQUAL(told(s, 2).result, LOCK_REPLY_GRANTED);
    CU_ASSERT_EQUAL(told(s, 0).result, LOCK_REPLY_RELEASED);
    int64_t event = -1;
    CU_ASSERT_EQUAL(small_records(s, REC_lock, 4, &event), 4);
    small_close(s);
}

TEST_MAIN("lock faults", TEST(redis_ends_a_lease_at_its_millisecond),
          TEST(etcd_leases_are_whole_seconds_seen_every_half),
          TEST(a_file_is_held_until_its_holder_ends),
          TEST(a_process_that_ends_frees_nothing_in_redis), TEST(leases_end_early_or_late),
          TEST(a_renewal_is_lost_on_its_way_or_back), TEST(a_grant_is_lost_held_and_unknown),
          TEST(a_redis_successor_lacks_the_last_write),
          TEST(a_released_lock_comes_back_with_a_successor),
          TEST(an_etcd_leader_forgets_nothing_and_prolongs),
          TEST(without_a_quorum_only_reads_are_answered),
          TEST(two_primaries_grant_and_one_is_forgotten), TEST(a_successor_still_knows_an_intent),
          TEST(a_successor_does_not_know_an_intent), TEST(a_stale_read_hides_what_others_stated),
          TEST(a_slow_store_answers_late), TEST(tokens_go_back_after_a_restore),
          TEST(a_stranger_deletes_what_is_held), TEST(an_operators_word_frees_it))
