#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Bad files, by way of "check" and of "run": exit status 2, where it is (FILE:LINE:COL), what was expected, the nearest
# known name; nothing crashes, hangs, or is written. Each is a good file with one thing wrong.
#
#   bad_files.sh PROGRAM
# shellcheck source=checks.sh
. "$(dirname "$0")/checks.sh"
cd "$work" || exit 2
mkdir files

# from FILE SED...: a changed copy of one of the project's own files
from() {
  local file=$1
  shift
  sed "$@" "$tree/$file"
}
readonly ROW=scenarios/core/01_high_error_rate.yaml SHOP=topologies/catalogue/shop.yaml RULES=rules/fast.yaml

nothing_written() { [ ! -e out.json ] && [ ! -e out.trace ] && [ ! -e kept ]; }
clean() { ! LC_ALL=C grep -q '[^[:print:][:space:]]' err; } # no byte that a terminal would obey

# refused COMMAND... : the last call ended with 2, said nothing good, and left nothing behind
refused() {
  local held=1
  if ended 2 && silent out && ! silent err && clean && nothing_written; then held=0; fi
  rm -rf out.json out.trace kept # so that the next call answers for itself
  return "$held"
}

# both_refuse WHAT FILE MESSAGE RUN...: "check FILE" and "run RUN..." say MESSAGE
both_refuse() {
  local what=$1 file=$2 message=$3
  shift 3
  fd check "$file"
  check "check, $what: refused" refused
  check "check, $what: where and what" complained_of "$message"
  fd run "$@" --json out.json --trace out.trace --out kept
  check "run, $what: refused" refused
  check "run, $what: where and what" complained_of "$message"
}

