/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/report_files.h"
#include "reports/forms/forms.h"
#include "sim/run/files.h"

static const struct form {
    const char *option;
    void (*write)(const struct report *report, FILE *out);
} forms[] = {{"json", report_json},
             {"junit", report_junit},
             {"markdown", report_markdown},
             {"csv", report_csv}};

#define FILES_MAX (ARRAY_LEN(forms) + 1)
struct files {
    struct file_out list[FILES_MAX];
    uint32_t count;
};

static void another_form(const struct form *form, const char *path, struct diags *diags) {
    diag_error(diags, path, 0, 0, "--%s: another form goes to this file", form->option);
}

/* One of the forms before goes to the same file, and not to a pipe, which takes both. */
static bool is_named_before(const struct arguments *a, size_t form, const char *path) {
    for (size_t k = 0; k < form; k++) {
        const char *other = argument(a, forms[k].option);
        if (other && strcmp(other, path) == 0 && !file_is_written_in_place(path)) return true;
    }
    return false;
}

bool report_files_possible(const struct arguments *a, struct diags *diags) {
    for (size_t k = 0; k < ARRAY_LEN(forms); k++) {
        const char *path = argument(a, forms[k].option);
        if (!path) continue;
        if (is_named_before(a, k, path)) {
            another_form(&forms[k], path, diags);
            return false;
        }
        if (!file_possible(path, diags)) return false;
    }
    return true;
}

static bool is_taken(const struct files *files, const char *path) {
    for (uint32_t k = 0; k < files->count; k++)
        if (files->list[k].beside[0] && strcmp(files->list[k].path, path) == 0) return true;
    return false;
}

static bool write_form(struct files *files, const struct form *form, const struct report *report,
                       const char *path, struct diags *diags) {
    if (is_taken(files, path)) {
        another_form(form, path, diags);
        return false;
    }
    struct file_out *out = &files->list[files->count];
    if (!file_begin(out, path, diags)) return false;
    files->count++;
    form->write(report, out->stream);
    return true;
}

static bool write_all(struct files *files, const struct report *report, const struct arguments *a,
                      const char *folder, struct diags *diags) {
    for (size_t k = 0; k < ARRAY_LEN(forms); k++) {
        const char *path = argument(a, forms[k].option);
        if (path && !write_form(files, &forms[k], report, path, diags)) return false;
    }
    if (!folder) return true;
    char path[600];
    snprintf(path, sizeof path, "%s/report.json", folder);
    const char *json = argument(a, "json");
    return (json && strcmp(json, path) == 0) || write_form(files, &forms[0], report, path, diags);
}

enum status report_files(const struct report *report, const struct arguments *arguments,
                         const char *folder) {
    struct diags diags = {0};
    struct files files = {.count = 0};
    bool whole = write_all(&files, report, arguments, folder, &diags);
    for (uint32_t k = 0; k < files.count; k++) {
        if (!whole)
            file_abandon(&files.list[k]);
        else if (!file_commit(&files.list[k], &diags))
            whole = false; /* those before it stand, and are whole */
    }
    return whole ? STATUS_OK : bad_input(&diags);
}
