/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text, JSON, CSV, Markdown and JUnit tell the same figures of the same runs: one that passed, one
 * in which an invariant broke, and one that says nothing. */
#include "engine/base/ratio.h"
#include "reports/forms/figures.h"
#include "reports/forms/naming.h"
#include "tests/runner.h"
#include "tests/support/report_desk.h"
#include <jansson.h>
#include <libxml/parser.h>
#include <libxml/xmlschemas.h>
#include <libxml/xpath.h>

static void two_holders(struct tb *t, enum act act) {
    if (act == ACT_LOCKED) tb_granted(t, TB_S(15.5), 1, 6, SCOPE_SERVICE, TB_PAYMENT);
}

static void open_three(struct desk *d) {
    struct tb_names names = TB_PLAIN_NAMES;
    names.topology = "shop";
    desk_open(d);
    names.file = "01_story.yaml";
    whole_story_named(desk_trace(d), &names, no_twist);
    desk_add(d, "firedrill run 01_story --seed 7");
    names.scenario = "broken";
    whole_story_named(desk_trace(d), &names, two_holders);
    desk_add(d, "firedrill run broken --seed 7");
    names.topology = "bookinfo";
    names.scenario = "silent";
    names.file = "silent.yaml";
    tb_begin(desk_trace(d));
    tb_plan_named(desk_trace(d), &names, "auto_fix", "resolved");
    tb_end_of(desk_trace(d), TB_S(75));
    desk_add(d, "firedrill run silent --seed 7");
    CU_ASSERT_EQUAL_FATAL(d->verdicts[0].kind, VERDICT_PASS);
    CU_ASSERT_EQUAL_FATAL(d->verdicts[1].kind, VERDICT_FAIL);
    CU_ASSERT_EQUAL_FATAL(d->verdicts[2].kind, VERDICT_INCONCLUSIVE);
}

static const json_t *run_of(const json_t *report, uint32_t run) {
    return json_array_get(json_object_get(report, "runs"), run);
}
static const char *text_of(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "no such key";
}
static json_t *json_of(const struct desk *d) {
    char *text = desk_form(d, report_json);
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    CU_ASSERT_FATAL(json != NULL);
    free(text);
    return json;
}

/* ---- CSV beside JSON: every column by its key ---- */

static void same_value(const json_t *value, const char *cell) {
    char text[32] = "";
    if (json_is_integer(value))
        snprintf(text, sizeof text, "%lld", (long long)json_integer_value(value));
    else if (json_is_boolean(value))
        snprintf(text, sizeof text, "%s", json_is_true(value) ? "true" : "false");
    CU_ASSERT_STRING_EQUAL(json_is_string(value) ? json_string_value(value) : text, cell);
}

static uint32_t same_columns(const struct csv_read *head, const struct csv_read *line,
                             const json_t *run, const json_t *incident) {
    const json_t *expected = json_object_get(incident, "expected");
    const json_t *buckets = json_object_get(incident, "buckets_ns");
    uint32_t compared = 0;
    for (uint32_t k = 0; k < head->count; k++) {
        const char *name = head->cell[k];
        char plain[64];
        snprintf(plain, sizeof plain, "%.*s", (int)strlen(name) - 3, name);
        const json_t *value = json_object_get(incident, name);
        if (!value) value = json_object_get(run, name);
        if (!value) value = json_object_get(buckets, plain); /* detect_ns is "detect" there */
        if (strcmp(name, "incident") == 0) value = json_object_get(incident, "name");
        if (strcmp(name, "run_verdict") == 0) value = json_object_get(run, "verdict");
        if (strncmp(name, "expected_", 9) == 0) value = json_object_get(expected, name + 9);
        if (strcmp(name, "row") == 0) continue;
        CU_ASSERT_PTR_NOT_NULL(value);
        same_value(value, line->cell[k]);
        compared++;
    }
    return compared;
}

