/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time to repair, contention and indicators of handmade stories. */
#include "reports/report.h"
#include "tests/runner.h"
#include "tests/support/whole_story.h"

struct desk {
    struct tb t;
    struct facts facts;
    struct verdict verdict;
    struct report report;
};

static void open_desk(struct desk *d, story_twist twist) {
    struct trace_error error;
    whole_story(&d->t, twist);
    CU_ASSERT_FATAL(judge_read(d->t.bytes.data, d->t.bytes.size, &d->facts, &error));
    CU_ASSERT_FATAL(judge_run(&d->facts, &d->verdict));
    report_init(&d->report);
    report_add(&d->report, &d->facts, &d->verdict, "firedrill run story --seed 7");
}
static void close_desk(struct desk *d) {
    report_free(&d->report);
    verdict_free(&d->verdict);
    facts_free(&d->facts);
    tb_free(&d->t);
}

static void buckets_add_up_to_the_nanosecond(void) {
    struct desk d;
    open_desk(&d, no_twist);
    const struct timeline *line = &d.report.runs[0].rows[0].timeline;
    time_ns sum = 0;
    for (int k = 0; k < BUCKET_COUNT; k++) sum += line->ns[k];
    CU_ASSERT_EQUAL(sum, TB_S(24));
    CU_ASSERT_EQUAL(line->total, TB_S(24));
    CU_ASSERT_EQUAL(line->ns[BUCKET_detect], TB_S(2));
    CU_ASSERT_EQUAL(line->ns[BUCKET_root_cause], TB_S(1));
    CU_ASSERT_EQUAL(line->ns[BUCKET_patch], TB_S(2));
    CU_ASSERT_EQUAL(line->ns[BUCKET_gates], TB_S(1));
    CU_ASSERT_EQUAL(line->ns[BUCKET_canary_10], TB_S(4));
    CU_ASSERT_EQUAL(line->ns[BUCKET_canary_50], TB_S(4));
    CU_ASSERT_EQUAL(line->ns[BUCKET_canary_100], TB_S(4));
    CU_ASSERT_EQUAL(line->ns[BUCKET_verify], TB_S(6));
    close_desk(&d);
}

static void waits_go_to_their_buckets(struct tb *t, enum act act) {
    if (act != ACT_PATCHED) return;
    TB_TOLD(t, TB_S(14.1), 0, patch_reply, .op = {5}, .reply = REPLY_OK);
    TB_TOLD(t, TB_S(14.2), 0, lock_reply, .op = {5}, .result = LOCK_REPLY_HELD);
    TB_WANTS(t, TB_S(14.5), 0, lock_leave, .op = {5});
    TB_WANTS(t, TB_S(14.9), 0, lock_acquire, .op = {5});
}
static void a_lock_and_a_retry_are_waits(void) {
    struct desk d;
    open_desk(&d, waits_go_to_their_buckets);
    const struct timeline *line = &d.report.runs[0].rows[0].timeline;
    CU_ASSERT_EQUAL(line->ns[BUCKET_lock_wait], TB_S(0.3));
    CU_ASSERT_EQUAL(line->ns[BUCKET_retry_wait], TB_S(0.4));
    CU_ASSERT_EQUAL(line->total, TB_S(24));
    close_desk(&d);
}

static void true_and_seen_times_stand_side_by_side(void) {
    struct desk d;
    struct mttr m;
    struct survival survival;
    open_desk(&d, no_twist);
    report_mttr(&d.report, &m, &survival);
    CU_ASSERT_EQUAL(m.incidents, 1);
    CU_ASSERT_EQUAL(m.repaired.count, 1);
    CU_ASSERT_EQUAL(m.repaired.mean.value, TB_S(24));
    CU_ASSERT_EQUAL(m.repaired.p99.value, TB_S(24));
    CU_ASSERT_EQUAL(d.report.runs[0].rows[0].seen, TB_S(22));
    CU_ASSERT_EQUAL(m.escalated + m.unresolved, 0);
    CU_ASSERT_EQUAL(m.failed, 10 * 15);
    close_desk(&d);
}

