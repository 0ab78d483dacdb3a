#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What somebody new does: an application of their own, a policy of their own, a scenario for it, and a gate that turns
# red when the lock's lease is made too short, and green again. And what they get wrong on the way.
#
#   newcomer.sh PROGRAM
# shellcheck source=checks.sh
. "$(dirname "$0")/checks.sh"
cd "$work" || exit 2

cat >bikes-topology.yaml <<'END'
name: bikes
entrypoints: [web]
services:
- {name: web, kind: frontend, replicas: 4}
- {name: rentals, replicas: 6}
- {name: billing, replicas: 6, language: java}
- {name: bikes-db, kind: datastore}
- {name: mail}
calls:
- {from: web, to: rentals}
- {from: rentals, to: billing}
- {from: rentals, to: bikes-db}
- {from: billing, to: bikes-db}
- {from: rentals, to: mail}
END
cat >team.yaml <<'END'
detection: {rate_window: 5s, sample_interval: 1s, rules: [fast]}
canary:
  stages:
    - {share: 10%, soak: 3s, min_samples: 50}
    - {share: 50%, soak: 3s, min_samples: 100}
    - {share: 100%}
  look_interval: 1s
verification: {watch: 6s, extend: 6s}
locking:
  default_ttl_seconds: 120
END
cat >billing.yaml <<'END'
name: billing_fails
topology: bikes-topology.yaml
policy: team.yaml
duration: 150s
roles:
  billing: {rate: 200/s}
faults:
- {name: npe, kind: error_rate, target: billing, at: 30s, value: 18%,
   log: {exception: NullPointerException, file: Billing.java, line: 12}}
patches:
- {service: billing, fixes: true, size_lines: 9}
expect:
- {incident: npe, reaction: auto_fix, outcome: resolved, mttr: {max: 60s}}
must_not: [rollback, page]
END
gate() { fd run billing.yaml --junit gate.xml --out gate; }

fd check bikes-topology.yaml team.yaml billing.yaml
check 'the three files are sound' ended 0
gate
check 'the gate is green' ended 0
fd run billing.yaml --without all
check 'without its cause it proves nothing' ended 1 4

# ---- the lease is made too short ----
sed -i 's/default_ttl_seconds: 120/default_ttl_seconds: 20/' team.yaml
fd check team.yaml
check 'a lease that ends before it is renewed: refused' ended 2
check 'with the place and the figures' complained '^team.yaml:10:24: error: locking.renew_interval_seconds: renewed after 60s'
gate
check 'the gate is red' ended 2
printf '  auto_renew: false\n' >>team.yaml
sed -i 's/default_ttl_seconds: 20/default_ttl_seconds: 10/' team.yaml
fd check team.yaml
check 'not renewed at all, a short lease is sound' ended 0
gate
check 'and the gate is red by what happens' ended 1
check 'it says what' said 'lock_lost'
check 'and how to see it again' said 'reproduce: firedrill run billing.yaml'
check 'CI reads a failure' grep -q '<failure' gate.xml
sed -i 's/default_ttl_seconds: 10/default_ttl_seconds: 120/' team.yaml
gate
check 'the gate is green again' ended 0

# ---- a topology goes by its name everywhere, not by its file's ----
fd run billing.yaml --json run.json
fd sweep billing.yaml --seeds 1 --out swept
for form in run.json swept/report.json; do
  check "$form: by its name" grep -qE '"topology": ?"bikes"' $form
done
check 'traces, too' test -e 'gate/billing_fails@bikes-1.trace'
fd report gate --json again.json
check 'and of a trace alone' grep -qE '"topology": ?"bikes"' again.json

# ---- what one gets wrong ----
sed 's/default_ttl_seconds: 120/default_ttl_seconds: 120s/' team.yaml >unit.yaml
fd check unit.yaml
check 'a unit where the key has it: said so' complained 'expected a number without a unit, got "120s"'
for option in --out --junit= --policy; do
  if [ "${option: -1}" = = ]; then fd run billing.yaml "$option"; else fd run billing.yaml "$option" ''; fi
  check "$option of a variable that is not set: said" complained "firedrill run: ${option%=} needs a value: "
  check "$option of a variable that is not set: nothing runs" silent out
done
fd replay billing.yaml
check 'a scenario is no trace' complained 'billing.yaml: error: record 0, byte [0-9]+: is no trace'
fd report swept
check 'a sweep has a report already' complained 'swept holds no .trace file; a sweep.s report stands in it'
mkdir half && head -c 300 swept/results.jsonl >half/results.jsonl.part
fd compare half swept
check 'a sweep that is not finished: status' ended 2
check 'a sweep that is not finished: said' complained 'half/results.jsonl.part: error: is of a sweep that is not finished'
mkdir locked && chmod 555 locked && chmod 755 .
if [ "$(id -u)" -ne 0 ]; then
  fd run billing.yaml --out locked
  check 'a folder that cannot be written to is told before the runs' complained 'the folder locked cannot be made or written to'
elif setpriv --reuid=65534 --clear-groups "$program" check billing.yaml team.yaml >/dev/null 2>&1; then # who may read the tree
  setpriv --reuid=65534 --clear-groups "$program" run billing.yaml --out locked >out 2>err
  check 'a folder that cannot be written to: status' is $? 2
  check 'a folder that cannot be written to is told before the runs' complained 'the folder locked cannot be made or written to'
  check 'and nothing else is' is "$(wc -l <err)" 1
fi
summary
