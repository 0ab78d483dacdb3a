/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/app_rig.h"
#include "engine/base/ratio.h"
#include "tests/runner.h"
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

/* Whether k of n is within five standard deviations of what a share p makes. */
static bool is_share(uint64_t k, uint64_t n, double p) {
    double mean = (double)n * p;
    return fabs((double)k - mean) <= 5 * sqrt(mean * (1 - p)) + 1e-9;
}

/* ---- queueing theory ---- */

static const char one_slot[] =
    "name: one\nentrypoints: [s]\nservices:\n"
    "- {name: s, replicas: 1, slots: 1, service_time: 1ms, distribution: exponential,"
    " error_rate: 0}\n";
static const char four_slots[] =
    "name: four\nentrypoints: [s]\nservices:\n"
    "- {name: s, replicas: 1, slots: 4, service_time: 1ms, distribution: exponential,"
    " error_rate: 0}\n";

/* Mean sojourn in M/M/c, in mean service times, by Erlang's C formula. */
static double erlang_c_sojourn(int c, double rho) {
    double offered = c * rho, term = 1, sum = 0;
    for (int k = 0; k < c; k++) {
        sum += term;
        term *= offered / (k + 1);
    }
    double waits = term / (1 - rho) / (sum + term / (1 - rho));
    return 1 + waits / (c * (1 - rho));
}

/* Batch means: the theory's mean lies in the 99 % interval (Student's t) of 40 batches. */
static void check_sojourn(const char *topology, int slots, double rho) {
    enum { BATCHES = 40, BATCH_S = 40 };
    struct rig rig;
    rig_open(&rig, &(struct rig_setup){.topology = topology,
                                       .rate_milli = (int64_t)(rho * slots * 1e6),
                                       .seed = 7});
    app_start(rig.app);
    sim_run(rig.sim, 5 * NS_PER_S);
    double sum = 0, squares = 0;
    for (int i = 0; i < BATCHES; i++) {
        struct app_totals before = rig_totals(&rig, "s");
        sim_run(rig.sim, sim_now(rig.sim) + BATCH_S * NS_PER_S);
        struct app_totals after = rig_totals(&rig, "s");
        double mean = (double)(after.sojourn_sum_ns - before.sojourn_sum_ns) /
                      (double)(after.requests - before.requests) / NS_PER_MS;
        sum += mean;
        squares += mean * mean;
    }
    double mean = sum / BATCHES;
    double error = sqrt((squares - sum * mean) / (BATCHES - 1) / BATCHES);
    double half = gsl_cdf_tdist_Pinv(0.995, BATCHES - 1) * error;
    double theory = erlang_c_sojourn(slots, rho);
    CU_ASSERT(fabs(mean - theory) <= half);
    CU_ASSERT(half < 0.05 * theory); /* or the interval would say little */
    rig_close(&rig);
}

static void mm1_and_mm4_wait_as_theory_says(void) {
    check_sojourn(one_slot, 1, 0.5);
    check_sojourn(one_slot, 1, 0.7);
    check_sojourn(four_slots, 4, 0.7);
}

static void littles_law_holds_exactly(void) {
    struct rig rig;
    rig_open(&rig, &(struct rig_setup){.topology = four_slots, .rate_milli = 3500000, .seed = 3});
    app_start(rig.app);
    sim_run(rig.sim, 20 * NS_PER_S);
    rig_drain(&rig);
    struct app_totals t = rig_totals(&rig, "s");
    CU_ASSERT_EQUAL(t.area_ns, t.sojourn_sum_ns);
    CU_ASSERT_EQUAL(t.in_flight, 0);
    CU_ASSERT(t.requests > 60000);
    CU_ASSERT_EQUAL(t.requests, app_request_count(rig.app));
    CU_ASSERT(t.busy_slot_ns > 0 && (int64_t)t.busy_slot_ns < t.area_ns);
    rig_close(&rig);
}

/* ---- arrivals ---- */

static const char two_entries[] = "name: two\nentrypoints: [a, b]\nservices:\n"
                                  "- {name: a, distribution: fixed, service_time: 1ms}\n"
                                  "- {name: b, distribution: fixed, service_time: 1ms}\n";

