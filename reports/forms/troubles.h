/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_FORMS_TROUBLES_H
#define REPORTS_FORMS_TROUBLES_H
/* Why a run did not pass, one sentence each, in the order in which every form tells it: incidents,
 * what must not have happened and did, invariants. */
#include "reports/report.h"

struct trouble {
    enum verdict_kind kind;
    const char *what;    /* "expectation", "must_not", "run", or the invariant's name */
    const char *subject; /* the incident's name, or "" */
    const char *why;
    time_ns at; /* simulated; TIME_NEVER: at no one moment */
};

/* False when there are no more. A run that did not pass has at least one. */
bool trouble_at(const struct report_run *run, uint32_t index, struct trouble *out);
/* The first that made the run's verdict what it is; false for a run that passed. */
bool trouble_first(const struct report_run *run, struct trouble *out);
/* For a list beneath the run's name: "payment errors, judged at 00:34.000: ..."; what is about no
 * incident tells its time itself. */
const char *trouble_sentence(char *out, size_t size, const struct trouble *trouble);

#endif
