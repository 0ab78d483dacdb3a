#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Lessons: each tells its run, fits 60 columns, and shows answers where nobody can answer. On a terminal right answers are
# right, wrong ones are told why. Figures and answers are those of the trace: another scenario has others.
#
#   lessons.sh PROGRAM
# shellcheck source=checks.sh
. "$(dirname "$0")/checks.sh"

readonly escape=$'\033'
joined() { tr -s ' \n\r' ' ' <"$work/out" >"$work/joined" && grep -qE -e "$1" "$work/joined"; }
# answers LESSON: what it shows as right, a line each: a letter, or a figure without its unit
answers() { sed -nE 's/^    Answer: ([a-z])\).*/\1/p; s/^    Answer: ([0-9.]+)[s%]?$/\1/p' "$work/out"; }

declare -A questions=([locks]=3 [deadlock]=3 [fencing]=3 [conflicts]=3 [gates]=4 [canary]=5 [override]=3 [cascade]=4 [audit]=4)
for lesson in locks deadlock fencing conflicts gates canary override cascade audit; do
  COLUMNS=60 fd demo --lesson "$lesson"
  check "$lesson: passes" ended 0
  check "$lesson: says nothing beside" silent err
  check "$lesson: fits 60 columns" not grep -qE '^.{61}' "$work/out"
  check "$lesson: has no escape sequence when piped" not grep -q "$escape" "$work/out"
  check "$lesson: asks ${questions[$lesson]} questions" is "${questions[$lesson]}" "$(grep -cE '^Question [0-9]+\.' "$work/out")"
  check "$lesson: shows each answer" is "${questions[$lesson]}" "$(grep -cE '^    Answer: ' "$work/out")"
  check "$lesson: has a figure for all it says" not joined 'did not happen in this run'
  check "$lesson: fills in every expression" not grep -qE '[{}]|\?\?' "$work/out"
  answers >"$work/$lesson.answers"
done
fd demo --lesson gates --no-questions
check 'without questions: none' not said '^Question|Answer:'
check 'but what they would have taught' joined 'Reject outranks pause'
fd demo --lesson list
check 'the list has all' is "${#questions[@]}" "$(grep -cE '^[a-z]+ +[a-z]' "$work/out")"

# ---- another run, other figures ----

fd demo --lesson canary --seed 5
check 'another seed has another canary' not said '^    Answer: 496$'
mkdir "$work/data"
cp -r "$tree/scenarios" "$tree/topologies" "$tree/policies" "$tree/rules" "$tree/lessons" "$work/data"
# altered FILE LESSON SED...: the lesson on a changed scenario
altered() {
  local file=$1 lesson=$2
  shift 2
  cp "$tree/scenarios/$file" "$work/data/scenarios/$file"
  sed -i "$@" "$work/data/scenarios/$file"
  check "$file was changed" not same "$tree/scenarios/$file" "$work/data/scenarios/$file"
  FIREDRILL_DATA=$work/data COLUMNS=200 fd demo --lesson "$lesson"
}
altered core/04_conflicting_fixes.yaml locks -e 's/at: 32s/at: 36s/'
check 'locks: who comes later waits for less' said '^    Answer: 10s$'
altered lessons/deadlock.yaml deadlock -e 's/for: 15s/for: 20s/'
check 'deadlock: an operator who takes longer is waited for longer' said '^    Answer: 19s$'
altered lessons/fencing.yaml fencing -e 's/fixes: false, error_rate: 22%/fixes: true/'
check 'fencing: a late write that does no harm' joined 'Answer: 0\.[0-9]%'
altered lessons/fencing.yaml fencing -e '/^target_guards/d'
check 'fencing: with guards in both runs there is nothing to tell' joined 'did not happen in this run'
check 'and that is no success' ended 1
altered extended/dependency_awareness.yaml conflicts -e 's/answers_after: 20s/answers_after: 35s/'
check 'conflicts: a slower person' said '^    Answer: 35s$'
altered core/08_safety_gate_rejection.yaml gates -e 's/size_lines: 240/size_lines: 180/'
check 'gates: a smaller change scores less' joined 'risk: 0\.75[0-9]'
altered core/07_canary_failure.yaml canary -e 's/replicas: 20/replicas: 40/'
check 'canary: a tenth of forty pods' joined '40 pods serve it now\? Answer: 4 '
altered core/12_human_override.yaml override -e 's/team: marketing/team: sre/'
check 'override: of another team, another answer' joined 'Does it go on\?.*Answer: a\) yes'
# shellcheck disable=SC2016 # the dollar is sed's
altered lessons/cascade.yaml cascade -e '/^name: cascade_of_two/,$s/value: 2%/value: 12%/'
check 'cascade: with a third service the other run is one, too' joined 'because of a cascade\?.*Answer: a\) yes'
altered lessons/audit.yaml audit -e 's/value: 734/value: 600/; s/named_entry: 734/named_entry: 600/'
check 'audit: another entry' said '^    Answer: 599$'
check 'audit: and more to forge' said '^    Answer: 401$'

