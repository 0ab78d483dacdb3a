/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a close is true: what chance does to few requests, and what comes after it and is no part
 * of it. */
#include "reports/judge/chance.h"
#include "scenarios/words/plan.h"
#include "tests/support/invariant_case.h"

/* By hand: sqrt(n p (1 - p)) of 1000 at 5 % is 6.9, so that 71 is three of them beyond 50, and the
 * half; of 15 it is 0.84, of which one failure is none beyond 0.75, and four are 3.2. */
static void few_requests_say_little(void) {
    CU_ASSERT(!chance_excludes(1, 1, 50000));
    CU_ASSERT(!chance_excludes(1, 15, 50000));
    CU_ASSERT(!chance_excludes(3, 15, 50000));
    CU_ASSERT(chance_excludes(4, 15, 50000));
    CU_ASSERT(!chance_excludes(71, 1000, 50000));
    CU_ASSERT(chance_excludes(72, 1000, 50000));
    CU_ASSERT(chance_excludes(50800, 1000000, 50000));
    CU_ASSERT(!chance_excludes(0, 0, 50000));
    CU_ASSERT(!chance_excludes(0, 1000000, 50000));
    CU_ASSERT(chance_excludes(2, 10, 0));
}

static struct chance_mean mean_of(int64_t low, int64_t high, int count) {
    struct chance_mean mean = {0};
    for (int k = 0; k < count; k++) chance_add(&mean, k % 2 ? high : low, 5);
    return mean;
}

/* Twenty figures 20,000 apart have a standard error of 10,000 / sqrt(20) = 2,236; four of both are
 * 12,649. */
static void means_are_told_apart_by_their_spread(void) {
    struct chance_mean before = mean_of(90000, 110000, 20);
    struct chance_mean after = mean_of(102600, 122600, 20);
    struct chance_mean later = mean_of(102700, 122700, 20);
    CU_ASSERT(!chance_above(&after, &before, 1000000));
    CU_ASSERT(chance_above(&later, &before, 1000000));
    CU_ASSERT(!chance_above(&later, &before, 1200000));
    struct chance_mean still = mean_of(121, 121, 20), hundred = mean_of(100, 100, 20);
    CU_ASSERT(chance_above(&still, &hundred, 1200000));
    struct chance_mean few = mean_of(500, 500, 9);
    CU_ASSERT(!chance_above(&few, &hundred, 1200000));
    CU_ASSERT(!chance_above(&hundred, &few, 1200000));
}

/* ---- stories: payment fails from 10 s on, revision 2 cures it at 14 s, closed at 20 s ---- */

#define END 60

static void quiet(struct tb *t, int from, int to, int64_t requests) {
    for (int s = from + 1; s <= to; s++)
        tb_truth(t, s * NS_PER_S,
                 &(struct rec_truth){.service = {TB_PAYMENT},
                                     .revision = {2},
                                     .requests = requests,
                                     .p95_ns = 50 * NS_PER_MS});
}

static void failing(struct tb *t, int from, int to, int64_t requests, int64_t failed) {
    for (int s = from + 1; s <= to; s++)
        tb_truth(t, s * NS_PER_S,
                 &(struct rec_truth){.service = {TB_PAYMENT},
                                     .revision = {2},
                                     .requests = requests,
                                     .failed = failed,
                                     .own_failed = failed,
                                     .p95_ns = 50 * NS_PER_MS});
}

static void made(struct tb *t, int at, uint32_t revision, uint64_t op) {
    tb_revision_made(t, TB_S(at),
                     &(struct rec_revision_made){.revision = {revision},
                                                 .service = {TB_PAYMENT},
                                                 .base = {1},
                                                 .op = {op},
                                                 .incident = {op ? 1 : 0}});
}

static void closed(struct tb *t, int64_t requests) {
    tb_begin(t);
    tb_plan(t, NULL, NULL);
    tb_fault_planned(t, 0,
                     &(struct rec_fault_planned){.fault = 1,
                                                 .name = REC_STR("another"),
                                                 .service = {TB_PAYMENT},
                                                 .begins_at = 25 * NS_PER_S,
                                                 .ends_at = TIME_NEVER,
                                                 .symptom = SYMPTOM_ERRORS});
    quiet(t, 0, 10, requests);
    tb_fault_on(t, TB_S(10),
                &(struct rec_fault_on){.service = {TB_PAYMENT}, .value = 152000, .baseline = 1000});
    tb_reports(t, TB_S(12), 0, REPORT_OPENED, 1, 0, 0);
    made(t, 13, 2, 5);
    tb_staged(t, TB_S(14), 0, 5, 1, 1, 2, 1000000, 1);
    quiet(t, 14, 20, requests);
    tb_reports(t, TB_S(20), 0, REPORT_CLOSED_RESOLVED, 1, 5, 0);
}

