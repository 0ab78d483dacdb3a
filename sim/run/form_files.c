/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/form_files.h"
#include "engine/base/check.h"
#include "sim/run/files.h"
#include "sim/run/needed.h"

#include <unistd.h>

struct files {
    struct file_out list[2 * FORMS_MAX];
    uint32_t count;
};

static void another_form(const struct form *form, const char *path, struct diags *diags) {
    diag_error(diags, path, 0, 0, "--%s: another form goes to this file", form->option);
}

/* One of the forms before goes to the same file, and not to a pipe, which takes both. */
static bool is_named_before(struct form_list forms, const struct arguments *a, uint32_t form,
                            const char *path) {
    for (uint32_t k = 0; k < form; k++) {
        const char *other = argument(a, forms.forms[k].option);
        if (other && strcmp(other, path) == 0 && !file_is_written_in_place(path)) return true;
    }
    return false;
}

bool form_files_possible(struct form_list forms, const struct arguments *a, struct diags *diags) {
    for (uint32_t k = 0; k < forms.count; k++) {
        const char *path = argument(a, forms.forms[k].option);
        if (!path) continue;
        if (is_named_before(forms, a, k, path)) {
            another_form(&forms.forms[k], path, diags);
            return false;
        }
        if (!needed_spared(forms.forms[k].option, path, diags) || !file_possible(path, diags))
            return false;
    }
    return true;
}

static bool is_taken(const struct files *files, const char *path) {
    for (uint32_t k = 0; k < files->count; k++)
        if (files->list[k].beside[0] && strcmp(files->list[k].path, path) == 0) return true;
    return false;
}

static bool write_form(struct files *files, const struct form *form, const void *subject,
                       const char *path, struct diags *diags) {
    if (is_taken(files, path)) {
        another_form(form, path, diags);
        return false;
    }
    struct file_out *out = &files->list[files->count];
    if (!file_begin(out, path, diags)) return false;
    files->count++;
    form->write(subject, out->stream);
    return true;
}

static void in_folder(char *path, size_t size, const char *folder, const struct form *form) {
    snprintf(path, size, "%s/%s", folder, form->in_folder);
}

static bool write_all(struct files *files, struct form_list forms, const void *subject,
                      const struct arguments *a, const char *folder, struct diags *diags) {
    for (uint32_t k = 0; k < forms.count; k++) {
        const char *path = argument(a, forms.forms[k].option);
        if (path && !write_form(files, &forms.forms[k], subject, path, diags)) return false;
    }
    for (uint32_t k = 0; folder && k < forms.count; k++) {
        const struct form *form = &forms.forms[k];
        const char *asked = argument(a, form->option);
        char path[600];
        if (!form->in_folder) continue;
        in_folder(path, sizeof path, folder, form);
        if (asked && strcmp(asked, path) == 0) continue; /* it stands there already */
        if (!write_form(files, form, subject, path, diags)) return false;
    }
    return true;
}

enum status form_files(struct form_list forms, const void *subject,
                       const struct arguments *arguments, const char *folder) {
    struct diags diags = {0};
    struct files files = {.count = 0};
    ASSERT(forms.count <= FORMS_MAX);
    bool whole = write_all(&files, forms, subject, arguments, folder, &diags);
    for (uint32_t k = 0; k < files.count; k++) {
        if (!whole)
            file_abandon(&files.list[k]);
        else if (!file_commit(&files.list[k], &diags))
            whole = false; /* those before it stand, and are whole */
    }
    return whole ? STATUS_OK : bad_input(&diags);
}

void form_files_remove(struct form_list forms, const char *folder) {
    for (uint32_t k = 0; k < forms.count; k++) {
        char path[600];
        if (!forms.forms[k].in_folder) continue;
        in_folder(path, sizeof path, folder, &forms.forms[k]);
        unlink(path);
    }
}
