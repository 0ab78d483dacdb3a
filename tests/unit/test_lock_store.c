/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/small_world.h"

static struct small_world *open_store(void) {
    struct small_world *s = small_new();
    s->plan.fault_count = ARRAY_LEN(s->faults); /* in the name of which operators lock */
    small_open(s);
    lock_store_open(&s->world, &s->arena);
    return s;
}

static struct op_id op(uint64_t n) { return (struct op_id){n}; }

/* Operation n belongs to engine n % SMALL_ENGINES. */
static void acquire(struct small_world *s, uint64_t n, int64_t name, time_ns ttl_ns,
                    int64_t request) {
    struct eng_effect e = {.kind = EFF_lock_acquire};
    e.lock_acquire = (struct eff_lock_acquire){.request = request,
                                               .op = op(n),
                                               .scope = SCOPE_SERVICE,
                                               .name = name,
                                               .ttl_ns = ttl_ns,
                                               .attempt = 1,
                                               .generation = request};
    network_send(&s->world, (uint32_t)(n % SMALL_ENGINES), &e);
}

static void renew(struct small_world *s, uint64_t n, int64_t name, time_ns ttl_ns, int64_t request,
                  int64_t token) {
    struct eng_effect e = {.kind = EFF_lock_renew};
    e.lock_renew = (struct eff_lock_renew){request, op(n), SCOPE_SERVICE, name, ttl_ns, 1, token};
    network_send(&s->world, (uint32_t)(n % SMALL_ENGINES), &e);
}

static void release(struct small_world *s, uint64_t n, int64_t name, int64_t request,
                    int64_t token) {
    struct eng_effect e = {.kind = EFF_lock_release};
    e.lock_release = (struct eff_lock_release){request, op(n), SCOPE_SERVICE, name, 1, token};
    network_send(&s->world, (uint32_t)(n % SMALL_ENGINES), &e);
}

static void leave(struct small_world *s, uint64_t n, int64_t name, int64_t request,
                  int64_t generation) {
    struct eng_effect e = {.kind = EFF_lock_leave};
    e.lock_leave = (struct eff_lock_leave){request, op(n), SCOPE_SERVICE, name, generation};
    network_send(&s->world, (uint32_t)(n % SMALL_ENGINES), &e);
}

static void query(struct small_world *s, uint64_t n, int64_t name, int64_t request) {
    struct eng_effect e = {.kind = EFF_lock_query};
    e.lock_query = (struct eff_lock_query){request, op(n), SCOPE_SERVICE, name};
    network_send(&s->world, (uint32_t)(n % SMALL_ENGINES), &e);
}

static const struct in_lock_reply *last(const struct small_world *s, uint32_t n) {
    return &small_last(s, n)->input.lock_reply;
}

/* ---- what it does ---- */

static void grants_queues_and_hands_on_in_order(void) {
    struct small_world *s = open_store();
    acquire(s, 1, 5, NS_PER_MIN, 11);
    acquire(s, 2, 5, NS_PER_MIN, 12);
    acquire(s, 3, 5, NS_PER_MIN, 13);
    small_run(s, NS_PER_S);
    CU_ASSERT_EQUAL(last(s, 2)->result, LOCK_REPLY_GRANTED);
    CU_ASSERT_EQUAL(last(s, 2)->expires_in_ns, NS_PER_MIN);
    CU_ASSERT_EQUAL(last(s, 1)->result, LOCK_REPLY_HELD);
    CU_ASSERT_EQUAL(last(s, 1)->place, 1);
    CU_ASSERT_EQUAL(last(s, 1)->holder.v, 1);
    CU_ASSERT_EQUAL(last(s, 0)->place, 2);
    int64_t token = last(s, 2)->token_number;
    release(s, 1, 5, 14, token);
    small_run(s, 2 * NS_PER_S);
    const struct in_lock_reply *granted = NULL;
    for (uint32_t i = 3; i < s->told_count; i++)
        if (s->told[i].input.lock_reply.request == 12) granted = &s->told[i].input.lock_reply;
    CU_ASSERT_FATAL(granted != NULL);
    CU_ASSERT_EQUAL(granted->result, LOCK_REPLY_GRANTED);
    CU_ASSERT_EQUAL(granted->generation, 12);
    CU_ASSERT(granted->token_number > token);
    CU_ASSERT_EQUAL(s->told_count, 5);
    small_close(s);
}

