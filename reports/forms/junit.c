/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/forms/forms.h"
#include "reports/forms/junit_parts.h"
#include "reports/forms/naming.h"
#include "reports/forms/troubles.h"

/* A run is a suite of one case, for readers know properties of suites only. */

static void properties(xmlTextWriter *xml, const struct report_run *run) {
    char text[JUNIT_TEXT], name[96];
    xmlTextWriterStartElement(xml, JUNIT("properties"));
    junit_property(xml, "file", run_file(text, sizeof text, run));
    snprintf(text, sizeof text, "%llu", (unsigned long long)run->verdict->seed);
    junit_property(xml, "seed", text);
    junit_property(xml, "digest", run_digest(text, run));
    for (uint32_t i = 0; i < run->verdict->count; i++) {
        const struct judged *j = &run->verdict->list[i];
        if (j->mttr == TIME_NEVER) continue;
        snprintf(name, sizeof name, "mttr_ns %s", j->incident.name);
        snprintf(text, sizeof text, "%lld", (long long)j->mttr);
        junit_property(xml, name, text);
    }
    junit_property(xml, "reproduce", run->reproduce);
    xmlTextWriterEndElement(xml);
}

/* All of a run's troubles in one element: of several, readers show one. */
static void outcome(xmlTextWriter *xml, const struct report_run *run) {
    const struct verdict *v = run->verdict;
    struct trouble t;
    char text[JUNIT_TEXT];
    if (!trouble_first(run, &t)) return;
    xmlTextWriterStartElement(xml, JUNIT(v->kind == VERDICT_FAIL ? "failure" : "error"));
    junit_attribute(xml, "message", t.why);
    junit_attribute(xml, "type", v->kind == VERDICT_FAIL ? t.what : "inconclusive");
    for (uint32_t k = 0; trouble_at(run, k, &t); k++)
        junit_line(xml, trouble_sentence(text, sizeof text, &t));
    if (v->violations.dropped > 0) {
        snprintf(text, sizeof text, "and %u more", v->violations.dropped);
        junit_line(xml, text);
    }
    snprintf(text, sizeof text, "reproduce: %s", run->reproduce);
    junit_line(xml, text);
    xmlTextWriterEndElement(xml);
}

static void suite(xmlTextWriter *xml, const struct report_run *run) {
    char text[JUNIT_TEXT];
    xmlTextWriterStartElement(xml, JUNIT("testsuite"));
    junit_attribute(xml, "name", run_title(text, sizeof text, run));
    junit_count(xml, "tests", 1);
    junit_count(xml, "failures", run->verdict->kind == VERDICT_FAIL);
    junit_count(xml, "errors", run->verdict->kind == VERDICT_INCONCLUSIVE);
    junit_time(xml, run->facts->ends_at);
    properties(xml, run);
    xmlTextWriterStartElement(xml, JUNIT("testcase"));
    snprintf(text, sizeof text, "%s, seed %llu", run->verdict->scenario,
             (unsigned long long)run->verdict->seed);
    junit_attribute(xml, "name", text);
    junit_attribute(xml, "classname", run->facts->topology);
    junit_time(xml, run->facts->ends_at);
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
    xmlTextWriter *xml = junit_begin(out);
    time_ns time = 0;
    for (uint32_t r = 0; r < report->run_count; r++) time += report->runs[r].facts->ends_at;
    junit_count(xml, "tests", report->run_count);
    junit_count(xml, "failures", runs_of(report, VERDICT_FAIL));
    junit_count(xml, "errors", runs_of(report, VERDICT_INCONCLUSIVE));
    junit_time(xml, time);
    for (uint32_t r = 0; r < report->run_count; r++) suite(xml, &report->runs[r]);
    junit_end(xml);
}
