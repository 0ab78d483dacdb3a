/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ENGINE_AUTHORITY_H
#define ENGINE_AUTHORITY_H
/*
 * Who may command and who may approve, by team and role of the policy, and what an approval covers.
 * That somebody is of the team and role that he names is the host's to know: it authenticates.
 *
 * An approval is bound to one operation and its plan (by the plan's hash, which covers both),
 * serves once, and lives human_override.approval_life_seconds from the moment at which it was
 * given. That moment is another machine's and comes as wall time; from the approval's arrival on
 * its life runs by our own monotonic clock, so a clock that is set back makes none live longer.
 */
#include "engine/core.h"

bool may_command(const struct engine *e, const struct text *team, const struct text *role);
bool may_approve(const struct engine *e, const struct text *team, const struct text *role);

struct approval {
    int64_t number;
    struct hash plan; /* that it was given for */
    time_ns issued_wall;
};
/* Why it does not serve for that plan, now; NULL: it does, and has served by this. */
const char *approval_refused(struct engine *e, const struct approval *approval,
                             const struct hash *plan);
/* How long ago it was given. */
time_ns approval_age(const struct engine *e, const struct approval *approval);

/* Audits that somebody was refused what he wanted, and why, and tells somebody. */
void person_refused(struct engine *e, const struct op *op, const char *what,
                    const struct text *team, const struct text *role, const char *why);

#endif
