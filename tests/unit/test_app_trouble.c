/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What befalls a service beside its code: each fault's effect on requests, that it is counted, and
 * that nothing of it stays. */
#include "engine/base/ratio.h"
#include "sim/world/app_parts.h"
#include "tests/runner.h"
#include "tests/unit/app_rig.h"

static const char four[] =
    "name: r\nentrypoints: [s]\nservices:\n- {name: s, replicas: 4, slots: 8, "
    "service_time: 2ms, distribution: fixed, error_rate: 0}\n";

static const char chain[] =
    "name: r\nentrypoints: [front]\nservices:\n"
    "- {name: front, replicas: 4, slots: 64, service_time: 1ms, distribution: fixed, error_rate: "
    "0}\n"
    "- {name: back, replicas: 1, slots: 8, service_time: 20ms, distribution: fixed, error_rate: "
    "0}\n"
    "calls:\n- {from: front, to: back, timeout: 500ms}\n";

static const struct svc_id first = {0};

static void open_on(struct rig *rig, const char *topology, int64_t rate,
                    const struct plan_fault *faults, uint32_t count) {
    rig_open(rig, &(struct rig_setup){.topology = topology,
                                      .rate_milli = rate * 1000,
                                      .seed = 9,
                                      .faults = faults,
                                      .fault_count = count});
    app_start(rig->app);
}

static void run_s(struct rig *rig, int64_t seconds) {
    sim_run(rig->sim, sim_now(rig->sim) + seconds * NS_PER_S);
}

struct over {
    uint64_t requests, failed;
    time_ns mean_ns; /* in the service */
};
/* What a service did in so many seconds. */
static struct over over(struct rig *rig, const char *service, int64_t seconds) {
    struct app_totals before = rig_totals(rig, service);
    run_s(rig, seconds);
    struct app_totals after = rig_totals(rig, service);
    uint64_t requests = after.requests - before.requests;
    return (struct over){
        requests, after.failed - before.failed,
        requests ? (after.sojourn_sum_ns - before.sojourn_sum_ns) / (int64_t)requests : 0};
}

static uint64_t served_by(const struct rig *rig, uint32_t place) {
    const struct app *app = rig->app;
    return app->pods[app->position_pod[app->services[0].first_position + place]].codes[APP_OK];
}

static void a_slow_cpu_slows_its_pods(void) {
    const struct plan_fault f = {.kind = FAULT_SLOW_CPU, .service = first, .value = 10, .pods = 1};
    struct rig rig;
    open_on(&rig, four, 400, &f, 1);
    struct over healthy = over(&rig, "s", 10);
    CU_ASSERT_EQUAL(healthy.mean_ns, 2 * NS_PER_MS);
    app_defect_on(rig.app, 0);
    struct over slow = over(&rig, "s", 10);
    CU_ASSERT(slow.mean_ns > 6 * NS_PER_MS && slow.mean_ns < 8 * NS_PER_MS); /* (3 * 2 + 20) / 4 */
    CU_ASSERT(app_defect_count(rig.app, 0) > slow.requests / 5);
    CU_ASSERT(app_defect_count(rig.app, 0) < slow.requests / 3);
    app_defect_off(rig.app, 0);
    run_s(&rig, 1);
    CU_ASSERT_EQUAL(over(&rig, "s", 10).mean_ns, 2 * NS_PER_MS);
    rig_close(&rig);
}

static void exhausted_handles_refuse(void) {
    const struct plan_fault f = {
        .kind = FAULT_HANDLES_EXHAUSTED, .service = first, .value = 1, .pods = 2};
    struct rig rig;
    open_on(&rig, four, 1000, &f, 1);
    CU_ASSERT_EQUAL(over(&rig, "s", 5).failed, 0);
    app_defect_on(rig.app, 0);
    uint64_t failed = over(&rig, "s", 10).failed;
    CU_ASSERT(failed > 100);
    CU_ASSERT_EQUAL(app_defect_count(rig.app, 0), failed);
    app_defect_off(rig.app, 0);
    CU_ASSERT_EQUAL(over(&rig, "s", 5).failed, 0);
    rig_close(&rig);
}

/* It is in the code: a patch takes it out, and pods of it have all their slots. What the machine
 * does to a service no patch takes out. */
static void an_exhausted_pool_is_patched(void) {
    const struct plan_fault f[] = {
        {.kind = FAULT_POOL_EXHAUSTED, .service = first, .value = 1},
        {.kind = FAULT_SLOW_CPU, .service = first, .value = 2, .pods = 4}};
    struct rig rig;
    open_on(&rig, four, 1900, f, 2);
    CU_ASSERT_EQUAL(over(&rig, "s", 5).mean_ns, 2 * NS_PER_MS);
    app_defect_on(rig.app, 0);
    CU_ASSERT(over(&rig, "s", 10).mean_ns > 3 * NS_PER_MS);
    CU_ASSERT(app_defect_count(rig.app, 0) > 0);
    app_defect_on(rig.app, 1);
    struct revision_id patched =
        app_revision_make(rig.app, first, app_serving(rig.app, first), 1 << 0, -1, 0);
    app_shift(rig.app, first, patched, PPM_ONE);
    run_s(&rig, 10);
    CU_ASSERT_EQUAL(over(&rig, "s", 5).mean_ns, 4 * NS_PER_MS);
    CU_ASSERT_EQUAL(app_revision_defects(rig.app, patched), 1 << 1);
    rig_close(&rig);
}

