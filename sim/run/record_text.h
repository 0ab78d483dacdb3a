/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RUN_RECORD_TEXT_H
#define SIM_RUN_RECORD_TEXT_H
/* A trace record as one line for a person: "00:31.000 traffic service=7 stable=8 ...". Untrusted
 * text is made printable; crossings name their input or effect. */
#include "reports/judge/trace_reader.h"
#include <stdio.h>

void record_print(const struct trace_record *record, FILE *out);

#endif