static void csv_says_what_json_says(void) {
    struct desk d;
    struct csv_read head = {0}, line = {0};
    open_three(&d);
    json_t *json = json_of(&d);
    char *csv = desk_form(&d, report_csv), *at = csv;
    CU_ASSERT_FATAL(csv_next(&at, &head));
    for (uint32_t r = 0; r < d.count; r++) {
        const json_t *incidents = json_object_get(run_of(json, r), "incidents");
        CU_ASSERT(json_array_size(incidents) > 0);
        for (size_t i = 0; i < json_array_size(incidents); i++) {
            CU_ASSERT_FATAL(csv_next(&at, &line));
            CU_ASSERT_EQUAL(line.count, head.count);
            CU_ASSERT_EQUAL(
                same_columns(&head, &line, run_of(json, r), json_array_get(incidents, i)),
                head.count - 1);
            CU_ASSERT_STRING_EQUAL(csv_named(&head, &line, "row"), r < 2 ? "01" : "");
        }
    }
    CU_ASSERT_FALSE(csv_next(&at, &line));
    free(csv);
    json_decref(json);
    desk_close(&d);
}

/* ---- JUnit ---- */

static xmlDoc *junit_of(const struct desk *d) {
    char *text = desk_form(d, report_junit);
    xmlDoc *doc = xmlReadMemory(text, (int)strlen(text), "junit.xml", NULL, XML_PARSE_NONET);
    CU_ASSERT_FATAL(doc != NULL);
    free(text);
    return doc;
}
static bool conforms(xmlDoc *doc) {
    xmlSchemaParserCtxt *parser =
        xmlSchemaNewParserCtxt(FIREDRILL_SOURCE_DIR "/tests/support/junit.xsd");
    xmlSchema *schema = xmlSchemaParse(parser);
    xmlSchemaValidCtxt *check = xmlSchemaNewValidCtxt(schema);
    bool good = schema && check && xmlSchemaValidateDoc(check, doc) == 0;
    xmlSchemaFreeValidCtxt(check);
    xmlSchemaFree(schema);
    xmlSchemaFreeParserCtxt(parser);
    return good;
}
/* What an XPath expression comes to, as text. */
static bool xml_says(xmlDoc *doc, const char *path, const char *expected) {
    xmlXPathContext *context = xmlXPathNewContext(doc);
    xmlXPathObject *found = xmlXPathEval((const xmlChar *)path, context);
    xmlChar *text = xmlXPathCastToString(found);
    bool same = strcmp((const char *)text, expected) == 0;
    if (!same) fprintf(stderr, "  %s: \"%s\", expected \"%s\"\n", path, text, expected);
    xmlFree(text);
    xmlXPathFreeObject(found);
    xmlXPathFreeContext(context);
    return same;
}

static void junit_conforms_to_the_common_schema(void) {
    struct desk d;
    open_three(&d);
    xmlDoc *doc = junit_of(&d);
    CU_ASSERT_TRUE(conforms(doc));
    xmlSetProp(xmlDocGetRootElement(doc), (const xmlChar *)"time", (const xmlChar *)"1.0000");
    fputs("  the next error is wanted:\n  ", stderr);
    CU_ASSERT_FALSE(conforms(doc));
    xmlFreeDoc(doc);
    desk_close(&d);
}

