/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/prometheus/exposition.h"
#include "sim/prometheus/number.h"
#include "sim/prometheus/store.h"
#include "tests/runner.h"
#include <math.h>
#include <stdlib.h>

#define OUT_MAX 4096

static void show_sample(const struct exposition_sample *s, char *out, size_t *used) {
    char value[NUMBER_TEXT];
    number_go(value, s->value);
    *used += (size_t)snprintf(out + *used, OUT_MAX - *used, "{");
    for (uint32_t i = 0; i < s->label_count; i++)
        *used += (size_t)snprintf(out + *used, OUT_MAX - *used, "%s%s=%s", i ? "," : "",
                                  s->labels[i].name, s->labels[i].value);
    *used += (size_t)snprintf(out + *used, OUT_MAX - *used, "} %s", value);
    if (s->timed)
        *used += (size_t)snprintf(out + *used, OUT_MAX - *used, " @%lld", (long long)s->at_ms);
    *used += (size_t)snprintf(out + *used, OUT_MAX - *used, "; ");
}

/* All samples as text, or the diagnostic. */
static void show(enum exposition_format format, const char *text, char *out) {
    struct arena arena;
    struct diags diags = {0};
    struct exposition_sample sample;
    size_t used = 0;
    arena_open(&arena);
    struct exposition *x = exposition_open(&arena, format, "f", text, strlen(text), &diags);
    out[0] = '\0';
    while (exposition_next(x, &sample)) show_sample(&sample, out, &used);
    CU_ASSERT_EQUAL(diags.errors, exposition_failed(x) ? 1u : 0u);
    if (exposition_failed(x))
        snprintf(out, OUT_MAX, "%d:%d: %s", diags.list[0].line, diags.list[0].column,
                 diags.list[0].message);
    arena_close(&arena);
}

struct reading_case {
    const char *text, *expected;
};

static void check(enum exposition_format format, const struct reading_case *cases, size_t count) {
    static char out[OUT_MAX];
    for (size_t i = 0; i < count; i++) {
        show(format, cases[i].text, out);
        CU_ASSERT_STRING_EQUAL(out, cases[i].expected);
        if (strcmp(out, cases[i].expected) != 0) printf("\n%s\n-> %s\n", cases[i].text, out);
    }
}

static void text_format_is_read(void) {
    static const struct reading_case cases[] = {
        {"", ""},
        {"\n \n# any words\n#\n", ""},
        {"up 1\n", "{__name__=up} 1; "},
        {"up 1", "{__name__=up} 1; "},
        {"  a:b{ z = \"1\" , B=\"2\", }  -Inf   1395066363000 \n",
         "{B=2,__name__=a:b,z=1} -Inf @1395066363000; "},
        {"# HELP x what it is\n# TYPE x counter\nx{} 1.5e3 -4\n", "{__name__=x} 1500 @-4; "},
        {"x{p=\"C:\\\\D \\\"q\\\"\\n\\t\"} NaN\n", "{__name__=x,p=C:\\D \"q\"\n\\t} NaN; "},
        {"x{gone=\"\"} 8\n", "{__name__=x} 8; "},
        {"x{l=\"two\nlines\"} 1\ny 2\n", "{__name__=x,l=two\nlines} 1; {__name__=y} 2; "},
    };
    check(EXPOSITION_TEXT, cases, ARRAY_LEN(cases));
}

static void openmetrics_is_read(void) {
    static const struct reading_case cases[] = {
        {"# EOF\n", ""},
        {"# EOF", ""},
        {"# TYPE a info\n# UNIT a\n# HELP a b c\na_info{k=\"v\"} 1\n# EOF\n",
         "{__name__=a_info,k=v} 1; "},
        {"x 1 1.001\nx 2 1.0014999\nx 3 -0.5\nx 4 1e3\nx 5 2\n# EOF\n",
         "{__name__=x} 1 @1001; {__name__=x} 2 @1001; {__name__=x} 3 @-500; "
         "{__name__=x} 4 @1000000; {__name__=x} 5 @2000; "},
        {"b{le=\"1\"} 3 # {id=\"q\"} 0.5\nb{le=\"2\"} 4 7.25 # {id=\"r\",} 1 7.1\n# EOF\n",
         "{__name__=b,le=1} 3; {__name__=b,le=2} 4 @7250; "},
    };
    check(EXPOSITION_OPENMETRICS, cases, ARRAY_LEN(cases));
}

