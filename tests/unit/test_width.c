/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text is as wide as a terminal shows it, and is cut between signs. */
#include "reports/forms/table.h"
#include "reports/forms/width.h"
#include "tests/runner.h"
#include <stdlib.h>

static void signs_take_what_a_terminal_gives_them(void) {
    static const struct {
        const char *text;
        int columns;
    } cases[] = {
        {"", 0},
        {"payment", 7},
        {"caf\xC3\xA9", 4},
        {"cafe\xCC\x81", 4},                         /* e, and an accent over it */
        {"\xE7\x81\xAB\xE4\xBA\x8B", 4},             /* two ideographs */
        {"\xEF\xBC\xA1", 2},                         /* full-width A */
        {"\xEF\xBD\xB1", 1},                         /* half-width katakana */
        {"\xED\x95\x9C", 2},                         /* a Hangul syllable */
        {"\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB", 2}, /* the same in three parts */
        {"\xF0\x9F\x94\xA5", 2},                     /* fire */
        {"\xE2\x80\x8B", 0},                         /* zero width space */
        {"\xF0\xA0\x80\x80", 2}, /* the first sign of the second ideographic plane */
        {"\xE2\x94\x80", 1},     /* a line to draw with */
        {"\xFF\xFE", 2},         /* no UTF-8: a byte a column */
        {"\xF0\x9F", 2},
    };
    for (size_t k = 0; k < ARRAY_LEN(cases); k++)
        CU_ASSERT_EQUAL(columns_of(cases[k].text), cases[k].columns);
}

static void the_table_is_in_order_and_apart(void) {
    static const struct {
        uint32_t first, last, of;
    } ranges[] = {
#define WIDE(first, last) {first, last, 2},
#define NONE(first, last) {first, last, 0},
#include "reports/forms/width.def"
#undef WIDE
#undef NONE
    };
    for (size_t k = 0; k < ARRAY_LEN(ranges); k++) {
        CU_ASSERT_TRUE(ranges[k].first <= ranges[k].last);
        for (size_t other = k + 1; other < ARRAY_LEN(ranges); other++) {
            bool before = ranges[k].last < ranges[other].first;
            bool behind = ranges[other].last < ranges[k].first;
            CU_ASSERT_TRUE(ranges[k].of == ranges[other].of ? before : before || behind);
        }
    }
}

static void cuts_to(const char *text, int width, const char *expected, int printed) {
    char *got = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&got, &len);
    CU_ASSERT_EQUAL(print_cut(out, text, width), printed);
    fclose(out);
    CU_ASSERT_STRING_EQUAL(got, expected);
    free(got);
}

static void cuts_stand_between_signs(void) {
    const char *fires = "\xF0\x9F\x94\xA5\xF0\x9F\x94\xA5\xF0\x9F\x94\xA5";
    cuts_to(fires, 6, fires, 6);
    cuts_to(fires, 5, "\xF0\x9F\x94\xA5\xF0\x9F\x94\xA5~", 5);
    cuts_to(fires, 4, "\xF0\x9F\x94\xA5~", 3); /* the second does not fit beside the mark */
    cuts_to(fires, 1, "~", 1);
    cuts_to(fires, 0, "", 0);
    cuts_to("e\xCC\x81llo", 3, "e\xCC\x81l~", 3); /* the accent stays with its letter */
}

/* What stands right of a wide name begins where it begins in every other line. */
static void a_table_stays_straight(void) {
    static const struct table_column columns[] = {{"name", 0, 4, false}, {"figure", 0, 0, true}};
    struct table table = {.columns = columns, .column_count = 2};
    static const char *const names[] = {"plain", "\xE7\x81\xAB\xE4\xBA\x8B\xE7\x81\xAB",
                                        "e\xCC\x81"};
    for (size_t k = 0; k < ARRAY_LEN(names); k++) {
        struct table_row *row = table_row(&table);
        snprintf(row->cell[0], TABLE_CELL, "%s", names[k]);
        snprintf(row->cell[1], TABLE_CELL, "36");
    }
    for (int width = 13; width <= 20; width++) {
        char *text = NULL;
        size_t len = 0;
        FILE *out = open_memstream(&text, &len);
        table_print(&table, out, width, false);
        fclose(out);
        int first = 0;
        for (char *at = text, *line; (line = strtok_r(at, "\n", &at));) {
            if (first == 0) first = columns_of(line);
            CU_ASSERT_EQUAL(columns_of(line), first);
            CU_ASSERT_TRUE(columns_of(line) <= width);
        }
        free(text);
    }
    table_free(&table);
}

TEST_MAIN("width", TEST(signs_take_what_a_terminal_gives_them),
          TEST(the_table_is_in_order_and_apart), TEST(cuts_stand_between_signs),
          TEST(a_table_stays_straight))
