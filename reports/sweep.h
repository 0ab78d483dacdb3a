/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_SWEEP_H
#define REPORTS_SWEEP_H
/*
 * Many runs added up: one part for each scenario on a topology, figures over its seeds. Memory
 * grows by some durations a run, and by what is told of a run that did not pass, of which each part
 * keeps the first SWEEP_TROUBLES_MAX and counts the rest. The order in which parts are added does
 * not show; within a part it is the seeds'.
 */
#include "reports/run_summary.h"

#define SWEEP_TROUBLES_MAX 100
#define SWEEP_SHARDS_MAX   100000

/* What is swept. Results of two plans are never mixed. */
struct sweep_part {
    char scenario[64], topology[64]; /* printable */
    uint64_t plan;                   /* its digest, with seed 0 */
};
struct sweep_plan {
    char version[32];
    uint64_t program;    /* a digest of the program file: another build, other runs */
    uint64_t first_seed; /* each scenario runs with this one, then with the next, ... */
    uint32_t shards;     /* 0: whole; else one of so many, which take turns in taking a seed */
    uint32_t shard;      /* from 0 */
    uint64_t seeds;      /* of all shards together; 0 when whole, which can be continued */
    struct sweep_part *parts;
    uint32_t part_count;
};

struct sweep_trouble {
    uint64_t seed;
    enum status status;
    char why[240], reproduce[512], trace[256];
};
struct sweep_samples {
    time_ns *list;
    uint32_t *run_ends; /* behind the samples of each run */
    uint32_t count, capacity, runs, run_capacity;
};
struct sweep_figures { /* of one part */
    uint32_t runs, passed, failed, inconclusive, crashed;
    int64_t violations, lock_requests, lock_timeouts;
    struct mttr mttr; /* "repaired" by sweep_finish */
    struct indicators indicators;
    struct distribution lock_wait; /* of a run; by sweep_finish */
    struct sweep_samples repaired, waited;
    struct sweep_trouble *troubles;
    uint32_t trouble_count, trouble_capacity;
    uint64_t troubles_dropped;
};
struct sweep {
    const struct sweep_plan *plan;
    struct sweep_figures *parts; /* beside the plan's */
    uint64_t runs, not_passed;
    enum status status; /* the worst */
};

/* The plan is the caller's and lives as long as the sweep. */
void sweep_open(struct sweep *sweep, const struct sweep_plan *plan);
/* The summary's part is one of the plan's. */
void sweep_add(struct sweep *sweep, const struct run_summary *run);
/* Makes distributions of what was added. */
void sweep_finish(struct sweep *sweep);
void sweep_close(struct sweep *sweep);

/* Why results of one cannot stand beside results of the other: one sentence. False: they can. */
bool sweep_plans_differ(const struct sweep_plan *was, const struct sweep_plan *now, char *why,
                        size_t size);
/* "pass", "fail", "inconclusive", "crash" */
const char *run_status_name(enum status status);
enum verdict_kind run_status_verdict(enum status status);
/* The worst that a part's runs came to. */
enum status sweep_figures_status(const struct sweep_figures *figures);

#endif
