/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RUN_LESSON_TELL_H
#define SIM_RUN_LESSON_TELL_H
/*
 * A lesson, told and asked. With a terminal on both sides it waits for each answer and says whether
 * it is right; without one it shows the right answer and goes on. The end of the input is no wish
 * to stop: the rest is shown with answers.
 */
#include "sim/run/lesson_find.h"
#include "sim/run/live.h"

struct lesson_telling {
    struct lesson_world *world;
    struct live live;
    bool asks, waits; /* questions at all; for their answers */
    uint32_t asked, right;
    uint32_t missing; /* steps that the run has no records for */
};

/* Whether all that is told and asked can be: nothing is said before. False after a diagnostic. */
bool lesson_check(struct lesson_world *world) MUST_CHECK;
/* False when interrupted. */
bool lesson_tell(struct lesson_telling *telling);

#endif
