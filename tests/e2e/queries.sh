#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Policies name their queries in PromQL: what an engine asks (own errors, canary against stable, error budget) is asked
# in the policy's words, and decides; what is wrong with a query is told where it stands.
#
#   queries.sh PROGRAM
# shellcheck source=checks.sh
. "$(dirname "$0")/checks.sh"

row=$tree/scenarios/core/01_high_error_rate.yaml

# scenario NAME: a copy of the row with the overrides of the policy on standard input
scenario() {
  { sed -n '1,/^policy:/p' "$row"; echo 'metrics: {profile: istio}'; echo 'policy_overrides:'; cat; sed '1,/^policy:/d' "$row"; } |
    sed "s/^name: .*/name: $1/" >"$work/$1.yaml"
}
# shellcheck disable=SC2016 # the dollars are the policy's
asked='destination_workload="$service",destination_version="$revision"'

scenario mesh <<END
  detection:
    queries:
      error_share: 'sum(rate(istio_requests_total{$asked,response_code=~"5.."}[\$window])) / sum(rate(istio_requests_total{$asked}[\$window]))'
      own_error_share: 'sum(rate(istio_requests_total{$asked,response_code=~"500|503"}[\$window])) / sum(rate(istio_requests_total{$asked}[\$window]))'
      requests: 'sum(istio_requests_total{$asked})'
      failures: 'sum(istio_requests_total{$asked,response_code=~"5.."})'
      budget_requests: 'sum(increase(istio_requests_total{destination_workload="\$service"}[\$budget_window]))'
END
fd run "$work/mesh.yaml" --trace "$work/mesh.trace"
check "a canary is judged, and the incident healed, by the mesh's figures" ended 0
fd replay "$work/mesh.trace"
check 'a trace replays' ended 0

scenario blind <<'END'
  detection: {queries: {own_error_share: '0 * sum(up{service="$service"})'}}
END
fd run "$work/blind.yaml"
check 'a query that sees no errors: nothing is detected' said 'no engine detected it'

scenario burnt <<'END'
  detection: {queries: {budget_errors: '0.05 * sum(increase(http_requests_total{service="$service"}[$budget_window]))'}}
END
fd run "$work/burnt.yaml" --trace "$work/burnt.trace"
check 'a budget that burns by its query stops the patch' ended 1
fd explain "$work/burnt.trace"
check '... and the gate says by how much' said 'error_budget 5.0%'

scenario canary <<'END'
  detection: {queries: {latency_p95: '9 * sum(up{service="$service"}) / sum(up{service="$service"})', latency_p99: 'vector(9)'}}
END
fd run "$work/canary.yaml"
check 'a figure without a difference between canary and stable changes nothing' ended 0

# ---- what is wrong ----
scenario wrong <<'END'
  detection:
    queries:
      error_share: 'sum(rat(x[5m]))'
END
fd run "$work/wrong.yaml"
check 'an expression that is none is not run' ended 2
line=$(grep -n 'rat(x' "$work/wrong.yaml" | cut -d: -f1)
check '... its place is told' complained_of "wrong.yaml:$line:25: error: unknown function \"rat\""
scenario range <<'END'
  detection: {queries: {error_share: 'up[5m]'}}
END
fd run "$work/range.yaml"
check 'a range is no number' complained 'range.yaml:9:[0-9]+: error: a range vector'
scenario unknown <<'END'
  detection: {queries: {eror_share: 'vector(1)'}}
END
fd run "$work/unknown.yaml"
check 'a question nobody asks: the nearest is named' complained_of '"error_share"'
# shellcheck disable=SC2016 # the dollars are the policy's
{
  echo "detection: {queries: {requests: 'x{service=\"\$servce\"}'}}" >typo.yaml
  fd check typo.yaml
  check 'a place that none is is said' complained_of 'typo.yaml:1:34: warning: $servce stands for nothing'
  echo "detection: {queries: {requests: 'x{service=~\"\$service.*\"}'}}" >part.yaml
  fd check part.yaml
  check 'so is half of a value' complained_of "\$service stands for something as a matcher's whole value only"
}
summary