static void uniform_arrivals_do_not_drift(void) {
    struct rig rig;
    rig_open(&rig, &(struct rig_setup){.topology = two_entries,
                                       .rate_milli = 7000,
                                       .arrivals = ARRIVALS_UNIFORM,
                                       .trace_requests = true});
    app_start(rig.app);
    sim_run(rig.sim, 10 * NS_PER_S);
    rig_drain(&rig);
    int64_t rows[80][RIG_FIELDS];
    CU_ASSERT_EQUAL(rig_records(&rig, REC_request, rows, 80), 70);
    for (int64_t i = 0; i < 70; i++) {
        CU_ASSERT_EQUAL(rows[i][4], (i + 1) * NS_PER_S / 7);
        CU_ASSERT_EQUAL(rows[i][1], i % 2); /* entrypoints take turns */
    }
    rig_close(&rig);
}

static void check_interarrival_cv(enum plan_arrivals arrivals, double cv_squared) {
    enum { MAX = 20000 };
    static int64_t rows[MAX][RIG_FIELDS];
    struct rig rig;
    rig_open(&rig, &(struct rig_setup){.topology = two_entries,
                                       .rate_milli = 1000000,
                                       .arrivals = arrivals,
                                       .seed = 5,
                                       .trace_requests = true});
    app_start(rig.app);
    sim_run(rig.sim, 10 * NS_PER_S);
    rig_drain(&rig);
    size_t count = rig_records(&rig, REC_request, rows, MAX), n = 0;
    double sum = 0, squares = 0;
    int64_t last = 0;
    for (size_t i = 0; i < count && i < MAX; i++) {
        if (rows[i][1] != 0) continue;
        double gap = (double)(rows[i][4] - last) / NS_PER_MS;
        last = rows[i][4];
        sum += gap;
        squares += gap * gap;
        n++;
    }
    double mean = sum / (double)n;
    CU_ASSERT(fabs(mean - 2) < 5 * 2 / sqrt((double)n));
    CU_ASSERT(fabs(squares / (double)n / (mean * mean) - 1 - cv_squared) < 0.15);
    rig_close(&rig);
}

/* Second by second what a recording says enters, of Poisson and of even arrivals; 0 is nobody. */
static void recorded_load_is_followed(void) {
    static const struct plan_load_step steps[] = {{0, 100000},
                                                  {10 * NS_PER_S, 800000},
                                                  {20 * NS_PER_S, 0},
                                                  {30 * NS_PER_S, 500000},
                                                  {30500 * NS_PER_MS, 200000},
                                                  {40 * NS_PER_S, 0}};
    static const double expected[] = {1000, 8000, 0, 0.5 * 500 + 9.5 * 200, 0};
    static const enum plan_arrivals arrivals[] = {ARRIVALS_POISSON, ARRIVALS_UNIFORM};
    for (int k = 0; k < 2; k++) {
        struct rig rig;
        rig_open(&rig, &(struct rig_setup){.topology = four_slots,
                                           .rate_milli = 800000,
                                           .arrivals = arrivals[k],
                                           .seed = 11});
        rig.plan.load_steps = steps;
        rig.plan.load_step_count = ARRAY_LEN(steps);
        app_start(rig.app);
        uint64_t before = 0;
        for (int i = 0; i < 5; i++) {
            sim_run(rig.sim, (i + 1) * 10 * NS_PER_S);
            uint64_t now = app_request_count(rig.app);
            double off = fabs((double)(now - before) - expected[i]);
            CU_ASSERT(off <= (k == 0 ? 4 * sqrt(expected[i]) : 1));
            before = now;
        }
        app_stop_load(rig.app); /* when nothing more is to come */
        rig_close(&rig);
    }
}

static void interarrivals_have_their_shape(void) {
    check_interarrival_cv(ARRIVALS_POISSON, 1);
    check_interarrival_cv(ARRIVALS_ERLANG2, 0.5);
}

/* ---- calls ---- */

static const char dag[] = "name: dag\nentrypoints: [front]\nservices:\n"
                          "- {name: front, replicas: 2, slots: 64, error_rate: 0}\n"
                          "- {name: left, replicas: 2, slots: 64, error_rate: 0}\n"
                          "- {name: right, replicas: 2, slots: 64, error_rate: 0}\n"
                          "- {name: deep, replicas: 3, slots: 64, error_rate: 0}\n"
                          "- {name: topic, kind: queue, replicas: 2, slots: 64, error_rate: 0}\n"
                          "calls:\n"
                          "- {from: front, to: left, per_request: 0.3}\n"
                          "- {from: front, to: right, per_request: 2.5}\n"
                          "- {from: left, to: deep, per_request: 2}\n"
                          "- {from: right, to: deep, per_request: 0.5}\n"
                          "- {from: front, to: topic, protocol: kafka, per_request: 0.7}\n";

