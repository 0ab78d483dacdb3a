/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_FORMS_PAGE_H
#define REPORTS_FORMS_PAGE_H
/* What the text forms share: a stream of a width, with or without colour. */
#include "reports/forms/table.h"
#include "reports/judge/judge.h"

struct page {
    FILE *out;
    int width;
    bool colour;
};

#define CELL(row, index, ...) snprintf((row)->cell[index], TABLE_CELL, __VA_ARGS__)

void page_heading(const struct page *page, const char *title);
/* Folded at spaces; a word longer than the line is cut. */
void page_sentence(const struct page *page, const char *indent, const char *text);
/* The verdict's colour, for a table's last cell. */
const char *page_paint(enum verdict_kind kind);
/* The verdict's word, coloured. */
void page_verdict(const struct page *page, enum verdict_kind kind);

#endif