static void errors_name_the_place(void) {
    static const struct reading_case text[] = {
        {"up 1\n{a=\"b\"} 1\n", "2:1: a metric's name in quotes is not supported"},
        {"up\n", "1:3: expected a value, got the end of the line"},
        {"up", "1:3: expected a value, got the end of the text"},
        {"up one\n", "1:4: expected a value, got \"one\""},
        {"up 0x10\n", "1:4: expected a value, got \"0x10\""},
        {"up 1 2 3\n", "1:8: expected the end of the line, got \"3\""},
        {"up 1 2999999999999999\n",
         "1:6: expected a time in milliseconds, got \"2999999999999999\""},
        {"up 1 1.5\n", "1:6: expected a time in milliseconds, got \"1.5\""},
        {"up{a=\"b} 1\n", "1:6: the quotes of this value are not closed"},
        {"up{a=b} 1\n", "1:6: expected a label's value in double quotes, got \"b\""},
        {"up{a=\"b\" c=\"d\"} 1\n", "1:10: expected \",\" or \"}\" after a label, got \"c=\"d\"\""},
        {"up{a=\"b\",a=\"c\"} 1\n", "1:10: label \"a\" stands here twice"},
        {"up{__name__=\"b\"} 1\n", "1:1: label \"__name__\" stands here twice"},
        {"up{a=\"\xff\"} 1\n", "1:7: a label's value is not UTF-8"},
        {"# TYPE x countr\n", "1:10: expected a metric's type like \"counter\", got \"countr\""},
        {"up{a=\"1\n2\n3\",a=\"\n\"} 1\n", "3:4: label \"a\" stands here twice"},
        {"9x 1\n", "1:1: expected a metric's name, got \"9x\""},
    };
    static const struct reading_case strict[] = {
        {"up 1\n", "2:1: expected \"# EOF\" as the last line, got the end of the text"},
        {"up  1\n# EOF\n", "1:4: expected a value, got \" \""},
        {"up 1 \n# EOF\n", "1:6: expected a time, got the end of the line"},
        {"\n# EOF\n", "1:1: expected a metric's name, got the end of the line"},
        {"# remark\n# EOF\n", "1:3: expected HELP, TYPE, UNIT or EOF, got \"remark\""},
        {"# EOF\nup 1\n", "1:7: expected nothing after \"# EOF\", got \"up\""},
        {"up 1 now\n# EOF\n", "1:6: expected a time in seconds, got \"now\""},
        {"up 1 2 # x\n# EOF\n", "1:10: expected an exemplar's labels, got \"x\""},
    };
    check(EXPOSITION_TEXT, text, ARRAY_LEN(text));
    check(EXPOSITION_OPENMETRICS, strict, ARRAY_LEN(strict));
}

/* ---- into a store and out again ---- */

static void read_all(struct arena *arena, const char *text, struct recording *r) {
    struct diags diags = {0};
    CU_ASSERT_FATAL(recording_read(r, arena, "f", text, strlen(text), 5000, &diags));
}

static struct prom *store_for(struct arena *arena, const struct recording *r) {
    const struct prom_options options = {.series_max = r->series_count, .samples_per_series = 2};
    return prom_open(arena, &options);
}