static void what_was_not_repaired_is_censored(void) {
    struct tb t;
    struct facts facts;
    struct verdict verdict;
    struct report report;
    struct trace_error error;
    struct mttr m;
    struct survival survival;
    tb_begin(&t);
    tb_plan(&t, "escalate", "held");
    whole_opening(&t);
    tb_message(&t, TB_S(13), 0, 1, FORM_TAKE_OVER, REASON_CRITICAL_ERRORS, 1, 0);
    tb_seconds(&t, 12, 40, TB_PAYMENT, 1, 15);
    tb_heal(&t, TB_S(40), &(struct rec_heal){.faults = 1});
    tb_end_of(&t, TB_S(40));
    CU_ASSERT_FATAL(judge_read(t.bytes.data, t.bytes.size, &facts, &error));
    CU_ASSERT_FATAL(judge_run(&facts, &verdict));
    report_init(&report);
    report_add(&report, &facts, &verdict, "");
    report_mttr(&report, &m, &survival);
    CU_ASSERT_EQUAL(m.incidents, 1);
    CU_ASSERT_EQUAL(m.repaired.count, 0);
    CU_ASSERT_EQUAL(m.escalated, 1);
    CU_ASSERT_EQUAL(m.pages, 1);
    CU_ASSERT_EQUAL(report.runs[0].rows[0].mttr, TB_S(30));
    report_free(&report);
    verdict_free(&verdict);
    facts_free(&facts);
    tb_free(&t);
}

/* ---- contention ---- */

static void event(struct tb *t, time_ns at, int64_t engine, uint64_t op, int64_t what,
                  uint64_t holder, int64_t queue) {
    tb_lock(t, at,
            &(struct rec_lock){.engine = engine,
                               .op = {op},
                               .scope = SCOPE_SERVICE,
                               .name = TB_ORDER,
                               .event = what,
                               .holder = {holder},
                               .token_epoch = 1,
                               .token_number = 100 + at,
                               .queue = queue,
                               .expires_at = at + TB_S(300)});
}
static void three_want_one_lock(struct tb *t, enum act act) {
    if (act != ACT_CLOSED) return;
    event(t, TB_S(40), 0, 11, LOCK_GRANTED, 11, 0);
    event(t, TB_S(41), 1, 12, LOCK_QUEUED, 11, 1);
    event(t, TB_S(42), 1, 13, LOCK_QUEUED, 11, 2);
    event(t, TB_S(45), 0, 11, LOCK_RELEASED, 0, 2);
    event(t, TB_S(45), 1, 12, LOCK_GRANTED, 12, 1);
    event(t, TB_S(47), 1, 13, LOCK_LEFT, 12, 0);
    event(t, TB_S(50), 1, 12, LOCK_EXPIRED, 0, 0);
}
static const struct lock_figures *figures_of(const struct contention *c, int64_t name) {
    for (uint32_t k = 0; k < c->count; k++)
        if (c->list[k].scope == SCOPE_SERVICE && c->list[k].name == name) return &c->list[k];
    return NULL;
}
static void a_contended_lock(void) {
    struct desk d;
    open_desk(&d, three_want_one_lock);
    const struct contention *c = &d.report.runs[0].contention;
    const struct lock_figures *x = figures_of(c, TB_ORDER);
    CU_ASSERT_FATAL(x != NULL);
    CU_ASSERT_STRING_EQUAL(x->label, "SERVICE order");
    CU_ASSERT_EQUAL(x->requests, 3);
    CU_ASSERT_EQUAL(x->grants, 2);
    CU_ASSERT_EQUAL(x->timeouts, 1);
    CU_ASSERT_EQUAL(x->lost, 1);
    CU_ASSERT_EQUAL(x->queue_max, 2);
    CU_ASSERT_EQUAL(x->convoy_max, 2);
    CU_ASSERT_EQUAL(x->wait.max, TB_S(4));
    CU_ASSERT_EQUAL(x->hold.min, TB_S(5));
    CU_ASSERT_EQUAL(x->utilisation_ppm, 1000000 * 10 / 75);
    CU_ASSERT_EQUAL(x->queue_mean_ppm, 1000000 * 9 / 75);
    CU_ASSERT_EQUAL(x->queue_mean_ppm, x->little_ppm);
    CU_ASSERT_EQUAL(c->wait_edges, 3); /* two wait for 11, then one of them for the other */
    CU_ASSERT_EQUAL(c->cycles, 0);
    CU_ASSERT_EQUAL(c->fairness_ppm, 1000000 * (4 + 1) * (4 + 1) / (2 * (16 + 1)));
    close_desk(&d);
}

