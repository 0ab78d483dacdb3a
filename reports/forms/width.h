/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_FORMS_WIDTH_H
#define REPORTS_FORMS_WIDTH_H
/*
 * How wide text stands on a terminal. A code point takes one column, or two (East Asian wide and
 * full-width signs, emoji), or none (signs that combine with the one before); a control character
 * and a byte that is no UTF-8 take one. By a table of our own (width.def), since the C library's
 * depends on the locale, which is never set, and on the machine.
 */
#include <stdio.h>

int columns_of(const char *text);
/* Prints text cut to "width" columns, the last one "~" when cut; returns the columns printed. */
int print_cut(FILE *out, const char *text, int width);

#endif
