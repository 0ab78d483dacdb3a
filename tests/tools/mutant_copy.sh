# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A copy of the tree in which bugs are planted: source it at the tree's root. $copy goes when the script ends.
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
# what is there, committed or not, so that a change is tried before it is committed
git ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' file; do
  if [ -e "$file" ]; then printf '%s\0' "$file"; fi
done | tar --null -T - -cf - | tar -xf - -C "$copy"

build() {
  cmake --build "$copy/build" --target firedrill >"$copy/build.log" 2>&1 || { tail -n 40 "$copy/build.log"; exit 2; }
}
header() { sed -n "s/^# $2: //p" "$1"; }
plant() { (cd "$copy" && git apply "$OLDPWD/$1"); }
take_out() { (cd "$copy" && git apply -R "$OLDPWD/$1"); }
configure() {
  cmake -S "$copy" -B "$copy/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DFIREDRILL_WERROR=OFF -DFIREDRILL_WHOLE=OFF >"$copy/build.log" 2>&1 ||
    { cat "$copy/build.log"; exit 2; }
}
