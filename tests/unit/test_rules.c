/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "promql_load.h"
#include "tests/runner.h"

#define SECOND INT64_C(1000)

static bool load_rules(struct bench *b, const char *text) {
    return prom_rules_load(b->prom, &b->arena, "r.yaml", text, strlen(text), &b->diags);
}

/* What was told, as "name service firing since; ..." */
struct told {
    char text[1024];
};
static void tell(void *context, const struct prom_alert *a) {
    struct told *told = context;
    const char *service = "";
    for (uint32_t i = 0; i < a->label_count; i++)
        if (strcmp(a->labels[i].name, "service") == 0) service = a->labels[i].value;
    size_t used = strlen(told->text);
    snprintf(told->text + used, sizeof told->text - used, "%s%s %s %s %lld %g",
             used > 0 ? "; " : "", a->name, service, a->firing ? "firing" : "resolved",
             (long long)a->active_at_ms, a->value);
}

static void expect_told(struct bench *b, int64_t at_ms, const char *expected) {
    struct told told = {""};
    prom_rules_eval(b->prom, at_ms, tell, &told);
    if (strcmp(told.text, expected) != 0)
        printf("\n  at %lld: expected \"%s\", got \"%s\"\n", (long long)at_ms, expected, told.text);
    CU_ASSERT_STRING_EQUAL(told.text, expected);
}

static void expect_value(struct bench *b, const char *expr, int64_t at_ms, const char *expected) {
    char got[2048];
    bench_eval(b, expr, at_ms, got, sizeof got);
    if (strcmp(got, expected) != 0) printf("\n  %s: got %s\n", expr, got);
    CU_ASSERT_STRING_EQUAL(got, expected);
}

static void alerts_wait_fire_and_resolve(void) {
    struct bench b;
    bench_open(&b);
    CU_ASSERT_FATAL(load_rules(&b,
                               "groups:\n- name: g\n  rules:\n  - alert: Hot\n"
                               "    expr: temperature > 10\n    for: 2s\n"
                               "    labels: {severity: page, who: '{{ $labels.service }}-team'}\n"
                               "    annotations: {summary: '{{ $value }}'}\n"));
    CU_ASSERT_EQUAL(prom_rule_count(b.prom), 1);
    bench_load(&b,
               "temperature{service=\"a\"} 20 21 22 23 24 5\n"
               "temperature{service=\"b\"} 1 30 1 30 30 30 30",
               0, SECOND);
    expect_told(&b, 0, "");
    expect_value(&b, "ALERTS", 0,
                 "{__name__=\"ALERTS\", alertname=\"Hot\", alertstate=\"pending\", service=\"a\", "
                 "severity=\"page\", who=\"a-team\"} 1");
    expect_told(&b, 1 * SECOND, "");
    expect_value(&b, "count(ALERTS)", 1 * SECOND, "{} 2");
    expect_told(&b, 2 * SECOND, "Hot a firing 0 22"); /* b dropped after one second */
    expect_value(&b, "ALERTS", 2 * SECOND,
                 "{__name__=\"ALERTS\", alertname=\"Hot\", alertstate=\"firing\", service=\"a\", "
                 "severity=\"page\", who=\"a-team\"} 1");
    expect_told(&b, 3 * SECOND, "Hot a firing 0 23");
    expect_value(&b, "sum by (service) (ALERTS_FOR_STATE)", 3 * SECOND,
                 "{service=\"a\"} 0; {service=\"b\"} 3");
    expect_told(&b, 4 * SECOND, "Hot a firing 0 24");
    expect_told(&b, 5 * SECOND, "Hot a resolved 0 24; Hot b firing 3000 30");
    expect_told(&b, 6 * SECOND, "Hot b firing 3000 30");
    expect_value(&b, "count(ALERTS)", 6 * SECOND, "{} 1");
    expect_value(&b, "count(ALERTS_FOR_STATE)", 6 * SECOND, "{} 1");
    CU_ASSERT_EQUAL(prom_rule_failures(b.prom), 0);
    bench_close(&b);
}

