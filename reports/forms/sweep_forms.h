/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_FORMS_SWEEP_FORMS_H
#define REPORTS_FORMS_SWEEP_FORMS_H
/* The forms of a sweep's report, of a sweep that is finished. Nothing of the machine stands in
 * them: the same results make the same bytes. */
#include "reports/sweep.h"
#include <stdio.h>

/* Tables that fit the width (60 and more), then the seeds that did not pass. */
void sweep_text(const struct sweep *sweep, FILE *out, int width, bool colour);

/* One object; keys are stable and in a fixed order, as in report_json. Schema:
 * reports/forms/sweep.schema.json. */
void sweep_json(const struct sweep *sweep, FILE *out);

/* JUnit XML: a scenario on a topology is a case; inconclusive and crashed are errors. */
void sweep_junit(const struct sweep *sweep, FILE *out);

/* For a CI summary: verdict, what did not pass and what reproduces it, times with intervals. */
void sweep_markdown(const struct sweep *sweep, FILE *out);

/* RFC 4180, a scenario on a topology a line; times in nanoseconds, empty for what did not happen.
 */
void sweep_csv(const struct sweep *sweep, FILE *out);

#endif
