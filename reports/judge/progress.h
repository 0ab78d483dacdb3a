/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_JUDGE_PROGRESS_H
#define REPORTS_JUDGE_PROGRESS_H
/*
 * Whether the run ended too early to say what comes of an incident: an operation of it was on its
 * way, and a longer run could have ended it. One that a person has, one whose engine had suspended
 * itself, and one that made no step for longer than its policy takes are not on their way.
 */
#include "reports/judge/truth.h"

/* why: one sentence, when true. */
bool progress_cut_off(const struct facts *facts, const struct incident *incident, char *why,
                      size_t size);
/* The operation's last report of its state at or before "at"; NULL: none. */
const struct seen_effect *progress_state(const struct facts *facts, struct op_id op, time_ns at);
/* The "suspend" by which the engine's automation stands still at "at"; NULL: it goes on. */
const struct seen_effect *progress_suspended(const struct facts *facts, uint32_t engine,
                                             time_ns at);

#endif
