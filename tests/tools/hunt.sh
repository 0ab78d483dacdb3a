#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Demands that the hunt bites: with a bug planted in a copy of the engine, fuzz breaks the invariant that the patch
# names, within so many seeds, and the engine as it is does not; and a bug that takes two faults to show, in a schedule
# of twelve, shrinks to those two, in less than a minute.
#
#   hunt.sh [--seeds N]     default: 40
set -euo pipefail
cd "$(dirname "$0")/../.."

seeds=40
if [ "${1:-}" = --seeds ]; then seeds=${2:?a number}; shift 2; fi
case ${1:-} in '') ;; -h | --help) sed -n '3,8s/^# \{0,1\}//p' "$0"; exit 0 ;; *) echo "hunt: unknown option $1" >&2; exit 2 ;; esac
# shellcheck source=tests/tools/mutant_copy.sh
source tests/tools/mutant_copy.sh
fail() { echo "hunt: $1"; tail -n 20 "$copy/said"; exit 1; }

# The red button is pressed in the middle of a repair; the ten other faults have nothing to do with it.
cat >"$copy/twelve.yaml" <<'YAML'
name: twelve
topology: shop
policy: fast
policy_overrides:
  canary: {stages: [{share: 10%, soak: 3s, min_samples: 5}, {share: 50%, soak: 3s, min_samples: 5}, {share: 100%}]}
  detection: {critical_error_rate: 90%}
duration: 120s
load: {entry: 40/s}
faults:
- {name: errors, kind: error_rate, target: payment, at: 20s, value: 35%}
- {kind: logs_down, at: 90s, for: 10s}
- {kind: traces_down, at: 95s, for: 10s}
- {kind: link_latency, from: engine-0, to: people, at: 10s, for: 90s, value: 80ms}
- {kind: clock_offset, target: people, at: 5s, value: 40s}
- {kind: clock_coarse, target: log-store, at: 15s, value: 1s}
- {name: freeze, kind: command, command: freeze, by: ada, at: 44s, reason: a release is going on}
- {kind: pods_unreachable, target: catalog-service, at: 70s, for: 10s, value: 1}
- {kind: misleading_change, target: catalog-service, at: 60s, value: 10m}
- {kind: lock_store_slow, at: 10s, for: 60s, value: 20ms}
- {kind: lock_held, target: catalog-service, at: 30s, for: 40s}
- {kind: link_loss, from: engine-0, to: traces, at: 80s, for: 20s, value: 20%}
patches: [{repeat: true}]
people: [{name: ada}]
expect: [{invariants: true}]
YAML
# hunted ARGUMENTS: output in $copy/said, exit status in $status
hunted() {
  status=0
  (cd "$copy" && build/firedrill "$@") >"$copy/said" 2>&1 || status=$?
}

echo "hunt: building the engine as it is"
configure
build
hunted run twelve.yaml
[ "$status" -ne 1 ] || fail "without a bug, twelve.yaml breaks an invariant"
hunted fuzz --seeds "$seeds"
! grep -q '^audit_before_effect:' "$copy/said" || fail "without a bug, fuzz breaks audit_before_effect"

echo "hunt: planting effect_before_ack"
plant tests/mutants/effect_before_ack.patch
build
hunted fuzz --seeds "$seeds" --out "$copy/hunted"
grep '^audit_before_effect:' "$copy/said" || fail "fuzz does not find it within $seeds seeds"
[ "$status" -eq 1 ] || fail "fuzz finds it, and ends with $status"
take_out tests/mutants/effect_before_ack.patch

echo "hunt: planting freeze_forgotten"
plant tests/mutants/freeze_forgotten.patch
build
hunted run twelve.yaml
{ [ "$status" -eq 1 ] && grep -qw mode_respected "$copy/said"; } || fail "twelve.yaml does not show it"
began=$SECONDS
hunted shrink twelve.yaml --invariant mode_respected --time 50s --out small.yaml
[ "$status" -eq 0 ] || fail "shrink ends with $status"
[ $((SECONDS - began)) -lt 60 ] || fail "shrink took longer than a minute"
grep -q '2 of 12 faults are left' "$copy/said" || fail "shrink leaves others than two of twelve"
{ grep -q 'kind: error_rate' "$copy/small.yaml" && grep -q 'command: freeze' "$copy/small.yaml"; } || fail "not those two are left"
grep -q '^# what happens:' "$copy/small.yaml" || fail "the story is missing"
hunted run small.yaml
{ [ "$status" -eq 1 ] && grep -qw mode_respected "$copy/said"; } || fail "what is left does not fail alone"
echo "hunt: found within $seeds seeds; 12 faults shrink to 2 in $((SECONDS - began)) s"
