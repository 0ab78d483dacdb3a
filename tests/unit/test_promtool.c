/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The same expressions on the same samples in Debian's promtool (2.42), which must find our results
 * to the last bit. Its windows are closed where ours are left-open, so everything is asked for off
 * the grid of samples, where both agree. It adds a sum's elements in an order that changes from run
 * to run, so sums are asked of whole numbers. Without promtool on the PATH the test is skipped.
 */
#include "promql_load.h"
#include "tests/runner.h"
#include <unistd.h>

#define SKIPPED 77
#define STEP_MS INT64_C(10000)

/* No apostrophes, since the file quotes with them. Results with NaN are left out: promtool finds it
 * unequal to itself. */
static const char series[] =
    "http_requests_total{code=\"200\", pod=\"a\", service=\"pay\"} 0+97x30\n"
    "http_requests_total{code=\"500\", pod=\"a\", service=\"pay\"} 0+13x12 3+5x15\n"
    "http_requests_total{code=\"200\", pod=\"b\", service=\"pay\"} 40+81x9 _ _ _ 950+33x15\n"
    "http_requests_total{code=\"503\", pod=\"b\", service=\"order\"} 7 7 9 9 stale _ 1 2 3 5 8 13 "
    "21\n"
    "http_requests_total{code=\"200\", pod=\"c\", service=\"order\"} 100+1x28\n"
    "h_bucket{service=\"pay\", le=\"0.1\"} 0+3x30\n"
    "h_bucket{service=\"pay\", le=\"0.5\"} 0+8x30\n"
    "h_bucket{service=\"pay\", le=\"2.5\"} 0+9x30\n"
    "h_bucket{service=\"pay\", le=\"+Inf\"} 0+11x30\n"
    "h_bucket{service=\"order\", le=\"0.1\"} 0+1x30\n"
    "h_bucket{service=\"order\", le=\"+Inf\"} 0+10x30\n"
    "limit_cores{pod=\"a\", service=\"pay\", zone=\"z1\"} 4x30\n"
    "limit_cores{pod=\"b\", service=\"pay\", zone=\"z2\"} 2x30\n"
    "limit_cores{pod=\"c\", service=\"order\", zone=\"z1\"} 8x30\n"
    "temperature{room=\"x\"} 20 21.5 19 18 22 30 28.25 18 _ 17 12 stale\n"
    "owner{service=\"pay\", team=\"blue\"} 1x30\n"
    "owner{service=\"order\", team=\"red\"} 1x30";

static const char *const expressions[] = {
    "http_requests_total",
    "http_requests_total offset 1m",
    "{__name__=~\"limit.*|temp.+\", zone!=\"z2\"}",
    "rate(http_requests_total[1m])",
    "rate(http_requests_total[3m])",
    "rate(http_requests_total[22s] offset 30s)",
    "increase(http_requests_total{code=~\"5..\"}[2m])",
    "irate(http_requests_total[1m])",
    "idelta(temperature[1m])",
    "delta(temperature[2m])",
    "deriv(temperature[1m])",
    "predict_linear(temperature[1m], 3600)",
    "changes(temperature[2m])",
    "resets(http_requests_total[3m])",
    "sum_over_time(temperature[2m])",
    "min_over_time(temperature[2m])",
    "max_over_time(temperature[2m])",
    "count_over_time(http_requests_total[2m])",
    "last_over_time(temperature[5m])",
    "sum(http_requests_total{code=~\"5..\"}) / sum(http_requests_total)",
    "sum without (pod, code) (http_requests_total)",
    "avg(limit_cores) by (zone)",
    "max by (service) (http_requests_total) - min by (service) (http_requests_total)",
    "count by (code) (http_requests_total) > 1",
    "histogram_quantile(0.95, sum by (service, le) (rate(h_bucket[1m])))",
    "histogram_quantile(0.5, rate(h_bucket[2m]))",
    "histogram_quantile(0.1, h_bucket)",
    "limit_cores * on (service) group_left (team) owner",
    "owner * on (service) group_right limit_cores{zone=\"z1\"}",
    "limit_cores > 2",
    "2 < limit_cores",
    "limit_cores > bool 2",
    "limit_cores and on (service) http_requests_total{code=\"503\"}",
    "limit_cores unless on (service) http_requests_total{code=\"503\"}",
    "http_requests_total{code=\"503\"} or on (service) limit_cores",
    "limit_cores == on (pod, service) http_requests_total{code=\"nope\"}",
    "limit_cores >= ignoring (zone) group_left limit_cores{zone=\"none\"}",
    "-limit_cores ^ 2 % 3",
    "2 ^ -2 * limit_cores",
    "clamp_max(limit_cores, 3) + clamp_min(limit_cores, 3)",
    "abs(-temperature)",
    "absent(temperature{room=\"y\", floor=\"1\"})",
    "absent(temperature)",
    "scalar(temperature) + 1",
    "vector(time()) / 7",
    "timestamp(temperature)",
    "sum(nope) or vector(0)",
};

