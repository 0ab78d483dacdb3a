/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/invariant_case.h"

/* The story's stages leave at 16, 20 and 24 s; here, by what the engine was told of its lease. */
static void is_told_a_lease(struct tb *t, time_ns lasts) {
    TB_TOLD(t, TB_S(15), 0, lock_reply, .op = {5}, .scope = SCOPE_SERVICE,
            .result = LOCK_REPLY_GRANTED, .token_epoch = 1, .token_number = 1,
            .expires_in_ns = lasts);
}
static void has_a_long_lease(struct tb *t, enum act act) {
    if (act == ACT_LOCKED) is_told_a_lease(t, TB_S(60));
}
static void orders_late(struct tb *t, enum act act) {
    if (act == ACT_LOCKED) is_told_a_lease(t, TB_S(6));
    if (act != ACT_BEGUN) return;
    struct eng_input late = {.kind = IN_timer_fired, .mono = TB_S(22)};
    tb_told(t, TB_S(22), 0, late);
    TB_WANTS(t, TB_S(22), 0, roll_back, .op = {5}, .service = {TB_PAYMENT}, .token_epoch = 1,
             .token_number = 1);
}
static void restarts_pods_late(struct tb *t, enum act act) {
    if (act == ACT_LOCKED) is_told_a_lease(t, TB_S(15));
    if (act != ACT_CLOSED) return;
    struct eng_input late = {.kind = IN_timer_fired, .mono = TB_S(34)};
    tb_told(t, TB_S(34), 0, late);
    TB_WANTS(t, TB_S(34), 0, remedy, .op = {5}, .service = {TB_PAYMENT}, .remedy = REMEDY_RESTART,
             .token_epoch = 1, .token_number = 1);
}
static void orders_in_the_margin(struct tb *t, enum act act) {
    if (act == ACT_PLANNED)
        tb_limit(t, 0, &(struct rec_limit){.key = REC_STR("lock_margin_ns"), .value = TB_S(57)});
    has_a_long_lease(t, act);
}
static void renews_in_time(struct tb *t, enum act act) {
    orders_late(t, act);
    if (act != ACT_GATED) return;
    struct eng_input renewed = {.kind = IN_lock_reply, .mono = TB_S(20)};
    renewed.lock_reply = (struct in_lock_reply){.op = {5},
                                                .scope = SCOPE_SERVICE,
                                                .result = LOCK_REPLY_RENEWED,
                                                .token_epoch = 1,
                                                .token_number = 1,
                                                .expires_in_ns = TB_S(6)};
    tb_told(t, TB_S(20), 0, renewed);
}
static void leases_that_ran_out(void) {
    HOLDS("acts_in_lease", has_a_long_lease);
    CU_ASSERT_TRUE(violations_of("acts_in_lease", orders_late) >= 1);
    CU_ASSERT_TRUE(violations_of("acts_in_lease", orders_in_the_margin) >= 1);
    HOLDS("acts_in_lease", renews_in_time);
    BREAKS("acts_in_lease", restarts_pods_late);
}

static void stages(struct tb *t, int64_t share) {
    TB_WANTS(t, TB_S(21), 0, deploy_stage, .op = {5}, .service = {TB_PAYMENT}, .revision = {2},
             .share_ppm = share);
}
static void restarts(struct tb *t, int64_t engine) {
    tb_process(t, TB_S(21), &(struct rec_process){engine, PROCESS_STARTED, 1});
}
static void orders_again(struct tb *t, enum act act) {
    if (act != ACT_BEGUN) return;
    restarts(t, 0);
    stages(t, 100000);
}
static void orders_again_without_a_restart(struct tb *t, enum act act) {
    if (act == ACT_BEGUN) stages(t, 100000);
}
static void another_restarts(struct tb *t, enum act act) {
    if (act != ACT_BEGUN) return;
    restarts(t, 1);
    stages(t, 100000);
}
static void what_was_ordered_before_a_restart(void) {
    BREAKS("never_twice", orders_again);
    HOLDS("never_twice", orders_again_without_a_restart);
    HOLDS("never_twice", another_restarts);
}

TEST_MAIN("invariants: processes", TEST(leases_that_ran_out),
          TEST(what_was_ordered_before_a_restart))
