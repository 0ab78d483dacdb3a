#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Holds the include arrows: which folder may see which headers. The tables below are the rule; a folder
# that is not in them is an error, so a new folder has to say what it may use.
#
#   layers.sh [ROOT]      checks the tree (default: this one)
#   layers.sh --self-test plants one offence of each kind in a small tree and demands that it is named
set -euo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)

# folder | own headers it may include: folders (their headers, not those of folders below) or single headers
read -r -d '' ARROWS <<'TABLE' || true
engine/base      | engine/base
engine/words     | engine/base engine/words
engine           | engine/base engine/words engine
engine/yaml      | engine/base engine/yaml
engine/policy    | engine/base engine/words engine/yaml engine/policy engine/config.h
engine/host      | engine/base engine/words engine/policy/policy.h engine engine/host
engine/host/example | engine/base engine/words engine/policy/policy.h engine engine/host engine/host/example
sim/kernel       | engine/base sim/kernel
topologies       | engine/base engine/yaml topologies
topologies/draw  | engine/base topologies topologies/draw
topologies/import | engine/base engine/yaml topologies topologies/import
sim/prometheus   | engine/base engine/yaml sim/prometheus
scenarios/words  | engine/base engine/words scenarios/words topologies/topology.h
sim/world        | engine/base engine/words sim/kernel sim/prometheus scenarios/words topologies/topology.h sim/world
scenarios        | engine/base engine/words engine/yaml engine/policy engine/config.h topologies scenarios/words scenarios
sim/explore      | engine/base engine/words engine sim/explore
sim/bind         | engine/base engine/words engine engine/host sim/world sim/prometheus sim/kernel/sim.h sim/kernel/trace.h scenarios/words topologies/topology.h sim/bind
reports/judge    | engine/base engine/words scenarios/words reports/judge
reports          | engine/base engine/words scenarios/words topologies/topology.h reports/judge reports/forms reports
reports/rca      | engine/base topologies/topology.h reports/rca
reports/forms    | engine/base engine/words scenarios/words topologies/topology.h reports/judge reports reports/forms
sim/run          | *
sim              | *
TABLE

# library's header (as a prefix) | folders that may include it. What the C standard names is free for all.
read -r -d '' LIBRARIES <<'TABLE' || true
sodium       | engine engine/host reports/judge reports/forms
yaml.h       | engine/yaml
igraph       | topologies topologies/draw
gsl/         | sim/world sim/kernel reports reports/forms reports/rca
msgpack      | sim/kernel sim/bind sim/world reports/judge reports reports/forms
pcre2.h      | sim/prometheus
mpfr.h       | sim/prometheus
jansson.h    | engine/host sim/prometheus topologies/import reports/judge reports reports/forms
libxml/      | topologies/import reports reports/forms
TABLE

# Clocks, files, processes, threads: only where a program meets its machine.
readonly MACHINE_HEADERS='^(time|unistd|fcntl|poll|signal|dirent|pthread|threads|locale|spawn|glob|sys/.*|linux/.*)\.?h?$'
readonly MACHINE_FOLDERS='sim sim/run engine/host'
readonly MACHINE_FILE='engine/base/arena.c sys/mman.h' # where all memory comes from, once
readonly STANDARD='^(assert|ctype|errno|float|inttypes|limits|math|stdalign|stdarg|stdbool|stddef|stdint|stdio|stdlib|stdnoreturn|string)\.h$'

