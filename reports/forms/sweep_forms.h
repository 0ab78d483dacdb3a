/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_FORMS_SWEEP_FORMS_H
#define REPORTS_FORMS_SWEEP_FORMS_H
/* The forms of a sweep's report, of a sweep that is finished. Nothing of the machine stands in
 * them: the same results make the same bytes. */
#include "reports/sweep.h"
#include <stdio.h>

/* Tables that fit the width (60 and more), then the seeds that did not pass. */
void sweep_text(const struct sweep *sweep, FILE *out, int width, bool colour);

/* One object; keys are stable and in a fixed order, as in report_json. */
void sweep_json(const struct sweep *sweep, FILE *out);

/* JUnit XML: a scenario on a topology is a case; inconclusive and crashed are errors. */
void sweep_junit(const struct sweep *sweep, FILE *out);

#endif
