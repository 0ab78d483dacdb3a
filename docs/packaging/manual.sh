#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Writes the manual page: a template whose line "@COMMANDS@" gives way to what the program says of its commands, so that
# no option is missing from it.
#
#   manual.sh PROGRAM TEMPLATE PAGE
set -euo pipefail
export LC_ALL=C COLUMNS=400 # nothing is wrapped
program=$1 template=$2 page=$3

commands() {
  local command
  "$program" --help | sed -n 's/^  \([a-z][a-z]*\)  .*/\1/p' | while read -r command; do
    "$program" "$command" --help | awk '
      function roff(s) { gsub(/\\/, "\\e", s); gsub(/-/, "\\-", s); sub(/^[.\x27]/, "\\\\\\&&", s); return s }
      NR == 1 { sub(/^usage: /, ""); print ".SS " roff($0); next }
      /^$/ { next }
      /^(options|example):$/ { part = $1; next }
      part == "" { print roff($0) }
      part == "options:" && $1 != "--help" { # a value follows its option after one blank, the meaning after more
        sub(/^ +/, ""); sub(/^--[a-z-]+( [^ ]+)?/, "&\t"); split($0, option, "\t")
        sub(/^ +/, "", option[2]); print ".TP\n.B " roff(option[1]) "\n" roff(option[2])
      }
      part == "example:" { sub(/^ +/, ""); print ".PP\nExample:\n.PP\n.RS 4\n.EX\n" roff($0) "\n.EE\n.RE" }'
  done
}

version=$("$program" --version)
trap 'rm -f "$page.part"' EXIT
while IFS= read -r line; do
  case $line in
    @COMMANDS@) commands ;;
    *) printf '%s\n' "${line//@VERSION@/$version}" ;;
  esac
done <"$template" >"$page.part"
mv "$page.part" "$page"
