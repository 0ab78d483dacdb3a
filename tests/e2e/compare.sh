#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Two sweeps compared: a policy that is slower turns the gate red and says why, a faster one leaves it green, and what
# does not belong together is refused.
#
#   compare.sh PROGRAM
# shellcheck source=tests/e2e/checks.sh
source "$(dirname "$0")/checks.sh"
cd "$work" || exit 2

policy() { sed "s/^  watch: 6s/  watch: $1s/" "$tree/policies/fast.yaml" >"$2"; }
seeds=10
fd sweep 01_high_error_rate --seeds $seeds --out base
check 'the base is swept' ended 0
policy 9 slower.yaml
fd sweep 01_high_error_rate --seeds $seeds --policy slower.yaml --out slower
check 'a slower policy is swept' test -s slower/results.jsonl
policy 4 faster.yaml
fd sweep 01_high_error_rate --seeds $seeds --policy faster.yaml --out faster
check 'a faster policy is swept' test -s faster/results.jsonl

fd compare base base --gate 'mttr.p95 <= 1x, success >= 100%'
check 'the same is the same' ended 0
check 'and no figure says otherwise' not said 'better|worse'
fd compare base slower --gate 'mttr.p95 <= 1.05x' --junit out.xml --json out.json --markdown out.md
check 'a slower one turns the gate red' ended 1
check 'and says why' said 'FAIL mttr.p95 <= 1.05x: does not hold, 36.000s -> 39.000s \(1.083x\), difference \+3.000s'
check 'JUnit has the failure' grep -q '<failure message="mttr.p95 &lt;= 1.05x: does not hold' out.xml
check 'Markdown, too' grep -q '^## firedrill compare: fail' out.md
check 'JSON, too' grep -q '"holds": false' out.json
if command -v xmllint >/dev/null; then
  check 'JUnit is as its schema wants' xmllint --noout --schema "$tree/tests/support/junit.xsd" out.xml
fi
fd compare base faster/results.jsonl --gate 'mttr.p95 <= 1.05x'
check 'a faster one leaves it green' ended 0
check 'and it is told' said 'mttr.mean .*better'

fd sweep 01_high_error_rate --seeds 2..11 --out others
fd compare base others
check 'other seeds are refused' ended 2
check 'in a sentence' complained_of 'the base begins with seed 1, the candidate with 2'
fd sweep 02_moderate_error_rate --seeds $seeds --out another
fd compare base another
check 'another scenario is refused' complained_of 'scenario 1 is high_error_rate on shop in the base, moderate_error_rate'
sed 's/36000000000/35000000000/' base/results.jsonl >damaged.jsonl
fd compare damaged.jsonl base
check 'damage is seen' complained_of 'damaged.jsonl:2: error: is damaged'
head -c 700 base/results.jsonl >short.jsonl
fd compare base short.jsonl
check 'a half file is no file' ended 2
fd compare base nothing
check 'nor is none' ended 2
fd compare base base --gate 'mtr.p95 < 1x'
check 'a mistaken figure is named by place' complained_of '--gate:1:1: error: expected a figure such as mttr.mean, got "mtr.p95 < 1x"; did you mean "mttr.p95"?'
fd compare base
check 'one is not enough' ended 2
cp base/results.jsonl before
fd compare base base --json base/results.jsonl
check 'a comparison over what is compared is refused' ended 2
check 'and told' complained_of 'would overwrite base/results.jsonl, which this command needs'
check 'and the results stand' same before base/results.jsonl
summary
