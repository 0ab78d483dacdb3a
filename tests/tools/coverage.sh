#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Which lines and branches of engine/ the tests run: its unit and property tests, every scenario of the matrix and of
# scenarios/extended, the example host, and what people do with audit logs, policies and --set. gcov counts the engine
# alone, compiled without the optimiser; the rest of the program is as it is released.
#
#   coverage.sh [--report]    builds and runs in build-coverage/, then counts; --report counts what ran before
#
# Prints each file's figures. Fails below 95 % of lines or 85 % of branches of engine/ in total.
# build-coverage/coverage/index.html shows each line.
#
# Left out of branches is what cannot be true in a correct program, and nothing else: a broken ASSERT. Left out of lines:
# UNREACHABLE().
set -euo pipefail
cd "$(dirname "$0")/../.."

readonly LEAST_LINES=95 LEAST_BRANCHES=85
readonly TESTS='^test_|^host_example$|^canary_level$|^e2e_(audit|profiles|queries|bad_files)$'
# nothing of the engine is in these, or they want what a machine may not have, or run the same lines a million times
readonly OTHERS='^test_(real_|knee|canary$|queue|html|promql|rules|template|forms|sweep|openmetrics|relabel|engine_ties)'
readonly build=build-coverage
report=no
case ${1:-} in '') ;; --report) report=yes ;; *) sed -n '3,14s/^# \{0,1\}//p' "$0"; exit 2 ;; esac

# What a scenario comes to, other tests look at; here it is run: held 0, failed 1 or inconclusive 4.
# shellcheck disable=SC2317 # xargs calls it
scenario() {
  local status=0 said
  said=$("$1" run "$2" 2>&1 >/dev/null) || status=$?
  case $status in 0 | 1 | 4) ;; *) echo "coverage: $2 ends with $status: $said"; exit 1 ;; esac
}
export -f scenario

run() {
  local status=0
  mkdir -p $build
  if ! { cmake --preset coverage && cmake --build $build; } >$build/build.log 2>&1; then
    tail -n 40 $build/build.log
    exit 2
  fi
  find $build -name '*.gcda' -delete
  ctest --test-dir $build -R "$TESTS" -E "$OTHERS" --parallel "$(nproc)" --timeout 600 --no-tests=error \
    --output-on-failure >$build/tests.log 2>&1 || status=1
  sed -n '/% tests passed/,/^Errors/p' $build/tests.log
  # shellcheck disable=SC2016 # $1 belongs to the inner shell
  printf '%s\0' scenarios/{core,extended}/*.yaml |
    xargs -0 -P "$(nproc)" -I{} bash -c 'scenario "$@"' _ $build/firedrill {} || status=1
  return $status
}

count() {
  gcovr --root . --filter engine/ --object-directory $build --exclude-lines-by-pattern '.*UNREACHABLE\(\)' \
    --exclude-branches-by-pattern '\s*ASSERT\(.*' --json $build/coverage.json $build/engine
  mkdir -p $build/coverage
  gcovr --root . --add-tracefile $build/coverage.json --html-details $build/coverage/index.html --csv $build/coverage.csv
}

judge() {
  awk -F, -v lines=$LEAST_LINES -v branches=$LEAST_BRANCHES '
    function share(part, whole) { return whole ? 100 * part / whole : 100 }
    function row(name, l, lc, b, bc) {
      printf "%-36s %6d of %6d lines %6.1f %%   %6d of %6d branches %6.1f %%\n", name, lc, l, share(lc, l), bc, b, share(bc, b)
    }
    NR > 1 { row($1, $2, $3, $5, $6); l += $2; lc += $3; b += $5; bc += $6 }
    END {
      row("engine/ in total", l, lc, b, bc)
      if (share(lc, l) >= lines && share(bc, b) >= branches) exit 0
      printf "coverage: below %d %% of lines or %d %% of branches\n", lines, branches
      exit 1
    }' $build/coverage.csv
}

status=0
[ $report = yes ] || run || status=1
count
judge || status=1
exit $status
