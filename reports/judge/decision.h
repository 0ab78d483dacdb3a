/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_JUDGE_DECISION_H
#define REPORTS_JUDGE_DECISION_H
/*
 * One decision of an engine's log, read from what crossed: record_decision and the decision_detail
 * lines of its step (their form: engine/decision.h). Bodies are JSON, read with jansson; whatever
 * is not of that form is left out, and what is missing is found by who recomputes. Figures are in
 * millionths. Nothing here believes the engine: it is what the engine says, to be held against what
 * it was told.
 */
#include "reports/judge/facts.h"

#define SAID_NAME      48
#define SAID_WHY       128
#define SAID_REASONING 200

struct said_input {
    char name[SAID_NAME], source[16];
    int64_t kind, micro; /* enum value_kind */
    time_ns time;        /* wall: when the engine learnt it */
    int64_t service;     /* -1: the decision's */
    int64_t revision;    /* 0: all */
    int64_t window_us, offset_us, of;
};
struct said_factor {
    char name[SAID_NAME], explanation[SAID_WHY];
    int64_t micro, weight_ppm;
};
struct said_constraint {
    char name[SAID_NAME];
    bool satisfied, blocking;
};
struct said_alternative {
    char choice[SAID_NAME];
    int64_t score_micro;
    bool chosen; /* else it says why it was rejected: */
    bool why;
};

#define SAID_INPUTS_MAX 512
#define SAID_ITEMS_MAX  96
struct said_decision {
    const struct seen_effect *effect; /* its record_decision */
    struct svc_id service;            /* of its operation or incident; NONE_ID: not known */
    char type[SAID_NAME], choice[SAID_NAME];
    char reasoning[SAID_REASONING]; /* empty: there is none */
    int64_t confidence_ppm, duration_micro;
    time_ns wall;
    struct said_input inputs[SAID_INPUTS_MAX];
    struct said_factor factors[SAID_ITEMS_MAX];
    struct said_constraint constraints[SAID_ITEMS_MAX];
    struct said_alternative alternatives[SAID_ITEMS_MAX];
    uint32_t input_count, factor_count, constraint_count, alternative_count;
};

/* The effect has to be one of the facts', and a record_decision. */
void said_read(const struct facts *facts, const struct seen_effect *effect,
               struct said_decision *out);

/* The nth input (from 0) of that name; NULL: there is none. */
const struct said_input *said_input(const struct said_decision *d, const char *name, uint32_t nth);
/* The figure of the first of that name; 0: there is none, or it is no number. */
int64_t said_micro(const struct said_decision *d, const char *name);
int64_t said_count(const struct said_decision *d, const char *name); /* a whole number */
int64_t said_about(const struct said_decision *d, const char *name); /* of what number; 0: none */
const struct said_factor *said_factor(const struct said_decision *d, const char *name);
const struct said_constraint *said_constraint(const struct said_decision *d, const char *name);
const struct said_alternative *said_alternative(const struct said_decision *d, const char *choice);
static inline bool said_chose(const struct said_decision *d, const char *choice) {
    return strcmp(d->choice, choice) == 0;
}

#endif
