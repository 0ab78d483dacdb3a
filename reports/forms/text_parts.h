/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_FORMS_TEXT_PARTS_H
#define REPORTS_FORMS_TEXT_PARTS_H
/* The parts of the text form that have a file of their own, and the columns that its tables begin
 * with: what a line is about. */
#include "reports/forms/naming.h"
#include "reports/forms/page.h"

enum { NAME_ROW, NAME_SCENARIO, NAME_TOPOLOGY, NAME_SEED, NAMES };
#define NAME_COLUMNS                                                                               \
    {"#", 0, 0, true}, {"scenario", 0, 21, false}, {"topology", 0, 15, false}, {                   \
        "seed", 0, 0, true                                                                         \
    }
void page_name_cells(struct table_row *row, const struct report_run *run, struct naming naming);

/* Scenarios by topologies, where there are several of these. */
void text_grid(const struct report *report, const struct page *page);
void text_repair(const struct report *report, const struct page *page);
void text_contention(const struct report *report, const struct page *page);
void text_indicators(const struct report *report, const struct page *page);
/* What is proven of all runs' waits-for graphs, in a sentence. */
void text_waits_for(const struct report *report, char *out, size_t size);

#endif
