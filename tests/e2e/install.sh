#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What an installation gives: the commands of docs/INSTALL.md are run as they stand there, then what they installed is
# used from elsewhere. Nothing outside a temporary folder is touched.
#
#   install.sh BUILD_DIR
build=$(realpath "${1:-.}")
set -- "$build/firedrill"
# shellcheck source=tests/e2e/checks.sh
. "$(dirname "$0")/checks.sh"
unset FIREDRILL_DATA PKG_CONFIG_PATH
export HOME=$work/home
prefix=$HOME/.local
mkdir -p "$prefix" "$work/there"
cd "$work/there" || exit 2
ln -s "$build" build

# commands_of FILE HEADING: the commands beneath it, without those that change the machine
commands_of() {
  awk -v heading="## $2" '/^## /{ in_part = $0 == heading } /^```/{ in_code = !in_code; next } in_part && in_code' "$tree/$1" |
    grep -vE '^(\./dev|sudo) '
}

# sh SCRIPT: as fd, for any commands
sh() {
  called=("$1")
  status=0
  bash -euc "$1" >"$work/out" 2>"$work/err" </dev/null || status=$?
}

# ---- from source
sh "$(commands_of docs/INSTALL.md 'From source')"
check 'installs, and runs a row from where it was installed' ended 0
check 'the row healed' said '^01  high_error_rate .* pass$'
program=$prefix/bin/firedrill

fd list scenarios
check 'finds its scenarios' said '^01_high_error_rate '
mapfile -t files < <(find "$prefix/share/firedrill" -name '*.yaml')
fd check "${files[@]}"
check "${#files[@]} data files hold as installed" ended 0
check 'every data file of the tree was installed' is "${#files[@]}" \
  "$(find "$tree"/{lessons,scenarios,policies,rules,topologies/catalogue} -name '*.yaml' | wc -l)"

mv "$prefix" "$work/moved elsewhere"
program="$work/moved elsewhere/bin/firedrill"
fd matrix --only 1
check 'may be moved' ended 0
ln -s "$program" "$work/link"
program=$work/link
fd run 01_high_error_rate
check 'may be called through a link' ended 0
mv "$work/moved elsewhere" "$prefix"
program=$prefix/bin/firedrill

# ---- manual and completion
page=$prefix/share/man/man1/firedrill.1
mapfile -t commands < <("$program" --help | sed -n 's/^  \([a-z][a-z]*\)  .*/\1/p')
missing=()
for command in "${commands[@]}"; do
  grep -q "^\.SS firedrill $command " "$page" || missing+=("$command")
  for option in $("$program" "$command" --help | grep -oE '^  --[a-z-]+' | grep -v -- --help); do
    sed -n "/^\.SS firedrill $command /,/^\.SS /s/\\\\//gp" "$page" | grep -q "^\.B $option\b" || missing+=("$command $option")
  done
done
check "the manual has all ${#commands[@]} commands and their options" is "${missing[*]}" ''
if command -v groff >/dev/null; then
  sh "groff -man -Tutf8 -ww '$page' 2>&1 >/dev/null"
  check 'the manual is well-formed' silent out
fi

# completes WORDS...: what bash offers for the last of them, a line each
completes() {
  called=(completes "$@")
  # shellcheck disable=SC2016 # for the inner shell
  PATH=$prefix/bin:$PATH bash -c '. "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
    _firedrill firedrill "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"; printf "%s\n" "${COMPREPLY[@]}"' \
    "$prefix/share/bash-completion/completions/firedrill" firedrill "$@" >"$work/out" 2>"$work/err"
}
completes ''
check 'bash completes commands' is "$(<"$work/out")" "$(printf '%s\n' "${commands[@]}")"
completes matrix --pol
check 'bash completes options' is "$(<"$work/out")" --policy
completes matrix --policy fa
check 'bash completes names of policies' is "$(<"$work/out")" fast
completes run 01
check 'bash completes names of scenarios' is "$(<"$work/out")" 01_high_error_rate
completes list fau
check 'bash completes what there is to list' is "$(<"$work/out")" faults
mkdir 'a folder'
completes matrix --out a
check 'bash completes folders, with blanks too' is "$(<"$work/out")" 'a folder'
completes matrix --timeline ''
check 'bash completes nothing after a switch of a command without operands' is "$(<"$work/out")" ''
check 'bash completion complains of nothing' silent err
if command -v zsh >/dev/null; then
  # as completes: what the completion hands to zsh, whose own matching is not tested
  cat >"$work/offers.zsh" <<'ZSH'
