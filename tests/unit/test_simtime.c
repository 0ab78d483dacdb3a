/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/base/simtime.h"
#include "engine/base/prng.h"
#include "tests/runner.h"

static void addition_saturates(void) {
    CU_ASSERT_EQUAL(time_add(1, 2), 3);
    CU_ASSERT_EQUAL(time_add(TIME_NEVER, 1), TIME_NEVER);
    CU_ASSERT_EQUAL(time_add(1, TIME_NEVER), TIME_NEVER);
    CU_ASSERT_EQUAL(time_add(INT64_MIN, -1), INT64_MIN);
    CU_ASSERT_EQUAL(time_add(TIME_NEVER, -1), TIME_NEVER - 1);
}

static bool duration(const char *s, time_ns *out) { return duration_parse(s, strlen(s), out); }

static void durations_are_read_exactly(void) {
    static const struct {
        const char *text;
        time_ns ns;
    } good[] = {
        {"0s", 0},
        {"250ms", 250 * NS_PER_MS},
        {"36s", 36 * NS_PER_S},
        {"1.5s", 1500 * NS_PER_MS},
        {"5m", 5 * NS_PER_MIN},
        {"2h", 2 * NS_PER_HOUR},
        {"7d", 7 * 24 * NS_PER_HOUR},
        {"100us", 100 * NS_PER_US},
        {"10ns", 10},
        {"-2m", -2 * NS_PER_MIN},
        {"0.000000001s", 1},
        {"0.1us", 100},
        {"9223372036854775807ns", INT64_MAX},
    };
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        time_ns ns = -1;
        CU_ASSERT(duration(good[i].text, &ns));
        CU_ASSERT_EQUAL(ns, good[i].ns);
    }
}

static void what_is_no_duration_is_refused(void) {
    static const char *const bad[] = {
        "",
        "s",
        "5",
        "5 s",
        "5S",
        ".5s",
        "1.s",
        "1..5s",
        "1.5ns",
        "--1s",
        "1e3s",
        "1h30m",
        "0x1s",
        "+1s",
        "-",
        "0.0000000001s",
        "5sec",
        "5mss",
        "9223372036854775808ns",
        "106752d",
        "99999999999999999999999999d",
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        time_ns ns = 77;
        CU_ASSERT(!duration(bad[i], &ns));
        CU_ASSERT_EQUAL(ns, 77);
    }
}

static void length_is_respected(void) {
    time_ns ns;
    CU_ASSERT(duration_parse("10ms", 4, &ns) && ns == 10 * NS_PER_MS);
    CU_ASSERT(duration_parse("10ms", 3, &ns) && ns == 10 * NS_PER_MIN);
    CU_ASSERT(!duration_parse("10ms", 2, &ns));
}

static void durations_print_in_their_unit(void) {
    static const struct {
        time_ns ns;
        const char *text;
    } cases[] = {
        {0, "0s"},
        {36 * NS_PER_S, "36s"},
        {250 * NS_PER_MS, "250ms"},
        {1500 * NS_PER_MS, "1.5s"},
        {-2 * NS_PER_MIN, "-120s"},
        {1, "1ns"},
        {1001, "1.001us"},
        {NS_PER_S + 1, "1.000000001s"},
        {INT64_MIN, "-9223372036.854775808s"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char text[64];
        CU_ASSERT_EQUAL(duration_format(text, sizeof text, cases[i].ns),
                        (int)strlen(cases[i].text));
        CU_ASSERT_STRING_EQUAL(text, cases[i].text);
    }
    char small[4] = "xxx";
    CU_ASSERT_EQUAL(duration_format(small, sizeof small, 1500 * NS_PER_MS), 4);
    CU_ASSERT_STRING_EQUAL(small, "1.5");
}

static void what_is_printed_is_read_back(void) {
    struct prng stream = prng_named(7, "round trip", 0);
    for (int i = 0; i < 20000; i++) {
        time_ns ns = (time_ns)(prng_next(&stream) >> (1 + prng_below(&stream, 62))), back = -1;
        if (prng_chance(&stream, 500000)) ns = -ns;
        char text[64];
        duration_format(text, sizeof text, ns);
        CU_ASSERT(duration(text, &back) && back == ns);
        wall_format(text, sizeof text, ns);
        CU_ASSERT(wall_parse(text, strlen(text), &back) && back == ns);
    }
}

static void walls_are_rfc_3339(void) {
    static const struct {
        const char *text;
        time_ns wall;
    } good[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"1969-12-31T23:59:59.999999999Z", -1},
        {"2000-02-29T00:00:00Z", 951782400 * NS_PER_S},
        {"2026-01-05T09:00:00Z", 1767603600 * NS_PER_S},
        {"2026-01-05T09:00:00.25Z", 1767603600 * NS_PER_S + 250 * NS_PER_MS},
        {"2262-04-11T23:47:16.854775807Z", INT64_MAX},
        {"1677-09-21T00:12:43.145224192Z", INT64_MIN},
    };
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        time_ns wall = 5;
        char text[64];
        CU_ASSERT(wall_parse(good[i].text, strlen(good[i].text), &wall));
        CU_ASSERT_EQUAL(wall, good[i].wall);
        wall_format(text, sizeof text, good[i].wall);
        CU_ASSERT_STRING_EQUAL(text, good[i].text);
    }
    static const char *const bad[] = {
        "",
        "Z",
        "2026-01-05",
        "2026-01-05T09:00:00",
        "2026-01-05 09:00:00Z",
        "2026-13-05T09:00:00Z",
        "2026-00-05T09:00:00Z",
        "2026-02-29T09:00:00Z",
        "2100-02-29T00:00:00Z",
        "2026-01-00T09:00:00Z",
        "2026-01-05T24:00:00Z",
        "2026-01-05T09:60:00Z",
        "2026-01-05T09:00:60Z",
        "2026-01-05T09:00:0Z",
        "2026-01-05T09:00:00.Z",
        "2026-01-05T09:00:00.1234567890Z",
        "2026-01-05T09:00:00.5.5Z",
        "2026-01-05T09:00:00+00:00",
        "2262-04-11T23:47:16.854775808Z",
        "1677-09-21T00:12:43Z",
        "2026-01-05T09:00:001Z",
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        time_ns wall;
        CU_ASSERT(!wall_parse(bad[i], strlen(bad[i]), &wall));
    }
}

TEST_MAIN("simtime", TEST(addition_saturates), TEST(durations_are_read_exactly),
          TEST(what_is_no_duration_is_refused), TEST(length_is_respected),
          TEST(durations_print_in_their_unit), TEST(what_is_printed_is_read_back),
          TEST(walls_are_rfc_3339))
