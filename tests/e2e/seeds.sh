#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every row passes with every seed, and with requests that arrive by another process than the row's own.
#
#   seeds.sh PROGRAM [N]    N seeds of each, default 3
# shellcheck source=checks.sh
. "$(dirname "$0")/checks.sh"
seeds=${2:-3}

passes() {
  fd run "$1" --seed 1 --seeds "$seeds"
  check "$2, $seeds seeds" ended 0
}

for file in "$tree"/scenarios/core/*.yaml; do
  row=$(basename "$file" .yaml)
  passes "$row" "$row"
  if grep -q '^load:' "$file"; then
    sed 's/^load: {/load: {arrivals: erlang2, /' "$file" >"$work/$row.yaml"
  else
    sed 's/^roles:/load: {arrivals: erlang2}\n&/' "$file" >"$work/$row.yaml"
  fi
  check "$row was given another arrival process" grep -q '^load: {arrivals: erlang2' "$work/$row.yaml"
  passes "$work/$row.yaml" "$row, arrivals erlang2"
done
summary
