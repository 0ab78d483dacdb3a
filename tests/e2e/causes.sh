#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# No row passes without its cause: with all faults taken out, with any one of them, with the symptom removed, or with
# the patch swapped for the opposite one, a run fails or is inconclusive. A row that passed would prove nothing.
#
#   causes.sh PROGRAM
# shellcheck source=checks.sh
. "$(dirname "$0")/checks.sh"

# the names of a row's faults; one without a name goes by its kind
faults_of() { sed -nE '/^faults:/,/^[a-z]/s/^- \{?(name|kind): ([a-z_-]+).*/\2/p' "$1"; }

# altered NAME SED...: runs a changed copy of a row
altered() {
  local row=$1 file
  file=$(find "$tree/scenarios/core" "$tree/scenarios/extended" -name "$row.yaml")
  shift
  sed "$@" "$file" >"$work/$row.yaml"
  check "$row was changed" not same "$file" "$work/$row.yaml"
  fd run "$work/$row.yaml"
}

rows=0
for file in "$tree"/scenarios/{core,extended}/*.yaml; do
  row=$(basename "$file" .yaml)
  mapfile -t faults < <(faults_of "$file")
  [ ${#faults[@]} -gt 0 ] || continue # the healthy system has no cause
  rows=$((rows + 1))
  fd run "$row" --without all
  check "$row without all its causes does not pass" ended 1 4
  [ ${#faults[@]} -gt 1 ] || continue # the only one is all of them
  for fault in "${faults[@]}"; do
    fd run "$row" --without "$fault"
    check "$row without $fault does not pass" ended 1 4
  done
done
check "rows with a cause were found" [ $rows -ge 5 ]

altered 04_conflicting_fixes -e '/^- name: slow-query/,/log: {exception: SlowQuery/d' -e '/incident: slow-query/d' \
  -e 's/reaction: auto_fix, outcome: resolved, mttr: {max: 60s}/reaction: acquire_lock, outcome: resolved/'
check '04_conflicting_fixes with one symptom waits for no lock' ended 1

altered 07_canary_failure -e 's/fixes: false, error_rate: 22%/fixes: true/'
check '07_canary_failure with a good patch is no rollback' ended 1
check '07_canary_failure with a good patch is healed instead' said 'auto_fix'

altered 08_safety_gate_rejection -e 's/analysis: false, finding: .*}/analysis: true}/'
check '08_safety_gate_rejection with a patch that analysis finds clean is no rejection' ended 1

altered 09_patch_fails_tests -e 's/tests_failed: 1, finding: .*}/tests_failed: 0}/'
check '09_patch_fails_tests with a patch that passes them is no rejection' ended 1

altered 15_infinite_loop -e 's/, loop: {[^}]*}//'
check '15_infinite_loop with a patch that does not loop is no rollback' ended 1

altered 16_memory_leak -e 's/, leak: 50MB//'
check '16_memory_leak with a patch that loses nothing is no rollback' ended 1
check '16_memory_leak with a patch that loses nothing is healed beneath the same sawtooth' said 'auto_fix'

altered 16_memory_leak -e 's/leak: 50MB/leak: 1MB/'
check '16_memory_leak that would take a day to the limit is no rollback' ended 1

altered 10_root_cause_misidentified -e 's/value: 10m/value: 2h/'
check '10_root_cause_misidentified with a change of long ago needs nobody to confirm' ended 1

altered 10_root_cause_misidentified -e 's/confirm: yes/confirm: no/'
check '10_root_cause_misidentified with a person who says no is not healed' ended 1

altered 12_human_override -e 's/team: marketing/team: sre/'
check '12_human_override with a second command by somebody who may is not suspended' ended 1

altered 17_cascading_failures -e 's/value: 12%/value: 2%/'
check '17_cascading_failures with two that matter is no cascade' ended 1

altered 18_rate_limit -e '/reply: rate_limited/d'
check '18_rate_limit without the limit waits for nothing' ended 1

altered 19_deployment_rollback -e 's/, bad_from: {[^}]*}//'
check '19_deployment_rollback with a patch that stays good is no rollback' ended 1

altered 20_verification_false_positive -e 's/value: 8%/value: 0.31%/'
check '20_verification_false_positive with a good rollout is no longer watch' ended 1

altered 21_patch_fixes_nothing -e 's/fixes: false/fixes: true/'
check '21_patch_fixes_nothing with a patch that fixes is no rollback' ended 1

altered 01_high_error_rate -e 's/fixes: true/fixes: false/'
check '01_high_error_rate with a patch that fixes nothing is not healed' ended 1
check '01_high_error_rate with a patch that fixes nothing goes back' said 'rollback'

altered 01_high_error_rate -e 's/value: 15.2%/value: 0.31%/'
check '01_high_error_rate with hardly more errors than in health is not healed' ended 1 4

altered 03_critical_error_rate -e 's/value: 50%/value: 8%/'
check '03_critical_error_rate with a rate that needs no person is not held' ended 1

altered gate_error_budget -e 's/error_rate: 3%/error_rate: 0.3%/'
check 'gate_error_budget after a day in health needs nobody' ended 1

altered gate_recent_failures -e '/before: 50m/d'
check 'gate_recent_failures with two of them needs nobody' ended 1

altered gate_incident_rate -e 's/max_incidents_per_hour: 1/max_incidents_per_hour: 5/'
check 'gate_incident_rate with more of them allowed needs nobody' ended 1

altered gate_time_window -e 's/"09:02"/"09:00"/'
check 'gate_time_window outside of it waits for nothing' ended 1

altered gate_risk -e 's/size_lines: 240/size_lines: 12/'
check 'gate_risk with a small patch needs nobody' ended 1

altered canary_latency -e 's/, latency: 600ms//'
check 'canary_latency with a patch that is fast is no rollback' ended 1

altered two_failures -e 's/fixes: false/fixes: true/'
check 'two_failures with a patch that fixes is no rollback' ended 1

altered unknown_error_pattern -e 's/fixes: false/fixes: true/'
check 'unknown_error_pattern with a patch that fixes is no rollback' ended 1

altered bad_deployment -e 's/value: 15.2%/value: 0.31%/'
check 'bad_deployment with a good build is not undone' ended 1 4

altered bad_deployment -e 's/kind: rollout\(.*\), steps: \[100%\]/kind: error_rate\1/'
check 'bad_deployment with the same defect and no rollout is not undone' ended 1
check 'bad_deployment with the same defect and no rollout is patched' said 'auto_fix'

altered bad_pod_drained -e 's/, pods: 1}/}/'
check 'bad_pod_drained with all of them bad drains none' ended 1

altered bad_pod_drained -e 's/value: 1, pods/value: 1000, pods/'
check 'bad_pod_drained with handles enough is not drained' ended 1 4

altered overload_scaled_out -e 's/slots: 7/slots: 28/'
check 'overload_scaled_out with room for the rush is not scaled out' ended 1 4

altered overload_scaled_out -e 's/scale_step: 100%/scale_step: 100%, scale_most: 1.2/'
check 'overload_scaled_out with room for no pod is not scaled out' ended 1

altered leak_restarted_then_patched -e 's/value: 2m/value: 1h/'
check 'leak_restarted_then_patched that would take an hour to the limit is not restarted' ended 1 4

altered leak_restarted_then_patched -e 's/order: .patch, restart., mitigate_first: true/order: [patch]/'
check 'leak_restarted_then_patched where nothing but a patch is allowed is not eased' ended 1

altered leak_restarted_then_patched -e 's/fixes: true/fixes: false/'
check 'leak_restarted_then_patched with a patch that fixes nothing comes back' ended 1

altered demo -e 's/mttr: {min: 36s, max: 36s}/mttr: {min: 37s, max: 37s}/'
check 'demo held to another second fails' ended 1

# the other way round: nothing else in these copies keeps a row from passing
cp "$tree/scenarios/core/01_high_error_rate.yaml" "$work/01_copy.yaml"
fd run "$work/01_copy.yaml"
check 'an unchanged copy of 01_high_error_rate passes' ended 0
summary
