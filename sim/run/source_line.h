/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RUN_SOURCE_LINE_H
#define SIM_RUN_SOURCE_LINE_H
/* The line that a diagnostic speaks of, and a caret under the place. */
#include <stdio.h>

/* line and column from 1, in bytes; nothing is printed for a place that the text does not have. */
void source_line_print(FILE *out, const char *text, int line, int column);

#endif
