/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/rca/analysis.h"
#include "reports/rca/excess.h"
#include "tests/runner.h"

#include <math.h>

/* entry calls a and b, a calls c; b and c call each other. */
static const char topology_text[] =
    "name: small\n"
    "entrypoints: [entry]\n"
    "services: [{name: entry}, {name: a}, {name: b}, {name: c}, {name: queue}]\n"
    "calls:\n"
    "  - {from: entry, to: a, protocol: http}\n"
    "  - {from: entry, to: b, protocol: http}\n"
    "  - {from: a, to: c, protocol: http}\n"
    "  - {from: b, to: c, protocol: http}\n"
    "  - {from: c, to: b, protocol: http}\n"
    "  - {from: a, to: queue, protocol: kafka}\n";

static struct arena arena;
static struct diags diags;
static const struct topology *t;
static struct rca_recording recording;
static char csv[1 << 20];
static size_t csv_len;

static void begin(void) {
    arena_open(&arena);
    diags = (struct diags){0};
    t = topo_load(&arena, "small.yaml", topology_text, strlen(topology_text), &diags);
    CU_ASSERT_PTR_NOT_NULL_FATAL(t);
    csv_len = (size_t)snprintf(csv, sizeof csv, "time,service,metric,value\n");
}
static void put(double time, const char *service, const char *metric, double value) {
    csv_len += (size_t)snprintf(csv + csv_len, sizeof csv - csv_len, "%.15g,%s,%s,%.9g\n", time,
                                service, metric, value);
}
static bool read_csv(void) {
    return rca_recording_read(&recording, &arena, t, "m.csv", csv, csv_len, &diags);
}
static void end(void) { arena_close(&arena); }

static struct rca_result analyse(const char *service, double at) {
    struct rca_result result;
    struct rca_request q = {.topology = t,
                            .recording = &recording,
                            .service = topo_service_named(t, service),
                            .at = at};
    CU_ASSERT_FATAL(read_csv());
    rca_analyse(&arena, &q, &result);
    return result;
}
static const char *first(const struct rca_result *r) {
    return r->count > 0 ? t->services[r->ranked[0].service.v].name : "";
}

/* A little noise without randomness. */
static double shake(int i) { return 1 + 0.02 * ((i * 7) % 5 - 2); }

struct story {
    const char *slow;
    double unit;
    bool load, others_missing;
};
/* 200 steps of a minute; from the 150th the service named is 0.5 s slower, and so all who call it.
 */
static void tell(struct story s) {
    for (int i = 0; i < 200; i++) {
        bool bad = i >= 150;
        double c = 0.01 * shake(i) + (bad && strcmp(s.slow, "c") == 0 ? 0.5 : 0);
        double b = 0.02 * shake(i + 1) + (bad && strcmp(s.slow, "b") == 0 ? 0.5 : 0) + c;
        double a = 0.03 * shake(i + 2) + (bad && strcmp(s.slow, "a") == 0 ? 0.5 : 0) + c;
        double entry = 0.01 * shake(i + 3) + a + b;
        const char *names[] = {"entry", "a", "b", "c"};
        double v[] = {entry, a, b, c}, load[] = {100, 100, 100, 200};
        for (int k = 0; k < 4; k++) {
            if (s.others_missing && k > 0 && strcmp(names[k], s.slow) != 0) continue;
            put(i * 60, names[k], "latency", v[k] * s.unit);
            if (s.load) put(i * 60, names[k], "request_rate", load[k] * shake(i));
        }
    }
}

static void the_slow_service_leads(void) {
    static const char *const slow[] = {"a", "b", "c", "entry"};
    for (size_t k = 0; k < 3; k++)
        for (int variant = 0; variant < 4; variant++) {
            begin();
            tell((struct story){slow[k], variant & 1 ? 1000 : 1, variant & 2, false});
            struct rca_result r = analyse("entry", 150 * 60);
            CU_ASSERT(r.abnormal);
            CU_ASSERT_STRING_EQUAL(first(&r), slow[k]);
            end();
        }
}

static void units_change_nothing(void) {
    double score[2];
    for (int k = 0; k < 2; k++) {
        begin();
        tell((struct story){"c", k ? 1000 : 1, true, false});
        struct rca_result r = analyse("entry", 150 * 60);
        score[k] = r.ranked[0].score;
        end();
    }
    CU_ASSERT_DOUBLE_EQUAL(score[0], score[1], 1e-9);
}