static void per_scope_and_engine_add_up_to_all(void) {
    struct desk d;
    open_desk(&d, three_want_one_lock);
    const struct contention *c = &d.report.runs[0].contention;
    int64_t requests[3] = {0}, grants[3] = {0}, timeouts[3] = {0};
    const struct {
        const struct lock_figures *list;
        uint32_t count;
    } by[] = {{c->list, c->count}, {c->scopes, c->scope_count}, {c->engines, c->engine_count}};
    CU_ASSERT_TRUE(c->scope_count > 1 && c->engine_count == 2);
    for (size_t k = 0; k < ARRAY_LEN(by); k++) {
        for (uint32_t i = 0; i < by[k].count; i++) {
            requests[k] += by[k].list[i].requests;
            grants[k] += by[k].list[i].grants;
            timeouts[k] += by[k].list[i].timeouts;
            CU_ASSERT_EQUAL(by[k].list[i].wait.count, by[k].list[i].grants);
        }
        CU_ASSERT_EQUAL(requests[k], c->total.requests);
        CU_ASSERT_EQUAL(grants[k], c->total.grants);
        CU_ASSERT_EQUAL(timeouts[k], c->total.timeouts);
    }
    CU_ASSERT_EQUAL(c->engines[1].wait.max, TB_S(4));
    CU_ASSERT_EQUAL(c->engines[1].waited, TB_S(9));
    CU_ASSERT_EQUAL(c->engines[1].hold.max, TB_S(5));
    close_desk(&d);
}

static void a_queue_over_time(void) {
    static const struct {
        time_ns at;
        int64_t waiters;
    } expected[] = {{TB_S(41), 1}, {TB_S(42), 2}, {TB_S(45), 1}, {TB_S(47), 0}};
    struct desk d;
    open_desk(&d, three_want_one_lock);
    const struct contention *c = &d.report.runs[0].contention;
    CU_ASSERT_EQUAL_FATAL(c->queue_count, ARRAY_LEN(expected));
    for (uint32_t k = 0; k < c->queue_count; k++) {
        CU_ASSERT_EQUAL(c->list[c->queues[k].lock].name, TB_ORDER);
        CU_ASSERT_EQUAL(c->queues[k].at, expected[k].at);
        CU_ASSERT_EQUAL(c->queues[k].waiters, expected[k].waiters);
    }
    close_desk(&d);
}

static void who_waited_for_whom(void) {
    static const struct {
        uint64_t waiter, holder;
        double from, to;
        bool behind;
    } expected[] = {{12, 11, 41, 45, false},
                    {13, 11, 42, 45, false},
                    {13, 12, 42, 45, true},
                    {13, 12, 45, 47, false}};
    struct desk d;
    open_desk(&d, three_want_one_lock);
    struct waits_for *g = &d.report.runs[0].contention.graph;
    CU_ASSERT_EQUAL_FATAL(g->edge_count, ARRAY_LEN(expected));
    for (uint32_t k = 0; k < g->edge_count; k++) {
        const struct wait_edge *e = &g->edges[k];
        CU_ASSERT_EQUAL(e->waiter.v, expected[k].waiter);
        CU_ASSERT_EQUAL(e->holder.v, expected[k].holder);
        CU_ASSERT_EQUAL(e->from, TB_S(expected[k].from));
        CU_ASSERT_EQUAL(e->to, TB_S(expected[k].to));
        CU_ASSERT_EQUAL(e->behind, expected[k].behind);
        CU_ASSERT_FALSE(e->open);
    }
    CU_ASSERT_EQUAL(g->most, 3);
    CU_ASSERT_EQUAL(g->cyclic, 0);
    CU_ASSERT_TRUE(waits_for_proven(g));
    CU_ASSERT_TRUE(d.report.runs[0].contention.acyclic);
    /* a proof that is wrong is seen */
    for (uint32_t k = 0; k < g->shape_count; k++) {
        struct op_id *first = &g->order[g->shapes[k].first], *last = first + g->shapes[k].count - 1;
        struct op_id kept = *first;
        *first = *last;
        *last = kept;
    }
    CU_ASSERT_FALSE(waits_for_proven(g));
    close_desk(&d);
}

