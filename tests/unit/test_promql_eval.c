/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "promql_load.h"
#include "sim/prometheus/store.h"
#include "tests/runner.h"

struct eval_case {
    const char *expr;
    int64_t at_ms;
    const char *expected;
};

#define MINUTE INT64_C(60000)

static void run(const char *load, int64_t offset_ms, int64_t step_ms, const struct eval_case *cases,
                size_t count) {
    struct bench b;
    bench_open(&b);
    bench_load(&b, load, offset_ms, step_ms);
    for (size_t i = 0; i < count; i++) {
        char got[4096];
        bench_eval(&b, cases[i].expr, cases[i].at_ms, got, sizeof got);
        bool same = strcmp(got, cases[i].expected) == 0;
        if (!same)
            printf("\n  %s at %lld\n    expected %s\n    got      %s\n", cases[i].expr,
                   (long long)cases[i].at_ms, cases[i].expected, got);
        CU_ASSERT(same);
    }
    bench_close(&b);
}
#define RUN(load, offset, step, cases) run(load, offset, step, cases, ARRAY_LEN(cases))

static void scalars_compute(void) {
    static const struct eval_case cases[] = {
        {"1 + 2 * 3", 0, "scalar 7"},
        {"(1 + 2) * 3", 0, "scalar 9"},
        {"2 ^ 3 ^ 2", 0, "scalar 512"},
        {"-2 ^ 2", 0, "scalar -4"},
        {"2 ^ -1", 0, "scalar 0.5"},
        {"-5 % 3", 0, "scalar -2"},
        {"1 - 2 - 3", 0, "scalar -4"},
        {"1 / 0", 0, "scalar inf"},
        {"1 > bool 2", 0, "scalar 0"},
        {"NaN == bool NaN", 0, "scalar 0"},
        {"NaN != bool NaN", 0, "scalar 1"},
        {"0x1F + 1e3 + .5 + 1_000", 0, "scalar 2031.5"},
        {"010", 0, "scalar 8"},
        {"089", 0, "scalar 89"},
        {"1h30m", 0, "scalar 5400"},
        {"time()", 90500, "scalar 90.5"},
        {"\"text\"", 0, "string"},
        {"vector(1) + 1 # the end", 0, "{} 2"},
        {"scalar(vector(3))", 0, "scalar 3"},
        {"-vector(2)", 0, "{} -2"},
        {"+vector(2)", 0, "{} 2"},
    };
    RUN("", 0, 1, cases);
}

