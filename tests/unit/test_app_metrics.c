/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/app_rig.h"
#include "engine/base/ratio.h"
#include "sim/prometheus/prometheus.h"
#include "tests/runner.h"
#include <math.h>

static const char pair[] =
    "name: m\nentrypoints: [front]\nservices:\n"
    "- {name: back, replicas: 3, slots: 4, service_time: 20ms, error_rate: 2%,"
    " cpu_limit_millicores: 1000, memory_limit_mb: 1000}\n"
    "- {name: front, replicas: 2, slots: 8, service_time: 2ms, error_rate: 0}\n"
    "calls: [{from: front, to: back, timeout: 60ms, retries: 1}]\n";

struct metered {
    struct rig rig;
    struct prom *prom;
    struct app_metrics *metrics;
};

static void open_metered(struct metered *m, time_ns history_ns) {
    rig_open(&m->rig, &(struct rig_setup){.topology = pair, .rate_milli = 300000, .seed = 8});
    m->rig.plan.history.span_ns = history_ns;
    m->prom = prom_open(&m->rig.arena, &(struct prom_options){
                                           .series_max = app_metrics_series_max(&m->rig.plan),
                                           .samples_per_series = 400,
                                           .retention_ms = 48 * 3600 * 1000,
                                           .lookback_ms = 300000,
                                       });
    m->metrics = app_metrics_open(&m->rig.arena, m->rig.app, &m->rig.plan, m->prom);
    app_start(m->rig.app);
}

static void scrape_for(struct metered *m, int seconds) {
    for (int i = 0; i < seconds; i++) {
        sim_run(m->rig.sim, sim_now(m->rig.sim) + NS_PER_S);
        app_metrics_scrape(m->metrics, sim_now(m->rig.sim));
    }
}

static int64_t now_ms(const struct metered *m) {
    return (m->rig.plan.start_wall + sim_now(m->rig.sim)) / NS_PER_MS;
}

/* NAN: no single number. */
static double number(struct metered *m, const char *expression) {
    struct diags diags = {0};
    struct prom_expr *e =
        prom_parse(&m->rig.arena, "test", 1, 1, expression, strlen(expression), &diags);
    double value = NAN;
    return e && prom_eval_number(m->prom, e, now_ms(m), &value) ? value : NAN;
}

static void counters_are_those_of_the_pods(void) {
    struct metered m;
    open_metered(&m, 0);
    scrape_for(&m, 30);
    struct app_totals front = rig_totals(&m.rig, "front"), back = rig_totals(&m.rig, "back");
    CU_ASSERT_EQUAL(number(&m, "sum(http_requests_total{service='front'})"),
                    (double)front.requests);
    CU_ASSERT_EQUAL(number(&m, "sum(http_requests_total{service='back',code='500'})"),
                    (double)back.failed);
    CU_ASSERT_EQUAL(number(&m, "count(http_requests_total{service='back'})"), 15);
    CU_ASSERT_EQUAL(number(&m, "http_requests_total{pod='back-r1-2',code='504',revision='r1'}"), 0);
    CU_ASSERT_EQUAL(
        number(&m, "sum(http_request_duration_seconds_bucket{service='back',le='+Inf'})"),
        (double)back.requests);
    CU_ASSERT_EQUAL(number(&m, "sum(http_request_duration_seconds_count{service='back'})"),
                    (double)back.requests);
    double mean = number(&m, "sum(http_request_duration_seconds_sum{service='back'}) / "
                             "sum(http_request_duration_seconds_count{service='back'})");
    CU_ASSERT(mean > 0.020 && mean < 0.060);
    CU_ASSERT_EQUAL(number(&m, "count(up{job='services'} == 1)"), 5);
    CU_ASSERT_EQUAL(number(&m, "count(scrape_duration_seconds == 0)"), 5);
    CU_ASSERT_EQUAL(number(&m, "min(scrape_samples_post_metric_relabeling)"),
                    number(&m, "max(scrape_samples_scraped)"));
    CU_ASSERT_EQUAL(number(&m, "scrape_samples_scraped{pod='back-r1-2'}"),
                    number(&m, "count({pod='back-r1-2'}) - 5"));
    CU_ASSERT_EQUAL(number(&m, "sum(scrape_series_added)"), 0);
    CU_ASSERT_EQUAL(number(&m, "min(sum_over_time(scrape_series_added[1h]))"),
                    number(&m, "max(scrape_samples_scraped)"));
    rig_close(&m.rig);
}

static void buckets_bound_their_durations(void) {
    struct metered m;
    open_metered(&m, 0);
    scrape_for(&m, 30);
    double median = number(&m, "histogram_quantile(0.5, sum by (le) "
                               "(http_request_duration_seconds_bucket{service='back'}))");
    CU_ASSERT(median > 0.010 && median < 0.025);
    CU_ASSERT_EQUAL(number(&m, "sum(http_request_duration_seconds_bucket{service='front',le='5'})"),
                    number(&m, "sum(http_request_duration_seconds_count{service='front'})"));
    rig_close(&m.rig);
}

