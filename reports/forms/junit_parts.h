/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_FORMS_JUNIT_PARTS_H
#define REPORTS_FORMS_JUNIT_PARTS_H
/* What the JUnit forms share. All text may be anything; it is escaped, and what no XML may hold is
 * shown as bytes. Elements and attributes are those that all readers know:
 * tests/support/junit.xsd. */
#include "engine/base/simtime.h"
#include <libxml/xmlwriter.h>
#include <stdio.h>

#define JUNIT(text) ((const xmlChar *)(text))
#define JUNIT_TEXT  1024 /* longer text is cut */

/* Within <testsuites name="firedrill">, whose attributes come first. */
xmlTextWriter *junit_begin(FILE *out);
void junit_end(xmlTextWriter *xml);

void junit_attribute(xmlTextWriter *xml, const char *name, const char *value);
void junit_count(xmlTextWriter *xml, const char *name, uint32_t count);
/* Seconds, three decimals: readers know no more. */
void junit_time(xmlTextWriter *xml, time_ns ns);
void junit_property(xmlTextWriter *xml, const char *name, const char *value);
void junit_line(xmlTextWriter *xml, const char *text);

#endif
