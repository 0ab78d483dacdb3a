/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RUN_LESSON_COMMAND_H
#define SIM_RUN_LESSON_COMMAND_H
/* "firedrill demo --lesson NAME": runs the lesson's scenario, judges it, tells it. */
#include "sim/run/command.h"

#define LESSON_SPEED_DEFAULT 10 /* on a terminal */

/* named: "list", a name, or a file. The status is that of the scenario's first run; FAILED where
 * the lesson speaks of what did not happen. */
enum status lesson_command(const struct arguments *arguments, const char *named, int64_t speed,
                           bool plain);

#endif