static void callers_count_each_call(void) {
    struct metered m;
    open_metered(&m, 0);
    scrape_for(&m, 30);
    double calls = number(&m, "sum(http_client_requests_total{service='front',callee='back'})");
    CU_ASSERT(calls >= (double)rig_totals(&m.rig, "front").requests);
    CU_ASSERT(number(&m, "http_client_requests_total{callee='back',outcome='timeout'}") > 0);
    CU_ASSERT(number(&m, "http_client_requests_total{callee='back',outcome='failed'}") > 0);
    rig_close(&m.rig);
}

/* All slots busy is the whole limit; 300/s x 20 ms in 12 slots is half of it. */
static void cpu_is_the_slots_share_of_the_limit(void) {
    struct metered m;
    open_metered(&m, 0);
    scrape_for(&m, 60);
    double used = number(&m, "sum(rate(process_cpu_seconds_total{service='back'}[50s])) / "
                             "sum(container_cpu_limit_cores{service='back'})");
    double slots = (double)rig_totals(&m.rig, "back").busy_slot_ns / 60e9 / 12;
    CU_ASSERT(fabs(used - slots) < 0.02);
    CU_ASSERT(used > 0.4 && used < 0.7);
    double memory = number(&m, "max(process_resident_memory_bytes{service='back'} / "
                               "container_memory_limit_bytes)");
    CU_ASSERT(memory >= 0.38 && memory < 0.45);
    CU_ASSERT_EQUAL(number(&m, "container_disk_used_ratio{pod='back-r1-0'}"), 0.4);
    rig_close(&m.rig);
}

/* Garbage rises and falls on every pod; a leak lifts the floor beneath it, and nothing else does.
 */
static void a_leak_lifts_the_floor_beneath_the_sawtooth(void) {
    struct metered m;
    open_metered(&m, 0);
    struct svc_id back = rig_service(&m.rig, "back");
    struct revision_id next =
        app_revision_make(m.rig.app, back, app_serving(m.rig.app, back), 0, -1, 0);
    app_revision_burden(m.rig.app, next, 0, 0, INT64_C(10) << 20);
    app_shift(m.rig.app, back, next, 340000);
    scrape_for(&m, 120);
    const char *const floors[] = {
        "sum(min_over_time(process_resident_memory_bytes{revision='r1'}[20s])) - "
        "sum(min_over_time(process_resident_memory_bytes{revision='r1'}[100s]))",
        "sum(min_over_time(process_resident_memory_bytes{revision='r3'}[20s])) - "
        "sum(min_over_time(process_resident_memory_bytes{revision='r3'}[100s]))"};
    CU_ASSERT(number(&m, floors[0]) < 4 << 20);
    CU_ASSERT(number(&m, floors[1]) > 10 << 20); /* 80 s at 10 MiB a minute, less the noise */
    CU_ASSERT(number(&m, "max(max_over_time(process_resident_memory_bytes{revision='r1'}[60s]) - "
                         "min_over_time(process_resident_memory_bytes{revision='r1'}[60s]))") >
              10 << 20); /* of 512 MiB, a tooth has 4 % */
    scrape_for(&m, 3600);
    CU_ASSERT_EQUAL(number(&m, "process_resident_memory_bytes{revision='r3'} / "
                               "container_memory_limit_bytes"),
                    1);
    rig_close(&m.rig);
}

/* Requests in a loop hold their slots, burn CPU and are given up; few are ever answered. */
static void a_loop_burns_cpu_and_lets_callers_wait(void) {
    struct metered m;
    open_metered(&m, 0);
    struct svc_id back = rig_service(&m.rig, "back");
    struct revision_id next =
        app_revision_make(m.rig.app, back, app_serving(m.rig.app, back), 0, -1, 0);
    app_revision_burden(m.rig.app, next, PPM_ONE, 15 * NS_PER_S, 0);
    app_shift(m.rig.app, back, next, 340000);
    scrape_for(&m, 12);
    CU_ASSERT(number(&m, "sum(rate(process_cpu_seconds_total{revision='r3'}[10s])) / "
                         "sum(container_cpu_limit_cores{revision='r3'})") > 0.95);
    CU_ASSERT(number(&m, "http_requests_in_flight{revision='r3'}") > 100);
    CU_ASSERT(number(&m, "http_requests_in_flight_seconds{revision='r3'} / "
                         "http_requests_in_flight{revision='r3'}") > 3);
    CU_ASSERT(number(&m, "http_requests_abandoned_total{revision='r3'}") > 100);
    CU_ASSERT_EQUAL(number(&m, "sum(http_requests_total{revision='r3',code='200'})"), 0);
    CU_ASSERT(number(&m, "sum(rate(process_cpu_seconds_total{revision='r1'}[10s])) / "
                         "sum(container_cpu_limit_cores{revision='r1'})") < 0.7);
    rig_close(&m.rig);
}

