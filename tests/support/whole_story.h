/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_SUPPORT_WHOLE_STORY_H
#define TESTS_SUPPORT_WHOLE_STORY_H
/*
 * A whole healing, in which nothing breaks: payment fails from 10 s, engine 0 opens incident 1 at
 * 12 s, operation 5 puts revision 2 in place of revision 1 in three stages, verifies and closes at
 * 34 s; the heal is at 70 s. A test adds what breaks an invariant in a twist, which is called
 * after each act.
 */
#include "tests/support/trace_builder.h"

enum act {
    ACT_PLANNED, /* 0 s */
    ACT_OPENED,  /* 12 s */
    ACT_PATCHED, /* 14 s */
    ACT_LOCKED,  /* 15 s */
    ACT_GATED,   /* 16 s, the gates have their figures */
    ACT_BEGUN,   /* 20 s, 10 % serves */
    ACT_HALF,    /* 24 s, 50 % */
    ACT_FULL,    /* 28 s, 100 % */
    ACT_CLOSED,  /* 34 s */
    ACT_HEALED,  /* 70 s; the last record is at 75 s */
};
typedef void (*story_twist)(struct tb *t, enum act act);

static inline void tb_state(struct tb *t, time_ns at, uint32_t engine, uint64_t op, int64_t state) {
    tb_reports(t, at, engine, REPORT_STATE, 1, op, state);
}

static inline void tb_figure(struct tb *t, time_ns at, int64_t query, uint32_t revision,
                             int64_t kind, int64_t micro) {
    TB_TOLD(t, at, 0, query_result, .query = query, .service = {TB_PAYMENT}, .revision = {revision},
            .kind = kind, .micro = micro);
}

static inline void whole_opening(struct tb *t) {
    tb_seconds(t, 0, 10, TB_PAYMENT, 1, 0);
    tb_fault_on(t, TB_S(10),
                &(struct rec_fault_on){.service = {TB_PAYMENT}, .value = 152000, .baseline = 3000});
    tb_seconds(t, 10, 12, TB_PAYMENT, 1, 15);
    tb_reports(t, TB_S(12), 0, REPORT_OPENED, 1, 0, 0);
}

static inline void whole_patch(struct tb *t) {
    tb_reports(t, TB_S(13), 0, REPORT_DIAGNOSED, 1, 0, 900000);
    tb_state(t, TB_S(13), 0, 5, STATE_INIT);
    TB_WANTS(t, TB_S(13), 0, ask_patch, .incident = {1}, .op = {5}, .service = {TB_PAYMENT},
             .base = {1});
    tb_revision_made(
        t, TB_S(14),
        &(struct rec_revision_made){
            .revision = {2}, .service = {TB_PAYMENT}, .base = {1}, .op = {5}, .incident = {1}});
    tb_patch_made(t, TB_S(14),
                  &(struct rec_patch_made){.op = {5},
                                           .incident = {1},
                                           .service = {TB_PAYMENT},
                                           .reply = REPLY_OK,
                                           .revision = {2},
                                           .base = {1}});
    tb_reports(t, TB_S(14), 0, REPORT_PATCHED, 1, 5, 2);
    tb_checked(t, TB_S(14),
               &(struct rec_checked){.op = {5},
                                     .revision = {2},
                                     .reply = REPLY_OK,
                                     .passed = true,
                                     .tests_run = 3,
                                     .finding = REC_STR("")});
}

static inline void whole_locks(struct tb *t) {
    tb_registry(t, TB_S(15),
                &(struct rec_registry){.op = {5}, .number = 1, .service = {TB_PAYMENT}});
    tb_granted(t, TB_S(15), 0, 5, SCOPE_SERVICE, TB_PAYMENT);
    tb_granted(t, TB_S(15), 0, 5, SCOPE_INCIDENT, 1);
    tb_granted(t, TB_S(15), 0, 5, SCOPE_DEPLOYMENT, TB_PAYMENT);
    tb_state(t, TB_S(15), 0, 5, STATE_LOCKED);
}

