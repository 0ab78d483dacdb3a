/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/invariant_case.h"

static void plan(struct tb *t) {
    tb_begin(t);
    tb_plan(t, NULL, NULL);
}

/* ---- breach_obeyed: revision 2 beside revision 1 from 10 s on, 100 requests a second each ---- */

static void candidate_serves(struct tb *t, time_ns at, int64_t share_ppm) {
    tb_traffic(t, at,
               &(struct rec_traffic){.service = {TB_PAYMENT},
                                     .stable = {1},
                                     .candidate = {share_ppm > 0 ? 2 : 0},
                                     .share_ppm = share_ppm,
                                     .op = {5}});
}

static void beside(struct tb *t, int from, int to, int64_t stable, int64_t candidate) {
    for (int s = from; s < to; s++) {
        tb_seconds(t, s, s + 1, TB_PAYMENT, 1, stable);
        tb_seconds(t, s, s + 1, TB_PAYMENT, 2, candidate);
    }
}

static uint32_t breaches(int64_t stable, int64_t candidate, int until) {
    struct tb t;
    plan(&t);
    candidate_serves(&t, TB_S(10), 100000);
    beside(&t, 10, until, stable, candidate);
    candidate_serves(&t, TB_S(until), 0);
    tb_seconds(&t, until, 80, TB_PAYMENT, 1, stable);
    tb_end_of(&t, TB_S(80));
    return violations_in(&t, "breach_obeyed");
}

static void a_breach_nobody_obeys(void) {
    CU_ASSERT_EQUAL(breaches(15, 30, 60), 1);
    CU_ASSERT_EQUAL(breaches(15, 30, 30), 0); /* taken back in time */
    CU_ASSERT_EQUAL(breaches(15, 15, 60), 0);
    CU_ASSERT_EQUAL(breaches(30, 15, 60), 0);
    CU_ASSERT_EQUAL(breaches(0, 2, 60), 0); /* no more than the smallest effect that counts */
}

static uint32_t breaches_while(void (*excuse)(struct tb *)) {
    struct tb t;
    plan(&t);
    candidate_serves(&t, TB_S(10), 100000);
    excuse(&t);
    beside(&t, 10, 60, 15, 30);
    tb_end_of(&t, TB_S(60));
    return violations_in(&t, "breach_obeyed");
}
static void suspended(struct tb *t) { TB_WANTS(t, TB_S(10), 0, suspend, .on = true); }
static void without_its_lock(struct tb *t) {
    tb_lock(t, TB_S(10),
            &(struct rec_lock){
                .op = {5}, .scope = SCOPE_SERVICE, .name = TB_PAYMENT, .event = LOCK_EXPIRED});
}
static void asks_in_vain(struct tb *t) {
    TB_WANTS(t, TB_S(20), 0, query, .request = 1, .query = QUERY_OWN_ERRORS, .revision = {2});
}
static void asks_and_is_told(struct tb *t) {
    asks_in_vain(t);
    TB_TOLD(t, TB_S(20), 0, query_result, .request = 1, .query = QUERY_OWN_ERRORS, .revision = {2},
            .kind = VALUE_NUMBER, .micro = 1);
}
static void who_cannot_act_or_know_is_excused(void) {
    CU_ASSERT_EQUAL(breaches_while(suspended), 0);
    CU_ASSERT_EQUAL(breaches_while(without_its_lock), 0);
    CU_ASSERT_EQUAL(breaches_while(asks_in_vain), 0);
    CU_ASSERT_EQUAL(breaches_while(asks_and_is_told), 1);
}

/* ---- cause_persists: operation 5 waits from 15 s until 20 s ---- */

static uint32_t acts_after_waiting(int64_t failing, bool waits) {
    struct tb t;
    plan(&t);
    tb_seconds(&t, 0, 10, TB_PAYMENT, 1, 15);
    tb_reports(&t, TB_S(10), 0, REPORT_OPENED, 1, 0, 0);
    tb_reports(&t, TB_S(10), 0, REPORT_STATE, 1, 5, STATE_INIT);
    tb_seconds(&t, 10, 20, TB_PAYMENT, 1, failing);
    struct rec_lock wait = {.op = {5}, .scope = SCOPE_SERVICE, .name = TB_PAYMENT};
    wait.event = LOCK_QUEUED;
    if (waits) tb_lock(&t, TB_S(15), &wait);
    tb_granted(&t, TB_S(20), 0, 5, SCOPE_SERVICE, TB_PAYMENT);
    tb_staged(&t, TB_S(22), 0, 5, 1, 1, 2, 100000, 1);
    tb_end_of(&t, TB_S(30));
    return violations_in(&t, "cause_persists");
}
static void acting_on_a_cause_that_is_gone(void) {
    CU_ASSERT_EQUAL(acts_after_waiting(0, true), 1);
    CU_ASSERT_EQUAL(acts_after_waiting(15, true), 0);
    CU_ASSERT_EQUAL(acts_after_waiting(0, false), 0);
}

/* ---- lease_kept ---- */

static void runs_out(struct tb *t, enum act act) {
    if (act == ACT_BEGUN)
        tb_lock(t, TB_S(20),
                &(struct rec_lock){
                    .op = {5}, .scope = SCOPE_SERVICE, .name = TB_PAYMENT, .event = LOCK_EXPIRED});
}
static void runs_out_behind_a_partition(struct tb *t, enum act act) {
    if (act == ACT_LOCKED)
        tb_dropped(t, TB_S(15),
                   &(struct rec_dropped){.from = REC_STR("engine-0"), .to = REC_STR("lock-store")});
    runs_out(t, act);
}
static void runs_out_while_suspended(struct tb *t, enum act act) {
    if (act == ACT_LOCKED) TB_WANTS(t, TB_S(15), 0, suspend, .on = true);
    runs_out(t, act);
}
static void a_lease_that_runs_out(void) {
    BREAKS("lease_kept", runs_out);
    HOLDS("lease_kept", runs_out_behind_a_partition);
    HOLDS("lease_kept", runs_out_while_suspended);
}

/* ---- rollback_restores: what served before is what counts, not what an order says ---- */

static void goes_back_to_another(struct tb *t, enum act act) {
    if (act == ACT_FULL) tb_rolled_back(t, TB_S(28), 0, 5, 1, 2, 7, 1);
}
static void a_candidate_takes_all(struct tb *t, enum act act) {
    if (act == ACT_BEGUN) tb_rolled_back(t, TB_S(20), 0, 5, 1, 2, 2, 1);
}
static void a_rollback_to_something_else(void) {
    BREAKS("rollback_restores", goes_back_to_another);
    BREAKS("rollback_restores", a_candidate_takes_all);
}

TEST_MAIN("invariants: symptoms", TEST(a_breach_nobody_obeys),
          TEST(who_cannot_act_or_know_is_excused), TEST(acting_on_a_cause_that_is_gone),
          TEST(a_lease_that_runs_out), TEST(a_rollback_to_something_else))