static void slow_is_counted_from_a_buckets_bound(void) {
    CU_ASSERT_STRING_EQUAL(app_metrics_bucket(500 * NS_PER_MS), "0.5");
    CU_ASSERT_STRING_EQUAL(app_metrics_bucket(300 * NS_PER_MS), "0.5");
    CU_ASSERT_STRING_EQUAL(app_metrics_bucket(1), "0.005");
    CU_ASSERT_STRING_EQUAL(app_metrics_bucket(NS_PER_HOUR), "+Inf");
}

static void pods_that_go_leave_stale_series(void) {
    struct metered m;
    open_metered(&m, 0);
    scrape_for(&m, 10);
    struct svc_id back = rig_service(&m.rig, "back");
    struct revision_id first = app_serving(m.rig.app, back);
    struct revision_id next = app_revision_make(m.rig.app, back, first, 0, -1, 0);
    app_shift(m.rig.app, back, next, 340000);
    scrape_for(&m, 10);
    CU_ASSERT_EQUAL(number(&m, "count(up{service='back',revision='r1'})"), 2);
    CU_ASSERT_EQUAL(number(&m, "count(up{service='back',revision='r3'})"), 1);
    CU_ASSERT_EQUAL(number(&m, "up{pod='back-r3-2'}"), 1);
    CU_ASSERT(number(&m, "sum(rate(http_requests_total{service='back',revision='r3'}[5s]))") > 60);
    app_shift(m.rig.app, back, (struct revision_id){0}, 0);
    scrape_for(&m, 5);
    CU_ASSERT_EQUAL(number(&m, "count(up{service='back'})"), 3);
    /* the pod that came back counts from 0 again */
    double rate = number(&m, "sum(rate(http_requests_total{pod='back-r1-2'}[20s]))");
    CU_ASSERT(rate > 20 && rate < 200);
    rig_close(&m.rig);
}

/* Three pods; the middle one is lost. Its clients go on using it. */
static void pods_out_of_reach_are_down_and_say_nothing_else(void) {
    struct metered m;
    open_metered(&m, 0);
    struct svc_id back = rig_service(&m.rig, "back");
    scrape_for(&m, 10);
    double before = number(&m, "http_requests_total{pod='back-r1-1',code='200'}");
    app_unreach(m.rig.app, back, 1);
    scrape_for(&m, 10);
    CU_ASSERT_EQUAL(number(&m, "sum(up{service='back'})"), 2);
    CU_ASSERT_EQUAL(number(&m, "up{pod='back-r1-1'}"), 0);
    CU_ASSERT(isnan(number(&m, "http_requests_total{pod='back-r1-1',code='200'}")));
    CU_ASSERT_EQUAL(number(&m, "count(container_cpu_limit_cores{service='back'})"), 2);
    CU_ASSERT_EQUAL(app_unreached_count(m.rig.app, back), 10);
    CU_ASSERT_EQUAL(number(&m, "scrape_samples_scraped{pod='back-r1-1'}"), 0);
    app_unreach(m.rig.app, back, 0);
    scrape_for(&m, 1);
    CU_ASSERT_EQUAL(number(&m, "scrape_series_added{pod='back-r1-1'}"),
                    number(&m, "scrape_samples_scraped{pod='back-r1-1'}"));
    CU_ASSERT_EQUAL(number(&m, "sum(up{service='back'})"), 3);
    double after = number(&m, "http_requests_total{pod='back-r1-1',code='200'}");
    CU_ASSERT(after > before + 100); /* those of the time in between too */
    rig_close(&m.rig);
}

static void history_stands_before_the_run(void) {
    struct metered m;
    open_metered(&m, 24 * NS_PER_HOUR);
    /* 300/s with 2 % for a day, read at the very begin */
    double all = number(&m, "sum(increase(http_requests_total{service='back'}[24h]))");
    double bad = number(&m, "sum(increase(http_requests_total{service='back',code='500'}[24h]))");
    double visits = (double)m.rig.plan.visits_ppm[rig_service(&m.rig, "back").v] / 1e6;
    CU_ASSERT(fabs(all / (300 * visits * 86400) - 1) < 0.01);
    CU_ASSERT(fabs(bad / all - 0.02) < 1e-4);
    scrape_for(&m, 2);
    CU_ASSERT(isnan(number(&m, "sum(http_requests_total{pod='history'})")));
    rig_close(&m.rig);
}

TEST_MAIN("app_metrics", TEST(counters_are_those_of_the_pods), TEST(buckets_bound_their_durations),
          TEST(callers_count_each_call), TEST(cpu_is_the_slots_share_of_the_limit),
          TEST(a_leak_lifts_the_floor_beneath_the_sawtooth),
          TEST(a_loop_burns_cpu_and_lets_callers_wait), TEST(slow_is_counted_from_a_buckets_bound),
          TEST(pods_that_go_leave_stale_series),
          TEST(pods_out_of_reach_are_down_and_say_nothing_else),
          TEST(history_stands_before_the_run))
