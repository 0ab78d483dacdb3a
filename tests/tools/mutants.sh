#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Plants known bugs into a copy of the engine and demands that the harness catches each: exit status 1 and the
# invariant that the patch names, over several seeds. The engine without a bug has to pass the same scenario with
# that invariant unmentioned, or being caught would mean nothing.
#
#   mutants.sh [--seeds N] [NAME...]     default: 3 seeds, all of tests/mutants/*.patch
#
# A patch begins with three lines: "# breaks: WHAT", "# scenario: FILE" (a pattern that names one file),
# "# caught by: INVARIANT". Instead of a scenario, "# explore: OPTIONS" follows every order of events, once.
# "# caught by: expectation" names no invariant: what the scenario expects does not come true.
set -euo pipefail
cd "$(dirname "$0")/../.."

seeds=3
if [ "${1:-}" = --seeds ]; then seeds=${2:?a number}; shift 2; fi
case ${1:-} in -h | --help) sed -n '3,11s/^# \{0,1\}//p' "$0"; exit 0 ;; -*) echo "mutants: unknown option $1" >&2; exit 2 ;; esac
patches=(tests/mutants/*.patch)
if [ $# -gt 0 ]; then patches=("${@/#/tests/mutants/}"); patches=("${patches[@]/%/.patch}"); fi

# shellcheck source=tests/tools/mutant_copy.sh
source tests/tools/mutant_copy.sh
scenario_of() {
  local -a found
  [ -z "$(header "$1" explore)" ] || { echo explore; return; }
  mapfile -t found < <(cd "$copy" && compgen -G "$(header "$1" scenario)")
  [ ${#found[@]} -eq 1 ] || { echo "mutants: $1: \"$(header "$1" scenario)\" names ${#found[@]} files" >&2; exit 2; }
  printf '%s\n' "${found[0]}"
}
# run PATCH SCENARIO SEED: output in $copy/said, exit status in $status. What explore says it held is left out.
run() {
  status=0
  if [ "$2" = explore ]; then
    # shellcheck disable=SC2046 # the options are words
    (cd "$copy" && build/firedrill explore $(header "$OLDPWD/$1" explore)) >"$copy/said" 2>&1 || status=$?
    sed -i '/^held:/d' "$copy/said"
  else
    (cd "$copy" && build/firedrill run "$2" --seed "$3") >"$copy/said" 2>&1 || status=$?
  fi
}
names() { if [ "$1" = expectation ]; then grep -q ' expected ' "$copy/said"; else grep -qw "$1" "$copy/said"; fi; }
times() { if [ "$1" = explore ]; then echo 1; else echo "$seeds"; fi; } # every order is one order

echo "mutants: building the engine as it is"
configure
build
failed=0
for patch in "${patches[@]}"; do
  scenario=$(scenario_of "$patch")
  invariant=$(header "$patch" 'caught by')
  [ "$invariant" = expectation ] || grep -q "^INVARIANT($invariant," reports/judge/invariants.def ||
    grep -q "\"$invariant\"" sim/explore/look.c ||
    { echo "mutants: $patch: the judge has no invariant $invariant" >&2; exit 2; }
  for ((seed = 1; seed <= $(times "$scenario"); seed++)); do
    run "$patch" "$scenario" "$seed"
    if [ "$status" -ne 0 ] || { [ "$invariant" != expectation ] && names "$invariant"; }; then
      echo "mutants: without any bug, $scenario --seed $seed ends with $status:"
      cat "$copy/said"
      failed=1
    fi
  done
done
if [ $failed -ne 0 ]; then exit 1; fi

printf '%-26s %-9s %-26s %s\n' mutant caught invariant seeds
for patch in "${patches[@]}"; do
  scenario=$(scenario_of "$patch")
  invariant=$(header "$patch" 'caught by')
  caught=0
  plant "$patch"
  build
  for ((seed = 1; seed <= $(times "$scenario"); seed++)); do
    run "$patch" "$scenario" "$seed"
    if [ "$status" -eq 1 ] && names "$invariant"; then
      caught=$((caught + 1))
    else
      echo "  seed $seed: status $status, $invariant $(grep -qw "$invariant" "$copy/said" || echo 'not ')named; $(tail -n 1 "$copy/said")"
      failed=1
    fi
  done
  take_out "$patch"
  printf '%-26s %-9s %-26s %d of %d\n' "$(basename "$patch" .patch)" \
    "$([ $caught -eq "$(times "$scenario")" ] && echo yes || echo NO)" "$invariant" $caught "$(times "$scenario")"
done
[ $failed -eq 0 ] && echo "mutants: ${#patches[@]} planted, each caught in every of $seeds seeds"
exit $failed
