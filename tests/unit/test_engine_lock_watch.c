/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is looked at around the locks: their order, waits in a circle, how they are. */
#include "engine/core.h"
#include "tests/support/engine_test.h"

#define S NS_PER_S

/* ---- order ---- */

static struct op holding(enum lock_scope scope, int64_t name) {
    struct op op = {0};
    op.lock[1] = (struct op_lock){.scope = scope, .name = name, .held = true};
    return op;
}
static bool breaks(enum lock_scope held, int64_t held_name, enum lock_scope scope, int64_t name) {
    struct op op = holding(held, held_name);
    struct op_lock wanted = {.scope = scope, .name = name};
    struct text why = {0};
    bool broken = lock_order_broken(&op, &wanted, &why) != NULL;
    CU_ASSERT_EQUAL(broken, why.len > 0);
    return broken;
}
static void locks_go_up_by_scope_then_by_name(void) {
    for (int held = SCOPE_SYSTEM; held < SCOPE_COUNT; held++)
        for (int asked = SCOPE_SYSTEM; asked < SCOPE_COUNT; asked++)
            for (int64_t name = 1; name <= 3; name++)
                CU_ASSERT_EQUAL(breaks((enum lock_scope)held, 2, (enum lock_scope)asked, name),
                                asked < held || (asked == held && name <= 2));
}
static void a_refusal_names_both(void) {
    struct op op = holding(SCOPE_INCIDENT, 7);
    struct op_lock wanted = {.scope = SCOPE_SERVICE, .name = 3};
    struct text why = {0};
    CU_ASSERT_PTR_EQUAL(lock_order_broken(&op, &wanted, &why), &op.lock[1]);
    CU_ASSERT_STRING_EQUAL(why.s, "asks for SERVICE 3 while it holds INCIDENT 7: the order is "
                                  "SYSTEM, SERVICE, INCIDENT, DEPLOYMENT, then by name");
}

/* ---- waits in a circle: handmade, since the order leaves none ---- */

/* Each of the engine's operations is told that the next one holds its SERVICE lock, the last that
 * the first does. */
static uint64_t last_in_circle;
static enum rig_answer held_in_a_circle(struct rig *rig, const struct eng_effect *effect,
                                        struct eng_input *answer) {
    const struct eff_lock_acquire *a = &effect->lock_acquire;
    if (effect->kind != EFF_lock_acquire || a->scope != SCOPE_SERVICE) return RIG_FRIENDLY;
    uint64_t first = rig_op(rig, 0).v, number = a->op.v - first;
    answer->kind = IN_lock_reply;
    answer->lock_reply =
        (struct in_lock_reply){.request = a->request,
                               .op = a->op,
                               .scope = a->scope,
                               .name = a->name,
                               .result = LOCK_REPLY_HELD,
                               .generation = a->generation,
                               .holder = {number == last_in_circle ? first : a->op.v + 1},
                               .expires_in_ns = 300 * S,
                               .place = 1};
    return RIG_MINE;
}

static void open_two(struct rig *rig) {
    rig->hook = held_in_a_circle;
    rig_alert(rig, PAYMENT, SYMPTOM_ERRORS, true);
    rig_run(rig, S);
    rig->culprit = SEARCH;
    rig_alert(rig, SEARCH, SYMPTOM_ERRORS, true);
    rig_run(rig, S);
}

static void the_youngest_of_a_circle_lets_go(void) {
    RIG(rig);
    last_in_circle = 1;
    open_two(&rig);
    CU_ASSERT(rig_audited(&rig, CATEGORY_LOCK_OPERATION, "deadlock"));
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TELL, REASON_LOCK_TIMEOUT), 1);
    CU_ASSERT_EQUAL_FATAL(rig_count(&rig, EFF_lock_leave), 1);
    CU_ASSERT_EQUAL(rig_last(&rig, EFF_lock_leave)->lock_leave.op.v, rig_op(&rig, 1).v);
    rig.hook = NULL;
    rig_run(&rig, 6 * S); /* it comes again after the first backoff */
    CU_ASSERT(rig_entries(&rig, STATE_LOCKED) >= 1);
    CLOSE(rig);
}

