/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/invariant_case.h"

static void limit(struct tb *t, const char *key, int64_t value) {
    tb_limit(t, 0, &(struct rec_limit){.key = REC_STR(key), .value = value});
}

/* Ann says yes to what an operation asked. */
static void approve(struct tb *t, time_ns at, uint64_t op, struct hash plan) {
    tb_message_delivered(t, at,
                         &(struct rec_message_delivered){
                             .message = 30, .form = FORM_CONFIRM, .op = {op}, .plan = plan});
    tb_person_answered(t, at,
                       &(struct rec_person_answered){
                           .message = 30, .answer = ANSWER_YES, .approval = 1, .plan = plan});
}
static void approve_operation(struct tb *t) { approve(t, TB_S(16), 5, (struct hash){{0}}); }

static struct rec_deploy_order stage_of(uint64_t op, uint32_t service, uint32_t revision) {
    return (struct rec_deploy_order){.op = {op},
                                     .service = {service},
                                     .revision = {revision},
                                     .base = {1},
                                     .serving = {1},
                                     .share_ppm = 100000,
                                     .status = DEPLOY_ACCEPTED};
}

/* ---- safe_default ---- */

static void deploys_what_nobody_made(struct tb *t, enum act act) {
    struct rec_deploy_order d = stage_of(5, TB_PAYMENT, 9);
    if (act == ACT_BEGUN) tb_deploy_order(t, TB_S(20), &d);
}
static void is_refused_what_nobody_made(struct tb *t, enum act act) {
    struct rec_deploy_order d = stage_of(5, TB_PAYMENT, 9);
    d.status = DEPLOY_STALE_BASE;
    if (act == ACT_BEGUN) tb_deploy_order(t, TB_S(20), &d);
}
static void deploys_a_failed_answer(struct tb *t, enum act act) {
    struct rec_deploy_order d = stage_of(5, TB_PAYMENT, 9);
    if (act != ACT_BEGUN) return;
    tb_patch_made(t, TB_S(20),
                  &(struct rec_patch_made){
                      .service = {TB_PAYMENT}, .reply = REPLY_RATE_LIMITED, .revision = {9}});
    tb_deploy_order(t, TB_S(20), &d);
}
static void a_patch_that_was_never_answered_with(void) {
    BREAKS("safe_default", deploys_what_nobody_made);
    BREAKS("safe_default", deploys_a_failed_answer);
    HOLDS("safe_default", is_refused_what_nobody_made);
}

/* ---- blast_radius_respected: order calls payment, one of three services ---- */

static void too_many(struct tb *t, enum act act) {
    if (act == ACT_PLANNED) limit(t, "blast_count", 0);
}
static void too_large_a_share(struct tb *t, enum act act) {
    if (act == ACT_PLANNED) limit(t, "blast_share_from", 1);
}
static void many_and_approved(struct tb *t, enum act act) {
    too_many(t, act);
    if (act == ACT_GATED) approve_operation(t);
}
static void too_far_away(struct tb *t, enum act act) {
    too_many(t, act);
    if (act == ACT_PLANNED) limit(t, "blast_depth", 0);
}
static void a_blast_radius_too_wide(void) {
    BREAKS("blast_radius_respected", too_many);
    BREAKS("blast_radius_respected", too_large_a_share);
    HOLDS("blast_radius_respected", many_and_approved);
    HOLDS("blast_radius_respected", too_far_away);
}

/* ---- cooldown_respected ---- */

static void another_changed_it(struct tb *t, enum act act) {
    if (act == ACT_OPENED)
        tb_traffic(t, TB_S(12),
                   &(struct rec_traffic){.service = {TB_PAYMENT}, .stable = {1}, .op = {4}});
}
static void another_changed_it_long_ago(struct tb *t, enum act act) {
    another_changed_it(t, act);
    if (act == ACT_PLANNED) limit(t, "cooldown_ns", TB_S(4));
}
static void another_changed_its_neighbour(struct tb *t, enum act act) {
    if (act == ACT_OPENED)
        tb_traffic(t, TB_S(12),
                   &(struct rec_traffic){.service = {TB_ORDER}, .stable = {1}, .op = {4}});
}
static void a_change_too_soon_after_another(void) {
    BREAKS("cooldown_respected", another_changed_it);
    HOLDS("cooldown_respected", another_changed_it_long_ago);
    HOLDS("cooldown_respected", another_changed_its_neighbour);
}

