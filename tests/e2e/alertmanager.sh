#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# An Alertmanager between rules and engines: what is wrong with its file, that its inhibition keeps a second incident
# from being opened (and nothing else does: without it there are two), that its waits are part of the time to repair.
#
#   alertmanager.sh PROGRAM
# shellcheck source=checks.sh
. "$(dirname "$0")/checks.sh"

shipped=$tree/rules/alertmanager/errors_first.yaml
row=$tree/scenarios/extended/inhibited_alert.yaml

# ---- files ----
fd check "$shipped"
check 'a good file: what it has is counted' ended 0
check '... with routes, receivers and inhibition rules' said '1 routes, 1 receivers, 1 inhibition rules'
cat >"$work/bad.yml" <<'END'
route:
  receiver: engine
  group_wiat: 2s
  routes:
    - matchers: ['service=~"(a"']
receivers:
  - name: engines
END
fd check "$work/bad.yml"
check 'a bad file ends with 2' ended 2
check '... a receiver nobody knows, and the nearest' \
  complained_of 'bad.yml:2:13: error: no receiver "engine"; did you mean "engines"?'
check '... a key nobody knows, and the nearest' complained_of 'bad.yml:3:3: error: unknown key "group_wiat"'
check '... a pattern that is none' complained_of 'bad.yml:5:18: error: regular expression'

# copied NAME SED...: a copy of the row that names the Alertmanager beside it
copied() {
  local name=$1
  shift
  sed "$@" -e "s/^name: .*/name: $name/" "$row" >"$work/$name.yaml"
}
copied names_a_bad_one -e 's/^alertmanager: .*/alertmanager: bad.yml/'
fd run "$work/names_a_bad_one.yaml"
check 'a scenario that names a bad one is not run' ended 2
check '... and its place is told' complained_of 'bad.yml:3:3: error'
copied names_none -e 's/^alertmanager: .*/alertmanager: error_first/'
fd run "$work/names_none.yaml"
check 'one that is not there: the nearest is named' complained_of 'did you mean "errors_first"?'

# ---- what engines hear ----

fd run inhibited_alert --trace "$work/with.trace"
check 'with its inhibition the row passes' ended 0
sed '/^inhibit_rules/,/equal/d' "$shipped" >"$work/am.yml"
copied without_inhibition -e 's/^alertmanager: .*/alertmanager: am.yml/'
fd run "$work/without_inhibition.yaml" --trace "$work/without.trace"
check 'without it the row fails' ended 1
fd explain "$work/with.trace" --incident slow-query
check '... with it the second symptom is an incident after the first is closed' said '^0(1:[3-5]|2).*incident_detection: incident'
check '... and not before' not said '^0(0|1:[0-2]).*incident_detection: incident'
fd explain "$work/without.trace" --incident slow-query
check '... without it while the first is open' said '^00:3.*incident_detection: incident'

# ---- waits ----
for wait in 2 7; do
  sed "s/group_wait: .*/group_wait: ${wait}s/" "$shipped" >"$work/am$wait.yml"
  copied "waits_$wait" -e "s/^alertmanager: .*/alertmanager: am$wait.yml/"
  fd run "$work/waits_$wait.yaml" --trace "$work/waits_$wait.trace"
  fd explain "$work/waits_$wait.trace" --incident null-pointer
  check "a group_wait of $wait s is how much later the incident is detected" \
    said "^00:$((32 + wait)).000 decision .*incident_detection: incident"
done
sed 's/^    webhook_configs:/    nobody_configs:/; /^      - url/d' "$shipped" | sed '/nobody_configs/d' >"$work/nobody.yml"
copied nobody -e 's/^alertmanager: .*/alertmanager: nobody.yml/'
fd run "$work/nobody.yaml"
check 'a receiver without integrations is nobody: no engine hears' ended 1
check '... and no incident is opened' said 'no engine detected it'

# ---- the same from its trace ----
fd replay "$work/with.trace"
check 'a trace replays without the file' ended 0
summary