static void a_lost_grant_is_granted_again_with_its_token(void) {
    struct small_world *s = open_store();
    acquire(s, 1, 5, NS_PER_MIN, 11);
    small_run(s, 30 * NS_PER_S);
    int64_t token = last(s, 0)->token_number;
    acquire(s, 1, 5, NS_PER_MIN, 12);
    small_run(s, 31 * NS_PER_S);
    CU_ASSERT_EQUAL(last(s, 0)->result, LOCK_REPLY_GRANTED);
    CU_ASSERT_EQUAL(last(s, 0)->request, 12);
    CU_ASSERT_EQUAL(last(s, 0)->token_number, token);
    CU_ASSERT_EQUAL(small_records(s, REC_lock, 0, NULL), 2);
    small_close(s);
}

static void asking_anew_keeps_the_place_under_the_new_generation(void) {
    struct small_world *s = open_store();
    acquire(s, 1, 5, NS_PER_MIN, 11);
    acquire(s, 2, 5, NS_PER_MIN, 12);
    acquire(s, 3, 5, NS_PER_MIN, 13);
    acquire(s, 2, 5, NS_PER_MIN, 22);
    small_run(s, NS_PER_S);
    leave(s, 2, 5, 23, 12); /* of the former generation: does not end the new wait */
    small_run(s, 2 * NS_PER_S);
    CU_ASSERT_EQUAL(last(s, 0)->result, LOCK_REPLY_NOT_HOLDER);
    small_run(s, NS_PER_MIN);
    CU_ASSERT_EQUAL(last(s, 0)->result, LOCK_REPLY_GRANTED);
    CU_ASSERT_EQUAL(last(s, 0)->op.v, 2);
    CU_ASSERT_EQUAL(last(s, 0)->generation, 22);
    CU_ASSERT_EQUAL(small_last(s, 0)->at, NS_PER_MIN);
    small_close(s);
}

static void a_renewal_never_brings_a_lock_back(void) {
    struct small_world *s = open_store();
    acquire(s, 1, 5, NS_PER_S, 11);
    small_run(s, NS_PER_S);
    int64_t token = last(s, 0)->token_number;
    renew(s, 1, 5, NS_PER_S, 12, token);
    small_run(s, 2 * NS_PER_S);
    CU_ASSERT_EQUAL(last(s, 0)->result, LOCK_REPLY_NOT_HOLDER);
    query(s, 1, 5, 13);
    small_run(s, 3 * NS_PER_S);
    CU_ASSERT_EQUAL(last(s, 0)->result, LOCK_REPLY_FREE);
    CU_ASSERT_EQUAL(last(s, 0)->holder.v, NONE_ID64);
    small_close(s);
}

static void only_the_token_releases(void) {
    struct small_world *s = open_store();
    acquire(s, 1, 5, NS_PER_MIN, 11);
    small_run(s, NS_PER_S);
    int64_t token = last(s, 0)->token_number;
    release(s, 1, 5, 12, token + 1);
    release(s, 1, 6, 13, token);
    small_run(s, 2 * NS_PER_S);
    CU_ASSERT_EQUAL(last(s, 0)->result, LOCK_REPLY_NOT_HOLDER);
    CU_ASSERT_EQUAL(last(s, 1)->result, LOCK_REPLY_NOT_HOLDER);
    query(s, 2, 5, 14);
    small_run(s, 3 * NS_PER_S);
    CU_ASSERT_EQUAL(last(s, 0)->result, LOCK_REPLY_HELD);
    CU_ASSERT_EQUAL(last(s, 0)->expires_in_ns, NS_PER_MIN - 2 * NS_PER_S);
    CU_ASSERT_EQUAL(last(s, 0)->place, 0);
    small_close(s);
}

/* ---- ties: everything in the nanosecond in which a lease of one second ends ---- */

enum tie { TIE_RENEW, TIE_RELEASE, TIE_ACQUIRE, TIE_LEAVE, TIE_COUNT };

static struct small_world *tie_world(int64_t *token) {
    struct small_world *s = small_new();
    s->plan.times.link_ns = NS_PER_S / 4;
    small_open(s);
    lock_store_open(&s->world, &s->arena);
    acquire(s, 1, 5, NS_PER_S, 11); /* arrives at 0.25 s, ends at 1.25 s */
    acquire(s, 2, 5, NS_PER_S, 12);
    small_run(s, NS_PER_S);
    CU_ASSERT_EQUAL(s->told_count, 2);
    *token = s->told[0].input.lock_reply.token_number;
    return s;
}

