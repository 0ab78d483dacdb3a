#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Rows of the matrix on random topologies of every kind: whatever row a topology can cast holds on it.
# At 300 payments a second, since in wide graphs few of many requests reach any one service. A row that it cannot cast (too few services, or all beyond the blast radius) is counted apart.
#
#   random_topologies.sh PROGRAM [COUNT [FIRST [LARGEST [ROW...]]]]
rows=("${@:5}")
count=${2:-4} first=${3:-1} largest=${4:-60}
# shellcheck source=checks.sh
. "$(dirname "$0")/checks.sh"
cd "$work" || exit 2
[ ${#rows[@]} -gt 0 ] || rows=(0 1 3 10 17 20)

kinds=(tree tiers small_world scale_free random)
held=0 uncast=0
for ((seed = first; seed < first + count; seed++)); do
  kind=${kinds[seed % 5]}
  services=$((10 + seed * seed * 37 % (largest - 9)))
  fd topology generate "$kind" --services "$services" --seed "$seed" --out t.yaml
  for row in "${rows[@]}"; do
    fd matrix --only "$row" --topology t.yaml --seed "$seed" --set roles.payment.rate=300/s
    if [ $status = 2 ] && complained 'nobody of topology|nobody who is within|is left that gets requests|would have to enter'; then
      uncast=$((uncast + 1))
    else
      check "row $row on $kind of $services services, seed $seed" ended 0 && held=$((held + 1))
    fi
  done
done
echo "# $held rows held, $uncast could not be cast"
check 'most rows could be cast' [ $held -gt $uncast ]
summary
