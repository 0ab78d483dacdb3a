/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RUN_SWEEP_STOP_H
#define SIM_RUN_SWEEP_STOP_H
/*
 * When a sweep has run enough: so many runs did not pass, or a figure is known well enough. "Well
 * enough" is the half width of its 95 % interval, relative to the figure, in every scenario: a
 * sequential rule of fixed relative precision (Chow and Robbins, 1965), looked at when the seeds
 * have grown by a tenth and not before 50, so that few looks are taken and none by luck. It depends
 * on results alone, so a sweep stops at the same seed whatever the number of jobs.
 */
#include "reports/precision.h"
#include "reports/sweep.h"
#include "sim/run/command.h"

struct sweep_stop {
    int64_t failures;      /* 0: any number */
    struct precision goal; /* of mttr.mean, p50, p95, p99 */
    uint32_t next_look;    /* seeds */
    char why[128];         /* "": goes on */
};

/* --max-failures, --fail-fast, --until. False after a message on stderr. */
bool sweep_stop_read(struct sweep_stop *stop, const struct arguments *a) MUST_CHECK;
/* The looks of the rule: the seeds of the one after "look" seeds; 0: of the first. */
uint32_t sweep_stop_look(uint32_t look);
/* After each run; why says what was reached. */
bool sweep_stop_now(struct sweep_stop *stop, const struct sweep *sweep);

#endif
