#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Audit logs on the command line: exported, verified, asked, handed on; and what was done to a damaged one is told, with
# the entry it was done to.
#
#   audit.sh PROGRAM
# shellcheck source=tests/e2e/checks.sh
source "$(dirname "$0")/checks.sh"
cd "$work" || exit 2

fd run 07_canary_failure --trace run.trace
fd audit verify run.trace
check 'a run: its log holds' ended 0
check 'a run: by signed checkpoints' said 'the chain of [0-9]+ entries holds, by signed checkpoints up to entry [0-9]+$'
fd audit export run.trace --out log
check 'exported' ended 0
entries=$(wc -l <log/engine-0.jsonl)
fd audit verify log/engine-0.jsonl
check 'exported: it holds' ended 0
check 'exported: with the checkpoints beside it' said "$entries entries holds, by signed checkpoints"
fd audit export log/engine-0.jsonl
check 'exported again: the same bytes' same out log/engine-0.jsonl
fd audit export run.trace --form checkpoints
check 'checkpoints: the same bytes' same out log/engine-0.checkpoints.jsonl

# ---- tampering: what is done to the file, what is said of it ----
damaged() { # damaged WHAT EXPECTED SED...
  local what=$1 expected=$2
  shift 2
  sed "$@" log/engine-0.jsonl >damaged.jsonl
  cp log/engine-0.checkpoints.jsonl damaged.checkpoints.jsonl
  check "$what: the file was changed" not same damaged.jsonl log/engine-0.jsonl
  fd audit verify damaged.jsonl
  check "$what: exit 1" ended 1
  check "$what: told, and where" said "broken at entry $expected"
}
damaged 'a word altered' '7 \(line 7\): altered' -e '7s/"severity":"[A-Z]*"/"severity":"DEBUG"/'
damaged 'a hash altered' '9 \(line 9\): altered' -e '9s/"hash":"./"hash":"x/'
damaged 'a line torn' '12 \(line 12\): torn' -e '12s/..........$//'
damaged 'a line deleted' '5 \(line 5\): deleted' -e 5d
damaged 'a line said twice' '6 \(line 6\): inserted' -e 5p
damaged 'two lines swapped' '8 \(line 8\): reordered' -e '8{h;d};9{G}'
damaged 'the tail cut' '12: cut' -n -e '1,11p'
damaged 'a stranger line' '4 \(line 4\): inserted' -e '3a nothing of ours'
printf 'x' >>damaged.checkpoints.jsonl
fd audit verify damaged.jsonl
check 'a bad checkpoint file: refused with its line' ended 2
check 'a bad checkpoint file: where' complained 'damaged.checkpoints.jsonl:[0-9]+:1: error: expected a checkpoint'

head -n 10 log/engine-0.jsonl >cut.jsonl
fd audit verify cut.jsonl
check 'a cut tail without checkpoints does not show' ended 0
check 'and that is said' said 'no checkpoint: a tail that was cut off'
fd audit verify cut.jsonl --checkpoints log/engine-0.checkpoints.jsonl
check 'with them it does' ended 1

key=$(sed -nE '1s/.*"key":"([0-9a-f]+)".*/\1/p' log/engine-0.checkpoints.jsonl)
fd audit verify log/engine-0.jsonl --key "$key"
check 'the key that signed: holds' ended 0
fd audit verify log/engine-0.jsonl --key "${key//[0-7]/8}"
check 'another key: the checkpoint is not believed' ended 1
sed -E 's/("signature":"[0-9a-f]{10})[0-7]/\18/;t;s/("signature":"[0-9a-f]{10})[89a-f]/\10/' log/engine-0.checkpoints.jsonl >forged.jsonl
fd audit verify log/engine-0.jsonl --checkpoints forged.jsonl
check 'a forged signature: told' said 'is not signed by the key'

# ---- a world whose log was tampered with ----
fd run 11_audit_log_corruption --trace altered.trace
fd audit verify altered.trace
check 'row 11: its log is broken' ended 1
check 'row 11: at the entry that the alert names' said 'broken at entry 4782: altered'
fd run audit_tail_cut --trace short.trace
fd audit verify short.trace
check 'a log cut and written on: the signed entries are missing' said 'broken at entry 99[0-9]: cut'

# ---- questions ----
fd audit query run.trace --category ROLLBACK
check 'by category' is "$(wc -l <out)" 1
fd audit query run.trace --severity ERROR
check 'by severity: that and worse' said 'ERROR|CRITICAL'
check 'by severity: none below' not said 'INFO|WARNING'
fd audit query run.trace --service payment-service --correlation 0/0/1 --json
check 'by service and incident, as JSON lines' said '^\{"sequence":.*"correlation":"0/0/1".*"hash":"[0-9a-f]{64}"\}$'
fd audit query run.trace --actor person/0
check 'by a person: none acted' silent out
fd audit query run.trace --since 2026-01-05T09:00:50Z --until 2026-01-05T09:00:52Z
check 'by time' not said 'T09:00:(4|5[2-9])'
fd audit query run.trace --since tomorrow
check 'a time that is none: refused' ended 2
fd audit query run.trace --category DEPLOYMNT
check 'a category that is none: the nearest' complained 'did you mean "DEPLOYMENT"'
fd audit query run.trace --service paymant-service
check 'a service that is none: the nearest' complained 'did you mean "payment-service"'
fd audit stats run.trace
check 'statistics' said '^ROLLBACK +1$'
fd audit stats log/engine-0.jsonl
check 'statistics of a file' said "^$entries entries from 2026-01-05T09:00:00Z"

# ---- handed on ----
fd audit export run.trace --form elasticsearch
check 'elasticsearch: an action and a document each' is "$(wc -l <out)" $((2 * entries))
check 'elasticsearch: with a time' said '^\{"@timestamp":"2026-01-05T09:00:00Z","service_name"'
fd audit export run.trace --form loki
check 'loki: streams by category and severity' said '"stream":\{"job":"firedrill","engine":"0","category":"ROLLBACK"'
if command -v python3 >/dev/null; then
  check 'loki: JSON that holds every entry' python3 -c '
import json, sys
streams = json.load(open("out"))["streams"]
assert sum(len(s["values"]) for s in streams) == int(sys.argv[1])
assert all(json.loads(v[1])["what"] for s in streams for v in s["values"])' "$entries"
  fd audit export run.trace --form elasticsearch
  check 'elasticsearch: JSON, line by line' python3 -c '
import json
lines = [json.loads(line) for line in open("out")]
assert all("index" in line for line in lines[::2]) and all("sequence" in line for line in lines[1::2])'
fi
fd audit export run.trace --form splunk
check 'an unknown form: refused' ended 2

# ---- what is no log ----
: >empty.jsonl
fd audit verify empty.jsonl
check 'an empty file: refused' ended 2
fd audit verify nothing.jsonl
check 'no file: refused' ended 2
fd audit prove run.trace
check 'an unknown verb: refused' complained 'nothing is called "prove"'
head -c 2000 run.trace >half.trace
fd audit verify half.trace
check 'half a trace: refused' ended 2
fd audit verify run.trace --engine 3
check 'an engine that it has not: refused' complained 'there is no engine 3'
for verb in verify stats query; do
  fd audit $verb "$tree/README.md"
  check "$verb of what is no log: refused" ended 2
  check "$verb of what is no log: told" complained 'README.md:1:1: error: .*it is no audit log'
done
summary
