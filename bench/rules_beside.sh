#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What an evaluation of 200 rules over many series costs: the same rules, series and samples in a Prometheus server that scrapes
# and evaluates them each second (its own metrics say how long), in "promtool test rules" and in "firedrill rules test"
# (processor time). All are asked when their windows, of 65 s at most, are full: what comes before is taken off.
#
#   rules_beside.sh PROGRAM [SERVICES [SECONDS]]
set -euo pipefail
program=$(realpath "$1") services=${2:-100} seconds=${3:-20}
readonly warm=66
for tool in promtool prometheus python3; do
  command -v $tool >/dev/null || { echo "skipped: $tool is not installed"; exit 77; }
done
work=$(mktemp -d)
target=0 server=0
stop() {
  for process in $server $target; do [ "$process" -eq 0 ] || { kill "$process"; wait "$process"; } 2>/dev/null || true; done
  server=0 target=0
}
trap 'stop; rm -rf "$work"' EXIT
cd "$work"

awk 'BEGIN {
  print "groups:\n- name: wide\n  interval: 1s\n  rules:"
  for (r = 0; r < 200; r++) {
    w = 5 + r % 7 * 10
    if (r % 4 == 0) printf "  - {alert: Errors%d, expr: \"sum by (service) (rate(http_requests_total{code=~\\\"5..\\\"}[%ds])) / sum by (service) (rate(http_requests_total[%ds])) > 0.%d\", for: 10s}\n", r, w, w, 10 + r % 80
    if (r % 4 == 1) printf "  - {record: \"service:rate:r%d\", expr: \"sum by (service) (rate(http_requests_total[%ds]))\"}\n", r, w
    if (r % 4 == 2) printf "  - {alert: Slow%d, expr: \"histogram_quantile(0.9, sum by (service, le) (rate(http_request_duration_seconds_bucket[%ds]))) > %d\"}\n", r, w, 1 + r % 3
    if (r % 4 == 3) printf "  - {alert: Cpu%d, expr: \"rate(process_cpu_seconds_total[%ds]) / on (service) container_cpu_limit_cores > %d\"}\n", r, w, 3 + r % 5
  }
}' >"$work/rules.yml"

# Every series with what it grows by each second.
awk -v services="$services" 'BEGIN {
  split("200 500 503", code, " ")
  split("0.005 0.01 0.025 0.05 0.1 0.25 0.5 1 2.5 5 +Inf", le, " ")
  split("up process_cpu_seconds_total container_cpu_limit_cores process_resident_memory_bytes container_memory_limit_bytes http_request_duration_seconds_count", g, " ")
  for (s = 0; s < services; s++) {
    for (c = 1; c <= 3; c++) printf "http_requests_total{service=\"s%d\",code=\"%s\"} %d\n", s, code[c], c == 1 ? 10 : s % 10 == 0 ? 2 : 0
    for (b = 1; b <= 11; b++) printf "http_request_duration_seconds_bucket{service=\"s%d\",le=\"%s\"} %d\n", s, le[b], b
    for (k = 1; k <= 6; k++) printf "%s{service=\"s%d\"} %d\n", g[k], s, k
  }
}' >series

# unit_test SECONDS
unit_test() {
  printf 'rule_files: [rules.yml]\nevaluation_interval: 1s\ntests:\n- interval: 1s\n  input_series:\n'
  sed -E "s/\"/\\\\\"/g; s/^(.*) ([0-9]+)$/  - {series: \"\1\", values: \"0+\2x$1\"}/" series
  echo "  promql_expr_test: [{expr: 'count(up)', eval_time: ${1}s, exp_samples: [{labels: '{}', value: $services}]}]"
}

# cost COMMAND...: seconds of processor time, in the file cost
cost() {
  local TIMEFORMAT='%3U %3S'
  { time "$@" >out 2>&1; } 2>cost || { cat out >&2; exit 1; }
}