static void the_rest_of_the_language(void) {
    static const char load[] = "c 0+1x20\n"
                               "g{i=\"a\"} 5\n"
                               "g{i=\"b\"} 3\n"
                               "g{i=\"c\"} NaN\n"
                               "g{i=\"d\"} 5";
    static const struct eval_case cases[] = {
        {"sum_over_time(c[5m:1m])", 10 * MINUTE, "{} 40"},
        {"sum_over_time((c + 1)[4m:2m] offset 1m)", 10 * MINUTE, "{} 16"},
        {"max_over_time(rate(c[5m])[5m:])", 10 * MINUTE, "{} 0.0166666666667"},
        {"c @ 120 + c offset -2m", 4 * MINUTE, "{} 8"},
        {"c @ start() + c @ end() offset 1m", 4 * MINUTE, "{} 7"},
        {"count_over_time(c[1h:10s] @ 60)", 4 * MINUTE, "{} 7"},
        {"topk(2, g)", 0, "{__name__=\"g\", i=\"a\"} 5; {__name__=\"g\", i=\"d\"} 5"},
        {"topk(9, g)", 0,
         "{__name__=\"g\", i=\"a\"} 5; {__name__=\"g\", i=\"d\"} 5; {__name__=\"g\", i=\"b\"} 3; "
         "{__name__=\"g\", i=\"c\"} nan"},
        {"bottomk(1, g) + 1", 0, "{i=\"b\"} 4"},
        {"topk(0, g)", 0, ""},
        {"topk(NaN, g)", 0,
         "error: the parameter of topk() or bottomk() is no whole number of 64 bits"},
        {"sort_desc(g)", 0,
         "{__name__=\"g\", i=\"a\"} 5; {__name__=\"g\", i=\"d\"} 5; {__name__=\"g\", i=\"b\"} 3; "
         "{__name__=\"g\", i=\"c\"} nan"},
        {"quantile(0.5, g)", 0, "{} 4"},
        {"quantile_over_time(0.5, c[5m])", 4 * MINUTE, "{} 2"},
        {"stddev(g{i!=\"c\"})", 0, "{} 0.942809041582"},
        {"count_values(\"v\", g)", 0, "{v=\"3\"} 1; {v=\"5\"} 2; {v=\"NaN\"} 1"},
        {"label_replace(g{i=\"a\"}, \"j\", \"x$1\", \"i\", \"(.)\")", 0,
         "{__name__=\"g\", i=\"a\", j=\"xa\"} 5"},
        {"label_join(g{i=\"a\"}, \"i\", \"-\", \"i\", \"__name__\")", 0,
         "{__name__=\"g\", i=\"a-g\"} 5"},
        {"clamp(g{i=\"a\"}, 1, 2) + clamp(g, 2, 1)", 0, ""},
        {"round(c * 0.3, 0.5)", 4 * MINUTE, "{} 1"},
        {"exp(vector(1)) + ln(vector(1)) + log2(vector(8)) + vector(2) ^ 0.5", 0,
         "{} 7.13249539083"},
        {"vector(1) atan2 1", 0, "{} 0.785398163397"},
        {"year() * 10000 + month() * 100 + day_of_month()", 1709164800000, "{} 20240229"},
        {"day_of_year(vector(1709164800)) + days_in_month() + day_of_week()", 1709164800000,
         "{} 93"},
        {"absent_over_time(nope{a=\"b\"}[5m])", 0, "{a=\"b\"} 1"},
        {"absent_over_time(c[5m])", 0, ""},
        {"pi() > bool 3", 0, "scalar 1"},
        {"stdvar_over_time(c[5m])", 4 * MINUTE, "{} 2"},
    };
    RUN(load, 0, MINUTE, cases);
}

/* After a first evaluation nothing is taken any more, from the arena or what was set aside. */
static void steady_evaluation_takes_no_memory(void) {
    static const char load[] = "c 0+1x60\n"
                               "g{i=\"a\"} 5x60\n"
                               "g{i=\"b\"} 3x60\n"
                               "h_bucket{le=\"1\"} 0+1x60\n"
                               "h_bucket{le=\"+Inf\"} 0+2x60";
    static const char *const texts[] = {
        "max_over_time(rate(c[5m])[10m:1m])",
        "topk(1, g) + on () group_left sum(c)",
        "quantile(0.5, g) or quantile_over_time(0.9, c[5m])",
        "histogram_quantile(0.5, rate(h_bucket[5m]))",
        "label_replace(g, \"j\", \"$1\", \"i\", \"(.)\") unless label_join(g, \"j\", \"-\", \"i\")",
        "sort_desc(clamp(g, 1, 4)) > bool 2",
        "stddev without (i) (g) ^ 2 atan2 3",
        "absent_over_time(nope[5m]) and on () (c @ 60 offset -1m)",
        "sum_over_time((c * 2)[5m:30s]) / count_over_time(c[5m])",
    };
    struct prom_expr *e[ARRAY_LEN(texts)];
    struct bench b;
    bench_open(&b);
    bench_load(&b, load, 0, MINUTE);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        e[i] = prom_parse(&b.arena, "t", 1, 1, texts[i], strlen(texts[i]), &b.diags);
        CU_ASSERT_PTR_NOT_NULL_FATAL(e[i]);
        CU_ASSERT_PTR_NULL(prom_eval(b.prom, e[i], 20 * MINUTE)->error);
    }
    arena_seal(&b.arena);
    size_t left = b.prom->memory.left;
    for (int64_t at = 20; at < 60; at++)
        for (size_t i = 0; i < ARRAY_LEN(texts); i++)
            CU_ASSERT_PTR_NULL(prom_eval(b.prom, e[i], at * MINUTE)->error);
    CU_ASSERT_EQUAL(b.prom->memory.left, left);
    bench_close(&b);
}

