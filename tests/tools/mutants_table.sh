#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# docs/MUTANTS.md, made from what there is: tests/mutants/list.tsv (what is known of each bug), the patches' own heads,
# tests/mutants/measured.tsv (what "./dev mutants --table" measured), the judge's invariants and their unit tests.
#
#   mutants_table.sh           says it
#   mutants_table.sh --write   writes it
#   mutants_table.sh --check   demands that it stands there as it would be written, that every patch is in it and was
#                              measured, and that every function named is there
# shellcheck disable=SC2016 # backquotes are Markdown's
set -euo pipefail
cd "$(dirname "$0")/../.."
readonly list=tests/mutants/list.tsv measured=tests/mutants/measured.tsv page=docs/MUTANTS.md

header() { sed -n "s/^# $2: //p" "$1"; }
entries() { grep -v '^#' "$list"; }
of_the_field() { sed '/^# Against/,$d' "$list" | grep -v '^#'; }
of_the_harness() { sed '1,/^# Against/d' "$list"; }
# "a, b" of FILE:FUNCTION and "x y" of patches, as code
as_code() { sed -E 's/([^ ,]+)/`\1`/g'; }
names() { for patch in tests/mutants/*.patch; do basename "$patch" .patch; done; }
figure() { awk -F'\t' -v name="$1" -v column="$2" '$1 == name { print $column }' "$measured"; }
invariants() { sed -n 's/^INVARIANT(\([a-z_]*\),.*/\1/p' reports/judge/invariants.def; }

bugs() {
  printf '| bug | known from | prevented in | planted as |\n|---|---|---|---|\n'
  while IFS=$'\t' read -r what from where patches; do
    printf '| %s | %s | %s | %s |\n' "$what" "$from" "$(as_code <<<"$where")" "$(as_code <<<"$patches")"
  done
}
against() {
  printf '| bug | what stands against it | planted as |\n|---|---|---|\n'
  while IFS=$'\t' read -r what _ where patches; do
    printf '| %s | %s | %s |\n' "$what" "$(as_code <<<"$where")" "$(as_code <<<"$patches")"
  done
}
# Where the patch says that it is caught.
place() {
  local scenario explore
  scenario=$(header "$1" scenario) explore=$(header "$1" explore)
  if [ -n "$scenario" ]; then
    scenario=${scenario##*/} scenario=${scenario%.yaml}
    echo "${scenario%\*}"
  elif [ -n "$explore" ]; then echo "\`explore $explore\`"; else header "$1" test | as_code; fi
}
caught() {
  printf '| mutant | breaks | caught by | in | seeds | simulated s | rows | fuzz: seed | simulated s |\n|---|---|---|---|---|---|---|---|---|\n'
  local name patch
  for name in $(names); do
    patch=tests/mutants/$name.patch
    printf '| `%s` | %s | %s | %s | %s of %s | %s | %s | %s | %s |\n' "$name" "$(header "$patch" breaks)" "$(header "$patch" 'caught by')" \
      "$(place "$patch")" "$(figure "$name" 2)" "$(figure "$name" 3)" "$(figure "$name" 4)" "$(figure "$name" 7)" \
      "$(figure "$name" 5)" "$(figure "$name" 6)"
  done | sed -E 's/ \| -? \|/ | |/g; s/ \| -? \|/ | |/g'
}
# Unit tests that break an invariant by a trace made by hand: the function around its name.
by_hand() {
  awk -v name="\"$1\"" '/^static void [a-z_0-9]+\(/ { sub(/^static void /, ""); sub(/\(.*/, ""); test = $0 }
    index($0, name) && /BREAKS|violations/ { print test; exit }' tests/unit/test_invariants_*.c tests/unit/test_judge*.c
}
catchers() {
  printf '| invariant | broken by hand in | mutants that it catches |\n|---|---|---|\n'
  local name test
  for name in $(invariants); do
    test=$(by_hand "$name")
    printf '| %s | %s | %s |\n' "$name" "${test:+\`$test\`}" \
      "$(awk -F'\t' -v name="$name" '{ n = split($8, by, " "); for (k = 1; k <= n; k++) if (by[k] == name) print $1 }' "$measured" | sort | tr '\n' ' ' | sed 's/ $//' | as_code)"
  done
}
alone() { awk -F'\t' '$8 != "-" && $8 !~ / / { print $8 "\t" $1 }' "$measured" | sort | awk -F'\t' '
  $1 != former { if (former) print "- " former ": " all; former = $1; all = "" } { all = all (all ? ", " : "") "`" $2 "`" }
  END { if (former) print "- " former ": " all }'; }
nothing() { invariants | grep -vxF -f <(cut -f8 "$measured" | tr ' ' '\n' | sort -u) || true; }
summary() {
  awk -F'\t' '{ all++; killed += $2 == $3; hunted += $5 != "-"; rows += $7 != "-" }
    END { printf "Of %d mutants %d are caught by what their patch names, in every seed from the first on. Without knowing where to look, the\nmatrix (one seed of each row) catches %d, and fuzz, within 50 seeds, %d.\n", all, killed, rows, hunted }' "$measured"
}

say() {
  local left
  cat <<'MD'
# Planted bugs

<!-- made by "./dev mutants --table"; what is written here by hand is lost, and a test notices it -->

A harness that is green proves nothing until it kills bugs. Each bug here is a patch under `tests/mutants/`, planted in a copy of the
tree when it is built; there is no other way of breaking the engine in tests. `./dev mutants` plants one after the other and demands that
what its patch names catches it, in three seeds, and that the same passes without it; then it hunts the bug without knowing it, with the
rows of the matrix and 50 seeds of `firedrill fuzz`. What the tree without a bug breaks as well counts for nothing.

MD
  summary
  printf '\n## Known from the field\n\n'
  of_the_field | bugs
  cat <<'MD'

Stores and deploy target are the world's, so some bugs are planted there. Nothing in today's world begins maintenance of the whole system:
that others see it is shown by unit tests. No store of this world grants less time than it was asked for, so that the engine goes by the
record is shown by one, too, as is the order of a wait's generations: a grant that comes after a wait is renewed before it is believed,
which makes the one it belongs to harmless.

## Against the harness

MD
  of_the_harness | against
  cat <<'MD'

## What catches each

Seeds and simulated seconds (to the first violation in seed 1; "all": only the scenario's end showed it) are those of the scenario that the
patch names. A row of the matrix in brackets breaks no invariant, but what it expects does not come true. The last two columns: the
first seed of `firedrill fuzz --seeds 50` that breaks an invariant, and what was simulated until then.

MD
  caught
  printf '\nOnly one invariant catches these; if it were wrong they would pass:\n\n'
  alone
  cat <<'MD'

## What each invariant catches

By a trace made by hand that breaks it, and by what its mutants do in scenarios, rows and hunt.

MD
  catchers
  left=$(nothing | tr '\n' ' ' | sed 's/ $//; s/ /, /g')
  printf '\nInvariants that catch no mutant: %s.\n' "${left:-none}"
}

check() {
  local status=0 name file function
  say | diff -u "$page" - >&2 || { echo "mutants: $page is not what \"./dev mutants --table\" would write" >&2; status=1; }
  for name in $(names); do
    [ -n "$(figure "$name" 1)" ] || { echo "mutants: $name was never measured: ./dev mutants --table $name" >&2; status=1; }
  done
  while IFS= read -r name; do
    [ -e "tests/mutants/$name.patch" ] || { echo "mutants: $list names $name, which is not there" >&2; status=1; }
  done < <({ entries | cut -f4 | tr ' ' '\n'; cut -f1 "$measured"; } | sort -u)
  while IFS=: read -r file function; do
    grep -qsE "\b$function\(" "$file" || { echo "mutants: there is no $function in $file" >&2; status=1; }
  done < <(entries | cut -f3 | sed 's/, /\n/g')
  [ $status -eq 0 ] && echo "mutants: $(names | wc -l) in $page, $(entries | wc -l) bugs, every function there"
  return $status
}

case ${1:-} in
  --write) say >"$page.new" && mv "$page.new" "$page" ;;
  --check) check ;;
  '') say ;;
  *) sed -n '3,10s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
