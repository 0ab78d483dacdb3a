/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names that would like to be markup, commands or formulas are names, in every form. */
#include "tests/runner.h"
#include "tests/support/hostile.h"
#include "tests/support/report_desk.h"
#include <jansson.h>
#include <libxml/parser.h>
#include <libxml/xpath.h>

static void break_it(struct tb *t, enum act act) {
    if (act == ACT_LOCKED) tb_granted(t, TB_S(15.5), 1, 6, SCOPE_SERVICE, TB_PAYMENT);
}

/* A run in which an invariant broke, and everything has that name. */
static void open_hostile(struct desk *d, const char *name) {
    struct tb_names names = {name, name, name, name, name, name};
    desk_open(d);
    whole_story_named(desk_trace(d), &names, no_twist);
    desk_add(d, name);
    whole_story_named(desk_trace(d), &names, break_it);
    desk_add(d, name);
    CU_ASSERT_EQUAL_FATAL(d->verdicts[1].kind, VERDICT_FAIL);
}

static void text_stays_within_its_lines(void) {
    static const int widths[] = {60, 80, 100, 200};
    for (size_t k = 0; k < HOSTILE_NAMES; k++) {
        struct desk d;
        open_hostile(&d, hostile_name(k));
        for (size_t w = 0; w < ARRAY_LEN(widths); w++) {
            char *text = desk_text(&d, widths[w], false);
            CU_ASSERT_TRUE(is_clean(text, "\n"));
            CU_ASSERT_TRUE(longest_line(text) <= widths[w]);
            free(text);
        }
        desk_close(&d);
    }
}

static void json_holds_them_as_text(void) {
    for (size_t k = 0; k < HOSTILE_NAMES; k++) {
        struct desk d;
        open_hostile(&d, hostile_name(k));
        char *text = desk_form(&d, report_json);
        json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
        CU_ASSERT_FATAL(json != NULL);
        CU_ASSERT_TRUE(is_clean(text, "\n"));
        const json_t *run = json_array_get(json_object_get(json, "runs"), 1);
        CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(run, "scenario")),
                               d.facts[1].scenario);
        CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(run, "reproduce")),
                               d.report.runs[1].reproduce);
        json_decref(json);
        free(text);
        desk_close(&d);
    }
}

static size_t count_of(xmlDoc *doc, const char *path) {
    xmlXPathContext *context = xmlXPathNewContext(doc);
    xmlXPathObject *found = xmlXPathEval((const xmlChar *)path, context);
    size_t count = found && found->nodesetval ? (size_t)found->nodesetval->nodeNr : 0;
    xmlXPathFreeObject(found);
    xmlXPathFreeContext(context);
    return count;
}

static void junit_holds_them_as_attributes(void) {
    for (size_t k = 0; k < HOSTILE_NAMES; k++) {
        struct desk d;
        open_hostile(&d, hostile_name(k));
        char *text = desk_form(&d, report_junit);
        xmlDoc *doc = xmlReadMemory(text, (int)strlen(text), "junit.xml", NULL, XML_PARSE_NONET);
        CU_ASSERT_FATAL(doc != NULL);
        CU_ASSERT_TRUE(is_clean(text, "\n"));
        CU_ASSERT_EQUAL(count_of(doc, "//testcase"), 2);
        CU_ASSERT_EQUAL(count_of(doc, "//failure"), 1);
        CU_ASSERT_EQUAL(count_of(doc, "//testcase//*"), 1);
        CU_ASSERT_EQUAL(count_of(doc, "//script | //img"), 0);
        xmlFreeDoc(doc);
        free(text);
        desk_close(&d);
    }
}

static void csv_keeps_cells_apart(void) {
    for (size_t k = 0; k < HOSTILE_NAMES; k++) {
        struct desk d;
        struct csv_read head = {0}, line = {0};
        uint32_t lines = 0;
        open_hostile(&d, hostile_name(k));
        char *text = desk_form(&d, report_csv), *at = text;
        CU_ASSERT_TRUE(is_clean(text, "\r\n"));
        CU_ASSERT_FATAL(csv_next(&at, &head));
        for (; csv_next(&at, &line); lines++) {
            CU_ASSERT_EQUAL(line.count, head.count);
            for (uint32_t c = 0; c < line.count; c++)
                CU_ASSERT_TRUE(line.cell[c][0] == '\0' || !strchr("=+-@", line.cell[c][0]));
            const char *scenario = csv_named(&head, &line, "scenario");
            CU_ASSERT_STRING_EQUAL(scenario + (scenario[0] == '\'' && hostile_name(k)[0] != '\''),
                                   d.facts[0].scenario);
        }
        CU_ASSERT_EQUAL(lines, 2);
        CU_ASSERT_STRING_EQUAL(at, "");
        free(text);
        desk_close(&d);
    }
}

static void markdown_makes_nothing_of_them(void) {
    for (size_t k = 0; k < HOSTILE_NAMES; k++) {
        struct desk d;
        open_hostile(&d, hostile_name(k));
        char *text = desk_form(&d, report_markdown);
        CU_ASSERT_TRUE(is_clean(text, "\n"));
        markdown_is_harmless(text, 1);
        free(text);
        desk_close(&d);
    }
}

TEST_MAIN("forms of hostile names", TEST(text_stays_within_its_lines),
          TEST(json_holds_them_as_text), TEST(junit_holds_them_as_attributes),
          TEST(csv_keeps_cells_apart), TEST(markdown_makes_nothing_of_them))
