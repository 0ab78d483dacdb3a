/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Incidents drawn from a mix: by seed and name alone, as often, where and as hard as is stated. */
#include "scenarios/scenario.h"
#include "tests/runner.h"
#include "tests/unit/scenario_files.h"

#define HEAD                                                                                       \
    "name: t\ntopology: shop\npolicy: fast\nstart: 2026-01-05T00:00:00Z\nduration: 240h\n"         \
    "load: {entry: 10/s}\nexpect: [{invariants: true}]\n"
#define ERRORS "{kind: error_rate, name: e, value: [5%, 20%]}"

static struct arena arena;

/* NULL after a diagnostic on stderr */
static const struct plan *drawn(const char *text, uint64_t seed) {
    static struct scenario *list;
    static struct diags diags;
    struct catalogue catalogue = {.arena = &arena};
    struct scn_files files = catalogue_files(&catalogue);
    struct scn_options options = {.seed_given = true, .seed = seed};
    uint32_t count;
    diags = (struct diags){0};
    if (scn_load(&arena, "t.yaml", text, strlen(text), &files, &options, &diags, &list, &count))
        return &list[0].plan;
    diag_print(&diags, stderr);
    return NULL;
}

static void they_come_at_their_rate_and_in_order(void) {
    uint64_t total = 0;
    arena_open(&arena);
    for (uint64_t seed = 1; seed <= 400; seed++) {
        const struct plan *p = drawn(HEAD "incidents: {rate: 2/day, mix: [" ERRORS "]}\n", seed);
        CU_ASSERT_PTR_NOT_NULL_FATAL(p);
        total += p->fault_count;
        for (uint32_t k = 1; k < p->fault_count; k++)
            CU_ASSERT_TRUE(p->faults[k - 1].at <= p->faults[k].at);
    }
    /* Poisson with mean 400 * 20: five standard deviations */
    CU_ASSERT_TRUE(total > 8000 - 447 && total < 8000 + 447);
    arena_close(&arena);
}

static void the_hours_of_the_day_have_their_weights(void) {
    uint64_t by_hour[24] = {0}, total = 0;
    arena_open(&arena);
    for (uint64_t seed = 1; seed <= 200; seed++) {
        const struct plan *p = drawn(HEAD "incidents: {rate: 2/day, mix: [" ERRORS "],\n"
                                          "hours: [0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0,\n"
                                          "        0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]}\n",
                                     seed);
        CU_ASSERT_PTR_NOT_NULL_FATAL(p);
        for (uint32_t k = 0; k < p->fault_count; k++) by_hour[p->faults[k].at / NS_PER_HOUR % 24]++;
        total += p->fault_count;
    }
    CU_ASSERT_EQUAL(by_hour[9] + by_hour[17], total);
    CU_ASSERT_TRUE(total > 4000 - 320 && total < 4000 + 320); /* the rate is the whole day's */
    CU_ASSERT_TRUE(by_hour[9] > 3000 - 280 && by_hour[9] < 3000 + 280);
    arena_close(&arena);
}

static void sizes_and_targets_lie_where_they_are_stated(void) {
    uint32_t hit[2] = {0}, kinds[2] = {0};
    arena_open(&arena);
    for (uint64_t seed = 1; seed <= 50; seed++) {
        const struct plan *p = drawn(
            HEAD
            "incidents: {rate: 3/day, from: 1h, until: 239h, mix: [\n"
            "{weight: 3, name: e, kind: error_rate, over: [payment, order], value: [5%, 6%]},\n"
            "{name: p, kind: pods_unreachable, over: [order], value: [1, 9], "
            "for: [10s, 20s]}]}\n",
            seed);
        CU_ASSERT_PTR_NOT_NULL_FATAL(p);
        for (uint32_t k = 0; k < p->fault_count; k++) {
            const struct plan_fault *f = &p->faults[k];
            bool errors = f->kind == FAULT_ERROR_RATE;
            bool order = strncmp(p->topology->services[f->service.v].name, "order", 5) == 0;
            hit[order]++;
            kinds[errors]++;
            CU_ASSERT_TRUE(f->at >= NS_PER_HOUR && f->at < 239 * NS_PER_HOUR);
            CU_ASSERT_TRUE(errors || order);
            if (errors) {
                CU_ASSERT_TRUE(f->value >= 50000 && f->value <= 60000);
                CU_ASSERT_EQUAL(f->lasts_ns, TIME_NEVER);
            } else {
                CU_ASSERT_TRUE(f->value >= 1 && f->value <= 9);
                CU_ASSERT_TRUE(f->lasts_ns >= 10 * NS_PER_S && f->lasts_ns <= 20 * NS_PER_S);
            }
        }
    }
    CU_ASSERT_TRUE(hit[0] > 400 && hit[1] > 400);
    CU_ASSERT_TRUE(kinds[1] > 2 * kinds[0] && kinds[1] < 4 * kinds[0]);
    arena_close(&arena);
}

