# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Completion for bash. Commands, options and names are asked of the program, so they are always its own.

_firedrill_add() { mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen "$@" -- "$cur"); }

# Completes what --help calls $1: "NAME|FILE", "DIR", "FILE...", "KIND".
_firedrill_value() {
  local word words
  IFS='|' read -ra words <<<"$1"
  for word in "${words[@]}"; do
    case $word in
      DIR*) _firedrill_add -d ;;
      FILE* | TRACE*) _firedrill_add -f ;;
      NAME*)
        case $previous in
          --topology | --candidate-topology) _firedrill_add -W "$("$program" list topologies 2>/dev/null)" ;;
          --policy | --candidate-policy) _firedrill_add -W "$("$program" list policies 2>/dev/null)" ;;
          *) _firedrill_add -W "$("$program" list scenarios 2>/dev/null | cut -d ' ' -f 1)" ;;
        esac
        ;;
      *" FILE") _firedrill_add -W "${word% FILE}" && _firedrill_add -f ;;
      [a-z]*) _firedrill_add -W "$word" ;;
      KIND*) _firedrill_add -W "$(sed -n "/^says what there is.*: /{s///;s/,//g;p}" <<<"$help")" ;;
    esac
  done
}

_firedrill() {
  local program=$1 cur=$2 previous=$3 help value
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    _firedrill_add -W "$(COLUMNS=400 "$program" --help 2>/dev/null | sed -n 's/^  \([a-z][a-z]*\)  .*/\1/p')"
    return
  fi
  help=$(COLUMNS=400 "$program" "${COMP_WORDS[1]}" --help 2>/dev/null) || return
  # an option's value follows it after one blank; what follows a switch is further away
  value=$(awk -v begin="  $previous " 'index($0, begin) == 1 && substr($0, length(begin) + 1, 1) != " " { print $2 }' <<<"$help")
  if [ -n "$value" ]; then
    _firedrill_value "$value"
  elif [[ $cur == -* ]]; then
    _firedrill_add -W "$(sed -n 's/^  \(--[a-z-]*\) .*/\1/p' <<<"$help")"
  else
    _firedrill_value "$(sed -n '1s/.*\[options\] *//p' <<<"$help")"
  fi
}

complete -o filenames -F _firedrill firedrill
