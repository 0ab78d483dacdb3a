/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/app_rig.h"
#include "engine/base/ratio.h"
#include "tests/runner.h"
#include <math.h>

static bool is_share(uint64_t k, uint64_t n, double p) {
    double mean = (double)n * p;
    return fabs((double)k - mean) <= 5 * sqrt(mean * (1 - p)) + 1e-9;
}

#define SERVICE(replicas, rest)                                                                    \
    "name: r\nentrypoints: [s]\nservices:\n- {name: s, replicas: " replicas ", slots: 8, " rest    \
    "}\n"

static const char twenty[] = SERVICE("20", "service_time: 2ms, error_rate: 0.3%");
static const char single[] = SERVICE("1", "service_time: 2ms, error_rate: 0");
static const char fixed[] = SERVICE("4", "service_time: 2ms, distribution: fixed, error_rate: 0");

static const struct plan_fault faults[] = {
    {.kind = FAULT_PARTITION, .name = "not a defect"},
    {.kind = FAULT_ERROR_RATE, .name = "errors", .value = 152000, .service = {0}},
    {.kind = FAULT_LATENCY, .name = "slow", .value = 30 * NS_PER_MS, .service = {0}},
    {.kind = FAULT_ERROR_RATE, .name = "more errors", .value = 300000, .service = {0}},
};
enum { ERRORS = 1, SLOW = 2, MORE_ERRORS = 3 };
static const struct svc_id s = {0};

static void open_loaded(struct rig *rig, const char *topology) {
    rig_open(rig, &(struct rig_setup){.topology = topology,
                                      .rate_milli = 1000000,
                                      .seed = 9,
                                      .faults = faults,
                                      .fault_count = ARRAY_LEN(faults)});
    app_start(rig->app);
}

static void run_s(struct rig *rig, int64_t seconds) {
    sim_run(rig->sim, sim_now(rig->sim) + seconds * NS_PER_S);
}

static struct revision_id patch(struct rig *rig, int64_t fixes, int64_t error_ppm) {
    return app_revision_make(rig->app, s, app_serving(rig->app, s), fixes, error_ppm, 0);
}

/* What a revision did since the last call: truth's own words. */
struct seen {
    int64_t requests, failed, own_failed, mean_ns;
};
static struct seen seen_of(struct rig *rig, struct revision_id revision) {
    int64_t rows[64][RIG_FIELDS];
    size_t before = rig_records(rig, REC_truth, rows, 0);
    app_truth(rig->app);
    size_t count = rig_records(rig, REC_truth, rows, 64);
    for (size_t i = before; i < count && i < 64; i++)
        if (rows[i][2] == revision.v)
            return (struct seen){rows[i][3], rows[i][4], rows[i][5], rows[i][8]};
    return (struct seen){0};
}

/* ---- traffic and pods ---- */

static void check_split(struct rig *rig, struct revision_id candidate, int64_t share_ppm,
                        uint32_t pods) {
    struct revision_id stable = app_serving(rig->app, s);
    app_shift(rig->app, s, candidate, share_ppm);
    CU_ASSERT_EQUAL(app_pods(rig->app, s, candidate), pods);
    CU_ASSERT_EQUAL(app_pods(rig->app, s, stable), 20 - pods);
    app_truth(rig->app);
    uint64_t before = rig_totals(rig, "s").requests;
    run_s(rig, 20);
    uint64_t all = rig_totals(rig, "s").requests - before;
    CU_ASSERT(is_share((uint64_t)seen_of(rig, candidate).requests, all, (double)share_ppm / 1e6));
}

static void pods_and_requests_follow_the_share(void) {
    struct rig rig;
    open_loaded(&rig, twenty);
    struct revision_id first = app_serving(rig.app, s), next = patch(&rig, 0, -1);
    int64_t share;
    CU_ASSERT_EQUAL(app_pods(rig.app, s, first), 20);
    CU_ASSERT_EQUAL(app_candidate(rig.app, s, &share).v, 0);
    check_split(&rig, next, 100000, 2);
    CU_ASSERT_EQUAL(app_candidate(rig.app, s, &share).v, next.v);
    CU_ASSERT_EQUAL(share, 100000);
    check_split(&rig, next, 500000, 10);
    app_shift(rig.app, s, next, PPM_ONE);
    CU_ASSERT_EQUAL(app_serving(rig.app, s).v, next.v);
    CU_ASSERT_EQUAL(app_candidate(rig.app, s, &share).v, 0);
    CU_ASSERT_EQUAL(app_pods(rig.app, s, next), 20);
    CU_ASSERT_EQUAL(app_pods(rig.app, s, first), 0);
    rig_drain(&rig);
    CU_ASSERT_EQUAL(rig_totals(&rig, "s").requests, app_request_count(rig.app));
    rig_close(&rig);
}

