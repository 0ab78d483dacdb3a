/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rules in steady state allocate nothing. This program's own malloc, calloc, realloc and free stand
 * before the C library's for every library that is linked, PCRE2 and MPFR too, and count.
 */
#include "engine/base/check.h"
#include "promql_load.h"
#include "tests/runner.h"

/* The C library's own, by the names that it exports for this. */
extern void *__libc_malloc(size_t);          /* NOLINT(bugprone-reserved-identifier) */
extern void *__libc_calloc(size_t, size_t);  /* NOLINT(bugprone-reserved-identifier) */
extern void *__libc_realloc(void *, size_t); /* NOLINT(bugprone-reserved-identifier) */
extern void __libc_free(void *);             /* NOLINT(bugprone-reserved-identifier) */

static uint64_t taken, given;

void *malloc(size_t size) {
    taken++;
    return __libc_malloc(size);
}
void *calloc(size_t count, size_t size) {
    taken++;
    return __libc_calloc(count, size);
}
void *realloc(void *old, size_t size) {
    taken++;
    given += old != NULL;
    return __libc_realloc(old, size);
}
void free(void *old) {
    given += old != NULL;
    __libc_free(old);
}

enum { SERVICES = 8, WARM = 90, ROUNDS = 300 };

static struct prom *asked;
static uint64_t told;

static void hear(void *context, const struct prom_alert *alert) {
    char text[512];
    const char *name;
    (void)context;
    told++;
    for (uint32_t i = 0; i < prom_annotation_count(alert); i++)
        prom_annotation(asked, alert, i, &name, text, sizeof text);
}

static void add_series(struct bench *b, uint32_t *series) {
    static const char *const forms[] = {
        "requests{service=\"s%d\",code=\"200\"}", "requests{service=\"s%d\",code=\"503\"}",
        "slow_bucket{service=\"s%d\",le=\"0.1\"}", "slow_bucket{service=\"s%d\",le=\"+Inf\"}",
        "limit{service=\"s%d\"}"};
    char text[96];
    for (int s = 0; s < SERVICES; s++)
        for (size_t f = 0; f < ARRAY_LEN(forms); f++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
            int len = snprintf(text, sizeof text, forms[f], s);
#pragma GCC diagnostic pop
            *series++ = bench_series(b, text, (size_t)len);
        }
}

/* Takes and gives of ROUNDS evaluations behind WARM others. */
static void count_steady(const char *rules, uint64_t *takes, uint64_t *gives) {
    struct bench b;
    uint32_t series[SERVICES * 5];
    bench_open(&b);
    add_series(&b, series);
    CU_ASSERT_FATAL(prom_rules_load(b.prom, &b.arena, "r.yml", rules, strlen(rules), &b.diags));
    asked = b.prom;
    told = 0;
    for (int64_t t = 0; t < WARM + ROUNDS; t++) {
        if (t == WARM) *takes = taken, *gives = given, told = 0;
        for (uint32_t i = 0; i < ARRAY_LEN(series); i++)
            prom_append(b.prom, series[i], t * 1000, (double)(t * (1 + i % 5)));
        prom_rules_eval(b.prom, t * 1000, hear, NULL);
    }
    *takes = taken - *takes;
    *gives = given - *gives;
    CU_ASSERT_EQUAL(prom_rule_failures(b.prom), 0);
    bench_close(&b);
}

static void the_counter_counts(void) {
    uint64_t before = taken, after = given;
    void *volatile piece = malloc(10);
    free(piece);
    CU_ASSERT_EQUAL(taken - before, 1);
    CU_ASSERT_EQUAL(given - after, 1);
}

static void steady_rules_take_nothing(void) {
    uint64_t takes = 0, gives = 0;
    count_steady(
        "groups:\n- name: g\n  rules:\n"
        "  - {record: 'service:rate', expr: 'sum by (service) "
        "(rate(requests{code=~\"2..|5.*\"}[20s]))'}\n"
        "  - {record: p90, expr: 'histogram_quantile(0.9, sum by (service, le) "
        "(rate(slow_bucket[30s])))'}\n"
        "  - {record: q, expr: 'quantile by (code) (0.5, requests) + on () group_left () "
        "max(limit)'}\n"
        "  - {record: o, expr: 'max_over_time(rate(requests{service!~\"s[0-3]\"}[10s])[20s:5s])'}\n"
        "  - alert: Busy\n"
        "    expr: topk(3, service:rate) / on (service) group_right () limit >= 0\n"
        "    labels: {team: '{{ reReplaceAll \"s(.*)\" \"team-$1\" $labels.service }}'}\n"
        "    annotations:\n"
        "      text: '{{ define \"x\" }}{{ range query \"sum(limit)\" }}{{ .Value | humanize }}{{ "
        "end }}"
        "{{ end }}{{ template \"x\" }} {{ printf \"%.3f %s\" $value (toUpper $labels.service) "
        "}}'\n",
        &takes, &gives);
    CU_ASSERT_EQUAL(takes, 0);
    CU_ASSERT_EQUAL(gives, 0);
    CU_ASSERT(told >= ROUNDS);
}

/* MPFR takes for a calculation what it gives back at its end. */
static void rounded_functions_keep_nothing(void) {
    uint64_t takes = 0, gives = 0;
    count_steady("groups:\n- name: g\n  rules:\n"
                 "  - {record: e, expr: 'exp(-requests) + ln(requests + 1) + sin(limit) ^ 3'}\n",
                 &takes, &gives);
    CU_ASSERT_EQUAL(takes, gives);
}

TEST_MAIN("Memory of rules", TEST(the_counter_counts), TEST(steady_rules_take_nothing),
          TEST(rounded_functions_keep_nothing))