static void a_quiet_recording_is_nothing_abnormal(void) {
    begin();
    tell((struct story){"none", 1, true, false});
    for (int at = 50; at < 190; at += 20) {
        struct rca_result r = analyse("entry", at * 60);
        CU_ASSERT(!r.abnormal);
        CU_ASSERT_EQUAL(r.count, 0);
    }
    end();
}

static void constant_series_do_not_divide_by_zero(void) {
    begin();
    for (int i = 0; i < 100; i++) {
        put(i, "entry", "availability", i >= 80 ? 90 : 100);
        put(i, "a", "availability", i >= 80 ? 85 : 100);
        put(i, "b", "availability", 100);
    }
    struct rca_result r = analyse("entry", 80);
    CU_ASSERT(r.abnormal);
    CU_ASSERT(isfinite(r.deviation.z));
    CU_ASSERT_STRING_EQUAL(first(&r), "a");
    end();
}

static void a_callee_that_says_nothing_is_suspected(void) {
    begin();
    tell((struct story){"a", 1, true, true});
    struct rca_result r = analyse("entry", 150 * 60);
    bool silent = false;
    CU_ASSERT_STRING_EQUAL(first(&r), "a");
    for (uint32_t k = 0; k < r.count; k++)
        silent |= strcmp(t->services[r.ranked[k].service.v].name, "c") == 0;
    CU_ASSERT(silent);
    end();
}

static void a_service_that_fell_silent_leads(void) {
    begin();
    for (int i = 0; i < 100; i++) {
        put(i, "entry", "error_rate", (i >= 80 ? 0.3 : 0.001) * shake(i));
        put(i, "a", "error_rate", (i >= 80 ? 0.6 : 0.001) * shake(i));
        if (i < 80) put(i, "c", "error_rate", 0.001 * shake(i));
        put(i, "b", "error_rate", 0.001 * shake(i));
    }
    struct rca_result r = analyse("entry", 80);
    CU_ASSERT_STRING_EQUAL(first(&r), "c");
    end();
}

static void noticed_late_the_window_begins_at_the_onset(void) {
    begin();
    tell((struct story){"c", 1, true, false});
    struct rca_result r = analyse("entry", 155 * 60);
    CU_ASSERT_DOUBLE_EQUAL(r.abnormal_window.from, 150 * 60, 1);
    CU_ASSERT(r.baseline.to <= 150 * 60);
    end();
}

static void asynchronous_calls_pass_nothing_on(void) {
    double requests[5], shares[6];
    begin();
    for (int s = 0; s < 5; s++) requests[s] = 10;
    call_shares(t, requests, shares);
    for (uint32_t k = 0; k < t->call_count; k++) CU_ASSERT_EQUAL(shares[k] > 0, !t->calls[k].async);
    end();
}

/* Whatever is excess ends somewhere, and nothing is made on the way. */
static void excess_is_neither_lost_nor_made(void) {
    begin();
    for (uint32_t number = 0; number < 200; number++) {
        double requests[5], shares[6], excess[5], own[5], flow[6], scratch[10], contribution[5],
            sum = 0;
        bool seen[5];
        for (uint32_t s = 0; s < 5; s++) {
            requests[s] = 1 + (number * 7 + s * 3) % 11;
            excess[s] = (number * 13 + s * 5) % 17;
            seen[s] = (number + s) % 4 != 0;
        }
        call_shares(t, requests, shares);
        guess_excess(t, shares, seen, excess);
        explain_excess(t, shares, excess, excess, own, flow);
        for (uint32_t s = 0; s < 5; s++) {
            double given = 0, taken = 0;
            for (uint32_t k = 0; k < t->call_count; k++) {
                if (t->calls[k].to.v == s) given += flow[k];
                if (t->calls[k].from.v == s) taken += flow[k];
            }
            CU_ASSERT(given <= excess[s] + 1e-9);
            CU_ASSERT_DOUBLE_EQUAL(own[s] + taken, excess[s], 1e-9);
        }
        trace_excess(t, excess, own, flow, seen, (struct svc_id){2}, scratch, contribution);
        for (uint32_t s = 0; s < 5; s++) sum += contribution[s];
        CU_ASSERT_DOUBLE_EQUAL(sum, excess[2], 1e-6);
    }
    end();
}