/* ---- failures_respected ---- */

static void two_failed(struct tb *t, enum act act) {
    if (act != ACT_OPENED) return;
    tb_rolled_back(t, TB_S(12), 0, 3, 1, 8, 1, 0);
    tb_rolled_back(t, TB_S(12), 0, 4, 1, 9, 1, 0);
}
static void two_failed_and_approved(struct tb *t, enum act act) {
    two_failed(t, act);
    if (act == ACT_GATED) approve_operation(t);
}
static void two_failed_for_another(struct tb *t, enum act act) {
    if (act != ACT_OPENED) return;
    tb_rolled_back(t, TB_S(12), 0, 3, 7, 8, 1, 0);
    tb_rolled_back(t, TB_S(12), 0, 4, 7, 9, 1, 0);
}
static void three_failed_for_others(struct tb *t, enum act act) {
    two_failed_for_another(t, act);
    if (act == ACT_OPENED) tb_rolled_back(t, TB_S(12), 0, 6, 8, 9, 1, 0);
}
static void three_failed_long_ago(struct tb *t, enum act act) {
    three_failed_for_others(t, act);
    if (act == ACT_PLANNED) limit(t, "failures_window_ns", TB_S(2));
}
static void too_many_failures_before(void) {
    BREAKS("failures_respected", two_failed);
    HOLDS("failures_respected", two_failed_and_approved);
    HOLDS("failures_respected", two_failed_for_another);
    BREAKS("failures_respected", three_failed_for_others);
    HOLDS("failures_respected", three_failed_long_ago);
}

/* ---- figures_respected ---- */

static void budget_spent(struct tb *t, enum act act) {
    if (act == ACT_GATED) tb_figure(t, TB_S(16), QUERY_BUDGET_ERRORS, 0, VALUE_NUMBER, 20000001);
}
static void no_room(struct tb *t, enum act act) {
    if (act == ACT_GATED) tb_figure(t, TB_S(16), QUERY_DISK_SHARE, 0, VALUE_NUMBER, 700001);
}
static void nothing_known(struct tb *t, enum act act) {
    if (act == ACT_GATED) tb_figure(t, TB_S(16), QUERY_MEMORY_SHARE, 0, VALUE_NONE, 0);
}
static void no_room_and_approved(struct tb *t, enum act act) {
    no_room(t, act);
    if (act == ACT_GATED) approve_operation(t);
}
static void no_room_and_no_gate(struct tb *t, enum act act) {
    no_room(t, act);
    if (act == ACT_PLANNED) limit(t, "disk_headroom_ppm", INT64_MIN);
}
static void figures_that_do_not_allow_it(void) {
    BREAKS("figures_respected", budget_spent);
    BREAKS("figures_respected", no_room);
    BREAKS("figures_respected", nothing_known);
    HOLDS("figures_respected", no_room_and_approved);
    HOLDS("figures_respected", no_room_and_no_gate);
}

/* ---- risk_respected: criticality 0.5 weighs 0.2, all the lines 0.3, all the errors 0.2 ---- */

static void sized(struct tb *t, enum act act, int64_t lines) {
    if (act == ACT_PLANNED) limit(t, "risk_max_ppm", 600000);
    if (act != ACT_PATCHED) return;
    TB_TOLD(t, TB_S(14), 0, patch_reply, .op = {5}, .revision = {2}, .size_lines = lines);
    tb_figure(t, TB_S(14), QUERY_OWN_ERROR_SHARE, 0, VALUE_NUMBER, 300000);
}
static void large(struct tb *t, enum act act) { sized(t, act, 500); }
static void small(struct tb *t, enum act act) { sized(t, act, 12); }
static void large_and_approved(struct tb *t, enum act act) {
    large(t, act);
    if (act == ACT_GATED) approve_operation(t);
}
static void large_and_always_so(struct tb *t, enum act act) {
    large(t, act);
    if (act != ACT_PATCHED) return;
    TB_WANTS(t, TB_S(14), 0, query, .request = 77, .offset_ns = TB_S(60));
    TB_TOLD(t, TB_S(14), 0, query_result, .request = 77, .query = QUERY_OWN_ERROR_SHARE,
            .service = {TB_PAYMENT}, .kind = VALUE_NUMBER, .micro = 200000);
}
static void a_risk_too_high(void) {
    BREAKS("risk_respected", large);
    HOLDS("risk_respected", small);
    HOLDS("risk_respected", large_and_approved);
    HOLDS("risk_respected", large_and_always_so);
}

