/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RUN_ENGINE_ONLY_H
#define SIM_RUN_ENGINE_ONLY_H
/*
 * The inputs that a trace's engines were given, given to today's engines: what each step wants is
 * held against what it wanted then. No world runs: after the first difference, what an engine is
 * told are answers to what it no longer asked, so the first one is what a change of the engine
 * changes, and the number of those after it only how far that reaches. What a host signs is its own
 * and not compared.
 */
#include "engine/base/arena.h"
#include "scenarios/scenario.h"
#include "sim/run/trace_file.h"

/* Prints what differs; OK when nothing does, else FAILED. The trace is whole. */
enum status engine_only(struct arena *arena, const struct scenario *scenario,
                        const struct trace_file *file);

#endif
