/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/invariant_case.h"

static struct rec_deploy_order next_order(int64_t share) {
    return (struct rec_deploy_order){.op = {5},
                                     .incident = {1},
                                     .service = {TB_PAYMENT},
                                     .revision = {2},
                                     .base = {1},
                                     .serving = {1},
                                     .share_ppm = share,
                                     .token_epoch = 1,
                                     .token_number = 1,
                                     .status = DEPLOY_ACCEPTED};
}

static void old_token(struct tb *t, enum act act) {
    struct rec_deploy_order d = next_order(100000);
    d.token_number = 0;
    if (act == ACT_BEGUN) tb_deploy_order(t, TB_S(20), &d);
}
static void without_a_lock(struct tb *t, enum act act) {
    struct rec_deploy_order d = next_order(1000000);
    if (act == ACT_CLOSED) tb_deploy_order(t, TB_S(35), &d);
}
static void a_refused_order(struct tb *t, enum act act) {
    struct rec_deploy_order d = next_order(1000000);
    d.status = DEPLOY_STALE_TOKEN;
    if (act == ACT_CLOSED) tb_deploy_order(t, TB_S(35), &d);
}
static void an_older_token_or_no_lock(void) {
    BREAKS("fencing", old_token);
    BREAKS("acts_locked", old_token); /* nor is it that of the lock held */
    BREAKS("acts_locked", without_a_lock);
    HOLDS("fencing", a_refused_order);
}

static void on_a_stale_base(struct tb *t, enum act act) {
    struct rec_deploy_order d = next_order(100000);
    d.base = (struct revision_id){7};
    if (act == ACT_BEGUN) tb_deploy_order(t, TB_S(20), &d);
}
static void a_stale_base(void) { BREAKS("no_lost_update", on_a_stale_base); }

static void ci_said_no(struct tb *t, enum act act) {
    if (act == ACT_PLANNED)
        tb_checked(t, 0,
                   &(struct rec_checked){.op = {5}, .revision = {2}, .finding = REC_STR("no")});
}
static void a_revision_that_ci_failed(void) {
    CU_ASSERT_EQUAL(violations_of("gates_fresh", ci_said_no), 3);
}
static void never_gated(struct tb *t, enum act act) {
    struct rec_deploy_order d = next_order(100000);
    d.op = (struct op_id){6};
    if (act == ACT_BEGUN) tb_deploy_order(t, TB_S(20), &d);
}
static void gates_that_never_passed(void) { BREAKS("gates_fresh", never_gated); }

static void skips_a_stage(struct tb *t, enum act act) {
    struct rec_deploy_order d = next_order(1000000);
    if (act == ACT_BEGUN) tb_deploy_order(t, TB_S(20), &d);
}
static void a_stage_left_out(void) {
    /* 100 % after 10 %; then 50 % after 100 % */
    CU_ASSERT_EQUAL(violations_of("canary_stages", skips_a_stage), 2);
}
static void does_not_soak(struct tb *t, enum act act) {
    struct rec_deploy_order d = next_order(500000);
    if (act == ACT_LOCKED) {
        struct rec_deploy_order first = next_order(100000);
        tb_deploy_order(t, TB_S(15), &first);
        tb_deploy_order(t, TB_S(15.5), &d);
    }
}
static void a_stage_without_its_soak(void) {
    CU_ASSERT_TRUE(violations_of("canary_stages", does_not_soak) > 0);
}
static void promoted_early(struct tb *t, enum act act) {
    if (act == ACT_HALF) tb_reports(t, TB_S(24), 0, REPORT_PROMOTED, 1, 5, 2);
}
static void a_promotion_before_the_last_stage(void) { BREAKS("canary_stages", promoted_early); }

static void many_samples(struct tb *t, enum act act) {
    if (act == ACT_PLANNED)
        tb_stage(t, 0,
                 &(struct rec_stage){
                     .index = 3, .share_ppm = 1000000, .soak_ns = TB_S(2), .min_samples = 100000});
}
static void a_stage_without_its_samples(void) {
    /* the last stage of the plan is now this one */
    CU_ASSERT_TRUE(violations_of("canary_stages", many_samples) > 0);
}

static void closed_blind(struct tb *t, enum act act) {
    if (act != ACT_CLOSED) return;
    tb_figure(t, TB_S(40), QUERY_OWN_ERROR_SHARE, 0, VALUE_NONE, 0);
    tb_reports(t, TB_S(40), 0, REPORT_CLOSED_RESOLVED, 1, 0, TB_S(28));
}
static void promoted_blind(struct tb *t, enum act act) {
    struct rec_deploy_order d = next_order(500000);
    if (act != ACT_LOCKED) return;
    struct rec_deploy_order first = next_order(100000);
    tb_deploy_order(t, TB_S(15), &first);
    tb_deploy_order(t, TB_S(18), &d);
}
static void success_without_figures(void) {
    BREAKS("no_data_is_not_success", closed_blind);
    CU_ASSERT_TRUE(violations_of("no_data_is_not_success", promoted_blind) > 0);
}

static void goes_back(struct tb *t, enum act act) {
    if (act == ACT_FULL) tb_rolled_back(t, TB_S(28), 0, 5, 1, 2, 1, 1);
}
static void does_not_go_back(struct tb *t, enum act act) {
    struct rec_deploy_order d = next_order(0);
    d.action = 1;
    if (act != ACT_FULL) return;
    tb_deploy_order(t, TB_S(28), &d);
    tb_deploy_done(t, TB_S(28),
                   &(struct rec_deploy_done){
                       .op = {5}, .service = {TB_PAYMENT}, .revision = {2}, .status = DEPLOY_DONE});
}
static void a_rollback_that_is_none(void) {
    HOLDS("rollback_restores", goes_back);
    BREAKS("rollback_restores", does_not_go_back);
}
static void says_it_went_back(struct tb *t, enum act act) {
    if (act == ACT_BEGUN) tb_state(t, TB_S(20), 0, 5, STATE_ROLLED_BACK);
}
static void a_rollback_that_is_only_said(void) { BREAKS("rollback_restores", says_it_went_back); }

static void another_begins(struct tb *t, enum act act) {
    if (act == ACT_BEGUN) tb_state(t, TB_S(20), 1, 6, STATE_IN_PROGRESS);
}
static void another_begins_later(struct tb *t, enum act act) {
    if (act == ACT_CLOSED) tb_state(t, TB_S(35), 1, 6, STATE_IN_PROGRESS);
}
static void two_remedies_at_once(void) {
    BREAKS("one_remediation_per_target", another_begins);
    HOLDS("one_remediation_per_target", another_begins_later);
}

TEST_MAIN("invariants: deployments", TEST(an_older_token_or_no_lock), TEST(a_stale_base),
          TEST(a_revision_that_ci_failed), TEST(gates_that_never_passed), TEST(a_stage_left_out),
          TEST(a_stage_without_its_soak), TEST(a_promotion_before_the_last_stage),
          TEST(a_stage_without_its_samples), TEST(success_without_figures),
          TEST(a_rollback_that_is_none), TEST(a_rollback_that_is_only_said),
          TEST(two_remedies_at_once))
