#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The page in a browser: it draws, its cursor moves by hand, key and clock, and the console stays empty. Without
# chromium this is skipped, and says so.
#
#   page.sh PROGRAM
# shellcheck source=checks.sh
. "$(dirname "$0")/checks.sh"
cd "$work" || exit 2
readonly ROW=04_conflicting_fixes

fd matrix --out matrix
check 'the matrix passes' ended 0
check 'its page is there' [ -s matrix/report.html ]
check 'its page is under 500 KB' [ "$(wc -c <matrix/report.html)" -lt 500000 ]
fd run $ROW --html page.html --out kept
check 'a run has a page, too' ended 0
check 'and the same in its folder' same page.html kept/report.html
fd report kept --html again.html
check 'traces give the page again, but for the command' \
  same <(sed 's/firedrill run [^<]*//' page.html) <(sed 's/firedrill replay [^<]*//' again.html)

browser=$(command -v chromium || command -v chromium-browser || true)
if [ -z "$browser" ]; then
  echo '# skipped: no chromium, so no page was opened'
  summary
fi

# opened FILE WIDTH: the page's document after its scripts, in out; what the console was told, in console
opened() {
  called=("$browser" "$1" "at $2 pixels")
  timeout 120 "$browser" --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --user-data-dir="$work/profile" \
    --no-first-run --enable-logging=stderr --v=0 --window-size="$2,1200" --virtual-time-budget=8000 --dump-dom \
    "file://$work/$1" >"$work/out" 2>"$work/err" </dev/null
  status=$?
  grep -E 'CONSOLE|Uncaught|Refused to' "$work/err" >"$work/console"
}
quiet() { [ ! -s "$work/console" ]; }
holds() { grep -qF -- "$1" "$work/out"; }

# a script at the page's end does what a person would, and writes down what came of it
cat >act.js <<'JS'
addEventListener("load", () => setTimeout(() => {
  const run = document.querySelector(".run"), get = (name) => run.querySelector(name), said = [];
  const clock = () => get(".clock").textContent, line = () => get(".cursor-line").getAttribute("x1");
  const key = (key, shiftKey) => get(".cursor").dispatchEvent(new KeyboardEvent("keydown", { key, shiftKey, bubbles: true, cancelable: true }));
  const say = (what, good) => said.push((good ? "good: " : "bad: ") + what);
  key("Home");
  say("Home goes to the start", clock() === "00:00.000");
  const before = line();
  key("ArrowRight");
  say("an arrow moves by a second", clock() === "00:01.000" && line() !== before);
  key("ArrowRight", true);
  say("with shift to the next event", clock() === "00:30.000");
  key("ArrowRight", true); key("ArrowRight", true); key("ArrowLeft", true);
  say("and back to the one before", clock() === "00:32.000");
  say("a service that fails is named", /payment-service: about \d+% of requests fail/.test(get(".state").textContent));
  say("and coloured", run.querySelectorAll(".node.h0").length < run.querySelectorAll(".node").length);
  say("a decision stands there with inputs and alternatives", get(".decision").querySelectorAll("table").length === 2);
  get(".cursor").value = 55000;
  get(".cursor").dispatchEvent(new Event("input", { bubbles: true }));
  say("the slider moves the cursor", clock() === "00:55.000");
  say("who waits for a lock is named", /waits for SERVICE payment-service/.test(get(".state").textContent));
  key("End");
  const end = clock();
  say("End goes to the end", get(".cursor").value === get(".cursor").max);
  get(".before").click();
  say("a button goes to the event before", clock() < end);
  get(".spans").open = true;
  const all = (name) => Array.from(document.querySelectorAll(name));
  for (const details of all("details")) details.open = true;
  say("nothing is wider than the window", innerWidth < 600 ? innerWidth >= 380 && document.documentElement.scrollWidth <= innerWidth :
    document.documentElement.scrollWidth <= innerWidth);
  say("every picture has a name, or is told besides", all("svg").every((svg) => svg.getAttribute("aria-hidden") === "true" ||
    svg.getAttribute("role") === "img" && svg.getAttribute("aria-label")));
  say("every control has a name", all("button, input, select").every((control) => control.getAttribute("aria-label") ||
    control.textContent.trim() && control.tagName === "BUTTON" || control.closest("label")));
  say("every head of a table says of what", all("th").length > 100 && all("th").every((th) => /^(row|col)$/.test(th.scope)));
  say("sections have names, and levels follow each other", all("section").every((section) =>
    document.getElementById(section.getAttribute("aria-labelledby"))) && all("h1, h2, h3").every((h, k, list) =>
    k === 0 ? h.tagName === "H1" : h.tagName[1] - list[k - 1].tagName[1] <= 1));
  say("ids are unique", new Set(all("[id]").map((e) => e.id)).size === all("[id]").length);
  say("who waited for whom stands there", /op 1\.1op 0\.1/.test(get("table.waits tbody").textContent));
  for (const details of all("details")) details.open = false;
  dispatchEvent(new Event("beforeprint"));
  say("for print it is opened", get("details.spans").open && document.getElementById("groups").closest("details").open);
  dispatchEvent(new Event("afterprint"));
  say("and closed again", !document.getElementById("groups").closest("details").open);
  get(".spans").open = true;
  const theme = document.documentElement.dataset.theme;
  document.getElementById("theme").click();
  say("the theme changes", document.documentElement.dataset.theme !== theme);
  key("Home");
  get(".speed").value = "60";
  get(".play").click();
  setTimeout(() => {
    say("it plays", clock() > "00:00.000" && get(".play").textContent === "Stop");
    say("the table of the timeline is filled", get(".spans").querySelectorAll("tbody tr").length > 20);
    const pre = document.createElement("pre");
    pre.textContent = said.join("\n");
    document.body.append(pre);
  }, 1000);
}, 500));
JS
{ sed 's|</body>.*||; s|</html>.*||' page.html; echo '<script>'; cat act.js; echo '</script></body></html>'; } >acted.html

for width in 400 1600; do
  opened page.html $width
  check "$width pixels: opens" ended 0
  check "$width pixels: no word on the console" quiet
  check "$width pixels: draws the topology" holds 'class="node h'
  check "$width pixels: draws the timeline" holds 'class="cursor-line"'
done
opened matrix/report.html 1600
check 'the matrix: no word on the console' quiet
for width in 400 1600; do
  opened acted.html $width
  check "a person at it, $width pixels: no word on the console" quiet
  said_good=$(grep -cE '(^|>)good: ' "$work/out")
  grep -E '(^|>)(bad): ' "$work/out" | sed 's/^/# /'
  check "a person at it, $width pixels: cursor, keys, slider, decision, theme, clock, names and print are as they should be" \
    is "$said_good" 23
done

# a name that would like to run
name=$'<img src=x onerror=console.error(1)>\'"`</script><script>console.error(2)</script>.yaml'
cp "$tree/scenarios/core/$ROW.yaml" "${name//\//_}"
fd run "./${name//\//_}" --html hostile.html
opened hostile.html 1600
check 'a hostile file name: no word on the console' quiet
check 'a hostile file name: no element of it' not holds '<img'
summary
