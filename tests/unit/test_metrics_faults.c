/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What faults in the path of scrapes make of the samples, beside a service whose scrapes are left
 * alone; and that what is taken back leaves nothing behind. */
#include "tests/unit/app_rig.h"
#include "sim/prometheus/prometheus.h"
#include "tests/runner.h"
#include <math.h>

static const char pair[] =
    "name: m\nentrypoints: [front]\nservices:\n"
    "- {name: back, replicas: 2, slots: 4, service_time: 20ms, error_rate: 2%,"
    " cpu_limit_millicores: 1000, memory_limit_mb: 1000}\n"
    "- {name: front, replicas: 2, slots: 8, service_time: 2ms, error_rate: 0}\n"
    "calls: [{from: front, to: back, timeout: 60ms, retries: 1}]\n";

struct metered {
    struct rig rig;
    struct prom *prom;
    struct app_metrics *metrics;
    struct plan_fault fault;
    struct svc_id back;
};

/* The kind only tells that the plan has such a fault; the tests bend and unbend themselves. */
static void open_metered(struct metered *m) {
    rig_open(&m->rig, &(struct rig_setup){.topology = pair, .rate_milli = 300000, .seed = 8});
    m->fault = (struct plan_fault){.kind = FAULT_SCRAPE_GAP, .at = TIME_NEVER};
    m->rig.plan.faults = &m->fault;
    m->rig.plan.fault_count = 1;
    m->prom = prom_open(&m->rig.arena, &(struct prom_options){
                                           .series_max = app_metrics_series_max(&m->rig.plan),
                                           .samples_per_series = 400,
                                           .retention_ms = 48 * 3600 * 1000,
                                           .lookback_ms = 300000,
                                       });
    m->metrics = app_metrics_open(&m->rig.arena, m->rig.app, &m->rig.plan, m->prom);
    m->back = rig_service(&m->rig, "back");
    app_start(m->rig.app);
}

static void scrape_for(struct metered *m, int seconds) {
    for (int i = 0; i < seconds; i++) {
        sim_run(m->rig.sim, sim_now(m->rig.sim) + NS_PER_S);
        app_metrics_scrape(m->metrics, sim_now(m->rig.sim));
    }
}

static double number(struct metered *m, const char *expression) {
    struct diags diags = {0};
    int64_t now_ms = (m->rig.plan.start_wall + sim_now(m->rig.sim)) / NS_PER_MS;
    struct prom_expr *e =
        prom_parse(&m->rig.arena, "test", 1, 1, expression, strlen(expression), &diags);
    double value = NAN;
    CU_ASSERT_PTR_NOT_NULL_FATAL(e);
    return prom_eval_number(m->prom, e, now_ms, &value) ? value : NAN;
}

#define REQUESTS "sum(http_requests_total{service='back'})"

/* Twenty seconds as they are, ten bent, twenty as they are again. */
static void bend_for(struct metered *m, enum metrics_bend how, int64_t value) {
    scrape_for(m, 20);
    CU_ASSERT_EQUAL(app_metrics_bend(m->metrics, m->back, how, value), 0);
    scrape_for(m, 10);
}
static void unbend(struct metered *m, enum metrics_bend how, int64_t value, uint64_t acted) {
    CU_ASSERT_EQUAL(app_metrics_unbend(m->metrics, m->back, how, value), acted);
    scrape_for(m, 20);
}
static double really(struct metered *m) { return (double)rig_totals(&m->rig, "back").requests; }

static void a_gap_has_no_samples(void) {
    struct metered m;
    open_metered(&m);
    bend_for(&m, BEND_GAP, 0);
    CU_ASSERT_EQUAL(number(&m, "max(count_over_time(up{service='back'}[10s])) or vector(0)"), 0);
    CU_ASSERT_EQUAL(number(&m, "min(count_over_time(up{service='front'}[10s]))"), 10);
    CU_ASSERT(number(&m, REQUESTS) < really(&m)); /* the last there are, not stale */
    unbend(&m, BEND_GAP, 0, 20);
    CU_ASSERT_EQUAL(number(&m, REQUESTS), really(&m));
    CU_ASSERT_EQUAL(number(&m, "min(count_over_time(up{service='back'}[50s]))"), 40);
    rig_close(&m.rig);
}

static void frozen_series_stand(void) {
    struct metered m;
    open_metered(&m);
    bend_for(&m, BEND_FROZEN, 0);
    CU_ASSERT_EQUAL(number(&m, "sum(increase(http_requests_total{service='back'}[9s]))"), 0);
    CU_ASSERT_EQUAL(number(&m, "min(up{service='back'})"), 1);
    CU_ASSERT(number(&m, "sum(increase(http_requests_total{service='front'}[9s]))") > 1000);
    unbend(&m, BEND_FROZEN, 0, 20);
    CU_ASSERT_EQUAL(number(&m, REQUESTS), really(&m));
    rig_close(&m.rig);
}

