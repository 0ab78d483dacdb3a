/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page says what JSON says, holds names as text, and asks nothing of any other place. */
#include "reports/forms/naming.h"
#include "reports/groups.h"
#include "reports/layout.h"
#include "reports/spans.h"
#include "tests/support/hostile.h"
#include "tests/support/report_desk.h"
#include <jansson.h>
#include <libxml/HTMLparser.h>
#include <libxml/xpath.h>

static void break_it(struct tb *t, enum act act) {
    if (act == ACT_LOCKED) tb_granted(t, TB_S(15.5), 1, 6, SCOPE_SERVICE, TB_PAYMENT);
}

static void open_two(struct desk *d, const char *name) {
    struct tb_names names = {name, name, name, name, name, name};
    desk_open(d);
    whole_story_named(desk_trace(d), &names, no_twist);
    desk_add(d, name);
    whole_story_named(desk_trace(d), &names, break_it);
    desk_add(d, name);
}

static htmlDocPtr page_of(const struct desk *d, char **text) {
    *text = desk_form(d, report_html);
    htmlDocPtr doc = htmlReadMemory(*text, (int)strlen(*text), "page", "UTF-8",
                                    HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET);
    CU_ASSERT_PTR_NOT_NULL_FATAL(doc);
    return doc;
}

