/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_JUDGE_SEEN_H
#define REPORTS_JUDGE_SEEN_H
/* What was seen where nothing that has a name was: for people who ask why. A sentence each. */
#include "reports/judge/truth.h"

/* Why none of the reactions holds: what came nearest, and what of it did not hold. */
void seen_unclassified(const struct facts *facts, const struct incident *incident,
                       enum outcome outcome, char *why, size_t size);
/* How far an incident came that stands. */
void seen_open(const struct facts *facts, const struct incident *incident, char *why, size_t size);
/* What happened in a run in which nothing was to happen. */
void seen_instead_of_nothing(const struct facts *facts, const struct incident *incident, char *why,
                             size_t size);

#endif
