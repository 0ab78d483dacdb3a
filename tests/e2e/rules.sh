#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# "firedrill rules": what it says of good and bad rule files, unit tests of rules that hold and that do not, and, where
# Debian's promtool is at hand, that both tools see the same alerts in random rules over random series.
#
#   rules.sh PROGRAM [FILES [SEED]]
# shellcheck source=checks.sh
. "$(dirname "$0")/checks.sh"
files=${2:-25} seed=${3:-1}

# ---- windows too short for the policy's scrapes ----
printf 'detection:\n  rules: [fast]\n' >"$work/short.yaml"
fd check "$work/short.yaml"
check 'rules over 5s and scrapes 15s apart: good, but' ended 0
check 'warned of, with the place' complained \
  'rules/fast.yaml:[0-9]+:[0-9]+: warning: rate over 5s sees at most one sample at 15s scrapes: it has no value'
fd run 03_critical_error_rate 00_healthy --seeds 2 --policy "$work/short.yaml"
check 'warned of before a run' complained 'warning: rate over 5s'
check 'each place once, however many runs' is "$(grep -c warning: "$work/err")" "$(sort -u "$work/err" | grep -c warning:)"
fd sweep 03_critical_error_rate 00_healthy --seeds 1 --policy "$work/short.yaml" --out "$work/short"
check 'and before a sweep' complained 'warning: rate over 5s'
for policy in default fast; do
  fd check "$tree/policies/$policy.yaml"
  check "policy $policy: no such warning" silent err
done

# ---- check ----
cat >"$work/good.yml" <<'END'
groups:
  - name: g
    limit: 10
    rules:
      - record: job:up:sum
        expr: sum by (job) (up)
      - alert: Down
        expr: job:up:sum == 0
        for: 5m
        annotations: {summary: "{{ $labels.job }} has {{ $value | humanize }}"}
END
cat >"$work/bad.yml" <<'END'
groups:
  - name: g
    rules:
      - alert: A
        expr: |
          sum(up)
            > rat(x[5m])
        annotations: {summary: "{{ $vlue }}"}
END
fd rules check "$work/good.yml"
check 'a good file: its rules are counted' ended 0
check '... as promtool counts them' said 'SUCCESS: 2 rules found'
fd rules check "$work/good.yml" "$work/bad.yml"
check 'a bad file among good ones ends with 2' ended 2
check '... the good one is said to be good' said 'SUCCESS: 2 rules found'
check '... the place of an expression in a block' complained_of 'bad.yml:7:15: error: unknown function "rat"; did you mean "rad"?'
  # shellcheck disable=SC2016 # the dollars are the template's
check '... and of a template, with what is near' complained_of 'bad.yml:8:36: error: template: undefined variable "$vlue"; did you mean "$value"?'
check '... a caret under each' complained '^                  \^$'
fd rules check --json "$work/good.yml" "$work/bad.yml" "$work/none.yml"
check 'as JSON: which are good' said '"ok": true, *$|"rules": 2'
check '... what is wrong, and where' is "$(tr -d ' \n' <"$work/out" | grep -oE '"line":8,"column":36,"message":"template:')" '"line":8,"column":36,"message":"template:'
check '... and of which file' said '"file": ".*none.yml"'
check '... ends as it does in words' ended 2
check '... and says nothing else' silent err
fd rules check "$work/none.yml"
check 'a file that is not there ends with 2' ended 2
fd rules chek "$work/good.yml"
check 'a word that is neither: the nearest is named' complained_of 'did you mean "check"?'
check '... and ends with 2' ended 2

# ---- test ----
write_test() { # value of the sample expected
  cat <<END
rule_files: [go*.yml]
evaluation_interval: 1m
tests:
  - interval: 1m
    name: a job ends
    input_series:
      - series: 'up{job="a"}'
        values: '1x4 0x10'
      - series: 'up{job="b"}'
        values: '1+0x9 _x3 stale'
    alert_rule_test:
      - eval_time: 9m
        alertname: Down
      - eval_time: 10m
        alertname: Down
        exp_alerts:
          - exp_labels: {job: a}
            exp_annotations: {summary: a has 0}
    promql_expr_test:
      - expr: job:up:sum
        eval_time: 9m
        exp_samples:
          - labels: job:up:sum{job="a"}
            value: 0
          - labels: job:up:sum{job="b"}
            value: $1
END
}
write_test 1 >"$work/holds.yml"
write_test 2 >"$work/holds_not.yml"
fd rules test "$work/holds.yml"
check 'tests that hold' ended 0
check '... are said to' said '^  SUCCESS$'
fd rules test "$work/holds.yml" "$work/holds_not.yml"
check 'tests that do not hold end with 1' ended 1
check '... their name' said 'name: a job ends,'
check '... what was expected' said 'exp: job:up:sum\{job="a"\} 0, job:up:sum\{job="b"\} 2'
check '... what was got' said 'got: job:up:sum\{job="a"\} 0, job:up:sum\{job="b"\} 1'
sed 's/name: a job ends/nam: x/' "$work/holds.yml" >"$work/odd.yml"
fd rules test "$work/odd.yml"
check 'a test file with an unknown key ends with 2' ended 2
check '... and the key is placed' complained 'odd.yml:5:5: error: .*did you mean "name"'
sed 's/go\*/bad/' "$work/holds.yml" >"$work/of_bad.yml"
fd rules test "$work/of_bad.yml"
check 'a bad rule file ends with 2' ended 2
check '... its place is told' complained 'bad.yml:7:15: error'

