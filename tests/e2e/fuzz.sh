#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Random scenarios: what a campaign leaves and says is a function of its seeds, whatever the number of jobs; each
# scenario it keeps is one that runs by itself. That it finds planted bugs is for tests/tools/hunt.sh.
#
#   fuzz.sh PROGRAM
# shellcheck source=tests/e2e/checks.sh
source "$(dirname "$0")/checks.sh"

fd fuzz --seeds 2..9 --jobs 1 --out "$work/one"
check 'a short campaign holds' ended 0
check 'it says how many' said '8 runs: 8 held, 0 broke an invariant, 0 crashed'
cp "$work/out" "$work/said"
fd fuzz --seeds 2..9 --jobs 2 --out "$work/two"
check 'two jobs say the same' cmp -s "$work/out" "$work/said"
check 'and leave the same' diff -r -I '^# reproduce' "$work/one" "$work/two"
check 'what reached something new is kept' [ -s "$work/one/kept/fuzz-2.yaml" ]
fd check "$work/one/kept/fuzz-2.yaml"
check 'it is an ordinary scenario' ended 0
fd run "$work/one/kept/fuzz-2.yaml" --trace "$work/kept.trace"
check 'that runs alone' ended 0 4
fd replay "$work/kept.trace"
check 'and replays' ended 0
fd coverage "$work/one"
check 'coverage names what was never reached' said 'never: '
fd fuzz --seeds 10..11 --out "$work/one"
check 'a campaign goes on in its folder' ended 0
cp "$work/one/kept/fuzz-2.yaml" "$work/one/failures/old.yaml"
fd fuzz --seeds 12..12 --topology shop --out "$work/one"
check 'past failures are tried first' said '0 of 1 past failures still fail'
printf 'name: [\n' >"$work/one/failures/old.yaml"
fd fuzz --seeds 12..12 --out "$work/one"
check 'one that cannot be run is not passed over' ended 2
fd fuzz --seeds 0..x
check 'seeds are checked' ended 2
fd fuzz --time soon
check 'so is the time' ended 2
fd fuzz --topology shpo
check 'and the topology' ended 2
check 'with the nearest' complained_of 'did you mean "shop"'
fd fuzz --time 1s --jobs 1
check 'time ends a campaign' ended 0 1
fd shrink "$work/two/kept/fuzz-2.yaml" --out "$work/small.yaml"
check 'where nothing fails nothing is shrunk' ended 2
check 'and nothing written' not [ -e "$work/small.yaml" ]
fd shrink "$work/kept.trace" --invariant mode_respekted
check 'an invariant is known' ended 2
fd coverage "$work/none"
check 'no coverage is bad input' ended 2
summary
