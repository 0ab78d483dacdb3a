/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/forms/compare_forms.h"
#include "reports/forms/junit_parts.h"

static void one(xmlTextWriter *xml, const struct comparison *c, const struct demand *limit) {
    char why[400];
    bool holds = demand_holds(limit, c->compare, why, sizeof why);
    xmlTextWriterStartElement(xml, JUNIT("testcase"));
    junit_attribute(xml, "name", limit->text);
    junit_attribute(xml, "classname", "compare");
    if (!holds) {
        xmlTextWriterStartElement(xml, JUNIT("failure"));
        junit_attribute(xml, "message", why);
        junit_attribute(xml, "type", "fail");
        junit_line(xml, why);
        xmlTextWriterEndElement(xml);
    }
    xmlTextWriterEndElement(xml);
}

void compare_junit(const struct comparison *c, FILE *out) {
    char why[400];
    uint32_t failures = 0;
    xmlTextWriter *xml = junit_begin(out);
    for (uint32_t k = 0; k < c->limits->count; k++)
        failures += !demand_holds(&c->limits->list[k], c->compare, why, sizeof why);
    junit_count(xml, "tests", c->limits->count);
    junit_count(xml, "failures", failures);
    junit_count(xml, "errors", 0);
    xmlTextWriterStartElement(xml, JUNIT("testsuite"));
    junit_attribute(xml, "name", "firedrill compare");
    junit_count(xml, "tests", c->limits->count);
    junit_count(xml, "failures", failures);
    junit_count(xml, "errors", 0);
    for (uint32_t k = 0; k < c->limits->count; k++) one(xml, c, &c->limits->list[k]);
    xmlTextWriterEndElement(xml);
    junit_end(xml);
}