/* What metrics tell the gates: half a percent of the budget's requests failed, a third is used. */
static inline void whole_gates(struct tb *t) {
    tb_state(t, TB_S(16), 0, 5, STATE_SAFETY_CHECK);
    tb_figure(t, TB_S(16), QUERY_BUDGET_REQUESTS, 0, VALUE_NUMBER, 1000000000);
    tb_figure(t, TB_S(16), QUERY_BUDGET_ERRORS, 0, VALUE_NUMBER, 5000000);
    tb_figure(t, TB_S(16), QUERY_CPU_SHARE, 0, VALUE_NUMBER, 333333);
    tb_figure(t, TB_S(16), QUERY_MEMORY_SHARE, 0, VALUE_NUMBER, 333333);
    tb_figure(t, TB_S(16), QUERY_DISK_SHARE, 0, VALUE_NUMBER, 333333);
}

static inline void whole_stage(struct tb *t, int from, int to, int64_t share) {
    tb_staged(t, TB_S(from), 0, 5, 1, 1, 2, share, 1);
    if (share < 1000000) tb_seconds(t, from, to, TB_PAYMENT, 1, 15);
    tb_seconds(t, from, to, TB_PAYMENT, 2, 0);
    tb_figure(t, TB_S(to), QUERY_REQUESTS, 2, VALUE_NUMBER, 40000000);
}

static inline void whole_close(struct tb *t) {
    tb_reports(t, TB_S(28), 0, REPORT_PROMOTED, 1, 5, 2);
    tb_seconds(t, 28, 34, TB_PAYMENT, 2, 0);
    tb_figure(t, TB_S(34), QUERY_OWN_ERROR_SHARE, 0, VALUE_NUMBER, 0);
    tb_state(t, TB_S(34), 0, 5, STATE_COMPLETED);
    tb_released(t, TB_S(34), 0, 5, SCOPE_DEPLOYMENT, TB_PAYMENT, 3);
    tb_released(t, TB_S(34), 0, 5, SCOPE_INCIDENT, 1, 2);
    tb_released(t, TB_S(34), 0, 5, SCOPE_SERVICE, TB_PAYMENT, 1);
    tb_registry(t, TB_S(34), &(struct rec_registry){.op = {5}, .event = 1, .number = 1});
    tb_reports(t, TB_S(34), 0, REPORT_CLOSED_RESOLVED, 1, 0, TB_S(22));
    tb_message(t, TB_S(34), 0, 9, FORM_TELL, REASON_RESOLVED, 1, 0);
}

static inline void whole_story_named(struct tb *t, const struct tb_names *names,
                                     story_twist twist) {
    tb_begin(t);
    tb_plan_named(t, names, "auto_fix", "resolved");
    TB_TOLD(t, 0, 0, recovered, .incarnation = 1);
    twist(t, ACT_PLANNED);
    whole_opening(t);
    twist(t, ACT_OPENED);
    whole_patch(t);
    twist(t, ACT_PATCHED);
    whole_locks(t);
    twist(t, ACT_LOCKED);
    whole_gates(t);
    twist(t, ACT_GATED);
    tb_reports(t, TB_S(16), 0, REPORT_GATED, 1, 5, 0);
    tb_state(t, TB_S(16), 0, 5, STATE_IN_PROGRESS);
    whole_stage(t, 16, 20, 100000);
    twist(t, ACT_BEGUN);
    whole_stage(t, 20, 24, 500000);
    twist(t, ACT_HALF);
    whole_stage(t, 24, 28, 1000000);
    twist(t, ACT_FULL);
    whole_close(t);
    twist(t, ACT_CLOSED);
    tb_seconds(t, 34, 70, TB_PAYMENT, 2, 0);
    tb_fault_off(t, TB_S(70), &(struct rec_fault_off){.fired = 100, .healed = true});
    tb_heal(t, TB_S(70), &(struct rec_heal){.faults = 1});
    twist(t, ACT_HEALED);
    tb_end_of(t, TB_S(75));
}
static inline void whole_story(struct tb *t, story_twist twist) {
    whole_story_named(t, &TB_PLAIN_NAMES, twist);
}
static inline void no_twist(struct tb *t, enum act act) {
    (void)t;
    (void)act;
}

#endif