static void tie_act(struct small_world *s, enum tie tie, int64_t token) {
    switch (tie) {
    case TIE_RENEW: renew(s, 1, 5, NS_PER_S, 21, token); break;
    case TIE_RELEASE: release(s, 1, 5, 22, token); break;
    case TIE_ACQUIRE: acquire(s, 3, 5, NS_PER_S, 23); break;
    case TIE_LEAVE: leave(s, 2, 5, 24, 12); break;
    case TIE_COUNT: UNREACHABLE();
    }
}

static const struct told *told_of(const struct small_world *s, int64_t request) {
    for (uint32_t i = s->told_count; i > 0; i--)
        if (s->told[i - 1].input.lock_reply.request == request) return &s->told[i - 1];
    return NULL;
}

static void what_arrives_as_a_lease_ends_still_counts(void) {
    int64_t token;
    struct small_world *s = tie_world(&token);
    tie_act(s, TIE_RENEW, token);
    small_run(s, 2 * NS_PER_S);
    CU_ASSERT_EQUAL(told_of(s, 21)->input.lock_reply.result, LOCK_REPLY_RENEWED);
    CU_ASSERT_EQUAL(told_of(s, 12)->input.lock_reply.result, LOCK_REPLY_HELD);
    small_run(s, 3 * NS_PER_S);
    CU_ASSERT_EQUAL(told_of(s, 12)->input.lock_reply.result, LOCK_REPLY_GRANTED);
    CU_ASSERT_EQUAL(told_of(s, 12)->at, NS_PER_S * 5 / 2);
    small_close(s);
}

/* In every order of sending, exactly one operation holds the lock after the tie, and each request
 * was answered. */
static void ties_end_with_one_holder(void) {
    for (int first = 0; first < TIE_COUNT; first++)
        for (int second = 0; second < TIE_COUNT; second++) {
            if (first == second) continue;
            int64_t token;
            struct small_world *s = tie_world(&token);
            tie_act(s, (enum tie)first, token);
            tie_act(s, (enum tie)second, token);
            small_run(s, NS_PER_S * 3 / 2);
            CU_ASSERT(told_of(s, 21 + first) && told_of(s, 21 + second));
            query(s, 1, 5, 30);
            small_run(s, 2 * NS_PER_S);
            const struct in_lock_reply *state = &told_of(s, 30)->input.lock_reply;
            bool renewed = (first == TIE_RENEW || second == TIE_RENEW) &&
                           told_of(s, 21)->input.lock_reply.result == LOCK_REPLY_RENEWED;
            bool left = (first == TIE_LEAVE || second == TIE_LEAVE) &&
                        told_of(s, 24)->input.lock_reply.result == LOCK_REPLY_CANCELLED;
            bool acquired = first == TIE_ACQUIRE || second == TIE_ACQUIRE;
            bool released = first == TIE_RELEASE || second == TIE_RELEASE;
            uint64_t expected = renewed && !released ? 1 : !left ? 2 : acquired ? 3 : NONE_ID64;
            CU_ASSERT_EQUAL(state->holder.v, expected);
            small_close(s);
        }
}

static void an_expiry_and_a_timer_of_the_same_nanosecond(void) {
    struct small_world *s = open_store();
    acquire(s, 1, 5, NS_PER_S, 11);
    acquire(s, 2, 5, NS_PER_S, 12);
    clock_arm(&s->world, 2, &(struct eff_arm_timer){1, 1, NS_PER_S});
    small_run(s, NS_PER_S);
    CU_ASSERT_EQUAL(s->told_count, 4);
    CU_ASSERT_EQUAL(s->told[2].input.kind, IN_timer_fired); /* the engine's node stands first */
    CU_ASSERT_EQUAL(s->told[3].input.lock_reply.result, LOCK_REPLY_GRANTED);
    CU_ASSERT_EQUAL(s->told[3].at, NS_PER_S);
    small_close(s);
}

/* ---- against a naive model ---- */

#define OPS   7
#define NAMES 3

struct model_lock {
    uint64_t holder, queue[OPS]; /* 0: nobody */
    int64_t token, request, generation, expires, waiting_request[OPS], waiting_ttl[OPS];
    uint32_t len;
};
struct model_reply {
    int64_t request, result, token, place;
    uint64_t op;
};
struct model {
    struct model_lock locks[NAMES];
    int64_t tokens;
    struct model_reply said[SMALL_TOLD_MAX];
    uint32_t count;
};

