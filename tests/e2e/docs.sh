#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every command in README.md and docs/ that calls the program (INSTALL.md's are run by install.sh): runs it as it
# stands, in the order in which it stands, and demands the exit status that its comment names ("exit 4"), else 0.
#
#   docs.sh PROGRAM
# shellcheck source=tests/e2e/checks.sh
source "$(dirname "$0")/checks.sh"

mkdir "$work/place" && cd "$work/place" || exit 2
ln -s "$tree/policies" "$tree/scenarios" "$tree/topologies" "$tree/rules" "$tree/tests" "$tree/docs" .

commands=0
for file in "$tree/README.md" "$tree"/docs/*.md "$tree"/docs/runbooks/*.md; do
  [ "${file##*/}" = INSTALL.md ] && continue
  while IFS= read -r line; do
    if [[ $line == printf\ * ]]; then # a file that the commands after it use
      eval "$line"
      continue
    fi
    commands=$((commands + 1))
    wanted=0
    [[ $line =~ exit\ ([0-4]) ]] && wanted=${BASH_REMATCH[1]}
    words=${line%%#*}
    words=${words#*firedrill }
    eval "fd $words" # the line's own words and quotes
    check "${file##*/}: firedrill $words" [ "$status" -eq "$wanted" ]
  done < <(awk '{ sub(/^ +/, "") } /^```/ { fenced = !fenced; next } fenced && /^((build\/)?firedrill|printf) / { print }' "$file")
done
# the examples of SCENARIOS.md prove what they say: each of its files, and every scenario in it
awk '/^```yaml$/ { name = "example" ++n ".yaml"; next } /^```/ { name = "" } name { print > name }' "$tree/docs/SCENARIOS.md"
for file in example*.yaml; do
  fd run "$file"
  check "SCENARIOS.md, $file: every scenario passes" ended 0
done
check 'SCENARIOS.md has examples' [ -s example2.yaml ]
check 'README and docs show commands' [ "$commands" -ge 10 ]
summary