static void selectors_match(void) {
    static const char load[] = "http{code=\"200\", pod=\"a\"} 1\n"
                               "http{code=\"500\", pod=\"a\"} 2\n"
                               "http{code=\"503\", pod=\"b\"} 3\n"
                               "other{pod=\"b\"} 4";
    static const struct eval_case cases[] = {
        {"http{code=\"200\"}", 0, "{__name__=\"http\", code=\"200\", pod=\"a\"} 1"},
        {"http{code=~\"5..\", pod!=\"a\"}", 0, "{__name__=\"http\", code=\"503\", pod=\"b\"} 3"},
        {"sum(http{code!~\"5..\"})", 0, "{} 1"},
        {"count(http{code=~\"50\"})", 0, ""},
        {"{__name__=~\"http|other\", pod=\"b\"}", 0,
         "{__name__=\"http\", code=\"503\", pod=\"b\"} 3; {__name__=\"other\", pod=\"b\"} 4"},
        {"{pod=\"b\", code=\"\"}", 0, "{__name__=\"other\", pod=\"b\"} 4"},
        {"{pod=\"b\", code!=\"\"}", 0, "{__name__=\"http\", code=\"503\", pod=\"b\"} 3"},
        {"{pod=\"b\", code=~\"x|\"}", 0, "{__name__=\"other\", pod=\"b\"} 4"},
        {"{\"other\"}", 0, "{__name__=\"other\", pod=\"b\"} 4"},
        {"nope", 0, ""},
        {"sum(nope)", 0, ""},
        {"http{code=~\"(?i:5.{2})\", pod=\"a\"}", 0,
         "{__name__=\"http\", code=\"500\", pod=\"a\"} 2"},
    };
    RUN(load, 0, MINUTE, cases);
}

static void lookback_is_left_open(void) {
    static const struct eval_case cases[] = {
        {"x", 0, "{__name__=\"x\"} 1"},
        {"x", 299999, "{__name__=\"x\"} 1"},
        {"x", 300000, ""},
        {"x", -1, ""},
        {"x offset 1m", 60000, "{__name__=\"x\"} 1"},
        {"x offset 1m", 59999, ""},
        {"x offset -1m", -60000, "{__name__=\"x\"} 1"},
        {"timestamp(x)", 1500, "{} 0"},
        {"timestamp(x + 0)", 1500, "{} 1.5"},
    };
    RUN("x 1", 0, MINUTE, cases);
}

static void ranges_are_left_open(void) {
    static const struct eval_case cases[] = {
        {"count_over_time(x[1m])", 60000, "{} 6"}, /* 10, 20 ... 60; not 0 */
        {"count_over_time(x[1m])", 59999, "{} 6"}, /* 0, 10 ... 50 */
        {"count_over_time(x[1m])", 600000, ""},
        {"count_over_time(x[20s] offset 30s)", 60000, "{} 2"},
        {"sum_over_time(x[30s])", 60000, "{} 15"},
        {"avg_over_time(x[30s])", 60000, "{} 5"},
        {"min_over_time(x[30s])", 60000, "{} 4"},
        {"max_over_time(x[30s])", 60000, "{} 6"},
        {"last_over_time(x[30s])", 65000, "{__name__=\"x\"} 6"},
        {"present_over_time(x[30s])", 65000, "{} 1"},
        {"sum_over_time(x[1])", 60000, "{} 6"},
    };
    RUN("x 0+1x6", 0, 10000, cases);
}

/* Samples at 0, 10 ... 100 s: 0, 5 ... 50; the figures are worked out beside each. */
static void rates_extrapolate(void) {
    static const struct eval_case cases[] = {
        /* (0, 50]: 10..50 s, 5..25; 10 s to the start is within 1.1 steps, so is 0 to the end:
         * 20 * (40 + 10 + 0) / 40 */
        {"increase(x[50s])", 50000, "{} 25"},
        {"rate(x[50s])", 50000, "{} 0.5"},
        /* (-25, 25]: 0..20 s; zero at 0 s stops it: 10 * (20 + 0 + 5) / 20 */
        {"increase(x[50s])", 25000, "{} 12.5"},
        /* (60, 120]: 70..100 s, 35..50; 20 s to the end is too far: half a step:
         * 15 * (30 + 10 + 5) / 30 */
        {"increase(x[1m])", 120000, "{} 22.5"},
        {"delta(x[1m])", 120000, "{} 22.5"},
        /* a gauge has no zero to stop at: (-25, 25], 25 s to the start is too far: half a step:
         * 10 * (20 + 5 + 5) / 20 */
        {"delta(x[50s])", 25000, "{} 15"},
        {"irate(x[50s])", 50000, "{} 0.5"},
        {"idelta(x[50s])", 50000, "{} 5"},
        {"deriv(x[50s])", 50000, "{} 0.5"},
        {"predict_linear(x[50s], 60)", 50000, "{} 55"},
        {"rate(x[10s])", 50000, ""},       /* one sample */
        {"rate(x[15s])", 50000, "{} 0.5"}, /* 40, 50: 5 * (10 + 5 + 0) / 10 / 15 */
    };
    RUN("x 0+5x10", 0, 10000, cases);
}