static int64_t memory_of(const struct rig *rig, uint32_t place) {
    const struct app *app = rig->app;
    return memory_used(app, &app->pods[app->position_pod[place]]);
}

static void memory_fills_and_the_process_is_killed(void) {
    const struct plan_fault f = {.kind = FAULT_MEMORY_EXHAUSTED,
                                 .service = first,
                                 .value = 10 * NS_PER_S,
                                 .pods = 1,
                                 .down_ns = 2 * NS_PER_S};
    struct rig rig;
    open_on(&rig, four, 4000, &f, 1);
    run_s(&rig, 1);
    app_defect_on(rig.app, 0);
    run_s(&rig, 9);
    CU_ASSERT(memory_of(&rig, 0) > memory_limit(rig.app, 0) * 9 / 10);
    CU_ASSERT(memory_of(&rig, 1) < memory_limit(rig.app, 0) / 2);
    CU_ASSERT_EQUAL(rig_totals(&rig, "s").failed, 0);
    run_s(&rig, 2);
    CU_ASSERT(memory_of(&rig, 0) < memory_limit(rig.app, 0) * 6 / 10);
    uint64_t failed = rig_totals(&rig, "s").failed;
    CU_ASSERT(failed >= 1 && failed <= 8); /* what it had in its slots */
    CU_ASSERT_EQUAL(app_defect_count(rig.app, 0), 1);
    CU_ASSERT_EQUAL(served_by(&rig, 0), 0); /* it does not take requests yet */
    run_s(&rig, 2);
    CU_ASSERT(served_by(&rig, 0) > 0);
    app_defect_off(rig.app, 0);
    run_s(&rig, 30);
    CU_ASSERT_EQUAL(rig_totals(&rig, "s").failed, failed);
    rig_close(&rig);
}

static void a_restart_loop_restarts(void) {
    const struct plan_fault f = {.kind = FAULT_RESTART_LOOP,
                                 .service = first,
                                 .value = 3 * NS_PER_S,
                                 .pods = 4,
                                 .down_ns = NS_PER_S};
    struct rig rig;
    open_on(&rig, four, 1000, &f, 1);
    app_defect_on(rig.app, 0);
    struct over seen = over(&rig, "s", 30);
    CU_ASSERT_EQUAL(app_defect_count(rig.app, 0), 10 * 4);
    CU_ASSERT(seen.failed > 4 && seen.failed < 10 * 4 * 8); /* what each had in its slots */
    app_defect_off(rig.app, 0);
    run_s(&rig, 2);
    CU_ASSERT_EQUAL(over(&rig, "s", 30).failed, 0);
    rig_close(&rig);
}

/* Where there is no other pod, all is refused until the process is back. */
static void an_only_pod_that_dies_refuses(void) {
    const struct plan_fault f = {.kind = FAULT_RESTART_LOOP,
                                 .service = {0},
                                 .value = 3 * NS_PER_S,
                                 .pods = 1,
                                 .down_ns = NS_PER_S};
    struct rig rig;
    open_on(&rig, chain, 100, &f, 1);
    app_defect_on(rig.app, 0);
    struct over seen = over(&rig, "front", 30); /* away one second in three, but for the first */
    CU_ASSERT(seen.failed > seen.requests / 4 && seen.failed < seen.requests * 2 / 5);
    app_defect_off(rig.app, 0);
    run_s(&rig, 2);
    CU_ASSERT_EQUAL(over(&rig, "front", 30).failed, 0);
    rig_close(&rig);
}

static void a_hot_key_is_one_pods(void) {
    const struct plan_fault f = {.kind = FAULT_HOT_KEY, .service = first, .value = 1};
    struct rig rig;
    open_on(&rig, four, 1000, &f, 1);
    app_defect_on(rig.app, 0);
    uint64_t requests = over(&rig, "s", 10).requests, most = 0;
    for (uint32_t place = 0; place < 4; place++)
        if (served_by(&rig, place) > most) most = served_by(&rig, place);
    CU_ASSERT_EQUAL(most, requests);
    app_defect_off(rig.app, 0);
    uint64_t before = served_by(&rig, 0), more = over(&rig, "s", 10).requests;
    CU_ASSERT(served_by(&rig, 0) - before >= more / 4 - 1 &&
              served_by(&rig, 0) - before <= more / 4 + 1);
    rig_close(&rig);
}

