#!/usr/bin/env bash
# A sweep in eight shards with GNU parallel, here or on the hosts of --sshlogin; what failed or was killed is done again by
# the same command, and goes on where it was.
set -euo pipefail
seeds=${SEEDS:-1000}
mkdir -p swept
parallel --joblog swept/jobs.log --resume-failed \
  firedrill sweep 01_high_error_rate --seeds "$seeds" --jobs 1 --shard {}/8 --out swept/shard-{} '>' swept/shard-{}.txt ::: 1 2 3 4 5 6 7 8
firedrill merge swept/shard-? --out swept/all
