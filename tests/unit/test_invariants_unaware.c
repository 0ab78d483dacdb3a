/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What looks like a violation and is none, since whoever acts could not know; and how little has to
 * be otherwise to make it one. */
#include "tests/support/invariant_case.h"

/* ---- acts_locked: a stranger takes the lock at 15 s, and another operation gets it ---- */

static void is_robbed(struct tb *t, enum act act) {
    if (act != ACT_LOCKED) return;
    tb_lock(t, TB_S(15),
            &(struct rec_lock){.op = {5},
                               .scope = SCOPE_SERVICE,
                               .name = TB_PAYMENT,
                               .event = LOCK_FORCED,
                               .token_epoch = 1,
                               .token_number = 1});
    tb_granted(t, TB_S(15), 1, 6, SCOPE_SERVICE, TB_PAYMENT);
}
static void is_robbed_and_told(struct tb *t, enum act act) {
    is_robbed(t, act);
    if (act == ACT_HALF)
        TB_TOLD(t, TB_S(23), 0, lock_reply, .op = {5}, .scope = SCOPE_SERVICE, .name = TB_PAYMENT,
                .result = LOCK_REPLY_NOT_HOLDER);
}
static void a_lock_taken_by_strangers(void) {
    HOLDS("acts_locked", is_robbed);
    BREAKS("acts_locked", is_robbed_and_told); /* the last stage */
}

/* ---- one_remediation_per_target: another begins at 20 s ---- */

static void lets_go_and_another_begins(struct tb *t, enum act act) {
    if (act != ACT_BEGUN) return;
    tb_released(t, TB_S(20), 0, 5, SCOPE_SERVICE, TB_PAYMENT, 1);
    tb_state(t, TB_S(20), 1, 6, STATE_IN_PROGRESS);
}
static void is_started_anew(struct tb *t, enum act act) {
    if (act == ACT_BEGUN) tb_process(t, TB_S(19), &(struct rec_process){0, PROCESS_STARTED, 2});
    lets_go_and_another_begins(t, act);
}
static void another_is_started_anew(struct tb *t, enum act act) {
    if (act == ACT_BEGUN) tb_process(t, TB_S(19), &(struct rec_process){1, PROCESS_STARTED, 2});
    lets_go_and_another_begins(t, act);
}
static void one_taken_up_waits_without_its_lock(void) {
    HOLDS("one_remediation_per_target", is_started_anew);
    BREAKS("one_remediation_per_target", another_is_started_anew);
    BREAKS("one_remediation_per_target", lets_go_and_another_begins);
}

/* ---- canary_stages: 10 % is half done at 10 s and done at 14 s ---- */

static void trickles(struct tb *t, int from, int to, int64_t requests) {
    for (int s = from + 1; s <= to; s++)
        tb_truth(
            t, s * NS_PER_S,
            &(struct rec_truth){.service = {TB_PAYMENT}, .revision = {2}, .requests = requests});
}
static void serves(struct tb *t, int at, int64_t share) {
    tb_traffic(t, TB_S(at),
               &(struct rec_traffic){.service = {TB_PAYMENT},
                                     .stable = {1},
                                     .candidate = {2},
                                     .share_ppm = share,
                                     .op = {5}});
}
static void orders(struct tb *t, int at, int64_t share) {
    tb_deploy_order(t, TB_S(at),
                    &(struct rec_deploy_order){.op = {5},
                                               .service = {TB_PAYMENT},
                                               .revision = {2},
                                               .base = {1},
                                               .share_ppm = share,
                                               .status = DEPLOY_ACCEPTED});
}
static uint32_t after_a_half_stage(int64_t before, int64_t after) {
    struct tb t;
    tb_begin(&t);
    tb_plan(&t, NULL, NULL);
    orders(&t, 10, 100000);
    serves(&t, 10, 50000);
    trickles(&t, 10, 14, before);
    orders(&t, 14, 100000);
    serves(&t, 14, 100000);
    trickles(&t, 14, 17, after);
    orders(&t, 17, 500000);
    tb_end_of(&t, TB_S(20));
    return violations_in(&t, "canary_stages");
}
static void a_half_done_first_stage_has_samples(void) {
    CU_ASSERT_EQUAL(after_a_half_stage(5, 1), 0); /* 20 are asked for */
    CU_ASSERT_EQUAL(after_a_half_stage(1, 5), 1);
}

/* ---- cause_persists: healed until 20 s, when the lock is granted; acts at 24 s ---- */

