/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RUN_TERMINAL_H
#define SIM_RUN_TERMINAL_H
/* What the standard streams are: width (60 to 400, COLUMNS or the terminal's, 120 when piped),
 * whether colour is wanted (a terminal, TERM not dumb, no NO_COLOR), and a progress line on stderr.
 */
#include "engine/base/base.h"
#include <stdio.h>

int terminal_width(FILE *stream);
bool terminal_colour(FILE *stream);

/* Text in lines no wider than the stream; "at" columns of the first are written already, further
 * lines begin at "indent". A word longer than a line stays whole. */
void print_wrapped(FILE *out, int at, int indent, const char *text);

/* One line that is rewritten while something runs; nothing unless stderr is a terminal that can. */
void progress(const char *format, ...) PRINTF_LIKE(1, 2);
void progress_clear(void);

#endif
