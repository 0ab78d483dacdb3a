#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Manners of the command line: help with an example, names that are nearly right, exit statuses, what goes to a pipe and
# what to a terminal, widths, and files that are whole or not there.
#
#   cli.sh PROGRAM
# shellcheck source=checks.sh
. "$(dirname "$0")/checks.sh"
cd "$work" || exit 2
escape=$'\e'
readonly ROW=01_high_error_rate

no_escapes() { ! grep -q "$escape" out && ! grep -q "$escape" err; }
no_halves() { [ -z "$(find . -name '*.part')" ]; }
widest() { LC_ALL=C.UTF-8 wc -L <"$1"; }
sed 's/fixes: true/fixes: false/' "$tree/scenarios/core/$ROW.yaml" >failing.yaml
sed 's/^duration:/duratoin:/' "$tree/scenarios/core/$ROW.yaml" >bad.yaml

# ---- help ----
fd --help
check 'help: status 0' ended 0
mapfile -t commands < <(sed -n '/^commands:/,/^$/s/^  \([a-z][a-z]*\) .*/\1/p' out)
check 'help names the commands' [ ${#commands[@]} -ge 6 ]
for command in "${commands[@]}"; do
  fd "$command" --help
  check "$command --help: status 0" ended 0
  check "$command --help: usage" said "^usage: firedrill $command "
  check "$command --help: an example" said "^  firedrill $command"
  check "$command --help: nothing on stderr" silent err
  check "$command --help: options" said '^  --help  *this text'
  fd "$command" --no-such-option
  check "$command: an unknown option is refused" ended 2
  check "$command: where help is" complained "^see: firedrill $command --help"
done
fd
check 'no command: status 2' ended 2
check 'no command: usage on stderr' complained '^usage: firedrill'
fd --version
check 'version' said '^firedrill [0-9]+\.[0-9]+\.[0-9]+$'

# ---- nearly right ----
nearly() { # nearly WHAT ANSWER ARGUMENTS...
  local what=$1 answer=$2
  shift 2
  fd "$@"
  check "$what: refused" ended 2
  check "$what: the nearest" complained_of "$answer"
  check "$what: nothing on stdout" silent out
}
nearly 'a command' 'did you mean "matrix"?' matrx
nearly 'an option' 'did you mean --seed?' run $ROW --sede 3
nearly 'an option with a value' 'did you mean --json?' run $ROW --jason=x
nearly 'a kind of list' 'did you mean "faults"?' list fualts
nearly 'a scenario' "did you mean \"$ROW\"?" run 01_high_eror_rate
nearly 'a topology' 'did you mean "shop"?' run $ROW --topology shpo
nearly 'a policy' 'did you mean "fast"?' run $ROW --policy fats
nearly 'a fault to leave out' 'did you mean "null-pointer"?' run $ROW --without nul-pointer
nearly 'a row' 'rows: 0 1' matrix --only 1,99
nearly 'no row' 'rows: 0 1' matrix --only ,
nearly 'a negative row' 'rows: 0 1' matrix --only 1,-1
nearly 'a seed' 'expected a whole number from 0 to' run $ROW --seed seven
nearly 'a seed too large' 'expected a whole number from 0 to' run $ROW --seed 99999999999999999999
nearly 'no seeds' 'expected a whole number from 1 to' run $ROW --seeds 0
nearly 'no jobs' 'expected a whole number from 1 to' run $ROW --jobs 0
nearly 'a trace level' 'expected control or requests' run $ROW --trace-level all
nearly 'an option without its value' 'needs a value: FILE' run $ROW --json
nearly 'a switch with a value' 'takes no value' run $ROW --timeline=yes
nearly 'one trace for two runs' '--trace is for one run, this makes 2' run $ROW demo --trace x
nearly 'a control character' 'unknown command "\x1B[31m"' "${escape}[31m"
nearly 'a folder without traces' 'holds no .trace file' report "$tree/docs"
nearly 'no scenario of that name' 'see: firedrill list scenarios' run nope
nearly 'no row of that number' 'there is no scenario "99"' run 99
nearly 'a topology that an option names' '--topology: error: no topology "nope"; known: bookinfo, ' run $ROW --topology nope
nearly 'a policy that an option names' '--policy: error: no policy "nope"; known: default, fast' run $ROW --policy nope
nearly 'a policy file that is not there' '"nope.yaml" cannot be read: No such file or directory' run $ROW --policy nope.yaml
nearly 'a fault that an option names' '--without: error: no fault "nope"; known: null-pointer' run $ROW --without nope
nearly 'a fault of no row' '--without: no row has a fault "nul-pointer"; did you mean "null-pointer"?' \
  matrix --only 1,3 --without nul-pointer
nearly 'an option twice' '--seed is given twice' run $ROW --seed 1 --seed 2
nearly 'a switch twice' '--timeline is given twice' run $ROW --timeline --timeline
for row in 1 01; do
  fd run $row
  check "row $row by its number" said 'high_error_rate .* pass$'
done
fd matrix --only 1,3 --without null-pointer
check 'a matrix without a fault of some rows: those rows run' ended 4
check 'a matrix without a fault of some rows: the others are counted' complained '1 rows have no fault "null-pointer"'
for command in run report replay check list; do
  fd "$command"
  check "$command without operands: refused" ended 2
done
fd matrix operand
check 'matrix with an operand: refused' ended 2

# ---- exit statuses ----
fd run 00_healthy
check 'status 0: all held' ended 0
check 'status 0: said so' said '^pass: 1 passed, 0 failed, 0 inconclusive'
fd run failing.yaml
check 'status 1: an expectation failed' ended 1
check 'status 1: the command that reproduces' said '^ *reproduce: firedrill run failing.yaml'
fd run bad.yaml
check 'status 2: bad input' ended 2
fd run $ROW --trace a.trace
printf 'x' | dd of=a.trace bs=1 seek="$(grep -abo 'NullPointerException' a.trace | tail -n 1 | cut -d: -f1)" conv=notrunc status=none
fd replay a.trace
check 'status 2: an altered trace' ended 2
fd run $ROW --without all
check 'status 4: inconclusive' ended 4
fd run 00_healthy failing.yaml
check 'of 0 and 1, 1' ended 1
fd run 00_healthy $ROW --without all
check 'of 0 and 4, 4' ended 4
fd check bad.yaml "$tree/scenarios/core/$ROW.yaml"
check 'of 2 and 0, 2' ended 2
fd run failing.yaml bad.yaml
check 'of 1 and 2, 2' ended 2

# ---- the same, whoever looks ----
fd run $ROW failing.yaml --timeline
cp out plain
check 'piped: no escape codes' no_escapes
check 'piped: no progress' silent err
LANG=C fd run $ROW failing.yaml --timeline
check 'LANG=C: the same' same out plain
LC_ALL=C.UTF-8 LANG=de_DE.UTF-8 TZ=Asia/Kathmandu fd run $ROW failing.yaml --timeline
check 'another locale and zone: the same' same out plain
TERM=xterm-256color fd run $ROW failing.yaml --timeline
check 'a terminal type alone changes nothing in a pipe' same out plain
fd run $ROW failing.yaml --timeline --jobs 1
check 'one process or many: the same' same out plain
on_terminal() { # the program behind a terminal of 90 columns; what it shows goes to out
  status=0 called=(on a terminal: "$@")
  script -qec "stty cols 90; $*" typescript >out 2>err </dev/null || status=$?
}
if command -v script >/dev/null; then
  TERM=xterm on_terminal "$program" run $ROW failing.yaml
  check 'terminal: the same status' ended 1
  check 'terminal: colours' grep -q "$escape\[[0-9;]*m" out
  check 'terminal: progress' grep -q 'of 2 runs done' out
  NO_COLOR=1 TERM=xterm on_terminal "$program" run $ROW failing.yaml
  check 'NO_COLOR: no colours' not grep -q "$escape\[[0-9;]*m" out
  TERM=dumb on_terminal "$program" run $ROW failing.yaml
  check 'a dumb terminal: no escape codes at all' not grep -q "$escape" out
fi
"$program" run $ROW >/dev/full 2>err
check 'output that cannot be written is an error' is $? 2
check 'output that cannot be written is told' complained 'standard output cannot be written'

for words in --help --version 'run --help'; do
  # shellcheck disable=SC2086 # words on purpose
  "$program" $words >/dev/full 2>err
  check "$words that cannot be written is an error" is $? 2
done

# ---- widths: commands to copy are never cut, so they may be wider; a timeline has a line for each event ----
fd run "$ROW" 03_critical_error_rate 04_conflicting_fixes failing.yaml --out traces
for columns in 60 80 200; do
  COLUMNS=$columns fd report traces
  grep -vE '^ *reproduce: ' out >shown
  check "report in $columns columns" [ "$(widest shown)" -le $columns ]
  for command in "" "${commands[@]}"; do
    COLUMNS=$columns fd ${command:+"$command"} --help
    sed '/^example:/,$d' out >shown
    check "${command:-firedrill} --help in $columns columns" [ "$(widest shown)" -le $columns ]
  done
done
for kind in scenarios faults invariants metrics records inputs effects; do
  COLUMNS=80 fd list $kind
  check "list $kind in 80 columns" [ "$(widest out)" -le 80 ]
done
for columns in 0 -5 x 100000 ''; do
  COLUMNS=$columns fd report traces
  check "COLUMNS=\"$columns\": still a report" [ "$(wc -l <out)" -gt 20 ]
done

# ---- files ----
fd run $ROW --out kept --json report.json --trace run.trace
check 'files: the trace' test -s run.trace
check 'files: the trace kept is the same' same run.trace kept/*.trace
check 'files: the report kept is the same' same report.json kept/report.json
check 'files: nothing else is kept' is "$(cd kept && echo report.*) $(find kept -type f | wc -l)" "report.csv report.html report.json report.md 5"
check 'files: no halves' no_halves
check 'files: JSON from brace to brace' is "$(head -c 1 report.json)$(tail -n 1 report.json)" '{}'
if command -v python3 >/dev/null; then check 'files: JSON' python3 -m json.tool report.json /dev/null; fi
fd run $ROW --out kept --json report2.json
check 'files: the same again' same report.json report2.json
mkdir tmp
TMPDIR=$work/tmp fd run 00_healthy failing.yaml
check 'files: nothing asked for, nothing left' empty_folder tmp
fd run $ROW --policy fast --out policies
fd run $ROW --policy "$tree/policies/default.yaml" --out policies2
check 'two policies: traces are told apart' is "$(cd policies && echo ./*.trace) $(cd policies2 && echo ./*.trace)" \
  './high_error_rate@shop+fast-1.trace ./high_error_rate@shop+default-1.trace'
cp failing.yaml ./-dashed.yaml
fd run --seed 2 -- -dashed.yaml
check 'a name with a dash: the command that reproduces' said '^ *reproduce: firedrill run --seed 2 -- -dashed.yaml$'
mkdir twin && sed 's/fixes: true/fixes: false/' "$tree/scenarios/core/$ROW.yaml" >twin/$ROW.yaml
fd run $ROW twin/$ROW.yaml --out twins
check 'two scenarios of one name: two traces' is "$(find twins -name '*.trace' | wc -l)" 2
check 'two scenarios of one name: each has its own verdict' said '^fail: 1 passed, 1 failed'

# what cannot be written leaves nothing behind, and what was there stays
unwritable() { # unwritable WHAT ARGUMENTS...
  local what=$1
  shift
  fd run $ROW "$@"
  check "$what: status 2" ended 2
  check "$what: said" complained 'cannot be (written|made)'
  check "$what: no halves" no_halves
}
mkdir folder && echo precious >file
unwritable 'JSON into a folder that is not there' --json nowhere/report.json
unwritable 'JSON over a folder' --json folder
check 'JSON over a folder: it stands' test -d folder
unwritable 'a trace into a folder that is not there' --trace nowhere/run.trace
unwritable 'a trace below a file' --trace file/run.trace
unwritable 'a folder where a file is' --out file
check 'a folder where a file is: the file stands' is "$(cat file)" precious
unwritable 'a name too long' --json "$(printf 'x%.0s' {1..300})"
unwritable 'a path too long' --json "folder/$(printf '/%.0s' {1..600})report.json"
unwritable 'a folder too long' --out "folder$(printf '/%.0s' {1..600})"
check 'nothing was made where it was not asked for' is "$(find nowhere folder -type f 2>/dev/null | wc -l)" 0
fd run $ROW $ROW --seeds 1000 --json nowhere/report.json
check 'what cannot be written is told before a thousand runs' ended 2
fd run $ROW --out made/of/several
check 'a folder in folders that are not there: made' ended 0
check 'a folder in folders that are not there: a trace in it' test -s made/of/several/high_error_rate@shop-1.trace

# ---- what a command reads is not written over ----
spared() { # spared FILE ARGUMENTS...: refused with both names, and the file as it was
  local file=$1
  shift
  cp "$file" before
  fd "$@"
  check "$*: refused" ended 2
  check "$*: told" complained "would overwrite [^ ]*${file##*/}, which this command needs"
  check "$*: nothing ran" silent out
  check "$*: the file stands" same before "$file"
}
cp "$tree/scenarios/core/01_high_error_rate.yaml" own.yaml
cp "$tree/policies/fast.yaml" policy.yaml
cp "$tree/topologies/catalogue/shop.yaml" topology.yaml
ln -s own.yaml link.yaml
fd run own.yaml --trace own.trace
check 'a file of its own runs' ended 0
spared own.trace report own.trace --html own.trace
spared own.trace report . --json ./own.trace
spared own.yaml run own.yaml --json own.yaml
spared own.yaml run own.yaml --trace own.yaml
spared own.yaml run own.yaml --csv "$PWD/own.yaml"
spared own.yaml run own.yaml --json link.yaml
spared policy.yaml run own.yaml --policy policy.yaml --junit policy.yaml
spared topology.yaml run own.yaml --topology topology.yaml --markdown topology.yaml
fd run own.yaml --trace both --json both
check 'a trace and a report in one file: refused' complained 'would overwrite both'
fd run own.yaml --json own.json
fd run own.yaml --json own.json
check 'a report over an older one: written' ended 0

