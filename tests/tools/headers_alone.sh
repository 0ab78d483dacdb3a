#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every header compiles alone, twice in one file, with gcc and with clang.
set -euo pipefail
cd "$(dirname "$0")/../.."

mapfile -t packages < <(pkg-config --cflags-only-I igraph yaml-0.1 libsodium gsl libpcre2-8 jansson cunit | tr ' ' '\n' | sed '/^$/d')
export FLAGS="-std=c17 -D_POSIX_C_SOURCE=200809L -fsyntax-only -I. ${packages[*]}
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wstrict-prototypes -Wvla -Werror -Wno-unused-function"
alone() {
  local header=$1 compiler
  for compiler in gcc clang; do
    # shellcheck disable=SC2086 # FLAGS is a list
    printf '#define FIREDRILL_SOURCE_DIR "."\n#include "%s"\n#include "%s"\n' "$header" "$header" | "$compiler" $FLAGS -x c - ||
      { echo "headers: $header does not compile alone with $compiler"; return 1; }
  done
}
export -f alone

mapfile -t headers < <(find engine sim topologies scenarios reports tests bench -name '*.h' | LC_ALL=C sort)
# shellcheck disable=SC2016 # $1 belongs to the inner shell
printf '%s\0' "${headers[@]}" | xargs -0 -P "$(nproc)" -I{} bash -c 'alone "$1"' alone {}
echo "headers: ${#headers[@]} compile alone with gcc and clang"