static void bad_files_are_named_by_place(void) {
    static const struct {
        const char *text;
        int line, column;
    } cases[] = {
        {"time,service,metric\n", 1, 1},
        {"", 1, 1},
        {"time,service,metric,value\n1,a,latency\n", 2, 1},
        {"time,service,metric,value\n1,a,latency,2\nx,a,latency,2\n", 3, 1},
        {"time,service,metric,value\n1,a,latency,2s\n", 2, 13},
        {"time,service,metric,value\n1,\"a,latency,2\n", 2, 3},
        {"time,service,metric,value\n1,a,latency,inf\n", 2, 13},
        {"time,service,metric,value\n", 0, 0},
        {"time,service,metric,value\n1,nobody,latency,2\n", 0, 0},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        begin();
        CU_ASSERT(!rca_recording_read(&recording, &arena, t, "m.csv", cases[k].text,
                                      strlen(cases[k].text), &diags));
        CU_ASSERT_EQUAL_FATAL(diags.errors, 1);
        const struct diag *last = &diags.list[diags.count - 1];
        CU_ASSERT_EQUAL(last->line, cases[k].line);
        CU_ASSERT_EQUAL(last->column, cases[k].column);
        end();
    }
}

static void columns_quotes_and_missing_cells(void) {
    begin();
    const char *text =
        "\xEF\xBB\xBFvalue,note,metric,service,time\r\n"
        "1.5,\"x, \"\"y\"\"\",latency,\"a\",10\r\n"
        ",,latency,a,20\r\nNaN,,latency,a,30\r\n\r\n2.5,,latency,a,5\r\n3.5,,latency,a,10\r\n";
    CU_ASSERT_FATAL(rca_recording_read(&recording, &arena, t, "m.csv", text, strlen(text), &diags));
    CU_ASSERT_EQUAL_FATAL(recording.series_count, 1);
    CU_ASSERT_EQUAL_FATAL(recording.series[0].count, 2);
    CU_ASSERT_EQUAL(recording.series[0].time[0], 5.0);
    CU_ASSERT_EQUAL(recording.series[0].value[1], 3.5); /* the later row holds */
    end();
}

static void names_say_what_is_measured(void) {
    static const struct {
        const char *name;
        enum metric_family family;
        int percentile;
    } cases[] = {{"latency", METRIC_LATENCY, 0},
                 {"latency_p99", METRIC_LATENCY, 99},
                 {"Latency-90", METRIC_LATENCY, 90},
                 {"http_request_duration_ms", METRIC_LATENCY, 0},
                 {"error_rate", METRIC_ERRORS, 0},
                 {"http_5xx", METRIC_ERRORS, 0},
                 {"availability", METRIC_AVAILABILITY, 0},
                 {"success_rate", METRIC_AVAILABILITY, 0},
                 {"request_rate", METRIC_LOAD, 0},
                 {"workload", METRIC_LOAD, 0},
                 {"cpu", METRIC_RESOURCE, 0},
                 {"memory_bytes", METRIC_RESOURCE, 0},
                 {"cpu_load", METRIC_RESOURCE, 0},
                 {"whatever", METRIC_RESOURCE, 0}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct metric_meaning m = metric_meaning(cases[k].name);
        CU_ASSERT_EQUAL(m.family, cases[k].family);
        CU_ASSERT_EQUAL(m.percentile, cases[k].percentile);
    }
}

TEST_MAIN("root cause on recorded data", TEST(the_slow_service_leads), TEST(units_change_nothing),
          TEST(a_quiet_recording_is_nothing_abnormal), TEST(constant_series_do_not_divide_by_zero),
          TEST(a_callee_that_says_nothing_is_suspected), TEST(a_service_that_fell_silent_leads),
          TEST(noticed_late_the_window_begins_at_the_onset),
          TEST(asynchronous_calls_pass_nothing_on), TEST(excess_is_neither_lost_nor_made),
          TEST(bad_files_are_named_by_place), TEST(columns_quotes_and_missing_cells),
          TEST(names_say_what_is_measured))
