/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/prometheus/lexer.h"
#include "tests/runner.h"
#include <math.h>

static struct lexer lexer_of(const char *text) {
    struct lexer lexer;
    static const struct origin origin = {.file = "t", .line = 1, .column = 1};
    lexer_open(&lexer, &origin, text, strlen(text));
    return lexer;
}

static struct token first(const char *text) {
    struct lexer lexer = lexer_of(text);
    return lexer_next(&lexer);
}

static void signs_are_told_apart(void) {
    static const enum token_kind expected[] = {
        TOKEN_ASSIGN, TOKEN_EQUAL,      TOKEN_MATCH,       TOKEN_NOT_EQUAL,     TOKEN_NOT_MATCH,
        TOKEN_LESS,   TOKEN_LESS_EQUAL, TOKEN_GREATER,     TOKEN_GREATER_EQUAL, TOKEN_AT,
        TOKEN_POWER,  TOKEN_LEFT_BRACE, TOKEN_RIGHT_BRACE, TOKEN_COMMA,         TOKEN_END,
    };
    struct lexer lexer = lexer_of("= == =~ != !~ < <= > >= @ ^ {},");
    for (size_t i = 0; i < ARRAY_LEN(expected); i++)
        CU_ASSERT_EQUAL(lexer_next(&lexer).kind, expected[i]);
}

static void numbers_have_many_forms(void) {
    static const struct {
        const char *text;
        double value;
    } cases[] = {{"1", 1},           {"1.5", 1.5},   {".5", 0.5},  {"5.", 5},
                 {"1e3", 1000},      {"1E-2", 0.01}, {"0x1F", 31}, {"0Xff", 255},
                 {"1_000_000", 1e6}, {"010", 8},     {"09", 9},    {"1.5e+2", 150}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct token token = first(cases[i].text);
        CU_ASSERT_EQUAL(token.kind, TOKEN_NUMBER);
        CU_ASSERT_EQUAL(token.len, strlen(cases[i].text));
        CU_ASSERT_DOUBLE_EQUAL(token.number, cases[i].value, 1e-12);
    }
    static const char *const bad[] = {
        "1foo", "0xg", "1e3x", "1.5m", "1m1h", "1h1h", "5ks", "1__0", "99999999999999999999y"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) CU_ASSERT_EQUAL(first(bad[i]).kind, TOKEN_BAD);
}

static void durations_sum_their_units(void) {
    static const struct {
        const char *text;
        int64_t ms;
    } cases[] = {{"5m", 300000},    {"1h30m", 5400000}, {"500ms", 500},
                 {"1d", 86400000},  {"2w", 1209600000}, {"1y", INT64_C(31536000000)},
                 {"1m1s1ms", 61001}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct token token = first(cases[i].text);
        CU_ASSERT_EQUAL(token.kind, TOKEN_DURATION);
        CU_ASSERT_EQUAL(token.duration_ms, cases[i].ms);
    }
    int64_t ms;
    CU_ASSERT(promql_duration("0", 1, &ms) && ms == 0);
    CU_ASSERT_FALSE(promql_duration("", 0, &ms));
    CU_ASSERT_FALSE(promql_duration("5", 1, &ms));
    CU_ASSERT_FALSE(promql_duration("5 m", 3, &ms));
}

static void values_read_as_go_reads_them(void) {
    double value;
    CU_ASSERT(promql_number("+Inf", 4, &value) && value == INFINITY);
    CU_ASSERT(promql_number("-inf", 4, &value) && value == -INFINITY);
    CU_ASSERT(promql_number("NaN", 3, &value) && isnan(value));
    CU_ASSERT(promql_number("0.005", 5, &value) && value == 0.005);
    CU_ASSERT(promql_number("1e-3", 4, &value) && value == 0.001);
    CU_ASSERT_FALSE(promql_number("", 0, &value));
    CU_ASSERT_FALSE(promql_number(" 1", 2, &value));
    CU_ASSERT_FALSE(promql_number("1x", 2, &value));
    CU_ASSERT_FALSE(promql_number("infinit", 7, &value));
}

