/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RUN_LESSON_FIND_H
#define SIM_RUN_LESSON_FIND_H
/*
 * What a lesson's finds are in the runs of its scenario, and by that the names of its expressions:
 *
 *   NAME.count              how many records hold all conditions, found or not
 *   NAME.FIELD              of a record, input or effect: its fields
 *   NAME.FACTOR[.there|.passes|.says]   of a decision
 *   NAME.share|own|failed|requests   of errors_of
 *   NAME.onset|detected|closed|mttr|reaction|outcome|verdict|failed|BUCKET   of an incident
 *   NAME.kind|why|violations     of a verdict;  NAME.at|why   of a violation
 *   NAME.requests|grants|timeouts|fenced_off|cycles|edges    of locks
 *   NAME.entries|flaw|first_bad|checkpoint                   of a chain
 */
#include "reports/contention.h"
#include "reports/decisions.h"
#include "reports/mttr.h"
#include "sim/run/audit_log.h"
#include "sim/run/lesson.h"
#include "sim/run/run.h"

/* One document of the scenario's file, run and judged. */
struct lesson_run {
    const struct scenario *scenario;
    struct facts facts;
    struct verdict verdict;
    struct decisions decisions;
    struct contention contention;
    uint32_t told; /* lines of its timeline so far, and until when */
    time_ns told_until;
};
#define LESSON_RUNS_MAX 4
struct lesson_runs {
    struct lesson_run list[LESSON_RUNS_MAX];
    uint32_t count;
};
/* By the scenario's name; NULL: the first. NULL if there is none such. */
struct lesson_run *lesson_run_named(struct lesson_runs *runs, const char *name);

struct found {
    const struct lesson_find *find;
    struct lesson_run *run;
    bool there;
    int64_t count;
    size_t place;        /* in trace order, of a record and a decision; for after, before */
    struct fact_ref ref; /* of a record */
    uint32_t index;      /* of a decision, an incident, a violation */
    int64_t requests, failed, own; /* of errors_of */
    struct audit_finding chain;
    uint32_t entries;
};
struct lesson_world {
    struct lesson *lesson;
    struct lesson_runs *runs;
    struct arena *arena;
    struct found *found; /* lesson->find_count */
    uint32_t done;       /* of them: those that can be named */
};

/* False after a diagnostic at the find that is wrong. */
bool lesson_find_all(struct lesson_world *world) MUST_CHECK;
/* For lv_evaluate and lv_fill. */
struct lv_names lesson_names(struct lesson_world *world);

#endif