static void a_service_is_left_alone_for_so_long(void) {
    arena_open(&arena);
    const struct plan *p = drawn(
        HEAD "incidents: {rate: 3/day, apart: 24h, mix: [{name: l, kind: latency, over: [payment], "
             "value: 1s}]}\n",
        5);
    CU_ASSERT_PTR_NOT_NULL_FATAL(p);
    CU_ASSERT_TRUE(p->fault_count >= 4 && p->fault_count <= 10);
    for (uint32_t k = 1; k < p->fault_count; k++)
        CU_ASSERT_TRUE(p->faults[k].at - p->faults[k - 1].at >= 24 * NS_PER_HOUR);
    arena_close(&arena);
}

/* Common random numbers: the same incidents, sooner. */
static void twice_the_rate_is_the_same_in_half_the_time(void) {
    arena_open(&arena);
    const struct plan *slow = drawn(HEAD "incidents: {rate: 1/day, mix: [" ERRORS "]}\n", 3);
    CU_ASSERT_PTR_NOT_NULL_FATAL(slow);
    struct plan was = *slow;
    const struct plan *fast = drawn(HEAD "incidents: {rate: 2/day, mix: [" ERRORS "]}\n", 3);
    CU_ASSERT_PTR_NOT_NULL_FATAL(fast);
    CU_ASSERT_TRUE_FATAL(was.fault_count > 3 && fast->fault_count >= was.fault_count);
    for (uint32_t k = 0; k < was.fault_count; k++) {
        time_ns apart = was.faults[k].at - 2 * fast->faults[k].at;
        CU_ASSERT_TRUE(apart > -NS_PER_US && apart < NS_PER_US);
        CU_ASSERT_EQUAL(was.faults[k].value, fast->faults[k].value);
        CU_ASSERT_EQUAL(was.faults[k].service.v, fast->faults[k].service.v);
    }
    arena_close(&arena);
}

static void patches_are_drawn_behind_those_that_are_stated(void) {
    arena_open(&arena);
    const struct plan *p =
        drawn(HEAD "patches: [{service: order, size_lines: 99}]\n"
                   "faults: [{kind: latency, target: order, at: 1s, value: 1s}]\n"
                   "incidents: {rate: 2/day, mix: [" ERRORS "], patches: [\n"
                   "{weight: 3, size_lines: 1}, {size_lines: 2, fixes: false}]}\n",
              7);
    CU_ASSERT_PTR_NOT_NULL_FATAL(p);
    CU_ASSERT_EQUAL_FATAL(p->answer_count, 1 + 6 * (p->fault_count - 1));
    CU_ASSERT_EQUAL(p->answers[0].size_lines, 99);
    uint32_t good = 0;
    for (uint32_t k = 1; k < p->answer_count; k++) good += p->answers[k].fixes;
    CU_ASSERT_TRUE(4 * good > 2 * (p->answer_count - 1) && good < p->answer_count - 1);
    CU_ASSERT_STRING_EQUAL(p->faults[0].name, "latency");
    CU_ASSERT_STRING_EQUAL(p->faults[1].name, "e-1");
    arena_close(&arena);
}

TEST_MAIN("mix", TEST(they_come_at_their_rate_and_in_order),
          TEST(the_hours_of_the_day_have_their_weights),
          TEST(sizes_and_targets_lie_where_they_are_stated),
          TEST(a_service_is_left_alone_for_so_long),
          TEST(twice_the_rate_is_the_same_in_half_the_time),
          TEST(patches_are_drawn_behind_those_that_are_stated))
