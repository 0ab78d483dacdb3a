/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_JUDGE_RECOMPUTE_H
#define REPORTS_JUDGE_RECOMPUTE_H
/*
 * Decisions once more, by type: from what a decision says that it was made from, and the policy as
 * the trace has it, which choice follows, and with which scores? Written from SPEC's rules,
 * naively, in floating point where the engine has tables. Where two roundings may differ, what the
 * engine says has to be near, and the choice has to follow from what it says.
 *
 * What is held against the world as well: figures of metrics (a reply to just that question, about
 * that service and revision, crossed by the time stated), that logs name a place, traces, patches,
 * checks, how many pods serve, the registry's intents and who holds a lock (the crossing they came
 * with), what depends on a service and how critical it is (the plan's graph, while the engine was
 * told of no other), time windows, objectives and the mode. What the engine counts by itself
 * (failed operations, incidents of the last hour, its own clocks, changes it remembers) is believed
 * here; failures_respected, cooldown_respected and others hold what follows from it against the
 * world.
 */
#include "reports/judge/decision.h"
#include "reports/judge/invariants.h"

struct made { /* a decision before this one */
    uint32_t engine;
    time_ns at;
    int64_t number, kind;
    struct op_id op;
    char choice[16];
};
struct recomputing {
    const struct facts *facts;
    struct violations *found;
    const struct said_decision *said;
    const struct made *made; /* all before, in trace order */
    size_t made_count;
    bool wrong; /* one violation a decision is enough */
};

PRINTF_LIKE(2, 3)
void recompute_wrong(struct recomputing *r, const char *format, ...);
/* Wrong unless the decision's choice is this. */
void recompute_choice(struct recomputing *r, const char *follows);
/* Wrong unless there is such a factor, near the figure. */
void recompute_factor(struct recomputing *r, const char *name, int64_t micro, int64_t near);
/* Wrong unless the alternative is there with a score that near. */
void recompute_score(struct recomputing *r, const char *choice, int64_t micro, int64_t near);
/* NULL: the engine made no decision of that number before. */
const struct made *recompute_made(const struct recomputing *r, int64_t number);

void recompute_detection(struct recomputing *r);
void recompute_cause(struct recomputing *r);
void recompute_gates(struct recomputing *r);
void recompute_canary(struct recomputing *r);
void recompute_rollback(struct recomputing *r);
void recompute_verification(struct recomputing *r);
void recompute_concurrency(struct recomputing *r);
void recompute_escalation(struct recomputing *r);
void recompute_remedy(struct recomputing *r);

/* What an incident of that symptom is noticed by, and from which figure on. */
const char *recompute_figure(int symptom);
int64_t recompute_limit(const struct limits *limits, int symptom);

/* recompute_held.c: every input against what crossed */
void recompute_inputs(struct recomputing *r);
/* The newest input of that kind to the decision's engine at or before it, for which "is" holds;
 * NULL: none. */
const struct seen_input *recompute_told(const struct recomputing *r, enum input_kind kind,
                                        bool (*is)(const struct recomputing *,
                                                   const struct eng_input *));

/* Services that a change of one could affect, as plan and policy have it. */
struct reach {
    bool *affected; /* by service; freed by the caller */
    int64_t count, share_ppm;
};
struct reach reach_of(const struct facts *facts, int64_t service, bool changes_shared);
/* Calls from one to the other, at most so many; -1: more, or none lead there. */
int64_t reach_hops(const struct facts *facts, int64_t from, int64_t to, int64_t most);
bool reach_shares_group(const struct facts *facts, int64_t a, int64_t b);
/* Whether the engine's graph is the plan's, as far as the trace tells. */
bool reach_known(const struct recomputing *r);

#endif
