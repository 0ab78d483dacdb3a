/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text that fits any width, JSON that a parser reads, a timeline that tells the story. */
#include "reports/forms/figures.h"
#include "reports/forms/naming.h"
#include "reports/forms/table.h"
#include "tests/runner.h"
#include "tests/support/report_desk.h"
#include "tests/support/schema.h"

static void open_desk(struct desk *d) {
    desk_open(d);
    whole_story(desk_trace(d), no_twist);
    desk_add(d, "firedrill run story --seed 7");
}

static size_t longest_line(const char *text) {
    size_t longest = 0;
    for (; *text; text += strcspn(text, "\n"), text += *text == '\n') {
        size_t len = strcspn(text, "\n");
        if (len > longest) longest = len;
    }
    return longest;
}

static void text_fits_every_width(void) {
    struct desk d;
    open_desk(&d);
    for (int width = 60; width <= 200; width += 7) {
        char *text = desk_text(&d, width, false);
        CU_ASSERT_TRUE(longest_line(text) <= (size_t)width);
        CU_ASSERT_PTR_NOT_NULL(strstr(text, "pass"));
        CU_ASSERT_PTR_NULL(strchr(text, '\033'));
        free(text);
    }
    desk_close(&d);
}

static void text_says_what_matters(void) {
    struct desk d;
    open_desk(&d);
    char *text = desk_text(&d, 140, true);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "auto_fix, resolved"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "24.000s"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "22.000s"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "1 passed, 0 failed, 0 inconclusive; 0 violations"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "by hand 45m00s: 113 times as long"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "SERVICE payment"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\033[32mpass"));
    free(text);
    desk_close(&d);
}

static void a_table_drops_and_cuts(void) {
    static const struct table_column columns[] = {
        {"name", 0, 5, false}, {"extra", 1, 0, true}, {"figure", 0, 0, true}};
    struct table table = {.columns = columns, .column_count = 3};
    struct table_row *row = table_row(&table);
    snprintf(row->cell[0], TABLE_CELL, "a rather long name");
    snprintf(row->cell[1], TABLE_CELL, "12345");
    snprintf(row->cell[2], TABLE_CELL, "36");
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    table_print(&table, out, 16, false);
    fclose(out);
    CU_ASSERT_STRING_EQUAL(text, "name      figure\na rathe~      36\n");
    free(text);
    table_free(&table);
}

static void a_table_leaves_out_what_is_empty_and_cuts_at_last(void) {
    static const struct table_column columns[] = {
        {"empty", 0, 0, false}, {"name", 0, 16, false}, {"extra", 1, 0, true}};
    struct table table = {.columns = columns, .column_count = 3};
    struct table_row *row = table_row(&table);
    snprintf(row->cell[1], TABLE_CELL, "a rather long name");
    snprintf(row->cell[2], TABLE_CELL, "12345");
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    table_print(&table, out, 25, false);
    table_print(&table, out, 20, false);
    table_print(&table, out, 10, false);
    fclose(out);
    CU_ASSERT_STRING_EQUAL(text, "name                extra\na rather long name  12345\n"
                                 "name\na rather long name\n"
                                 "name\na rather ~\n");
    free(text);
    table_free(&table);
}

static void json_is_read_back(void) {
    struct desk d;
    open_desk(&d);
    char *text = desk_form(&d, report_json);
    json_t *o = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    CU_ASSERT_FATAL(o != NULL);
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(o, "verdict")), "pass");
    json_t *run = json_array_get(json_object_get(o, "runs"), 0);
    json_t *incident = json_array_get(json_object_get(run, "incidents"), 0);
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(incident, "mttr_ns")), TB_S(24));
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(incident, "service")), "payment");
    json_t *buckets = json_object_get(incident, "buckets_ns");
    const char *key;
    json_t *value;
    json_int_t sum = 0;
    json_object_foreach(buckets, key, value) sum += json_integer_value(value);
    CU_ASSERT_EQUAL(sum, TB_S(24));
    json_decref(o);
    free(text);
    desk_close(&d);
}

static void json_conforms_to_its_schema(void) {
    struct desk d;
    open_desk(&d);
    char *text = desk_form(&d, report_json);
    json_t *o = json_loads(text, 0, NULL);
    json_t *schema = schema_of("report");
    CU_ASSERT_FATAL(o != NULL);
    CU_ASSERT_TRUE(conforms(o, schema, json_object_get(schema, "$defs")));
    json_object_set_new(json_array_get(json_object_get(o, "runs"), 0), "seed", json_null());
    CU_ASSERT_FALSE(conforms(o, schema, json_object_get(schema, "$defs")));
    json_decref(schema);
    json_decref(o);
    free(text);
    desk_close(&d);
}