static void counters_reset(void) {
    static const struct eval_case cases[] = {
        /* (0, 50]: 20 30 5 15 25: 5 + 30 = 35 over 40 s; 10 s to the start, zero is
         * 40 * 20 / 35 = 22.9 s off: 35 * 50 / 40 */
        {"increase(x[50s])", 50000, "{} 43.75"}, {"resets(x[50s])", 50000, "{} 1"},
        {"changes(x[50s])", 50000, "{} 4"},      {"irate(x[20s])", 35000, "{} 0.5"}, /* 30 then 5 */
        {"delta(x[50s])", 50000, "{} 6.25"},
    };
    RUN("x 10+10x2 5+10x2", 0, 10000, cases);
}

static void staleness_ends_a_series(void) {
    static const struct eval_case cases[] = {
        {"x", 20000, "{__name__=\"x\"} 2"},
        {"x", 30000, ""},
        {"x", 45000, "{__name__=\"x\"} 9"},
        {"count_over_time(x[1m])", 45000, "{} 4"},
        {"last_over_time(x[1m])", 35000, "{__name__=\"x\"} 2"},
        {"absent(x{a=\"b\", c=\"d\", c=\"d\", e!=\"f\"})", 30000, "{a=\"b\"} 1"},
        {"absent(x)", 20000, ""},
        {"absent(sum(nope{a=\"b\"}))", 20000, "{} 1"},
    };
    RUN("x 0 1 2 stale 9", 0, 10000, cases);
}

static void aggregations_group(void) {
    static const char load[] = "x{a=\"1\", b=\"1\"} 1\nx{a=\"1\", b=\"2\"} 2\n"
                               "x{a=\"2\", b=\"1\"} 4\nx{a=\"2\", b=\"2\"} NaN\n"
                               "big{i=\"1\"} 1e100\nbig{i=\"2\"} 1\nbig{i=\"3\"} -1e100\n"
                               "huge{i=\"1\"} 1.5e308\nhuge{i=\"2\"} 1.5e308";
    static const struct eval_case cases[] = {
        {"sum by (a) (x)", 0, "{a=\"1\"} 3; {a=\"2\"} nan"},
        {"sum(x) by (b)", 0, "{b=\"1\"} 5; {b=\"2\"} nan"},
        {"max without (b) (x)", 0, "{a=\"1\"} 2; {a=\"2\"} 4"},
        {"min by (a, nope) (x)", 0, "{a=\"1\"} 1; {a=\"2\"} 4"},
        {"avg by (a) (x{b=\"1\"})", 0, "{a=\"1\"} 1; {a=\"2\"} 4"},
        {"count(x)", 0, "{} 4"},
        {"group by (a) (x)", 0, "{a=\"1\"} 1; {a=\"2\"} 1"},
        {"SUM BY (a) (x{a=\"1\"})", 0, "{a=\"1\"} 3"},
        {"sum(big)", 0, "{} 1"},
        {"avg(big)", 0, "{} 0.333333333333"},
        {"avg(huge)", 0, "{} 1.5e+308"},
        {"sum by (__name__) (big)", 0, "{__name__=\"big\"} 1"},
    };
    RUN(load, 0, MINUTE, cases);
}