/* What an XPath expression comes to, as text; the caller frees it with xmlFree. */
static xmlChar *evaluated(htmlDocPtr doc, const char *path) {
    xmlXPathContext *context = xmlXPathNewContext(doc);
    xmlXPathObject *found = xmlXPathEval((const xmlChar *)path, context);
    xmlChar *text = xmlXPathCastToString(found);
    xmlXPathFreeObject(found);
    xmlXPathFreeContext(context);
    return text;
}
static void page_says(htmlDocPtr doc, const char *path, const char *expected) {
    xmlChar *text = evaluated(doc, path);
    CU_ASSERT_STRING_EQUAL((const char *)text, expected);
    xmlFree(text);
}
static json_t *data_of(htmlDocPtr doc, int run) {
    char path[80];
    snprintf(path, sizeof path, "//section[@id='run-%d']/script[@class='data']", run);
    xmlChar *text = evaluated(doc, path);
    json_t *data = json_loads((const char *)text, JSON_REJECT_DUPLICATES, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(data);
    xmlFree(text);
    return data;
}

static void figures_are_those_of_json(void) {
    struct desk d;
    char *text, expected[64];
    open_two(&d, "story");
    htmlDocPtr doc = page_of(&d, &text);
    char *json_text_of = desk_form(&d, report_json);
    json_t *json = json_loads(json_text_of, 0, NULL);
    const json_t *runs = json_object_get(json, "runs");
    for (size_t r = 0; r < json_array_size(runs); r++) {
        const json_t *run = json_array_get(runs, r);
        const json_t *incident = json_array_get(json_object_get(run, "incidents"), 0);
        char path[120];
        const char *const keys[] = {"mttr_ns", "mttr_seen_ns"};
        for (int k = 0; k < 2; k++) {
            const json_t *value = json_object_get(incident, keys[k]);
            snprintf(expected, sizeof expected, "%lld", (long long)json_integer_value(value));
            snprintf(path, sizeof path, "//table[@id='matrix']/tbody/tr[%zu]/td[%d]/@data-ns",
                     r + 1, 5 + k);
            page_says(doc, path, json_is_null(value) ? "" : expected);
        }
        snprintf(path, sizeof path, "//table[@id='matrix']/tbody/tr[%zu]/td[last()]/span", r + 1);
        page_says(doc, path, json_string_value(json_object_get(incident, "verdict")));
        snprintf(path, sizeof path, "//section[@id='run-%zu']//table[@class='incidents']//tr/td[7]",
                 r + 1);
        snprintf(expected, sizeof expected, "%lld",
                 (long long)json_integer_value(json_object_get(incident, "failed_requests")));
        page_says(doc, path, expected);
    }
    const json_t *mean = json_object_get(
        json_object_get(json_object_get(json_object_get(json, "mttr"), "repaired"), "mean"),
        "value_ns");
    snprintf(expected, sizeof expected, "%lld", (long long)json_integer_value(mean));
    page_says(doc, "//table[@id='repair-times']/tbody/tr[1]/td[1]/@data-ns", expected);
    json_decref(json);
    free(json_text_of);
    free(text);
    xmlFreeDoc(doc);
    desk_close(&d);
}

/* ---- each table beside the list that JSON has of the same ---- */

static const json_t *at(const json_t *o, const char *path) {
    char key[64];
    for (const char *from = path; o && *from;) {
        size_t len = strcspn(from, "/");
        snprintf(key, sizeof key, "%.*s", (int)len, from);
        o = json_object_get(o, key);
        from += len + (from[len] == '/');
    }
    return o;
}

/* Column by column: where in an element of the list the figure stands, and whether the page has its
 * nanoseconds in data-ns. NULL: not compared. */
struct column {
    const char *key;
    bool time;
};
static uint32_t table_is(htmlDocPtr doc, const char *rows, size_t first, const json_t *list,
                         const struct column *columns, size_t count) {
    uint32_t compared = 0;
    for (size_t k = 0; k < json_array_size(list); k++) {
        for (size_t c = 0; c < count; c++) {
            const json_t *value = at(json_array_get(list, k), columns[c].key ? columns[c].key : "");
            char path[200], expected[64] = "";
            if (!columns[c].key) continue;
            CU_ASSERT_PTR_NOT_NULL_FATAL(value);
            snprintf(path, sizeof path, "%s[%zu]/*[%zu]%s", rows, first + k + 1, c + 1,
                     columns[c].time ? "/@data-ns" : "");
            if (json_is_integer(value))
                snprintf(expected, sizeof expected, "%lld", (long long)json_integer_value(value));
            page_says(doc, path, json_is_string(value) ? json_string_value(value) : expected);
            compared++;
        }
    }
    return compared;
}

static void waiting_in_line(struct tb *t, enum act act) {
    struct rec_lock lock = {.engine = 1,
                            .op = {11},
                            .scope = SCOPE_SERVICE,
                            .name = TB_ORDER,
                            .event = LOCK_GRANTED,
                            .holder = {11},
                            .token_epoch = 1,
                            .token_number = 900};
    if (act != ACT_CLOSED) return;
    tb_lock(t, TB_S(40), &lock);
    lock.event = LOCK_QUEUED;
    lock.op.v = 12;
    lock.queue = 1;
    tb_lock(t, TB_S(41), &lock);
    lock.event = LOCK_LEFT;
    lock.queue = 0;
    tb_lock(t, TB_S(46), &lock);
}

static void tables_are_those_of_json(void) {
    static const struct column groups[] = {
        {NULL, false},
        {"name", false},
        {"mttr/incidents", false},
        {"mttr/repaired/count", false},
        {"mttr/escalated", false},
        {"mttr/unresolved", false},
        {"mttr/repaired/mean/value_ns", true},
        {"mttr/repaired/p50/value_ns", true},
        {"mttr/repaired/p95/value_ns", true},
        {"mttr/repaired/p99/value_ns", true},
        {"survival/p50/value_ns", true},
        {"mttr/failed_requests", false},
        {NULL, false},
        {"mttr/pages", false},
    };
    static const struct column locks[] = {
        {"lock", false},
        {"requests", false},
        {"grants", false},
        {"timeouts", false},
        {"refused", false},
        {"lost", false},
        {"queue_max", false},
        {"wait/p50/value_ns", true},
        {"wait/p95/value_ns", true},
        {"wait/p99/value_ns", true},
        {"wait/max_ns", true},
        {"hold/p50/value_ns", true},
        {"hold/p95/value_ns", true},
        {"hold/p99/value_ns", true},
        {"hold/max_ns", true},
    };
    static const struct column waits[] = {{"waiter", false}, {"for", false},    {NULL, false},
                                          {"lock", false},   {"from_ns", true}, {"to_ns", true}};
    struct desk d;
    char *text;
    desk_open(&d);
    whole_story(desk_trace(&d), waiting_in_line);
    desk_add(&d, "");
    whole_story(desk_trace(&d), no_twist);
    desk_add(&d, "");
    htmlDocPtr doc = page_of(&d, &text);
    char *json_form = desk_form(&d, report_json);
    json_t *json = json_loads(json_form, 0, NULL);
    const json_t *run = json_array_get(json_object_get(json, "runs"), 0);
    size_t before = 0;
    for (int by = 0; by < GROUPING_COUNT; by++) {
        const json_t *list =
            json_object_get(json_object_get(json, "groups"), grouping_name((enum grouping)by));
        CU_ASSERT_TRUE(table_is(doc, "//table[@id='groups']/tbody/tr", before, list, groups,
                                ARRAY_LEN(groups)) >= 12);
        before += json_array_size(list);
    }
    CU_ASSERT_TRUE(table_is(doc, "//section[@id='run-1']//table[@class='locks']/tbody/tr", 0,
                            at(run, "contention/locks"), locks, ARRAY_LEN(locks)) > 15);
    CU_ASSERT_EQUAL(table_is(doc, "//section[@id='run-1']//table[@class='waits']/tbody/tr", 0,
                             at(run, "contention/waits_for/edges"), waits, ARRAY_LEN(waits)),
                    5);
    for (int k = 0; k < INDICATOR_COUNT; k++) {
        const json_t *i =
            at(json_object_get(json, "indicators"), indicator_name((enum indicator)k));
        char path[160], expected[64];
        snprintf(path, sizeof path, "//table[@id='indicator-table']/tbody/tr[%d]/td[2]", k + 1);
        snprintf(expected, sizeof expected, "%lld/%lld",
                 (long long)json_integer_value(json_object_get(i, "part")),
                 (long long)json_integer_value(json_object_get(i, "whole")));
        page_says(doc, path, expected);
        snprintf(path, sizeof path, "count(//table[@id='indicator-table']/tbody/tr[%d]//li)",
                 k + 1);
        snprintf(expected, sizeof expected, "%zu", json_array_size(json_object_get(i, "made_by")));
        page_says(doc, path, expected);
    }
    json_decref(json);
    free(json_form);
    free(text);
    xmlFreeDoc(doc);
    desk_close(&d);
}

/* Buckets and phases are of one timeline: the phases' lengths add up to the time to repair. */
static void the_data_tells_the_run(void) {
    struct desk d;
    char *text;
    open_two(&d, "story");
    htmlDocPtr doc = page_of(&d, &text);
    json_t *data = data_of(doc, 1), *span;
    size_t k;
    json_int_t sum = 0, end = json_integer_value(json_object_get(data, "end"));
    CU_ASSERT_EQUAL(end, TB_S(75) / NS_PER_US);
    json_array_foreach(json_object_get(data, "spans"), k, span) {
        json_int_t from = json_integer_value(json_array_get(span, 2));
        json_int_t to = json_integer_value(json_array_get(span, 3));
        CU_ASSERT_TRUE(from >= 0 && from <= to && to <= end);
        if (strcmp(json_string_value(json_array_get(span, 1)), "phase") == 0) sum += to - from;
    }
    CU_ASSERT_EQUAL(sum, TB_S(24) / NS_PER_US);
    json_t *services = json_object_get(data, "services"), *service;
    json_array_foreach(services, k, service) {
        CU_ASSERT_EQUAL(json_string_length(json_array_get(service, 5)), 76);
    }
    CU_ASSERT_EQUAL(k, d.facts[0].service.count);
    json_decref(data);
    free(text);
    xmlFreeDoc(doc);
    desk_close(&d);
}

static void lanes_hold_what_the_facts_hold(void) {
    struct desk d;
    uint32_t seen[SPAN_COUNT] = {0};
    open_two(&d, "story");
    struct spans spans = spans_of(&d.report.runs[0]);
    for (uint32_t k = 0; k < spans.count; k++) {
        const struct span *s = &spans.list[k];
        CU_ASSERT_TRUE(s->from <= s->to && s->to <= d.facts[0].ends_at);
        CU_ASSERT_TRUE(k == 0 || spans.list[k - 1].lane <= s->lane);
        CU_ASSERT_TRUE(s->lane < spans.lane_count);
        seen[s->kind]++;
    }
    CU_ASSERT_EQUAL(seen[SPAN_held], d.report.runs[0].contention.total.grants);
    CU_ASSERT_EQUAL(seen[SPAN_deployment], d.facts[0].traffic.count);
    CU_ASSERT_EQUAL(seen[SPAN_fault], d.facts[0].fault_on.count);
    CU_ASSERT_EQUAL(seen[SPAN_person], d.facts[0].message_delivered.count);
    CU_ASSERT_TRUE(seen[SPAN_phase] >= 6 && seen[SPAN_operation] >= 4);
    spans_free(&spans);
    desk_close(&d);
}

static void names_are_text(void) {
    struct desk plain;
    char *text;
    open_two(&plain, "story");
    htmlDocPtr doc = page_of(&plain, &text);
    xmlChar *elements = evaluated(doc, "count(//*[not(self::li)])");
    xmlFreeDoc(doc);
    free(text);
    desk_close(&plain);
    for (size_t k = 0; k < HOSTILE_NAMES; k++) {
        struct desk d;
        open_two(&d, hostile_name(k));
        doc = page_of(&d, &text);
        CU_ASSERT_TRUE(is_clean(text, "\n"));
        page_says(doc, "count(//*[not(self::li)])", (const char *)elements);
        page_says(doc, "count(//img | //iframe | //object | //embed)", "0");
        json_t *data = data_of(doc, 2);
        const json_t *first = json_array_get(json_object_get(data, "services"), 0);
        CU_ASSERT_STRING_EQUAL(json_string_value(json_array_get(first, 0)),
                               facts_service(&d.facts[1], d.facts[1].service.items[0].service));
        json_decref(data);
        free(text);
        xmlFreeDoc(doc);
        desk_close(&d);
    }
    xmlFree(elements);
}

static void nothing_is_fetched(void) {
    struct desk d;
    char *text;
    open_two(&d, "story");
    htmlDocPtr doc = page_of(&d, &text);
    page_says(doc, "count(//@src)", "0");
    page_says(doc, "count(//a[not(starts-with(@href, '#'))])", "0");
    page_says(doc, "string(//link/@href)", "data:,");
    page_says(doc, "starts-with(//meta[@http-equiv]/@content, \"default-src 'none';\")", "true");
    CU_ASSERT_PTR_NULL(strstr(text, "url("));
    CU_ASSERT_PTR_NULL(strstr(text, "@import"));
    CU_ASSERT_PTR_NULL(strstr(text, "innerHTML"));
    free(text);
    xmlFreeDoc(doc);
    desk_close(&d);
}

static void each_service_has_a_place_of_its_own(void) {
    struct desk d;
    open_two(&d, "story");
    const struct facts *f = &d.facts[0];
    struct layout layout = layout_of(f), again = layout_of(f);
    for (size_t a = 0; a < f->service.count; a++) {
        const struct place *p = &layout.places[a];
        CU_ASSERT_TRUE(p->layer < layout.layers && p->column < layout.columns);
        CU_ASSERT_EQUAL(memcmp(p, &again.places[a], sizeof *p), 0);
        for (size_t b = a + 1; b < f->service.count; b++)
            CU_ASSERT_TRUE(p->layer != layout.places[b].layer ||
                           p->column != layout.places[b].column);
    }
    EACH(f, call, c) { /* what is called stands at most a layer beneath its nearest caller */
        int64_t from = service_position(f, c->from), to = service_position(f, c->to);
        CU_ASSERT_TRUE(layout.places[to].layer <= layout.places[from].layer + 1);
    }
    layout_free(&layout);
    layout_free(&again);
    desk_close(&d);
}

/* What a screen reader goes by. */
static void it_has_landmarks_and_names(void) {
    struct desk d;
    char *text;
    open_two(&d, "story");
    htmlDocPtr doc = page_of(&d, &text);
    page_says(doc, "count(//main)", "1");
    page_says(doc, "count(//header) + count(//nav) + count(//footer)", "3");
    page_says(doc, "count(//h1)", "1");
    page_says(doc, "count(//section[not(@aria-labelledby)])", "0");
    page_says(doc, "count(//section[not(@aria-labelledby = //*/@id)])", "0");
    page_says(doc, "count(//th[not(@scope)])", "0");
    page_says(doc, "count(//input[not(ancestor::label)] | //select[not(ancestor::label)])", "0");
    page_says(doc, "count(//*[@id]) = count(//*[@id][not(@id = preceding::*/@id)])", "true");
    page_says(doc, "string(/html/@lang)", "en");
    free(text);
    xmlFreeDoc(doc);
    desk_close(&d);
}

TEST_MAIN("the page", TEST(figures_are_those_of_json), TEST(tables_are_those_of_json),
          TEST(the_data_tells_the_run), TEST(lanes_hold_what_the_facts_hold),
          TEST(each_service_has_a_place_of_its_own), TEST(names_are_text), TEST(nothing_is_fetched),
          TEST(it_has_landmarks_and_names))
