#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# "firedrill promql": answers as the HTTP API gives them, errors with their place, and scripts that hold and do not.
#
#   promql.sh PROGRAM
# shellcheck source=checks.sh
. "$(dirname "$0")/checks.sh"

# ---- eval ----
printf '%s\n' 'hits_total{job="a\"b"} 0 10' 'hits_total{job="a\"b"} 30 70' 'size 1e21 10' 'size NaN 20' '# EOF' >"$work/day.om"
answer() { is "$(cat "$work/out")" "$1"; }
ask() { fd promql eval --metrics "$work/day.om" "$@"; }

ask --at 70 hits_total
check 'a vector, with its labels' answer '{"status":"success","data":{"resultType":"vector","result":[{"metric":{"__name__":"hits_total","job":"a\"b"},"value":[70,"30"]}]}}'
ask --at 70.5 'time()'
check 'a scalar, and a time with milliseconds' answer '{"status":"success","data":{"resultType":"scalar","result":[70.500,"70.5"]}}'
ask '"text"'
check 'a string, at the last sample' answer '{"status":"success","data":{"resultType":"string","result":[70,"text"]}}'
ask --at 70 'size[1m]'
check 'a range vector, and numbers in the API'\''s form' answer '{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"size"},"values":[[20,"NaN"]]}]}}'
ask --at 10 size
check 'exponents from 1e21 on' said '"1e\+21"'
ask --range 0..120 --step 1m hits_total
check 'a range' answer '{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"hits_total","job":"a\"b"},"values":[[60,"0"],[120,"30"]]}]}}'
ask --range 1970-01-01T00:01:00Z..1970-01-01T00:02:00Z --step 60 hits_total
check 'a range by dates' said '\[60,"0"\],\[120,"30"\]'
ask --at 70 'rate(size[1m])'
check 'what looks wrong is said beside the answer' said '"infos":\["metric might not be a counter'
fd promql eval --at 2024-02-29T23:59:59.5Z 'day_of_year() + vector(time())'
check 'a date, and no samples' said '\[1709251199.500,"1709251259.5"\]'
printf '%s\n' 'c 0 0' 'c 5 60' '# EOF' >"$work/edge.om"
fd promql eval --metrics "$work/edge.om" --at 60 'count_over_time(c[1m])'
check 'windows are left-open' said '"1"'
fd promql eval --metrics "$work/edge.om" --windows 2 --at 60 'count_over_time(c[1m])'
check 'and closed when asked' said '"2"'

ask 'sum(hits_total) + ratee(size[1m])'
check 'an error is bad input' ended 2
check 'an error has its place' complained '^expression:1:19: error: unknown function "ratee"; did you mean "rate"\?$'
check 'an error has a caret' complained '^ {22}\^$'
check 'an error answers nothing' silent out
ask 'mad_over_time(size[1m])'
check 'what is experimental is refused by name' complained 'mad_over_time\(\) is experimental in Prometheus, and not supported'
ask --at 70 'hits_total + on () (size or hits_total)'
check 'what fails while it is evaluated is the API'\''s error' said '^\{"status":"error","errorType":"execution","error":"many-to-many matching'
check 'and exit 1' ended 1
ask --at yesterday size
check 'a time is a time' ended 2
ask --range 0..10 --at 5 size
check 'an instant or a range' ended 2
fd promql eval
check 'an expression is needed' ended 2
fd promql guess size
check 'eval or test' complained 'expected "eval" or "test"'
fd promql eval --metrics "$work/none.om" size
check 'a file that is not there is named' complained_of none.om

# ---- test ----
mkdir "$work/scripts"
printf '%s\n' 'load 1m' '  x 1 2' '' 'eval instant at 1m x + 1' '  {} 3' '' 'eval instant at 1m limitk(1, x)' >"$work/scripts/b.test"
printf '%s\n' 'eval instant at 0 1 + 1' '  2' >"$work/scripts/a.test"
fd promql test "$work/scripts"
check 'scripts that hold' ended 0
check 'each file is counted, in order' is "$(sed 's/.*\///' "$work/out" | head -n 2 | tr '\n' '|')" 'a.test: 1 passed, 0 failed, 0 skipped|b.test: 1 passed, 0 failed, 1 skipped: limitk 1|'
check 'the last line counts all' is "$(tail -n 1 "$work/out")" '2 passed, 0 failed, 1 skipped'
fd promql test --verbose "$work/scripts/b.test"
check 'what is skipped is said' said 'b.test:7: skipped: limitk: '
printf '%s\n' 'load 1m' '  x 1 2' '' 'eval instant at 1m count_over_time(x[1m])' '  {} 2' >"$work/closed.test"
fd promql test "$work/closed.test"
check 'windows are left-open here too' ended 1
fd promql test --windows 2.53 "$work/closed.test"
check 'unless another version is asked for' ended 0
fd promql test --windows 4 "$work/closed.test"
check 'which has to be one' complained 'expected 2, 3 or a version like 2.53, got "4"'
printf '%s\n' 'load 1m' '  x 1 2' '  y {{count:3 sum:1}}' '' 'eval instant at 0 x' '  x 2' '' 'eval instant at 0 y' '  y 2' >"$work/half.test"
fd promql test "$work/half.test"
check 'what touches only floats is never skipped' said '0 passed, 1 failed, 1 skipped: native histograms 1$'
printf '%s\n' 'load 1m' '  y{a="1"} 2' '  y{a="2"} {{count:3 sum:1}}' '' 'eval instant at 0 max(y)' '  expect info' '  {} 2' \
  '' 'eval instant at 0 max(y)' '  expect info' '  {} 3' '' 'eval instant at 0 max(y{a="1"})' '  expect info' '  {} 2' >"$work/told.test"
fd promql test "$work/told.test"
check 'what is said of native histograms is not asked for, other values and words are' said '^1 passed, 1 failed, 1 skipped$'
printf '%s\n' 'load 1m' '  x 1 2' '' 'eval instant at 1m x' '  x 3' >"$work/wrong.test"
fd promql test "$work/wrong.test"
check 'a script that does not hold' ended 1
check 'what was expected, and what came' said 'expected 3, got 2'
printf '%s\n' 'evil instant at 0 1' '  1' '' 'eval instant at 0 1' '  1' >"$work/bad.test"
fd promql test "$work/bad.test"
check 'a script that cannot be read' ended 2
check 'is told where' complained 'bad.test:1:1: error: expected load, eval or clear'
check 'and goes on' said '^1 passed, 0 failed, 0 skipped$'
summary
