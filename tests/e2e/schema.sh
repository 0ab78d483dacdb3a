#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# scenarios/scenario.schema.json by a validator of somebody else's: every scenario that comes with firedrill is good by it, and so
# is what docs/SCENARIOS.md shows; what "firedrill check" refuses for a key, a word or a form, it refuses as well.
#
#   schema.sh PROGRAM
# shellcheck source=checks.sh
. "$(dirname "$0")/checks.sh"
root=$(realpath "$(dirname "$0")/../..")
python3 -c 'import jsonschema, yaml' 2>"$work/err" || { echo "# skipped: python3-jsonschema or python3-yaml is not installed"; exit 77; }

# validate FILE...: YAML 1.2's booleans, as editors and firedrill read them: "on" is a key, "no" an answer.
cat >"$work/validate.py" <<'PYTHON'
import json, re, sys
import jsonschema, yaml

class Loader(yaml.SafeLoader):
    pass

Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rules if tag not in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp",
                                                                    "tag:yaml.org,2002:int", "tag:yaml.org,2002:float")]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()}
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(true|false)$"), list("tf"))
Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^-?[0-9]+$"), list("-0123456789"))
Loader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"^-?[0-9]+\.[0-9]+$"), list("-0123456789"))

validator = jsonschema.Draft7Validator(json.load(open(sys.argv[1])))
validator.check_schema(validator.schema)
bad = count = 0
for file in sys.argv[2:]:
    for document in yaml.load_all(open(file, encoding="utf-8"), Loader):
        if document is None:
            continue
        count += 1
        for error in validator.iter_errors(document):
            bad += 1
            print("%s: %s: %s" % (file, "/".join(map(str, error.absolute_path)), error.message[:200]))
print("%d documents, %d errors" % (count, bad))
sys.exit(bad > 0)
PYTHON
validate() { status=0; python3 "$work/validate.py" "$root/scenarios/scenario.schema.json" "$@" >"$work/out" 2>"$work/err" || status=$?; }

mapfile -t shipped < <(find "$root/scenarios" "$root/tests/scenarios" -name '*.yaml' | LC_ALL=C sort)
validate "${shipped[@]}"
check 'every scenario of the project is good' ended 0
[ "$status" -eq 0 ] || head -n 20 "$work/out" "$work/err"
check 'and they are many' test "$(sed -nE 's/^([0-9]+) documents.*/\1/p' "$work/out")" -ge 80

awk '/^```yaml/ {shown = 1; print "---"; next} /^```/ {shown = 0} shown' "$root/docs/SCENARIOS.md" >"$work/apart.yaml"
validate "$work/apart.yaml"
check 'what the documentation shows is good' ended 0
[ "$status" -eq 0 ] || head -n 20 "$work/out" "$work/err"

# ---- what both refuse ----
good='{name: t, topology: shop, policy: fast, duration: 120s, load: {entry: 100/s}, expect: [{none: true}]'
refused() { # WHAT YAML-REST
  printf '%s%s}\n' "$good" "$2" >"$work/t.yaml"
  fd check "$work/t.yaml"
  check "$1: refused by firedrill" ended 2
  validate "$work/t.yaml"
  check "$1: refused by the schema" ended 1
}
printf '%s}\n' "$good" >"$work/t.yaml"
validate "$work/t.yaml"
check 'a small scenario is good' ended 0
refused 'an unknown key' ', durations: 3s'
refused 'an unknown kind' ', faults: [{kind: eror_rate, target: payment, at: 30s, value: 10%}]'
refused 'a value that a kind has not' ', faults: [{kind: logs_down, at: 30s, value: 10%}]'
refused 'a value of another form' ', faults: [{kind: latency, target: payment, at: 30s, value: 10%}]'
refused 'no value' ', faults: [{kind: latency, target: payment, at: 30s}]'
refused 'no target' ', faults: [{kind: latency, at: 30s, value: 1s}]'
refused 'no time' ', faults: [{kind: latency, target: payment, value: 1s}]'
refused 'an unknown state' ', faults: [{kind: latency, target: payment, on: detection, value: 1s}]'
refused 'a duration without a unit' ', settle: 5'
refused 'a rate without a unit' ', history: {series: [{service: payment, rate: 5}]}'
refused 'a name with a blank' ', engines: [{name: a b}]'
refused 'an unknown word of must_not' ', must_not: [deploy]'
refused 'a patch that is absent and fixes' ', patches: [{reply: absent, fixes: true}]'
refused 'an expectation of half' ', incidents: {rate: 1/h}'
refused 'a matrix without values' ', matrix: {load.entry: 4/s}'
refused 'a matrix of lists' ', matrix: {load.entry: [[4/s]]}'
refused 'a matrix without values' ', matrix: {load.entry: 4/s}'
refused 'a matrix of lists' ', matrix: {load.entry: [[4/s]]}'
summary
