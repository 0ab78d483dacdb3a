#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The same unit test of 200 rules over many series in promtool and in "firedrill rules test": processor time of each,
# without what reading the files takes (a run with one evaluation is taken off).
#
#   rules_beside.sh PROGRAM [SERVICES [SECONDS]]
set -euo pipefail
program=$(realpath "$1") services=${2:-200} seconds=${3:-60}
command -v promtool >/dev/null || { echo 'skipped: promtool is not installed'; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

awk 'BEGIN {
  print "groups:\n- name: wide\n  rules:"
  for (r = 0; r < 200; r++) {
    w = 5 + r % 7 * 10
    if (r % 4 == 0) printf "  - {alert: Errors%d, expr: \"sum by (service) (rate(http_requests_total{code=~\\\"5..\\\"}[%ds])) / sum by (service) (rate(http_requests_total[%ds])) > 0.%d\", for: 10s}\n", r, w, w, 10 + r % 80
    if (r % 4 == 1) printf "  - {record: \"service:rate:r%d\", expr: \"sum by (service) (rate(http_requests_total[%ds]))\"}\n", r, w
    if (r % 4 == 2) printf "  - {alert: Slow%d, expr: \"histogram_quantile(0.9, sum by (service, le) (rate(http_request_duration_seconds_bucket[%ds]))) > %d\"}\n", r, w, 1 + r % 3
    if (r % 4 == 3) printf "  - {alert: Cpu%d, expr: \"rate(process_cpu_seconds_total[%ds]) / on (service) container_cpu_limit_cores > %d\"}\n", r, w, 3 + r % 5
  }
}' >"$work/rules.yml"

# unit_test SECONDS
unit_test() {
  awk -v services="$services" -v seconds="$1" 'BEGIN {
    split("200 500 503", code, " ")
    split("0.005 0.01 0.025 0.05 0.1 0.25 0.5 1 2.5 5 +Inf", le, " ")
    print "rule_files: [rules.yml]\nevaluation_interval: 1s\ntests:\n- interval: 1s\n  input_series:"
    for (s = 0; s < services; s++) {
      for (c = 1; c <= 3; c++) printf "  - {series: \"http_requests_total{service=\\\"s%d\\\",code=\\\"%s\\\"}\", values: \"0+%dx%d\"}\n", s, code[c], c == 1 ? 10 : s % 10 == 0 ? 2 : 0, seconds
      for (b = 1; b <= 11; b++) printf "  - {series: \"http_request_duration_seconds_bucket{service=\\\"s%d\\\",le=\\\"%s\\\"}\", values: \"0+%dx%d\"}\n", s, le[b], b, seconds
      split("up process_cpu_seconds_total container_cpu_limit_cores process_resident_memory_bytes container_memory_limit_bytes http_request_duration_seconds_count", g, " ")
      for (k = 1; k <= 6; k++) printf "  - {series: \"%s{service=\\\"s%d\\\"}\", values: \"1+%dx%d\"}\n", g[k], s, k, seconds
    }
    printf "  promql_expr_test: [{expr: \"count(up)\", eval_time: %ds, exp_samples: [{labels: \"{}\", value: %d}]}]\n", seconds, services
  }' >"$work/test.yml"
}

# cost COMMAND...: seconds of processor time
cost() {
  local before after
  before=$(awk '{print $16 + $17}' /proc/$$/stat)
  "$@" >"$work/out" 2>&1 || { cat "$work/out" >&2; exit 1; }
  after=$(awk '{print $16 + $17}' /proc/$$/stat)
  echo $((after - before))
}
tick=$(getconf CLK_TCK)

for tool in promtool "$program"; do
  name=$(basename "$tool")
  command=("$tool" test rules "$work/test.yml")
  [ "$name" = promtool ] || command=("$tool" rules test "$work/test.yml")
  unit_test 1
  cost "${command[@]}" >"$work/cost"
  once=$(cat "$work/cost")
  unit_test "$seconds"
  cost "${command[@]}" >"$work/cost"
  all=$(cat "$work/cost")
  awk -v name="$name" -v t=$((all - once)) -v tick="$tick" -v n="$seconds" -v s="$services" \
    'BEGIN { printf "%-10s %d services, 200 rules: %.2f s of processor for %d evaluations, %.1f ms each\n", name, s, t / tick, n - 1, 1000 * t / tick / (n - 1) }'
done