static void counters_begin_again(void) {
    struct metered m;
    open_metered(&m);
    bend_for(&m, BEND_RESET, 0);
    CU_ASSERT(number(&m, REQUESTS) < really(&m) / 2);
    CU_ASSERT_EQUAL(number(&m, "max(resets(http_requests_total{service='back',code='200'}[30s]))"),
                    1);
    CU_ASSERT_EQUAL(number(&m, "max(resets(http_requests_total{service='front'}[30s]))"), 0);
    double before = number(&m, "sum(rate(http_requests_total{service='back'}[10s] offset 12s))");
    double over = number(&m, "sum(rate(http_requests_total{service='back'}[30s]))");
    CU_ASSERT(fabs(over / before - 1) < 0.1); /* rate sees through it, but for what it hid */
    CU_ASSERT_EQUAL(number(&m, "min(container_cpu_limit_cores{service='back'})"), 1);
    unbend(&m, BEND_RESET, 0, 2);
    CU_ASSERT(number(&m, REQUESTS) < really(&m)); /* what was lost stays lost */
    CU_ASSERT_EQUAL(number(&m, "max(resets(http_requests_total{service='back'}[20s]))"), 0);
    rig_close(&m.rig);
}

static void no_sample_is_a_number(void) {
    struct metered m;
    open_metered(&m);
    bend_for(&m, BEND_NAN, 0);
    CU_ASSERT(isnan(number(&m, REQUESTS)));
    CU_ASSERT_EQUAL(number(&m, "count(http_requests_total{service='back'})"), 10); /* not absent */
    CU_ASSERT(isnan(number(&m, "sum(rate(http_requests_total{service='back'}[5s]))")));
    CU_ASSERT_EQUAL(number(&m, "min(up{service='back'})"), 1);
    unbend(&m, BEND_NAN, 0, 20);
    CU_ASSERT_EQUAL(number(&m, REQUESTS), really(&m));
    rig_close(&m.rig);
}

static void late_samples_are_dropped_or_old(void) {
    struct metered m;
    open_metered(&m);
    uint64_t refused = prom_refused_count(m.prom);
    bend_for(&m, BEND_LATE, 5 * NS_PER_S);
    CU_ASSERT(prom_refused_count(m.prom) > refused); /* the first five seconds are known already */
    CU_ASSERT_EQUAL(number(&m, "time() - max(timestamp(http_requests_total{service='back'}))"), 5);
    CU_ASSERT_EQUAL(number(&m, "time() - min(timestamp(http_requests_total{service='front'}))"), 0);
    CU_ASSERT_EQUAL(number(&m, "time() - min(timestamp(up{service='back'}))"), 0);
    unbend(&m, BEND_LATE, 5 * NS_PER_S, 20);
    CU_ASSERT_EQUAL(number(&m, "time() - max(timestamp(http_requests_total{service='back'}))"), 0);
    CU_ASSERT_EQUAL(number(&m, REQUESTS), really(&m));
    rig_close(&m.rig);
}

static void noise_is_about_right_and_never_falls(void) {
    struct metered m;
    open_metered(&m);
    scrape_for(&m, 20);
    double before = number(&m, REQUESTS);
    app_metrics_bend(m.metrics, m.back, BEND_NOISE, 300000);
    scrape_for(&m, 100);
    double shown = number(&m, REQUESTS) - before, true_ones = really(&m) - before;
    CU_ASSERT(shown != true_ones);
    CU_ASSERT(fabs(shown / true_ones - 1) < 0.1);
    CU_ASSERT_EQUAL(number(&m, "max(resets(http_requests_total{service='back'}[2m]))"), 0);
    CU_ASSERT(number(&m, "max(changes(container_memory_limit_bytes{service='back'}[10s]))") >= 8);
    CU_ASSERT_EQUAL(number(&m, "max(changes(container_memory_limit_bytes{service='front'}[2m]))"),
                    0);
    CU_ASSERT_EQUAL(app_metrics_unbend(m.metrics, m.back, BEND_NOISE, 300000), 200);
    scrape_for(&m, 20);
    CU_ASSERT_EQUAL(number(&m, "max(changes(container_memory_limit_bytes{service='back'}[10s]))"),
                    0);
    rig_close(&m.rig);
}

/* The candidate's pods are there, under the name of what they are compared with. */
static void a_candidate_is_mislabelled(void) {
    struct metered m;
    open_metered(&m);
    struct revision_id stable = app_serving(m.rig.app, m.back);
    struct revision_id next = app_revision_make(m.rig.app, m.back, stable, 0, -1, 0);
    char of_next[96];
    snprintf(of_next, sizeof of_next, "count(up{service='back',revision='r%u'}) or vector(0)",
             next.v);
    CU_ASSERT_EQUAL(app_metrics_bend(m.metrics, m.back, BEND_MISLABELLED, 0), 0);
    scrape_for(&m, 5);
    app_shift(m.rig.app, m.back, next, 500000);
    scrape_for(&m, 10);
    CU_ASSERT_EQUAL(number(&m, of_next), 0);
    CU_ASSERT_EQUAL(number(&m, "count(up{service='back'})"), 2);
    CU_ASSERT_EQUAL(app_metrics_unbend(m.metrics, m.back, BEND_MISLABELLED, 0), 10);
    scrape_for(&m, 5);
    CU_ASSERT_EQUAL(number(&m, of_next), 1);
    CU_ASSERT_EQUAL(number(&m, "count(up{service='back'})"), 2);
    rig_close(&m.rig);
}

TEST_MAIN("Faults of metrics", TEST(a_gap_has_no_samples), TEST(frozen_series_stand),
          TEST(counters_begin_again), TEST(no_sample_is_a_number),
          TEST(late_samples_are_dropped_or_old), TEST(noise_is_about_right_and_never_falls),
          TEST(a_candidate_is_mislabelled))
