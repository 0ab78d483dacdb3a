# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What the end-to-end scripts share: each takes the program's path, prints "ok - ..." or "not ok - ..." for each check
# and what was seen beneath a failed one, and ends with "N passed, N failed". Source it with the script's arguments.
set -uo pipefail
export LC_ALL=C
unset NO_COLOR COLUMNS TERM

# A person who runs a script without the program's path learns how it is called.
[ -x "${1:-}" ] || { echo "usage: ${0##*/} PROGRAM" >&2; exit 2; }
program=$(realpath "$1")
tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
export FIREDRILL_DATA=$tree # a build need not stand inside the tree
work=$(mktemp -d)
# shellcheck disable=SC2154 # status is set in the trap itself
trap 'rm -rf "$work"' EXIT
passed=0 failed=0 status=0

# check NAME COMMAND...: holds if the command does; else shows the last call, what it said, and how it ended
check() {
  local name=$1
  shift
  if "$@"; then
    passed=$((passed + 1))
    echo "ok - $name"
    return 0
  fi
  failed=$((failed + 1))
  echo "not ok - $name"
  {
    echo "held not: $*"
    echo "last call: ${called[*]}; exit $status"
    head -n 40 "$work/out"
    head -n 10 "$work/err"
  } | sed 's/^/  # /'
  return 1
}

# fd ARGUMENTS: calls the program; its status goes to $status, what it says to $work/out and $work/err
called=()
fd() {
  called=(firedrill "$@")
  status=0
  "$program" "$@" >"$work/out" 2>"$work/err" </dev/null || status=$?
}

is() { [ "$1" = "$2" ]; }
ended() { [[ " $* " == *" $status "* ]]; } # with one of these statuses
said() { grep -qE -e "$1" "$work/out"; }
complained() { grep -qE -e "$1" "$work/err"; }
complained_of() { grep -qF -e "$1" "$work/err"; }
silent() { [ ! -s "$work/$1" ]; }
not() { ! "$@"; }
same() { cmp -s "$1" "$2"; }
empty_folder() { [ -z "$(ls -A "$1")" ]; }

# Ends a script; its last line is what CI shows.
summary() {
  echo "$passed passed, $failed failed"
  [ $failed -eq 0 ] && [ $passed -gt 0 ]
  exit
}
