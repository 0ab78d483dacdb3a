/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_JUDGE_REACTION_H
#define REPORTS_JUDGE_REACTION_H
/*
 * The nine lines, first that holds, from facts within the incident's time (a TELL before onset
 * counts). Each "because" is checked against the world's truth; what a message says is not enough.
 */
#include "reports/judge/truth.h"

enum reaction reaction_of(const struct facts *facts, const struct incident *incident,
                          enum outcome outcome);

/* The traffic record by which the operation that let one of the incident's revisions serve took it
 * back, the former one serving in its place; NULL: none. *served: when it first served. */
const struct fact_traffic *reaction_rollback(const struct facts *facts,
                                             const struct incident *incident,
                                             const struct fact_traffic **served);
/* The first answer of CI that failed one of the incident's patches, which then never served. */
const struct fact_checked *reaction_rejected(const struct facts *facts,
                                             const struct incident *incident);
/* The first message about the incident that asks a person (TAKE_OVER, or also CONFIRM). */
const struct fact_message_delivered *
reaction_question(const struct facts *facts, const struct incident *incident, bool take_over_only);
/* The first TELL whose reason the world bears out and after which no service was touched. */
const struct fact_message_delivered *reaction_suspended(const struct facts *facts,
                                                        const struct incident *incident);
/* Whether the world's truth makes a question at that time an escalation. */
bool reaction_question_right(const struct facts *facts, const struct incident *incident,
                             time_ns at);
/* Until when nothing may be touched after a TELL; -1: its reason is none to stop for, or the world
 * does not bear it out. */
time_ns reaction_told_until(const struct facts *facts, const struct incident *incident,
                            const struct fact_message_delivered *told);
/* True when one of the incident's revisions served anything before "at". */
bool reaction_served_before(const struct facts *facts, const struct incident *incident, time_ns at);

/* The world's truth of a reason to stop, at a time (reaction_truth.c). */
bool truth_store_silent(const struct facts *facts, int64_t engine, time_ns at);
bool truth_chain_broken(const struct facts *facts, int64_t engine, time_ns at);
bool truth_evidence_missing(const struct facts *facts, const struct incident *incident, time_ns at);
/* When the pause or freeze that stands at "at" is lifted (TIME_NEVER: it stands); -1: none does. */
time_ns truth_pause_until(const struct facts *facts, int64_t engine, time_ns at);
bool truth_critical(const struct facts *facts, const struct incident *incident, time_ns at);
bool truth_cascade(const struct facts *facts, const struct incident *incident, time_ns at);
bool truth_blast(const struct facts *facts, const struct incident *incident);
bool truth_two_failures(const struct facts *facts, time_ns at);
/* A command that counts: by somebody the plan knows, of the team and role that the plan gives. */

#endif
