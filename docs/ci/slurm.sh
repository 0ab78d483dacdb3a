#!/usr/bin/env bash
# A sweep as a Slurm array: sbatch slurm.sh, then, when all tasks are done:
#   firedrill merge swept/shard-* --out swept/all
#SBATCH --job-name=firedrill
#SBATCH --array=1-8
#SBATCH --cpus-per-task=2
#SBATCH --requeue
# A task that is killed and requeued goes on where it was: the same command, the same folder.
set -euo pipefail
seeds=${SEEDS:-1000}
mkdir -p swept
firedrill sweep 01_high_error_rate 04_conflicting_fixes --seeds "$seeds" --jobs "$SLURM_CPUS_PER_TASK" \
  --out "swept/shard-$SLURM_ARRAY_TASK_ID"
