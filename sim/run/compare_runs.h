/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RUN_COMPARE_RUNS_H
#define SIM_RUN_COMPARE_RUNS_H
/*
 * The two sides of a comparison, swept by the comparison itself: the same scenarios and seeds into
 * two folders, in lock step, until a figure's paired difference is known well enough. That is when
 * half of its 95 % interval is less than so much of the base's figure: a sequential rule of fixed
 * width (Chow and Robbins, 1965), in units of the base, looked at after as many seeds as a sweep's
 * rule looks (sweep_stop.h). Each side is a sweep like any other and goes on where it was stopped;
 * where it ends depends on results alone.
 */
#include "reports/compare.h"
#include "reports/precision.h"
#include "reports/sweep.h"
#include "sim/run/command.h"

#define COMPARE_FILES_MAX 64

struct swept_side {
    const char *folder;
    const char *words[COMPARE_FILES_MAX + 16]; /* of the sweep command */
    int count;
};
struct compare_runs {
    struct swept_side side[2]; /* base, candidate */
    struct precision goal;
    char seeds_asked[48]; /* what --seeds stands for now; the words point here */
    uint64_t first, most; /* seeds */
    uint64_t seeds;       /* on both sides; 0: none yet */
    uint32_t parts;       /* runs a seed */
};

#define COMPARE_RUN_OPTIONS                                                                        \
    {"sweep", "FILE|NAME,...",                                                                     \
     "run these on both sides first, into the folders BASE and "                                   \
     "CANDIDATE"},                                                                                 \
        {"seeds", "N|A..B", "of --sweep: these seeds, with --until at most; default: 1000"},       \
        {"until", "GOAL",                                                                          \
         "of --sweep: no more seeds once the difference is known well, such as \"ci(mttr.p95) < "  \
         "2%\" of the base"},                                                                      \
        {"policy", "NAME|FILE", "of --sweep: this policy on both sides"},                          \
        {"topology", "NAME|FILE", "of --sweep: this topology on both sides"},                      \
        {"set", "KEY=VALUE,...", "of --sweep: these values on both sides"},                        \
        {"candidate-policy", "NAME|FILE", "of --sweep: the candidate's policy"},                   \
        {"candidate-topology", "NAME|FILE", "of --sweep: the candidate's topology"},               \
        {"candidate-set", "KEY=VALUE,...", "of --sweep: the candidate's values"},                  \
        {"jobs", "N", "of --sweep: processes at a time; default: as many as processors"},

/* One sentence, if runs of the two are no pairs: other scenarios, topologies or first seeds. */
bool compare_plans_unfit(const struct sweep_plan *base, const struct sweep_plan *candidate,
                         char *why, size_t size);

/* Without --sweep, whether none of the options is given that belong to it; with it, what is to be
 * run. Runs nothing. False after a message on stderr. */
bool compare_runs_read(struct compare_runs *runs, const struct arguments *a,
                       struct arena *arena) MUST_CHECK;
/* Both sides to the seeds of the next look. OK, or BAD_INPUT or BUG after a message; runs that do
 * not pass are part of what is compared. */
enum status compare_runs_next(struct compare_runs *runs);
/* Whether no look has to follow this comparison, of the seeds so far; told on stderr. */
bool compare_runs_enough(const struct compare_runs *runs, const struct compare *c);

#endif