/* The first of a thousand keys is asked for 1 / H(1000) = 13.4 % of the time. */
static void keys_are_by_zipfs_law(void) {
    const struct plan_fault f = {.kind = FAULT_HOT_KEY, .service = first, .value = 1000};
    struct rig rig;
    open_on(&rig, four, 1000, &f, 1);
    app_defect_on(rig.app, 0);
    uint64_t first_key = rig.app->key_weights[0], all = rig.app->key_weights[999];
    CU_ASSERT_EQUAL(first_key * 1000 / all, 133);
    uint64_t requests = over(&rig, "s", 20).requests, most = 0, least = requests;
    for (uint32_t place = 0; place < 4; place++) {
        if (served_by(&rig, place) > most) most = served_by(&rig, place);
        if (served_by(&rig, place) < least) least = served_by(&rig, place);
    }
    CU_ASSERT(most < requests && most > requests / 4 + requests / 50);
    CU_ASSERT(least > requests / 10);
    rig_close(&rig);
}

static void a_burst_is_more_of_the_same(void) {
    const struct plan_fault f = {.kind = FAULT_LOAD_BURST, .service = first, .value = 3};
    struct rig calm, rig;
    open_on(&calm, four, 500, &f, 1);
    open_on(&rig, four, 500, &f, 1);
    run_s(&calm, 30);
    run_s(&rig, 10);
    app_defect_on(rig.app, 0);
    run_s(&rig, 10);
    app_defect_off(rig.app, 0);
    run_s(&rig, 10);
    uint64_t more = app_request_count(rig.app) - app_request_count(calm.app);
    CU_ASSERT_EQUAL(more, app_defect_count(rig.app, 0)); /* it shifted nobody's draws */
    CU_ASSERT(more > 9500 && more < 10500);
    rig_close(&calm);
    rig_close(&rig);
}

/* A sustained overload that outlives its trigger: Bronson, Aghayev, Charapko, Zhu, "Metastable
 * Failures in Distributed Systems", HotOS 2021. The back is 60 % busy; a burst of ten seconds
 * fills its queue; who gave up tries again, and what is worked off is what nobody waits for. */
static void retries_keep_a_burst_alive(void) {
    static const struct {
        bool retries, burst, stays;
    } cases[] = {{true, false, false}, {false, true, false}, {true, true, true}};
    const struct plan_fault f[] = {
        {.kind = FAULT_RETRY_STORM, .service = {0}, .value = 3},
        {.kind = FAULT_LOAD_BURST, .service = {1}, .value = 3},
    };
    for (size_t k = 0; k < ARRAY_LEN(cases); k++) {
        struct rig rig;
        open_on(&rig, chain, 240, f, 2);
        CU_ASSERT_EQUAL_FATAL(rig_service(&rig, "back").v, 0);
        run_s(&rig, 5);
        if (cases[k].retries) app_defect_on(rig.app, 0);
        if (cases[k].burst) app_defect_on(rig.app, 1);
        run_s(&rig, 10);
        if (cases[k].burst) app_defect_off(rig.app, 1);
        run_s(&rig, 30);
        struct over later = over(&rig, "front", 30);
        CU_ASSERT_EQUAL(later.failed > later.requests / 2, cases[k].stays);
        CU_ASSERT_EQUAL(app_defect_count(rig.app, 0) > 0, cases[k].stays);
        if (cases[k].retries) app_defect_off(rig.app, 0);
        run_s(&rig, 30);
        CU_ASSERT_EQUAL(over(&rig, "front", 10).failed, 0);
        rig_drain(&rig);
        rig_close(&rig);
    }
}

/* Black hole against reset: a caller waits for its timeout, or hears at once. Nothing reaches the
 * back. */
static void what_is_parted_does_not_meet(void) {
    static const uint8_t side[] = {1, 0};
    for (int resets = 0; resets < 2; resets++) {
        const struct plan_fault f = {
            .kind = FAULT_SERVICES_PARTED, .service = {NONE_ID}, .side = side, .resets = resets};
        struct rig rig;
        open_on(&rig, chain, 100, &f, 1);
        CU_ASSERT_EQUAL(over(&rig, "front", 5).failed, 0);
        app_part(rig.app, 0);
        run_s(&rig, 1);
        uint64_t before = rig_totals(&rig, "back").requests;
        CU_ASSERT_EQUAL(rig_totals(&rig, "front").in_flight > 30, !resets);
        struct over cut = over(&rig, "front", 5);
        CU_ASSERT(cut.requests > 400 && cut.failed == cut.requests);
        CU_ASSERT_EQUAL(rig_totals(&rig, "back").requests, before);
        CU_ASSERT(app_join(rig.app, 0) > 500);
        run_s(&rig, 1);
        CU_ASSERT_EQUAL(over(&rig, "front", 5).failed, 0);
        rig_drain(&rig);
        CU_ASSERT_EQUAL(rig_totals(&rig, "front").in_flight, 0);
        rig_close(&rig);
    }
}

TEST_MAIN("app_trouble", TEST(a_slow_cpu_slows_its_pods), TEST(exhausted_handles_refuse),
          TEST(an_exhausted_pool_is_patched), TEST(memory_fills_and_the_process_is_killed),
          TEST(a_restart_loop_restarts), TEST(an_only_pod_that_dies_refuses),
          TEST(a_hot_key_is_one_pods), TEST(keys_are_by_zipfs_law),
          TEST(a_burst_is_more_of_the_same), TEST(retries_keep_a_burst_alive),
          TEST(what_is_parted_does_not_meet))
