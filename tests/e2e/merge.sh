#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Shards merged come to the bytes that one sweep writes, whoever says which shard it is; what is incomplete or does not
# belong together is refused. And a sweep that stops by itself.
#
#   merge.sh PROGRAM
# shellcheck source=tests/e2e/checks.sh
source "$(dirname "$0")/checks.sh"
cd "$work" || exit 2
unset SLURM_ARRAY_TASK_ID SLURM_ARRAY_TASK_COUNT CI_NODE_INDEX CI_NODE_TOTAL JOB_COMPLETION_INDEX

# a row that passes, and one that does not and leaves traces
sed 's/max: 60s/max: 1s/; s/^name: .*/name: never/' "$tree/scenarios/core/01_high_error_rate.yaml" >never.yaml
scenarios=(07_canary_failure never.yaml)
seeds=8
fd sweep "${scenarios[@]}" --seeds $seeds --out whole
check 'a whole sweep' test -s whole/results.jsonl
cp out whole.text

fd sweep "${scenarios[@]}" --seeds $seeds --shard 1/7 --out s1
export SLURM_ARRAY_TASK_ID=12 SLURM_ARRAY_TASK_MIN=11 SLURM_ARRAY_TASK_COUNT=7
fd sweep "${scenarios[@]}" --seeds $seeds --out s2
check 'Slurm says which' complained 'shard 2 of 7, as SLURM_ARRAY_TASK_ID says'
unset SLURM_ARRAY_TASK_ID SLURM_ARRAY_TASK_MIN SLURM_ARRAY_TASK_COUNT
export CI_NODE_INDEX=3 CI_NODE_TOTAL=7
fd sweep "${scenarios[@]}" --seeds $seeds --out s3
check 'GitLab says which' complained 'shard 3 of 7, as CI_NODE_INDEX says'
unset CI_NODE_INDEX CI_NODE_TOTAL
export JOB_COMPLETION_INDEX=3
fd sweep "${scenarios[@]}" --seeds $seeds --shard /7 --out s4
check 'Kubernetes says which' complained 'shard 4 of 7, as JOB_COMPLETION_INDEX says'
unset JOB_COMPLETION_INDEX
for k in 5 6 7; do fd sweep "${scenarios[@]}" --seeds $seeds --shard $k/7 --jobs 2 --out s$k; done

fd merge s5 s3 s1 s7 s2 s6 s4 --out merged
cp out merged.text
for file in results.jsonl report.json report.md report.csv; do check "the same $file" same "whole/$file" "merged/$file"; done
check 'the same text' same whole.text merged.text
check 'the same traces' diff -r whole/traces merged/traces
fd merge s1 s2 s3 s4 s5 s6 s7 --out merged
check 'what is there is not written over' complained_of 'is there already'

fd merge s1 s2 s3 s4 s5 s6 --out no
check 'a missing shard is named' complained_of 'shard 7 is missing'
fd merge s1 s2 s3 s4 s5 s6 s7 s3 --out no
check 'one that is there twice, too' complained_of 'is shard 3 once more'
fd merge whole --out no
check 'a whole sweep is no shard' complained_of 'is of a whole sweep'
fd sweep 07_canary_failure --seeds $seeds --shard 7/7 --out other
fd merge s1 s2 s3 s4 s5 s6 other --out no
check 'a shard of another sweep does not belong' complained_of 'other/results.jsonl:1: error: does not belong with'
fd sweep "${scenarios[@]}" --seeds 15 --shard 7/7 --out longer
fd merge s1 s2 s3 s4 s5 s6 longer --out no
check 'nor does one of as many shards, but more seeds' complained_of 'longer/results.jsonl:1: error: does not belong with'
mkdir damaged && sed '2s/"seed":7/"seed":6/' s7/results.jsonl >damaged/results.jsonl
fd merge s1 s2 s3 s4 s5 s6 damaged --out no
check 'a damaged one is told by its line' complained_of 'damaged/results.jsonl:2: error: is damaged'
sed '1s/"program":"./"program":"x/' s7/results.jsonl >damaged/results.jsonl
fd merge s1 s2 s3 s4 s5 s6 damaged --out no
check 'and one whose head is another build' ended 2
mkdir cut && head -n 2 s7/results.jsonl >cut/results.jsonl
fd merge s1 s2 s3 s4 s5 s6 cut --out no
check 'an incomplete one is told' complained_of 'is not complete'
check 'nothing was written' not test -e no/results.jsonl
fd compare s1 s1
check 'shards are not compared' complained_of 'merge its shards first'
for shard in 0/3 4/3 1 a/3 1/3x -1/3; do
  fd sweep 07_canary_failure --seeds 3 --shard=$shard --out no
  check "--shard $shard is refused" ended 2
done
fd sweep 07_canary_failure --seeds 3 --shard /3 --out no
check 'without a scheduler, /3 says nothing' complained 'no scheduler says which'

# ---- stopping
fd sweep 05_lock_timeout --seeds 500 --until 'ci(mttr.p95) < 2%' --out until
check 'known well enough, a sweep stops' complained 'stopped after 50 runs: mttr.p95 is known to 2 %'
fd sweep 05_lock_timeout --seeds 500 --until 'ci(mttr.p95) < 2%' --jobs 1 --out until1
check 'at the same seed with one job' same until/results.jsonl until1/results.jsonl
fd sweep 05_lock_timeout --seeds 500 --until 'ci(mtr.p95) < 2%' --out no
check 'a mistaken goal is told' complained 'did you mean "mttr.p95"'
fd sweep never.yaml --seeds 50 --max-failures 3 --out few
check 'enough failures stop it' complained 'stopped after 3 runs: 3 did not pass'
fd sweep never.yaml --seeds 50 --fail-fast --out fast
check 'the first stops it' complained 'stopped after 1 runs: 1 did not pass'
summary
