/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RUN_MANUAL_H
#define SIM_RUN_MANUAL_H
/*
 * The same incident by hand. People are a small model: four steps of a stated length, one after the
 * other (reports/mttr.h), the last of which ends the cause. What that costs is not estimated: the
 * scenario runs again, same world, same seed, with an engine that only watches, until the people
 * are done. It takes a while, so it runs in a process of its own beside the story.
 */
#include "sim/run/run.h"
#include <sys/types.h>

struct manual_step {
    const char *name;
    time_ns ends; /* since the onset */
};
#define MANUAL_STEPS 4
extern const struct manual_step manual_steps[MANUAL_STEPS];
/* What people are at, so long after the onset; the last step once they are done. */
const struct manual_step *manual_step_at(time_ns since_onset);

struct manual {
    pid_t process;
    int pipe;
};
struct manual_result {
    int64_t
        failed[MANUAL_STEPS]; /* requests at the faulty service, from the onset to the step's end */
};

/* False with a message. */
bool manual_begin(struct manual *manual, const struct scenario *scenario,
                  uint32_t fault) MUST_CHECK;
/* Waits for it. False when it ended without a result, or the waiting was interrupted. */
bool manual_end(struct manual *manual, struct manual_result *result) MUST_CHECK;
/* Ends it, whatever it was at. */
void manual_stop(struct manual *manual);

#endif
