/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RUN_AUDIT_FORMS_H
#define SIM_RUN_AUDIT_FORMS_H
/*
 * An audit log in the forms that others take:
 *   chain          JSON lines, each with the former's hash and its own (engine/entry.h)
 *   checkpoints    JSON lines, one a signed checkpoint (audit_log.h)
 *   elasticsearch  the bulk API's NDJSON: an action and a document a line, the id from engine and
 *                  sequence, so that sending twice is no harm
 *   loki           the push API's JSON: a stream for each category and severity, values in order
 * The entry itself is always there byte by byte, so that a chain can be verified from any of them.
 */
#include "sim/run/audit_log.h"
#include <stdio.h>

void audit_write_chain(const struct audit_log *log, FILE *out);
void audit_write_checkpoints(const struct audit_log *log, FILE *out);
void audit_write_elasticsearch(const struct audit_log *log, FILE *out);
void audit_write_loki(const struct audit_log *log, FILE *out);
/* For people: time, number, severity, category, whose, what. */
void audit_write_row(const struct audit_log *log, const struct audit_line *line, FILE *out);
void audit_write_statistics(const struct audit_log *log, FILE *out);

#endif