# bad WHAT FILE PLACE MESSAGE [RUN...]: "check" and "run" refuse files/FILE.yaml. PLACE: a text that stands once in it, at
# the place that the message has to name, or LINE:COL
bad() {
  local what=$1 file=files/$2.yaml place=$3 message=$4 found
  shift 4
  if [[ $place =~ ^[0-9]+:[0-9]+$ ]]; then found=$place
  else
    found=$(awk -v text="$place" 'at = index($0, text) { print NR ":" at; exit }' "$file")
    check "$what: \"$place\" stands in $file" test -n "$found" || return
  fi
  [ $# -gt 0 ] || set -- "$file"
  both_refuse "$what" "$file" "$file:$found: error: $message" "$@"
}

from $ROW -e 's/^duration:/duratoin:/' >files/unknown_key.yaml
from $ROW -e 's/kind: error_rate/kind: eror_rate/' >files/unknown_kind.yaml
from $ROW -e 's/^duration: 120s/duration: 120/' >files/no_unit.yaml
from $ROW -e 's/value: 15.2%/value: 700ms/' >files/wrong_unit.yaml
from $ROW -e 's/target: payment/target: paymnet/' >files/missing_service.yaml
from $ROW -e 's/^topology: shop/topology: shpo/' >files/missing_topology.yaml
cat >files/two.yaml <<'END'
name: two
entrypoints: [orders]
roles: {payment: pay, order: orders}
services: [{name: pay, replicas: 20}, {name: orders, replicas: 20}]
calls: [{from: orders, to: pay}]
END
from $ROW -e 's/^topology: shop/topology: two.yaml/; s/target: payment/target: notification/' >files/missing_role.yaml
from $ROW -e 's/^policy: fast/policy: fats/' >files/missing_policy.yaml
from $ROW -e 's/incident: null-pointer/incident: nul-pointer/' >files/missing_fault.yaml
from $ROW -e 's/^title: .*/&\ntitle: again/' >files/twice.yaml
from $ROW -e 's/at: 30s/at: 300s/' >files/too_late.yaml
from $ROW -e 's/^title: .*/&\nscrape: 10s/' >files/scrape_too_rare.yaml
from $ROW -e 's/^must_not: .*/must_not: [rollback, panic]/' >files/unknown_word.yaml
from $ROW -e 's/^  payment: .*/  payment: [20, 1250]/' >files/wrong_type.yaml
from $ROW -e 's/rate: 1250/rate: 125000/' >files/too_busy.yaml
from $ROW -e 's/^name: .*/name: "a\\eb;rm -rf"/' >files/hostile_name.yaml
from $ROW -e 's/^faults:/faults: \&f/; s/^patches:/more: *f\n&/' >files/alias.yaml
from $ROW -e "/^expect:/,\$d" >files/no_expectation.yaml
{
  echo 'a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol]'
  previous=a
  for name in b c d e f g h i; do
    echo "$name: &$name [*$previous, *$previous, *$previous, *$previous, *$previous, *$previous, *$previous, *$previous]"
    previous=$name
  done
} >files/alias_bomb.yaml
{ printf 'name: '; printf '[%.0s' {1..5000}; } >files/deep_flow.yaml
{
  echo 'name: x'
  indent=
  for depth in {1..60}; do echo "${indent}k$depth:"; indent+=' '; done
} >files/deep_block.yaml
head -c 3000 /dev/zero | tr '\0' '\377' >files/not_utf8.yaml
printf 'name: \001\002\n' >files/control.yaml
printf 'name: x\0y\n' >files/nul.yaml
head -c 1200000 /dev/zero | tr '\0' '#' >files/too_large.yaml
: >files/empty.yaml
echo 'just text' >files/scalar.yaml
head -c 4096 "$program" >files/program.yaml
echo 'name: "never closed' >files/unclosed.yaml
printf 'name: x\n\tduration: 5s\n' >files/tab.yaml
ln -s loop.yaml files/loop.yaml
mkfifo files/pipe.yaml
from $SHOP -e 's/^- {from: api-gateway, to: order-service,/- {from: api-gateway, to: api-gateway,/' >files/calls_itself.yaml
from $SHOP -e 's/to: order-service, protocol: http/to: odrer-service, protocol: http/' >files/calls_nobody.yaml
from $SHOP -e '0,/timeout: 2s/s//timeout: 2/' >files/call_unit.yaml
from $RULES -e 's/histogram_quantile/histogram_quantle/' >files/rule_function.yaml
from $RULES -e 's/- alert: HighLatency/- alrt: HighLatency/' >files/rule_key.yaml
echo 'safety_gates: {cooldown: {min_seconds_between_opps: 5}}' >files/policy_key.yaml
echo 'safety_gates: {cooldown: {min_seconds_between_ops: -5}}' >files/policy_range.yaml
from $ROW -e 's/^policy: .*/policy: policy_range.yaml/' >files/names_bad_policy.yaml
echo 'detection: {rules: [fats]}' >files/policy_rules.yaml
from $ROW -e 's/replicas: 20/replicas: 100000/' >files/too_many_pods.yaml
from $ROW -e 's/replicas: 20/replicas: 4999/' >files/too_many_together.yaml
from $ROW -e 's/rate: 1250/rate: 0/' >files/no_load.yaml
from $ROW -e 's/^topology: shop/topology: nope.yaml/' >files/missing_file.yaml
{ cat "$tree/$RULES"; echo '  - {name: again, rules: [{alert: A, expr: "1 +"}]}'; } >files/rule_syntax.yaml

bad 'an unknown key' unknown_key 'duratoin' 'unknown key "duratoin" in scenario; did you mean "duration"?'
bad 'an unknown kind' unknown_kind 'eror_rate' 'unknown name "eror_rate"; did you mean "error_rate"?'
bad 'a duration without a unit' no_unit '120' 'expected a duration such as "250ms", "36s" or "5m", got "120"'
bad 'a duration where a share belongs' wrong_unit '700ms' 'expected a share such as "15.2%" or 0.152, got "700ms"'
bad 'a role that is not there: each known name once, and what adds it' missing_role 'notification' 'no service or role "notification"; known: payment, order, orders, pay; "roles: {notification: SERVICE}" in the topology'\''s file adds the role'
bad 'a service that is not there' missing_service 'paymnet' 'no service or role "paymnet"; did you mean "payment"?'
bad 'a topology that is not there' missing_topology 'shpo' 'no topology "shpo"; did you mean "shop"?'
bad 'a policy that is not there' missing_policy 'fats' 'no policy "fats"; did you mean "fast"?'
bad 'an incident without a fault' missing_fault 'nul-pointer' 'no fault "nul-pointer"; did you mean "null-pointer"?'
bad 'a key that stands twice' twice 'title: again' 'duplicate key "title"; it stands on line 4 already'
bad 'a fault after the end' too_late '300s' "300s is not before the run's end at 120s"
bad 'scrapes too rare for the policy' scrape_too_rare '10s' "the policy's detection.rate_window, 5s, holds fewer than two samples 10s apart, so that no rate has a value"
bad 'an unknown word' unknown_word 'panic' 'expected one of "deployment", "rollback", "effect", "message", "page", "diagnosis", got "panic"'
bad 'a list where a mapping belongs' wrong_type '[20,' 'expected a mapping of keys to values, got a list'
bad 'more load than can be served' too_busy '125000/s' '"payment-service" would be 625% busy, and no service may be over 50%'
bad 'nothing expected' no_expectation 'name: ' 'a scenario expects something: state "expect"'
bad 'a name that a terminal would obey' hostile_name '"a\e' 'expected printable UTF-8, got "a\x1Bb;rm -rf"'
bad 'too many pods' too_many_pods '100000' 'expected a whole number from 1 to 5000, got "100000"'
bad 'too many pods together' too_many_together '4999' '5098 pods in all services together; expected at most 5000'
bad 'a defect without load' no_load 13:11 'no request ever meets this fault: the load is 0/s'
bad 'a file that is not there' missing_file 'nope' 'topology "nope.yaml" cannot be read: No such file or directory'
bad 'an alias' alias '*f' 'aliases are not supported'
bad 'an alias bomb' alias_bomb '*a' 'aliases are not supported'
bad 'deep brackets' deep_flow 1:38 'nested deeper than the limit of 32 levels'
bad 'deep blocks' deep_block 34:33 'nested deeper than the limit of 32 levels'
bad 'no UTF-8' not_utf8 1:1 'not UTF-8 text: invalid leading UTF-8 octet (0xFF)'
bad 'a program' program 1:1 'not UTF-8 text: control characters are not allowed (0x7F)'
bad 'a control character' control 1:7 'not UTF-8 text: control characters are not allowed (0x01)'
bad 'a NUL' nul 1:8 'not UTF-8 text: control characters are not allowed (0x00)'
bad 'text alone' scalar 1:1 'expected a mapping of keys to values, got a single value'
bad 'a quote never closed' unclosed 2:1 'not YAML: while scanning a quoted scalar found unexpected end of stream'
bad 'a tab as indentation' tab 2:1 'not YAML: while scanning a plain scalar found a tab character'

# what a scenario names is named by its own file
bad 'a service that calls itself' calls_itself '{from: api-gateway, to: api-gateway' 'service "api-gateway" calls itself' \
  01_high_error_rate --topology files/calls_itself.yaml
bad 'a call to a service that is not there' calls_nobody 'odrer' 'no service "odrer-service"; did you mean "order-service"?' \
  01_high_error_rate --topology files/calls_nobody.yaml
bad 'a call whose timeout has no unit' call_unit '2}' 'expected a duration such as "250ms", "36s" or "5m", got "2"' \
  01_high_error_rate --topology files/call_unit.yaml
bad 'an unknown key in a policy' policy_key 'min_seconds_between_opps' 'unknown key' 01_high_error_rate --policy files/policy_key.yaml
check 'an unknown key in a policy: the nearest' complained_of 'did you mean "min_seconds_between_ops"?'
bad 'rules that are not there, in a policy' policy_rules 'fats' 'no rules "fats"; did you mean "fast"?' \
  01_high_error_rate --policy files/policy_rules.yaml
bad 'a figure out of range in a policy' policy_range '-5' 'expected a number from 0 to 604800, got "-5"' files/names_bad_policy.yaml
for name in rule_function:histogram_quantle:'unknown function "histogram_quantle"; did you mean "histogram_quantile"?' \
  rule_key:alrt:'unknown key "alrt" in rule; did you mean "alert"?' 'rule_syntax:"}]}:expected a metric, a number, a function or "(", got the end of the expression'; do
  IFS=: read -r file place message <<<"$name"
  from $ROW -e "s/^duration:/rules: [$file.yaml]\n&/" >"files/with_$file.yaml"
  bad "a bad rule ($file)" "$file" "$place" "$message" "files/with_$file.yaml"
done

# what is no file, or none that can be read
both_refuse 'a file too large' files/too_large.yaml 'files/too_large.yaml: error: 1200000 bytes are more than the limit' files/too_large.yaml
both_refuse 'an empty file' files/empty.yaml 'error: expected' files/empty.yaml
both_refuse 'a folder' files 'files' files
both_refuse 'a file that is not there' files/none.yaml 'files/none.yaml' files/none.yaml
both_refuse 'a link to itself' files/loop.yaml 'files/loop.yaml' files/loop.yaml
both_refuse 'a pipe' files/pipe.yaml 'files/pipe.yaml' files/pipe.yaml
hostile=$'files/no\e[31m\nsuch.yaml'
both_refuse 'a file name that a terminal would obey' "$hostile" 'files/no\x1B[31m\x0Asuch.yaml' "$hostile"
long=$(printf "x%.0s" {1..5000})
both_refuse "a very long name" "$long" xxxxxxxx "$long"
both_refuse 'an empty name' '' '' ''
both_refuse 'a name that climbs' ../../../../etc/passwd 'passwd' ../../../../etc/passwd

# a good file among bad ones does not hide them; several errors of one file are all told
fd check "$tree/$ROW" files/no_unit.yaml "$tree/$SHOP"
check 'check, good and bad: exit status 2' ended 2
check 'check, good and bad: the good ones are said to be' is "$(grep -c ': ok: ' out)" 2
cat >files/several.yaml <<'TEXT'
name: several
topology: shop
policy: fast
duration: 120
load: {entry: lots}
expect: [{none: true}]
TEXT
fd check files/several.yaml
check 'check, several errors: each is told' is "$(grep -c '^files/several.yaml:[45]:' err)" 2

# a machine too small for a world is no bug, and what to ask less of is said
from $ROW -e 's/replicas: 20/replicas: 4000/' >files/large.yaml
status=0 called=(with little memory: firedrill run files/large.yaml)
(ulimit -v 200000; exec "$program" run files/large.yaml --jobs 1 >out 2>err) || status=$?
if ! grep -q AddressSanitizer err; then # which needs terabytes of addresses
  check 'too little memory: bad input' ended 2
  check 'too little memory: what to reduce' complained_of 'has 4099 pods over 120s; fewer replicas'
fi

# a byte order mark, which some editors leave, is no error
{ printf '\xEF\xBB\xBF'; cat "$tree/$ROW"; } >files/marked.yaml
fd check files/marked.yaml
check 'a byte order mark is no error' ended 0

# a good scenario by any path
mkdir 'a folder with spaces' && cp "$tree/$ROW" "a folder with spaces/it's \$HOME.yaml"
sed -i 's/fixes: true/fixes: false/' "a folder with spaces/it's \$HOME.yaml"
fd run "a folder with spaces/it's \$HOME.yaml"
check 'a path with spaces and quotes runs' ended 1
reproduce=$(sed -n 's/^ *reproduce: firedrill //p' out)
cp out before
check 'the command that reproduces is said' test -n "$reproduce"
eval "fd $reproduce"
check 'the command that reproduces reproduces, by way of a shell' same before out
summary
