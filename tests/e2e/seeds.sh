#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every row passes with every seed, and with requests that arrive by another process than the row's own.
#
#   seeds.sh PROGRAM [N]    N seeds of each, default 3
# shellcheck source=tests/e2e/checks.sh
. "$(dirname "$0")/checks.sh"
seeds=${2:-3}

# Where a run failed, its line says how to see it again; that line is all that 50 reports are kept for.
passes() {
  fd run "$1" --seed 1 --seeds "$seeds"
  check "$2, $seeds seeds" ended 0
}

for file in "$tree"/scenarios/core/*.yaml; do
  row=$(basename "$file" .yaml)
  passes "$row" "$row"
  for arrivals in erlang2; do
    grep -q '^load:' "$file" && { echo "seeds: $row states its load; teach this script to change it" >&2; exit 2; }
    sed "s/^roles:/load: {arrivals: $arrivals}\nroles:/" "$file" >"$work/$row.yaml"
    grep -q "^load: {arrivals: $arrivals}" "$work/$row.yaml" || { echo "seeds: $row has no roles" >&2; exit 2; }
    passes "$work/$row.yaml" "$row, arrivals $arrivals"
  done
done
summary
