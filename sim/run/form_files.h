/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RUN_FORM_FILES_H
#define SIM_RUN_FORM_FILES_H
/* What a command reports, as files: one a form, each where its option says, and in the command's
 * folder. */
#include "sim/run/command.h"

struct form {
    const char *option;    /* whose value names the file */
    const char *in_folder; /* its name in the folder; NULL: it has no place there */
    void (*write)(const void *subject, FILE *out);
};
struct form_list {
    const struct form *forms;
    uint32_t count; /* at most FORMS_MAX */
};
#define FORMS_MAX 8

/* Whether every file can be made, and takes the place of none that is needed (needed.h); to be
 * asked before what takes long. */
bool form_files_possible(struct form_list forms, const struct arguments *arguments,
                         struct diags *diags) MUST_CHECK;
/* Files get their names once all are whole. folder NULL: none. */
enum status form_files(struct form_list forms, const void *subject,
                       const struct arguments *arguments, const char *folder);
/* Of what is about to be replaced by something that takes long. */
void form_files_remove(struct form_list forms, const char *folder);

#endif