static void vectors_match(void) {
    static const char load[] =
        "e{s=\"a\", code=\"500\"} 6\ne{s=\"a\", code=\"503\"} 3\ne{s=\"b\", code=\"500\"} 10\n"
        "t{s=\"a\", zone=\"z1\"} 60\nt{s=\"b\", zone=\"z2\"} 100\nt{s=\"c\", zone=\"z1\"} 7";
    static const struct eval_case cases[] = {
        {"sum by (s) (e) / on (s) t", 0, "{s=\"a\"} 0.15; {s=\"b\"} 0.1"},
        {"sum by (s) (e) / ignoring (zone) t", 0, "{s=\"a\"} 0.15; {s=\"b\"} 0.1"},
        {"e / on (s) group_left t", 0,
         "{code=\"500\", s=\"a\"} 0.1; {code=\"500\", s=\"b\"} 0.1; {code=\"503\", s=\"a\"} 0.05"},
        {"e / on (s) group_left (zone) t", 0,
         "{code=\"500\", s=\"a\", zone=\"z1\"} 0.1; {code=\"500\", s=\"b\", zone=\"z2\"} 0.1; "
         "{code=\"503\", s=\"a\", zone=\"z1\"} 0.05"},
        {"t / on (s) group_right (zone) e{code=\"500\"}", 0,
         "{code=\"500\", s=\"a\", zone=\"z1\"} 10; {code=\"500\", s=\"b\", zone=\"z2\"} 10"},
        {"t > 50", 0,
         "{__name__=\"t\", s=\"a\", zone=\"z1\"} 60; {__name__=\"t\", s=\"b\", zone=\"z2\"} 100"},
        {"50 > t", 0, "{__name__=\"t\", s=\"c\", zone=\"z1\"} 7"},
        {"t > bool 50", 0,
         "{s=\"a\", zone=\"z1\"} 1; {s=\"b\", zone=\"z2\"} 1; {s=\"c\", zone=\"z1\"} 0"},
        {"t == on (s) e{code=\"503\"}", 0, ""},
        {"t > on (s) e{code=\"503\"}", 0, "{s=\"a\"} 60"},
        {"t > ignoring (zone, code) e{code=\"503\"}", 0, "{__name__=\"t\", s=\"a\"} 60"},
        {"t and on (s) e{code=\"503\"}", 0, "{__name__=\"t\", s=\"a\", zone=\"z1\"} 60"},
        {"t unless on (s) e", 0, "{__name__=\"t\", s=\"c\", zone=\"z1\"} 7"},
        {"e{code=\"503\"} or on (s) t", 0,
         "{__name__=\"e\", code=\"503\", s=\"a\"} 3; {__name__=\"t\", s=\"b\", zone=\"z2\"} 100; "
         "{__name__=\"t\", s=\"c\", zone=\"z1\"} 7"},
        {"vector(1) or t", 0,
         "{} 1; {__name__=\"t\", s=\"a\", zone=\"z1\"} 60; {__name__=\"t\", s=\"b\", "
         "zone=\"z2\"} 100; {__name__=\"t\", s=\"c\", zone=\"z1\"} 7"},
        {"t * 2 - 1 and on (s) e", 0, "{s=\"a\", zone=\"z1\"} 119; {s=\"b\", zone=\"z2\"} 199"},
        {"e / on (s) t", 0,
         "error: several elements match one: many-to-one matching must be stated with group_left "
         "or group_right; match group {s=\"a\"}"},
        {"t / on (s) e", 0,
         "error: many-to-many matching: the right side has two elements of one match group; "
         "labels must be unique on one side; match group {s=\"a\"}"},
        {"t / on (zone) group_left e", 0,
         "error: many-to-many matching: the right side has two elements of one match group; "
         "labels must be unique on one side; match group {}"},
        {"-{__name__=~\"e|t\", s=\"c\"}", 0, "{s=\"c\", zone=\"z1\"} -7"},
        {"abs(-t{s=\"c\"})", 0, "{s=\"c\", zone=\"z1\"} 7"},
        {"clamp_min(t, 50) + 0", 0,
         "{s=\"a\", zone=\"z1\"} 60; {s=\"b\", zone=\"z2\"} 100; {s=\"c\", zone=\"z1\"} 50"},
        {"clamp_max(t{s=\"b\"}, scalar(t{s=\"a\"}))", 0, "{s=\"b\", zone=\"z2\"} 60"},
        {"scalar(t)", 0, "scalar nan"},
    };
    RUN(load, 0, MINUTE, cases);
}

