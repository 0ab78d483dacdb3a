/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cursor of each run: moved by hand, by keys, or by itself; and what was so at that time. */
(function () {
  "use strict";

  function lastBefore(list, at, key) {
    let found = null;
    for (const item of list) {
      if (key(item) > at) break;
      found = item;
    }
    return found;
  }

  /* ---- what is so at a time ---- */

  function facts(data, at) {
    const lines = [], now = (s) => s[2] <= at && (at < s[3] || (s[6] && at <= s[3]));
    for (const s of data.spans.filter(now)) {
      const lane = data.lanes[s[0]][1], what = s[4].replace(/_/g, " ");
      if (s[1] === "phase") lines.push(`${lane}: in ${what}`);
      if (s[1] === "held") lines.push(`${lane} is held by ${what}`);
      if (s[1] === "wait") lines.push(`${what} waits for ${lane}`);
      if (s[1] === "fault") lines.push(`fault: ${what}`);
      if (s[1] === "person") lines.push(`${lane} is asked: ${what}`);
    }
    data.services.forEach(function (s, k) {
      const share = firedrill.share(data, k, at);
      if (share > 0) lines.push(`${s[0]}: about ${share}% of requests fail`);
    });
    return lines;
  }

  function showState(element, data, at) {
    element.textContent = "";
    const list = firedrill.html("ul", undefined, element);
    for (const line of facts(data, at)) firedrill.html("li", line, list);
    if (!list.firstChild) firedrill.html("li", "nothing fails, nobody holds a lock", list);
  }

  function showRows(element, caption, heads, rows) {
    if (rows.length === 0) return;
    const table = firedrill.html("table", undefined, element);
    firedrill.html("caption", caption, table);
    const head = firedrill.html("tr", undefined, firedrill.html("thead", undefined, table));
    for (const h of heads) firedrill.html("th", h, head).scope = "col";
    const body = firedrill.html("tbody", undefined, table);
    for (const cells of rows) {
      const row = firedrill.html("tr", undefined, body);
      cells.forEach((cell, k) => firedrill.html(k === 0 ? "th" : "td", cell, row, k === 1 && heads.length === 3 ? "n" : ""));
      row.firstChild.scope = "row";
    }
  }

  function showDecision(element, d) {
    element.textContent = "";
    if (!d) {
      firedrill.html("p", "No decision yet.", element);
      return;
    }
    const head = firedrill.html("p", undefined, element);
    head.append(`${firedrill.clock(d[0])}, engine ${d[1]} on ${d[3]}, ${d[2].replace(/_/g, " ")}: `);
    firedrill.html("span", d[4], head, "choice");
    firedrill.html("p", `${d[6]}; confidence ${d[5]}`, element);
    showRows(element, "From these figures", ["input", "figure", "which is"], d[7].map((f) => [f[0].replace(/_/g, " "), f[1], f[2]]));
    showRows(element, "What else it could have been", ["choice", "needs"], d[8].map((o) => [o[0].replace(/_/g, " "), o[1]]));
  }

  /* ---- one run ---- */

  function setUp(run) {
    if (run.ready) return;
    run.ready = true;
    const get = (name) => run.querySelector(name), data = JSON.parse(get(".data").textContent);
    const range = get(".cursor"), clock = get(".clock"), play = get(".play");
    const items = Array.from(run.querySelectorAll(".events li"));
    const times = Array.from(new Set(items.map((li) => Number(li.dataset.t)).concat(data.decisions.map((d) => d[0]))))
      .sort((a, b) => a - b);
    let at = 0, playing = 0, timer, current, decided;
    get(".player").hidden = get(".stage").hidden = get(".timeline").hidden = get(".spans").hidden = false;
    const topology = firedrill.topology(get(".topology"), data);
    const timeline = firedrill.timeline(get(".timeline"), data, seek);

    function seek(to) {
      at = Math.max(0, Math.min(data.end, to));
      range.value = Math.round(at / 1000);
      clock.textContent = firedrill.clock(at);
      range.setAttribute("aria-valuetext", clock.textContent);
      topology(at);
      timeline(at);
      showState(get(".state"), data, at);
      const decision = lastBefore(data.decisions, at, (d) => d[0]);
      if (decision !== decided || !get(".decision").firstChild) showDecision(get(".decision"), decided = decision);
      const item = lastBefore(items, at, (li) => Number(li.dataset.t));
      if (current) current.classList.remove("current");
      current = item;
      if (current) current.classList.add("current");
    }
    function step(forward) {
      const to = forward ? times.find((t) => t > at) : times.filter((t) => t < at).pop();
      if (to !== undefined) seek(to);
    }
    function setPlaying(on) {
      play.textContent = on ? "Stop" : "Play";
      play.setAttribute("aria-pressed", String(on));
      if (on && at >= data.end) seek(0);
      playing = on ? performance.now() : 0;
      clearInterval(timer);
      if (on) timer = setInterval(frame, 40);
    }
    function frame() {
      const now = performance.now();
      seek(at + (now - playing) * 1000 * Number(get(".speed").value));
      playing = now;
      if (at >= data.end) setPlaying(false);
    }
    play.addEventListener("click", () => setPlaying(!playing));
    range.addEventListener("input", () => seek(Number(range.value) * 1000));
    get(".before").addEventListener("click", () => step(false));
    get(".next").addEventListener("click", () => step(true));
    run.addEventListener("keydown", function (event) {
      const free = !event.target.closest("select, summary, a, .scroll") && !event.altKey && !event.ctrlKey && !event.metaKey;
      const second = 1e6, keys = {
        " ": () => setPlaying(!playing), Home: () => seek(0), End: () => seek(data.end),
        ArrowLeft: () => event.shiftKey ? step(false) : seek(at - second),
        ArrowRight: () => event.shiftKey ? step(true) : seek(at + second) };
      if (!free || !keys[event.key] || (event.key === " " && event.target.closest("button"))) return;
      event.preventDefault();
      keys[event.key]();
    });
    get(".spans").addEventListener("toggle", () => firedrill.spanTable(get(".spans"), data), { once: true });
    const first = data.spans.find((s) => s[1] === "phase");
    seek(first ? first[2] + 4e6 : 0);
  }

  const runs = Array.from(document.querySelectorAll(".run"));
  const observer = new IntersectionObserver(function (entries) {
    for (const entry of entries) if (entry.isIntersecting) setUp(entry.target);
  }, { rootMargin: "600px" });
  runs.forEach((run) => observer.observe(run));
  if (runs.length > 0) setUp(runs[0]);
  let opened = []; /* nobody can open on paper what is closed */
  addEventListener("beforeprint", function () {
    runs.forEach(setUp);
    opened = Array.from(document.querySelectorAll("details:not([open])"));
    opened.forEach((d) => { d.open = true; });
  });
  addEventListener("afterprint", function () {
    opened.forEach((d) => { d.open = false; });
    opened = [];
  });
})();
