#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The exported series in a real Prometheus, on loopback: it takes them, and answers with the figures of the report; every
# expression of the dashboards finds something. Without prometheus and promtool this is skipped, and says so.
#
#   metrics.sh PROGRAM
# shellcheck source=checks.sh
. "$(dirname "$0")/checks.sh"
cd "$work" || exit 2

fd matrix --only 1,4,5,7,8,9,18 --openmetrics all.om --json all.json
check 'the rows pass' ended 0
check 'the series are there' [ -s all.om ]
check 'they end as OpenMetrics does' is "$(tail -n 1 all.om)" '# EOF'
check 'each metric says of what type it is' is "$(grep -c '^# TYPE ' all.om)" 18

# values KEY: of each incident that has it
values() { sed -n '/^  "runs"/,$p' all.json | sed -nE "s/^ *\"$1\": \"?([a-z0-9_]+)\"?,?\$/\1/p" | grep -vx null; }
dashboards=("$tree"/reports/dashboards/*.json)
if command -v python3 >/dev/null; then
  check 'dashboards are JSON, with ids of their own' python3 - "${dashboards[@]}" <<'PY'
import json, sys
boards = [json.load(open(name)) for name in sys.argv[1:]]
assert len({board["uid"] for board in boards}) == len(boards) == 2
for board in boards:
    ids = [panel["id"] for panel in board["panels"]]
    assert len(set(ids)) == len(ids) > 8
    for panel in board["panels"]:
        refs = [target["refId"] for target in panel["targets"]]
        assert len(set(refs)) == len(refs) > 0 and panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24
PY
fi
expressions() { sed -nE 's/^ *"expr": "(.*)",?$/\1/p' "${dashboards[@]}" | sed 's/\\"/"/g' | sort -u; }
check 'every metric that is exported stands in a dashboard' is \
  "$(sed -nE 's/^# TYPE ([a-z0-9_]+) .*/\1/p' all.om | while read -r name; do expressions | grep -q "$name" || echo "$name"; done)" ''

if ! command -v prometheus >/dev/null || ! command -v promtool >/dev/null; then
  echo '# skipped: no prometheus and promtool, so nothing was loaded'
  summary
  exit
fi

called=(promtool tsdb create-blocks-from openmetrics)
status=0
promtool tsdb create-blocks-from openmetrics all.om blocks >out 2>err || status=$?
check 'promtool makes blocks of them' ended 0
cat >prometheus.yml <<'YML'
global: {scrape_interval: 1h}
YML
port=0 server=0
stop() { [ "$server" -eq 0 ] || { kill "$server"; wait "$server"; } 2>/dev/null; }
trap 'stop; rm -rf "$work"' EXIT
for _ in 1 2 3 4 5; do # another process may have the port
  port=$((20000 + RANDOM % 20000))
  prometheus --config.file=prometheus.yml --storage.tsdb.path=blocks --storage.tsdb.retention.time=100y \
    --web.listen-address=127.0.0.1:$port --log.level=error >server 2>&1 &
  server=$!
  for _ in $(seq 100); do
    promtool query instant "http://127.0.0.1:$port" 'vector(1)' >out 2>&1 && break 2
    kill -0 $server 2>/dev/null || break
    sleep 0.1
  done
done
check 'a Prometheus serves them' grep -q '=> 1 ' out

last=$(tail -n 2 all.om | sed -n '1s/.* //p')
asked() { # EXPRESSION: its value, or all of them
  called=(promtool query instant --time="$last" "$1")
  promtool query instant --time="$last" "http://127.0.0.1:$port" "$1" >out 2>err
  status=$?
  sed -nE 's/^.*=> ([^ ]+) @.*/\1/p' out
}
near() { awk -v a="$1" -v b="$2" 'BEGIN { d = a - b; if (d < 0) d = -d; exit !(a != "" && b != "" && d <= 1e-9 * (1 + (b < 0 ? -b : b))) }'; }
share() { sed -nE "/\"$1\": \{/,/\}/s/^ *\"$2\": ([0-9]+),/\1/p" all.json | head -n 1; }
ratio() { awk "BEGIN { printf \"%.15f\", $(share "$1" part) / $(share "$1" whole) }"; }
seen() { values mttr_seen_ns | sort -n; }

# ---- figures of the report
success='sum(rate(self_healing_fixes_total{status="success"}[5m])) / sum(rate(self_healing_fixes_total[5m]))'
check 'fixes that healed: the indicator' near "$(asked "$success")" \
  "$(ratio auto_healing_success)"
check 'lock timeouts of requests: the indicator' near \
  "$(asked 'sum(distributed_lock_timeout_total) / sum(distributed_lock_requests_total)')" \
  "$(ratio lock_contention)"
check 'times to repair: how many' is "$(asked 'sum(self_healing_mttr_seconds_count)')" "$(seen | wc -l)"
check 'times to repair: their sum' near "$(asked 'sum(self_healing_mttr_seconds_sum)')" \
  "$(seen | awk '{ s += $1 / 1e9 } END { printf "%.9f", s }')"
# the quantile that Prometheus interpolates from buckets, from the report's times and the same bounds
expected=$(seen | awk -v bounds="$(sed -nE 's/^self_healing_mttr_seconds_bucket\{.*le="([0-9.]+)".*/\1/p' all.om | sort -nu | tr '\n' ' ')" '
  { t[NR] = $1 / 1e9 }
  END {
    n = split(bounds, le, " "); rank = 0.95 * NR; low = 0
    for (k = 1; k <= n; k++) {
      c = 0; for (i = 1; i <= NR; i++) if (t[i] <= le[k]) c++
      if (c >= rank) { printf "%.12f", low + (le[k] - low) * (rank - before) / (c - before); exit }
      low = le[k]; before = c
    }
  }')
check 'times to repair: p95' near \
  "$(asked 'histogram_quantile(0.95, sum(rate(self_healing_mttr_seconds_bucket[5m])) by (le))')" "$expected"
check 'failed requests at the first run'\''s service, from onset on, at least those of the report' [ \
  "$(asked 'sum(http_requests_total{scenario="high_error_rate",service="payment-service",code="500"})')" -ge \
  "$(values failed_requests | head -n 1)" ]
# a rate is extrapolated to the ends of its window, by no more than a step on either side
rate=$(asked 'sum(rate(distributed_lock_timeout_total[5m]))')
check 'lock timeouts a second, over five minutes: as many as the report has' \
  awk -v v="$rate" -v n="$(share lock_contention part)" 'BEGIN { exit !(n > 0 && v * 300 >= n * 0.95 && v * 300 <= n * 1.05) }'
# each outcome stands twice, as expected and as it was
check 'rollbacks' is "$(asked 'sum(rollbacks_total)')" $(($(values outcome | grep -c '^restored$') / 2))

# ---- every panel
empty=()
count=0
while IFS= read -r expression; do
  count=$((count + 1))
  [ -n "$(asked "$expression")" ] && [ $status -eq 0 ] || empty+=("$expression")
done < <(expressions)
check "all $count expressions of the dashboards find something" is "${empty[*]}" ''
check 'there are as many as panels need' [ $count -ge 25 ]
summary