static void one_replica_gets_a_second_pod_for_the_canary(void) {
    struct rig rig;
    open_loaded(&rig, single);
    struct revision_id first = app_serving(rig.app, s), next = patch(&rig, 0, -1);
    app_shift(rig.app, s, next, 100000);
    CU_ASSERT_EQUAL(app_pods(rig.app, s, first), 1);
    CU_ASSERT_EQUAL(app_pods(rig.app, s, next), 1);
    run_s(&rig, 1);
    app_shift(rig.app, s, next, PPM_ONE);
    CU_ASSERT_EQUAL(app_pods(rig.app, s, next), 1);
    run_s(&rig, 1);
    rig_close(&rig);
}

/* A pod that is replaced answers what it has, and its counts are not lost. */
static void moved_pods_finish_what_they_have(void) {
    struct rig rig;
    open_loaded(&rig, twenty);
    struct revision_id first = app_serving(rig.app, s), next = patch(&rig, 0, -1);
    for (int i = 0; i < 40; i++) {
        sim_run(rig.sim, sim_now(rig.sim) + 10 * NS_PER_MS);
        app_shift(rig.app, s, next, 500000);
        sim_run(rig.sim, sim_now(rig.sim) + 1 * NS_PER_MS);
        app_shift(rig.app, s, (struct revision_id){0}, 0);
    }
    CU_ASSERT_EQUAL(app_serving(rig.app, s).v, first.v);
    rig_drain(&rig);
    struct app_totals t = rig_totals(&rig, "s");
    CU_ASSERT_EQUAL(t.requests, app_request_count(rig.app));
    CU_ASSERT_EQUAL(t.area_ns, t.sojourn_sum_ns);
    CU_ASSERT_EQUAL(t.in_flight, 0);
    rig_close(&rig);
}

/* ---- revisions ---- */

static void ids_begin_with_the_services_and_are_never_used_again(void) {
    struct rig rig;
    open_loaded(&rig, twenty);
    struct revision_id first = app_serving(rig.app, s), a = patch(&rig, 0, -1);
    CU_ASSERT_EQUAL(first.v, 1);
    CU_ASSERT_EQUAL(a.v, 2);
    app_shift(rig.app, s, a, PPM_ONE);
    struct revision_id b = patch(&rig, 0, -1);
    CU_ASSERT_EQUAL(b.v, 3);
    CU_ASSERT_EQUAL(app_revision_base(rig.app, b).v, a.v);
    CU_ASSERT_EQUAL(app_revision_service(rig.app, b).v, s.v);
    rig_close(&rig);
}

static void a_defect_acts_while_it_is_on_and_carried(void) {
    struct rig rig;
    open_loaded(&rig, twenty);
    struct revision_id first = app_serving(rig.app, s);
    run_s(&rig, 20);
    struct seen healthy = seen_of(&rig, first);
    CU_ASSERT(is_share((uint64_t)healthy.own_failed, (uint64_t)healthy.requests, 0.003));
    app_defect_on(rig.app, ERRORS);
    CU_ASSERT_EQUAL(app_revision_defects(rig.app, first), 1 << ERRORS);
    run_s(&rig, 20);
    struct seen ill = seen_of(&rig, first);
    CU_ASSERT(is_share((uint64_t)ill.own_failed, (uint64_t)ill.requests, 0.152));
    CU_ASSERT_EQUAL(ill.failed, ill.own_failed);
    app_defect_off(rig.app, ERRORS);
    run_s(&rig, 20);
    struct seen well = seen_of(&rig, first);
    CU_ASSERT(is_share((uint64_t)well.own_failed, (uint64_t)well.requests, 0.003));
    rig_close(&rig);
}

