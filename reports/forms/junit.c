/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/base/check.h"
#include "engine/base/diag.h"
#include "reports/forms/forms.h"
#include "reports/forms/naming.h"
#include "reports/forms/troubles.h"
#include <libxml/xmlwriter.h>

/* A run is a suite of one case, for readers know properties of suites only. The attributes are
 * those that all of them know. */

#define XML(text)  ((const xmlChar *)(text))
#define TEXT_LIMIT 1024

/* Valid UTF-8 without what no XML may hold, not even escaped. Cut texts may end within a character:
 * what is left of it is shown as bytes. */
static const xmlChar *legal(char out[TEXT_LIMIT], const char *text) {
    printable(out, TEXT_LIMIT, text, strlen(text));
    for (char *at = out; (at = strstr(at, "\xEF\xBF")); at += 3)
        if ((uint8_t)at[2] >= 0xBE) at[2] = '\xBD'; /* U+FFFE and U+FFFF become U+FFFD */
    return XML(out);
}

static void attribute(xmlTextWriter *xml, const char *name, const char *value) {
    char text[TEXT_LIMIT];
    xmlTextWriterWriteAttribute(xml, XML(name), legal(text, value));
}
static void attribute_count(xmlTextWriter *xml, const char *name, uint32_t count) {
    xmlTextWriterWriteFormatAttribute(xml, XML(name), "%u", count);
}
/* Surefire's times: seconds, at most three decimals. */
static void attribute_time(xmlTextWriter *xml, time_ns ns) {
    long long ms = (long long)(ns / NS_PER_MS);
    xmlTextWriterWriteFormatAttribute(xml, XML("time"), "%lld.%03lld", ms / 1000, ms % 1000);
}
static void line(xmlTextWriter *xml, const char *text) {
    char copy[TEXT_LIMIT];
    xmlTextWriterWriteString(xml, legal(copy, text));
    xmlTextWriterWriteString(xml, XML("\n"));
}

static void property(xmlTextWriter *xml, const char *name, const char *value) {
    xmlTextWriterStartElement(xml, XML("property"));
    attribute(xml, "name", name);
    attribute(xml, "value", value);
    xmlTextWriterEndElement(xml);
}

static void properties(xmlTextWriter *xml, const struct report_run *run) {
    char text[TEXT_LIMIT], name[96];
    xmlTextWriterStartElement(xml, XML("properties"));
    property(xml, "file", run_file(text, sizeof text, run));
    snprintf(text, sizeof text, "%llu", (unsigned long long)run->verdict->seed);
    property(xml, "seed", text);
    property(xml, "digest", run_digest(text, run));
    for (uint32_t i = 0; i < run->verdict->count; i++) {
        const struct judged *j = &run->verdict->list[i];
        if (j->mttr == TIME_NEVER) continue;
        snprintf(name, sizeof name, "mttr_ns %s", j->incident.name);
        snprintf(text, sizeof text, "%lld", (long long)j->mttr);
        property(xml, name, text);
    }
    property(xml, "reproduce", run->reproduce);
    xmlTextWriterEndElement(xml);
}

/* All of a run's troubles in one element: of several, readers show one. */
static void outcome(xmlTextWriter *xml, const struct report_run *run) {
    const struct verdict *v = run->verdict;
    struct trouble t;
    char text[TEXT_LIMIT];
    if (!trouble_first(run, &t)) return;
    xmlTextWriterStartElement(xml, XML(v->kind == VERDICT_FAIL ? "failure" : "error"));
    attribute(xml, "message", t.why);
    attribute(xml, "type", v->kind == VERDICT_FAIL ? t.what : "inconclusive");
    for (uint32_t k = 0; trouble_at(run, k, &t); k++)
        line(xml, trouble_sentence(text, sizeof text, &t));
    if (v->violations.dropped > 0) {
        snprintf(text, sizeof text, "and %u more", v->violations.dropped);
        line(xml, text);
    }
    snprintf(text, sizeof text, "reproduce: %s", run->reproduce);
    line(xml, text);
    xmlTextWriterEndElement(xml);
}

static void suite(xmlTextWriter *xml, const struct report_run *run) {
    char text[TEXT_LIMIT];
    xmlTextWriterStartElement(xml, XML("testsuite"));
    attribute(xml, "name", run_title(text, sizeof text, run));
    attribute_count(xml, "tests", 1);
    attribute_count(xml, "failures", run->verdict->kind == VERDICT_FAIL);
    attribute_count(xml, "errors", run->verdict->kind == VERDICT_INCONCLUSIVE);
    attribute_time(xml, run->facts->ends_at);
    properties(xml, run);
    xmlTextWriterStartElement(xml, XML("testcase"));
    snprintf(text, sizeof text, "%s, seed %llu", run->verdict->scenario,
             (unsigned long long)run->verdict->seed);
    attribute(xml, "name", text);
    attribute(xml, "classname", run->facts->topology);
    attribute_time(xml, run->facts->ends_at);
    outcome(xml, run);
    xmlTextWriterEndElement(xml);
    xmlTextWriterEndElement(xml);
}

static uint32_t runs_of(const struct report *report, enum verdict_kind kind) {
    uint32_t count = 0;
    for (uint32_t r = 0; r < report->run_count; r++) count += report->runs[r].verdict->kind == kind;
    return count;
}

void report_junit(const struct report *report, FILE *out) {
    xmlOutputBuffer *buffer = xmlOutputBufferCreateFile(out, NULL); /* flushes, does not close */
    xmlTextWriter *xml = buffer ? xmlNewTextWriter(buffer) : NULL;
    time_ns time = 0;
    ASSERT(xml != NULL);
    for (uint32_t r = 0; r < report->run_count; r++) time += report->runs[r].facts->ends_at;
    xmlTextWriterSetIndent(xml, 1);
    xmlTextWriterStartDocument(xml, "1.0", "UTF-8", NULL);
    xmlTextWriterStartElement(xml, XML("testsuites"));
    attribute(xml, "name", "firedrill");
    attribute_count(xml, "tests", report->run_count);
    attribute_count(xml, "failures", runs_of(report, VERDICT_FAIL));
    attribute_count(xml, "errors", runs_of(report, VERDICT_INCONCLUSIVE));
    attribute_time(xml, time);
    for (uint32_t r = 0; r < report->run_count; r++) suite(xml, &report->runs[r]);
    xmlTextWriterEndElement(xml);
    xmlTextWriterEndDocument(xml);
    xmlFreeTextWriter(xml);
}
