#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What the built libraries call, read by nm.
#   - The engine and the kernel call nothing but what is listed: no allocator, clock, random source, thread or file.
#     Base's arena and crash message use more, before the world is sealed and after it is lost; its diagnostics
#     are for what reads files, and not for these two.
#   - The simulated world may prepare itself with more (GSL's tables, files), but never asks the machine for a time,
#     a random number, its environment or a thread, and never sorts by an algorithm that may differ.
#
#   pure.sh BUILD_DIR
#   pure.sh --self-test BUILD_DIR    plants calls in copies of the libraries and demands that they are named
set -euo pipefail
export LC_ALL=C

readonly PURE='memcpy memmove memset memcmp bcmp strlen
  crypto_hash_sha256 crypto_hash_sha256_init crypto_hash_sha256_update crypto_hash_sha256_final
  __divti3 __modti3 __divmodti4 __udivmodti4 __udivti3 __umodti3 __multi3 _GLOBAL_OFFSET_TABLE_ __stack_chk_fail'
readonly FORBIDDEN='time clock clock_gettime gettimeofday timespec_get localtime localtime_r gmtime mktime nanosleep
  rand srand rand_r random srandom drand48 lrand48 getrandom getentropy randombytes_buf randombytes_random arc4random
  getenv secure_getenv setlocale getpid gethostname uname sysconf pthread_create thrd_create fork qsort qsort_r bsearch'

# "object symbol" for what is undefined / defined in archives
undefined() { nm -A -u "$@" | awk '$2 == "U" { sub(/:$/, "", $1); sub(/.*:/, "", $1); sub(/@.*/, "", $3); print $1, $3 }'; }
defined() { nm -A --defined-only "$@" | awk '$2 ~ /^[A-TV-Z]$/ { sub(/:[^:]*$/, "", $1); sub(/.*:/, "", $1); print $1, $3 }'; }

check() {
  local build=$1 name offences
  archive() {
    local found
    found=$(find "$build" -name "lib$1.a" -print -quit)
    [ -n "$found" ] || { echo "pure: lib$1.a is not in $build; build it first" >&2; exit 2; }
    printf '%s\n' "$found"
  }
  local engine kernel base
  engine=$(archive fd_engine)
  kernel=$(archive fd_kernel)
  base=$(archive fd_base)
  offences=$(
    { undefined "$engine" "$kernel"; undefined "$base" | grep -vE '^(arena|diag|check)\.c\.o '; } | sort -u |
      awk -v pure="$PURE" -v own="$(defined "$engine" "$kernel" "$base" | awk '$1 != "diag.c.o" { print $2 }')" '
        BEGIN { n = split(pure " " own, s); for (i = 1; i <= n; i++) known[s[i]] }
        !($2 in known) { printf "  %s calls %s\n", $1, $2 }'
    for name in fd_app fd_world fd_bind fd_prometheus; do
      undefined "$(archive "$name")" | sort -u | awk -v forbidden="$FORBIDDEN" '
        BEGIN { n = split(forbidden, s); for (i = 1; i <= n; i++) bad[s[i]] }
        $2 in bad { printf "  %s calls %s\n", $1, $2 }'
    done
  )
  if [ -n "$offences" ]; then
    printf 'pure: calls that could make a run depend on its machine\n%s\n' "$offences"
    return 1
  fi
  echo 'pure: engine, kernel and base call nothing but themselves; the world asks its machine for nothing'
}

plant() { # plant COPY LIBRARY CALL
  local library said
  library=$(find "$1" -name "lib$2.a")
  cp "$library" "$1/whole"
  printf 'void %s(void);\nvoid planted(void);\nvoid planted(void) { %s(); }\n' "$3" "$3" |
    cc -fno-builtin -x c -c -o "$1/planted.c.o" -
  ar r "$library" "$1/planted.c.o"
  if said=$(check "$1") || ! grep -qF "planted.c.o calls $3" <<<"$said"; then
    printf 'pure: planted %s in %s, got: %s\n' "$3" "$2" "$said"
    return 1
  fi
  mv "$1/whole" "$library"
}

self_test() {
  local copy
  copy=$(mktemp -d)
  # shellcheck disable=SC2064 # the folder's name is meant to be fixed now
  trap "rm -rf '$copy'" EXIT
  find "$1" -name 'libfd_*.a' -exec cp {} "$copy" \;
  check "$copy" >/dev/null
  plant "$copy" fd_engine malloc
  plant "$copy" fd_engine diag_error
  plant "$copy" fd_kernel clock_gettime
  plant "$copy" fd_base fopen
  plant "$copy" fd_world rand
  plant "$copy" fd_prometheus qsort
  echo 'pure: 6 planted calls, each was named'
}

case ${1:-} in
  '' | -h | --help) sed -n '3,14s/^# \{0,1\}//p' "$0" ;;
  --self-test) self_test "${2:?a build folder}" ;;
  *) check "$1" ;;
esac