static void visits_are_as_worked_out(void) {
    struct rig rig;
    rig_open(&rig, &(struct rig_setup){.topology = dag, .rate_milli = 1000000, .seed = 11});
    app_start(rig.app);
    sim_run(rig.sim, 60 * NS_PER_S);
    rig_drain(&rig);
    uint64_t front = rig_totals(&rig, "front").requests, left = rig_totals(&rig, "left").requests,
             right = rig_totals(&rig, "right").requests, deep = rig_totals(&rig, "deep").requests;
    CU_ASSERT(is_share(left, front, 0.3));
    CU_ASSERT(is_share(right - 2 * front, front, 0.5));
    CU_ASSERT(is_share(deep - 2 * left, right, 0.5));
    CU_ASSERT(is_share(rig_totals(&rig, "topic").requests, front, 0.7));
    for (uint32_t s = 0; s < rig.topology->service_count; s++) {
        struct app_totals t;
        app_totals(rig.app, (struct svc_id){s}, &t);
        double ratio = (double)t.requests / (double)front * 1e6;
        CU_ASSERT(fabs(ratio - (double)rig.plan.visits_ppm[s]) < 0.02 * 1e6);
        CU_ASSERT_EQUAL(t.failed, 0);
        CU_ASSERT_EQUAL(t.area_ns, t.sojourn_sum_ns);
    }
    rig_close(&rig);
}

static void failures_reach_the_callers_that_wait(void) {
    static const char text[] = "name: f\nentrypoints: [front]\nservices:\n"
                               "- {name: front, slots: 64, error_rate: 1%}\n"
                               "- {name: back, slots: 64, error_rate: 10%}\n"
                               "- {name: topic, kind: queue, slots: 64, error_rate: 50%}\n"
                               "calls:\n"
                               "- {from: front, to: back}\n"
                               "- {from: front, to: topic, protocol: kafka}\n";
    struct rig rig;
    rig_open(&rig, &(struct rig_setup){.topology = text, .rate_milli = 1000000, .seed = 2});
    app_start(rig.app);
    sim_run(rig.sim, 50 * NS_PER_S);
    rig_drain(&rig);
    struct app_totals front = rig_totals(&rig, "front"), back = rig_totals(&rig, "back"),
                      topic = rig_totals(&rig, "topic");
    CU_ASSERT(is_share(front.own_failed, front.requests, 0.01));
    CU_ASSERT_EQUAL(back.requests, front.requests - front.own_failed);
    CU_ASSERT(is_share(back.own_failed, back.requests, 0.1));
    CU_ASSERT_EQUAL(front.failed, front.own_failed + back.failed);
    CU_ASSERT_EQUAL(topic.requests, back.requests - back.failed);
    CU_ASSERT(is_share(topic.failed, topic.requests, 0.5));
    int64_t share;
    uint64_t count;
    struct svc_id culprit =
        app_trace_culprit(rig.app, rig_service(&rig, "front"), NS_PER_HOUR, &share, &count);
    CU_ASSERT_EQUAL(culprit.v, rig_service(&rig, "back").v);
    CU_ASSERT_EQUAL(count, back.failed);
    CU_ASSERT_EQUAL(share, ppm_of((int64_t)back.failed, (int64_t)front.failed));
    rig_close(&rig);
}

/* front 1 ms, back as given, both fixed; one request a second. */
static void open_pair(struct rig *rig, const char *back_time, const char *call) {
    static char text[512];
    snprintf(text, sizeof text,
             "name: p\nentrypoints: [front]\nservices:\n"
             "- {name: back, distribution: fixed, service_time: %s, error_rate: 0}\n"
             "- {name: front, distribution: fixed, service_time: 1ms, error_rate: 0}\n"
             "calls: [{from: front, to: back, %s}]\n",
             back_time, call);
    rig_open(rig, &(struct rig_setup){.topology = text,
                                      .rate_milli = 1000,
                                      .arrivals = ARRIVALS_UNIFORM,
                                      .trace_requests = true});
    app_start(rig->app);
    sim_run(rig->sim, NS_PER_S + 500 * NS_PER_MS);
    rig_drain(rig);
}

enum { AT, SERVICE, REVISION, CALLER, ARRIVED, STATUS, OWN };

