/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_WORLD_FACT_H
#define SIM_WORLD_FACT_H
/* Writes records of scenarios/words/record.def: fact_truth(trace, at, &(struct rec_truth){...}),
 * one function a kind. */
#include "scenarios/words/record.h"
#include "sim/kernel/trace.h"

#define RECORD(name, meaning, fields)                                                              \
    void fact_##name(struct trace *trace, time_ns at, const struct rec_##name *record);
#include "scenarios/words/record.def"
#undef RECORD

#endif
