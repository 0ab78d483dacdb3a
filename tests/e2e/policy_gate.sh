#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# docs/ci/policy-gate.sh as it stands: a change that makes repair 6 % longer is red, with the reason; one that makes it
# shorter is green. And what pairing is for: with the same luck on both sides a known shift is told three times as exactly.
#
#   policy_gate.sh PROGRAM
# shellcheck source=tests/e2e/checks.sh
source "$(dirname "$0")/checks.sh"
cd "$work" || exit 2
mkdir bin && ln -s "$program" bin/firedrill
PATH=$work/bin:$PATH
export SEEDS=12

# gate WATCH: the policy after has so long a watch, the one before 6 s
gate() {
  sed "s/^  watch: 6s/  watch: $1/" "$tree/policies/fast.yaml" >after.yaml
  called=(policy-gate.sh "$@")
  status=0
  "$tree/docs/ci/policy-gate.sh" "$tree/policies/fast.yaml" after.yaml 09_patch_fails_tests >"$work/out" 2>"$work/err" || status=$?
}
gate 9s
check 'six per cent longer is red' ended 1
check 'and a sentence says why' said 'FAIL mttr\.p95 <= 1\.05x: does not hold, 49\.000s -> 52\.000s \(1\.061x\), difference \+3\.000s'
check 'for CI, too' grep -q 'mttr.p95 &lt;= 1.05x: does not hold, 49.000s' gate/gate.xml
check 'and for people' grep -q '^## firedrill compare: fail' gate/gate.md
gate 4s
check 'shorter is green' ended 0
check 'and it is told that it is better' said 'mttr\.p95 .*better'
check 'the base was not swept again' grep -q 'runs are there already' "$work/err"
gate 6s
check 'no change is green' ended 0
check 'and shows no difference' not said 'better|worse'

"$tree/docs/ci/policy-gate.sh" "$tree/policies/fast.yaml" none.yaml >out 2>err && status=0 || status=$?
check 'a policy that is not there is a mistake, not a worse one' ended 2

# ---- a known shift: services are scraped, and rules evaluated, every 2 s instead of each second. The load has its own luck:
# others at the lock that the healing needs.
seeds=30
fd sweep contention --seeds $seeds --out every1s
check 'the base' ended 0
fd sweep contention --seeds $seeds --set scrape=2s --out every2s
check 'scraped half as often' ended 0
fd compare every1s every2s --json shift.json
check 'the shift is found' said 'mttr\.mean .*worse'
# estimate FILE: the width of the interval of one side alone, all scenarios of it together
if command -v python3 >/dev/null; then
  cat >widths.py <<'PY'
import json, math, random
random.seed(1)
def means(folder):
    runs = [json.loads(line) for line in open(folder + '/results.jsonl')][1:]
    by_seed = {}
    for run in runs:
        by_seed.setdefault(run['seed'], []).extend(i['mttr_ns'] for i in run['incidents'] if i['repaired'])
    return by_seed
def width(sides):
    seeds = [sorted(side) for side in sides]
    draws = []
    for _ in range(2000):
        value = []
        for side, own in zip(sides, seeds):
            chosen = [t for s in random.choices(own, k=len(own)) for t in side[s]]
            value.append(sum(chosen) / len(chosen))
        draws.append(value[1] - value[0])
    draws.sort()
    return draws[1950] - draws[50]
unpaired = width([means('every1s'), means('every2s')])
figures = json.load(open('shift.json'))['figures']
mean = next(f for f in figures if f['figure'] == 'mttr.mean')
paired = mean['high'] - mean['low']
print('unpaired %.3f s, paired %.3f s, %.1f times' % (unpaired / 1e9, paired / 1e9, unpaired / paired))
raise SystemExit(0 if unpaired >= 3 * paired else 1)
PY
  called=(python3 widths.py) status=0
  python3 widths.py >"$work/out" 2>"$work/err" || status=$?
  cat "$work/out"
  check 'paired, its interval is at least three times narrower' ended 0
fi
summary