/* ---- conflict_oracle: operation 7 on order, which calls payment ---- */

static void beside(struct tb *t, enum act act, enum act when, time_ns at) {
    struct rec_deploy_order d = stage_of(7, TB_ORDER, 6);
    d.engine = 1;
    if (act == when) tb_deploy_order(t, at, &d);
}
static void runs_beside(struct tb *t, enum act act) { beside(t, act, ACT_BEGUN, TB_S(20)); }
static void runs_after(struct tb *t, enum act act) { beside(t, act, ACT_CLOSED, TB_S(35)); }
static void registers(struct tb *t, struct hash plan) {
    TB_WANTS(t, TB_S(15), 1, registry_register, .op = {7}, .service = {TB_ORDER}, .plan = plan);
}
static void runs_approved(struct tb *t, enum act act) {
    if (act == ACT_LOCKED) registers(t, (struct hash){{1}});
    if (act == ACT_GATED) approve(t, TB_S(16), 7, (struct hash){{1}});
    runs_beside(t, act);
}
static void runs_by_an_approval_of_another_plan(struct tb *t, enum act act) {
    if (act == ACT_LOCKED) registers(t, (struct hash){{1}});
    if (act == ACT_GATED) approve(t, TB_S(16), 7, (struct hash){{2}});
    runs_beside(t, act);
}
static void runs_where_it_may(struct tb *t, enum act act) {
    if (act == ACT_PLANNED) limit(t, "dependency_action", ACTION_WARN);
    runs_beside(t, act);
}
static void runs_on_the_same_database(struct tb *t, enum act act) {
    runs_where_it_may(t, act);
    if (act != ACT_PLANNED) return;
    tb_group(t, 0, &(struct rec_group){.group = 1, .service = {TB_ORDER}});
    tb_group(t, 0, &(struct rec_group){.group = 1, .service = {TB_PAYMENT}});
}
static void operations_that_exclude_each_other(void) {
    BREAKS("conflict_oracle", runs_beside);
    HOLDS("conflict_oracle", runs_after);
    HOLDS("conflict_oracle", runs_approved);
    BREAKS("conflict_oracle", runs_by_an_approval_of_another_plan);
    HOLDS("conflict_oracle", runs_where_it_may);
    BREAKS("conflict_oracle", runs_on_the_same_database);
}

/* ---- human_pause: the plan approved is the plan that runs ---- */

static void states_its_plan(struct tb *t, uint8_t plan) {
    TB_WANTS(t, TB_S(15), 0, registry_register, .op = {5}, .plan = {{plan}});
}
static void deploys_what_was_approved(struct tb *t, enum act act) {
    if (act != ACT_LOCKED) return;
    states_its_plan(t, 1);
    approve(t, TB_S(15), 5, (struct hash){{1}});
}
static void deploys_what_came_later(struct tb *t, enum act act) {
    deploys_what_was_approved(t, act);
    if (act == ACT_LOCKED) states_its_plan(t, 2);
}
static void an_approval_of_another_plan(void) {
    HOLDS("human_pause", deploys_what_was_approved);
    BREAKS("human_pause", deploys_what_came_later);
}

TEST_MAIN("invariants: gates", TEST(a_patch_that_was_never_answered_with),
          TEST(a_blast_radius_too_wide), TEST(a_change_too_soon_after_another),
          TEST(too_many_failures_before), TEST(figures_that_do_not_allow_it), TEST(a_risk_too_high),
          TEST(operations_that_exclude_each_other), TEST(an_approval_of_another_plan))