static void check_pair(const char *back_time, const char *call, int64_t status, time_ns takes,
                       uint64_t back_visits) {
    struct rig rig;
    int64_t rows[16][RIG_FIELDS];
    open_pair(&rig, back_time, call);
    size_t count = rig_records(&rig, REC_request, rows, 16);
    CU_ASSERT_EQUAL(count, 1 + back_visits);
    for (size_t i = 0; i < count; i++) {
        bool is_front = rows[i][SERVICE] == rig_service(&rig, "front").v;
        CU_ASSERT_EQUAL(rows[i][STATUS], is_front ? status : HTTP_OK);
        CU_ASSERT_EQUAL(rows[i][OWN], 0);
        CU_ASSERT_EQUAL(rows[i][CALLER], is_front ? NONE_ID : rig_service(&rig, "front").v);
        if (is_front) CU_ASSERT_EQUAL(rows[i][AT] - rows[i][ARRIVED], takes);
    }
    rig_close(&rig);
}

static void timeouts_fire_at_the_nanosecond(void) {
    check_pair("100ms", "timeout: 30ms", HTTP_CALLEE_TIMEOUT, 31 * NS_PER_MS, 1);
    check_pair("100ms", "timeout: 30000001ns", HTTP_CALLEE_TIMEOUT, 31 * NS_PER_MS + 1, 1);
    check_pair("100ms", "timeout: 100ms", HTTP_OK, 101 * NS_PER_MS, 1); /* in time: just */
    check_pair("100ms", "timeout: 99999999ns", HTTP_CALLEE_TIMEOUT, 101 * NS_PER_MS - 1, 1);
}

static void retries_start_over(void) {
    check_pair("100ms", "timeout: 30ms, retries: 2", HTTP_CALLEE_TIMEOUT, 91 * NS_PER_MS, 3);
    check_pair("20ms", "timeout: 30ms, retries: 2, per_request: 3", HTTP_OK, 61 * NS_PER_MS, 3);
}

/* A caller that gave up is told nothing, and what it asked for runs to its end. */
static void abandoned_visits_run_to_their_end(void) {
    struct rig rig;
    open_pair(&rig, "100ms", "timeout: 30ms");
    CU_ASSERT_EQUAL(rig_totals(&rig, "back").requests, 1);
    CU_ASSERT_EQUAL(rig_totals(&rig, "back").failed, 0);
    CU_ASSERT_EQUAL(rig_totals(&rig, "back").busy_slot_ns, 100 * NS_PER_MS);
    int64_t share;
    uint64_t count;
    struct svc_id culprit =
        app_trace_culprit(rig.app, rig_service(&rig, "front"), NS_PER_HOUR, &share, &count);
    CU_ASSERT_EQUAL(culprit.v, rig_service(&rig, "back").v);
    rig_close(&rig);
}

static void cycles_end_at_the_depth_limit(void) {
    static const char text[] =
        "name: c\nentrypoints: [a]\nservices:\n"
        "- {name: a, distribution: fixed, service_time: 1ms, error_rate: 0}\n"
        "- {name: b, distribution: fixed, service_time: 1ms, error_rate: 0}\n"
        "calls: [{from: a, to: b, per_request: 1}, {from: b, to: a, per_request: 1}]\n";
    struct rig rig;
    rig_open(&rig, &(struct rig_setup){
                       .topology = text, .rate_milli = 1000, .arrivals = ARRIVALS_UNIFORM});
    app_start(rig.app);
    sim_run(rig.sim, NS_PER_S);
    rig_drain(&rig);
    struct app_totals a = rig_totals(&rig, "a"), b = rig_totals(&rig, "b");
    CU_ASSERT_EQUAL(a.requests, 33); /* the last is the one refused */
    CU_ASSERT_EQUAL(b.requests, 32);
    CU_ASSERT_EQUAL(a.failed, 33);
    CU_ASSERT_EQUAL(b.failed, 32);
    CU_ASSERT_EQUAL(a.own_failed, 1);
    CU_ASSERT_EQUAL(b.own_failed, 0);
    rig_close(&rig);
}

static void overload_refuses_and_drains(void) {
    struct rig rig;
    rig_open(&rig, &(struct rig_setup){.topology = one_slot, .rate_milli = 3000000, .seed = 1});
    app_start(rig.app);
    sim_run(rig.sim, 10 * NS_PER_S);
    struct app_totals t = rig_totals(&rig, "s");
    CU_ASSERT(t.in_flight <= 1001 && t.in_flight > 990); /* a slot and a full queue */
    CU_ASSERT_EQUAL(t.failed, t.own_failed);
    rig_drain(&rig);
    t = rig_totals(&rig, "s");
    CU_ASSERT_EQUAL(t.requests, app_request_count(rig.app));
    CU_ASSERT_EQUAL(t.area_ns, t.sojourn_sum_ns);
    sim_check(rig.sim);
    rig_close(&rig);
}