compadd() { shift; print -l -- $@; }
_describe() { print -l -- ${(P)2}; }
_files() { print files $@; }
completion=$1; shift
words=(firedrill "$@") CURRENT=$(($# + 1))
. $completion
ZSH
  zsh_offers() { sh "PATH=$prefix/bin:\$PATH zsh -f $work/offers.zsh $prefix/share/zsh/site-functions/_firedrill ${*@Q}"; }
  zsh_offers ''
  check 'zsh completes commands' said '^matrix:replays the '
  zsh_offers matrix --pol
  check 'zsh completes options' said '^--policy:use this policy'
  zsh_offers matrix --policy ''
  check 'zsh completes names of policies' said '^fast$'
  zsh_offers run ''
  check 'zsh completes names of scenarios' said '^01_high_error_rate$'
  check 'zsh completes files, too' said '^files$'
  zsh_offers list ''
  check 'zsh completes what there is to list' said '^faults$'
fi

# ---- in CI: the gate is green with a policy that heals, and red when leases are shorter than what they protect
sed -e '/^  rules:/d' -e 's/^detection:/&\n  rules: [fast]/' "$prefix/share/firedrill/policies/fast.yaml" >my-policy.yaml
cp my-policy.yaml good-policy.yaml
PATH=$prefix/bin:$PATH
gates() { # what a CI file runs, with the policy's name filled in
  # shellcheck disable=SC2016 # that is how it stands there
  sed -nE 's/"\$POLICY"/my-policy.yaml/; s/^ *(- |run: )+(firedrill .*)/\2/p' "$tree/docs/ci/$1"
}
for file in github-actions.yml gitlab-ci.yml; do
  check "$file runs what docs/INSTALL.md says" is "$(gates $file)" \
    "$(commands_of docs/INSTALL.md 'In CI')"
done
sh "$(commands_of docs/INSTALL.md 'In CI')"
check 'the gate is green with a policy that heals' ended 0
check 'the gate leaves a summary' grep -q '^## firedrill: pass$' firedrill.md
check 'the gate leaves a report for the CI server' grep -q '<testsuites name="firedrill" tests="[0-9]*" failures="0" errors="0"' firedrill.xml
printf 'locking: {default_ttl_seconds: 10, auto_renew: false}\n' >>my-policy.yaml
sh "$(commands_of docs/INSTALL.md 'In CI')"
check 'the gate is red when leases are too short' ended 1
check 'it says what reproduces that' said 'reproduce: firedrill run .* --policy my-policy.yaml'
sh 'firedrill report firedrill-traces --timeline'
check 'the traces it kept tell the same' ended 1
cp good-policy.yaml my-policy.yaml
printf 'lockin: {}\n' >>my-policy.yaml
sh "$(commands_of docs/INSTALL.md 'In CI')"
check 'the gate is red when a key is mistaken' ended 2

# ---- the engine as a library
sh "$(commands_of docs/INSTALL.md 'The engine as a library')"
check 'the example builds against the library and runs' ended 0
check 'it says in Slack that an incident was detected' said '"text":"WARNING: payment: an incident was detected"'
check 'it rolls a patch out' said '^ +deploy_stage$'
check 'it ends healed' said '^healed$'
cd "$prefix/include/firedrill" || exit 2
find engine -name '*.h' -printf '#include "%p"\n' >"$work/headers.c"
sh "cc -std=c17 -Wall -Wextra -Wpedantic -Werror -I. -fsyntax-only '$work/headers.c'"
check 'its headers need nothing that is not installed' ended 0
cd "$work/there" || exit 2

# ---- as a Debian package
if command -v dpkg-shlibdeps >/dev/null && command -v file >/dev/null; then
  sh 'cpack --config build/CPackConfig.cmake -B packages' # what ./dev package does, having installed what that needs
  check 'a package is made' ended 0
  package=$(echo packages/firedrill_*.deb)
  sh "dpkg-deb -c $package"
  for part in bin/firedrill lib/libfiredrill-engine.a lib/pkgconfig/firedrill-engine.pc include/firedrill/engine/engine.h \
    share/firedrill/scenarios/core/01_high_error_rate.yaml share/man/man1/firedrill.1 share/doc/firedrill/copyright; do
    check "it has /usr/$part" said " \./usr/$part\$"
  done
  check 'it has nothing outside /usr' not said ' \./[^u]'
  check 'everything in it is root'\''s and can be read by all' not said '^.{7}[^r]|^[^/]*[^ ]+/[^r]'
  sh "dpkg-deb -f $package Depends"
  check 'it depends on the libraries that it was built with' said '^libc6 .*libgsl27.*libigraph3.*libsodium23.*libyaml-0-2'
  dpkg -x "$package" unpacked
  program=$work/there/unpacked/usr/bin/firedrill
  fd matrix --only 1
  check 'unpacked, it runs a row' ended 0
  sh 'PKG_CONFIG_PATH=unpacked/usr/lib/pkgconfig pkg-config --cflags firedrill-engine'
  check 'unpacked, its library is found' said 'unpacked/usr/'
else
  echo 'skipped: no dpkg-shlibdeps or no file, no package'
fi
summary
