/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_COURT_H
#define TESTS_COURT_H
/* A handmade story of one incident in a trace_builder, and a judge to be asked about it: judge(),
 * look at the verdict, adjourn(). Include "tests/runner.h" first. */
#include "reports/judge/judge.h"
#include "tests/runner.h"
#include "tests/support/trace_builder.h"

struct court {
    struct facts facts;
    struct verdict verdict;
};

static inline const struct judged *judge(struct tb *t, struct court *court) {
    struct trace_error error;
    bool read = judge_read(t->bytes.data, t->bytes.size, &court->facts, &error);
    if (!read) fprintf(stderr, "record %llu: %s\n", (unsigned long long)error.record, error.what);
    CU_ASSERT_FATAL(read);
    CU_ASSERT_FATAL(judge_run(&court->facts, &court->verdict));
    for (uint32_t i = 0; i < court->verdict.count; i++)
        if (court->verdict.list[i].kind != VERDICT_PASS)
            fprintf(stderr, "  %s\n", court->verdict.list[i].why);
    return &court->verdict.list[0];
}

static inline void adjourn(struct tb *t, struct court *court) {
    verdict_free(&court->verdict);
    facts_free(&court->facts);
    tb_free(t);
}

/* Ten quiet seconds, then errors; the engine opens incident 1 two seconds later. */
static inline void opening(struct tb *t, int64_t own_failed) {
    tb_seconds(t, 0, 10, TB_PAYMENT, 1, 0);
    tb_fault_on(t, TB_S(10),
                &(struct rec_fault_on){.service = {TB_PAYMENT}, .value = 152000, .baseline = 3000});
    tb_seconds(t, 10, 12, TB_PAYMENT, 1, own_failed);
    tb_reports(t, TB_S(12), 0, REPORT_OPENED, 1, 0, 0);
}

static inline void patched(struct tb *t, time_ns at, uint32_t revision, int64_t defects) {
    TB_WANTS(t, at, 0, ask_patch, .incident = {1}, .op = {5}, .service = {TB_PAYMENT}, .base = {1});
    tb_revision_made(t, at,
                     &(struct rec_revision_made){.revision = {revision},
                                                 .service = {TB_PAYMENT},
                                                 .base = {1},
                                                 .defects = defects,
                                                 .op = {5},
                                                 .incident = {1}});
    tb_patch_made(t, at,
                  &(struct rec_patch_made){.op = {5},
                                           .incident = {1},
                                           .service = {TB_PAYMENT},
                                           .reply = REPLY_OK,
                                           .revision = {revision},
                                           .base = {1}});
}

static inline void ending(struct tb *t, time_ns at) {
    tb_fault_off(t, at, &(struct rec_fault_off){.fired = 100, .healed = true});
    tb_heal(t, at, &(struct rec_heal){.faults = 1});
    tb_end_of(t, at);
}

/* A canary taken back by its own operation; then as bad as before. */
static inline void canary_story(struct tb *t, int64_t after) {
    opening(t, 15);
    patched(t, TB_S(13), 2, 1);
    tb_staged(t, TB_S(14), 0, 5, 1, 1, 2, 100000, 1);
    tb_seconds(t, 12, 18, TB_PAYMENT, 1, 15);
    tb_rolled_back(t, TB_S(18), 0, 5, 1, 2, 1, 1);
    tb_seconds(t, 18, 60, TB_PAYMENT, 1, after);
    ending(t, TB_S(60));
}

#endif
