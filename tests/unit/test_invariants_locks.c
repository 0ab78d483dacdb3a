/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "scenarios/words/plan.h"
#include "tests/support/invariant_case.h"

static void the_whole_story_breaks_nothing(void) {
    for (size_t i = 0; i < invariant_count; i++) HOLDS(invariants[i].name, no_twist);
}

static void order(struct tb *t, time_ns at, uint64_t op, int64_t token) {
    tb_deploy_order(t, at,
                    &(struct rec_deploy_order){.op = {op},
                                               .incident = {1},
                                               .service = {TB_PAYMENT},
                                               .revision = {2},
                                               .base = {1},
                                               .serving = {1},
                                               .token_epoch = 1,
                                               .token_number = token,
                                               .status = DEPLOY_ACCEPTED});
}
static void another_acts_between(struct tb *t, enum act act) {
    if (act == ACT_BEGUN) order(t, TB_S(19), 6, 4);
    if (act == ACT_HALF) t->lock_number = 3;
}
static void two_operations_interleave(void) {
    /* 5, then 6, then 5 twice more */
    CU_ASSERT_EQUAL(violations_of("mutual_exclusion", another_acts_between), 2);
}

static void asks_downwards(struct tb *t, enum act act) {
    if (act == ACT_LOCKED)
        TB_WANTS(t, TB_S(15), 0, lock_acquire, .op = {5}, .scope = SCOPE_SERVICE,
                 .name = TB_INVENTORY);
}
static void a_request_against_the_order(void) {
    CU_ASSERT_EQUAL(violations_of("lock_hierarchy", asks_downwards), 3);
}
static void asks_after_release(struct tb *t, enum act act) {
    if (act != ACT_CLOSED) return;
    TB_WANTS(t, TB_S(34), 0, lock_release, .op = {5}, .scope = SCOPE_DEPLOYMENT,
             .name = TB_PAYMENT);
    TB_WANTS(t, TB_S(34), 0, lock_release, .op = {5}, .scope = SCOPE_INCIDENT, .name = 1);
    TB_WANTS(t, TB_S(34), 0, lock_release, .op = {5}, .scope = SCOPE_SERVICE, .name = TB_PAYMENT);
    TB_WANTS(t, TB_S(35), 0, lock_acquire, .op = {5}, .scope = SCOPE_SERVICE, .name = TB_INVENTORY);
}
static void a_lower_request_after_all_is_released(void) {
    HOLDS("lock_hierarchy", asks_after_release);
}

static void a_stranger_releases(struct tb *t, enum act act) {
    if (act == ACT_LOCKED) tb_released(t, TB_S(15), 1, 8, SCOPE_INCIDENT, 1, 2);
}
static void a_release_by_another(void) {
    /* the stranger's, then the owner's own of a lock it no longer has */
    CU_ASSERT_EQUAL(violations_of("owner_releases", a_stranger_releases), 2);
}
static void renews_with_an_old_token(struct tb *t, enum act act) {
    if (act == ACT_LOCKED)
        tb_lock(t, TB_S(15),
                &(struct rec_lock){.op = {5},
                                   .scope = SCOPE_SERVICE,
                                   .name = TB_PAYMENT,
                                   .event = LOCK_RENEWED,
                                   .holder = {5},
                                   .token_epoch = 1,
                                   .token_number = 0,
                                   .expires_at = TB_S(400)});
}
static void a_renewal_by_an_old_token(void) { BREAKS("owner_releases", renews_with_an_old_token); }

static void the_counter_restarts(struct tb *t, enum act act) {
    if (act != ACT_CLOSED) return;
    t->lock_number = 0;
    tb_granted(t, TB_S(40), 1, 7, SCOPE_SERVICE, TB_PAYMENT);
}
static void a_token_counter_that_restarts(void) { BREAKS("token_monotone", the_counter_restarts); }

