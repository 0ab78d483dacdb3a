/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RUN_LIVE_H
#define SIM_RUN_LIVE_H
/*
 * A story told at the pace of simulated time: lines that stay, and beneath them one that is
 * rewritten. Plain (piped, NO_COLOR, TERM=dumb, --no-color): no colour, and nothing is rewritten.
 * The cursor is never hidden and no mode is ever set, so that an interrupted story leaves nothing
 * to mend but the last line, which live_close clears before it lets the signal have its way.
 */
#include "engine/base/simtime.h"
#include <stdio.h>
#include <time.h>

struct live {
    FILE *out;
    bool plain;
    int64_t speed; /* simulated seconds a second; 0: no waiting */
    struct timespec began;
    time_ns from, now; /* simulated */
};

/* Until live_close an interrupt only stops the waiting. */
void live_open(struct live *live, FILE *out, bool plain, int64_t speed, time_ns from);
/* After a pause that is nobody's: time goes on from there. */
void live_resume(struct live *live, time_ns from);
/* Waits until it is that time. False once interrupted: tell no more. */
bool live_wait(struct live *live, time_ns at);
bool live_interrupted(void);
/* A line that stays: a clock, a short tag in that colour, and text wrapped to the width. */
void live_tell(const struct live *live, const char *clock, const char *colour, const char *tag,
               const char *text);
/* The line beneath. */
void live_beneath(const struct live *live, const char *text);
/* After an interrupt this does not return. */
void live_close(const struct live *live);

#define LIVE_BOLD   "\033[1m"
#define LIVE_RED    "\033[31m"
#define LIVE_GREEN  "\033[32m"
#define LIVE_YELLOW "\033[33m"
#define LIVE_CYAN   "\033[36m"
#define LIVE_FAINT  "\033[2m"

#endif
