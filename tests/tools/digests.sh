#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# One scenario, one seed, one trace: byte for byte the same from every compiler, optimisation level and processor
# feature, run twice, wherever memory lies and whatever it held before. Names the first that differs, and where.
#
#   digests.sh [--seed N] [SCENARIO...]    default: seed 1, every file in scenarios/core
#
# Builds live in build-digests/ and are used again.
set -euo pipefail
cd "$(dirname "$0")/../.."

seed=1
if [ "${1:-}" = --seed ]; then seed=${2:?a number}; shift 2; fi
case ${1:-} in -h | --help) sed -n '3,8s/^# \{0,1\}//p' "$0"; exit 0 ;; -*) echo "digests: unknown option $1" >&2; exit 2 ;; esac
scenarios=("$@")
[ ${#scenarios[@]} -gt 0 ] || scenarios=(scenarios/core/*.yaml)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

build() { # build NAME COMPILER FLAGS
  if ! { cmake -S . -B "build-digests/$1" -G Ninja -DCMAKE_BUILD_TYPE=None -DCMAKE_C_COMPILER="$2" -DCMAKE_C_FLAGS="$3" &&
    cmake --build "build-digests/$1" --target firedrill; } >"$work/log" 2>&1; then
    tail -n 40 "$work/log"
    exit 2
  fi
}
build gcc-O0 gcc -O0
build gcc-O3 gcc '-O3 -DNDEBUG'
build clang-O2 clang -O2

# what is run | in which environment | by which build; the first is what the others are held against
variants=(
  'gcc -O3||gcc-O3'
  'gcc -O3, again||gcc-O3'
  'gcc -O0||gcc-O0'
  'clang -O2||clang-O2'
  'gcc -O3, no AVX2 and FMA|env GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4|gcc-O3'
  'clang -O2, no AVX2 and FMA|env GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4|clang-O2'
  'gcc -O3, memory filled|env MALLOC_PERTURB_=165|gcc-O3'
  'gcc -O3, another locale and zone|env LC_ALL=C.UTF-8 TZ=Asia/Kathmandu|gcc-O3'
)
if setarch -R true 2>/dev/null; then
  variants+=('gcc -O3, fixed addresses|setarch -R|gcc-O3')
else
  echo 'digests: setarch -R is not permitted here; address layout is varied by the kernel alone'
fi

trace() { # trace ENVIRONMENT BUILD SCENARIO FILE; 0 held, 1 failed and 4 inconclusive are all runs
  local status=0
  # shellcheck disable=SC2086 # ENVIRONMENT is a command and its words, or nothing
  $1 "build-digests/$2/firedrill" run "$3" --seed "$seed" --trace "$4" >"$4.said" 2>&1 || status=$?
  case $status in 0 | 1 | 4) ;; *) echo "digests: $3 ends with $status"; cat "$4.said"; exit 1 ;; esac
  [ -s "$4" ] || { echo "digests: $3 left no trace"; exit 1; }
  echo "exit status $status" >>"$4"
}

for scenario in "${scenarios[@]}"; do
  for i in "${!variants[@]}"; do
    IFS='|' read -r name environment build <<<"${variants[i]}"
    if [ "$i" -eq 0 ]; then
      trace "$environment" "$build" "$scenario" "$work/first"
      continue
    fi
    trace "$environment" "$build" "$scenario" "$work/other"
    if ! where=$(cmp "$work/first" "$work/other" 2>&1); then
      echo "digests: $scenario --seed $seed: \"$name\" differs from \"${variants[0]%%|*}\" (${where#*other })"
      exit 1
    fi
  done
  printf '%s  %s\n' "$(sha256sum <"$work/first" | cut -c1-16)" "$scenario"
done
echo "digests: ${#scenarios[@]} scenarios, ${#variants[@]} ways each, one digest"