static void named_event(struct tb *t, time_ns at, int64_t name, uint64_t op, int64_t what,
                        uint64_t holder) {
    tb_lock(t, at,
            &(struct rec_lock){.op = {op},
                               .scope = SCOPE_SERVICE,
                               .name = name,
                               .event = what,
                               .holder = {holder},
                               .token_epoch = 1,
                               .token_number = 100 + at,
                               .queue = what == LOCK_QUEUED,
                               .expires_at = at + TB_S(300)});
}
static void two_wait_for_each_other(struct tb *t, enum act act) {
    if (act != ACT_CLOSED) return;
    named_event(t, TB_S(40), TB_ORDER, 11, LOCK_GRANTED, 11);
    named_event(t, TB_S(41), TB_PAYMENT, 12, LOCK_GRANTED, 12);
    named_event(t, TB_S(42), TB_PAYMENT, 11, LOCK_QUEUED, 12);
    named_event(t, TB_S(43), TB_ORDER, 12, LOCK_QUEUED, 11);
}
static void a_cycle_has_no_proof(void) {
    struct desk d;
    open_desk(&d, two_wait_for_each_other);
    const struct contention *c = &d.report.runs[0].contention;
    CU_ASSERT_EQUAL(c->graph.cyclic, 1);
    CU_ASSERT_EQUAL(c->graph.shape_count, 2);
    CU_ASSERT_EQUAL(c->cycles, 1);
    CU_ASSERT_FALSE(waits_for_proven(&c->graph));
    CU_ASSERT_FALSE(c->acyclic);
    CU_ASSERT_TRUE(c->graph.edges[0].open && c->graph.edges[1].open);
    /* both still wait: their waits count as long as they last */
    CU_ASSERT_EQUAL(c->total.waited, TB_S(75 - 42) + TB_S(75 - 43));
    CU_ASSERT_TRUE(contention_little_holds(c));
    close_desk(&d);
}

static void indicators_count(void) {
    struct desk d;
    open_desk(&d, three_want_one_lock);
    const struct indicators *x = &d.report.indicators;
    CU_ASSERT_EQUAL(x->of[INDICATOR_auto_healing_success].part, 1);
    CU_ASSERT_EQUAL(x->of[INDICATOR_auto_healing_success].whole, 1);
    CU_ASSERT_EQUAL(x->of[INDICATOR_canaries_promoted].part, 1);
    CU_ASSERT_EQUAL(x->of[INDICATOR_wrong_rollbacks].whole, 0);
    CU_ASSERT_EQUAL(x->of[INDICATOR_gate_rejections].whole, 1);
    CU_ASSERT_EQUAL(x->of[INDICATOR_lock_contention].part, 1);
    CU_ASSERT_EQUAL(x->of[INDICATOR_lock_contention].whole, 6);
    close_desk(&d);
}

static void a_distribution_is_known_exactly(void) {
    time_ns samples[] = {5, 1, 4, 2, 3};
    struct distribution d;
    distribution_of(samples, 5, &d);
    CU_ASSERT_EQUAL(d.mean.value, 3);
    CU_ASSERT_EQUAL(d.p50.value, 3);
    CU_ASSERT_EQUAL(d.min, 1);
    CU_ASSERT_EQUAL(d.max, 5);
    CU_ASSERT_TRUE(d.mean.low <= 3 && d.mean.high >= 3 && d.mean.low < d.mean.high);
    distribution_of(samples, 0, &d);
    CU_ASSERT_EQUAL(d.count, 0);
}

TEST_MAIN("report", TEST(buckets_add_up_to_the_nanosecond), TEST(a_lock_and_a_retry_are_waits),
          TEST(true_and_seen_times_stand_side_by_side), TEST(what_was_not_repaired_is_censored),
          TEST(a_contended_lock), TEST(per_scope_and_engine_add_up_to_all), TEST(a_queue_over_time),
          TEST(who_waited_for_whom), TEST(a_cycle_has_no_proof), TEST(indicators_count),
          TEST(a_distribution_is_known_exactly))
