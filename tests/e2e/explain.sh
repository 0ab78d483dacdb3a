#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Decisions as a person would tell them: from what was seen to what was done, each with its figures, and what another
# choice would have needed.
#
#   explain.sh PROGRAM
# shellcheck source=checks.sh
. "$(dirname "$0")/checks.sh"
cd "$work" || exit 2
for row in 01_high_error_rate 03_critical_error_rate 04_conflicting_fixes 07_canary_failure; do
  fd run $row --trace "${row%%_*}.trace"
done
export COLUMNS=200
line() { grep -nE -e "$1" out | head -n 1 | cut -d: -f1; } # its number
before() { [ -n "$(line "$1")" ] && [ -n "$(line "$2")" ] && [ "$(line "$1")" -lt "$(line "$2")" ]; }

fd explain 01.trace
check 'explains' ended 0
check 'the truth stands first' said '^  in truth the cause acts from 00:30.000, which no engine sees'
check 'an alert comes before the incident' before '^00:32.000 seen: HighErrorRate fires' '^00:32.000 decision 0\.1 .*: incident$'
check 'evidence before the diagnosis' before '^00:36.000 seen: logs: NullPointerException in PaymentService.java:237' ' rca_analysis: cause$'
check 'the diagnosis before the patch' before ' rca_analysis: cause$' '^00:38.000 done: asks for a patch of payment-service'
check 'gates before what is done' before ' safety_gate: pass$' 'done: lets revision 20 serve 10\.0% of payment-service'
check 'what another choice would have needed' said 'for "no incident": errors at or under 5\.0%; it was [0-9.]+%, [0-9.]+ percentage points more than that'
check 'a gauge of less than one is not nothing' said '^      cpu 0\.[0-9]+: '
check 'all failures are a share, as errors are' said '^      all [0-9]+\.[0-9]%: '
check 'a score is rounded as demo rounds it' said '^      score 0\.354: '
check 'each decision says because' is "$(grep -cE '^[0-9:.]+ decision ' out)" "$(grep -c '^    because ' out)"

fd explain 01.trace --decision 0.1
check 'one decision alone' is "$(grep -c 'decision 0\.' out)" 1
fd explain 01.trace --decision 99
check 'no such decision: refused' ended 2
fd explain 01.trace --decision x
check 'no number: refused' ended 2
fd explain 01.trace --why-not 'no incident'
check 'why not: the limit and the distance alone' is "$(wc -l <out)" 2
fd explain 01.trace --why-not 'no incidents'
check 'why not: a choice that there was not' ended 2
check 'why not: and the nearest' complained 'did you mean "no incident"'
fd explain 03.trace --why-not 'no incident'
check 'why not an incident, of a critical one' said 'for "no incident": errors at or under 5\.0%'
fd explain 03.trace
check 'a person is asked, and why' said 'done: asks a person, TAKE_OVER: own error share at or over critical'
fd explain 07.trace
check 'a canary that harms is taken back' before ' deployment: abort$' 'done: takes payment-service back to revision'
check 'and what would have promoted it' said 'for "promote": an upper bound of the difference under 0; it was [0-9.]+%'
fd explain 04.trace --incident slow-query
check 'one incident of several' not said '^null-pointer on '
check 'a lock that is held is seen' said 'seen: lock SERVICE is held, place 1 in its queue'
fd explain 04.trace --incident 0.1
check 'an incident by its number' said '^null-pointer on '
fd explain 04.trace --incident slow-qeury
check 'no such incident: the nearest' complained 'did you mean "slow-query"'
fd run leak_restarted_then_patched --trace leak.trace --timeline
check 'timeline: a remedy beside the patch' said 'payment-service: restarts its pods$'
check 'timeline: and what came of it' said 'mitigated payment-service by restart$'
fd explain leak.trace
check 'a remedy that was ordered' said 'done: payment-service: restarts its pods$'
check 'and that it eased the symptom' said 'said: mitigated payment-service by restart$'
fd explain
check 'no trace: refused' ended 2
head -c 3000 01.trace >cut.trace
fd explain cut.trace
check 'a trace that was cut: refused' ended 2
for width in 60 100; do
  COLUMNS=$width fd explain 04.trace
  check "$width columns: nothing is wider" [ "$(awk 'length > longest { longest = length } END { print longest }' out)" -le $width ]
done
summary
