#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Where hardly anybody asks, a window without failures is no sign that somebody healed it: an incident that is a
# person's stays open while its defect serves, and is closed once enough requests went well.
#
#   little_traffic.sh PROGRAM
# shellcheck source=checks.sh
. "$(dirname "$0")/checks.sh"

# outage RATE FOR EXPECTED: so many requests a second, nearly half of them fail
outage() {
  cat >"$work/outage.yaml" <<END
name: outage
topology: shop
policy: fast
duration: 240s
roles:
  payment: {replicas: 2, rate: $1/s}
faults:
- {name: outage, kind: error_rate, target: payment, at: 30s, $2value: 45%,
   log: {exception: NullPointerException, file: PaymentService.java, line: 237}}
expect:
- {incident: outage, reaction: escalate, outcome: $3}
must_not: [effect]
END
}

outage 3 '' held
for seed in 1 3 4 5 9; do # with the figure alone under the limit, each of them was closed while the defect served
  fd run "$work/outage.yaml" --seed $seed --timeline
  check "seed $seed: a person has it" said 'escalated payment-service'
  check "seed $seed: it stays open while it fails" not said 'closed_healed_by_another'
  check "seed $seed: it is held" ended 0
done

outage 20 'for: 60s, ' healed_by_another
fd run "$work/outage.yaml" --seed 1 --timeline
check 'one that ended by itself is closed' said '0[1-3]:[0-9.]* +closed_healed_by_another payment-service'
check 'and judged so' ended 0
summary
