#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The files in docs/ci that run a sweep in shards, each as it stands: what its scheduler would set is set here, its commands
# are run, and merged they come to the bytes of one sweep. Slurm has a test of its own (slurm.sh).
#
#   ready_files.sh PROGRAM YAML_AT
# shellcheck source=tests/e2e/checks.sh
source "$(dirname "$0")/checks.sh"
yaml_at=$(realpath "$2")
ci=$tree/docs/ci
cd "$work" || exit 2
unset SLURM_ARRAY_TASK_ID SLURM_ARRAY_TASK_COUNT CI_NODE_INDEX CI_NODE_TOTAL JOB_COMPLETION_INDEX
mkdir bin && ln -s "$program" bin/firedrill
PATH=$work/bin:$PATH
export SEEDS=17 # two or three a shard

for file in "$ci"/*.yml "$ci"/*.yaml; do
  check "${file##*/} is YAML" "$yaml_at" "$file"
done
fd sweep 01_high_error_rate --seeds $SEEDS --out whole
check 'a whole sweep' ended 0

# equal FOLDER WHO: what was merged there is the whole sweep
equal() {
  for file in results.jsonl report.json report.md report.csv; do check "$2: the same $file" same "whole/$file" "$1/$file"; done
}
# runs COMMAND: as its scheduler's shell would
runs() {
  called=("$@")
  status=0
  sh -euc "$1" >"$work/out" 2>"$work/err" </dev/null || status=$?
  [ $status -eq 0 ]
}
at() { "$yaml_at" "$@"; }

# ---- Kubernetes
pod=(spec template spec containers 0)
job=$ci/kubernetes-job.yaml
check 'Kubernetes: an Indexed Job' is "$(at "$job" kind)/$(at "$job" spec completionMode)" Job/Indexed
check 'Kubernetes: its command is a shell' is "$(at "$job" "${pod[@]}" command | tr '\n' ' ')" 'sh -c '
check 'Kubernetes: the volume that it writes to' is "$(at "$job" "${pod[@]}" env 1 value)" "$(at "$job" "${pod[@]}" volumeMounts 0 mountPath)"
pods=$(at "$job" spec completions)
for ((k = 0; k < pods; k++)); do
  JOB_COMPLETION_INDEX=$k SWEPT=$work/kubernetes runs "$(at "$job" "${pod[@]}" args)" || check "Kubernetes: pod $k" ended 0
done
fd merge kubernetes/shard-* --out kubernetes/all
equal kubernetes/all 'Kubernetes'

# ---- GitLab
mkdir gitlab && cd gitlab || exit 2
lab=$ci/gitlab-parallel.yml
jobs=$(at "$lab" firedrill-shard parallel)
for ((k = 1; k <= jobs; k++)); do
  CI_NODE_INDEX=$k CI_NODE_TOTAL=$jobs runs "$(at "$lab" firedrill-shard script)" || check "GitLab: job $k" ended 0
done
check 'GitLab: merges' runs "$(at "$lab" firedrill-merge script)"
cd .. || exit 2
equal gitlab/merged 'GitLab'

# ---- GitHub
mkdir github && cd github || exit 2
hub=$ci/github-matrix.yml
mapfile -t shards < <(at "$hub" jobs shard strategy matrix shard)
# shellcheck disable=SC2016 # that is how it stands there
check 'GitHub: its shard is the one of the matrix' is "$(at "$hub" jobs shard env SHARD)" '${{ matrix.shard }}'
for k in "${shards[@]}"; do
  SHARD=$k SHARDS=${#shards[@]} runs "$(at "$hub" jobs shard steps 2 run)" || check "GitHub: job $k" ended 0
done
check 'GitHub: merges' runs "$(at "$hub" jobs merge steps 3 run)"
cd .. || exit 2
equal github/merged 'GitHub'

# ---- GNU parallel
if parallel --version 2>/dev/null | grep -q GNU; then
  export PARALLEL_HOME=$work/parallel.d
  mkdir "$PARALLEL_HOME" && touch "$PARALLEL_HOME/will-cite" && mkdir parallel && cd parallel || exit 2
  check 'GNU parallel' runs "bash $ci/gnu-parallel.sh"
  # a job that was killed: its line in the log says so, and its shard is cut
  cd .. && equal parallel/swept/all 'GNU parallel' && cd parallel || exit 2
  awk -v OFS='\t' '$1 == 3 { $8 = 15 } { print }' FS='\t' swept/jobs.log >jobs.log && mv jobs.log swept/jobs.log
  head -n 2 swept/shard-3/results.jsonl >swept/shard-3/results.jsonl.part
  rm -r swept/shard-3/results.jsonl swept/all
  check 'GNU parallel: after a kill, the same command again' runs "bash $ci/gnu-parallel.sh"
  cd .. || exit 2
  equal parallel/swept/all 'GNU parallel, killed'
else
  echo '# GNU parallel is not installed: its file is not run'
fi
summary
