/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/invariant_case.h"

static void plan(struct tb *t) {
    tb_begin(t);
    tb_plan(t, NULL, NULL);
}

static void shares(struct tb *t, time_ns at, uint32_t stable, uint32_t candidate, int64_t ppm) {
    tb_traffic(t, at,
               &(struct rec_traffic){.service = {TB_PAYMENT},
                                     .stable = {stable},
                                     .candidate = {candidate},
                                     .share_ppm = ppm,
                                     .op = {5}});
}

/* One second of 100 requests. */
static void second(struct tb *t, int at, uint32_t service, int64_t own, int64_t passed,
                   int64_t memory_ppm) {
    tb_truth(t, TB_S(at),
             &(struct rec_truth){.service = {service},
                                 .revision = {service == TB_PAYMENT ? 2 : 9},
                                 .requests = 100,
                                 .failed = own + passed,
                                 .own_failed = own,
                                 .p95_ns = 50 * NS_PER_MS,
                                 .memory_ppm = memory_ppm});
}

/* ---- memory: 120 s at 10 % ---- */

static uint32_t grows_by(int64_t ppm_a_second, bool goes_on) {
    struct tb t;
    plan(&t);
    shares(&t, TB_S(10), 1, 2, 100000);
    for (int s = 11; s <= 130; s++) /* a sawtooth of ten seconds above the floor */
        second(&t, s, TB_PAYMENT, 0, 0, 400000 + 4000 * (s % 10) + ppm_a_second * (s - 10));
    shares(&t, TB_S(130), 1, goes_on ? 2 : 0, goes_on ? 500000 : 0);
    tb_end_of(&t, TB_S(140));
    return violations_in(&t, "harm_goes_back");
}

static void memory_that_leads_to_its_limit(void) {
    CU_ASSERT_EQUAL(grows_by(400, true), 1); /* 25 minutes */
    CU_ASSERT_EQUAL(grows_by(400, false), 0);
    CU_ASSERT_EQUAL(grows_by(0, true), 0);
    CU_ASSERT_EQUAL(grows_by(50, true), 0);
}

/* ---- calls: first stage at 20 s, everything at 30 s, closed at 40 s ---- */

static uint32_t closes_with(int64_t passed, int64_t passed_before, int64_t callee) {
    struct tb t;
    plan(&t);
    for (int s = 11; s <= 20; s++) {
        second(&t, s, TB_INVENTORY, 0, 0, 0);
        second(&t, s, TB_PAYMENT, 15, passed_before, 0);
    }
    tb_staged(&t, TB_S(20), 0, 5, 1, 1, 2, 100000, 1);
    shares(&t, TB_S(30), 2, 0, 0);
    for (int s = 31; s <= 40; s++) {
        second(&t, s, TB_INVENTORY, callee, 0, 0);
        second(&t, s, TB_PAYMENT, 0, passed, 0);
    }
    tb_reports(&t, TB_S(40), 0, REPORT_CLOSED_RESOLVED, 1, 0, TB_S(28));
    tb_end_of(&t, TB_S(60));
    return violations_in(&t, "harm_goes_back");
}

static void calls_that_no_callee_failed(void) {
    CU_ASSERT_EQUAL(closes_with(10, 0, 0), 1);
    CU_ASSERT_EQUAL(closes_with(1, 0, 0), 0);
    CU_ASSERT_EQUAL(closes_with(10, 10, 0), 0); /* as before */
    CU_ASSERT_EQUAL(closes_with(10, 0, 10), 0); /* the callee did */
}

/* ---- blame: everything from 30 s on, others' rollout at 32 s, back at 40 s ---- */

struct blame {
    int64_t own, callee;
    bool others, person;
};
static uint32_t goes_back(struct blame b) {
    struct tb t;
    plan(&t);
    tb_staged(&t, TB_S(20), 0, 5, 1, 1, 2, 100000, 1);
    shares(&t, TB_S(30), 2, 0, 0);
    if (b.others)
        tb_traffic(&t, TB_S(32),
                   &(struct rec_traffic){.service = {TB_INVENTORY},
                                         .stable = {8},
                                         .candidate = {9},
                                         .share_ppm = 500000,
                                         .op = ID_NONE64(op_id),
                                         .engine = -1});
    for (int s = 33; s <= 40; s++) {
        second(&t, s, TB_INVENTORY, b.callee, 0, 0);
        second(&t, s, TB_PAYMENT, b.own, b.callee, 0);
    }
    if (b.person)
        tb_person_answered(&t, TB_S(39), &(struct rec_person_answered){.answer = ANSWER_NO});
    tb_deploy_order(&t, TB_S(40),
                    &(struct rec_deploy_order){.op = {5},
                                               .incident = {1},
                                               .service = {TB_PAYMENT},
                                               .action = 1,
                                               .revision = {2},
                                               .base = {1},
                                               .serving = {2},
                                               .status = DEPLOY_ACCEPTED});
    tb_end_of(&t, TB_S(60));
    return violations_in(&t, "blame_is_due");
}

static void a_fix_taken_back_for_what_others_changed(void) {
    CU_ASSERT_EQUAL(goes_back((struct blame){0, 8, true, false}), 1);
    CU_ASSERT_EQUAL(goes_back((struct blame){6, 8, true, false}), 0); /* it fails itself, too */
    CU_ASSERT_EQUAL(goes_back((struct blame){0, 0, true, false}), 0);
    CU_ASSERT_EQUAL(goes_back((struct blame){0, 8, false, false}), 0);
    CU_ASSERT_EQUAL(goes_back((struct blame){0, 8, true, true}), 0);
}

TEST_MAIN("invariants: harm and blame", TEST(memory_that_leads_to_its_limit),
          TEST(calls_that_no_callee_failed), TEST(a_fix_taken_back_for_what_others_changed))