# beside NAME ROUNDS COMMAND...: milliseconds an evaluation, in the file NAME
beside() {
  local name=$1 rounds=$2
  shift 2
  unit_test $warm >test.yml
  cost "$@" test.yml
  mv cost once
  unit_test $((warm + rounds)) >test.yml
  cost "$@" test.yml
  awk -v n="$rounds" '{ t = $1 + $2 - t } END { print 1000 * t / n }' once cost >"$name"
}
beside promtool "$seconds" promtool test rules
beside firedrill $((10 * seconds)) "$program" rules test

# ---- the server: it scrapes the series as they grow

cat >target.py <<'PY'
import http.server, time
series = [line.rsplit(" ", 1) for line in open("series")]
begin = time.monotonic()
class Target(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        t = int(time.monotonic() - begin + 0.5)
        body = "".join(f"{name} {int(step) * t}\n" for name, step in series).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass
server = http.server.HTTPServer(("127.0.0.1", 0), Target)
print(server.server_port, flush=True)
server.serve_forever()
PY
python3 target.py >target.port &
target=$!
for _ in $(seq 100); do [ -s target.port ] && break; sleep 0.1; done
cat >prometheus.yml <<YML
rule_files: [rules.yml]
scrape_configs:
- job_name: wide
  scrape_interval: 1s
  scrape_timeout: 1s
  static_configs: [{targets: ['127.0.0.1:$(cat target.port)']}]
  metric_relabel_configs: [{action: labeldrop, regex: 'job|instance'}]
YML

# Its metrics, read without a client.
metrics() { (exec 3<>"/dev/tcp/127.0.0.1/$port" && printf 'GET /metrics HTTP/1.0\r\n\r\n' >&3 && cat <&3) 2>/dev/null; }
metric() { metrics | awk -v name="$1" 'index($0, name) == 1 && !seen++ { print $NF }' || true; }
ready=
for _ in 1 2 3 4 5; do # another process may have the port
  port=$((20000 + RANDOM % 20000))
  prometheus --config.file=prometheus.yml --storage.tsdb.path=data --web.listen-address=127.0.0.1:$port --log.level=error \
    >server 2>&1 &
  server=$!
  for _ in $(seq 100); do
    ready=$(metric prometheus_ready)
    [ "$ready" = 1 ] && break 2
    kill -0 $server 2>/dev/null || break
    sleep 0.1
  done
done
[ "$ready" = 1 ] || { cat server >&2; exit 1; }
sleep $warm
sum=$(metric prometheus_rule_evaluation_duration_seconds_sum) count=$(metric prometheus_rule_evaluation_duration_seconds_count)
for _ in $(seq "$seconds"); do
  sleep 1
  metric prometheus_rule_group_last_duration_seconds
done >rounds
metrics >after
[ "$(awk '/^prometheus_rule_evaluation_failures_total/ { n += $NF } END { print n + 0 }' after)" = 0 ] || { echo 'rules failed in the server' >&2; exit 1; }
awk -v sum="$sum" -v count="$count" '/^prometheus_rule_evaluation_duration_seconds_sum/ { sum = $NF - sum }
  /^prometheus_rule_evaluation_duration_seconds_count/ { count = $NF - count }
  END { if (count < 200) exit 1; print 200000 * sum / count }' after >prometheus
sort -g rounds | awk '{ print 1000 * $1; exit }' >least
stop

echo "$services services, 200 rules, windows full; milliseconds an evaluation of all, and times ours"
ours=$(cat firedrill)
say() { awk -v what="$1" -v t="$2" -v ours="$ours" 'BEGIN { printf "  %-66s %9.1f %7.1f\n", what, t, t / ours }'; }
say 'firedrill rules test, processor' "$ours"
say 'promtool test rules, processor' "$(cat promtool)"
say 'prometheus, rule_evaluation_duration_seconds (mean)' "$(cat prometheus)"
say 'prometheus, rule_group_last_duration_seconds (least of the rounds)' "$(cat least)"
