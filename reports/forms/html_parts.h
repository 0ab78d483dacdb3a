/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_FORMS_HTML_PARTS_H
#define REPORTS_FORMS_HTML_PARTS_H
/*
 * The parts of the HTML page. It is one file: style and scripts stand in it (reports/forms/page/,
 * put into the program when it is built), nothing is fetched, and its policy (CSP) forbids to. What
 * it shows without scripts are the tables; scripts draw each run from the data beside it.
 */
#include "reports/report.h"
#include <stdio.h>

/* Text as text: what could be markup is written as entities, what no XML may hold as bytes. */
void html_text(FILE *out, const char *text);
/* A table's cell: <td>text</td>, and one for figures, to the right. */
void html_cell(FILE *out, const char *text);
void html_figure(FILE *out, const char *text);
/* A time as people read it, its nanoseconds in a data attribute. */
void html_time(FILE *out, time_ns ns);
/* "<span class=...>pass</span>" */
void html_verdict(FILE *out, enum verdict_kind kind);

void html_summary(FILE *out, const struct report *report);
void html_figures(FILE *out, const struct report *report);
/* Its parts that have a file of their own. */
void html_groups(FILE *out, const struct report *report);
void html_lock_waits(FILE *out, const struct report *report);
void html_indicators(FILE *out, const struct report *report);
void html_locks(FILE *out, const struct report_run *run);
void html_run(FILE *out, const struct report_run *run, uint32_t index);
/* The data that the scripts draw the run from: JSON within a script element. */
void html_data(FILE *out, const struct report_run *run);

/* A histogram of durations with a table of the same; nothing without samples, which get sorted. */
void html_histogram(FILE *out, const char *title, const char *id, time_ns *samples, size_t count);

extern const char page_page_css[], page_theme_js[], page_topology_js[], page_timeline_js[],
    page_player_js[];

#endif
