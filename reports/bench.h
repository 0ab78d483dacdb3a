/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_BENCH_H
#define REPORTS_BENCH_H
/*
 * A benchmark set's results: sweeps of a fixed set of scenarios, added up, and each run's digest,
 * so that whoever has the same program can make the same ones again. A set's name says which
 * scenarios with which seeds; a set is never changed, only followed by one with the next number.
 */
#include "reports/sweep.h"

#define BENCH_SET       "firedrill-bench-1"
#define BENCH_PARTS_MAX 8

struct bench_run {
    uint32_t scenario; /* of its part */
    uint64_t seed;
    enum status status;
    uint64_t digest;
};
struct bench_part {
    const char *name, *what;
    struct sweep_plan plan;
    struct sweep sweep; /* finished */
    struct bench_run *runs;
    uint64_t run_count;
};
struct bench {
    bool quick; /* a part of the set, for a look: its results are not the set's */
    struct bench_part parts[BENCH_PARTS_MAX];
    uint32_t part_count;
};

/* Whether a share is within the indicator's target for all of its interval ("met"), for none of it
 * ("missed"), or the runs do not say ("open"). */
const char *bench_target_word(enum indicator which, const struct share *share);

#endif
