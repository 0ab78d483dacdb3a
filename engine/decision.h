/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ENGINE_DECISION_H
#define ENGINE_DECISION_H
/*
 * The decision log (SPEC §2). A decision is one record_decision, whose body is a line of JSON with
 * the factors, the choice, why, how sure and after how long; and decision_detail lines of the same
 * number with what it was made from: inputs (name, value, source, when the engine learnt it; of
 * which service, revision, window), constraints (satisfied, blocking) and the alternatives
 * (score, pros, cons, why rejected; of what was chosen that is null). When its outcome is known,
 * decision_outcome says what came of it, and whether it was right.
 *
 * Whoever has the lines can come to the same choice by the policy alone; the judge does
 * (reports/judge/decision.h). Nothing in here decides, and nothing of it is read again.
 */
#include "engine/gate.h"
#include "engine/words/contract.h"

struct engine;
struct incident;
struct op;

/* Where an input comes from, if not from metrics, logs, traces. */
#define INPUT_OF_ENGINE  "engine"  /* what it counts itself */
#define INPUT_OF_POLICY  "policy"  /* of this one service or plan */
#define INPUT_OF_GRAPH   "graph"   /* as the engine knows it */
#define INPUT_OF_CHANGES "changes" /* the change feed, and its own */
#define INPUT_OF_TRACES  "traces"
#define INPUT_OF_CI      "ci"
#define INPUT_OF_PATCH   "patch"
#define INPUT_OF_STORE   "store" /* the lock store and its registry */
#define INPUT_OF_TARGET  "target"
#define INPUT_OF_PEOPLE  "people"

struct decision_input {
    const char *name, *source;
    struct gate_number figure;   /* told_wall 0: known now */
    bool of_service;             /* of that one; else of the decision's */
    struct svc_id service;       /* if of_service */
    struct revision_id revision; /* 0: of all */
    time_ns window, offset;      /* of a question to metrics; 0: none */
    int64_t other;               /* an operation's or incident's number; 0: none */
};

struct decision_note { /* one being written */
    struct engine *engine;
    struct eng_effect *effect, *detail; /* detail: the line that is not full; NULL: none yet */
    struct writer body, more;
    enum section {
        SECTION_FACTORS,
        SECTION_INPUTS,
        SECTION_CONSTRAINTS,
        SECTION_ALTERNATIVES
    } section; /* the list that is open in it; a line has each once, in this order */
    bool first_factor;
    time_ns since_mono; /* when the question arose; duration counts from there */
};

struct decision_note decide(struct engine *e, enum decision_kind kind, const struct incident *i,
                            const struct op *op);
void decide_since(struct decision_note *d, time_ns mono);
void decide_factor(struct decision_note *d, const char *name, int64_t value_micro, const char *why);
/* Its weight is a share of all of one decision's. */
void decide_weighed(struct decision_note *d, const char *name, int64_t value_micro,
                    int64_t weight_ppm, const char *why);

void decide_input(struct decision_note *d, const struct decision_input *input);
/* A reply of metrics about the decision's service, all revisions. */
void decide_told(struct decision_note *d, enum query_kind query, const struct gate_number *figure,
                 time_ns window, time_ns offset);
/* Something known now, in millionths. */
void decide_known(struct decision_note *d, const char *name, int64_t micro, const char *source);
void decide_count(struct decision_note *d, const char *name, int64_t count, const char *source);
/* Another decision, a message: by its number. */
void decide_about(struct decision_note *d, const char *name, int64_t number, const char *source);
void decide_constraint(struct decision_note *d, const char *name, bool satisfied, bool blocking);
/* rejected NULL: this was chosen. */
void decide_alternative(struct decision_note *d, const char *choice, int64_t score_micro,
                        const char *pro, const char *con, const char *rejected);

/* The last: closes the lines. Returns the decision's number. */
int64_t decide_end(struct decision_note *d, const char *choice, int64_t confidence_ppm,
                   const char *reasoning);

enum rightness { RIGHT_NO, RIGHT_YES, RIGHT_UNKNOWN };
void decision_came_to(struct engine *e, int64_t decision, const char *outcome,
                      enum rightness right);
void decisions_of_op(struct engine *e, struct op *op, enum op_state how, enum cancel_reason cancel);
void decisions_of_incident(struct engine *e, struct incident *i, enum report_kind how);

#endif