/* ---- the same again ---- */

static uint64_t digest_of(const char *topology, uint64_t seed) {
    struct rig rig;
    rig_open(&rig,
             &(struct rig_setup){
                 .topology = topology, .rate_milli = 500000, .seed = seed, .trace_requests = true});
    app_start(rig.app);
    for (int i = 0; i < 5; i++) {
        sim_run(rig.sim, sim_now(rig.sim) + NS_PER_S);
        app_truth(rig.app);
    }
    rig_drain(&rig);
    uint64_t digest = trace_digest(rig.trace);
    rig_close(&rig);
    return digest;
}

static void equal_seeds_make_equal_runs(void) {
    CU_ASSERT_EQUAL(digest_of(dag, 1), digest_of(dag, 1));
    /* the same for every compiler, level of optimisation, with and without FMA */
    CU_ASSERT_EQUAL(digest_of(dag, 1), UINT64_C(0xb63ad3b7acb69550));
    CU_ASSERT_NOT_EQUAL(digest_of(dag, 1), digest_of(dag, 2));
}

static void another_service_shifts_nobody(void) {
    static char more[2048];
    size_t head = (size_t)(strstr(dag, "services:\n") - dag) + strlen("services:\n");
    snprintf(more, sizeof more, "%.*s- {name: aaa}\n- {name: zzz}\n%s- {from: aaa, to: zzz}\n",
             (int)head, dag, dag + head);
    struct rig rigs[2];
    const char *texts[] = {dag, more};
    for (int i = 0; i < 2; i++) {
        rig_open(&rigs[i],
                 &(struct rig_setup){.topology = texts[i], .rate_milli = 800000, .seed = 4});
        app_start(rigs[i].app);
        sim_run(rigs[i].sim, 10 * NS_PER_S);
    }
    const char *names[] = {"front", "left", "right", "deep", "topic"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct app_totals a = rig_totals(&rigs[0], names[i]), b = rig_totals(&rigs[1], names[i]);
        CU_ASSERT_EQUAL(memcmp(&a, &b, sizeof a), 0);
    }
    rig_close(&rigs[0]);
    rig_close(&rigs[1]);
}

/* ---- truth ---- */

static void truth_adds_up(void) {
    struct rig rig;
    rig_open(&rig, &(struct rig_setup){.topology = one_slot, .rate_milli = 500000, .seed = 6});
    app_start(rig.app);
    for (int i = 0; i < 100; i++) {
        sim_run(rig.sim, sim_now(rig.sim) + NS_PER_S);
        app_truth(rig.app);
    }
    int64_t rows[101][RIG_FIELDS];
    CU_ASSERT_EQUAL(rig_records(&rig, REC_truth, rows, 101), 100);
    int64_t requests = 0, p95 = 0, sum = 0;
    for (int i = 0; i < 100; i++) {
        requests += rows[i][3];
        p95 += rows[i][7];
        sum += rows[i][8] * rows[i][3];
        CU_ASSERT_EQUAL(rows[i][0], (i + 1) * NS_PER_S);
    }
    CU_ASSERT_EQUAL(requests, (int64_t)rig_totals(&rig, "s").requests);
    /* M/M/1's sojourn is exponential: mean 2 ms, 95 % of them below 2 ln 20 = 5.99 ms. */
    CU_ASSERT(llabs(sum / requests - 2 * NS_PER_MS) < 100 * NS_PER_US);
    CU_ASSERT(llabs(p95 / 100 - 5991 * NS_PER_US) < 400 * NS_PER_US);
    rig_close(&rig);
}

TEST_MAIN("app", TEST(mm1_and_mm4_wait_as_theory_says), TEST(littles_law_holds_exactly),
          TEST(uniform_arrivals_do_not_drift), TEST(interarrivals_have_their_shape),
          TEST(recorded_load_is_followed), TEST(visits_are_as_worked_out),
          TEST(failures_reach_the_callers_that_wait), TEST(timeouts_fire_at_the_nanosecond),
          TEST(retries_start_over), TEST(abandoned_visits_run_to_their_end),
          TEST(cycles_end_at_the_depth_limit), TEST(overload_refuses_and_drains),
          TEST(equal_seeds_make_equal_runs), TEST(another_service_shifts_nobody),
          TEST(truth_adds_up))
