#compdef firedrill
# SPDX-License-Identifier: GPL-3.0-or-later
# Completion for zsh. Commands, options and names are asked of the program, so they are always its own.

# Completes what --help calls $1: "NAME|FILE", "DIR", "FILE...", "KIND".
_firedrill_value() {
  local word
  for word in ${(s:|:)1}; do
    case $word in
      DIR*) _files -/ ;;
      FILE*|TRACE*) _files ;;
      NAME*)
        case $previous in
          --topology|--candidate-topology) compadd -- ${(f)"$($program list topologies 2>/dev/null)"} ;;
          --policy|--candidate-policy) compadd -- ${(f)"$($program list policies 2>/dev/null)"} ;;
          *) compadd -- ${${(f)"$($program list scenarios 2>/dev/null)"}%% *} ;;
        esac
        ;;
      *' FILE') compadd -- ${word% FILE}; _files ;;
      [a-z]*) compadd -- $word ;;
      KIND*) compadd -- ${(s:, :)help[2]#*: } ;;
    esac
  done
}

_firedrill() {
  setopt local_options extended_glob
  local program=${(Q)words[1]} previous=${words[CURRENT-1]} line
  local -a help described
  if (( CURRENT == 2 )); then
    for line in ${(f)"$(COLUMNS=400 $program --help 2>/dev/null)"}; do
      [[ $line == (#b)'  '([a-z]##)'  '[[:space:]]#(*) ]] && described+=("$match[1]:$match[2]")
    done
    _describe command described
    return
  fi
  help=(${(f)"$(COLUMNS=400 $program $words[2] --help 2>/dev/null)"})
  # an option's value follows it after one blank; what follows a switch is further away
  line=${(M)help:#"  $previous "[^[:space:]]*}
  if [[ -n $line ]]; then
    _firedrill_value ${${line#"  $previous "}%% *}
  elif [[ $words[CURRENT] == -* ]]; then
    for line in $help; do
      [[ $line == (#b)'  '(--[a-z-]##)' '[^[:space:]]#[[:space:]]#(*) ]] && described+=("$match[1]:$match[2]")
    done
    _describe option described
  else
    _firedrill_value ${help[1]#*'[options]' }
  fi
}

_firedrill "$@"
