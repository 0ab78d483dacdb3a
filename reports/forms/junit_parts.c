/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/forms/junit_parts.h"
#include "engine/base/check.h"
#include "engine/base/diag.h"

/* Valid UTF-8 without what no XML may hold, not even escaped. Cut texts may end within a character:
 * what is left of it is shown as bytes. */
static const xmlChar *legal(char out[JUNIT_TEXT], const char *text) {
    printable(out, JUNIT_TEXT, text, strlen(text));
    for (char *at = out; (at = strstr(at, "\xEF\xBF")); at += 3)
        if ((uint8_t)at[2] >= 0xBE) at[2] = '\xBD'; /* U+FFFE and U+FFFF become U+FFFD */
    return JUNIT(out);
}

void junit_attribute(xmlTextWriter *xml, const char *name, const char *value) {
    char text[JUNIT_TEXT];
    xmlTextWriterWriteAttribute(xml, JUNIT(name), legal(text, value));
}
void junit_count(xmlTextWriter *xml, const char *name, uint32_t count) {
    xmlTextWriterWriteFormatAttribute(xml, JUNIT(name), "%u", count);
}
void junit_time(xmlTextWriter *xml, time_ns ns) {
    long long ms = (long long)(ns / NS_PER_MS);
    xmlTextWriterWriteFormatAttribute(xml, JUNIT("time"), "%lld.%03lld", ms / 1000, ms % 1000);
}
void junit_line(xmlTextWriter *xml, const char *text) {
    char copy[JUNIT_TEXT];
    xmlTextWriterWriteString(xml, legal(copy, text));
    xmlTextWriterWriteString(xml, JUNIT("\n"));
}

void junit_property(xmlTextWriter *xml, const char *name, const char *value) {
    xmlTextWriterStartElement(xml, JUNIT("property"));
    junit_attribute(xml, "name", name);
    junit_attribute(xml, "value", value);
    xmlTextWriterEndElement(xml);
}

xmlTextWriter *junit_begin(FILE *out) {
    xmlOutputBuffer *buffer = xmlOutputBufferCreateFile(out, NULL); /* flushes, does not close */
    xmlTextWriter *xml = buffer ? xmlNewTextWriter(buffer) : NULL;
    ASSERT(xml != NULL);
    xmlTextWriterSetIndent(xml, 1);
    xmlTextWriterStartDocument(xml, "1.0", "UTF-8", NULL);
    xmlTextWriterStartElement(xml, JUNIT("testsuites"));
    junit_attribute(xml, "name", "firedrill");
    return xml;
}

void junit_end(xmlTextWriter *xml) {
    xmlTextWriterEndElement(xml);
    xmlTextWriterEndDocument(xml);
    xmlFreeTextWriter(xml);
}