static uint32_t broken(struct tb *t) {
    tb_fault_off(t, TB_S(END), &(struct rec_fault_off){.fired = 100, .healed = true});
    tb_heal(t, TB_S(END), &(struct rec_heal){.faults = 1});
    tb_end_of(t, TB_S(END));
    return violations_in(t, "closed_means_healed");
}

static void one_failure_of_few_is_no_return(void) {
    struct tb t;
    closed(&t, 3);
    quiet(&t, 20, 30, 3);
    failing(&t, 30, 31, 3, 1);
    quiet(&t, 31, END, 3);
    CU_ASSERT_EQUAL(broken(&t), 0);
    closed(&t, 3);
    quiet(&t, 20, 30, 3);
    failing(&t, 30, 33, 3, 2);
    quiet(&t, 33, END, 3);
    CU_ASSERT_EQUAL(broken(&t), 1);
}

static void what_begins_later_is_another_incident(void) {
    struct tb t;
    closed(&t, 100);
    quiet(&t, 20, 25, 100);
    tb_fault_on(&t, TB_S(25), &(struct rec_fault_on){.fault = 1, .service = {TB_PAYMENT}});
    failing(&t, 25, END, 100, 40);
    CU_ASSERT_EQUAL(broken(&t), 0);
    closed(&t, 100); /* the same failures, with no cause but this one */
    quiet(&t, 20, 25, 100);
    failing(&t, 25, END, 100, 40);
    CU_ASSERT_EQUAL(broken(&t), 1);
}

/* What others roll out after the close is not what was closed; what served at it is. */
static void a_revision_that_served_already_counts(void) {
    struct tb t;
    closed(&t, 100);
    made(&t, 24, 3, 0);
    quiet(&t, 20, 25, 100);
    tb_traffic(&t, TB_S(25),
               &(struct rec_traffic){.service = {TB_PAYMENT}, .stable = {3}, .engine = -1});
    failing(&t, 25, END, 100, 40);
    CU_ASSERT_EQUAL(broken(&t), 0);
    closed(&t, 100);
    quiet(&t, 20, 25, 100);
    tb_traffic(&t, TB_S(25),
               &(struct rec_traffic){.service = {TB_PAYMENT}, .stable = {1}, .engine = -1});
    failing(&t, 25, END, 100, 40);
    CU_ASSERT_EQUAL(broken(&t), 1);
}

/* Processes that die in turns: away at the close, and back five seconds later. */
static uint32_t comes_back(int64_t kind, int64_t failed_before) {
    struct tb t;
    tb_begin(&t);
    tb_plan(&t, NULL, NULL);
    tb_fault_planned(&t, 0,
                     &(struct rec_fault_planned){.fault = 1,
                                                 .name = REC_STR("dies"),
                                                 .kind = kind,
                                                 .service = {TB_INVENTORY},
                                                 .begins_at = 10 * NS_PER_S,
                                                 .ends_at = TIME_NEVER,
                                                 .symptom = SYMPTOM_ERRORS});
    tb_fault_on(&t, TB_S(10), &(struct rec_fault_on){.fault = 1, .service = {TB_INVENTORY}});
    TB_WANTS(&t, TB_S(12), 0, report, .kind = REPORT_OPENED, .incident = {1},
             .service = {TB_INVENTORY}, .symptom = SYMPTOM_ERRORS);
    tb_seconds(&t, 10, 25, TB_INVENTORY, 1, failed_before);
    TB_WANTS(&t, TB_S(25), 0, report, .kind = REPORT_CLOSED_HEALED_BY_ANOTHER, .incident = {1},
             .service = {TB_INVENTORY}, .symptom = SYMPTOM_ERRORS);
    tb_seconds(&t, 25, 30, TB_INVENTORY, 1, 0);
    tb_seconds(&t, 30, END, TB_INVENTORY, 1, 40);
    return broken(&t);
}
static void what_comes_and_goes_was_away(void) {
    CU_ASSERT_EQUAL(comes_back(FAULT_RESTART_LOOP, 0), 0);
    CU_ASSERT_EQUAL(comes_back(FAULT_RESTART_LOOP, 40), 1);
    CU_ASSERT_EQUAL(comes_back(FAULT_ERROR_RATE, 0), 1); /* every request shows a defect */
}

TEST_MAIN("outcome", TEST(few_requests_say_little), TEST(means_are_told_apart_by_their_spread),
          TEST(one_failure_of_few_is_no_return), TEST(what_begins_later_is_another_incident),
          TEST(a_revision_that_served_already_counts), TEST(what_comes_and_goes_was_away))
