#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Reports as files: every form from every command that makes one, read by parsers that are not ours, whole or not there
# at all, and as text at any width and on any terminal.
#
#   forms.sh PROGRAM
# shellcheck source=checks.sh
. "$(dirname "$0")/checks.sh"
cd "$work" || exit 2
readonly ROW=01_high_error_rate FORMS=(--json r.json --junit r.xml --markdown r.md --csv r.csv)

all_there() { [ -s r.json ] && [ -s r.xml ] && [ -s r.md ] && [ -s r.csv ]; }
nothing_left() { [ -z "$(find . -maxdepth 1 -name 'r.*')" ]; }
valid() {
  if ! command -v xmllint >/dev/null; then echo "# skipped: no xmllint"; return 0; fi
  xmllint --noout --nonet --schema "$tree/tests/support/junit.xsd" "$1" 2>>"$work/err"
}
xml() { xmllint --xpath "$1" r.xml; }
widest() { awk '!/^  (reproduce|trace): / && length > longest { longest = length } END { print longest + 0 }' "$1"; }
narrow() { [ "$(widest "$work/out")" -le "$1" ]; }
# Text a terminal would take as anything but text.
plain() { ! LC_ALL=C grep -q $'[\001-\011\013-\037\177]' "$1"; }

# ---- from a run, from the matrix, from traces
fd run $ROW "${FORMS[@]}" --out kept
check 'run: passes' ended 0
check 'run: every form is there' all_there
check 'run: JUnit is what CI servers read' valid r.xml
check 'run: CSV has a line an incident, beneath its head' is "$(wc -l <r.csv)" 2
check 'run: Markdown begins with the verdict' is "$(head -n 1 r.md)" '## firedrill: pass'
mkdir first && cp r.* first/
fd report kept "${FORMS[@]}"
check 'report: every form, from the trace' all_there
for form in json xml csv; do
  sed -i -e 's/firedrill replay [^",<]*/COMMAND/' -e 's/COMMAND"*$/COMMAND/' "r.$form"
  sed -i -e 's/firedrill run [^",<]*/COMMAND/' -e 's/COMMAND"*$/COMMAND/' "first/r.$form"
  check "report: $form is the run's, but for the command" same "r.$form" "first/r.$form"
done
check 'report: Markdown is the run'\''s' same r.md first/r.md
fd matrix --only 1,3 --seeds 2 "${FORMS[@]}"
check 'matrix: passes' ended 0
check 'matrix: JUnit is what CI servers read' valid r.xml
check 'matrix: CSV has a line an incident' is "$(wc -l <r.csv)" 5
check 'matrix: rows begin with their number' said '^01  high_error_rate +1 .* pass$'
check 'matrix: seeds are told apart' said '^03  critical_error_rate +2 .* pass$'

# ---- where only the invariants are asked
{ sed '/^expect:/,$d' "$tree/scenarios/core/$ROW.yaml"; echo 'expect: [{invariants: true}]'; } >asked.yaml
fd run asked.yaml "${FORMS[@]}" --html r.html
check 'invariants: passes' ended 0
check 'invariants: text' said ' invariants +invariants +- .* pass$'
check 'invariants: Markdown' grep -q '| invariants | invariants | - |' r.md
check 'invariants: CSV, no service, no reaction' grep -qE ',invariants,,[^,]*,invariants,,,,pass,judged by the invariants alone,' r.csv
check 'invariants: JSON, as CSV' is "$(grep -cE '"(name|reaction)": *"invariants"|"service": *"-"|"reaction": *""' r.json)" 4
check 'invariants: HTML' grep -q '<td>invariants</td><td>invariants</td><td>-</td>' r.html
check 'invariants: JUnit' [ "$(grep -c unclassified r.xml)" = 0 ]
rm -f r.html

