#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A sweep comes to the same bytes whatever the number of jobs and however often it was killed, keeps what failed with
# the command that shows it again, and mixes nothing.
#
#   sweep.sh PROGRAM
# shellcheck source=checks.sh
. "$(dirname "$0")/checks.sh"

rows=(01_high_error_rate 04_conflicting_fixes)
sweep() { fd sweep "${rows[@]}" "$@"; }
lines() { wc -l 2>/dev/null <"$1" || echo 0; }
same_sweeps() {
  local file
  for file in results.jsonl report.json report.md report.csv; do same "$1/$file" "$2/$file" || return 1; done
}

# starts a sweep in the background, and waits until its unfinished results have that many lines
begun=0
begin() { # LINES ARGUMENTS...
  local wanted=$1
  shift
  called=(firedrill sweep "${rows[@]}" "$@")
  "$program" sweep "${rows[@]}" "$@" >"$work/out" 2>"$work/err" </dev/null &
  begun=$!
  local out=${*: -1}
  until [ "$(lines "$out/results.jsonl.part")" -ge "$wanted" ] || ! kill -0 $begun 2>/dev/null; do sleep 0.02; done
}
children_of() { cat "/proc/$1/task/$1/children" 2>/dev/null; }
# kills the sweep as nothing else does; its runs' processes have to end with it, a moment later
kill_it() {
  orphans=$(children_of $begun)
  kill -9 $begun
  wait $begun 2>/dev/null
}
orphans_ended() {
  local tries pid left
  for ((tries = 0; tries < 50; tries++)); do
    left=0
    for pid in $orphans; do # a dead one that nobody waited for has no command line
      if grep -q . "/proc/$pid/cmdline" 2>/dev/null; then left=1; fi
    done
    [ "$left" -eq 1 ] || return 0
    sleep 0.1
  done
  return 1
}

# ---- the same bytes ----

sweep --seeds 4 --jobs 1 --out "$work/one"
check 'a sweep on one job passes' ended 0
cp "$work/out" "$work/one.text"
check 'it says how many runs there were' said '^pass: 8 runs, 8 of them passed$'
check 'a run is a line, and the first is of the sweep' is "$(lines "$work/one/results.jsonl")" 9
sweep --seeds 4 --jobs 2 --out "$work/two" --json "$work/two.json" --markdown "$work/two.md" --csv "$work/two.csv"
check 'two jobs come to the same results and report' same_sweeps "$work/one" "$work/two"
check 'two jobs say the same' same "$work/one.text" "$work/out"
check 'the report goes where it is asked for, too' same "$work/two.json" "$work/two/report.json"
check 'as Markdown, too' same "$work/two.md" "$work/two/report.md"
check 'as CSV, too: a line a scenario beneath its head' is "$(lines "$work/two.csv")" 3
check 'as CSV, too' same "$work/two.csv" "$work/two/report.csv"
sweep --seeds 4 --jobs 7 --out "$work/two"
check 'the same command again runs nothing' complained '8 of 8 runs are there already'
check 'the same command again says the same' same "$work/one.text" "$work/out"
sweep --seeds 1..2 --out "$work/grown"
sweep --seeds 1..4 --out "$work/grown"
check 'more seeds go on from fewer' complained '4 of 8 runs are there already'
check 'more seeds come to the same as all at once' same_sweeps "$work/one" "$work/grown"

# ---- killed ----

for wanted in 1 3 6; do
  begin $wanted --seeds 4 --jobs 2 --out "$work/killed"
  kill_it
  check "killed at $wanted lines, its results are not taken for whole" not test -e "$work/killed/results.jsonl"
  check "killed at $wanted lines, there is no report" is "$(find "$work/killed" -name 'report.*')" ''
  check "killed at $wanted lines, no process stays behind" orphans_ended
done
truncate -s -7 "$work/killed/results.jsonl.part" # as if the kill had come in the middle of a line
sweep --seeds 4 --out "$work/killed"
check 'killed three times and cut, it goes on' complained 'of 8 runs are there already'
check 'killed three times and cut, it comes to the same' same_sweeps "$work/one" "$work/killed"

begin 2 --seeds 500 --jobs 1 --out "$work/busy"
sweep --seeds 500 --jobs 1 --out "$work/busy"
check 'a second sweep in the same folder is refused' ended 2
check 'a second sweep in the same folder hears why' complained 'another process is writing it'
kill_it

