/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RUN_NARRATOR_H
#define SIM_RUN_NARRATOR_H
/*
 * One incident of a finished run, told record by record in simulated time, which counts from the
 * true onset. What is told is what the trace holds: a phase ends at its record, wherever that
 * stands; figures are the world's truth, what crossed an engine's boundary, or its decision log,
 * each named as such. Nothing is known here of how the story should go.
 */
#include "engine/base/arena.h"
#include "engine/config.h"
#include "reports/judge/judge.h"
#include "sim/run/live.h"

/* PHASE(NAME, "tag", "in a table", step by hand that does the same, or -1) */
#define PHASES(PHASE)                                                                              \
    PHASE(DETECTED, "DETECTED", "detected", 0)                                                     \
    PHASE(ROOT_CAUSE, "ROOT CAUSE", "root cause", 1)                                               \
    PHASE(PATCH, "PATCH", "patch", 2)                                                              \
    PHASE(GATES, "GATES", "gates", -1)                                                             \
    PHASE(CANARY, "CANARY", "canary", -1)                                                          \
    PHASE(VERIFIED, "VERIFIED", "verified", 3)
#define PHASE_(NAME, tag, text, step) PHASE_##NAME,
enum phase { PHASES(PHASE_) PHASE_COUNT };
#undef PHASE_

struct narrator {
    const struct facts *facts;
    const struct incident *incident;
    const struct eng_gates *gates; /* limits, beside the figures that were held against them */
    struct live *live;
    struct arena arena;          /* of decisions taken apart */
    time_ns ended[PHASE_COUNT];  /* TIME_NEVER: it did not */
    int64_t failed[PHASE_COUNT]; /* requests, from the onset until then */
    bool alerted;
};

/* Tells from the onset to the incident's end. False when interrupted. */
bool narrate(struct narrator *n, const struct facts *facts, const struct incident *incident,
             const struct eng_gates *gates, struct live *live);
void narrator_close(struct narrator *n);

#endif
