#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Topologies made, drawn, and taken from what others know of an application; and the matrix on files that the catalogue
# does not know, roles and capacity by rule.
#
#   topology.sh PROGRAM
# shellcheck source=checks.sh
. "$(dirname "$0")/checks.sh"
cd "$work" || exit 2

# ---- import
for kind in graphml kubernetes.yaml compose.yaml jaeger.json; do
  file=$tree/tests/imports/shop.$kind
  fd topology import "$file" --out "$kind.yaml"
  check "import of $kind: done" ended 0
  cp "$kind.yaml" first.yaml
  fd topology import "$file" --from "${kind%%.*}" --out "$kind.yaml"
  check "import of $kind: its content tells what it is" same first.yaml "$kind.yaml"
  fd check "$kind.yaml"
  check "import of $kind: a topology" said 'ok: topology shop'
  fd matrix --topology "$kind.yaml" --only 1,8,10,17
  check "rows on what was imported from $kind" said '^pass: 6 passed, 0 failed'
done
fd topology import "$tree/tests/imports/shop.kubernetes.yaml"
check 'import: a variable that names nothing is told with its place' complained 'shop.kubernetes.yaml:21:11: warning: COLLECTOR_SERVICE_ADDR names "collector"'
check 'import: whoever a Service selects is called' said 'from: frontend, to: checkout}'
check 'import: limits of all containers together' said 'name: checkout, .*replicas: 3, cpu_limit_millicores: 550, memory_limit_mb: 1088'
check 'import: a load generator is no entry point' said 'entrypoints: \[frontend\]'
fd topology import "$tree/tests/imports/shop.jaeger.json"
check 'import: calls per request from counts' said 'from: payments, to: postgres, per_request: 2}'
fd topology import "$tree/topologies/catalogue/shop.yaml" --out none.yaml
check 'import: what is none of them is refused' ended 2
check 'import: with a place' complained 'shop.yaml:1:1: error: neither GraphML'
check 'import: nothing is left behind' [ ! -e none.yaml ]
fd topology import "$tree/tests/imports/shop.graphml" --from compos
check 'import: the nearest format' complained 'did you mean "compose"'

# ---- a row that a file cannot cast
fd matrix --topology graphml.yaml --only 20
check 'a row without anyone to play in it is refused' ended 2
check 'and says who is missing' complained 'nobody who is within .* for at least 60% of its requests'
fd matrix --topology jaeger.json.yaml --only 20
check 'where there is one, it holds' said '^pass: 1 passed'
fd run "$tree/scenarios/core/20_verification_false_positive.yaml" --topology graphml.yaml
check 'nor does the scenario alone run' ended 2
check 'which is an error' complained ':12:31: error: nobody who is within'
fd matrix --topology graphml.yaml --only 1,20 --json left.json
check 'the other rows run all the same' ended 0
check 'and the row is told with its place' complained ':12:31: warning: left out: nobody who is within'
check 'one left out is no pass' said '^pass: 1 passed, 0 failed, 0 inconclusive; 0 violations; 1 left out$'
check 'JSON says which' grep -qz '"left_out": \[[^]]*"scenario": "verification_false_positive"' left.json
fd matrix --topology graphml.yaml --only 1,20 --set load.nonsense=3
check 'any other error still ends it all' ended 2

# ---- draw
for layout in sugiyama kamada-kawai drl; do
  fd topology show dsb-social-network --svg "$layout.svg" --layout "$layout"
  check "drawn by $layout" ended 0
  fd topology show dsb-social-network --svg again.svg --layout "$layout"
  check "the same again by $layout" same "$layout.svg" again.svg
  if command -v xmllint >/dev/null; then check "XML by $layout" xmllint --noout "$layout.svg"; fi
done
check 'drawn: every service' [ "$(grep -c '<g><title>' sugiyama.svg)" = 26 ]
check 'drawn: a call a line' [ "$(grep -c '<path class="e.*<title>' sugiyama.svg)" = 35 ]
check 'drawn: what goes round' [ "$(grep -c '<path class="e round"' sugiyama.svg)" -ge 2 ]
check 'drawn: roles' grep -q '>payment<' sugiyama.svg
check 'drawn: for the dark, too' grep -q 'prefers-color-scheme:dark' sugiyama.svg
fd topology show shop --dot shop.dot
check 'for Graphviz' grep -q '"order-service" -> "payment-service";' shop.dot
check 'for Graphviz: zones are boxes' grep -q 'label="north"' shop.dot
if command -v dot >/dev/null; then check 'Graphviz takes it' dot -Tsvg -o dot.svg shop.dot; fi
fd topology show train-ticket
check 'told' said '^65 services, 155 calls, 1 part, 1 cycle'
printf 'name: x\nentrypoints: [a]\nservices: [{name: a, kind: frontend}, {name: "b<&>\\"c"}]\ncalls: [{from: a, to: "b<&>\\"c"}]\n' >odd.yaml
fd topology show odd.yaml --svg odd.svg --dot odd.dot
check 'names are no markup' grep -q 'b&lt;&amp;&gt;&quot;c' odd.svg
check 'nor for Graphviz' grep -qF '"b<&>\"c"' odd.dot
fd topology show shopp
check 'a name that nobody knows: the nearest' complained 'did you mean "shop"'

# ---- generate
for kind in tree tiers small_world scale_free random; do
  fd topology generate "$kind" --services 30 --seed 3 --out "$kind.yaml"
  check "$kind: made" ended 0
  fd check "$kind.yaml"
  check "$kind: a topology" said '30 services'
done
fd topology generate ring
check 'a kind that there is not' ended 2
fd topology
check 'no verb: how it is called' ended 2
summary
