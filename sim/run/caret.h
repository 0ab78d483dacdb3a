/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RUN_CARET_H
#define SIM_RUN_CARET_H
/* Diagnostics with what they speak of beneath: the line of the file, and a caret at the place. */
#include "engine/base/diag.h"

/* Those of one file in the order of their places. text, terminated: the file that those are about
 * whose name is `file`. */
void diag_print_source(const struct diags *diags, const char *file, const char *text, FILE *out);

#endif
