#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A capacity comes to the same bytes with one process and with two, says what bound where, and refuses what cannot be
# varied, what has no knee, and what is no range.
#
#   capacity.sh PROGRAM
# shellcheck source=tests/e2e/checks.sh
source "$(dirname "$0")/checks.sh"
cd "$work" || exit 2

short=duration=10m,incidents.until=9m
capacity() { fd capacity lock_load --set $short --until 'contention.rate > 10%' "$@"; }

capacity --vary incidents.rate=4/min..16/min --seeds 8 --points 4 --jobs 1 --out one
check 'a knee is found' ended 0
check 'and told with its interval' said '^knee: incidents.rate = [0-9.]+/min, 95% from [0-9.]+/min to [0-9.]+/min; 8 seeds'
check 'with the policy in force' said 'safety_gates.incident_rate.max_incidents_per_hour = 5'
check 'and what refused there' said 'lock requests timed out; no gate and no conflict refused anything'
cp out one.txt
capacity --vary incidents.rate=4/min..16/min --seeds 8 --points 4 --jobs 2 --out two
check 'two processes say the same' same out one.txt
for file in capacity.json capacity.csv curve.svg; do check "$file is the same" same one/$file two/$file; done
if command -v xmllint >/dev/null; then check 'the picture is XML' xmllint --noout one/curve.svg; fi
check 'it is light and dark' grep -q 'prefers-color-scheme: dark' one/curve.svg
if command -v jq >/dev/null; then
  check 'JSON has the knee' jq -e '.knee.low <= .knee.at and .knee.at <= .knee.high and .knee.monotone' one/capacity.json
fi

capacity --vary incidents.rate=4/min..16/min --vary incidents.cause.waits=5s..20s --seeds 3 --points 3 --svg map.svg --csv map.csv
check 'two keys make a grid' ended 0
check 'with a knee a row' said '^ +5.00s .*/min \[.*/min, .*/min\]'
check 'of nine cells' is "$(wc -l <map.csv)" 10
check 'and nine in the picture' is "$(grep -c '<rect x=' map.svg)" 9
if command -v xmllint >/dev/null; then check 'the heat map is XML' xmllint --noout map.svg; fi

fd capacity lock_load --set $short --vary incidents.rate=4/min..16/min --until 'contention > 10%, ci(knee) < 50%' --seeds 8 --points 3
check 'a precision can be asked for' said 'half of that is [0-9.]+% of it: less than 50%'
fd capacity lock_load --set $short --vary incidents.rate=4/min..16/min --until 'contention > 10%, ci(knee) < 0.01%' --seeds 6 --points 3
check 'and may ask for more seeds than there are' said 'more seeds are needed for 0.01%'

# refused: what is asked, what the message says
refused() {
  local words=$2
  shift 2
  capacity "$@" --seeds 4 --points 3 --out no
  check "refused: $words" ended 2
  check "said: $words" complained_of "$words"
  check "nothing is left: $words" [ ! -e no/capacity.json ]
}
refused key 'unknown key "rat" in incidents; did you mean "rate"?' --vary incidents.rat=1/min..2/min
refused section 'no key "incident" of a scenario or section of a policy that can be set; did you mean "incidents"?' --vary incident.rate=1/min..2/min
refused policy 'unknown key "wait_timeout_second" in locking; did you mean "wait_timeout_seconds"?' --vary locking.wait_timeout_second=1..20
refused reversed 'expected a range that rises, got "incidents.rate=16/min..4/min"' --vary incidents.rate=16/min..4/min
refused units 'expected both ends in one unit' --vary incidents.rate=1/min..4s
refused none 'no knee between 1.000/min and 3.000/min' --vary incidents.rate=1/min..3/min
refused many 'at most 2000 fit' --vary incidents.rate=1/min..900/min
refused twice '"incidents.rate" is varied already' --vary incidents.rate=4/min..16/min --vary incidents.rate=4/min..16/min
fd capacity lock_load --vary incidents.rate=4/min..16/min --until 'contntion > 10%'
check 'a mistaken figure is named' complained_of '--until:1:1: error: expected a figure such as mttr.mean, got "contntion > 10%"; did you mean "contention"?'
fd capacity lock_load --vary incidents.rate=4/min..16/min --until 'mttr.p95 > 1.05x'
check 'there is no base' complained_of 'there is no base to be a multiple of'
fd capacity lock_load --vary incidents.rate=4/min..16/min --until 'contention > 10%, ci(kne) < 2%'
check 'nor another precision' complained_of 'did you mean "knee"?'
fd capacity lock_load --until 'contention > 10%'
check 'something has to be varied' ended 2

fd run lock_load --set incidents.rate=12/min,$short --seed 3 --trace set.trace
check 'what is set is run' ended 0
fd replay set.trace
check 'and replays from its trace' ended 0
summary