static void junit_says_what_json_says(void) {
    static const char *const verdicts[] = {"", "failure", "error"};
    struct desk d;
    open_three(&d);
    json_t *json = json_of(&d);
    xmlDoc *doc = junit_of(&d);
    CU_ASSERT_TRUE(xml_says(doc, "/testsuites/@tests", "3"));
    CU_ASSERT_TRUE(xml_says(doc, "/testsuites/@failures", "1"));
    CU_ASSERT_TRUE(xml_says(doc, "/testsuites/@errors", "1"));
    CU_ASSERT_TRUE(xml_says(doc, "/testsuites/@time", "225.000"));
    CU_ASSERT_TRUE(xml_says(doc, "count(//testcase)", "3"));
    for (uint32_t r = 0; r < d.count; r++) {
        const json_t *run = run_of(json, r);
        char path[160];
        const char *const same[] = {"digest", "file", "reproduce"};
        for (size_t k = 0; k < ARRAY_LEN(same); k++) {
            snprintf(path, sizeof path, "//testsuite[%u]//property[@name='%s']/@value", r + 1,
                     same[k]);
            CU_ASSERT_TRUE(xml_says(doc, path, text_of(run, same[k])));
        }
        snprintf(path, sizeof path, "//testsuite[%u]/testcase/@classname", r + 1);
        CU_ASSERT_TRUE(xml_says(doc, path, text_of(run, "topology")));
        snprintf(path, sizeof path, "//testsuite[%u]/testcase/@time", r + 1);
        CU_ASSERT_TRUE(xml_says(doc, path, "75.000"));
        snprintf(path, sizeof path, "name(//testsuite[%u]/testcase/*)", r + 1);
        CU_ASSERT_TRUE(xml_says(doc, path, verdicts[d.verdicts[r].kind]));
    }
    CU_ASSERT_TRUE(xml_says(doc, "//testsuite[1]//property[@name='mttr_ns payment errors']/@value",
                            "24000000000"));
    CU_ASSERT_TRUE(
        xml_says(doc, "count(//testsuite[3]//property[starts-with(@name, 'mttr_ns')])", "0"));
    CU_ASSERT_TRUE(xml_says(doc, "//failure/@type", d.verdicts[1].violations.list[0].invariant));
    CU_ASSERT_TRUE(xml_says(doc, "//failure/@message", text_of(run_of(json, 1), "why")));
    CU_ASSERT_TRUE(xml_says(doc, "//error/@message", text_of(run_of(json, 2), "why")));
    CU_ASSERT_TRUE(
        xml_says(doc, "contains(//failure, 'reproduce: firedrill run broken --seed 7')", "true"));
    CU_ASSERT_TRUE(xml_says(doc, "contains(//failure, '15.500 s')", "true"));
    xmlFreeDoc(doc);
    json_decref(json);
    desk_close(&d);
}

/* ---- what people read ---- */

static void text_and_markdown_say_what_json_says(void) {
    struct desk d;
    struct mttr m;
    struct survival survival;
    char time[24], line[160];
    open_three(&d);
    report_mttr(&d.report, &m, &survival);
    char *const forms[] = {desk_text(&d, 200, false), desk_form(&d, report_markdown)};
    for (size_t k = 0; k < ARRAY_LEN(forms); k++) {
        snprintf(line, sizeof line, "%u passed, %u failed, %u inconclusive; %u violation",
                 d.report.passed, d.report.failed, d.report.inconclusive, d.report.violations);
        CU_ASSERT_PTR_NOT_NULL(strstr(forms[k], line));
        figure_time(time, sizeof time, m.repaired.mean.value);
        CU_ASSERT_PTR_NOT_NULL(strstr(forms[k], time));
        snprintf(line, sizeof line, "%u repaired, %u with a person, %u unresolved",
                 m.repaired.count, m.escalated, m.unresolved);
        CU_ASSERT_PTR_NOT_NULL(strstr(forms[k], line));
        for (uint32_t r = 0; r < d.count; r++) {
            char title[128];
            bool told = strstr(forms[k], run_title(title, sizeof title, &d.report.runs[r])) != NULL;
            CU_ASSERT_EQUAL(told, d.verdicts[r].kind != VERDICT_PASS);
            CU_ASSERT_EQUAL(strstr(forms[k], d.report.runs[r].reproduce) != NULL, told);
        }
        free(forms[k]);
    }
    desk_close(&d);
}

/* Every number that the text prints of incidents, groups, locks and indicators, in its own words.
 */
