/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_FORMS_COMPARE_FORMS_H
#define REPORTS_FORMS_COMPARE_FORMS_H
/* The forms of a comparison (reports/compare.h) and of what was demanded of it. */
#include "reports/demand.h"
#include <stdio.h>

struct comparison { /* what the forms show */
    const struct compare *compare;
    const struct demands *limits;
    const char *base, *candidate; /* where they come from; any text */
    const char *changed; /* in one sentence, what is not the same in their plans; printable */
};
/* Whether all limits hold. */
bool comparison_holds(const struct comparison *c);

void compare_text(const struct comparison *c, FILE *out, int width, bool colour);
/* One object; keys are stable. */
void compare_json(const struct comparison *c, FILE *out);
/* A limit is a case. */
void compare_junit(const struct comparison *c, FILE *out);
void compare_markdown(const struct comparison *c, FILE *out);

#endif