static void never_released(struct tb *t, enum act act) {
    if (act != ACT_PLANNED) return;
    tb_lock(t, 0,
            &(struct rec_lock){.op = {8},
                               .scope = SCOPE_SERVICE,
                               .name = TB_ORDER,
                               .event = LOCK_GRANTED,
                               .holder = {8},
                               .token_epoch = 1,
                               .token_number = 1,
                               .expires_at = TB_S(20)});
}
static void a_lock_beyond_its_expiry(void) { BREAKS("no_orphan_lock", never_released); }

static void granted_twice(struct tb *t, enum act act) {
    if (act == ACT_LOCKED) tb_granted(t, TB_S(15), 1, 7, SCOPE_SERVICE, TB_PAYMENT);
}
static void two_holders(void) { BREAKS("single_authority", granted_twice); }

/* A successor that does not know the first hold begins an epoch of its own. */
static void granted_by_two_authorities(struct tb *t, enum act act) {
    if (act == ACT_LOCKED)
        tb_lock(t, TB_S(15),
                &(struct rec_lock){.engine = 1,
                                   .op = {7},
                                   .scope = SCOPE_SERVICE,
                                   .name = TB_PAYMENT,
                                   .event = LOCK_GRANTED,
                                   .holder = {7},
                                   .token_epoch = 2,
                                   .token_number = 1,
                                   .expires_at = TB_S(400)});
    if (act == ACT_CLOSED)
        tb_lock(t, TB_S(40),
                &(struct rec_lock){.engine = 1,
                                   .op = {7},
                                   .scope = SCOPE_SERVICE,
                                   .name = TB_PAYMENT,
                                   .event = LOCK_RELEASED,
                                   .token_epoch = 2,
                                   .token_number = 1});
}
static void two_authorities(void) {
    HOLDS("single_authority", granted_by_two_authorities);
    HOLDS("token_monotone", granted_by_two_authorities);
    HOLDS("owner_releases", granted_by_two_authorities);
    HOLDS("acts_locked", granted_by_two_authorities);
}

/* ---- strain ---- */

static enum fault_kind straining;
static void kept_too_long_by_a_fault(struct tb *t, enum act act) {
    never_released(t, act);
    if (act != ACT_OPENED) return;
    tb_fault_planned(t, TB_S(12),
                     &(struct rec_fault_planned){.fault = 1,
                                                 .name = REC_STR("f"),
                                                 .kind = straining,
                                                 .begins_at = TB_S(12),
                                                 .ends_at = TIME_NEVER});
    tb_fault_on(t, TB_S(12), &(struct rec_fault_on){.fault = 1});
}
static uint32_t all_violations(story_twist twist, const char *name) {
    static struct violations found;
    struct tb t;
    struct facts facts;
    struct trace_error error;
    uint32_t count = 0;
    whole_story(&t, twist);
    memset(&found, 0, sizeof found);
    CU_ASSERT_FATAL(facts_read(t.bytes.data, t.bytes.size, &facts, &error));
    invariants_check(&facts, &found);
    for (uint32_t i = 0; i < found.count; i++) count += !strcmp(found.list[i].invariant, name);
    facts_free(&facts);
    tb_free(&t);
    return count;
}
static void a_fault_excuses_only_what_it_strains(void) {
    straining = FAULT_LOCK_EXPIRY_LATE;
    CU_ASSERT_EQUAL(all_violations(kept_too_long_by_a_fault, "no_orphan_lock"), 0);
    straining = FAULT_LOCK_EXPIRY_EARLY;
    CU_ASSERT_EQUAL(all_violations(kept_too_long_by_a_fault, "no_orphan_lock"), 1);
    CU_ASSERT_EQUAL(all_violations(never_released, "no_orphan_lock"), 1);
}

/* ---- waits ---- */

