/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RUN_FOLDER_H
#define SIM_RUN_FOLDER_H
/*
 * Folders that commands fill (--out DIR). What one run leaves there and what another left there
 * would be read as one, by "firedrill report DIR" and by people, so a folder is filled only when
 * what firedrill left there before is of the same: what this very command would write over or go on
 * with. What firedrill never writes is nobody's business and stays.
 */
#include "engine/base/diag.h"

struct folder_use {
    const char *path;
    /* Would this command write this file of the folder, or go on with it? */
    bool (*own)(const void *context, const char *name);
    const void *context;
};

/* False after a diagnostic that names what is there. A folder that is not there fits. */
bool folder_fits(const struct folder_use *use, struct diags *diags) MUST_CHECK;
/* A report's file in the folder of a command: report.json, .md, .csv, .html. */
bool folder_is_report(const char *name);
/* Makes it and the folders above it where they are missing. False after a message on stderr. */
bool folder_make(const char *folder) MUST_CHECK;

#endif
