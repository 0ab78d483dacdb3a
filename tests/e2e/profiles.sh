#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Metrics profiles: rules made for Istio, OpenTelemetry, Spring or cAdvisor fire, unchanged, on the simulated services,
# and only with their profile; what is wrong with a profile's file is told with its place.
#
#   profiles.sh PROGRAM
# shellcheck source=checks.sh
. "$(dirname "$0")/checks.sh"

row=$tree/scenarios/core/01_high_error_rate.yaml

for file in "$tree"/rules/profiles/*.yaml; do
  fd check "$file"
  check "$(basename "$file") is good" ended 0
done

# rules as people have them: no label of theirs is "service" or "symptom"
cat >"$work/istio.yml" <<'END'
groups:
  - name: istio
    rules:
      - alert: IstioHigh5xxRate
        expr: |
          100 * sum by (destination_workload) (rate(istio_requests_total{reporter="destination", response_code=~"5.*"}[10s]))
            / sum by (destination_workload) (rate(istio_requests_total{reporter="destination"}[10s])) > 5
        labels: {severity: critical}
END
cat >"$work/otel.yml" <<'END'
groups:
  - name: otel
    rules:
      - record: service:http_server_errors:ratio
        expr: |
          sum by (service_name) (rate(http_server_request_duration_seconds_count{http_response_status_code=~"5.."}[10s]))
            / sum by (service_name) (rate(http_server_request_duration_seconds_count[10s]))
      - alert: HttpServerErrorsHigh
        expr: service:http_server_errors:ratio > 0.05
END
cat >"$work/spring.yml" <<'END'
groups:
  - name: spring
    rules:
      - alert: HighServerErrorRatio
        expr: |
          sum by (application) (increase(http_server_requests_seconds_count{outcome="SERVER_ERROR"}[10s]))
            / sum by (application) (increase(http_server_requests_seconds_count[10s])) > 0.05
END
cat >"$work/latency.yml" <<'END'
groups:
  - name: istio
    rules:
      - alert: IstioRequestLatencyP95
        expr: |
          histogram_quantile(0.95, sum by (destination_service_name, le) (
            rate(istio_request_duration_milliseconds_bucket{reporter="destination"}[10s]))) > 500
      - alert: IstioRequestLatencyMean
        expr: |
          sum by (destination_service_name) (rate(istio_request_duration_milliseconds_sum[10s]))
            / sum by (destination_service_name) (rate(istio_request_duration_milliseconds_count[10s])) > 600
END
cat >"$work/cadvisor.yml" <<'END'
groups:
  - name: cadvisor
    rules:
      - alert: ContainerCpuUsed
        expr: |
          sum by (container) (rate(container_cpu_usage_seconds_total[10s]))
            / sum by (container) (kube_pod_container_resource_limits{resource="cpu"}) > 0.001
END

# scenario NAME RULES PROFILE SED...: a copy of the row with those rules and that profile
scenario() {
  local name=$1 rules=$2 profile=$3
  shift 3
  sed -e "s/^name: .*/name: $name/" -e "s/^policy: .*/&\nrules: [$rules]\nmetrics: {profile: $profile}/" "$@" "$row" >"$work/$name.yaml"
}

for kind in istio otel spring; do
  scenario "$kind" "$kind.yml" "$kind"
  fd run "$work/$kind.yaml" --trace "$work/$kind.trace"
  check "rules over $kind's names fire, and the incident is healed" ended 0
done
fd explain "$work/istio.trace"
check 'the alert names its service as the mesh does' said 'IstioHigh5xxRate fires for payment-service'
fd replay "$work/istio.trace"
check 'a trace replays without the profile at hand' ended 0

scenario wrong istio.yml spring
fd run "$work/wrong.yaml"
check 'with the names of another profile they do not' said 'no engine detected it'

scenario both otel.yml '[istio, otel]'
fd run "$work/both.yaml"
check 'two profiles stand beside each other' ended 0

scenario slow latency.yml istio -e 's/kind: error_rate/kind: latency/' -e 's/value: 15.2%/value: 700ms/' \
  -e 's/{service: payment, fixes: true/{service: payment, symptom: latency, fixes: true/'
fd run "$work/slow.yaml" --trace "$work/slow.trace"
check 'buckets and sums in milliseconds: latency fires, and is healed' ended 0
fd explain "$work/slow.trace"
check '... by the quantile or by the mean' said 'IstioRequestLatency(P95|Mean) fires for payment-service'

scenario busy cadvisor.yml cadvisor -e 's/^name: .*/name: busy/'
fd run "$work/busy.yaml" --trace "$work/busy.trace"
heard=$(grep -ao ContainerCpuUsed "$work/busy.trace" | wc -l) # once in the rules themselves, then at every evaluation
check "a container's CPU beside its limit: engines hear of it" [ "$heard" -gt 100 ]

# ---- what is wrong ----
printf 'metric_relabel_configs:\n  - {action: replce, target_label: a}\n' >"$work/bad.yml"
scenario bad istio.yml bad.yml
fd run "$work/bad.yaml"
check 'a bad profile is not run' ended 2
check '... its place is told' complained_of 'bad.yml:2:14: error'
scenario nobody istio.yml istoi
fd run "$work/nobody.yaml"
check 'a profile that is not there: the nearest is named' complained_of 'did you mean "istio"?'
summary