/* Two topologies, and the second cannot cast what the first ran. */
static void what_is_left_out_is_told(void) {
    struct desk d;
    open_desk(&d);
    whole_story(desk_trace(&d), no_twist);
    desk_add(&d, "");
    char *text = desk_text(&d, 140, false);
    CU_ASSERT_PTR_NULL(strstr(text, "left out"));
    free(text);
    snprintf(d.facts[0].topology, sizeof d.facts[0].topology, "wide");
    snprintf(d.facts[1].topology, sizeof d.facts[1].topology, "narrow");
    snprintf(d.verdicts[1].scenario, sizeof d.verdicts[1].scenario, "another");
    report_leave_out(&d.report, d.verdicts[0].scenario, "narrow");
    text = desk_text(&d, 140, false);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(text, "2 passed, 0 failed, 0 inconclusive; 0 violations; 1 left out\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "24.000s        -\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\n-: left out, "));
    free(text);
    text = desk_form(&d, report_markdown);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "violations; 1 left out."));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, " | left out |\n"));
    free(text);
    text = desk_form(&d, report_json);
    json_t *o = json_loads(text, 0, NULL), *schema = schema_of("report");
    CU_ASSERT_TRUE(conforms(o, schema, json_object_get(schema, "$defs")));
    const json_t *left = json_array_get(json_object_get(o, "left_out"), 0);
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(left, "topology")), "narrow");
    json_decref(schema);
    json_decref(o);
    free(text);
    desk_close(&d);
}

static void a_remedy_has_words(void) {
    char out[REMEDY_WORDS];
    struct eff_remedy order = {.remedy = REMEDY_RESTART, .amount = 10, .pod = 3};
    CU_ASSERT_STRING_EQUAL(remedy_words(out, &order), "restarts its pods");
    order.remedy = REMEDY_SCALE_OUT;
    CU_ASSERT_STRING_EQUAL(remedy_words(out, &order), "adds 10 pods");
    order.undo = true;
    CU_ASSERT_STRING_EQUAL(remedy_words(out, &order), "takes 10 pods away again");
    order.remedy = REMEDY_DRAIN;
    CU_ASSERT_STRING_EQUAL(remedy_words(out, &order), "lets pod 3 serve again");
    order.undo = false;
    CU_ASSERT_STRING_EQUAL(remedy_words(out, &order), "drains pod 3");
}

static void the_timeline_tells_the_story(void) {
    struct desk d;
    char *text = NULL;
    size_t len = 0;
    open_desk(&d);
    FILE *out = open_memstream(&text, &len);
    timeline_text(&d.facts[0], out);
    fclose(out);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "00:10.000  fault null pointer begins on payment\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "00:16.000  engine-0 payment: revision 2 serves 10.0%"));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(text, "00:24.000  engine-0 payment: revision 2 serves everything"));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(text, "00:34.000  engine-0 closed_resolved payment, 22.000s after"));
    free(text);
    desk_close(&d);
}

static void figures_are_read_as_written(void) {
    char text[24];
    CU_ASSERT_STRING_EQUAL(figure_time(text, sizeof text, 36 * NS_PER_S), "36.000s");
    CU_ASSERT_STRING_EQUAL(figure_time(text, sizeof text, 250 * NS_PER_MS), "250.0ms");
    CU_ASSERT_STRING_EQUAL(figure_time(text, sizeof text, 45 * NS_PER_MIN), "45m00s");
    CU_ASSERT_STRING_EQUAL(figure_time(text, sizeof text, TIME_NEVER), "-");
    CU_ASSERT_STRING_EQUAL(figure_share(text, sizeof text, 152000), "15.2%");
    CU_ASSERT_STRING_EQUAL(figure_share(text, sizeof text, -450), "0.0%");
    CU_ASSERT_STRING_EQUAL(figure_clock(text, sizeof text, 3723 * NS_PER_S), "1:02:03.000");
}

TEST_MAIN("forms", TEST(text_fits_every_width), TEST(text_says_what_matters),
          TEST(a_table_drops_and_cuts), TEST(a_table_leaves_out_what_is_empty_and_cuts_at_last),
          TEST(json_is_read_back), TEST(json_conforms_to_its_schema),
          TEST(what_is_left_out_is_told), TEST(a_remedy_has_words),
          TEST(the_timeline_tells_the_story), TEST(figures_are_read_as_written))