# ---- beside promtool ----
# Rules that wait, keep firing, build on each other and on ALERTS, over series that jump, pause and end; no alert is
# expected anywhere, so that both tools print all that fire at each minute.
write_random() { # SEED FOLDER
  awk -v seed="$1" -v folder="$2" '
    function pick(n) { return int(rand() * n) }
    function minutes(n) { return pick(n) "m" }
    BEGIN {
      srand(seed)
      split("1m 2m 30s", steps, " ")
      rules = folder "/rules.yml"; tests = folder "/tests.yml"
      print "groups:" >rules
      alerts = 0
      for (g = 0; g < 2; g++) {
        printf "- name: g%d\n  rules:\n", g >rules
        for (i = 0; i < 4; i++) {
          kind = pick(6)
          if (kind == 0) { printf "  - record: r%d%d\n    expr: m * %d\n", g, i, 1 + pick(3) >rules; continue }
          name[alerts] = "A" alerts
          expr = "m " (pick(2) ? ">" : "<") " " pick(4)
          if (kind == 1) expr = "absent(m{s=\"a\"})"
          if (kind == 2) expr = "{__name__=~\"r.*\"} > " pick(5)
          if (kind == 3) expr = "sum without (s) (ALERTS{alertname=\"A0\"}) > 0"
          if (kind == 4) expr = "m > 1 unless on (s) (m offset 2m > 2)"
          printf "  - alert: A%d\n    expr: \x27%s\x27\n", alerts, expr >rules
          if (pick(3)) printf "    for: %s\n", minutes(5) >rules
          if (pick(3)) printf "    keep_firing_for: %s\n", minutes(5) >rules
          level = pick(4) ? "" : ", level: \x27{{ if gt $value 2.0 }}high{{ else }}low{{ end }}\x27"
          printf "    labels: {sev: page%s}\n", level >rules
          print "    annotations:" >rules
          print "      text: \x27{{ $labels.s | toUpper }} is {{ $value }} {{ humanizeDuration $value }}\x27" >rules
          print "      plain: \x27{{ printf \"%.2f\" $value }}\x27" >rules
          alerts++
        }
      }
      printf "rule_files: [rules.yml]\nevaluation_interval: 1m\ngroup_eval_order: [g0, g1]\ntests:\n- interval: %s\n  input_series:\n", steps[1 + pick(3)] >tests
      for (s = 0; s < 3; s++) {
        printf "  - series: m{s=\"%s\"}\n    values: \x27", substr("abc", s + 1, 1) >tests
        for (v = 0; v < 30; v++) {
          what = pick(12)
          text = pick(4)
          if (what == 0) text = "_"
          if (what == 1) text = "_x" (1 + pick(6))
          if (what == 2) text = "stale"
          if (what == 3) text = pick(4) "+1x" pick(4)
          if (what == 4) text = pick(5) "x3"
          printf "%s ", text >tests
        }
        print "\x27" >tests
      }
      print "  alert_rule_test:" >tests
      for (t = 0; t <= 30; t++)
        for (a = 0; a < alerts; a++) printf "  - {eval_time: %s, alertname: A%d}\n", t ? t "m" : "0s", a >tests
    }'
}
plain() { sed -E '/^Unit Testing|SUCCESS|FAILED/d; s/^ *//; s/ *$//; s/^(rule: [^,]*),.*/\1/; /^$/d' "$1"; } # a rule that fails: each has words of its own for why
agree() {
  mkdir -p "$work/random"
  write_random "$1" "$work/random"
  (cd "$work/random" && promtool test rules tests.yml >"$work/theirs" 2>&1)
  (cd "$work/random" && "$program" rules test --windows 2 tests.yml >"$work/ours" 2>&1)
  plain "$work/theirs" >"$work/theirs.plain"
  plain "$work/ours" >"$work/ours.plain"
  seen=$((seen + $(grep -c 'Labels:' "$work/ours.plain")))
  diff "$work/theirs.plain" "$work/ours.plain" >"$work/out"
}
if command -v promtool >/dev/null; then
  seen=0
  for ((i = 0; i < files; i++)); do
    check "random rules $((seed + i)): promtool sees the same alerts" agree $((seed + i)) || break
  done
  check "alerts did fire: $seen" [ "$seen" -gt $((20 * files)) ]
else
  echo 'skipped: promtool is not installed; nothing to compare random rules with'
fi
summary
