/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/report_files.h"
#include "reports/forms/forms.h"
#include "sim/run/form_files.h"

static void json(const void *report, FILE *out) { report_json(report, out); }
static void junit(const void *report, FILE *out) { report_junit(report, out); }
static void markdown(const void *report, FILE *out) { report_markdown(report, out); }
static void csv(const void *report, FILE *out) { report_csv(report, out); }
static void openmetrics(const void *report, FILE *out) { report_openmetrics(report, out); }
static void perfetto(const void *report, FILE *out) { report_perfetto(report, out); }
static void html(const void *report, FILE *out) { report_html(report, out); }

static const struct form list[] = {
    {"json", "report.json", json},       {"junit", NULL, junit},
    {"markdown", "report.md", markdown}, {"csv", "report.csv", csv},
    {"html", "report.html", html},       {"openmetrics", NULL, openmetrics},
    {"perfetto", NULL, perfetto}};
static const struct form_list forms = {list, ARRAY_LEN(list)};

bool report_files_possible(const struct arguments *arguments, struct diags *diags) {
    return form_files_possible(forms, arguments, diags);
}

enum status report_files(const struct report *report, const struct arguments *arguments,
                         const char *folder) {
    return form_files(forms, report, arguments, folder);
}
