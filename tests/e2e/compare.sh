#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Two sweeps compared: a policy that is slower turns the gate red and says why, a faster one leaves it green, and what
# does not belong together is refused. With --sweep it runs both sides itself, until the difference is known well.
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

# ---- both sides swept by the comparison, no longer than is needed
load=duration=3m,incidents.until=2m,incidents.rate
together() { # BASE CANDIDATE OPTIONS...
  fd compare "$1" "$2" --sweep lock_load --set $load=12/min --candidate-set $load=13/min --seeds 90 "${@:3}"
}
lines() { wc -l <"$1/results.jsonl"; }
together one-b one-c --until 'ci(lock_wait) < 3%' --jobs 1
check 'both sides are swept until the difference is known' ended 0
check 'which is said' complained_of 'seeds on both sides: the difference of lock_wait is known to 3 % of the base'
check 'a slower side is told from the other' said 'lock_wait .*worse'
cp out one.txt
wanted=$(lines one-b) # with the first line
check 'more seeds were taken than for the first look' [ "$wanted" -gt 51 ]
check 'and fewer than there were' [ "$wanted" -lt 91 ]
check 'as many on either side' is "$(lines one-c)" "$wanted"
together two-b two-c --until 'ci(lock_wait) < 3%' --jobs 2
check 'two processes end at the same seed' is "$(lines two-b)" "$wanted"
sed 's/two-/one-/g' out >two.txt
check 'with the same words' same one.txt two.txt
for side in b c; do check "and the same bytes: $side" same one-$side/results.jsonl two-$side/results.jsonl; done
fd sweep lock_load --set $load=12/min --seeds $((wanted - 1)) --out plain
check 'each side is what one sweep would have written' same plain/results.jsonl one-b/results.jsonl
together one-b one-c --until 'ci(lock_wait) < 3%'
check 'again, it is known already' same out one.txt
together one-b one-c --until 'ci(lock_wait) < 0.01%'
check 'too much asked: all seeds are used' is "$(lines one-c)" 91
check 'and that is told' complained_of '90 seeds on both sides: the difference of lock_wait is not known to 0.01 % of the base'
# one side is ahead, the other was stopped: the next look that both can have
fd sweep lock_load --set $load=12/min --seeds 52 --out ahead
fd sweep lock_load --set $load=13/min --seeds 7 --out behind
mv behind/results.jsonl behind/results.jsonl.part
together ahead behind --until 'ci(lock_wait) < 90%'
check 'sides that are not level are made so' is "$(lines ahead) $(lines behind)" '57 57'
fd compare x-b x-c --sweep lock_load --set $load=12/min --seeds 3..5
check 'without a goal all seeds are run' is "$(lines x-b) $(lines x-c)" '4 4'

refused() { # WHAT MESSAGE ARGUMENTS...
  fd compare no-b no-c "${@:3}"
  check "refused: $1" ended 2
  check "and told: $1" complained_of "$2"
  check "nothing was run: $1" [ ! -e no-b ]
}
refused 'a goal without sweeps' '--until needs --sweep FILE|NAME' --until 'ci(mttr.p95) < 2%'
refused 'a policy without sweeps' '--candidate-policy needs --sweep' --candidate-policy fast
refused 'a mistaken goal' 'did you mean "lock_wait"?' --sweep lock_load --until 'ci(lockwait) < 2%'
refused 'no goal' 'expected such as "ci(mttr.mean) < 2%"' --sweep lock_load --until 'lock_wait < 2%'
refused 'no such scenario' 'lock_lod' --sweep lock_load,lock_lod --until 'ci(lock_wait) < 2%'
refused 'a name that is none' '--sweep: expected up to 64 scenarios with commas between' --sweep lock_load,,healthy
refused 'no such policy' 'fasst' --sweep lock_load --candidate-policy fasst
refused 'another topology' 'scenario 1 is high_error_rate on shop in the base, high_error_rate on bookinfo' --sweep 01_high_error_rate --candidate-topology bookinfo
refused 'no seeds' '--seeds: expected such as 1000' --sweep lock_load --seeds 0
SLURM_ARRAY_TASK_ID=1 SLURM_ARRAY_TASK_COUNT=3 SLURM_ARRAY_TASK_MIN=1 refused 'a task of many' 'cannot run as one task of many' --sweep lock_load
fd compare one-b one-b --sweep lock_load
check 'one folder for both is refused' complained_of '--sweep needs two folders'
fd compare one-b two-c --sweep lock_load --set $load=11/min --seeds 90
check 'a folder of another sweep is refused' complained_of 'holds results of another sweep'
summary
