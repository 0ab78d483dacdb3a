/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_FORMS_MARKDOWN_PARTS_H
#define REPORTS_FORMS_MARKDOWN_PARTS_H
/* What the Markdown forms share: GitHub's and GitLab's dialect. */
#include "reports/report.h"

/* Shown as it stands: what could begin HTML, a table's cell, emphasis, a link or a mention is
 * written as an entity or behind a backslash. */
void markdown_text(FILE *out, const char *text);
/* A line of code as a block of its own, whatever backticks it has. */
void markdown_code(FILE *out, const char *text);
const char *markdown_mark(enum verdict_kind kind);
/* Scenarios by topologies, where there are several of these. */
void markdown_grid(const struct report *report, FILE *out);

#endif