static void written_is_what_was_read(void) {
    static const char text[] = "a_total{code=\"200\",z=\"\\\"\\\\\\n\"} 1 1.000\n"
                               "a_total{code=\"200\",z=\"\\\"\\\\\\n\"} 1e+06 2.125\n"
                               "a_total{code=\"200\",z=\"\\\"\\\\\\n\"} NaN 3.000\n"
                               "a_total{code=\"500\"} 0.1 1.000\n"
                               "a_total{code=\"500\"} -Inf 1700000000.500\n"
                               "b 1e-05 0.000\n"
                               "# EOF\n";
    static char written[OUT_MAX];
    struct arena arena;
    struct recording r;
    arena_open(&arena);
    read_all(&arena, text, &r);
    CU_ASSERT_EQUAL(r.series_count, 3);
    CU_ASSERT_EQUAL(r.sample_count, 6);
    CU_ASSERT_EQUAL(r.first_ms, 0);
    CU_ASSERT_EQUAL(r.last_ms, INT64_C(1700000000500));
    struct prom *p = store_for(&arena, &r);
    CU_ASSERT_EQUAL(recording_load(&r, p), 0);
    FILE *out = fmemopen(written, sizeof written, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    exposition_write(p, 0, INT64_MAX, out);
    fclose(out);
    CU_ASSERT_STRING_EQUAL(written, text);
    arena_close(&arena);
}

static void what_comes_late_is_dropped(void) {
    struct arena arena;
    struct recording r;
    arena_open(&arena);
    read_all(&arena, "x 1 3000\nx{a=\"b\"} 1 2000\nx 2 3000\nx 3 2999\nx 4\nx 5 -1\n", &r);
    struct prom *p = store_for(&arena, &r);
    CU_ASSERT_EQUAL(r.series_count, 2);
    CU_ASSERT_EQUAL(recording_load(&r, p), 3);
    CU_ASSERT_EQUAL(prom_sample_count(p), 3);
    CU_ASSERT_EQUAL(p->series[0].times[p->series[0].end - 1], 5000);
    arena_close(&arena);
}

static void a_long_history_is_kept_whole(void) {
    enum { LINES = 1000 };
    static char text[LINES * 24];
    size_t used = 0;
    for (int i = 0; i < LINES; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "x{b=\"%d\"} 1 %d\n", i % 2, i);
    struct arena arena;
    struct recording r;
    arena_open(&arena);
    read_all(&arena, text, &r);
    struct prom *p = store_for(&arena, &r);
    CU_ASSERT_EQUAL(recording_load(&r, p), 0);
    CU_ASSERT_EQUAL(p->series[0].end - p->series[0].first, LINES / 2);
    arena_close(&arena);
}

static void formats_are_told_apart(void) {
    CU_ASSERT_EQUAL(exposition_format_of("# EOF", 5), EXPOSITION_OPENMETRICS);
    CU_ASSERT_EQUAL(exposition_format_of("a 1\n# EOF\n", 10), EXPOSITION_OPENMETRICS);
    CU_ASSERT_EQUAL(exposition_format_of("a 1\n## EOF\n", 11), EXPOSITION_TEXT);
    CU_ASSERT_EQUAL(exposition_format_of("a 1\n", 4), EXPOSITION_TEXT);
    CU_ASSERT_EQUAL(exposition_format_of("", 0), EXPOSITION_TEXT);
}

/* ---- numbers ---- */

static void numbers_have_go_s_form(void) {
    static const struct {
        double value;
        const char *go, *json;
    } cases[] = {
        {0, "0", "0"},
        {-0.0, "-0", "-0"},
        {1, "1", "1"},
        {999999, "999999", "999999"},
        {1e6, "1e+06", "1000000"},
        {1234567.25, "1.23456725e+06", "1234567.25"},
        {0.0001, "0.0001", "0.0001"},
        {0.00001, "1e-05", "0.00001"},
        {0.000001, "1e-06", "0.000001"},
        {0.00000025, "2.5e-07", "2.5e-07"},
        {0.1 + 0.2, "0.30000000000000004", "0.30000000000000004"},
        {1e20, "1e+20", "100000000000000000000"},
        {-1e21, "-1e+21", "-1e+21"},
        {5e-324, "5e-324", "5e-324"},
        {1.7976931348623157e308, "1.7976931348623157e+308", "1.7976931348623157e+308"},
        {123456, "123456", "123456"},
        {12.5, "12.5", "12.5"},
        {INFINITY, "+Inf", "+Inf"},
        {-INFINITY, "-Inf", "-Inf"},
        {NAN, "NaN", "NaN"},
    };
    char text[NUMBER_TEXT];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CU_ASSERT_EQUAL(number_go(text, cases[i].value), strlen(cases[i].go));
        CU_ASSERT_STRING_EQUAL(text, cases[i].go);
        CU_ASSERT_EQUAL(number_json(text, cases[i].value), strlen(cases[i].json));
        CU_ASSERT_STRING_EQUAL(text, cases[i].json);
    }
}

static void numbers_read_back(void) {
    uint64_t state = 1;
    for (int i = 0; i < 20000; i++) {
        char text[NUMBER_TEXT];
        double value;
        state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        uint64_t bits = state ^ state >> 31;
        memcpy(&value, &bits, sizeof value);
        if (isnan(value)) continue;
        number_go(text, value);
        CU_ASSERT_EQUAL(strtod(text, NULL), value);
        number_json(text, value);
        CU_ASSERT_EQUAL(strtod(text, NULL), value);
    }
}

TEST_MAIN("Exposition", TEST(text_format_is_read), TEST(openmetrics_is_read),
          TEST(errors_name_the_place), TEST(written_is_what_was_read),
          TEST(what_comes_late_is_dropped), TEST(a_long_history_is_kept_whole),
          TEST(formats_are_told_apart), TEST(numbers_have_go_s_form), TEST(numbers_read_back))
