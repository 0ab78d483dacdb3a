/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Why an incident did not pass: each reason, in words that a person can act on. */
#include "reports/judge/judge.h"
#include "tests/runner.h"
#include "tests/support/whole_story.h"

struct court {
    struct tb t;
    struct facts facts;
    struct verdict verdict;
};

static const struct judged *judge(struct court *c) {
    struct trace_error error;
    CU_ASSERT_FATAL(judge_read(c->t.bytes.data, c->t.bytes.size, &c->facts, &error));
    CU_ASSERT_FATAL(judge_run(&c->facts, &c->verdict));
    for (uint32_t i = 0; i < c->verdict.list[0].reasons.count; i++)
        fprintf(stderr, "  %s\n", c->verdict.list[0].reasons.list[i]);
    return &c->verdict.list[0];
}
static void adjourn(struct court *c) {
    verdict_free(&c->verdict);
    facts_free(&c->facts);
    tb_free(&c->t);
}
#define SAID(j, index, text) CU_ASSERT_STRING_EQUAL((j)->reasons.list[index], text)

/* Errors from 10 s on, detected at 12 s. */
static void opening(struct tb *t, const char *reaction, const char *outcome) {
    tb_begin(t);
    tb_plan(t, reaction, outcome);
    tb_seconds(t, 0, 10, TB_PAYMENT, 1, 0);
    tb_fault_on(t, TB_S(10),
                &(struct rec_fault_on){.service = {TB_PAYMENT}, .value = 152000, .baseline = 3000});
    tb_seconds(t, 10, 12, TB_PAYMENT, 1, 15);
    tb_reports(t, TB_S(12), 0, REPORT_OPENED, 1, 0, 0);
}
static void ending(struct tb *t, int at) {
    tb_seconds(t, 12, at, TB_PAYMENT, 1, 15);
    tb_fault_off(t, TB_S(at), &(struct rec_fault_off){.fired = 100, .healed = true});
    tb_heal(t, TB_S(at), &(struct rec_heal){.faults = 1});
    tb_end_of(t, TB_S(at));
}

/* ---- every one, in the words of the file ---- */

static void bound(struct tb *t, const char *key, int64_t value) {
    tb_bound(t, 0, &(struct rec_bound){.key = REC_STR(key), .value = value});
}
static void too_strict(struct tb *t, enum act act) {
    if (act != ACT_PLANNED) return;
    bound(t, "lock_wait_min_ns", TB_S(1));
    bound(t, "person_reached_within_ns", TB_S(5));
    bound(t, "canary_pods", 3);
    bound(t, "lock_wait_max_ns", TB_S(1)); /* the only one that holds */
}
static void every_bound_is_told(void) {
    struct court c;
    whole_story(&c.t, too_strict);
    const struct judged *j = judge(&c);
    CU_ASSERT_EQUAL(j->kind, VERDICT_FAIL);
    CU_ASSERT_EQUAL(j->reasons.count, 3);
    SAID(j, 0, "lock_wait_min: 0 s, expected at least 1 s");
    SAID(j, 1, "person_reached_within: never, expected at most 5 s");
    SAID(j, 2, "canary_pods: 2, expected exactly 3");
    CU_ASSERT_STRING_EQUAL(j->why, j->reasons.list[0]);
    adjourn(&c);
}

