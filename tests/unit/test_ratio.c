/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/base/ratio.h"
#include "engine/base/prng.h"
#include "tests/runner.h"

static void divisions_floor_on_both_sides_of_zero(void) {
    CU_ASSERT_EQUAL(muldiv(7, 1, 2), 3);
    CU_ASSERT_EQUAL(muldiv(-7, 1, 2), -4);
    CU_ASSERT_EQUAL(muldiv(7, -1, 2), -4);
    CU_ASSERT_EQUAL(muldiv(-8, 1, 2), -4);
    CU_ASSERT_EQUAL(ppm_of(1, 3), 333333);
    CU_ASSERT_EQUAL(ppm_of(-1, 3), -333334);
    CU_ASSERT_EQUAL(ppm_mul(1000, 152000), 152);
    CU_ASSERT_EQUAL(ppm_mul(-1, 1), -1);
}

static void the_product_may_exceed_64_bits(void) {
    CU_ASSERT_EQUAL(muldiv(INT64_MAX, INT64_MAX, INT64_MAX), INT64_MAX);
    CU_ASSERT_EQUAL(muldiv(INT64_MIN, 1000, 1000), INT64_MIN);
    CU_ASSERT_EQUAL(muldiv(INT64_MAX, 2, 1), INT64_MAX);
    CU_ASSERT_EQUAL(muldiv(INT64_MAX, -2, 1), INT64_MIN);
}

static void roots_are_floors(void) {
    static const uint64_t exact[] = {0, 1, 2, 3, 4, 8, 9, 99, 100, 4294967295, UINT64_MAX >> 32};
    for (size_t i = 0; i < ARRAY_LEN(exact); i++) {
        uint64_t root = exact[i];
        CU_ASSERT_EQUAL(isqrt64(root * root), root);
        if (root > 0) CU_ASSERT_EQUAL(isqrt64(root * root - 1), root - 1);
    }
    CU_ASSERT_EQUAL(isqrt64(UINT64_MAX), 4294967295);
    CU_ASSERT_EQUAL(isqrt128(~(uint128)0), UINT64_MAX);
    struct prng stream = prng_named(1, "roots", 0);
    for (int i = 0; i < 10000; i++) {
        uint128 n =
            ((uint128)prng_next(&stream) << 64 | prng_next(&stream)) >> prng_below(&stream, 128);
        uint128 root = isqrt128(n);
        CU_ASSERT(root * root <= n && n - root * root <= 2 * root);
    }
}

static void shares_are_read(void) {
    static const struct {
        const char *text;
        int64_t ppm;
    } good[] = {
        {"15.2%", 152000}, {"0.152", 152000}, {"1", 1000000},  {"100%", 1000000}, {"0", 0},
        {"0%", 0},         {"0.0001%", 1},    {"0.000001", 1}, {"250%", 2500000},
    };
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        int64_t ppm = -1;
        CU_ASSERT(share_parse(good[i].text, strlen(good[i].text), &ppm));
        CU_ASSERT_EQUAL(ppm, good[i].ppm);
    }
    static const char *const bad[] = {
        "",
        "%",
        "-1%",
        "1.",
        ".5",
        "15.2 %",
        "0.0000001",
        "1e",
        "15%%",
        "0.00001%",
        "percent",
        "1,5",
        "99999999999999999999",
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        int64_t ppm;
        CU_ASSERT(!share_parse(bad[i], strlen(bad[i]), &ppm));
    }
}

static void shares_print_with_as_few_decimals_as_are_exact(void) {
    static const struct {
        int64_t ppm;
        const char *text;
    } cases[] = {{152000, "15.2%"},
                 {3000, "0.3%"},
                 {1000000, "100%"},
                 {0, "0%"},
                 {1, "0.0001%"},
                 {-1, "-0.0001%"},
                 {INT64_MIN, "-922337203685477.5808%"}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char text[32];
        CU_ASSERT_EQUAL(share_format(text, sizeof text, cases[i].ppm), (int)strlen(cases[i].text));
        CU_ASSERT_STRING_EQUAL(text, cases[i].text);
    }
    char small[3];
    CU_ASSERT_EQUAL(share_format(small, sizeof small, 152000), 5);
    CU_ASSERT_STRING_EQUAL(small, "15");
}

TEST_MAIN("ratio", TEST(divisions_floor_on_both_sides_of_zero),
          TEST(the_product_may_exceed_64_bits), TEST(roots_are_floors), TEST(shares_are_read),
          TEST(shares_print_with_as_few_decimals_as_are_exact))
