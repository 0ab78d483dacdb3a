/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RUN_NEEDED_H
#define SIM_RUN_NEEDED_H
/*
 * The files that this command reads or keeps, so that no output takes the place of one: a report
 * written over the trace it was made from would leave neither. What file_read and journal_read read
 * is noted by them; a command notes what it reads only later. Known by device and inode, so by
 * whatever name or link; one that is not there yet, by its folder and its name in it.
 */
#include "engine/base/diag.h"

void needed_note(const char *path);
/* False after a diagnostic that names the option, its file and the one that would be lost. */
bool needed_spared(const char *option, const char *path, struct diags *diags) MUST_CHECK;

#endif