# a run that crashes is a result: the sweep goes on, and says so
called=(firedrill sweep 01_high_error_rate --seeds 3 --jobs 1 --out "$work/crashed")
"$program" sweep 01_high_error_rate --seeds 3 --jobs 1 --out "$work/crashed" >"$work/out" 2>"$work/err" </dev/null &
begun=$!
# shellcheck disable=SC2046 # there is one, or none yet
until kill -SEGV $(children_of $begun) 2>/dev/null; do sleep 0.005; done
status=0
wait $begun || status=$?
check 'a crash ends in 3' ended 3
check 'a crash is told with its command' said 'reproduce: firedrill run 01_high_error_rate --seed [123]$'
check 'the runs after a crash are run' said '^fail: 3 runs, 2 of them passed$'

# ---- what does not pass ----

rows=(01_high_error_rate)
sweep --seeds 2 --without all --out "$work/fail dir"
check 'without its cause nothing passes' ended 1 4
check 'each seed is told with its command' said 'reproduce: firedrill run 01_high_error_rate --seed 2 --without all$'
trace="$work/fail dir/traces/high_error_rate@shop-2.trace"
check 'its trace is kept' test -s "$trace"
fd run 01_high_error_rate --seed 2 --without all --trace "$work/again.trace"
check 'the command makes the same trace, byte by byte' same "$trace" "$work/again.trace"
check 'a sweep that passes keeps none' not test -e "$work/one/traces"

# ---- no mixture, no nonsense ----

cp "$work/two/results.jsonl" "$work/before"
refused() { # NAME WHY ARGUMENTS...: exit 2, a word, and the results as they were
  local name=$1 why=$2
  shift 2
  fd sweep "$@" --out "$work/two"
  check "$name is refused" ended 2
  check "$name is refused with a word" complained "$why"
  check "$name leaves the results alone" same "$work/before" "$work/two/results.jsonl"
}
rows=(01_high_error_rate 04_conflicting_fixes)
refused 'another scenario' 'sweep of 2 scenarios' 01_high_error_rate --seeds 4
refused 'another topology' 'now it is high_error_rate on' "${rows[@]}" --seeds 4 --topology online-boutique
refused 'a cause taken out' 'the plan of high_error_rate on shop was another' "${rows[@]}" --seeds 4 --without all
refused 'another first seed' 'first seed' "${rows[@]}" --seeds 2..5
refused 'fewer seeds' 'more than the 6 asked for' "${rows[@]}" --seeds 3
refused 'a scenario twice' 'two scenarios' 01_high_error_rate 01_high_error_rate --seeds 4
for seeds in 0 -1 x 5..4 1.. ..3 1...3 99999999999999999999; do
  refused "--seeds $seeds" '--seeds' 01_high_error_rate --seeds $seeds
done
sed -i 's/"violations":0/"violations":1/' "$work/two/results.jsonl"
sweep --seeds 4 --out "$work/two"
check 'changed results are refused' ended 2
check 'changed results are refused with their line' complained 'results.jsonl:2: error: is damaged'
fd sweep 01_high_error_rate --seeds 2
check 'a sweep without a folder is refused' ended 2
cp "$work/two/results.jsonl" "$work/before"
fd sweep "${rows[@]}" --seeds 4 --out "$work/two" --json "$work/two/../two/results.jsonl"
check 'a report over the results is refused' ended 2
check 'a report over the results is told' complained 'would overwrite .*/two/results.jsonl'
check 'and the results stand' same "$work/before" "$work/two/results.jsonl"
fd sweep "${rows[0]}" --seeds 1 --out "$work/not/yet" --json "$work/not/yet/results.jsonl.part"
check 'nor over results that are yet to be written' complained 'would overwrite'
fd sweep "${rows[0]}" --seeds 1 --out "$work/made/here"
check 'a folder in one that is not there is made' ended 0
sed 's/fixes: true/fixes: false/' "$tree/scenarios/core/01_high_error_rate.yaml" >"$work/up.yaml"
sed 's|^name: .*|name: ../up|' "$tree/topologies/catalogue/shop.yaml" >"$work/shop.yaml"
fd sweep "$work/up.yaml" --topology "$work/shop.yaml" --seeds 1 --out "$work/up"
check 'a name with a slash: the trace stays in its folder' test -s "$work/up/traces/high_error_rate@%2E.%2Fup-1.trace"
fd sweep no_such_row --seeds 2 --out "$work/none"
check 'a scenario that is not there is refused' ended 2
check 'and leaves no folder' not test -e "$work/none"
summary