# ---- on a terminal ----

# taught LESSON < ANSWERS: with a terminal on both sides, which gets these lines
taught() {
  called=(firedrill demo --lesson "$1" --speed 0)
  status=0
  { sleep 3; while IFS= read -r line; do printf '%s\n' "$line"; sleep 0.1; done; sleep 0.5; } |
    env TERM=xterm timeout 60 script -qec "'$program' demo --lesson $1 --speed 0 ${2:-}" "$work/typescript" >/dev/null 2>"$work/err" || status=$?
  tr -d '\r' <"$work/typescript" | sed '1d;$d' >"$work/out"
}
if command -v script >/dev/null; then
  for lesson in locks cascade audit; do
    taught "$lesson" <"$work/$lesson.answers"
    check "$lesson: the right answers are right" joined "${questions[$lesson]} of ${questions[$lesson]} right at once"
    check "$lesson: and it ends" ended 0
  done
  check 'in colour' grep -q "$escape\[1m$escape\[33mQuestion 1" "$work/out"
  printf 'nonsense\n1\nz\na\n99\n' >"$work/wrong"
  taught locks --no-color <"$work/wrong"
  check 'what is no answer is asked for again' joined 'Expected seconds, such as 12'
  check 'and a letter as such' joined 'Expected a letter from a to b'
  check 'wrong answers are told so' is 3 "$(grep -c '^ *No\.' "$work/out")"
  check 'with the right one, and why' joined 'No\. Answer: 14s The lock is held for a whole canary'
  check 'none was right' joined '0 of 3 right at once'
  check '--no-color has no escape sequence' not grep -q "$escape" "$work/out"
fi

# ---- what is wrong with a file ----

fd demo --lesson lock
check 'an unknown lesson names the nearest' complained 'there is no lesson "lock"; did you mean "locks"'
check 'and is bad usage' ended 2
fd demo --lesson nothing-like-it
check 'or says how to find one' complained 'lesson list says which'
# wrong MESSAGE SED...: a lesson with a mistake
wrong() {
  local message=$1
  shift
  sed "$@" -e "s,scenario: .*,scenario: $tree/scenarios/core/04_conflicting_fixes.yaml," "$tree/lessons/locks.yaml" >"$work/mine.yaml"
  fd demo --lesson "$work/mine.yaml"
  check "$message" complained "mine\.yaml:[0-9]+:[0-9]+: error: .*$message"
  check "$message: before anything is told" silent out
  check "$message: exit 2" ended 2
}
wrong 'unknown key "stepz"' -e 's/^steps:/stepz:/'
wrong 'a question needs the key "explain"' -e '0,/  explain: |/s//  because: |/'
wrong 'no kind of record is called "locc"; did you mean "lock"' -e '0,/record: lock/s//record: locc/'
wrong 'lock has no field "evnt"' -e '0,/event: granted/s//evnt: granted/'
wrong 'nothing found before is called "granter"' -e '0,/after: granted/s//after: granter/'
wrong 'nothing found is called "tern"' -e 's/answer: turn\.at/answer: tern.at/'
wrong '"turn" has no field "att"' -e 's/answer: turn\.at/answer: turn.att/'
wrong 'is left over' -e 's/answer: turn\.at - queued\.at/answer: turn.at queued.at/'
wrong 'expected a figure' -e 's/answer: turn\.at - queued\.at/answer: turn.at -/'
wrong 'no run of that name' -e 's/tell: two\.closed/tell: two.closed, run: other/'
printf '' >"$work/empty.yaml"
fd demo --lesson "$work/empty.yaml"
check 'an empty file is no lesson' complained 'expected a lesson'
summary