static void firing_can_be_kept(void) {
    struct bench b;
    bench_open(&b);
    CU_ASSERT_FATAL(load_rules(&b, "groups:\n- name: g\n  rules:\n  - alert: Hot\n"
                                   "    expr: t > 10\n    keep_firing_for: 2s\n"));
    bench_load(&b, "t{service=\"a\"} 20 1 1 1 20 1", 0, SECOND);
    expect_told(&b, 0, "Hot a firing 0 20");
    expect_told(&b, 1 * SECOND, "Hot a firing 0 20");
    expect_told(&b, 2 * SECOND, "Hot a firing 0 20");
    expect_told(&b, 3 * SECOND, "Hot a resolved 0 20");
    expect_told(&b, 4 * SECOND, "Hot a firing 4000 20");
    bench_close(&b);
}

static void rules_see_those_before_them(void) {
    struct bench b;
    bench_open(&b);
    CU_ASSERT_FATAL(load_rules(&b, "groups:\n- name: g\n  rules:\n"
                                   "  - record: service:x:sum\n    expr: sum by (service) (x)\n"
                                   "    labels: {from: rule, pod: ''}\n"
                                   "  - record: x:max\n    expr: max(service:x:sum)\n"
                                   "  - record: one\n    expr: '1'\n"));
    bench_load(&b,
               "x{service=\"a\", pod=\"1\"} 1 2\nx{service=\"a\", pod=\"2\"} 10 20\n"
               "x{service=\"b\", pod=\"3\"} 5 stale",
               0, SECOND);
    expect_told(&b, 0, "");
    expect_value(&b, "service:x:sum", 0,
                 "{__name__=\"service:x:sum\", from=\"rule\", service=\"a\"} 11; "
                 "{__name__=\"service:x:sum\", from=\"rule\", service=\"b\"} 5");
    expect_value(&b, "x:max + one", 0, "{} 12");
    expect_told(&b, SECOND, "");
    expect_value(&b, "service:x:sum", SECOND, /* b's result went, and its series with it */
                 "{__name__=\"service:x:sum\", from=\"rule\", service=\"a\"} 22");
    bench_close(&b);
}

static void failures_leave_states_as_they_are(void) {
    struct bench b;
    bench_open(&b);
    CU_ASSERT_FATAL(load_rules(&b, "groups:\n- name: g\n  rules:\n  - alert: Pair\n"
                                   "    expr: a * on (service) b\n    for: 1s\n"));
    bench_load(&b,
               "a{service=\"s\"} 2 2 2 2\nb{service=\"s\", n=\"1\"} 3 3 3 3\n"
               "b{service=\"s\", n=\"2\"} _ 3 stale",
               0, SECOND);
    expect_told(&b, 0, "");
    expect_told(&b, SECOND, ""); /* many-to-many */
    CU_ASSERT_EQUAL(prom_rule_failures(b.prom), 1);
    expect_told(&b, 2 * SECOND, "Pair s firing 0 6"); /* pending since before the failure */
    bench_close(&b);
}

static void results_must_differ_in_labels(void) {
    struct bench b;
    bench_open(&b);
    CU_ASSERT_FATAL(load_rules(&b, "groups:\n- name: g\n  rules:\n  - alert: Same\n"
                                   "    expr: a > 0\n    labels: {service: x}\n"));
    bench_load(&b, "a{service=\"s\"} 2\na{service=\"t\"} 2", 0, SECOND);
    expect_told(&b, 0, "");
    CU_ASSERT_EQUAL(prom_rule_failures(b.prom), 1);
    bench_close(&b);
}

static void groups_have_intervals(void) {
    struct bench b;
    bench_open(&b);
    CU_ASSERT_FATAL(load_rules(&b, "groups:\n- name: slow\n  interval: 10s\n  rules:\n"
                                   "  - {record: slow, expr: time()}\n"
                                   "- name: each\n  rules:\n  - {record: each, expr: time()}\n"));
    for (int64_t t = 3; t <= 25; t++) prom_rules_eval(b.prom, t * SECOND, NULL, NULL);
    expect_value(&b, "slow", 25 * SECOND, "{__name__=\"slow\"} 20");
    expect_value(&b, "each", 25 * SECOND, "{__name__=\"each\"} 25");
    expect_value(&b, "count_over_time(slow[1m])", 25 * SECOND, "{} 3"); /* 3, 10, 20 */
    bench_close(&b);
}

