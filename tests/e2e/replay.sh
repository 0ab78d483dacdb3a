#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A trace is all that is needed to see its run again: it reproduces byte by byte without any other file, wherever its
# scenario stood; one that was altered does not, and the first difference is named; one that was cut is refused. What
# "report" says of traces is what "run" said when it made them.
#
#   replay.sh PROGRAM
# shellcheck source=checks.sh
. "$(dirname "$0")/checks.sh"
cd "$work" || exit 2

# put FILE OFFSET TEXT: overwrites bytes
put() { printf '%b' "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none; }
size() { stat -c %s "$1"; }
first_difference() { sed -n "/^first difference: record [0-9]/,\$p" out | grep -E "$1" >/dev/null; }
digest_of() { sed -nE 's/.*digest ([0-9a-f]{16})$/\1/p' "$1" | head -n 1; }

for row in 01_high_error_rate 04_conflicting_fixes 09_patch_fails_tests; do
  fd run "$row" --seed 3 --trace "$row.trace" --timeline
  check "$row leaves a trace" test -s "$row.trace"
  digest=$(digest_of out)
  fd replay "$row.trace"
  check "$row reproduces" ended 0
  check "$row reproduces with the digest that run told" is "$(digest_of out)" "$digest"
done
fd replay 01_high_error_rate.trace 04_conflicting_fixes.trace
check 'several traces replay in one call' is "$(grep -c reproduced out)" 2

# no other file: no catalogue, another folder, another environment
mkdir elsewhere && cp 01_high_error_rate.trace elsewhere/moved
FIREDRILL_DATA=/nonexistent LANG=de_DE.UTF-8 TZ=Asia/Kathmandu fd replay elsewhere/moved
check 'a trace replays without catalogue, under another name, elsewhere' ended 0
fd run 01_high_error_rate --seed 3 --trace-level requests --trace requests.trace
check 'a trace of every request is larger' [ "$(size requests.trace)" -gt "$(size 01_high_error_rate.trace)" ]
fd replay requests.trace
check 'a trace of every request reproduces' ended 0
fd run 04_conflicting_fixes --topology shop --policy fast --without slow-query --seed 9 --trace options.trace
fd replay options.trace
check 'what the command line changed is in the trace' ended 0

# the same scenario from elsewhere leaves the same bytes
cp "$tree/scenarios/core/01_high_error_rate.yaml" elsewhere/
(cd elsewhere && "$program" run 01_high_error_rate.yaml --seed 3 --trace ../copy.trace >/dev/null)
check 'a trace does not depend on where its scenario stood' same 01_high_error_rate.trace copy.trace

seal_broken() { complained '^altered: error: .*the trace was altered or cut: its digest is [0-9a-f]{16}, its bytes give [0-9a-f]{16}'; }
# altered, and still MessagePack: a test's number, in what CI answered; the count of records, in the last record
cp 09_patch_fails_tests.trace altered
at=$(grep -abo 'expected 200, was 500' altered | tail -n 1 | cut -d: -f1)
put altered $((at + 9)) 3
fd replay altered
check 'an altered fact does not reproduce' ended 2
check 'that the trace was altered is said' seal_broken
check 'the first difference: when, and in which record' first_difference '^  was: 00:[0-9.]+ [a-z_]+ '
check 'the first difference: what was recorded' first_difference '^  was: .*expected 300, was 500'
check 'the first difference: what happens now' first_difference '^  now: .*expected 200, was 500'
cp 01_high_error_rate.trace altered
last=$(($(size altered) - 1))
put altered "$last" "\\x$(printf %02x $((0x$(tail -c 1 altered | od -An -tx1 | tr -d ' ') ^ 1)))"
fd replay altered
check 'an altered last byte does not reproduce' ended 2
check 'the first difference is the last record' first_difference '^  was: 02:0[0-9.]+ end '
# an altered cause is another run: the plan's own digest, in the first record, tells
cp 01_high_error_rate.trace altered
at=$(grep -abo 'value: 15.2%' altered | head -n 1 | cut -d: -f1)
put altered $((at + 8)) 6
fd replay altered
check 'an altered cause does not reproduce' ended 2
check 'the first difference is in the plan' first_difference '^  was: 00:00.0+ run .*plan_digest='
fd replay altered --engine-only
check 'nor are its inputs given to today'"'"'s engines' ended 2
check 'for it was altered' seal_broken

# no report judges what was altered, however much sense it makes
fd report altered --json altered.json
check 'an altered cause is not judged' ended 2
check 'that it was altered is said' seal_broken
check 'an altered trace leaves no report' not test -e altered.json
bytes=$(size 01_high_error_rate.trace)
judged=0
for n in $(seq 24); do
  cp 01_high_error_rate.trace altered
  at=$((n * 7919 * 131 % bytes))
  was=$(dd if=altered bs=1 skip=$at count=1 status=none | od -An -tu1 | tr -d ' ')
  put altered $at "\\x$(printf %02x $((was ^ 1 << n % 8)))"
  fd report altered
  [ "$status" -eq 2 ] || judged=$((judged + 1))
done
check 'a flipped bit anywhere is seen' is $judged 0

# cut, or no trace at all
for bytes in 0 5 8 100 5000 $((last - 40)) "$last"; do
  head -c "$bytes" 01_high_error_rate.trace >short
  fd replay short
  check "a trace cut to $bytes bytes is not replayed" ended 2
  check "a trace cut to $bytes bytes: what is wrong is said" complained '^short: error: (record [0-9]+, byte [0-9]+|expected)'
  fd report short --json short.json
  check "a trace cut to $bytes bytes is not judged" ended 2
  check "a trace cut to $bytes bytes leaves no report" not test -e short.json
done
head -c 5000 /dev/urandom >rubbish
fd replay rubbish
check 'rubbish is not replayed' ended 2
fd replay "$tree/scenarios/core/demo.yaml"
check 'a scenario is not a trace' ended 2
fd replay .
check 'a folder is not a trace' ended 2

# reports on traces
rows=(01_high_error_rate 03_critical_error_rate 07_canary_failure)
without_reproduce() { grep -vE '^ *"?reproduce"?: ' "$1"; }
agree() { cmp -s <(without_reproduce "$1") <(without_reproduce "$2"); }
fd run "${rows[@]}" --seeds 2 --out runs --json run.json
run_status=$status
cp out run.text
check 'one trace a run' is "$(find runs -name '*.trace' | wc -l)" 6
check 'the folder holds the report that --json wrote' same run.json runs/report.json
fd report runs/high_error_rate@* runs/critical_error_rate@* runs/canary_failure@* --json report.json
check 'report ends as run did' ended "$run_status"
check 'report on traces gives the JSON that run gave' agree run.json report.json
check 'report on traces gives the text that run gave' agree run.text out
fd report runs
check 'report on a folder counts as many' is "$(grep -E '^(pass|fail|inconclusive): ' out)" "$(grep -E '^(pass|fail|inconclusive): ' run.text)"
fd run 01_high_error_rate --without all --out cold
check 'without a cause, run is inconclusive' ended 4
fd report cold
check 'without a cause, report is inconclusive' ended 4
# told at the pace of simulated time
fd replay 01_high_error_rate.trace --until 38s
check 'told: ends reproduced' ended 0
check 'told: what happened until then' said '^00:38\.000  cause is payment-service, confidence'
check 'told: nothing after it' not said '^00:48'
check 'told: and then that it reproduces' said 'reproduced'
fd run 01_high_error_rate --seed 3 --timeline
grep -E '^[0-9]+:[0-9.]+  ' out >timeline
COLUMNS=300 fd replay 01_high_error_rate.trace --speed max
check 'told: line by line what the timeline says' same timeline <(grep -E '^[0-9]+:[0-9.]+  ' out)
began=$(date +%s%N)
fd replay 01_high_error_rate.trace --speed 20 --until 32s
check 'told: 32 s at 20 a second take 1.6 s and no less' [ $((($(date +%s%N) - began) / 1000000)) -ge 1600 ]
called=(firedrill replay 01_high_error_rate.trace --step)
printf '\n\n' | "$program" replay 01_high_error_rate.trace --step >out 2>err
status=$?
check 'told: step by step, and to the end when nobody asks any more' ended 0
for bad in '--speed 0' '--speed fast' '--speed 1x' '--until soon' '--until -3s'; do
  # shellcheck disable=SC2086 # an option and its value
  fd replay 01_high_error_rate.trace $bad
  check "$bad: refused" ended 2
done

# the recorded inputs, to today's engine
for row in 01_high_error_rate 04_conflicting_fixes 09_patch_fails_tests; do
  fd replay "$row.trace" --engine-only
  check "$row: the engine wants the same of the same inputs" ended 0
done
check 'and each step was held against it' said '^engine 0: [1-9][0-9]+ steps, 0 of them want something else$'
cp 09_patch_fails_tests.trace altered
while IFS=: read -r at _; do # what the world did, then what the engine was told: what it then wanted stays as it was
  grep -q '^engine 0, step' out || { put altered $((at + 9)) 3 && fd replay altered --engine-only; }
done < <(grep -abo 'expected 200, was 500' 09_patch_fails_tests.trace)
check 'another input: the engine wants something else' ended 2
check 'another input: it says in which step' said '^engine 0, step [0-9]+ at [0-9.]+m?s, told '
check 'another input: what it wanted then' said '^  was: ask_patch .* feedback="'
check 'another input: what it wants now' said '^  now: ask_patch .* feedback=".*expected 300, was 500'
# an effect that another engine would have wanted: the first share of the canary
cp 01_high_error_rate.trace altered
sed -i 's/critical_error: 30%/critical_error: 06%/' altered
if not same 01_high_error_rate.trace altered; then
  fd replay altered --engine-only
  check 'another policy: the engine wants something else' ended 1
  check 'another policy: it asks a person' said '^  now: notify '
fi
summary
