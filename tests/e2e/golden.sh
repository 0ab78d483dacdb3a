#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Each row with its own seed does today what it did when it was blessed, to the byte: tests/golden/ROW.txt holds the
# digest of its trace, and below it what happened, line by line, so that a change is read before it is blessed.
#
#   golden.sh PROGRAM            a difference shows the lines that changed, then the digests
#   golden.sh PROGRAM --bless    writes them anew; "git diff tests/golden" is then to be read
# shellcheck source=checks.sh
. "$(dirname "$0")/checks.sh"
golden=$tree/tests/golden
mkdir -p "$work/now"

# The first paragraph: a line with the digest, then the timeline. The report follows.
tell() {
  fd run "$1" --timeline
  sed '/^$/Q' "$work/out" >"$work/now/$1.txt"
}
digest() { head -n 1 "$1"; }
timeline() { tail -n +2 "$1"; }
has_both() { grep -qE '^[a-z0-9_]+, seed [0-9]+, digest [0-9a-f]{16}$' <(digest "$1") && [ "$(wc -l <"$1")" -gt 1 ]; }
# What differs is shown beneath the check; the lines first, for a digest only says that something did.
compare() {
  local blessed=$golden/$1.txt now=$work/now/$1.txt
  ! cmp -s "$blessed" "$now" || return 0
  {
    diff -U 1 --label blessed --label now <(timeline "$blessed") <(timeline "$now") && echo 'the timeline is the same'
    printf 'blessed: %s\nnow:     %s\n' "$(digest "$blessed")" "$(digest "$now")"
  } >"$work/out"
  return 1
}

exists() { [ -e "$1" ]; }

rows=()
for file in "$tree"/scenarios/{core,extended}/*.yaml; do rows+=("$(basename "$file" .yaml)"); done
for row in "${rows[@]}"; do
  tell "$row"
  check "$row holds" is "$status" 0
  check "$row tells its digest and what happened" has_both "$work/now/$row.txt" || continue
  if [ "${2:-}" = --bless ]; then
    mkdir -p "$golden" && cp "$work/now/$row.txt" "$golden/$row.txt"
  elif [ -e "$golden/$row.txt" ]; then
    check "$row is as blessed" compare "$row"
  else
    check "$row was blessed once" test -e "$golden/$row.txt"
  fi
done
for file in "$golden"/*.txt; do
  row=$(basename "$file" .txt)
  check "$row is still a row" exists "$tree"/scenarios/*/"$row.yaml"
done
summary