check() {
  local root=$1
  local -a folders=()
  for folder in engine sim topologies scenarios reports; do
    [ -d "$root/$folder" ] && folders+=("$folder")
  done
  # shellcheck disable=SC2016 # the dollars are awk's
  (cd "$root" && find "${folders[@]}" -type f \( -name '*.c' -o -name '*.h' -o -name '*.def' \) -print0 |
    LC_ALL=C sort -z | xargs -0 awk -v arrows="$ARROWS" -v libraries="$LIBRARIES" -v standard="$STANDARD" \
      -v machine="$MACHINE_HEADERS" -v machine_folders="$MACHINE_FOLDERS" -v machine_file="$MACHINE_FILE" '
    function folder_of(path) { return path ~ /\// ? substr(path, 1, match(path, /\/[^\/]*$/) - 1) : "." }
    function offence(text) { printf "%s:%d: %s\n", FILENAME, FNR, text; offences++ }
    function own(header,   folder) {
      if (!(from in may)) { offence("folder " from " stands in no row of tests/tools/layers.sh"); return }
      if (may[from] == " * ") return
      folder = folder_of(header)
      if (!index(may[from], " " folder " ") && !index(may[from], " " header " "))
        offence(from " may not include \"" header "\"")
    }
    function foreign(header,   prefix) {
      if (header ~ standard) return
      if (header ~ machine) {
        if (!index(" " machine_folders " ", " " from " ") && FILENAME " " header != machine_file) offence(from " may not include <" header ">")
        return
      }
      for (prefix in users)
        if (index(header, prefix) == 1) {
          if (may[from] != " * " && !index(users[prefix], " " from " "))
            offence(from " may not include <" header ">")
          return
        }
      offence("<" header "> is a library that no row of tests/tools/layers.sh names")
    }
    BEGIN {
      n = split(arrows, row, "\n")
      for (i = 1; i <= n; i++) { split(row[i], c, "|"); gsub(/ /, "", c[1]); may[c[1]] = c[2] " " }
      n = split(libraries, row, "\n")
      for (i = 1; i <= n; i++) { split(row[i], c, "|"); gsub(/ /, "", c[1]); users[c[1]] = c[2] " " }
    }
    FNR == 1 {
      files++; includes = 0; from = folder_of(FILENAME); header = FILENAME
      has_header = sub(/\.c$/, ".h", header) && (getline line < header) >= 0
      if (has_header) close(header)
      if ($0 !~ /SPDX-License-Identifier: GPL-3.0-or-later/) offence("the first line names no licence")
    }
    /^[ \t]*#[ \t]*include[ \t]*["<]/ {
      name = $0; sub(/^[^"<]*["<]/, "", name); sub(/[">].*/, "", name)
      # first its own header, or one of its own folder that builds on it (app.c: app_parts.h)
      if (!includes++ && has_header && name != header && ($0 ~ /</ || folder_of(name) != from))
        offence("includes its own header \"" header "\" only later")
      if ($0 ~ /include[ \t]*</) foreign(name); else own(name)
    }
    END {
      if (!offences) printf "layers: %d files, every include follows an arrow\n", files
      exit offences ? 1 : 0
    }')
}

plant() { # plant ROOT FILE TEXT WHAT-MUST-BE-SAID
  mkdir -p "$1/$(dirname "$2")"
  printf '/* SPDX-License-Identifier: GPL-3.0-or-later */\n%s\n' "$3" >"$1/$2"
  local said
  if said=$(check "$1") || ! grep -qF -- "$4" <<<"$said"; then
    printf 'layers: planted %s, expected "%s", got: %s\n' "$2" "$4" "$said"
    return 1
  fi
  rm "$1/$2"
}

self_test() {
  local root
  root=$(mktemp -d)
  # shellcheck disable=SC2064 # the folder's name is meant to be fixed now
  trap "rm -rf '$root'" EXIT
  mkdir -p "$root/engine/base"
  printf '/* SPDX-License-Identifier: GPL-3.0-or-later */\n#include <stdint.h>\n' >"$root/engine/base/base.h"
  check "$root" >/dev/null
  plant "$root" engine/x.c '#include "sim/kernel/sim.h"' 'engine may not include "sim/kernel/sim.h"'
  plant "$root" sim/kernel/x.c '#include "engine/engine.h"' 'sim/kernel may not include "engine/engine.h"'
  plant "$root" reports/judge/x.c '#include "engine/gate.h"' 'reports/judge may not include "engine/gate.h"'
  plant "$root" sim/world/x.c '#include <time.h>' 'sim/world may not include <time.h>'
  plant "$root" scenarios/x.c '#include <igraph.h>' 'scenarios may not include <igraph.h>'
  plant "$root" engine/x.c '#include <curl/curl.h>' 'no row of tests/tools/layers.sh names'
  plant "$root" engine/new/x.c '#include "engine/engine.h"' 'folder engine/new stands in no row'
  plant "$root" engine/base/base.c '#include <stdint.h>' 'only later'
  echo 'layers: 8 planted offences, each was named'
}

if [ "${1:-}" = --self-test ]; then self_test; else check "${1:-$here}"; fi