static bool has_nan(const struct prom_value *v) {
    for (uint32_t i = 0; i < v->count; i++)
        if (isnan(v->samples[i].value)) return true;
    return isnan(v->scalar);
}

static void write_samples(FILE *out, const struct prom_value *v) {
    if (v->type == PROM_SCALAR) {
        fprintf(out, "          - {labels: '{}', value: %.17g}\n", v->scalar);
        return;
    }
    for (uint32_t i = 0; i < v->count; i++) {
        const struct prom_sample *s = &v->samples[i];
        fprintf(out, "          - labels: '{");
        for (uint32_t j = 0; j < s->label_count; j++)
            fprintf(out, "%s%s=\"%s\"", j > 0 ? "," : "", s->labels[j].name, s->labels[j].value);
        fprintf(out, "}'\n            value: %.17g\n", s->value);
    }
}

static void write_input(FILE *out) {
    fprintf(out, "evaluation_interval: 10s\ntests:\n  - interval: 10s\n    input_series:\n");
    for (const char *line = series; *line;) {
        const char *name_end = strchr(line, '}') + 1, *end = strchr(line, '\n');
        if (!end) end = line + strlen(line);
        fprintf(out, "      - series: '%.*s'\n        values: '%.*s'\n", (int)(name_end - line),
                line, (int)(end - name_end - 1), name_end + 1);
        line = *end ? end + 1 : end;
    }
    fprintf(out, "    promql_expr_test:\n");
}

static int write_cases(FILE *out) {
    static const int64_t times[] = {35000, 65000, 125000, 185000, 273000};
    struct bench b;
    int cases = 0;
    bench_open(&b);
    bench_load(&b, series, 0, STEP_MS);
    write_input(out);
    for (size_t i = 0; i < ARRAY_LEN(expressions); i++) {
        const char *text = expressions[i];
        struct prom_expr *e = prom_parse(&b.arena, "t", 1, 1, text, strlen(text), &b.diags);
        for (size_t t = 0; e && t < ARRAY_LEN(times); t++) {
            const struct prom_value *v = prom_eval(b.prom, e, times[t]);
            CU_ASSERT_PTR_NULL(v->error);
            if (has_nan(v)) continue;
            cases++;
            fprintf(out, "      - expr: '%s'\n        eval_time: %llds\n", text,
                    (long long)times[t] / 1000);
            fprintf(out, "        exp_samples:\n");
            write_samples(out, v);
        }
    }
    diag_print(&b.diags, stderr);
    bench_close(&b);
    return cases;
}

static void promtool_finds_the_same(void) {
    char path[] = "/tmp/firedrill-promtool-XXXXXX", command[128];
    int file = mkstemp(path);
    FILE *out = file >= 0 ? fdopen(file, "w") : NULL;
    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    int cases = write_cases(out);
    fclose(out);
    snprintf(command, sizeof command, "promtool test rules %s", path);
    int status = system(command);
    CU_ASSERT_EQUAL(status, 0);
    CU_ASSERT(cases > 200);
    if (status == 0) unlink(path);
}

int main(void) {
    static const struct test_case cases[] = {TEST(promtool_finds_the_same)};
    if (system("command -v promtool >/dev/null 2>&1") == 0)
        return test_run("Beside promtool", cases, ARRAY_LEN(cases));
    printf("skipped: promtool is not installed\n");
    return SKIPPED;
}
