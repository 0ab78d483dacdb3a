/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RUN_REPLAY_STORY_H
#define SIM_RUN_REPLAY_STORY_H
/* A replayed run, told line by line at the pace of simulated time, or line after line as somebody
 * at the keyboard asks for the next. */
#include "engine/base/simtime.h"
#include "sim/run/command.h"
#include "sim/run/trace_file.h"

struct replay_story {
    bool told;     /* any of its options was given */
    int64_t speed; /* simulated seconds a second; 0: no waiting */
    time_ns until; /* nothing after it */
    bool step;     /* waits for a line on standard input before each */
};

/* For a command's table. */
#define REPLAY_STORY_OPTIONS                                                                       \
    {"speed", "1|10|max", "tell the run, so many simulated seconds a second"},                     \
        {"until", "TIME", "tell it until then, such as 45s"}, {                                    \
        "step", NULL, "tell it line by line, each after the return key"                            \
    }

/* False after a message on stderr. */
bool replay_story_read(struct replay_story *story, const struct arguments *arguments) MUST_CHECK;
/* Of a whole trace. BAD_INPUT after a diagnostic. */
enum status replay_story_tell(const struct replay_story *story, const struct trace_file *file,
                              struct diags *diags);

#endif
