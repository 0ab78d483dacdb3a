/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/forms/junit_parts.h"
#include "reports/forms/sweep_forms.h"

/* A scenario on a topology is a suite of one case, however many seeds it ran with. */

#define SHOWN_MAX 10 /* seeds told of for each; all stand in the results */

static bool has_failed(const struct sweep_figures *f) { return f->failed > 0; }
static bool has_erred(const struct sweep_figures *f) {
    return !has_failed(f) && (f->crashed > 0 || f->inconclusive > 0);
}

static void property_count(xmlTextWriter *xml, const char *name, int64_t count) {
    char text[24];
    snprintf(text, sizeof text, "%lld", (long long)count);
    junit_property(xml, name, text);
}

static void properties(xmlTextWriter *xml, const struct sweep *sweep,
                       const struct sweep_figures *f) {
    const struct distribution *d = &f->mttr.repaired;
    xmlTextWriterStartElement(xml, JUNIT("properties"));
    property_count(xml, "first_seed", (int64_t)sweep->plan->first_seed);
    property_count(xml, "runs", f->runs);
    property_count(xml, "passed", f->passed);
    property_count(xml, "failed", f->failed);
    property_count(xml, "inconclusive", f->inconclusive);
    property_count(xml, "crashed", f->crashed);
    if (d->count > 0) {
        property_count(xml, "mttr_mean_ns", d->mean.value);
        property_count(xml, "mttr_p50_ns", d->p50.value);
        property_count(xml, "mttr_p95_ns", d->p95.value);
        property_count(xml, "mttr_p99_ns", d->p99.value);
    }
    xmlTextWriterEndElement(xml);
}

/* The first seeds that did not pass, all in one element: of several, readers show one. */
static void outcome(xmlTextWriter *xml, const struct sweep_figures *f) {
    char text[JUNIT_TEXT];
    if (!has_failed(f) && !has_erred(f)) return;
    xmlTextWriterStartElement(xml, JUNIT(has_failed(f) ? "failure" : "error"));
    snprintf(text, sizeof text, "%u of %u seeds did not pass", f->runs - f->passed, f->runs);
    junit_attribute(xml, "message", text);
    junit_attribute(xml, "type", has_failed(f) ? "fail" : f->crashed ? "crash" : "inconclusive");
    for (uint32_t k = 0; k < f->trouble_count && k < SHOWN_MAX; k++) {
        const struct sweep_trouble *t = &f->troubles[k];
        snprintf(text, sizeof text, "seed %llu, %s: %s", (unsigned long long)t->seed,
                 run_status_name(t->status), t->why);
        junit_line(xml, text);
        snprintf(text, sizeof text, "  reproduce: %s", t->reproduce);
        junit_line(xml, text);
    }
    xmlTextWriterEndElement(xml);
}

static void suite(xmlTextWriter *xml, const struct sweep *sweep, uint32_t index) {
    const struct sweep_part *part = &sweep->plan->parts[index];
    const struct sweep_figures *f = &sweep->parts[index];
    char text[JUNIT_TEXT];
    snprintf(text, sizeof text, "%s on %s", part->scenario, part->topology);
    xmlTextWriterStartElement(xml, JUNIT("testsuite"));
    junit_attribute(xml, "name", text);
    junit_count(xml, "tests", 1);
    junit_count(xml, "failures", has_failed(f));
    junit_count(xml, "errors", has_erred(f));
    properties(xml, sweep, f);
    xmlTextWriterStartElement(xml, JUNIT("testcase"));
    junit_attribute(xml, "name", part->scenario);
    junit_attribute(xml, "classname", part->topology);
    outcome(xml, f);
    xmlTextWriterEndElement(xml);
    xmlTextWriterEndElement(xml);
}

void sweep_junit(const struct sweep *sweep, FILE *out) {
    uint32_t parts = sweep->plan->part_count, failures = 0, errors = 0;
    xmlTextWriter *xml = junit_begin(out);
    for (uint32_t k = 0; k < parts; k++) {
        failures += has_failed(&sweep->parts[k]);
        errors += has_erred(&sweep->parts[k]);
    }
    junit_count(xml, "tests", parts);
    junit_count(xml, "failures", failures);
    junit_count(xml, "errors", errors);
    for (uint32_t k = 0; k < parts; k++) suite(xml, sweep, k);
    junit_end(xml);
}
