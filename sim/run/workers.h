/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RUN_WORKERS_H
#define SIM_RUN_WORKERS_H
/*
 * Units of work in processes of their own, a unit a process: a crash takes one unit only, and what
 * a unit took is gone when it ends. What they answer comes back in the order of the units, whatever
 * finished first, and at most a window of answers waits for its turn. A process ends with its
 * parent, however that ends.
 */
#include "sim/run/run.h"

#include <sys/types.h>

struct worked {
    enum status status; /* what run returned; BUG if the process crashed */
    struct bytes answer;
    pid_t process;
};
struct work {
    void *context;
    uint64_t count;
    uint32_t at_once;
    /* In the unit's own process. */
    enum status (*run)(void *context, uint64_t unit, struct bytes *answer);
    /* In the parent, unit by unit from 0. False: start no more, and answer no more. */
    bool (*done)(void *context, uint64_t unit, const struct worked *worked);
};

/* False if it was ended by done. */
bool work_run(const struct work *work);

#endif