static void a_patch_takes_out_what_it_fixes(void) {
    struct rig rig;
    open_loaded(&rig, twenty);
    app_defect_on(rig.app, ERRORS);
    app_defect_on(rig.app, MORE_ERRORS);
    struct revision_id good = patch(&rig, 1 << MORE_ERRORS, 4000), bad = patch(&rig, 0, 500000);
    CU_ASSERT_EQUAL(app_revision_defects(rig.app, good), 1 << ERRORS);
    app_shift(rig.app, s, good, 500000);
    run_s(&rig, 20);
    struct seen half = seen_of(&rig, good);
    CU_ASSERT(is_share((uint64_t)half.own_failed, (uint64_t)half.requests, 0.152));
    struct revision_id better = app_revision_make(rig.app, s, good, 1 << ERRORS, -1, 0);
    CU_ASSERT_EQUAL(app_revision_defects(rig.app, better), 0);
    app_shift(rig.app, s, better, PPM_ONE);
    app_truth(rig.app);
    run_s(&rig, 20);
    struct seen all = seen_of(&rig, better);
    CU_ASSERT(is_share((uint64_t)all.own_failed, (uint64_t)all.requests, 0.004)); /* of its base */
    app_shift(rig.app, s, bad, PPM_ONE);
    app_truth(rig.app);
    run_s(&rig, 20);
    struct seen worse = seen_of(&rig, bad);
    CU_ASSERT(is_share((uint64_t)worse.own_failed, (uint64_t)worse.requests, 0.5));
    rig_close(&rig);
}

/* Revisions made while a defect is not on yet are those that exist when it comes. */
static void a_defect_enters_all_revisions_that_exist(void) {
    struct rig rig;
    open_loaded(&rig, twenty);
    struct revision_id made = patch(&rig, 0, -1);
    app_defect_on(rig.app, SLOW);
    CU_ASSERT_EQUAL(app_revision_defects(rig.app, made), 1 << SLOW);
    rig_close(&rig);
}

static void latency_waits_without_a_slot(void) {
    struct rig rig;
    open_loaded(&rig, fixed);
    struct revision_id first = app_serving(rig.app, s);
    app_defect_on(rig.app, SLOW);
    run_s(&rig, 10);
    struct app_totals t = rig_totals(&rig, "s");
    /* 1,000/s x 32 ms would fill all 32 slots; at 2 ms each next to nobody queues. */
    CU_ASSERT(t.sojourn_sum_ns / (int64_t)t.requests < 2100 * NS_PER_US);
    struct seen slow = seen_of(&rig, first);
    CU_ASSERT(slow.mean_ns >= 32 * NS_PER_MS && slow.mean_ns < 33 * NS_PER_MS);
    uint64_t waited = app_defect_count(rig.app, SLOW);
    CU_ASSERT(waited >= t.requests && waited <= t.requests + t.in_flight);
    struct revision_id more = app_revision_make(rig.app, s, first, 0, -1, 5 * NS_PER_MS);
    app_shift(rig.app, s, more, PPM_ONE);
    app_truth(rig.app);
    run_s(&rig, 5);
    struct seen slower = seen_of(&rig, more);
    CU_ASSERT(slower.mean_ns >= 37 * NS_PER_MS && slower.mean_ns < 38 * NS_PER_MS);
    rig_close(&rig);
}

/* More under way than the plan has room for is refused, and all of it ends. */
static void a_full_application_refuses(void) {
    static const struct plan_fault hang[] = {
        {.kind = FAULT_LATENCY, .name = "hang", .value = NS_PER_MIN, .service = {0}}};
    struct rig rig;
    rig_open(&rig, &(struct rig_setup){
                       .topology = fixed, .rate_milli = 1000000, .faults = hang, .fault_count = 1});
    app_start(rig.app);
    app_defect_on(rig.app, 0);
    run_s(&rig, 20);
    struct app_totals t = rig_totals(&rig, "s");
    CU_ASSERT(t.in_flight > 8000);
    CU_ASSERT_EQUAL(t.requests + t.in_flight, app_request_count(rig.app));
    CU_ASSERT_EQUAL(t.requests, t.own_failed);
    CU_ASSERT(t.requests > 1000);
    rig_drain(&rig);
    CU_ASSERT_EQUAL(rig_totals(&rig, "s").own_failed, t.own_failed);
    CU_ASSERT_EQUAL(rig_totals(&rig, "s").requests, app_request_count(rig.app));
    rig_close(&rig);
}

