/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RUN_SHARD_H
#define SIM_RUN_SHARD_H
/*
 * Which part of a campaign this process runs: shard I of N takes every N-th seed, beginning with
 * the I-th. What --shard does not say, the scheduler does:
 *
 *   Slurm array              SLURM_ARRAY_TASK_ID, _MIN, _COUNT  (docs: sbatch, "Job arrays")
 *   GitLab "parallel: N"     CI_NODE_INDEX, CI_NODE_TOTAL
 *   Kubernetes Indexed Job   JOB_COMPLETION_INDEX, and the count by --shard /N
 */
#include "reports/sweep.h"

/* text: "I/N", "/N" or NULL. Without any shard the plan stays whole. False after a message on
 * stderr; what a scheduler said is told there, too. */
bool shard_read(const char *text, struct sweep_plan *plan, uint64_t seeds) MUST_CHECK;

#endif