static void or_a_person_is_asked(void) {
    RIG(rig);
    rig.config.locking.deadlock_release = false;
    last_in_circle = 1;
    open_two(&rig);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TAKE_OVER, REASON_LOCK_TIMEOUT), 1);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_PAUSED);
    CLOSE(rig);
}

static void no_circle_is_no_deadlock(void) {
    RIG(rig);
    last_in_circle = 7; /* the second waits for one that is not there */
    open_two(&rig);
    CU_ASSERT_FALSE(rig_audited(&rig, CATEGORY_LOCK_OPERATION, "deadlock"));
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_lock_leave), 0);
    CLOSE(rig);
}

static void who_does_not_watch_finds_none(void) {
    RIG(rig);
    rig.config.locking.deadlock_watch = false;
    last_in_circle = 1;
    open_two(&rig);
    CU_ASSERT_FALSE(rig_audited(&rig, CATEGORY_LOCK_OPERATION, "deadlock"));
    CLOSE(rig);
}

/* ---- health ---- */

static void locks_say_how_they_are(void) {
    RIG(rig);
    struct eng_lock_health health[8];
    rig_alert(&rig, PAYMENT, SYMPTOM_ERRORS, true);
    while (rig_entries(&rig, STATE_IN_PROGRESS) == 0 && rig_next(&rig)) {}
    rig_run(&rig, 2 * S);
    CU_ASSERT_EQUAL_FATAL(eng_lock_health(rig.engine, health, 8), 3);
    CU_ASSERT_EQUAL(eng_lock_health(rig.engine, health, 2), 2);
    CU_ASSERT_EQUAL(health[0].scope, SCOPE_SERVICE);
    CU_ASSERT_EQUAL(health[0].name, PAYMENT.v);
    CU_ASSERT(health[0].held);
    CU_ASSERT(health[0].age_ns >= S && health[0].age_ns < 3 * S);
    CU_ASSERT(health[0].left_ns > 260 * S && health[0].left_ns < 270 * S); /* less the margin */
    CU_ASSERT_EQUAL(health[0].renewals, 0);
    CLOSE(rig);
}

static void one_that_waits_is_there_too(void) {
    RIG(rig);
    struct eng_lock_health health[8];
    rig.hook = held_in_a_circle;
    last_in_circle = 7;
    rig_alert(&rig, PAYMENT, SYMPTOM_ERRORS, true);
    rig_run(&rig, S);
    CU_ASSERT_EQUAL_FATAL(eng_lock_health(rig.engine, health, 8), 1);
    CU_ASSERT_FALSE(health[0].held);
    CLOSE(rig);
}

static void an_unanswered_renewal_is_audited(void) {
    RIG(rig);
    struct eng_lock_health health[8];
    rig.config.locking.renew_interval_ns = 2 * S; /* before a silent store is noticed */
    rig.config.canary.stage[0].soak_ns = 60 * S;
    rig_alert(&rig, PAYMENT, SYMPTOM_ERRORS, true);
    while (rig_entries(&rig, STATE_IN_PROGRESS) == 0 && rig_next(&rig)) {}
    rig.silent[EFF_lock_renew] = true;
    rig_run(&rig, 4500 * NS_PER_MS);
    CU_ASSERT(
        rig_audited(&rig, CATEGORY_LOCK_OPERATION, "a renewal was not answered before the next"));
    CU_ASSERT_FATAL(eng_lock_health(rig.engine, health, 8) > 0);
    CU_ASSERT(health[0].renewals >= 2 && health[0].failures >= 1);
    CLOSE(rig);
}

TEST_MAIN("engine: lock watch", TEST(locks_go_up_by_scope_then_by_name), TEST(a_refusal_names_both),
          TEST(the_youngest_of_a_circle_lets_go), TEST(or_a_person_is_asked),
          TEST(no_circle_is_no_deadlock), TEST(who_does_not_watch_finds_none),
          TEST(locks_say_how_they_are), TEST(one_that_waits_is_there_too),
          TEST(an_unanswered_renewal_is_audited))
