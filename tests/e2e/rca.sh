#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Root cause on recorded metrics, from the command line.
#
#   rca.sh PROGRAM
# shellcheck source=tests/e2e/checks.sh
source "$(dirname "$0")/checks.sh"
cd "$work" || exit 2
recorded=$tree/docs/examples/recorded.csv
rca() { fd rca --topology shop --metrics "$recorded" --service order-service "$@"; }

rca --at 1767606660
check 'the slow callee leads' said '^ 1 +[0-9.]+% +[0-9]+%  payment-service$'
check 'and its evidence stands beside it' said 'latency 0.0452 -> 0.219, cpu 0.398 -> 0.98'
rca --at 1767606660 --json
check 'as JSON' said '"verdict": "abnormal"'
rca --at 1767604800
check 'before it began there is nothing' said '^nothing abnormal'
rca --at 1767606660 --baseline 1767603600..1767606000
check 'with a stated baseline it leads, too' said '^ 1 .*payment-service$'

for bad in '--baseline 1..2' '--baseline 1767606660..1767606661' '--baseline 5..4' '--baseline x' '--at 1' '--at noon'; do
  # shellcheck disable=SC2086 # the option's own words
  case $bad in --at*) rca $bad ;; *) rca --at 1767606660 $bad ;; esac
  check "$bad is refused" ended 2
done
fd rca --topology shop --metrics "$recorded" --service order-servic --at 1767606660
check 'a mistaken service is told' complained 'did you mean "order-service"'
fd rca --topology online-boutique --metrics "$recorded" --service frontend --at 1767606660
check 'a recording of another application is told' complained 'found none'
check 'and each unknown service once' [ "$(grep -c 'order-service' err)" = 1 ]
fd rca --topology shp --metrics "$recorded" --service order-service --at 1767606660
check 'a mistaken topology is told' complained 'did you mean "shop"'
fd rca --topology shop --metrics "$tree/README.md" --service order-service --at 1767606660
check 'what is no recording is told' complained_of 'README.md:1:1: error: expected a first line'
fd rca --topology shop --metrics none.csv --service order-service --at 1767606660
check 'a file that is not there is told' ended 2
fd rca --topology shop
check 'what is missing is told' complained 'is needed'
summary