static void sealed_memory_is_enough(void) {
    struct bench b;
    bench_open(&b);
    CU_ASSERT_FATAL(load_rules(&b, "groups:\n- name: g\n  rules:\n  - alert: Any\n"
                                   "    expr: rate(x[5s]) > 0\n    for: 1s\n"
                                   "  - {record: s, expr: sum(x)}\n"));
    arena_seal(&b.arena);
    for (int64_t t = 0; t < 100; t++) {
        char pod[16];
        snprintf(pod, sizeof pod, "p%lld", (long long)(t / 10)); /* pods come and go */
        uint32_t x =
            prom_series(b.prom, (const struct prom_label[]){{"__name__", "x"}, {"pod", pod}}, 2);
        CU_ASSERT(prom_append(b.prom, x, t * SECOND, (double)t));
        prom_rules_eval(b.prom, t * SECOND, NULL, NULL);
    }
    CU_ASSERT_EQUAL(prom_rule_failures(b.prom), 0);
    CU_ASSERT_EQUAL(prom_refused_count(b.prom), 0);
    bench_close(&b);
}

static void bad_files_are_told(void) {
    static const struct {
        const char *text;
        int line, column;
        const char *part;
    } cases[] = {
        {"groups:\n- name: g\n  rules:\n  - alert: A\n    expr: ratee(x[5m])\n", 5, 11,
         "did you mean \"rate\"?"},
        {"groups:\n- name: g\n  rules:\n  - alert: A\n    expr: 'x >'\n", 5, 15, "got the end"},
        {"groups:\n- name: g\n  rules:\n  - alert: A\n    expr: |\n\n      x\n      > $\n", 8, 9,
         "character"},
        {"groups:\n- name: g\n  rules:\n  - alert: A\n    expr: x\n    fro: 5m\n", 6, 5,
         "did you mean \"for\"?"},
        {"groups:\n- name: g\n  rules:\n  - alert: A\n    expr: x\n    for: 5 minutes\n", 6, 10,
         "expected a duration"},
        {"groups:\n- name: g\n  rules:\n  - alert: A\n    record: b\n    expr: x\n", 4, 5,
         "either \"alert\" or \"record\""},
        {"groups:\n- name: g\n  rules:\n  - record: b c\n    expr: x\n", 4, 13, "no metric name"},
        {"groups:\n- name: g\n  rules:\n  - record: b\n    expr: x\n    for: 5m\n", 6, 10,
         "belongs to an alert"},
        {"groups:\n- name: g\n  rules:\n  - alert: A\n", 4, 5, "needs \"expr\""},
        {"groups:\n- name: g\n  rules:\n  - alert: A\n    expr:\n", 5, 10, "needs \"expr\""},
        {"groups:\n- name: g\n  rules:\n  - alert: A\n    expr: x\n    labels: {a: '{{ $vlue "
         "}}'}\n",
         6, 21, "template: undefined variable \"$vlue\"; did you mean \"$value\"?"},
        {"groups:\n- name: g\n  rules:\n  - alert: A\n    expr: >-\n      x\n        and\n\n"
         "      y )\n",
         9, 9, "got \")\""},
        {"groups:\n- name: g\n  rules:\n  - alert: A\n    expr: \"x\\n and \\\"y\\\"\"\n", 5, 20,
         "and"},
        {"groups:\n- name: g\n  rules:\n  - alert: A\n    expr: x and\n      y +\n    for: 1m\n", 6,
         10, "got the end"},
        {"groups:\n- name: g\n  limit: -1\n", 3, 10, "0"},
        {"groups:\n- name: g\n- name: g\n", 3, 9, "stands here twice"},
        {"groups:\n- rules: []\n", 2, 3, "needs \"name\""},
        {"group: []\n", 0, 0, "needs \"groups\""},
        {"kind: ConfigMap\n", 1, 7, "PrometheusRule"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct bench b;
        bench_open(&b);
        CU_ASSERT_FALSE(load_rules(&b, cases[i].text));
        CU_ASSERT_EQUAL(prom_rule_count(b.prom), 0);
        const struct diag *d = &b.diags.list[0];
        bool same =
            (cases[i].line == 0 || (d->line == cases[i].line && d->column == cases[i].column)) &&
            strstr(d->message, cases[i].part);
        if (!same) printf("\n  case %zu: %d:%d %s\n", i, d->line, d->column, d->message);
        CU_ASSERT(same);
        bench_close(&b);
    }
}

static void templates_make_labels(void) {
    struct bench b;
    bench_open(&b);
    CU_ASSERT_FATAL(load_rules(
        &b, "groups:\n- name: g\n  labels: {team: core, tier: '1'}\n  rules:\n"
            "  - alert: A\n    expr: x > 0\n    labels:\n      tier: '2'\n"
            "      level: '{{ if gt $value 5.0 }}high{{ else }}low{{ end }}'\n"
            "      bad: '{{ query \"nope\" | first }}'\n      none: '{{ $labels.nope }}'\n"
            "  - record: r\n    expr: x\n    labels: {as_is: '{{ $value }}'}\n"));
    bench_load(&b, "x 1 9 9", 0, SECOND);
    prom_rules_eval(b.prom, 0, NULL, NULL);
    expect_value(&b, "ALERTS", 0,
                 "{__name__=\"ALERTS\", alertname=\"A\", alertstate=\"firing\", bad=\"<error "
                 "expanding template: first() called on vector with no elements>\", "
                 "level=\"low\", team=\"core\", tier=\"2\"} 1");
    expect_value(&b, "r", 0,
                 "{__name__=\"r\", as_is=\"{{ $value }}\", team=\"core\", tier=\"1\"} 1");
    prom_rules_eval(b.prom, SECOND, NULL, NULL); /* another value, another alert */
    expect_value(&b, "count by (level) (ALERTS)", SECOND, "{level=\"high\"} 1");
    bench_close(&b);
}

/* The annotations of what fires, "name=text; ...". */
struct noted {
    struct prom *prom;
    char text[512];
};
static void note(void *context, const struct prom_alert *a) {
    struct noted *noted = context;
    for (uint32_t i = 0; i < prom_annotation_count(a); i++) {
        char text[200];
        const char *name;
        size_t used = strlen(noted->text),
               len = prom_annotation(noted->prom, a, i, &name, text, 200);
        snprintf(noted->text + used, sizeof noted->text - used, "%s=%.*s; ", name, (int)len, text);
    }
}

static void annotations_are_of_the_value(void) {
    static const struct prom_label external[] = {{"region", "eu"}};
    struct bench b;
    bench_open(&b);
    prom_external(b.prom, external, 1, "http://x");
    CU_ASSERT_FATAL(load_rules(
        &b,
        "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: x > 0\n    keep_firing_for: 5s\n"
        "    annotations:\n      a: 'x of {{ $labels.__name__ }}{{ $labels.s }} is {{ $value "
        "}}, {{ query \"x\" | first | value }}, {{ $externalLabels.region }}'\n      b: plain\n"));
    bench_load(&b, "x{s=\"i\"} 1e6 0 0", 0, SECOND);
    for (int64_t t = 0; t < 2; t++) { /* the second time it is kept, with what it had */
        struct noted noted = {b.prom, ""};
        prom_rules_eval(b.prom, t * SECOND, note, &noted);
        CU_ASSERT_STRING_EQUAL(noted.text, "a=x of xi is 1e+06, 1e+06, eu; b=plain; ");
    }
    bench_close(&b);
}

static void groups_have_limits(void) {
    struct bench b;
    bench_open(&b);
    CU_ASSERT_FATAL(load_rules(&b, "groups:\n- name: g\n  limit: 1\n  rules:\n"
                                   "  - alert: A\n    expr: x > 0\n    for: 1s\n"
                                   "  - record: r\n    expr: x\n"));
    bench_load(&b, "x{s=\"1\"} 1 1 1 1 1\nx{s=\"2\"} _ _ 1 stale", 0, SECOND);
    expect_told(&b, 0, "");
    expect_told(&b, SECOND, "A  firing 0 1");
    expect_told(&b, 2 * SECOND, ""); /* two: the rules fail, and the alerts are forgotten */
    CU_ASSERT_EQUAL(prom_rule_failures(b.prom), 2);
    expect_value(&b, "count(r)", 2 * SECOND, "{} 1"); /* the series of before, not yet stale */
    expect_told(&b, 3 * SECOND, "");                  /* pending anew */
    expect_value(&b, "count by (alertstate) (ALERTS)", 3 * SECOND, "{alertstate=\"pending\"} 1");
    expect_told(&b, 4 * SECOND, "A  firing 3000 1");
    bench_close(&b);
}

static void queries_can_look_back(void) {
    struct bench b;
    bench_open(&b);
    CU_ASSERT_FATAL(load_rules(&b, "groups:\n- name: g\n  query_offset: 2s\n  rules:\n"
                                   "  - record: r\n    expr: x\n  - record: s\n    expr: r + 1\n"
                                   "  - alert: A\n    expr: s > 2\n"));
    bench_load(&b, "x 1 2 3 4 5", 0, SECOND);
    expect_told(&b, 2 * SECOND, "");
    expect_value(&b, "timestamp(r)", 2 * SECOND, "{} 0");
    expect_value(&b, "s", 2 * SECOND, "{__name__=\"s\"} 2");
    expect_told(&b, 3 * SECOND,
                "A  firing 3000 3"); /* active since the evaluation, not the query */
    expect_value(&b, "timestamp(ALERTS)", 3 * SECOND, "{alertname=\"A\", alertstate=\"firing\"} 1");
    bench_close(&b);
}

static void kubernetes_wraps_them(void) {
    struct bench b;
    bench_open(&b);
    CU_ASSERT(load_rules(&b, "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\n"
                             "metadata: {name: m}\nspec:\n  groups:\n  - name: g\n    rules:\n"
                             "    - {alert: A, expr: x}\n"));
    CU_ASSERT_EQUAL(prom_rule_count(b.prom), 1);
    bench_close(&b);
    bench_open(&b);
    CU_ASSERT(load_rules(&b, "apiVersion: v1\nkind: List\nitems:\n"
                             "- kind: PrometheusRule\n  spec:\n    groups:\n    - name: g\n"
                             "      rules:\n      - {alert: A, expr: x}\n"
                             "- kind: PrometheusRule\n  spec:\n    groups:\n    - name: g\n"
                             "      rules:\n      - {alert: B, expr: y}\n"));
    CU_ASSERT_EQUAL(prom_rule_count(b.prom), 2);
    bench_close(&b);
}

/* What is anchored in one rule stands in others. */
static void aliases_are_followed(void) {
    struct bench b;
    bench_open(&b);
    CU_ASSERT(load_rules(&b, "groups:\n- name: g\n  rules: &all\n"
                             "  - &a {alert: A, expr: &e x > 1, labels: {sev: page}}\n"
                             "  - {<<: *a, alert: B}\n"
                             "  - {record: r, expr: *e}\n"
                             "- {name: h, rules: *all}\n"));
    CU_ASSERT_EQUAL(prom_rule_count(b.prom), 6);
    bench_close(&b);
}

static void count_unmatched(void *context, const char *rule) {
    char *names = context;
    strncat(names, rule, 100);
    strncat(names, " ", 2);
}

static void unmatched_rules_are_named(void) {
    struct bench b;
    bench_open(&b);
    CU_ASSERT_FATAL(load_rules(&b, "groups:\n- name: g\n  rules:\n"
                                   "  - {alert: Known, expr: sum(x) / 2 > 1}\n"
                                   "  - {alert: Typo, expr: sum(x) / y}\n"
                                   "  - {alert: Old, expr: 'rate(x[1m] offset 1h) > 0'}\n"));
    bench_load(&b, "x 1 2 3", 0, SECOND);
    char names[400] = "";
    prom_rules_unmatched(b.prom, 2 * SECOND, count_unmatched, names);
    CU_ASSERT_STRING_EQUAL(names, "Typo Old ");
    bench_close(&b);
}

static void shipped_rules_load(void) {
    static const char *const files[] = {"rules/fast.yaml", "rules/default.yaml"};
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        struct bench b;
        char path[512], text[8192];
        snprintf(path, sizeof path, "%s/%s", FIREDRILL_SOURCE_DIR, files[i]);
        FILE *in = fopen(path, "r");
        CU_ASSERT_PTR_NOT_NULL_FATAL(in);
        text[fread(text, 1, sizeof text - 1, in)] = '\0';
        fclose(in);
        bench_open(&b);
        CU_ASSERT(load_rules(&b, text));
        if (b.diags.errors) diag_print(&b.diags, stdout);
        CU_ASSERT_EQUAL(prom_rule_count(b.prom), 3);
        bench_close(&b);
    }
}

