/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RUN_SWEEP_PROCESS_H
#define SIM_RUN_SWEEP_PROCESS_H
/*
 * The sweep command as a part of another command: its arguments as words, its own process, its
 * results in its folder, its report not on the terminal.
 */
#include "sim/run/sweep.h"

/* Runs it to its end. quiet: what it says on stderr is shown only if it could not sweep. Its
 * status; BUG if its process was killed. */
enum status sweep_process(int count, const char *const *words, bool quiet);

/* What these words ask for, without running it. False after a message on stderr. */
bool sweep_process_request(int count, const char *const *words, struct arena *arena,
                           struct sweep_request *request) MUST_CHECK;

#endif
