/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is varied: keys, units, points. */
#include "sim/run/capacity_key.h"
#include "tests/runner.h"

#include <math.h>

static struct capacity_axis axis;
static struct diags diags;

static bool reads(const char *text) {
    diags = (struct diags){0};
    return capacity_key_read(&axis, text, &diags);
}
static bool refuses(const char *text, const char *why) {
    return !reads(text) && diags.count == 1 && strstr(diags.list[0].message, why) != NULL;
}
static bool shows(uint32_t point, const char *text) {
    char shown[48];
    return strcmp(capacity_point(shown, sizeof shown, &axis, point), text) == 0;
}

static void whole_numbers_stay_whole(void) {
    CU_ASSERT_FATAL(reads("engines=1..8"));
    CU_ASSERT(strcmp(axis.key, "engines") == 0 && axis.last == 7);
    CU_ASSERT(shows(0, "1") && shows(3, "4") && shows(7, "8"));
}

static void units_are_kept(void) {
    CU_ASSERT_FATAL(reads("incidents.rate=1/min..200/min"));
    CU_ASSERT(axis.last == 1990 && shows(0, "1.0/min") && shows(1990, "200.0/min"));
    CU_ASSERT_FATAL(reads("locking.x=15s..60s"));
    CU_ASSERT(shows(0, "15.00s") && shows(axis.last, "60.00s"));
    CU_ASSERT_FATAL(reads("faults.a.value=5%..50%"));
    CU_ASSERT(shows(0, "5.00%") && shows(axis.last, "50.00%"));
    CU_ASSERT_FATAL(reads("a=0.1..0.2"));
    CU_ASSERT(shows(0, "0.1000") && shows(axis.last, "0.2000"));
    CU_ASSERT_FATAL(reads("a=5000m..9000m"));
    CU_ASSERT(shows(0, "5000m") && shows(axis.last, "9000m"));
}

static void two_units_of_a_kind_are_one(void) {
    CU_ASSERT_FATAL(reads("a=30s..5m"));
    CU_ASSERT(shows(0, "30.0s") && shows(axis.last, "300.0s"));
    CU_ASSERT_FATAL(reads("a=1/min..2/s"));
    CU_ASSERT(shows(axis.last, "120.0/min"));
}

static void what_is_no_range_is_refused(void) {
    CU_ASSERT(refuses("", "such as"));
    CU_ASSERT(refuses("incidents.rate", "such as"));
    CU_ASSERT(refuses("=1..2", "such as"));
    CU_ASSERT(refuses("a=1", "such as"));
    CU_ASSERT(refuses("a=x..y", "such as"));
    CU_ASSERT(refuses("a=1..2parsecs", "such as"));
    CU_ASSERT(refuses("a=1.2.3..4", "such as"));
    CU_ASSERT(refuses("a=5/min..1/min", "a range that rises"));
    CU_ASSERT(refuses("a=3..3", "a range that rises"));
    CU_ASSERT(refuses("a=1s..2/min", "both ends in one unit"));
    CU_ASSERT(refuses("a=1..2s", "both ends in one unit"));
    CU_ASSERT(refuses("a=1..99999999999", "a narrower range"));
}

TEST_MAIN("capacity_key", TEST(whole_numbers_stay_whole), TEST(units_are_kept),
          TEST(two_units_of_a_kind_are_one), TEST(what_is_no_range_is_refused))