static void names_that_fall_collide(void) {
    static const struct eval_case cases[] = {
        {"-{s=\"a\"}", 0, "error: two elements of the result have the same labels: {s=\"a\"}"},
        {"last_over_time({s=\"a\"}[1m])", 0,
         "{__name__=\"x\", s=\"a\"} 1; {__name__=\"y\", s=\"a\"} 2"},
        {"sum_over_time({s=\"a\"}[1m])", 0,
         "error: two elements of the result have the same labels: {s=\"a\"}"},
    };
    RUN("x{s=\"a\"} 1\ny{s=\"a\"} 2", 0, MINUTE, cases);
}

static void histograms_have_quantiles(void) {
    static const char load[] =
        "h{s=\"a\", le=\"0.1\"} 50\nh{s=\"a\", le=\"0.5\"} 90\nh{s=\"a\", le=\"1\"} 100\n"
        "h{s=\"a\", le=\"+Inf\"} 100\n"
        "h{s=\"b\", le=\"1\"} 10\nh{s=\"b\", le=\"+Inf\"} 40\n"
        "h{s=\"c\", le=\"1\"} 10\n"
        "h{s=\"d\", le=\"bad\"} 10\nh{s=\"d\"} 10\n"
        "h{s=\"e\", le=\"1\"} 0\nh{s=\"e\", le=\"+Inf\"} 0\n"
        "down{le=\"-1\"} 10\ndown{le=\"2\"} 8\ndown{le=\"+Inf\"} 20\n"
        "twice{le=\"1\"} 2\ntwice{le=\"1.0\"} 2\ntwice{le=\"+Inf\"} 8";
    static const struct eval_case cases[] = {
        /* 95 of 100: in (0.5, 1]: 0.5 + 0.5 * 5 / 10 */
        {"histogram_quantile(0.95, h{s=\"a\"})", 0, "{s=\"a\"} 0.75"},
        {"histogram_quantile(0.25, h{s=\"a\"})", 0, "{s=\"a\"} 0.05"},
        {"histogram_quantile(0.9, h)", 0,
         "{s=\"a\"} 0.5; {s=\"b\"} 1; {s=\"c\"} nan; {s=\"e\"} nan"},
        {"histogram_quantile(-1, h{s=\"a\"})", 0, "{s=\"a\"} -inf"},
        {"histogram_quantile(2, h{s=\"a\"})", 0, "{s=\"a\"} inf"},
        {"histogram_quantile(NaN, h{s=\"a\"})", 0, "{s=\"a\"} nan"},
        {"histogram_quantile(0.25, down)", 0, "{} -1"},
        {"histogram_quantile(0.25, twice)", 0, "{} 0.5"},
        {"histogram_quantile(0.95, sum by (le) (h{s=\"a\"}))", 0, "{} 0.75"},
    };
    RUN(load, 0, MINUTE, cases);
}

static void new_series_are_found(void) {
    struct bench b;
    char got[256];
    bench_open(&b);
    static const char text[] = "sum by (s) (x{s=~\"a|b\"})", any[] = "count({s!=\"\"})";
    struct prom_expr *sum = prom_parse(&b.arena, "t", 1, 1, text, strlen(text), &b.diags);
    struct prom_expr *count = prom_parse(&b.arena, "t", 1, 1, any, strlen(any), &b.diags);
    bench_load(&b, "x{s=\"b\"} 2\ny{s=\"a\"} 5", 0, 1);
    bench_show(prom_eval(b.prom, sum, 0), got, sizeof got);
    CU_ASSERT_STRING_EQUAL(got, "{s=\"b\"} 2");
    arena_seal(&b.arena);
    uint32_t late = prom_series(
        b.prom, (const struct prom_label[]){{"s", "a"}, {"none", ""}, {"__name__", "x"}}, 3);
    CU_ASSERT(prom_append(b.prom, late, 0, 1));
    bench_show(prom_eval(b.prom, sum, 0), got, sizeof got);
    CU_ASSERT_STRING_EQUAL(got, "{s=\"a\"} 1; {s=\"b\"} 2");
    bench_show(prom_eval(b.prom, count, 0), got, sizeof got);
    CU_ASSERT_STRING_EQUAL(got, "{} 3");
    bench_close(&b);
}