static void model_say(struct model *m, int64_t request, uint64_t n, int64_t result, int64_t token,
                      int64_t place) {
    m->said[m->count++] = (struct model_reply){request, result, token, place, n};
}

static void model_grant(struct model *m, struct model_lock *l, uint64_t n, int64_t request,
                        int64_t ttl, int64_t now) {
    l->holder = n;
    l->token = ++m->tokens;
    l->expires = now + ttl;
    model_say(m, request, n, LOCK_REPLY_GRANTED, l->token, 0);
}

static void model_remove(struct model_lock *l, uint32_t i) {
    for (; i + 1 < l->len; i++) {
        l->queue[i] = l->queue[i + 1];
        l->waiting_request[i] = l->waiting_request[i + 1];
        l->waiting_ttl[i] = l->waiting_ttl[i + 1];
    }
    l->len--;
}

static void model_free(struct model *m, struct model_lock *l, int64_t now) {
    l->holder = 0;
    if (l->len == 0) return;
    uint64_t n = l->queue[0];
    int64_t request = l->waiting_request[0], ttl = l->waiting_ttl[0];
    model_remove(l, 0);
    model_grant(m, l, n, request, ttl, now);
}

static uint32_t model_find(const struct model_lock *l, uint64_t n) {
    uint32_t i = 0;
    while (i < l->len && l->queue[i] != n) i++;
    return i;
}

static void model_acquire(struct model *m, struct model_lock *l, uint64_t n, int64_t ttl,
                          int64_t request, int64_t now) {
    if (!l->holder) {
        model_grant(m, l, n, request, ttl, now);
    } else if (l->holder == n) {
        l->expires = now + ttl;
        model_say(m, request, n, LOCK_REPLY_GRANTED, l->token, 0);
    } else {
        uint32_t i = model_find(l, n);
        if (i == l->len) l->queue[l->len++] = n;
        l->waiting_request[i] = request;
        l->waiting_ttl[i] = ttl;
        model_say(m, request, n, LOCK_REPLY_HELD, 0, i + 1);
    }
}

static void model_expire(struct model *m, int64_t now) {
    for (;;) { /* one after the other, the earliest first */
        struct model_lock *due = NULL;
        for (uint32_t i = 0; i < NAMES; i++)
            if (m->locks[i].holder && m->locks[i].expires <= now &&
                (!due || m->locks[i].expires < due->expires))
                due = &m->locks[i];
        if (!due) return;
        model_free(m, due, due->expires);
    }
}

static bool same_reply(const struct model_reply *m, const struct in_lock_reply *r) {
    return m->request == r->request && m->op == r->op.v && m->result == r->result &&
           m->token == r->token_number && m->place == r->place;
}

/* Replies to different engines at one instant come in the engines' order: compare as sets of
 * one instant by looking each up. */
static bool model_said(const struct model *m, uint32_t from, const struct in_lock_reply *r) {
    for (uint32_t i = from; i < m->count; i++)
        if (same_reply(&m->said[i], r)) return true;
    return false;
}

static void model_step(struct small_world *s, struct model *m, struct prng *luck, int64_t request,
                       int64_t now) {
    uint64_t n = 1 + prng_below(luck, OPS);
    int64_t name = (int64_t)prng_below(luck, NAMES);
    int64_t ttl = (int64_t)(1 + prng_below(luck, 40)) * 1000 + request % 997;
    struct model_lock *l = &m->locks[name];
    int64_t token = prng_below(luck, 4) ? l->token : l->token - 1;
    bool holds = l->holder && token == l->token;
    switch (prng_below(luck, 6)) {
    case 0:
        renew(s, n, name, ttl, request, token);
        if (holds) l->expires = now + ttl;
        model_say(m, request, n, holds ? LOCK_REPLY_RENEWED : LOCK_REPLY_NOT_HOLDER,
                  l->holder == n ? l->token : 0, 0);
        break;
    case 1:
        release(s, n, name, request, token);
        if (holds) model_free(m, l, now);
        model_say(m, request, n, holds ? LOCK_REPLY_RELEASED : LOCK_REPLY_NOT_HOLDER,
                  l->holder == n ? l->token : 0, 0);
        break;
    case 2: {
        uint32_t i = model_find(l, n);
        bool waits = i < l->len;
        leave(s, n, name, request, waits ? l->waiting_request[i] : 0);
        if (waits) model_remove(l, i);
        model_say(m, request, n, waits ? LOCK_REPLY_CANCELLED : LOCK_REPLY_NOT_HOLDER,
                  l->holder == n ? l->token : 0, 0);
        break;
    }
    default: acquire(s, n, name, ttl, request); model_acquire(m, l, n, ttl, request, now);
    }
}

