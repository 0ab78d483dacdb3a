#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A recorded day as the load: what enters follows it, from lines or from OpenMetrics, a stated rate scales it, its trace
# needs no file, and what is wrong with a recording is told with its line.
#
#   recorded.sh PROGRAM
# shellcheck source=checks.sh
. "$(dirname "$0")/checks.sh"

row=$tree/scenarios/core/00_healthy.yaml

# scenario NAME LOAD RATE: a copy of the healthy row with that load, and a rate for its role or none
scenario() {
  sed -e "s/^name: .*/name: $1/" -e "s/^duration: .*/&\nload: $2/" -e "s/rate: 1250\/s/$3/" -e 's/replicas: 20, }/replicas: 20}/' \
    "$row" >"$work/$1.yaml"
}

cat >"$work/day.csv" <<'END'
time,requests
1767603600, 800   # a quiet beginning
1767603630, 80
1767603660, 400
END
scenario lines '{recorded: day.csv}' ''
fd run "$work/lines.yaml" --trace "$work/lines.trace"
check 'a recording is a load of its own' ended 0
fd replay "$work/lines.trace"
check 'a trace of it replays' ended 0
mv "$work/day.csv" "$work/away.csv"
fd replay "$work/lines.trace"
check '... without the file' ended 0
fd run "$work/lines.yaml"
check 'a recording that is not there is named' complained_of 'recording "day.csv" cannot be read'
mv "$work/away.csv" "$work/day.csv"

# the same load as a counter: 800, 80 and 400 requests a second
{
  echo '# TYPE requests counter'
  awk 'BEGIN { total = 5; for (t = 0; t <= 120; t += 30) { printf "requests_total{pod=\"a\"} %d %d\n", total / 2, t + 1767603600; total += t == 0 ? 24000 : t == 30 ? 2400 : 12000 } }'
  awk 'BEGIN { total = 5; for (t = 0; t <= 120; t += 30) { printf "requests_total{pod=\"b\"} %d %d\n", total / 2, t + 1767603600; total += t == 0 ? 24000 : t == 30 ? 2400 : 12000 } }'
  echo '# EOF'
} >"$work/day.om"
scenario metrics '{recorded: day.om}' ''
fd run "$work/metrics.yaml" --trace "$work/metrics.trace"
check 'series of a counter are a load' ended 0
lines() { grep -ao '1767603[0-9]*\.000,[0-9.]*' "$1" | sort -u | tr '\n' ' '; }
check '... the rates between its samples, added up, stand in the trace' \
  is "$(lines "$work/metrics.trace")" '1767603600.000,800.000 1767603630.000,80.000 1767603660.000,400.000 1767603690.000,400.000 '

scenario scaled '{recorded: day.csv}' 'rate: 100\/s'
fd run "$work/scaled.yaml"
check 'a stated rate is its peak' ended 0 4
scenario heavy '{recorded: heavy.csv}' ''
printf '0,10\n60,900000\n' >"$work/heavy.csv"
fd run "$work/heavy.yaml"
check 'a peak that is too much for the services is refused' complained_of 'busy, and no service may be over 50%'

# ---- what is wrong ----
# wrong NAME TEXT PLACE-AND-MESSAGE
wrong() {
  printf '%b' "$2" >"$work/$1.csv"
  scenario "$1" "{recorded: $1.csv}" ''
  fd run "$work/$1.yaml"
  check "$1: told with its place" complained_of "$3"
}
wrong comma '0,5\n10 7\n' 'comma.csv:2:4: error: expected a comma'
wrong order '0,5\n10,7\n10,8\n' 'order.csv:3:1: error: expected a time later than the line before'
wrong words '0,5\nten,7\n' 'words.csv:2:1: error: expected seconds'
wrong rate '0,5\n10,-7\n' 'rate.csv:2:4: error: expected requests a second'
wrong empty '# nothing\n' 'records no request'
printf 'a_total 1 1\nb_total 1 1\n# EOF\n' >"$work/two.om"
scenario two '{recorded: two.om}' ''
fd run "$work/two.yaml"
check 'two metrics are refused' complained_of 'has b_total beside a_total'
summary
