#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Plants known bugs into a copy of the tree, one at a time, and demands that the harness catches each: by the scenario
# that the patch names, in every seed, through the invariant that it names. Then the same bug is hunted without knowing it: by
# the rows of the matrix, and by "firedrill fuzz". What the tree without a bug breaks as well counts for nothing.
#
#   mutants.sh [OPTION...] [NAME...]     default: all of tests/mutants/*.patch
#     --seeds N   of the scenario that a patch names (3)
#     --fuzz N    seeds of the hunt (50); 0: neither hunt nor rows, only what the patch names
#     --table     keep what was measured, and write docs/MUTANTS.md
#
# A patch begins with "# breaks: WHAT" and one of "# scenario: FILE" (a pattern that names one file), "# explore:
# OPTIONS" (every order of events, once) or "# test: NAME..." (of ctest; against the harness itself); then "# caught by:"
# an invariant, "expectation" (what the scenario expects does not come true) or "test".
set -euo pipefail
cd "$(dirname "$0")/../.."

seeds=3 fuzz=50 table=no
while [ $# -gt 0 ]; do
  case $1 in
    --seeds) seeds=${2:?a number}; shift ;;
    --fuzz) fuzz=${2:?a number}; shift ;;
    --table) table=yes ;;
    -h | --help) sed -n '3,15s/^# \{0,1\}//p' "$0"; exit 0 ;;
    -*) echo "mutants: unknown option $1" >&2; exit 2 ;;
    *) break ;;
  esac
  shift
done
patches=(tests/mutants/*.patch)
if [ $# -gt 0 ]; then patches=("${@/#/tests/mutants/}"); patches=("${patches[@]/%/.patch}"); fi

# shellcheck source=tests/tools/mutant_copy.sh
source tests/tools/mutant_copy.sh
# shellcheck source=tests/tools/mutant_look.sh
source tests/tools/mutant_look.sh
known >"$copy/known"
measured=$copy/measured
: >"$measured"

kind_of() { local kind; for kind in scenario explore test; do [ -z "$(header "$1" $kind)" ] || { echo $kind; return; }; done; }
scenario_of() {
  local -a found
  mapfile -t found < <(cd "$copy" && compgen -G "$(header "$1" scenario)")
  [ ${#found[@]} -eq 1 ] || { echo "mutants: $1: \"$(header "$1" scenario)\" names ${#found[@]} files" >&2; exit 2; }
  printf '%s\n' "${found[0]}"
}
# own PATCH SEED: what the patch names
own() {
  case $(kind_of "$1") in
    explore) followed "$(header "$1" explore)" ;;
    test) tested "$(header "$1" test)" ;;
    *) ran "$(scenario_of "$1")" "$2" ;;
  esac
}
times() { if [ "$(kind_of "$1")" = scenario ]; then echo "$seeds"; else echo 1; fi; } # every order, and a test, is one
names() {
  case $1 in
    expectation) grep -qE ' expected |must not:|did not act' "$copy/said" ;;
    test) true ;;
    *) broken | grep -qxF "$1" ;;
  esac
}
well_formed() {
  local kind by
  kind=$(kind_of "$1") by=$(header "$1" 'caught by')
  [ -n "$kind" ] || { echo "mutants: $1 says neither scenario, explore nor test" >&2; exit 2; }
  [ "$by" = expectation ] || { [ "$by" = test ] && [ "$kind" = test ]; } || grep -qxF "$by" "$copy/known" ||
    { echo "mutants: $1: nobody has an invariant \"$by\"" >&2; exit 2; }
}

echo "mutants: building the tree as it is"
configure
build
failed=0
for patch in "${patches[@]}"; do well_formed "$patch"; done
declare -A held
for patch in "${patches[@]}"; do
  what=$(kind_of "$patch") what=$(header "$patch" "$what")
  for ((seed = 1; seed <= $(times "$patch"); seed++)); do
    [ -z "${held[$what $seed]:-}" ] || continue
    held[$what $seed]=yes
    own "$patch" $seed
    if [ "$status" -ne 0 ]; then
      echo "mutants: without any bug, $what, seed $seed, ends with $status:"
      cat "$copy/said"
      failed=1
    fi
  done
done
[ $failed -eq 0 ] || exit 1
unhurt=()
if [ "$fuzz" -gt 0 ]; then
  for row in "${rows[@]}"; do
    ran "$row" 1
    if [ "$status" -eq 0 ]; then unhurt+=("$row"); fi
  done
  hunted "$fuzz"
  broken >"$copy/broken_anyway"
fi

# caught_by_its_own PATCH: sets $caught and $after, adds to $copy/by
caught_by_its_own() {
  local seed invariant
  invariant=$(header "$1" 'caught by')
  caught=0 after=-
  for ((seed = 1; seed <= $(times "$1"); seed++)); do
    own "$1" $seed
    broken >>"$copy/by"
    if [ "$status" -ne 0 ] && names "$invariant"; then
      caught=$((caught + 1))
      [ "$seed" -gt 1 ] || [ "$(kind_of "$1")" != scenario ] || after=$(seconds)
    else
      echo "  seed $seed: status $status, $invariant $(names "$invariant" || echo 'not ')named; $(tail -n 1 "$copy/said")"
    fi
  done
}
# caught_by_rows: sets $in_rows; in brackets: only expectations failed
caught_by_rows() {
  local row by_invariant='' by_end='' number
  for row in "${unhurt[@]}"; do
    ran "$row" 1
    broken >>"$copy/by"
    number=${row##*/} number=${number%%_*}
    if [ "$status" -eq 0 ]; then continue; fi
    if [ -n "$(broken)" ]; then by_invariant+="$number "; else by_end+="$number "; fi
  done
  by_end=${by_end% }
  in_rows=$by_invariant${by_end:+($by_end)}
  in_rows=${in_rows% }
}
# caught_by_the_hunt: sets $first (seed) and $until (simulated seconds)
caught_by_the_hunt() {
  first=- until=-
  hunted "$fuzz"
  broken | grep -vxF -f "$copy/broken_anyway" >"$copy/hunted" || true
  cat "$copy/hunted" >>"$copy/by"
  read -r first until < <(grep -F -f <(sed 's/$/:/' "$copy/hunted"; echo crash:) "$copy/said" |
    sed -nE 's/.*first seed ([0-9]+), found after ([0-9]+) simulated s$/\1 \2/p' | sort -n | head -n 1) || true
}