static void agrees_with_a_naive_model(void) {
    static struct model m;
    for (uint64_t seed = 0; seed < 20; seed++) {
        memset(&m, 0, sizeof m);
        struct small_world *s = open_store();
        struct prng luck = prng_named(seed, "lock-store-test", 0);
        for (int64_t i = 1; i <= 1500; i++) {
            int64_t now = i * 2000;
            small_run(s, now);
            model_expire(&m, now);
            uint32_t told = s->told_count, said = m.count;
            model_step(s, &m, &luck, i, now);
            small_run(s, now);
            CU_ASSERT_EQUAL(s->told_count - told, m.count - said);
            for (uint32_t k = told; k < s->told_count; k++)
                CU_ASSERT(model_said(&m, said, &s->told[k].input.lock_reply));
        }
        CU_ASSERT_EQUAL(s->told_count, m.count);
        for (uint32_t k = 0; k < s->told_count; k++)
            CU_ASSERT(model_said(&m, 0, &s->told[k].input.lock_reply));
        small_close(s);
    }
}

static void an_operator_holds_without_a_lease_and_hands_on(void) {
    struct small_world *s = open_store();
    lock_store_seize(&s->world, 2, SCOPE_SERVICE, 9);
    acquire(s, 1, 9, 10 * NS_PER_S, 1);
    small_run(s, 2 * NS_PER_HOUR);
    CU_ASSERT_EQUAL(last(s, 0)->result, LOCK_REPLY_HELD);
    CU_ASSERT_EQUAL(last(s, 0)->place, 1);
    CU_ASSERT_EQUAL(last(s, 0)->holder.v >> 48, 0xFFFE);
    leave(s, 1, 9, 2, 1);
    acquire(s, 4, 9, 10 * NS_PER_S, 3);
    small_run(s, 2 * NS_PER_HOUR + 1);
    CU_ASSERT_EQUAL(lock_store_give_back(&s->world, 2), 2);
    small_run(s, 2 * NS_PER_HOUR + 2);
    CU_ASSERT_EQUAL(last(s, 0)->result, LOCK_REPLY_GRANTED);
    CU_ASSERT_EQUAL(last(s, 0)->op.v, 4);
    CU_ASSERT_EQUAL(s->told_count, 4); /* of the operator's own grant nobody was told */
    small_close(s);
}

static void an_operator_queues_as_anyone(void) {
    struct small_world *s = open_store();
    acquire(s, 1, 9, 10 * NS_PER_S, 1);
    small_run(s, NS_PER_S);
    lock_store_seize(&s->world, 0, SCOPE_SERVICE, 9);
    lock_store_seize(&s->world, 1, SCOPE_SERVICE, 9);
    CU_ASSERT_EQUAL(lock_store_give_back(&s->world, 1), 0); /* gives up waiting */
    int64_t event;
    small_records(s, REC_lock, 4, &event);
    CU_ASSERT_EQUAL(event, LOCK_LEFT);
    release(s, 1, 9, 2, 1);
    small_run(s, 2 * NS_PER_S);
    small_records(s, REC_lock, 4, &event);
    CU_ASSERT_EQUAL(event, LOCK_GRANTED);
    acquire(s, 2, 9, 10 * NS_PER_S, 3);
    small_run(s, 3 * NS_PER_S);
    CU_ASSERT_EQUAL(last(s, 0)->result, LOCK_REPLY_HELD);
    CU_ASSERT_EQUAL(lock_store_give_back(&s->world, 0), 1);
    small_close(s);
}

TEST_MAIN("lock store", TEST(grants_queues_and_hands_on_in_order),
          TEST(a_lost_grant_is_granted_again_with_its_token),
          TEST(asking_anew_keeps_the_place_under_the_new_generation),
          TEST(a_renewal_never_brings_a_lock_back), TEST(only_the_token_releases),
          TEST(what_arrives_as_a_lease_ends_still_counts), TEST(ties_end_with_one_holder),
          TEST(an_expiry_and_a_timer_of_the_same_nanosecond),
          TEST(an_operator_holds_without_a_lease_and_hands_on), TEST(an_operator_queues_as_anyone),
          TEST(agrees_with_a_naive_model))