static void names_may_hold_colons_outside_brackets(void) {
    CU_ASSERT_EQUAL(first("job:rate:5m").len, 11);
    struct lexer lexer = lexer_of("[5m:x]");
    lexer_next(&lexer);
    CU_ASSERT_EQUAL(lexer_next(&lexer).kind, TOKEN_DURATION);
    CU_ASSERT_EQUAL(lexer_next(&lexer).kind, TOKEN_COLON);
}

static void strings_resolve_escapes(void) {
    static const struct {
        const char *text, *value;
    } cases[] = {
        {"\"a b\"", "a b"},
        {"'a\"b'", "a\"b"},
        {"`a\\n`", "a\\n"},
        {"\"a\\n\\t\\\\\"", "a\n\t\\"},
        {"\"\\x41\\101\"", "AA"},
        {"\"\\u00e9\"", "\xc3\xa9"},
        {"\"\\U0001F600\"", "\xf0\x9f\x98\x80"},
        {"'it\\'s'", "it's"},
        {"`two\nlines`", "two\nlines"},
    };
    struct arena arena;
    arena_open(&arena);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct token token = first(cases[i].text);
        size_t len;
        CU_ASSERT_EQUAL_FATAL(token.kind, TOKEN_STRING);
        CU_ASSERT_STRING_EQUAL(lexer_string(&arena, &token, &len), cases[i].value);
        CU_ASSERT_EQUAL(len, strlen(cases[i].value));
    }
    arena_close(&arena);
    static const char *const bad[] = {"\"open",    "\"two\nlines\"", "\"\\q\"",
                                      "\"\\x4\"",  "\"\\ud800\"",    "\"\\'\"",
                                      "\"\\400\"", "`open",          "\"\\"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) CU_ASSERT_EQUAL(first(bad[i]).kind, TOKEN_BAD);
    CU_ASSERT_EQUAL(first("  \"ab\\q\"").column, 6); /* the escape itself */
}

static void places_are_exact(void) {
    struct lexer lexer;
    static const char text[] = "a # note\n  bb\n\tc";
    static const struct origin origin = {.file = "f", .line = 7, .column = 20};
    lexer_open(&lexer, &origin, text, strlen(text));
    struct token a = lexer_next(&lexer), b = lexer_next(&lexer), c = lexer_next(&lexer);
    CU_ASSERT(a.line == 7 && a.column == 20);
    CU_ASSERT(b.line == 8 && b.column == 3);
    CU_ASSERT(c.line == 9 && c.column == 2);
    struct token end = lexer_next(&lexer);
    CU_ASSERT(end.kind == TOKEN_END && end.line == 9 && end.column == 3);
}

static void strange_bytes_are_refused(void) {
    CU_ASSERT_EQUAL(first("$").kind, TOKEN_BAD);
    CU_ASSERT_EQUAL(first("\xc3\xa9").kind, TOKEN_BAD);
    CU_ASSERT_EQUAL(first("!").kind, TOKEN_BAD);
    CU_ASSERT_EQUAL(first(".").kind, TOKEN_BAD);
}

static void keywords_have_no_case(void) {
    struct token token = first("GrOuP_LeFt");
    CU_ASSERT(token_is(&token, "group_left"));
    CU_ASSERT_FALSE(token_is(&token, "group_lef"));
    CU_ASSERT_FALSE(token_is(&token, "group_left_"));
}

TEST_MAIN("PromQL tokens", TEST(signs_are_told_apart), TEST(numbers_have_many_forms),
          TEST(durations_sum_their_units), TEST(values_read_as_go_reads_them),
          TEST(names_may_hold_colons_outside_brackets), TEST(strings_resolve_escapes),
          TEST(places_are_exact), TEST(strange_bytes_are_refused), TEST(keywords_have_no_case))
