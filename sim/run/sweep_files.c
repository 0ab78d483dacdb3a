/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/sweep_files.h"

#include "reports/forms/sweep_forms.h"
#include "sim/run/folder.h"
#include "sim/run/form_files.h"
#include "sim/run/terminal.h"

static void json(const void *sweep, FILE *out) { sweep_json(sweep, out); }
static void junit(const void *sweep, FILE *out) { sweep_junit(sweep, out); }
static void markdown(const void *sweep, FILE *out) { sweep_markdown(sweep, out); }
static void csv(const void *sweep, FILE *out) { sweep_csv(sweep, out); }

static const struct form form_table[] = {{"json", "report.json", json},
                                         {"junit", NULL, junit},
                                         {"markdown", "report.md", markdown},
                                         {"csv", "report.csv", csv}};
static const struct form_list forms = {form_table, ARRAY_LEN(form_table)};

static bool is_results(const void *context, const char *name) {
    (void)context;
    return strcmp(name, "results.jsonl") == 0 || strcmp(name, "results.jsonl.part") == 0;
}

bool sweep_files_fit(const char *folder, struct diags *diags) {
    struct folder_use use = {folder, is_results, NULL};
    return folder_fits(&use, diags);
}

bool sweep_files_possible(const struct arguments *a, struct diags *diags) {
    return form_files_possible(forms, a, diags);
}

enum status sweep_files(const struct sweep *sweep, const struct arguments *a, const char *folder) {
    sweep_text(sweep, stdout, terminal_width(stdout), terminal_colour(stdout));
    return status_worse(sweep->status, form_files(forms, sweep, a, folder));
}

void sweep_files_remove(const char *folder) { form_files_remove(forms, folder); }
