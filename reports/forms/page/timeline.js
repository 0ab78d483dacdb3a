/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lanes of a run: incidents by phase, operations, locks with who holds and who waits, what
   serves, faults, people, and decisions as marks. */
(function () {
  "use strict";
  const ROW = 20, GAP = 8, AXIS = 22, GROUPS = { phase: "Incidents", operation: "Operations", held: "Locks",
    deployment: "Deployments", fault: "Faults", person: "People", decision: "Decisions" };
  const PHASES = { detect: "detect", evidence: "diagnose", root_cause: "diagnose", plan: "diagnose", patch: "patch",
    checks: "patch", cooldown_wait: "idle", lock_wait: "idle", retry_wait: "idle", gates: "canary", human_wait: "people",
    canary_10: "canary", canary_50: "canary", canary_100: "canary", remedy: "canary", verify: "verify", rollback: "back", close: "verify" };

  function allLanes(data) {
    const lanes = data.lanes.map((l, k) => ({ kind: l[0], name: l[1], spans: data.spans.filter((s) => s[0] === k) }));
    lanes.push({ kind: "decision", name: "decided", spans: data.decisions.map((d) =>
      [0, "decision", d[0], d[0], d[2].replace(/_/g, " ") + ": " + d[4], 0, 0]) });
    return lanes.filter((l) => l.spans.length > 0);
  }

  /* Spans that overlap get rows beneath each other. */
  function rowsOf(lane, small) {
    const ends = [], several = lane.kind === "held" || lane.kind === "person";
    lane.spans.forEach(function (s) {
      let row = ends.findIndex((end) => end <= s[2]);
      if (row < 0) row = several ? ends.length : 0;
      ends[row] = Math.max(s[3], s[2] + small);
      s.row = row;
    });
    return ends.length;
  }

  function tickStep(end, most) {
    for (const seconds of [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600, 86400])
      if (end / 1e6 / seconds <= most) return seconds * 1e6;
    return end / most;
  }

  function drawSpan(svg, s, y, time) {
    const left = time(s[2]), width = Math.max(s[3] > s[2] ? 1 : 4, time(s[3]) - left);
    const group = firedrill.svg("g", { class: "span " + (s[1] === "phase" ? PHASES[s[4]] || "idle" : s[1]) }, svg);
    firedrill.svg("rect", { x: left - (s[3] > s[2] ? 0 : 2), y: y + 2, width, height: ROW - 4, rx: 2 }, group);
    const what = (s[1] === "wait" ? "waits: " : "") + s[4].replace(/_/g, " ");
    const fits = Math.floor((width - 4) / 6.2);
    if (fits >= 4 && s[1] !== "decision")
      firedrill.svg("text", { x: left + 3, y: y + 14 }, group).textContent = what.length <= fits ? what : what.slice(0, fits - 1) + "\u2026";
    firedrill.svg("title", {}, group).textContent = what + ", " + firedrill.clock(s[2]) +
      (s[3] > s[2] ? " to " + firedrill.clock(s[3]) : "") + (s[6] ? ", still" : "");
  }

  function drawAxis(svg, end, time, height, width) {
    const step = tickStep(end, Math.max(3, Math.floor(width / 80)));
    for (let at = 0; at <= end; at += step) {
      firedrill.svg("line", { class: "lane-line", x1: time(at), x2: time(at), y1: AXIS - 4, y2: height }, svg);
      firedrill.svg("text", { class: "axis", x: time(at) + 2, y: 12 }, svg).textContent = firedrill.clock(at).replace(".000", "");
    }
  }

  function draw(drawing, data, lanes, seek) {
    const whole = Math.max(340, drawing.clientWidth), narrow = whole < 700;
    const labels = narrow ? 0 : 190, width = whole - labels - 8;
    const time = (at) => labels + at / data.end * width;
    let y = AXIS, group = "";
    const marks = [];
    for (const lane of lanes) {
      if (GROUPS[lane.kind] !== group) {
        group = GROUPS[lane.kind];
        marks.push({ text: group, y: y + 14, head: true });
        y += ROW;
      }
      if (narrow) y += 15;
      lane.y = y;
      marks.push({ text: lane.name, y: narrow ? y - 3 : y + 14 });
      y += rowsOf(lane, data.end / 100) * ROW + GAP;
    }
    drawing.textContent = "";
    const svg = firedrill.svg("svg", { viewBox: `0 0 ${whole} ${y}`, width: whole, height: y, role: "img",
      "aria-label": "Lanes over time; the same stands below as a table" }, drawing);
    svg.style.width = whole + "px";
    drawAxis(svg, data.end, time, y, width);
    for (const m of marks) {
      const text = firedrill.svg("text", { x: m.head ? 0 : (narrow ? 2 : 8), y: m.y, class: m.head ? "" : "axis",
        "font-weight": m.head ? 600 : 400 }, svg);
      text.textContent = narrow || m.text.length <= 28 ? m.text : m.text.slice(0, 27) + "\u2026";
    }
    for (const lane of lanes) lane.spans.forEach((s) => drawSpan(svg, s, lane.y + s.row * ROW, time));
    const line = firedrill.svg("line", { class: "cursor-line", y1: AXIS - 6, y2: y }, svg);
    function seekTo(event) {
      const box = svg.getBoundingClientRect();
      seek(Math.max(0, Math.min(1, ((event.clientX - box.left) * whole / box.width - labels) / width)) * data.end);
    }
    svg.addEventListener("pointerdown", function (event) {
      seekTo(event);
      svg.setPointerCapture(event.pointerId);
    });
    svg.addEventListener("pointermove", (event) => { if (event.buttons) seekTo(event); });
    return function (at) {
      line.setAttribute("x1", time(at));
      line.setAttribute("x2", time(at));
    };
  }

  firedrill.timeline = function (figure, data, seek) {
    const drawing = figure.querySelector(".drawing"), lanes = allLanes(data);
    let show = draw(drawing, data, lanes, seek), last = 0, width = drawing.clientWidth;
    new ResizeObserver(function () {
      if (drawing.clientWidth === width) return;
      width = drawing.clientWidth;
      show = draw(drawing, data, lanes, seek);
      show(last);
    }).observe(drawing);
    return function (at) { show(last = at); };
  };

  /* The same for those who read it as a table. */
  firedrill.spanTable = function (details, data) {
    const table = firedrill.html("table", undefined, details), body = document.createElement("tbody");
    const head = firedrill.html("tr", undefined, firedrill.html("thead", undefined, table));
    for (const title of ["lane", "kind", "what", "from", "to"]) firedrill.html("th", title, head).scope = "col";
    for (const s of data.spans) {
      const row = firedrill.html("tr", undefined, body);
      firedrill.html("th", data.lanes[s[0]][1], row).scope = "row";
      firedrill.html("td", s[1], row);
      firedrill.html("td", s[4], row);
      firedrill.html("td", firedrill.clock(s[2]), row, "n");
      firedrill.html("td", firedrill.clock(s[3]) + (s[6] ? " (still)" : ""), row, "n");
    }
    table.appendChild(body);
  };
})();