static void queued(struct tb *t, time_ns at, uint64_t op, int64_t name, uint64_t holder) {
    tb_lock(t, at,
            &(struct rec_lock){.op = {op},
                               .scope = SCOPE_SERVICE,
                               .name = name,
                               .event = LOCK_QUEUED,
                               .holder = {holder},
                               .queue = 1});
}
static void waits_in_a_circle(struct tb *t, enum act act) {
    if (act != ACT_LOCKED) return;
    tb_granted(t, TB_S(15), 1, 7, SCOPE_SERVICE, TB_ORDER);
    queued(t, TB_S(15), 7, TB_PAYMENT, 5);
    queued(t, TB_S(15), 5, TB_ORDER, 7);
}
static void a_deadlock(void) { BREAKS("no_deadlock", waits_in_a_circle); }
static void waits_in_a_row(struct tb *t, enum act act) {
    if (act != ACT_LOCKED) return;
    tb_granted(t, TB_S(15), 1, 7, SCOPE_SERVICE, TB_ORDER);
    queued(t, TB_S(15), 7, TB_PAYMENT, 5);
    queued(t, TB_S(15), 8, TB_ORDER, 7);
}
static void a_convoy_is_no_deadlock(void) { HOLDS("no_deadlock", waits_in_a_row); }

static void told_held(struct tb *t) {
    TB_TOLD(t, TB_S(35), 1, lock_reply, .op = {7}, .scope = SCOPE_SERVICE, .name = TB_PAYMENT,
            .result = LOCK_REPLY_HELD, .holder = {5}, .place = 1);
}
static void waits_for_ever(struct tb *t, enum act act) {
    if (act == ACT_CLOSED) told_held(t);
}
static void leaves_in_time(struct tb *t, enum act act) {
    if (act != ACT_CLOSED) return;
    told_held(t);
    TB_WANTS(t, TB_S(65), 1, lock_leave, .op = {7}, .scope = SCOPE_SERVICE, .name = TB_PAYMENT);
}
static void an_endless_wait(void) {
    BREAKS("bounded_wait", waits_for_ever);
    HOLDS("bounded_wait", leaves_in_time);
}

/* Operation 7 on order, which calls payment: number 2. */
static void a_neighbour(struct tb *t, int64_t number, int64_t state) {
    tb_registry(
        t, TB_S(15),
        &(struct rec_registry){.engine = 1, .op = {7}, .number = number, .service = {TB_ORDER}});
    TB_WANTS(t, TB_S(16), 1, report, .kind = REPORT_STATE, .incident = {2}, .op = {7},
             .service = {TB_ORDER}, .detail = state);
}
static void both_pass(struct tb *t, enum act act) {
    if (act == ACT_LOCKED) a_neighbour(t, 2, STATE_IN_PROGRESS);
}
static void the_second_waits(struct tb *t, enum act act) {
    if (act != ACT_LOCKED) return;
    a_neighbour(t, 2, STATE_PAUSED);
    TB_WANTS(t, TB_S(16), 1, notify, .message = 1, .reason = REASON_CONFLICT, .op = {7});
}
static void the_first_gives_way(struct tb *t, enum act act) {
    if (act != ACT_LOCKED) return;
    a_neighbour(t, 2, STATE_INIT);
    TB_WANTS(t, TB_S(16), 0, notify, .message = 1, .reason = REASON_CONFLICT, .op = {5});
}
static void engines_that_disagree(void) {
    BREAKS("registry_agrees", both_pass);
    BREAKS("registry_agrees", the_first_gives_way);
    HOLDS("registry_agrees", the_second_waits);
}

TEST_MAIN("invariants: locks", TEST(the_whole_story_breaks_nothing),
          TEST(two_operations_interleave), TEST(a_request_against_the_order),
          TEST(a_lower_request_after_all_is_released), TEST(a_release_by_another),
          TEST(a_renewal_by_an_old_token), TEST(a_token_counter_that_restarts),
          TEST(a_lock_beyond_its_expiry), TEST(two_holders), TEST(two_authorities),
          TEST(a_fault_excuses_only_what_it_strains), TEST(a_deadlock),
          TEST(a_convoy_is_no_deadlock), TEST(an_endless_wait), TEST(engines_that_disagree))
