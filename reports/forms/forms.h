/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_FORMS_FORMS_H
#define REPORTS_FORMS_FORMS_H
/*
 * The forms of a report: the same figures in each (docs/REPORTS.md says what each figure is). Every
 * name that comes from a file or a trace is printable by the time it gets here; nothing of them is
 * trusted as markup. None holds anything of the machine: the same traces make the same bytes.
 */
#include "reports/report.h"

/* Tables that fit the width (60 and more): columns that matter least are left out, long cells end
 * in "~", nothing wraps within a cell. Colour (ANSI) only when asked for. */
void report_text(const struct report *report, FILE *out, int width, bool colour);

/* One object; keys are stable and in a fixed order; integers are nanoseconds (.._ns), millionths
 * (.._ppm) or counts; null is "did not happen". Schema: reports/forms/report.schema.json. */
void report_json(const struct report *report, FILE *out);

/* JUnit XML: a run is a suite of one case (classname: topology; time: simulated), for readers know
 * properties of suites only. A failure's text says why, when, and what reproduces it; inconclusive
 * is an error. */
void report_junit(const struct report *report, FILE *out);

/* For a CI summary: verdict, what did not pass and what reproduces it, time to repair, the matrix.
 */
void report_markdown(const struct report *report, FILE *out);

/* RFC 4180, an incident a line; times in nanoseconds, empty for what did not happen. */
void report_csv(const struct report *report, FILE *out);

/* What happened, in some thirty lines: "00:02.000  detected payment errors 7.8%". */
void timeline_text(const struct facts *facts, FILE *out);
/* The same line by line; how many more there would have been. */
typedef void (*timeline_line)(void *context, time_ns at, const char *text);
uint32_t timeline_each(const struct facts *facts, timeline_line each, void *context);

/* The control plane's own metrics and the services' requests as series over time: OpenMetrics with
 * timestamps (reports/forms/openmetrics_series.h lists them), to be loaded into a Prometheus. */
void report_openmetrics(const struct report *report, FILE *out);

/* For a trace viewer such as ui.perfetto.dev: engines, incidents, locks, deployments, faults and
 * people as tracks, with flows. */
void report_perfetto(const struct report *report, FILE *out);

/* One page for a browser: the figures as tables, and each run to look at and to play: its topology
 * over time, its lanes (reports/spans.h), its decisions. Nothing is fetched from anywhere. */
void report_html(const struct report *report, FILE *out);

#endif
