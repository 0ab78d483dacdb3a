/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RUN_LESSON_H
#define SIM_RUN_LESSON_H
/*
 * A lesson: a file lessons/NAME.yaml that names a scenario, records to find in its trace, and steps
 * that tell and ask (docs/LEARN.md has the form). Nothing in it is an outcome: a figure in a text,
 * and what a question's answer is, are expressions over the records that were found, so that
 * another scenario has other answers. All text lives in the arena that it was loaded into.
 */
#include "engine/yaml/yaml.h"
#include "sim/run/lesson_value.h"

/* Where a find looks. LESSON_SOURCE(NAME, "key", "what its value is") */
#define LESSON_SOURCES(S)                                                                          \
    S(RECORD, "record", "a kind of record")                                                        \
    S(INPUT, "input", "what an engine was told")                                                   \
    S(EFFECT, "effect", "what an engine wanted")                                                   \
    S(DECISION, "decision", "a kind of decision of an engine's log")                               \
    S(ERRORS, "errors_of", "a service, in truth, over a time")                                     \
    S(INCIDENT, "incident", "an incident as it was judged")                                        \
    S(VERDICT, "verdict", "of the run")                                                            \
    S(VIOLATION, "violation", "of that invariant")                                                 \
    S(LOCKS, "locks", "contention over the run")                                                   \
    S(CHAIN, "chain", "an engine's audit log, verified")
#define LESSON_SOURCE_(NAME, key, meaning) LESSON_SOURCE_##NAME,
enum lesson_source { LESSON_SOURCES(LESSON_SOURCE_) LESSON_SOURCE_COUNT };
#undef LESSON_SOURCE_

struct lesson_condition {
    const char *field;
    struct yaml_node *value; /* a word or a name; "=EXPRESSION" or "!=EXPRESSION": computed */
};
struct lesson_find {
    const char *name;
    struct yaml_node *node; /* for what is wrong with it */
    const char *run;        /* name of a scenario; NULL: the first */
    enum lesson_source source;
    const char *what; /* a kind, a service, a name */
    struct lesson_condition *conditions;
    uint32_t condition_count;
    struct yaml_node *from, *to; /* expressions; or NULL */
    const char *after, *before;  /* names of other finds; or NULL */
    int64_t nth;                 /* from 1; negative: from the end */
};

enum lesson_kind { LESSON_TEXT, LESSON_TELL, LESSON_ASK };
struct lesson_choice {
    struct yaml_node *text, *is; /* a text, and an expression: right if it is the answer */
};
#define LESSON_CHOICES_MAX 8
struct lesson_step {
    enum lesson_kind kind;
    struct yaml_node *text;    /* of TELL: until when, an expression */
    struct yaml_node *when;    /* told only if this is not 0; or NULL */
    struct yaml_node *from;    /* TELL: lines before that are passed over; or NULL */
    struct yaml_node *answer;  /* ASK: an expression */
    struct yaml_node *within;  /* ASK: so far off is right; or NULL */
    struct yaml_node *explain; /* ASK: a text */
    const char *run;           /* TELL: as of a find */
    struct lesson_choice choices[LESSON_CHOICES_MAX];
    uint32_t choice_count; /* 0: a figure is asked for */
};

struct lesson {
    struct yaml_doc doc;
    const char *name, *title, *about, *scenario;
    struct lesson_find *finds;
    uint32_t find_count;
    struct lesson_step *steps;
    uint32_t step_count, question_count;
    const char **next; /* commands to go on with */
    uint32_t next_count;
};

/* By name, or a file's path. False after a diagnostic, or a message on stderr. */
bool lesson_load(struct lesson *lesson, struct arena *arena, const char *named,
                 struct diags *diags) MUST_CHECK;

#endif
