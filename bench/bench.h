/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H
/*
 * What the benchmarks share. A benchmark does a fixed amount of work and returns a hash of its
 * result, which proves that the work was done and was the same each time. It is repeated; the
 * minimum and the median of the time per unit are printed, for machines are noisy and noise only
 * adds:
 *
 *   NAME MIN MEDIAN UNIT HASH
 *
 * --smoke runs a hundredth of the work once, for ctest: it shows that the benchmark works, no more.
 */
#include "engine/base/arena.h"
#include "sim/kernel/quantile.h"

struct bench {
    bool smoke;
    int repeats;
};

struct bench bench_open(int argc, char **argv);

/* The amount of work in this mode. */
uint64_t bench_size(const struct bench *bench, uint64_t full);

/* What was done, and when the part that counts began: building the world does not. */
struct bench_work {
    uint64_t units, hash;
    int64_t started_ns;
};
int64_t bench_clock(void);
typedef struct bench_work (*bench_run)(const struct bench *bench, struct arena *arena,
                                       uint64_t argument);
void bench_report(const struct bench *bench, const char *name, const char *unit, bench_run run,
                  uint64_t argument);

/* Exponential with mean 1; good enough to load a queue, in the kernel's table form. */
void bench_exponential(struct quantile_table *table);

#endif
