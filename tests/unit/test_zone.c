/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time zones: beside libc's, over changes, and files that are none; windows by their clocks. */
#include "engine/base/prng.h"
#include "engine/policy/policy.h"
#include "engine/policy/zone_rule.h"
#include "tests/runner.h"
#include <stdlib.h>
#include <time.h>

static struct arena arena;
static char bytes[1 << 16];

static size_t file_of(const char *name) {
    char path[200];
    snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", name);
    FILE *file = fopen(path, "rb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file); /* Debian: tzdata */
    size_t len = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    return len;
}
static struct zone zone_of(const char *name) {
    struct zone zone;
    CU_ASSERT_PTR_NULL_FATAL(zone_read(&zone, &arena, bytes, file_of(name)));
    return zone;
}
static int64_t at(const char *wall) {
    time_ns ns = 0;
    CU_ASSERT_TRUE_FATAL(wall_parse(wall, strlen(wall), &ns));
    return ns / NS_PER_S;
}

static const char *const zones[] = {
    "Europe/Berlin",     "Europe/Dublin",       "Europe/London",     "America/New_York",
    "America/Sao_Paulo", "America/St_Johns",    "America/Havana",    "America/Santiago",
    "Asia/Kolkata",      "Asia/Kathmandu",      "Asia/Tehran",       "Asia/Gaza",
    "Asia/Tokyo",        "Australia/Lord_Howe", "Australia/Sydney",  "Pacific/Apia",
    "Pacific/Chatham",   "Pacific/Kiritimati",  "Africa/Casablanca", "Africa/Cairo",
    "Antarctica/Troll",  "America/Nuuk",        "Etc/GMT+12",        "UTC"};

/* Seconds of local time as libc has them. */
static int64_t local_of(int64_t utc) {
    time_t t = (time_t)utc;
    struct tm tm;
    char text[64];
    CU_ASSERT_PTR_NOT_NULL_FATAL(localtime_r(&t, &tm));
    snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900, tm.tm_mon + 1,
             tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
    return at(text);
}

static void agrees_with_the_system(void) {
    struct prng random = prng_named(11, "zones", 0);
    int64_t from = at("1970-01-02T00:00:00Z"), until = at("2037-12-30T00:00:00Z");
    for (size_t k = 0; k < ARRAY_LEN(zones); k++) {
        struct zone zone = zone_of(zones[k]);
        setenv("TZ", zones[k], 1);
        tzset();
        int wrong = 0;
        for (int n = 0; n < 2000; n++) {
            int64_t utc = from + (int64_t)prng_below(&random, (uint64_t)(until - from));
            if (n % 2 && zone.count > 0) { /* around a change: the second before, and it itself */
                int64_t change = zone.changes[prng_below(&random, zone.count)].at;
                utc = change - n / 2 % 2;
                if (utc < from || utc >= until) continue;
            }
            wrong += utc + zone_offset(&zone, utc) != local_of(utc);
        }
        if (wrong) printf("\n  %s: %d\n", zones[k], wrong);
        CU_ASSERT_EQUAL(wrong, 0);
    }
    unsetenv("TZ");
    tzset();
}

/* Every instant is one of those that its own local time names. */
static void there_and_back(void) {
    struct prng random = prng_named(12, "back", 0);
    for (size_t k = 0; k < ARRAY_LEN(zones); k++) {
        struct zone zone = zone_of(zones[k]);
        for (int n = 0; n < 2000; n++) {
            int64_t utc = (int64_t)prng_below(&random, UINT64_C(7000000000)) - 1000000000;
            if (n % 2 && zone.count > 0)
                utc = zone.changes[prng_below(&random, zone.count)].at +
                      (int64_t)prng_below(&random, 14400) - 7200;
            struct zone_instants i = zone_instants(&zone, utc + zone_offset(&zone, utc));
            CU_ASSERT_FALSE_FATAL(i.skipped);
            CU_ASSERT_TRUE_FATAL(i.earliest == utc || i.latest == utc);
        }
    }
}

static void a_gap_and_an_overlap(void) {
    struct zone berlin = zone_of("Europe/Berlin");
    struct zone_instants gap = zone_instants(&berlin, at("2026-03-29T02:30:00Z"));
    CU_ASSERT_TRUE(gap.skipped);
    CU_ASSERT_EQUAL(gap.earliest, at("2026-03-29T01:00:00Z"));
    CU_ASSERT_EQUAL(gap.latest, gap.earliest);
    struct zone_instants twice = zone_instants(&berlin, at("2026-10-25T02:30:00Z"));
    CU_ASSERT_EQUAL(twice.earliest, at("2026-10-25T00:30:00Z"));
    CU_ASSERT_EQUAL(twice.latest, at("2026-10-25T01:30:00Z"));
    struct zone_instants once = zone_instants(&berlin, at("2026-10-25T03:00:00Z"));
    CU_ASSERT_EQUAL(once.earliest, at("2026-10-25T02:00:00Z"));
    CU_ASSERT_EQUAL(once.latest, once.earliest);
    CU_ASSERT_EQUAL(zone_offset(&berlin, at("2199-07-01T00:00:00Z")), 7200); /* by its rule */
    struct zone lord_howe = zone_of("Australia/Lord_Howe");                  /* half an hour */
    twice = zone_instants(&lord_howe, at("2026-04-05T01:45:00Z"));
    CU_ASSERT_EQUAL(twice.latest - twice.earliest, 1800);
    struct zone apia = zone_of("Pacific/Apia"); /* a day that there was not */
    CU_ASSERT_TRUE(zone_instants(&apia, at("2011-12-30T12:00:00Z")).skipped);
}

/* ---- files that are none ---- */

static void what_is_no_file_is_refused(void) {
    struct zone zone;
    size_t len = file_of("Europe/Berlin");
    CU_ASSERT_STRING_EQUAL(zone_read(&zone, &arena, "TZif", 4), "no TZif file");
    CU_ASSERT_STRING_EQUAL(zone_read(&zone, &arena, "", 0), "no TZif file");
    for (size_t cut = 0; cut < len; cut++)
        CU_ASSERT_PTR_NOT_NULL(zone_read(&zone, &arena, bytes, cut));
    char kept = bytes[20];
    bytes[20] = (char)0x7F;
    CU_ASSERT_STRING_EQUAL(zone_read(&zone, &arena, bytes, len), "a count that is out of range");
    bytes[20] = kept;
    CU_ASSERT_PTR_NULL(zone_read(&zone, &arena, bytes, len));
}

static const char *rule(const char *text) {
    static struct zone_change changes[ZONE_RULE_CHANGES_MAX];
    struct zone zone = {.changes = changes};
    return zone_rule_add(&zone, changes, text, strlen(text));
}

static void rules_in_each_form(void) {
    static const char *const good[] = {"",
                                       "UTC0",
                                       "<+0330>-3:30",
                                       "CET-1CEST,M3.5.0,M10.5.0/3",
                                       "IST-1GMT0,M10.5.0,M3.5.0/1",
                                       "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
                                       "AAA3BBB2:30:15,J60/24,300/167",
                                       "EST5EDT,0/0,J365/23"};
    static const char *const bad[] = {"C",
                                      "CET",
                                      "CET-1CEST",
                                      "CET-1CEST,M3.5.0",
                                      "CET-99",
                                      "<+0330-3",
                                      "CET-1CEST,M0.1.0,M1.1.0",
                                      "CET-1CEST,J0,J1",
                                      "CET-1CEST,M3.5.0,M10.5.0x",
                                      "CET-1CEST,400,1",
                                      "CET-1CEST,M3.6.0,M10.5.0"};
    for (size_t k = 0; k < ARRAY_LEN(good); k++) CU_ASSERT_PTR_NULL(rule(good[k]));
    for (size_t k = 0; k < ARRAY_LEN(bad); k++) CU_ASSERT_PTR_NOT_NULL(rule(bad[k]));
}

static void names_lead_nowhere_else(void) {
    static const char *const bad[] = {"",        "/etc/passwd", "../UTC", "Europe/../UTC",
                                      "Europe/", "a//b",        "a b",    "Europe\\Berlin",
                                      ".",       "\xC3\xBC"};
    for (size_t k = 0; k < ARRAY_LEN(bad); k++) CU_ASSERT_FALSE(zone_name_good(bad[k]));
    for (size_t k = 0; k < ARRAY_LEN(zones); k++) CU_ASSERT_TRUE(zone_name_good(zones[k]));
}

/* ---- windows ---- */

static bool from_system(void *context, const char *name, const char **out, size_t *len) {
    (void)context;
    if (strcmp(name, "Nowhere/Land") == 0) return false;
    *len = file_of(name);
    *out = bytes;
    return true;
}

static struct diags diags;
static const struct eng_window *windows(const char *fields, const char *from, uint32_t *count) {
    char text[400];
    struct policy policy;
    struct policy_zone_files files = {NULL, from_system};
    memset(&diags, 0, sizeof diags);
    snprintf(text, sizeof text, "safety_gates: {time_based: {%s}}\n", fields);
    *count = 0;
    CU_ASSERT_TRUE_FATAL(policy_load(&policy, &arena, "p.yaml", text, strlen(text), &diags));
    if (!policy_zones_load(&policy, &arena, &diags, &files)) return NULL;
    return policy_windows_resolve(&policy, &arena, at(from) * NS_PER_S,
                                  at(from) * NS_PER_S + NS_PER_HOUR, count);
}
static void lasts(const char *fields, const char *day, const char *begin, const char *end) {
    uint32_t count;
    const struct eng_window *w = windows(fields, day, &count);
    CU_ASSERT_TRUE_FATAL(count > 0);
    CU_ASSERT_EQUAL(w[0].begin_wall, at(begin) * NS_PER_S);
    CU_ASSERT_EQUAL(w[0].end_wall, at(end) * NS_PER_S);
}

#define SUNDAYS(kind, from, to)                                                                    \
    kind ": [{day: sunday, start_time: \"" from "\", end_time: \"" to                              \
         "\", timezone: Europe/Berlin}]"
static void windows_go_by_their_clocks(void) {
    lasts(SUNDAYS("blackout_windows", "02:00", "06:00"), "2026-01-11T00:00:00Z",
          "2026-01-11T01:00:00Z", "2026-01-11T05:00:00Z");
    lasts(SUNDAYS("blackout_windows", "02:00", "06:00"), "2026-07-05T00:00:00Z",
          "2026-07-05T00:00:00Z", "2026-07-05T04:00:00Z");
    /* put forward: 02:30 is the instant of that; an hour shorter */
    lasts(SUNDAYS("blackout_windows", "02:30", "06:00"), "2026-03-29T00:00:00Z",
          "2026-03-29T01:00:00Z", "2026-03-29T04:00:00Z");
    /* put back: a blackout from the first 02:30; maintenance from the second */
    lasts(SUNDAYS("blackout_windows", "02:30", "06:00"), "2026-10-25T00:00:00Z",
          "2026-10-25T00:30:00Z", "2026-10-25T05:00:00Z");
    lasts(SUNDAYS("maintenance_windows", "02:30", "06:00"), "2026-10-25T00:00:00Z",
          "2026-10-25T01:30:00Z", "2026-10-25T05:00:00Z");
    lasts(SUNDAYS("maintenance_windows", "01:00", "02:30"), "2026-10-24T23:00:00Z",
          "2026-10-24T23:00:00Z", "2026-10-25T00:30:00Z");
    /* wholly inside of what no clock shows: not that day */
    lasts(SUNDAYS("blackout_windows", "02:10", "02:50"), "2026-03-29T00:00:00Z",
          "2026-04-05T00:10:00Z", "2026-04-05T00:50:00Z");
}

static void a_zone_that_is_not_there(void) {
    uint32_t count;
    CU_ASSERT_PTR_NULL(windows("blackout_windows: [{start_time: \"01:00\", end_time: \"02:00\",\n"
                               "  timezone: Nowhere/Land}]",
                               "2026-01-01T00:00:00Z", &count));
    CU_ASSERT_EQUAL_FATAL(diags.count, 1);
    CU_ASSERT_EQUAL(diags.list[0].line, 2);
    CU_ASSERT_STRING_EQUAL(
        diags.list[0].message,
        "timezone \"Nowhere/Land\": there is no such file in the time zone data base");
}

#define IN_ARENA(test)                                                                             \
    static void test##_(void) {                                                                    \
        arena_open(&arena);                                                                        \
        test();                                                                                    \
        arena_close(&arena);                                                                       \
    }
IN_ARENA(agrees_with_the_system)
IN_ARENA(there_and_back)
IN_ARENA(a_gap_and_an_overlap)
IN_ARENA(what_is_no_file_is_refused)
IN_ARENA(windows_go_by_their_clocks)
IN_ARENA(a_zone_that_is_not_there)

TEST_MAIN("policy: time zones", TEST(agrees_with_the_system_), TEST(there_and_back_),
          TEST(a_gap_and_an_overlap_), TEST(what_is_no_file_is_refused_), TEST(rules_in_each_form),
          TEST(names_lead_nowhere_else), TEST(windows_go_by_their_clocks_),
          TEST(a_zone_that_is_not_there_))