# ---- what did not pass
fd run $ROW --without all "${FORMS[@]}"
check 'without its cause: inconclusive' ended 4
if command -v xmllint >/dev/null; then
  check 'without its cause: an error, no failure' is "$(xml 'concat(count(//error), count(//failure))')" 10
  check 'without its cause: it says why' is "$(xml 'string(//error/@message)')" 'its cause did not act'
  check 'without its cause: and what shows it again' is \
    "$(xml "contains(//error, 'reproduce: firedrill run $ROW --without all')")" true
fi
check 'without its cause: text says what shows it again' said "^  reproduce: firedrill run $ROW --without all$"
reproduce=$(sed -n 's/^  reproduce: firedrill //p' "$work/out")
cp "$work/out" shown
read -ra words <<<"$reproduce"
fd "${words[@]}"
check 'without its cause: which does' same shown "$work/out"

# ---- over many seeds
fd sweep $ROW --seeds 3 --without all --out swept --junit r.xml
check 'sweep: inconclusive' ended 4
check 'sweep: JUnit is what CI servers read' valid r.xml
if command -v xmllint >/dev/null; then
  check 'sweep: a case a scenario, an error' is "$(xml 'concat(count(//testcase), count(//error))')" 11
  check 'sweep: it says which seeds, and what shows them again' is \
    "$(xml "contains(//error, 'reproduce: firedrill run $ROW --seed 3')")" true
fi

# ---- whole, or not there
rm -f r.*
fd run $ROW "${FORMS[@]}" --csv nowhere/r.csv
check 'a form that cannot be written: refused' ended 2
check 'a form that cannot be written: none of the others is left' nothing_left
fd run $ROW --json r.json --csv r.json
check 'two forms to one file: refused' ended 2
check 'two forms to one file: nothing is left' nothing_left
mkfifo pipe
cat pipe >piped &
fd run $ROW --csv pipe
wait
check 'a form to a pipe goes there' grep -q '^row,scenario,' piped
if [ -w /dev/full ]; then
  fd run $ROW --junit /dev/full
  check 'a full disk is told of' ended 2
fi

# ---- a name that would like to be something else
name=$'<script> | ]]> $(reboot)\'"`\033[31m\n=1+1 \xf0\x9f\x94\xa5.yaml'
cp "$tree/scenarios/core/$ROW.yaml" "$name"
rm -f r.*
fd run "./$name" --without all "${FORMS[@]}"
check 'a hostile file name: runs' ended 4
check 'a hostile file name: every form is there' all_there
check 'a hostile file name: JUnit is well-formed' valid r.xml
check 'a hostile file name: no element of that name' not grep -q '<script' r.xml
for form in json xml md csv; do
  check "a hostile file name: $form holds no control characters" plain <(tr -d '\r' <"r.$form")
done
check 'a hostile file name: text holds no control characters' plain "$work/out"
reproduce=$(sed -n 's/^  reproduce: firedrill //p' "$work/out")
cp "$work/out" shown
eval "fd $reproduce"
check 'a hostile file name: the command shows the same again' same shown "$work/out"

# ---- text
for width in 60 80 100 200; do
  export COLUMNS=$width
  fd report kept
  check "$width columns: nothing is wider" narrow $width
  check "$width columns: piped, no colour" plain "$work/out"
done
unset COLUMNS
if command -v script >/dev/null; then
  on_terminal() { script -qec "stty cols 80; $*" /dev/null </dev/null >"$work/out" 2>&1; }
  TERM=xterm on_terminal "$program" report kept
  check 'on a terminal, verdicts have a colour' grep -q $'\033\\[32mpass' "$work/out"
  NO_COLOR=1 TERM=xterm on_terminal "$program" report kept
  check 'NO_COLOR: none' not grep -q $'\033' "$work/out"
  TERM=dumb on_terminal "$program" report kept
  check 'TERM=dumb: none' not grep -q $'\033' "$work/out"
fi
# ---- a trace of a million records takes no more memory than what the control plane did
fd run $ROW --trace-level requests --trace long.trace
check 'single requests: over a million records' [ "$(wc -c <long.trace)" -gt 25000000 ]
fd replay long.trace
check 'single requests: reproduced' said 'reproduced, 1[0-9]{6} records'
# so little that the trace would not fit
within() { (ulimit -d 22000 && exec "$program" "$@") >"$work/out" 2>"$work/err"; }
for command in report explain 'replay --engine-only'; do
  read -ra words <<<"$command"
  check "single requests: $command in less memory than the trace has bytes" within "${words[@]}" long.trace
done
if [ -x /usr/bin/time ]; then
  resident() { /usr/bin/time -f %M "$program" "$@" 2>&1 >/dev/null | tail -n 1; }
  # pages of the file count too while they are mapped, and the kernel maps more than was asked for
  check 'single requests: nor is it resident' [ "$(resident report long.trace)" -lt $(($(wc -c <long.trace) / 1024)) ]
else
  echo '# skipped: no /usr/bin/time, so what is resident was not measured'
fi
head -c 20000000 long.trace >cut.trace
fd report cut.trace
check 'single requests: cut short, refused' ended 2
rm -f long.trace cut.trace

# ---- docs/REPORTS.md names every figure
figures() { sed -nE 's/^(BUCKET|INDICATOR)\(([a-z0-9_]+),.*/\2/p' "$tree"/reports/{buckets,indicators}.def; }
missing=()
while read -r figure; do grep -qF "| \`$figure\` |" "$tree/docs/REPORTS.md" || missing+=("$figure"); done < <(figures)
check "docs/REPORTS.md defines all $(figures | wc -l) buckets and indicators" is "${missing[*]}" ''
summary