static uint32_t acts_when(int64_t failing_since_the_grant) {
    struct tb t;
    tb_begin(&t);
    tb_plan(&t, NULL, NULL);
    tb_reports(&t, TB_S(10), 0, REPORT_OPENED, 1, 0, 0);
    tb_reports(&t, TB_S(10), 0, REPORT_STATE, 1, 5, STATE_INIT);
    tb_seconds(&t, 10, 20, TB_PAYMENT, 1, 0);
    tb_lock(&t, TB_S(15),
            &(struct rec_lock){
                .op = {5}, .scope = SCOPE_SERVICE, .name = TB_PAYMENT, .event = LOCK_QUEUED});
    tb_granted(&t, TB_S(20), 0, 5, SCOPE_SERVICE, TB_PAYMENT);
    tb_seconds(&t, 20, 24, TB_PAYMENT, 1, failing_since_the_grant);
    tb_staged(&t, TB_S(24), 0, 5, 1, 1, 2, 100000, 1);
    tb_end_of(&t, TB_S(30));
    return violations_in(&t, "cause_persists");
}
static void a_cause_that_is_back_may_be_acted_on(void) {
    CU_ASSERT_EQUAL(acts_when(0), 1);
    CU_ASSERT_EQUAL(acts_when(15), 0);
}

/* ---- human_pause: both engines are given approval 11 ---- */

static void approved(struct tb *t, uint32_t engine, uint64_t op, int64_t message) {
    struct in_person_decision yes = {
        .message = message, .answer = ANSWER_YES, .approval = 11, .issued_wall = TB_S(23)};
    text_set(&yes.team, "payments");
    text_set(&yes.role, "lead");
    tb_state(t, TB_S(24), engine, op, STATE_PAUSED);
    TB_WANTS(t, TB_S(24), engine, notify, .message = message, .form = FORM_CONFIRM, .op = {op});
    tb_told(t, TB_S(24), engine,
            (struct eng_input){.kind = IN_person_decision, .person_decision = yes});
    TB_WANTS(t, TB_S(24), engine, audit_append, .category = CATEGORY_MANUAL_INTERVENTION);
    tb_state(t, TB_S(24), engine, op, STATE_IN_PROGRESS);
}
static void each_engine_once(struct tb *t, enum act act) {
    if (act == ACT_HALF) approved(t, 1, 6, 3);
    if (act == ACT_HALF) approved(t, 0, 5, 3);
}
static void one_engine_twice(struct tb *t, enum act act) {
    if (act == ACT_HALF) approved(t, 0, 6, 3);
    if (act == ACT_HALF) approved(t, 0, 5, 4);
}
static void numbers_are_each_engines(void) {
    HOLDS("human_pause", each_engine_once);
    BREAKS("human_pause", one_engine_twice);
}

/* ---- clean_end, liveness ---- */

static void comes_back(struct tb *t, enum act act, int64_t event) {
    if (act == ACT_CLOSED)
        tb_registry(t, TB_S(40),
                    &(struct rec_registry){
                        .op = {5}, .event = event, .number = 1, .service = {TB_PAYMENT}});
}
static void comes_back_with_a_successor(struct tb *t, enum act act) {
    comes_back(t, act, REGISTRY_RETURNED);
}
static void is_stated_again(struct tb *t, enum act act) { comes_back(t, act, REGISTRY_REGISTERED); }
static void an_intent_that_came_back(void) {
    HOLDS("clean_end", comes_back_with_a_successor);
    BREAKS("clean_end", is_stated_again);
}

static void order_waits(struct tb *t, enum act act) {
    if (act == ACT_PLANNED) {
        tb_limit(t, 0, &(struct rec_limit){.key = REC_STR("liveness_bound_ns"), .value = TB_S(4)});
        tb_limit(t, 0, &(struct rec_limit){.key = REC_STR("cooldown_ns"), .value = 0});
    }
    if (act == ACT_CLOSED)
        TB_WANTS(t, TB_S(40), 0, report, .kind = REPORT_STATE, .incident = {2}, .op = {6},
                 .service = {TB_ORDER}, .detail = STATE_INIT);
}
static void order_waits_for_payment(struct tb *t, enum act act) {
    order_waits(t, act);
    if (act == ACT_CLOSED) tb_reports(t, TB_S(41), 1, REPORT_STATE, 3, 7, STATE_PAUSED);
}
static void what_waits_behind_a_person(void) {
    BREAKS("liveness", order_waits);
    HOLDS("liveness", order_waits_for_payment);
}

TEST_MAIN("invariants: unaware", TEST(a_lock_taken_by_strangers),
          TEST(one_taken_up_waits_without_its_lock), TEST(a_half_done_first_stage_has_samples),
          TEST(a_cause_that_is_back_may_be_acted_on), TEST(numbers_are_each_engines),
          TEST(an_intent_that_came_back), TEST(what_waits_behind_a_person))
