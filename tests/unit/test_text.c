/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/base/text.h"
#include "tests/runner.h"

static void equal_texts_are_equal_bytes(void) {
    struct text a, b;
    memset(&a, 0xAA, sizeof a);
    memset(&b, 0x55, sizeof b);
    text_set(&a, "payment-service");
    text_setn(&b, "payment-service-v2", 15);
    CU_ASSERT(text_eq(&a, &b) && memcmp(&a, &b, sizeof a) == 0);
    CU_ASSERT(text_is(&a, "payment-service"));
    CU_ASSERT(!text_is(&a, "payment-servic"));
    text_set(&b, "");
    CU_ASSERT(!text_eq(&a, &b) && b.len == 0);
}

static void too_long_a_text_is_cut_and_marked(void) {
    char s[TEXT_MAX + 2];
    memset(s, 'x', sizeof s);
    struct text t;
    text_setn(&t, s, TEXT_MAX);
    CU_ASSERT(t.len == TEXT_MAX && t.s[TEXT_MAX - 1] == 'x');
    text_setn(&t, s, TEXT_MAX + 1);
    CU_ASSERT(t.len == TEXT_MAX && t.s[TEXT_MAX - 1] == '~' && t.s[TEXT_MAX - 2] == 'x');
}

static void writes_numbers(void) {
    char buffer[256];
    struct writer w = writer_of(buffer, sizeof buffer);
    write_int(&w, 0);
    write_text(&w, " ");
    write_int(&w, INT64_MIN);
    write_text(&w, " ");
    write_micro(&w, 152000);
    write_text(&w, " ");
    write_micro(&w, -1000001);
    write_text(&w, " ");
    write_share(&w, 152000);
    write_text(&w, " ");
    write_hex(&w, (const uint8_t *)"\x00\xAB\xff", 3);
    CU_ASSERT(!w.overflow);
    CU_ASSERT_STRING_EQUAL(buffer, "0 -9223372036854775808 0.152 -1.000001 15.2% 00abff");
    CU_ASSERT_EQUAL(w.len, strlen(buffer));
}

static void overflow_is_remembered_and_nothing_is_written_past_the_end(void) {
    char buffer[6] = "12345";
    struct writer w = writer_of(buffer, 4);
    write_text(&w, "abcd");
    CU_ASSERT(!w.overflow && w.len == 4);
    write_text(&w, "e");
    CU_ASSERT(w.overflow && w.len == 4);
    write_bytes(&w, "", 0); /* what follows is left out, even if it would fit */
    CU_ASSERT(memcmp(buffer, "abcd5", 6) == 0);
    w = writer_of(NULL, 0);
    write_text(&w, "x");
    CU_ASSERT(w.overflow && w.len == 0);
}

static void check_json(const char *s, size_t len, const char *expected) {
    char buffer[128];
    struct writer w = writer_of(buffer, sizeof buffer);
    write_json_string(&w, s, len);
    CU_ASSERT_STRING_EQUAL(buffer, expected);
}

static void json_strings_are_escaped(void) {
    check_json("", 0, "\"\"");
    check_json("a\"b\\c/", 6, "\"a\\\"b\\\\c/\"");
    check_json("\b\t\n\f\r\x01\x7f\0x", 9, "\"\\b\\t\\n\\f\\r\\u0001\\u007f\\u0000x\"");
    check_json("gr\xC3\xBC\xC3\x9F \xE2\x82\xAC \xF0\x9F\x94\xA5", 15,
               "\"gr\xC3\xBC\xC3\x9F \xE2\x82\xAC \xF0\x9F\x94\xA5\"");
    check_json("\xC3", 1, "\"\xEF\xBF\xBD\"");
    check_json("\xFFok\xC0\x80", 5, "\"\xEF\xBF\xBDok\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

static void utf8_is_rfc_3629(void) {
    static const struct {
        const char *bytes;
        size_t len, valid;
    } cases[] = {
        {"a", 1, 1},
        {"\xC2\x80", 2, 2},
        {"\xE0\xA0\x80", 3, 3},
        {"\xED\x9F\xBF", 3, 3},
        {"\xF4\x8F\xBF\xBF", 4, 4},
        {"\x80", 1, 0},             /* a continuation alone */
        {"\xC1\xBF", 2, 0},         /* overlong */
        {"\xE0\x9F\xBF", 3, 0},     /* overlong */
        {"\xF0\x8F\xBF\xBF", 4, 0}, /* overlong */
        {"\xED\xA0\x80", 3, 0},     /* a surrogate */
        {"\xF4\x90\x80\x80", 4, 0}, /* beyond U+10FFFF */
        {"\xF5\x80\x80\x80", 4, 0},
        {"\xE2\x82", 2, 0}, /* cut */
        {"\xE2\x82\x41", 3, 0},
        {"", 0, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        CU_ASSERT_EQUAL(utf8_sequence(cases[i].bytes, cases[i].len), cases[i].valid);
}

static void decimals_are_read_as_integers(void) {
    int128 v = -1;
    CU_ASSERT(read_decimal("12.5s", 5, 3, &v) == 4 && v == 12500);
    CU_ASSERT(read_decimal("007", 3, 0, &v) == 3 && v == 7);
    CU_ASSERT_EQUAL(read_decimal("1.5", 3, 0, &v), 0);
    CU_ASSERT_EQUAL(read_decimal("1.", 2, 3, &v), 0);
    CU_ASSERT_EQUAL(read_decimal("x", 1, 3, &v), 0);
    CU_ASSERT_EQUAL(read_decimal("1111111111111111111111111", 25, 3, &v), 0);
}

TEST_MAIN("text", TEST(equal_texts_are_equal_bytes), TEST(too_long_a_text_is_cut_and_marked),
          TEST(writes_numbers), TEST(overflow_is_remembered_and_nothing_is_written_past_the_end),
          TEST(json_strings_are_escaped), TEST(utf8_is_rfc_3629),
          TEST(decimals_are_read_as_integers))
