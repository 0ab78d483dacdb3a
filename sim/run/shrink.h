/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RUN_SHRINK_H
#define SIM_RUN_SHRINK_H
/*
 * Makes a failing scenario small while it fails in the same way: first by removing, faults before
 * all else (delta debugging: Zeller and Hildebrandt, "Simplifying and isolating failure-inducing
 * input", IEEE TSE 28, 2002), then by making figures smaller, again and again until nothing more
 * goes. Candidates are tried in processes of their own, several at a time; the first in their order
 * that fails is taken, so that the result is the same whatever finished first.
 */
#include "engine/base/simtime.h"
#include "sim/run/shrink_tree.h"
#include "sim/run/verify.h"

struct shrinking {
    struct arena *arena;
    struct knot *root;
    const char *file;      /* what a candidate's relative names are relative to */
    const char *invariant; /* that has to fail; NULL: the run crashes */
    uint32_t at_once;
    double seconds; /* no candidate is tried after so long */
    uint32_t tries; /* runs so far */
};

/* Runs the document once, in a process of its own: OK and *out, or a crash, or BAD_INPUT. */
enum status shrink_try(struct shrinking *s, struct verified *out);
/* True when nothing more could be made smaller, false when time was out. */
bool shrink(struct shrinking *s);

#endif