/* Scrapes 15 s apart: 15 s hold one sample, 29 s two now and then, 30 s always. */
static void ranges_too_short_for_scrapes_are_warned_of(void) {
    static const struct {
        const char *expr, *warning;
    } cases[] = {
        {"rate(a[10s])", "rate over 10s sees at most one sample at 15s scrapes"},
        {"sum by (x) (increase(a[15s])) > 0", "increase over 15s sees at most one sample"},
        {"b / on (x) irate(a[29s])", "irate over 29s sees two samples only now and then"},
        {"deriv(a[1500ms])", "deriv over 1500ms sees at most one"},
        {"max_over_time(rate(a[10s])[5m:1m])", "rate over 10s"},
        {"rate(a[30s])", NULL},
        {"avg_over_time(a[10s])", NULL},
        {"rate(job:a:sum[10s])", NULL}, /* as often as its rule is evaluated */
        {"rate(b[10m:1m])", NULL},
    };
    for (size_t k = 0; k < ARRAY_LEN(cases); k++)
        for (int64_t scrape_ms = 0; scrape_ms <= 15000; scrape_ms += 15000) {
            struct bench b = {0};
            struct prom_options options = {
                .series_max = 10, .samples_per_series = 2, .rules_max = 2, .scrape_ms = scrape_ms};
            char text[200];
            snprintf(text, sizeof text,
                     "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: %s\n", cases[k].expr);
            arena_open(&b.arena);
            b.prom = prom_open(&b.arena, &options);
            CU_ASSERT(load_rules(&b, text)); /* a warning, no more */
            bool warned = b.diags.count > 0 && b.diags.list[0].warning;
            CU_ASSERT_EQUAL(warned, scrape_ms > 0 && cases[k].warning != NULL);
            if (warned) {
                CU_ASSERT_PTR_NOT_NULL(strstr(b.diags.list[0].message, cases[k].warning));
                CU_ASSERT_EQUAL(b.diags.list[0].line, 5);
                CU_ASSERT(b.diags.list[0].column >= 11);
            }
            arena_close(&b.arena);
        }
}

TEST_MAIN("Rules and alerts", TEST(alerts_wait_fire_and_resolve), TEST(firing_can_be_kept),
          TEST(rules_see_those_before_them), TEST(failures_leave_states_as_they_are),
          TEST(results_must_differ_in_labels), TEST(templates_make_labels),
          TEST(annotations_are_of_the_value), TEST(groups_have_limits), TEST(queries_can_look_back),
          TEST(groups_have_intervals), TEST(sealed_memory_is_enough), TEST(bad_files_are_told),
          TEST(kubernetes_wraps_them), TEST(aliases_are_followed), TEST(unmatched_rules_are_named),
          TEST(shipped_rules_load), TEST(ranges_too_short_for_scrapes_are_warned_of))
