#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What --out DIR holds is of one command: a folder with another's files is refused, untouched, and says what is there.
#
#   folders.sh PROGRAM
# shellcheck source=checks.sh
. "$(dirname "$0")/checks.sh"
cd "$work" || exit 2
ROW=01_high_error_rate

# refused WHAT FOLDER ARGUMENTS...: exit 2, what is there is named, and stays as it was
refused() {
  local what=$1 folder=$2
  shift 2
  cp -r "$folder" before
  fd "$@" --out "$folder"
  check "$what: refused" ended 2
  check "$what: says what is there" complained "error: holds [^ ]+( and [0-9]+ more)?, of a"
  check "$what: says what to do" complained 'choose another --out, or empty the folder'
  check "$what: nothing is touched" diff -r before "$folder"
  rm -r before
}

fd run $ROW --out run
fd run $ROW --out run
check 'the same run again' ended 0
echo mine >run/notes.txt
fd run $ROW --out run
check 'beside a file that firedrill never writes' ended 0
refused 'another scenario' run run 03_critical_error_rate
refused 'another seed' run run $ROW --seed 2
refused 'another topology' run run $ROW --topology bookinfo
refused 'a matrix' run matrix --only 3
refused 'a sweep over a run' run sweep $ROW --seeds 2
refused 'a hunt over a run' run fuzz --seeds 2
fd run $ROW --seeds 1 --out run
check 'the same run said otherwise' ended 0

fd sweep $ROW --seeds 2 --out run/swept
check 'a folder within' ended 0
refused 'a run over a sweep' run/swept run $ROW
check 'the sweep is named' complained 'holds results.jsonl and 3 more, of a sweep'
fd sweep $ROW --seeds 3 --out run/swept
check 'a sweep goes on' ended 0
fd sweep $ROW --seeds 3 --without all --out run/swept
check 'with other options it does not' ended 2
mkdir report && echo '{}' >report/report.json
refused 'a report of nobody knows what' report run $ROW

fd audit export run/*.trace --out log
fd audit export run/*.trace --out log
check 'the same log again' ended 0
cp log/engine-0.jsonl before.jsonl
fd run 03_critical_error_rate --out other
fd audit export other/*.trace --out log
check 'another log: refused' ended 2
check 'another log: said' complained '^log/engine-0.jsonl: error: is there already, of another log'
check 'another log: nothing is touched' same before.jsonl log/engine-0.jsonl
fd audit export log/engine-0.jsonl --out log
check 'a log over itself: refused' ended 2
check 'a log over itself: said' complained 'would overwrite log/engine-0.jsonl, which this command needs'
fd audit export log/engine-0.jsonl --out ./log/../log
check 'by another name, too' ended 2
check 'a log over itself: nothing is touched' same before.jsonl log/engine-0.jsonl
fd audit export log/engine-0.jsonl --out log2
check 'a log elsewhere' same before.jsonl log2/engine-0.jsonl
cp log/engine-0.jsonl log2/engine-3.jsonl
refused 'logs of more engines' log2 audit export log/engine-0.jsonl
summary