static void places_take_values(void) {
    struct bench b;
    char got[256];
    bench_open(&b);
    bench_load(&b, "x{s=\"a\", r=\"1\"} 2\nx{s=\"a\", r=\"2\"} 4\nx{s=\"b\", r=\"1\"} 8", 0, 1);
    static const char text[] = "sum(x{s=\"$s\", r=\"$r\"})";
    struct prom_expr *e = prom_parse(&b.arena, "t", 1, 1, text, strlen(text), &b.diags);
    static const struct {
        const char *s, *r, *expected;
    } cases[] = {{"a", "1", "{} 2"},   {"b", "1", "{} 8"}, {"a", NULL, "{} 6"},
                 {NULL, "1", "{} 10"}, {"c", NULL, ""},    {"b", "2", ""}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CU_ASSERT(prom_place(b.prom, e, "$s", cases[i].s));
        CU_ASSERT(prom_place(b.prom, e, "$r", cases[i].r));
        bench_show(prom_eval(b.prom, e, 0), got, sizeof got);
        CU_ASSERT_STRING_EQUAL(got, cases[i].expected);
    }
    bench_close(&b);
}

static void stores_keep_their_limits(void) {
    struct arena arena;
    arena_open(&arena);
    static const struct prom_options options = {
        .series_max = 2, .samples_per_series = 10, .retention_ms = 50};
    struct prom *p = prom_open(&arena, &options);
    uint32_t small = prom_series(p, (const struct prom_label[]){{"a", "1"}}, 1);
    uint32_t large = prom_series_sized(p, (const struct prom_label[]){{"a", "2"}}, 1, 100);
    CU_ASSERT_EQUAL(prom_series(p, (const struct prom_label[]){{"a", "3"}}, 1), UINT32_MAX);
    CU_ASSERT_EQUAL(prom_series(p, (const struct prom_label[]){{"a", "1"}}, 1), small);
    CU_ASSERT_FALSE(prom_append(p, UINT32_MAX, 0, 0));
    for (int64_t t = 0; t < 1000; t++) {
        CU_ASSERT(prom_append(p, small, t, (double)t));
        CU_ASSERT(prom_append(p, large, t, (double)t));
    }
    CU_ASSERT_FALSE(prom_append(p, small, 999, 1));
    CU_ASSERT_EQUAL(prom_refused_count(p), 2);
    CU_ASSERT_EQUAL(prom_sample_count(p), 2000);
    struct diags diags = {0};
    static const char text[] = "count_over_time({a=~\".+\"}[1m])";
    struct prom_expr *e = prom_parse(&arena, "t", 1, 1, text, strlen(text), &diags);
    char got[100];
    bench_show(prom_eval(p, e, 999), got, sizeof got);
    CU_ASSERT_STRING_EQUAL(got, "{a=\"1\"} 10; {a=\"2\"} 51"); /* by size; by time */
    arena_close(&arena);
}

static void one_number_is_one(void) {
    struct bench b;
    bench_open(&b);
    bench_load(&b, "x{s=\"a\"} 2\nx{s=\"b\"} 3\none 7", 0, 1);
    static const char *const texts[] = {"one", "x", "nope", "3"};
    static const bool is_one[] = {true, false, false, true};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct prom_expr *e = prom_parse(&b.arena, "t", 1, 1, texts[i], strlen(texts[i]), &b.diags);
        double value = 0;
        CU_ASSERT_EQUAL(prom_eval_number(b.prom, e, 0, &value), is_one[i]);
        if (is_one[i]) CU_ASSERT_EQUAL(value, i == 0 ? 7 : 3);
    }
    bench_close(&b);
}

TEST_MAIN("PromQL evaluation", TEST(scalars_compute), TEST(the_rest_of_the_language),
          TEST(steady_evaluation_takes_no_memory), TEST(selectors_match),
          TEST(lookback_is_left_open), TEST(ranges_are_left_open), TEST(rates_extrapolate),
          TEST(counters_reset), TEST(staleness_ends_a_series), TEST(aggregations_group),
          TEST(vectors_match), TEST(names_that_fall_collide), TEST(histograms_have_quantiles),
          TEST(new_series_are_found), TEST(places_take_values), TEST(stores_keep_their_limits),
          TEST(one_number_is_one))
