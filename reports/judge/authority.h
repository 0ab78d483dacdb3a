/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_JUDGE_AUTHORITY_H
#define REPORTS_JUDGE_AUTHORITY_H
/*
 * Who may command and who may approve, by the plan and the policy as the trace states them; and
 * what an engine did in the very step in which it heard somebody. A trace that states no authority
 * is of a policy that has none: then everybody of the plan may.
 */
#include "reports/judge/facts.h"

/* What a person said: a command, or an answer. */
struct said {
    const struct seen_input *input;
    struct person_id person;
    const struct text *team, *role;
    bool command;
};
/* False when the input is nothing that a person said. */
bool said_of(const struct seen_input *input, struct said *out);
bool said_authorised(const struct facts *facts, const struct said *said);

bool truth_authorised(const struct facts *facts, const struct in_person_command *command);

/* The first and the last effect (one past it) of the step that an input began. */
const struct seen_effect *step_begin(const struct facts *facts, const struct seen_input *input);
bool in_step(const struct facts *facts, const struct seen_input *input,
             const struct seen_effect *effect);

/* Whether somebody's yes counts, by the team and role that the plan states of that person. */
bool person_may_approve(const struct facts *facts, struct person_id person);

/* What people said who may not, or by an approval that is no good (of another plan than asked
 * about, used before, too old), and for which an entry of manual intervention is stored. */
int64_t authority_refused(const struct facts *facts, time_ns until);

#endif
