/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_EXPLORE_EXPLORE_H
#define SIM_EXPLORE_EXPLORE_H
/*
 * Every order of events at a small configuration: real engines (their step function, through their
 * contract) beside a minimal lock store, registry and deploy target, instead of one order a seed.
 * From the moment at which every engine has stated its intent, each message may arrive before or
 * after any other of another connection and after any timer, and, within the stated budgets, be
 * lost; leases may end early, engines stand still and go on, or end. All else is answered at once:
 * metrics, evidence, patches, checks, audit.
 *
 * States that have been followed as deep before are not followed again: a state is what decides
 * what comes next (eng_fingerprint, the messages under way, the store, the timers), with times
 * counted from now. A message that is delayed is so for as long as any timers run.
 */
#include "engine/config.h"

#define EXPLORE_ENGINES_MAX  3
#define EXPLORE_SERVICES_MAX 2
#define EXPLORE_DEPTH_MAX    60

struct explore_options {
    uint32_t engines, resources,
        depth;       /* resources: 1, all on one service; 2: one calls the other */
    uint32_t delays; /* messages that are late on a path: time passes although they could arrive */
    uint32_t losses, expiries, pauses, crashes; /* on one path, at most */
    bool reorder; /* what goes over one connection may overtake; else only that of different ones */
    uint64_t states_max;
    struct eng_config config; /* of a policy; the graph is filled in */
};

/* What some path came to: a search that reaches nothing holds everything. */
#define EXPLORE_REACHED(W)                                                                         \
    W(QUEUED, "queued")                                                                            \
    W(HANDED_ON, "granted after a wait")                                                           \
    W(RENEWED, "renewed")                                                                          \
    W(LEASE_ENDED, "lease ended")                                                                  \
    W(ORDER_ACCEPTED, "order accepted")                                                            \
    W(ORDER_FENCED, "order fenced off")                                                            \
    W(STALE_BASE, "order on a stale base")                                                         \
    W(CONFLICT, "gave way to a conflict")                                                          \
    W(LOCK_LOST, "lost its lock and stopped")                                                      \
    W(SUSPENDED, "suspended")                                                                      \
    W(COMPLETED, "completed")                                                                      \
    W(CANCELLED, "cancelled")
#define EXPLORE_REACHED_(NAME, text) REACHED_##NAME,
enum explore_reached { EXPLORE_REACHED(EXPLORE_REACHED_) REACHED_COUNT };
extern const char *const explore_reached_names[];

struct explore_result {
    uint64_t reached[REACHED_COUNT]; /* events at which it was */
    uint64_t states, transitions;
    uint32_t deepest;   /* events on the longest path that was followed */
    bool cut_by_depth;  /* some path goes on beyond the depth */
    bool cut_by_states; /* states_max was reached */
    const char *broken; /* an invariant's name; NULL: all held */
    char why[160];
    uint32_t path_len;
    char path[EXPLORE_DEPTH_MAX][96]; /* of the violation: one event a line */
};

/* What is looked at in each state: names as the judge's where it looks at the same. */
extern const char *const explore_invariants[];
extern const uint32_t explore_invariant_count;

void explore_run(const struct explore_options *options, struct explore_result *result);

#endif