printf '%-28s %-7s %-24s %-7s %5s %5s %7s  %s\n' mutant caught by seeds sim-s fuzz sim-s rows
for patch in "${patches[@]}"; do
  invariant=$(header "$patch" 'caught by')
  in_rows='' first=- until=-
  : >"$copy/by"
  plant "$patch"
  build
  caught_by_its_own "$patch"
  if [ "$fuzz" -gt 0 ] && [ "$(kind_of "$patch")" != test ]; then
    caught_by_rows
    caught_by_the_hunt
  fi
  take_out "$patch"
  [ "$caught" -eq "$(times "$patch")" ] || failed=1
  name=$(basename "$patch" .patch) by=$(sort -u "$copy/by" | tr '\n' ' ')
  by=${by% } by=${by:--}
  printf '%-28s %-7s %-24s %-7s %5s %5s %7s  %s\n' "$name" "$([ "$caught" -eq "$(times "$patch")" ] && echo yes || echo NO)" \
    "$invariant" "$caught of $(times "$patch")" "$after" "${first:--}" "${until:--}" "$in_rows"
  printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$name" "$caught" "$(times "$patch")" "$after" "${first:--}" "${until:--}" \
    "${in_rows:--}" "$by" >>"$measured"
done

echo
awk -F'\t' '$8 != "-" && $8 !~ / / { print "only by " $8 ": " $1 }' "$measured" | sort
if [ $# -eq 0 ]; then
  echo "by no mutant: $(grep -vxF -f <(cut -f8 "$measured" | tr ' ' '\n' | sort -u) "$copy/known" | tr '\n' ' ')"
fi
if [ $table = yes ]; then
  { grep -vF -f <(cut -f1 "$measured" | sed 's/$/\t/') tests/mutants/measured.tsv 2>/dev/null || true; cat "$measured"; } |
    LC_ALL=C sort >"$copy/all" && cp "$copy/all" tests/mutants/measured.tsv
  tests/tools/mutants_table.sh --write
fi
[ $failed -eq 0 ] && echo "mutants: ${#patches[@]} planted, each caught in every seed"
exit $failed