# ---- names of traces ----
sed -i 's|^name: .*|name: ../sh/op|' topology.yaml
fd run own.yaml --topology topology.yaml --out slashes
check 'names with slashes: run' ended 0
check 'names with slashes: in the folder' test -s slashes/high_error_rate@%2E.%2Fsh%2Fop-1.trace

fd run $ROW --seed 9223372036854775807 --seeds 2
check 'seeds beyond the last: refused' ended 2
check 'seeds beyond the last: told' complained_of '--seeds: 2 from 9223372036854775807 on are more than there are'
fd run $ROW --seed 9223372036854775807
check 'the last seed runs' ended 0
fd run $ROW --json same --csv same
check 'two forms in one file: refused' complained 'another form goes to this file'
check 'two forms in one file: nothing written' test ! -e same
for signal in INT TERM KILL; do
  { (trap - INT; TMPDIR=$work/tmp exec timeout -s $signal 0.5 "$program" run $ROW --seeds 500 >out 2>err); } 2>/dev/null
  check "ended by $signal: nothing is left" empty_folder tmp
  sleep 0.2
  check "ended by $signal: no child runs on" is "$(pgrep -fc "^$program run $ROW --seeds 500")" 0
done
limited() { # with files of at most 32 KiB
  status=0 called=(with small files: firedrill "$@")
  (trap '' XFSZ; ulimit -f 32; exec "$program" "$@" >out 2>err) || status=$?
}
limited run $ROW --out small --trace small.trace
check 'a full disk: status 2' ended 2
check 'a full disk: said' complained 'cannot be written: '
check 'a full disk: no halves' no_halves
check 'a full disk: no trace' is "$(find . -name 'small.trace' -o -path './small/*' -type f | wc -l)" 0
echo old >report.json
limited run $ROW $ROW $ROW $ROW --seeds 4 --json report.json
check 'a full disk: what was there stays' is "$(cat report.json)" old
ln -s linked link
fd run $ROW --json link
check 'a link is written through' grep -q '"schema"' linked
check 'a link stays one' test -L link
mkfifo pipe
cat pipe >from_pipe &
fd run $ROW --json pipe
wait
check 'a pipe is written to' grep -q '"schema"' from_pipe
check 'a pipe stays one' test -p pipe
summary
