#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A benchmark set, its quick part: a score card, a file to publish that whoever has the program can check, and that no one
# can change unseen.
#
#   bench.sh PROGRAM
# shellcheck source=tests/e2e/checks.sh
source "$(dirname "$0")/checks.sh"
cd "$work" || exit 2

fd bench --quick --out b
check 'a quick look runs' ended 0
check 'it says which set, and that it is not all of it' said '^firedrill-bench-1, a quick part of it$'
check 'every scenario has its line' said '^matrix +healthy '
check 'the ladders have their rungs' said 'partition_24s '
check 'with intervals' said 'contention_9 +2 +100\.0% +34\.2%-100\.0%'
check 'there is a file to publish' test -s b/bench.json
cp b/bench.json first.json
fd bench --quick --out b
check 'again, nothing is run' complained 'runs are there already'
check 'and the file is the same' same first.json b/bench.json

fd bench --verify first.json --runs 1
check 'whoever has the program comes to the same' ended 0
check 'and is told' said 'partition: 1 of 8 runs done again, 1 came to the same'
sed '0,/"runs": 1/s//"runs": 9/' first.json >changed.json
fd bench --verify changed.json
check 'a changed file is seen' ended 2
check 'and told' complained_of 'changed.json: error: was changed: its seal does not hold'
# a liar who seals anew: another digest of a run, under a seal that holds
if command -v python3 >/dev/null; then
  python3 - <<'PY'
import hashlib, json
def lie(file, tell):
    claim = json.load(open('first.json'))
    tell(claim['parts'][1])
    del claim['sha256']
    claim['sha256'] = hashlib.sha256(json.dumps(claim, separators=(',', ':'), ensure_ascii=False).encode()).hexdigest()
    json.dump(claim, open(file, 'w'))
lie('lie.json', lambda part: part['runs'][0].update(digest='0' * 16))
lie('better.json', lambda part: part['scenarios'][0].update(passed=99))
lie('fewer.json', lambda part: part['runs'].pop())
PY
  for file in better.json fewer.json; do
    fd bench --verify "$file" --runs 1
    check "$file: other counts than of its runs are seen" ended 2
    check "$file: and told" complained_of "$file: error: was changed: what it counts are not its runs, though its seal holds"
  done
  fd bench --verify lie.json --runs 1
  check 'who seals a lie is found out by doing it again' ended 1
  check 'and told' said 'contention: scenario 0 with seed 1 comes to other records here'
fi
sed 's/firedrill-bench-1/firedrill-bench-9/' first.json >other.json
fd bench --verify other.json
check 'another set is refused' complained_of "is of another set than this program's, firedrill-bench-1"
fd bench --verify b/matrix/results.jsonl
check 'what is no such file is refused' complained_of 'is no results file of "firedrill bench"'
fd bench
check 'nothing asked is told' ended 2
fd bench --out b --verify first.json
check 'both is told' ended 2
summary
