/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_FORMS_NAMING_H
#define REPORTS_FORMS_NAMING_H
/* What a run is called, in every form: its row of the matrix, its scenario, its topology, its seed,
 * its digest. */
#include "reports/report.h"

/* The number that its scenario's file begins with, as it stands there: "01" of
 * 01_high_error_rate.yaml. "" when there is none. */
#define ROW_NUMBER 8
const char *run_row(char out[ROW_NUMBER], const struct report_run *run);
/* The last part of its scenario's path, printable. */
const char *run_file(char *out, size_t size, const struct report_run *run);
#define DIGEST_TEXT 17
const char *run_digest(char out[DIGEST_TEXT], const struct report_run *run);

/* What tells a report's runs apart: a column that says the same in each line is left out. */
struct naming {
    bool topologies, seeds;
};
struct naming naming_of(const struct report *report);
/* "01 high_error_rate on shop, seed 7" */
const char *run_title(char *out, size_t size, const struct report_run *run);

/* What an engine orders: "restarts its pods", "adds 10 pods", "takes 10 pods away again", "drains
 * pod 3", "lets pod 3 serve again". */
#define REMEDY_WORDS 64
const char *remedy_words(char out[REMEDY_WORDS], const struct eff_remedy *order);

/* What was expected of an incident and what was seen, in words; where only the invariants are asked
 * that is "invariants" of nothing seen. */
const char *expected_reaction(const struct judged *judged);
const char *seen_reaction(const struct judged *judged); /* "": nothing */
const char *seen_outcome(const struct judged *judged);
/* Both in one: "auto_fix, resolved"; "invariants"; seen: "-". */
const char *expected_words(char *out, size_t size, const struct judged *judged);
const char *seen_words(char *out, size_t size, const struct judged *judged);

#endif
