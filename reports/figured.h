/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_FIGURED_H
#define REPORTS_FIGURED_H
/*
 * The figures by which campaigns are compared and a knee is looked for (compared.def), of any list
 * of runs: each run once added, or as often as a resample draws it. What is not known, a share of
 * nothing or a time of no repair, is NaN.
 */
#include "reports/run_summary.h"

enum compared_unit { UNIT_TIME, UNIT_SHARE, UNIT_COUNT };
enum compared_better { BETTER_LESS, BETTER_MORE };
#define COMPARED(id, name, unit, better, meaning) COMPARED_##id,
enum compared {
#include "reports/compared.def"
    COMPARED_COUNT
};
#undef COMPARED
const char *compared_name(enum compared which);
const char *compared_meaning(enum compared which);
enum compared_unit compared_unit(enum compared which);
enum compared_better compared_better(enum compared which);

struct figured_run { /* what of a run the figures are made from */
    bool passed;
    uint32_t incidents, repaired;
    int64_t failed, pages, requests, timeouts;
    time_ns lock_wait;
    struct share human, wrong;
    bool mended[SUMMARY_INCIDENTS_MAX]; /* by incident */
    time_ns mttr[SUMMARY_INCIDENTS_MAX];
};
struct figured_sums {
    double runs, passed, incidents, repaired, failed, pages, requests, timeouts, lock_wait;
    struct share human, wrong;
};
struct figured {
    double of[COMPARED_COUNT];
};

struct figured_run figured_run(const struct run_summary *run);
void figured_add(struct figured_sums *sums, const struct figured_run *run);
/* Times to repair are the caller's choice, and are sorted. */
void figured_finish(const struct figured_sums *sums, double *times, size_t count,
                    struct figured *out);

#endif
