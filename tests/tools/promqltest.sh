#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Prometheus' own conformance tests, which are not ours to keep: they are fetched into a folder that goes again.
#
#   promqltest.sh PROGRAM      those in Debian's sources: of this machine's release and of the newest
#
#   PROMQLTEST_DIR             this folder instead, and none fetched
#   PROMQLTEST_VERSION         whose it is (2.53; default 3, the newest)
#
# Fails if an evaluation fails, or if fewer pass than are known to: what is skipped cannot grow unseen. Where nothing can
# be fetched, says so and succeeds.
set -euo pipefail
program=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0 skipped=0 short=0

# How many evaluations of a version pass: all that need neither native histograms nor what is experimental; of those over
# native histograms what is right when their samples are left out.
least() {
  case $1 in 2.42) echo 564 ;; 2.53) echo 565 ;; 3.5) echo 988 ;; *) echo 1 ;; esac
}

# judge FOLDER VERSION
judge() {
  local counts status=0
  printf '== promqltest of Prometheus %s\n' "$2"
  (cd "$1" && "$program" promql test --windows "$2" .) | tee "$work/out" || status=$?
  counts=$(tail -n 1 "$work/out")
  if ! [[ $counts =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed,\ ([0-9]+)\ skipped$ ]]; then
    echo "promqltest: no counts, exit $status" && short=1 && return
  fi
  passed=$((passed + BASH_REMATCH[1])) failed=$((failed + BASH_REMATCH[2])) skipped=$((skipped + BASH_REMATCH[3]))
  [ "$status" -eq 0 ] || short=1
  if [ "${BASH_REMATCH[1]}" -lt "$(least "$2")" ]; then
    echo "promqltest: of Prometheus $2 at least $(least "$2") evaluations pass" && short=1
  fi
}

skip() { echo "promqltest: skipped: $*"; }

# What apt-get needs to find sources, though this machine's lists may have packages alone; nothing of its own is touched.
apt_here() {
  apt-get -o Dir::Etc::sourcelist="$work/apt/sources" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$work/apt/lists" \
    -o Dir::Cache="$work/apt/cache" -o APT::Sandbox::User=root -qq "$@" >"$work/apt/log" 2>&1
}

# from_debian SUITE MIRROR
from_debian() {
  local archive version folder
  mkdir -p "$work/apt/lists/partial" "$work/apt/cache" "$work/$1"
  echo "deb-src $2 $1 main" >"$work/apt/sources"
  rm -rf "$work/apt/lists"/*_dists_*
  # of what belongs to a source only the original archive is needed; a mirror may lack the rest
  if apt_here update; then (cd "$work/$1" && apt_here source --download-only prometheus) || true; fi
  archive=$(find "$work/$1" -name 'prometheus_*.orig.tar.*' -print -quit)
  if [ -z "$archive" ] || ! tar -tf "$archive" >/dev/null 2>&1; then
    skip "no source of prometheus in Debian's $1 from here: $(tail -n 1 "$work/apt/log")" && return
  fi
  tar -C "$work/$1" --strip-components=1 --wildcards -xf "$archive" '*/VERSION' '*/testdata/*.test'
  version=$(sed -E 's/^([0-9]+\.[0-9]+).*/\1/' "$work/$1/VERSION")
  folder=$(find "$work/$1/promql" -name '*.test' -printf '%h\n' | sort | uniq -c | sort -rn | sed -nE '1s/^ *[0-9]+ //p')
  judge "$folder" "$version"
}

if [ -n "${PROMQLTEST_DIR:-}" ]; then
  judge "$PROMQLTEST_DIR" "${PROMQLTEST_VERSION:-3}"
elif ! command -v apt-get >/dev/null; then
  skip 'no apt-get, and no PROMQLTEST_DIR'
else
  # shellcheck disable=SC2016 # apt-get's own variables
  read -r mirror suite < <(apt-get indextargets --format '$(REPO_URI) $(CODENAME)' 'Created-By: Packages' 'Component: main' |
    grep -v -e -security -e -updates -e -backports) || true
  if [ -n "${mirror:-}" ]; then
    from_debian "$suite" "$mirror"
    [ "$suite" = sid ] || from_debian sid "$mirror"
  else
    skip 'no Debian release among the lists of apt-get'
  fi
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$short" -eq 0 ]