/* One draw a request whatever the share: illness changes who fails, not when anybody is served. */
static void an_error_share_shifts_no_draws(void) {
    struct rig ill, well;
    open_loaded(&ill, twenty);
    open_loaded(&well, twenty);
    app_defect_on(ill.app, ERRORS);
    run_s(&ill, 10);
    run_s(&well, 10);
    struct app_totals a = rig_totals(&ill, "s"), b = rig_totals(&well, "s");
    CU_ASSERT_EQUAL(a.busy_slot_ns, b.busy_slot_ns);
    CU_ASSERT_EQUAL(a.sojourn_sum_ns, b.sojourn_sum_ns);
    CU_ASSERT(a.failed > 10 * b.failed);
    rig_close(&ill);
    rig_close(&well);
}

/* ---- logs ---- */

static void logs_name_the_defect_that_failed_most(void) {
    struct rig rig;
    struct app_log log;
    open_loaded(&rig, twenty);
    run_s(&rig, 20);
    app_log(rig.app, s, NS_PER_HOUR, &log);
    CU_ASSERT_EQUAL(log.top_fault, UINT32_MAX);
    CU_ASSERT_EQUAL(log.own_failures, rig_totals(&rig, "s").own_failed);
    CU_ASSERT_EQUAL(log.top_count, log.own_failures);
    app_defect_on(rig.app, ERRORS);
    app_defect_on(rig.app, MORE_ERRORS);
    run_s(&rig, 20);
    app_log(rig.app, s, 20 * NS_PER_S, &log);
    CU_ASSERT_EQUAL(log.top_fault, MORE_ERRORS);
    CU_ASSERT_EQUAL(log.top_count, app_defect_count(rig.app, MORE_ERRORS));
    CU_ASSERT(log.own_failures > log.top_count);
    app_defect_off(rig.app, MORE_ERRORS);
    run_s(&rig, 20);
    app_log(rig.app, s, 20 * NS_PER_S, &log);
    CU_ASSERT_EQUAL(log.top_fault, ERRORS);
    CU_ASSERT_EQUAL(log.top_count, app_defect_count(rig.app, ERRORS));
    rig_close(&rig);
}

static void a_revision_can_be_bad_from_a_share_on(void) {
    struct rig rig;
    open_loaded(&rig, twenty);
    struct revision_id base = app_serving(rig.app, s), next = patch(&rig, 0, -1);
    app_revision_bad_from(rig.app, next, 500000, 180000);
    app_shift(rig.app, s, next, 490000);
    app_truth(rig.app);
    run_s(&rig, 20);
    struct seen good = seen_of(&rig, next);
    CU_ASSERT(is_share((uint64_t)good.own_failed, (uint64_t)good.requests, 0.003));
    app_shift(rig.app, s, next, 500000);
    run_s(&rig, 20);
    struct seen bad = seen_of(&rig, next);
    CU_ASSERT(is_share((uint64_t)bad.own_failed, (uint64_t)bad.requests, 0.18));
    app_shift(rig.app, s, next, PPM_ONE);
    app_truth(rig.app);
    run_s(&rig, 20);
    bad = seen_of(&rig, next);
    CU_ASSERT(is_share((uint64_t)bad.own_failed, (uint64_t)bad.requests, 0.18));
    app_shift(rig.app, s, base, 600000); /* what is stable serves 40 % now */
    run_s(&rig, 1);
    app_truth(rig.app);
    run_s(&rig, 20);
    good = seen_of(&rig, next);
    CU_ASSERT(is_share((uint64_t)good.own_failed, (uint64_t)good.requests, 0.003));
    rig_close(&rig);
}

TEST_MAIN("app_revisions", TEST(a_revision_can_be_bad_from_a_share_on),
          TEST(pods_and_requests_follow_the_share),
          TEST(one_replica_gets_a_second_pod_for_the_canary),
          TEST(moved_pods_finish_what_they_have),
          TEST(ids_begin_with_the_services_and_are_never_used_again),
          TEST(a_defect_acts_while_it_is_on_and_carried), TEST(a_patch_takes_out_what_it_fixes),
          TEST(a_defect_enters_all_revisions_that_exist), TEST(latency_waits_without_a_slot),
          TEST(a_full_application_refuses), TEST(an_error_share_shifts_no_draws),
          TEST(logs_name_the_defect_that_failed_most))
