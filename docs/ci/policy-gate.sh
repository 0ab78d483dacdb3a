#!/usr/bin/env bash
# Is a change of policy good enough? Green (0) if it is, red (1) with a sentence that says why if repair takes more than 5 %
# longer, or heals less: policy-gate.sh POLICY_BEFORE POLICY_AFTER [SCENARIO...]. The sweep of the policy before can be kept
# between runs of CI (the folder gate/base): what is there is not run again.
set -euo pipefail
[ $# -ge 2 ] || { echo "usage: policy-gate.sh POLICY_BEFORE POLICY_AFTER [SCENARIO...]" >&2; exit 2; }
before=$1 after=$2
shift 2
[ $# -gt 0 ] || set -- 01_high_error_rate 09_patch_fails_tests
seeds=${SEEDS:-100}
mkdir -p gate
# a run that misses its row's own bounds (1) is for the gate below to judge; anything worse is not, and is what this ends with
swept() {
  local status=0
  firedrill sweep "${@:3}" --seeds "$seeds" --policy "$1" --out "gate/$2" >"gate/$2.txt" || status=$?
  [ "$status" -le 1 ] || return "$status"
}
rm -rf gate/candidate # another change's
swept "$before" base "$@"
swept "$after" candidate "$@"
firedrill compare gate/base gate/candidate --gate "mttr.p95 <= 1.05x, success >= 95%" --junit gate/gate.xml --markdown gate/gate.md