static void holds(const char *text, const char *what) {
    bool told = strstr(text, what) != NULL;
    if (!told) fprintf(stderr, "  the text does not say \"%s\"\n", what);
    CU_ASSERT_TRUE(told);
}
static void holds_time(const char *text, const json_t *value) {
    char time[24];
    time_ns ns = json_is_integer(value) ? json_integer_value(value) : TIME_NEVER;
    holds(text, figure_time(time, sizeof time, ns));
}
static void text_has_the_figures_of_json(void) {
    struct desk d;
    char line[200], share[3][24];
    open_three(&d);
    json_t *json = json_of(&d);
    char *text = desk_text(&d, 240, false);
    const char *name;
    json_t *i, *group, *list, *incident;
    size_t k;
    json_object_foreach(json_object_get(json, "indicators"), name, i) {
        int64_t part = json_integer_value(json_object_get(i, "part"));
        int64_t whole = json_integer_value(json_object_get(i, "whole")), made = 0;
        json_array_foreach(json_object_get(i, "made_by"), k, group) {
            made += json_integer_value(json_object_get(group, "whole"));
        }
        CU_ASSERT_EQUAL(made, whole);
        snprintf(line, sizeof line, "%lld/%lld", (long long)part, (long long)whole);
        holds(text, line);
        if (whole == 0) continue;
        holds(text, figure_share(share[0], sizeof share[0], muldiv(part, PPM_ONE, whole)));
        holds(text, figure_share(share[1], sizeof share[1],
                                 json_integer_value(json_object_get(i, "low_ppm"))));
        holds(text, figure_share(share[2], sizeof share[2],
                                 json_integer_value(json_object_get(i, "high_ppm"))));
    }
    for (uint32_t r = 0; r < d.count; r++) {
        json_array_foreach(json_object_get(run_of(json, r), "incidents"), k, incident) {
            holds_time(text, json_object_get(incident, "mttr_ns"));
            holds_time(text, json_object_get(incident, "mttr_seen_ns"));
        }
    }
    json_object_foreach(json_object_get(json, "groups"), name, list) {
        json_int_t incidents = 0;
        json_array_foreach(list, k, group) {
            json_t *m = json_object_get(group, "mttr");
            incidents += json_integer_value(json_object_get(m, "incidents"));
            holds_time(text,
                       json_object_get(json_object_get(json_object_get(m, "repaired"), "mean"),
                                       "value_ns"));
        }
        CU_ASSERT_EQUAL(incidents, json_integer_value(json_object_get(json_object_get(json, "mttr"),
                                                                      "incidents")));
    }
    free(text);
    json_decref(json);
    desk_close(&d);
}

static void markdown_is_a_table_with_a_row_an_incident(void) {
    struct desk d;
    open_three(&d);
    char *text = desk_form(&d, report_markdown);
    CU_ASSERT_PTR_NOT_NULL(strstr(text,
                                  "| 01 | story | shop | payment errors | auto_fix, resolved | "
                                  "auto_fix, resolved | 24.000s | 22.000s | pass |\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "|  | silent | bookinfo | "));
    free(text);
    desk_close(&d);
}

static void every_form_is_the_same_again(void) {
    void (*const forms[])(const struct report *, FILE *) = {report_json, report_junit,
                                                            report_markdown, report_csv};
    struct desk one, other;
    open_three(&one);
    open_three(&other);
    for (size_t k = 0; k < ARRAY_LEN(forms); k++) {
        char *a = desk_form(&one, forms[k]), *b = desk_form(&other, forms[k]);
        CU_ASSERT_STRING_EQUAL(a, b);
        free(a);
        free(b);
    }
    desk_close(&one);
    desk_close(&other);
}

TEST_MAIN("forms agree", TEST(csv_says_what_json_says), TEST(junit_conforms_to_the_common_schema),
          TEST(junit_says_what_json_says), TEST(text_and_markdown_say_what_json_says),
          TEST(text_has_the_figures_of_json), TEST(markdown_is_a_table_with_a_row_an_incident),
          TEST(every_form_is_the_same_again))