/* A whole story takes 24 s; what is expected of its time, and what is said. */
static void repair_time_is_told_as_it_was_bounded(void) {
    static const struct {
        time_ns min, max;
        const char *said;
    } cases[] = {
        {TB_S(25), 0, "mttr: 24 s, expected at least 25 s"},
        {0, TB_S(23.9999), "mttr: 24 s, expected at most 23.999 s"},
        {TB_S(1), TB_S(20), "mttr: 24 s, expected at least 1 s and at most 20 s"},
        {TB_S(24), TB_S(24), NULL},
        {0, 0, NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct court c;
        whole_story(&c.t, no_twist);
        struct trace_error error;
        CU_ASSERT_FATAL(judge_read(c.t.bytes.data, c.t.bytes.size, &c.facts, &error));
        c.facts.expect.items[0].mttr_min_ns = cases[i].min;
        c.facts.expect.items[0].mttr_max_ns = cases[i].max;
        CU_ASSERT_FATAL(judge_run(&c.facts, &c.verdict));
        const struct judged *j = &c.verdict.list[0];
        CU_ASSERT_EQUAL(j->reasons.count, cases[i].said != NULL);
        if (cases[i].said) SAID(j, 0, cases[i].said);
        adjourn(&c);
    }
}

static void another_reaction_outcome_and_bound_are_three_reasons(void) {
    struct court c;
    opening(&c.t, "auto_fix", "resolved");
    bound(&c.t, "canary_pods", 2);
    ending(&c.t, 40);
    const struct judged *j = judge(&c);
    CU_ASSERT_EQUAL(j->reasons.count, 3);
    SAID(j, 0, "reaction: none, expected auto_fix");
    SAID(j, 1,
         "outcome: open, expected resolved: it stands at 40 s: detected at 12 s, and no operation "
         "was opened; nobody was asked");
    SAID(j, 2, "canary_pods: 0, expected exactly 2");
    adjourn(&c);
}

/* ---- the run ended too early, or nothing moved ---- */

static const struct judged *cut_off(struct court *c, int64_t state, bool suspended, int at) {
    opening(&c->t, "auto_fix", "resolved");
    tb_revision_made(
        &c->t, TB_S(13),
        &(struct rec_revision_made){
            .revision = {2}, .service = {TB_PAYMENT}, .base = {1}, .op = {5}, .incident = {1}});
    tb_state(&c->t, TB_S(14), 0, 5, STATE_IN_PROGRESS);
    tb_staged(&c->t, TB_S(16), 0, 5, 1, 1, 2, 500000, 1);
    if (state != STATE_IN_PROGRESS) tb_state(&c->t, TB_S(17), 0, 5, state);
    if (suspended)
        TB_WANTS(&c->t, TB_S(17), 0, suspend, .on = true, .reason = REASON_STORE_UNREACHABLE);
    ending(&c->t, at);
    return judge(c);
}
static void what_is_still_being_healed_is_too_little_data(void) {
    struct court c;
    const struct judged *j = cut_off(&c, STATE_IN_PROGRESS, false, 28);
    CU_ASSERT_EQUAL(j->outcome, OUTCOME_UNKNOWN);
    CU_ASSERT_EQUAL(j->kind, VERDICT_INCONCLUSIVE);
    SAID(j, 0,
         "too little data: the run ended at 28 s while operation 5 had served 50 % for 12 s; this "
         "policy soaks and watches for 12 s");
    CU_ASSERT_EQUAL(c.verdict.inconclusive, 1);
    adjourn(&c);
}
static void what_no_longer_run_would_end_stays_open(void) {
    struct court c;
    CU_ASSERT_EQUAL(cut_off(&c, STATE_IN_PROGRESS, false, 29)->outcome, OUTCOME_OPEN); /* stuck */
    adjourn(&c);
    CU_ASSERT_EQUAL(cut_off(&c, STATE_PAUSED, false, 20)->outcome, OUTCOME_OPEN);
    adjourn(&c);
    CU_ASSERT_EQUAL(cut_off(&c, STATE_CANCELLED, false, 20)->outcome, OUTCOME_OPEN);
    adjourn(&c);
    const struct judged *j = cut_off(&c, STATE_IN_PROGRESS, true, 20);
    CU_ASSERT_EQUAL(j->outcome, OUTCOME_OPEN);
    CU_ASSERT_PTR_NOT_NULL(strstr(j->reasons.list[1], "suspended at 17 s (store_unreachable)"));
    CU_ASSERT_PTR_NOT_NULL(strstr(j->reasons.list[1], "operation 5 IN_PROGRESS since 14 s"));
    adjourn(&c);
}

/* ---- what came nearest ---- */

static const char *nearest(struct court *c, int64_t form, int64_t reason) {
    opening(&c->t, "auto_fix", "resolved");
    tb_message(&c->t, TB_S(15), 0, 1, form, reason, 1, 0);
    ending(&c->t, 40);
    const struct judged *j = judge(c);
    CU_ASSERT_EQUAL(j->reaction, REACTION_UNCLASSIFIED);
    return j->reasons.list[0];
}
static void a_reaction_without_a_name_says_what_came_nearest(void) {
    static const struct {
        int64_t form, reason;
        const char *said;
    } cases[] = {
        {FORM_TAKE_OVER, REASON_LOCK_LOST,
         "asked to take over at 15 s (lock_lost), which is none of the reasons that make an "
         "escalation right"},
        {FORM_TAKE_OVER, REASON_CRITICAL_ERRORS,
         "asked to take over at 15 s (critical_errors), which the world does not bear out"},
        {FORM_CONFIRM, REASON_LOW_CONFIDENCE,
         "asked to confirm at 15 s (low_confidence), and has not answered"},
        {FORM_TELL, REASON_STORE_UNREACHABLE,
         "told at 15 s (store_unreachable), which the world does not bear out"},
        {FORM_TELL, REASON_INCIDENT_OPENED,
         "told at 15 s (incident_opened), which is no reason to stop for"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct court c;
        CU_ASSERT_PTR_NOT_NULL(strstr(nearest(&c, cases[i].form, cases[i].reason), cases[i].said));
        adjourn(&c);
    }
}

/* ---- nothing was to happen ---- */

static void what_happened_instead_of_nothing_is_told(void) {
    for (int closed = 0; closed < 2; closed++) {
        struct court c;
        tb_begin(&c.t);
        tb_plan(&c.t, NULL, NULL);
        tb_expect(&c.t, 0,
                  &(struct rec_expect){.name = REC_STR("none"),
                                       .fault = -1,
                                       .service = ID_NONE(svc_id),
                                       .symptom = -1,
                                       .reaction = REC_STR("none"),
                                       .outcome = REC_STR("none")});
        tb_seconds(&c.t, 0, 12, TB_PAYMENT, 1, 0);
        tb_reports(&c.t, TB_S(12), 0, REPORT_OPENED, 1, 0, 0);
        tb_message(&c.t, TB_S(12), 0, 1, FORM_TELL, REASON_INCIDENT_OPENED, 1, 0);
        if (closed) tb_reports(&c.t, TB_S(34), 0, REPORT_CLOSED_HEALED_BY_ANOTHER, 1, 0, 0);
        tb_end_of(&c.t, TB_S(40));
        judge(&c);
        const struct judged *j = &c.verdict.list[c.verdict.count - 1];
        CU_ASSERT_EQUAL(j->kind, VERDICT_FAIL);
        CU_ASSERT_EQUAL(j->reasons.count, 1);
        SAID(j, 0,
             closed ? "expected nothing, but an incident (errors of payment) was detected at 12 s "
                      "and closed at "
                      "34 s; a person was told at 12 s (incident_opened)"
                    : "expected nothing, but an incident (errors of payment) was detected at 12 s "
                      "and never "
                      "closed; a person was told at 12 s (incident_opened)");
        adjourn(&c);
    }
}

TEST_MAIN("judge's reasons", TEST(every_bound_is_told), TEST(repair_time_is_told_as_it_was_bounded),
          TEST(another_reaction_outcome_and_bound_are_three_reasons),
          TEST(what_is_still_being_healed_is_too_little_data),
          TEST(what_no_longer_run_would_end_stays_open),
          TEST(a_reaction_without_a_name_says_what_came_nearest),
          TEST(what_happened_instead_of_nothing_is_told))
