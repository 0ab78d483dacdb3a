/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_JUDGE_JUDGE_H
#define REPORTS_JUDGE_JUDGE_H
/*
 * The judge: reads a trace, and says per incident how the engines reacted, what came of it, whether
 * that was expected, and whether anything happened that must never happen. It reads facts (what the
 * world did) and crossings (what an engine was told and asked for); an engine's own words count
 * only as messages that crossed, and are held against the world's truth. It shares no code with
 * the engine.
 *
 * An incident is one cause in the world: a fault that makes a service show a symptom. Engines'
 * incident ids are matched to it by service and symptom. A run that expects none is judged as one
 * incident without a cause.
 *
 * Figures of the policy come with the trace, by key: reports/judge/limits.def. Bounds that a
 * scenario may set: bounds.def. What it may forbid: must_not.def. Invariants: invariants.h.
 */
#include "engine/base/diag.h"
#include "reports/judge/facts.h"
#include "reports/judge/reasons.h"
#include <stdio.h>

/* How the engines reacted, first line that holds. R(NAME, "word", "meaning") */
#define REACTIONS(R)                                                                               \
    R(ROLLBACK, "rollback", "a revision served and was taken back by the same operation")          \
    R(REJECT, "reject", "CI failed a patch and it never served")                                   \
    R(ESCALATE, "escalate", "a person was asked to take over before anything served, rightly")     \
    R(ALERT_HUMAN, "alert_human", "a person was told why, rightly, and nothing was done after")    \
    R(VERIFY_AND_PROCEED, "verify_and_proceed", "confirmed by a person, or by a longer watch")     \
    R(WAIT_AND_RETRY, "wait_and_retry", "refused or timed out, and granted on a later attempt")    \
    R(ACQUIRE_LOCK, "acquire_lock", "queued behind another operation's lock, then granted")        \
    R(MITIGATE, "mitigate", "a remedy beside the patch was carried out, and the symptom went")     \
    R(AUTO_FIX, "auto_fix", "a revision reached 100 % and healed it")                              \
    R(NONE, "none", "no effect and no message")                                                    \
    R(UNCLASSIFIED, "unclassified", "none of these; always fails")

#define OUTCOMES(O)                                                                                \
    O(RESOLVED, "resolved", "closed, and healed by the world's truth")                             \
    O(RESTORED, "restored", "the former revision serves, with the former figures")                 \
    O(HELD, "held", "nothing served after the question; a person reached")                         \
    O(SUSPENDED, "suspended", "no effect after the message, though the incident stands")           \
    O(REJECTED, "rejected", "never served; review or a new patch asked")                           \
    O(HEALED_BY_ANOTHER, "healed_by_another", "closed so, and true")                               \
    O(NONE, "none", "there was nothing to do, and nothing was done")                               \
    O(OPEN, "open", "it stands, and nobody dealt with it")                                         \
    O(NOT_RESTORED, "not_restored", "taken back, but the former state is not there again")         \
    O(FALSELY_CLOSED, "falsely_closed", "closed while the truth says no; always fails")            \
    O(UNKNOWN, "unknown", "the run ended too early to say")

#define JUDGE_WORD_(NAME, word, meaning) word,
#define REACTION_(NAME, word, meaning)   REACTION_##NAME,
#define OUTCOME_(NAME, word, meaning)    OUTCOME_##NAME,
enum reaction { REACTIONS(REACTION_) REACTION_COUNT };
enum outcome { OUTCOMES(OUTCOME_) OUTCOME_COUNT };
enum verdict_kind { VERDICT_PASS, VERDICT_FAIL, VERDICT_INCONCLUSIVE };

const char *reaction_name(enum reaction reaction);
const char *outcome_name(enum outcome outcome);
const char *verdict_name(enum verdict_kind kind);
/* fail outranks inconclusive outranks pass */
enum verdict_kind verdict_worse(enum verdict_kind a, enum verdict_kind b);

#define INCIDENT_IDS_MAX       16
#define INCIDENT_REVISIONS_MAX 32

/* One cause, and what belongs to it. Times TIME_NEVER: did not happen. */
struct incident {
    int64_t fault; /* number in the plan; -1: a run without one */
    char name[48]; /* printable */
    struct svc_id service;
    int64_t symptom;                          /* enum symptom; -1: none */
    time_ns onset;                            /* TIME_NEVER: the fault never began */
    time_ns fault_ends;                       /* by its own end; the heal does not count */
    int64_t value, baseline;                  /* as fault_on says */
    bool acted;                               /* it changed what happened to requests */
    struct incident_id ids[INCIDENT_IDS_MAX]; /* the engines' names for it */
    uint32_t id_count;
    struct revision_id revisions[INCIDENT_REVISIONS_MAX]; /* made or deployed for it */
    uint32_t revision_count;
    time_ns detected; /* first "opened" */
    time_ns closed;   /* "closed_resolved", or else "closed_healed_by_another" */
    bool closed_by_another;
    uint64_t closed_record;
    time_ns ends; /* of what is judged: the close, the heal, or the run's end */
};

struct judged {
    struct incident incident;
    enum reaction reaction;
    enum outcome outcome;
    bool expected;  /* whether the scenario says anything of it */
    int64_t number; /* of the expectation */
    char expected_reaction[24], expected_outcome[24];
    time_ns mttr_min, mttr_max; /* 0: no bound */
    time_ns mttr;               /* onset to end; TIME_NEVER: censored */
    enum verdict_kind kind;
    struct reasons reasons; /* every expectation that does not hold; empty: it passed */
    char why[REASON_TEXT];  /* the first of them, or what it is otherwise: one sentence */
};

/* Of which only the invariants are asked, and perhaps bounds: no cause, no reaction, no outcome. */
bool judged_by_invariants(const struct judged *judged);

struct violation {
    const char *invariant;
    time_ns at;
    uint64_t record;
    char why[240]; /* name, meaning, time, record: one sentence */
};
#define VIOLATIONS_MAX 64
struct violations {
    struct violation list[VIOLATIONS_MAX];
    uint32_t count, dropped;
};

#define FORBIDDEN_MAX 32
struct verdict {
    enum verdict_kind kind;
    char scenario[64];
    uint64_t seed;
    struct judged *list; /* by fault number, the expected ones and the others */
    uint32_t count, passed, failed, inconclusive; /* of the expected ones */
    struct violations violations;
    char forbidden[FORBIDDEN_MAX][200]; /* what must not have happened, and did */
    uint32_t forbidden_count;
    char why[REASON_TEXT]; /* the first reason of the kind; one sentence */
};

/* Facts of a trace. bytes must live as long as the facts. */
bool judge_read(const void *bytes, size_t len, struct facts *facts,
                struct trace_error *error) MUST_CHECK;
/* Judges; the verdict owns a list, freed by verdict_free. False when memory is out. */
bool judge_run(const struct facts *facts, struct verdict *verdict) MUST_CHECK;
void verdict_free(struct verdict *verdict);
enum status verdict_status(const struct verdict *verdict);
/* One line a program reads: VERDICT scenario=... seed=... verdict=... and one INCIDENT line each.
 */
void verdict_line(const struct verdict *verdict, FILE *out);

#endif
