# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What a run in the copy said, and what of it counts: source it after mutant_copy.sh. An invariant that the engine
# without any bug breaks as well, in the same place, kills nothing.
# shellcheck disable=SC2034,SC2154 # copy is mutant_copy.sh's; rows and status are read where this is sourced
rows=(scenarios/core/[0-9]*.yaml)
known() { { sed -n 's/^INVARIANT(\([a-z_]*\),.*/\1/p' "$copy/reports/judge/invariants.def"; explored; } | sort -u; }
explored() { sed -n '/explore_invariants\[\] = /,/;/p' "$copy/sim/explore/look.c" | grep -o '"[a-z_]*"' | tr -d '"'; }

# ran FILE SEED: output in $copy/said, exit status in $status
ran() {
  status=0
  (cd "$copy" && build/firedrill run "$1" --seed "$2") >"$copy/said" 2>&1 || status=$?
}
# What explore says it held is left out.
followed() {
  status=0
  # shellcheck disable=SC2086 # the options are words
  (cd "$copy" && build/firedrill explore $1) >"$copy/said" 2>&1 || status=$?
  sed -i '/^held:/d' "$copy/said"
}
# Tests of the tree, by their names in ctest; what they need is built.
tested() {
  status=0
  local name targets=(firedrill)
  for name in $1; do case $name in test_*) targets+=("$name") ;; esac; done
  cmake --build "$copy/build" --target "${targets[@]}" >"$copy/build.log" 2>&1 || { tail -n 40 "$copy/build.log"; exit 2; }
  ctest --test-dir "$copy/build" --no-tests=error --output-on-failure -R "^(${1// /|})\$" >"$copy/said" 2>&1 || status=1
}
hunted() {
  status=0
  (cd "$copy" && build/firedrill fuzz --seeds "$1") >"$copy/said" 2>/dev/null || status=$?
}

# The invariants that what was said names as broken, one a line.
broken() {
  { sed -nE 's/^  ([a-z_]+) \(.*/\1/p; s/^broken: ([a-z_]+).*/\1/p' "$copy/said"
    sed -nE 's/^([a-z_]+): [0-9]+ runs, first seed.*/\1/p' "$copy/said"; } | grep -xF -f "$copy/known" | sort -u || true
}
# Simulated seconds until the first of it; "all": only its end showed it.
seconds() {
  local at
  at=$(tr -s '\n ' ' ' <"$copy/said" | grep -oE '\): at [0-9]+\.[0-9]+ s, record' | head -n 1 | grep -oE '[0-9]+' | head -n 1)
  echo "${at:-all}"
}
