#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The demonstration tells what the trace holds: every phase at its second, figures, the localisation, the comparison with
# the process by hand; and it tells another story, with another exit status, when the world is another one. Piped, plain
# or interrupted, it leaves no escape sequence where none belongs.
#
#   demo.sh PROGRAM
# shellcheck source=checks.sh
. "$(dirname "$0")/checks.sh"

readonly escape=$'\033'
no_escapes() { ! grep -q "$escape" "$1"; }
# at SECONDS TAG [TEXT]: a line of the story
at() { said "^ *\+$1s  $2 +.*${3:-}"; }
# joined: the story as it is said, wherever its lines were broken
joined() { tr -s ' \n' ' ' <"$work/out" >"$work/joined" && grep -qE -e "$1" "$work/joined"; }

COLUMNS=60 fd demo
check 'the demonstration passes' ended 0
check 'and says nothing beside its story' silent err
check 'piped, it has no escape sequence' no_escapes "$work/out"
check 'it fits 60 columns' not grep -qE '^.{61}' "$work/out"
check 'detected at 2 s' at 2 DETECTED
check 'root cause at 8 s' at 8 'ROOT CAUSE' payment-service
check 'patch at 18 s' at 18 PATCH
check 'gates at 21 s' at 21 GATES
check 'canary at 29 s' at 29 CANARY
check 'verified at 36 s' at 36 VERIFIED
check 'every phase is told once' is 6 "$(grep -cE '^ *\+[0-9]+s  (DETECTED|ROOT CAUSE|PATCH|GATES|CANARY|VERIFIED) ' "$work/out")"
check 'the cause is located' joined 'localised NullPointerException in PaymentService\.java:237'
check 'a canary serves 10 % on 2 pods' joined 'canary revision [0-9]+ serves 10\.0% on 2 pods'
check 'a canary serves 50 % on 10 pods' joined 'canary revision [0-9]+ serves 50\.0% on 10 pods'
check 'what both revisions did is measured' joined 'canary fails 0\.[0-9]% of [0-9]+ requests, the former revision 1[0-9]\.[0-9]% of [0-9]+'
check 'three locks are granted with growing tokens' joined \
  'SERVICE payment-service granted .*token 1\.1 .*INCIDENT 1 granted .*token 1\.2 .*DEPLOYMENT payment-service granted .*token 1\.3 '
check 'gates stand beside their limits' joined 'gates pass: error_budget 0\.3% <= 2\.0%, .*risk 0\.[0-9]+ <= 0\.7'
check 'both are compared' said '^  verified +36 s +[0-9]{4} +45 min +[0-9]{6}$'
check 'by hand it takes 75 times as long' joined '36 s against 45 min: by hand it takes 75 times as long'
check 'by hand is called a model' joined 'By hand is a model'
check 'three commands to go on with' is 3 "$(grep -cE '^  firedrill ' "$work/out")"
cp "$work/out" "$work/story"
failed_engine=$(sed -nE 's/^  verified +36 s +([0-9]+) .*/\1/p' "$work/story")
failed_by_hand=$(sed -nE 's/^  verified .* ([0-9]+)$/\1/p' "$work/story")
# 45 minutes at 1,250 requests/s of which 15.2 % fail, within what twenty pods and chance make of it
check 'failed requests by hand are those of 45 minutes' [ "${failed_by_hand:-0}" -gt 450000 ] && [ "$failed_by_hand" -lt 550000 ]

# the commands it ends with are such as exist
while read -r name arguments; do
  [ "$arguments" = matrix ] && continue # it has a test of its own
  # shellcheck disable=SC2086 # words of a command line
  fd $arguments
  check "$name $arguments runs" ended 0 4
done < <(grep -E '^  firedrill ' "$work/story")
fd run demo
check 'the report counts the same failed requests' said "failed requests $failed_engine,"

# ---- another world, another story ----

mkdir "$work/data"
cp -r "$tree/scenarios" "$tree/topologies" "$tree/policies" "$tree/rules" "$work/data"
altered() {
  sed "$@" "$tree/scenarios/core/demo.yaml" >"$work/data/scenarios/core/demo.yaml"
  check 'the scenario was changed' not same "$tree/scenarios/core/demo.yaml" "$work/data/scenarios/core/demo.yaml"
  FIREDRILL_DATA=$work/data fd demo --speed 0
}
altered -e 's/^expect:/service_times: {patch: 13s}\n&/'
check 'a patch that takes 3 s more is told 3 s later' at 21 PATCH
check 'and so is all after it' at 39 VERIFIED
check 'which is not what the scenario expects: exit 1' ended 1
check 'and it says why' joined 'fail: auto_fix, resolved, after 39\.000s; .*36'
altered -e 's/fixes: true/fixes: false/'
check 'a patch that fixes nothing is rolled back' joined 'state operation is ROLLED_BACK'
check 'and nothing is verified' said '^  verified +- +- +45 min'
check 'which fails' ended 1

# ---- terminals ----

# seen VARIABLE=VALUE... -- OPTION...: what a terminal gets in the first seconds, until an interrupt
seen() {
  local -a variables=()
  while [ "$1" != -- ]; do
    variables+=("$1")
    shift
  done
  shift
  called=("${variables[@]}" firedrill demo "$@")
  status=0
  env "${variables[@]}" script -qec "timeout --foreground --preserve-status -s INT 4 '$program' demo --speed 2 $*" \
    "$work/typescript" >/dev/null 2>"$work/err" </dev/null || status=$?
  sed '1d;$d' "$work/typescript" >"$work/out" # script's own lines
}
if command -v script >/dev/null; then
  seen TERM=xterm --
  check 'a terminal gets colour' grep -q "$escape\[1m$escape\[32mDETECTED" "$work/out"
  check 'and a line that is rewritten' grep -qE "$escape\[K +\+1s  errors 1[0-9]\.[0-9]%" "$work/out"
  check 'an interrupt ends it as such' ended 130
  check 'and leaves the last line clear' grep -qE $'\r'"$escape"'\[K$' <(tail -n 1 "$work/out")
  for plain in 'TERM=dumb --' 'TERM=xterm NO_COLOR=1 --' 'TERM=xterm -- --no-color'; do
    # shellcheck disable=SC2086 # words
    seen $plain
    check "$plain: the story is told" at 2 DETECTED
    check "$plain: without an escape sequence" no_escapes "$work/out"
  done
fi

# ---- usage ----

fd demo --speed fast
check 'a speed is a number' complained 'demo: --speed: expected a whole number from 0 to 1000, got "fast"'
check 'or bad usage' ended 2
fd demo --sped 2
check 'a wrong option names the nearest' complained 'did you mean --speed'
fd demo shop
check 'it takes no operand' ended 2
fd demo --help
check 'help has an example' said 'firedrill demo --speed 1'
summary
