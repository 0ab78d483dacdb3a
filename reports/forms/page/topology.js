/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Services and calls of a run, coloured by the share of failed requests at the cursor. All text is
   set as text; nothing is ever parsed as HTML. */
const firedrill = {};
(function () {
  "use strict";
  const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  const WIDTH = 116, HEIGHT = 40, ACROSS = 126, DOWN = 80;
  const LEVELS = [[1, "under 1%"], [5, "1 to 5%"], [15, "5 to 15%"], [30, "15 to 30%"], [100, "30% and more"]];

  firedrill.svg = function (name, attributes, parent) {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const key in attributes) element.setAttribute(key, attributes[key]);
    if (parent) parent.appendChild(element);
    return element;
  };
  firedrill.html = function (name, text, parent, className) {
    const element = document.createElement(name);
    if (text !== undefined) element.textContent = text;
    if (className) element.className = className;
    if (parent) parent.appendChild(element);
    return element;
  };
  firedrill.clock = function (us) {
    const ms = Math.floor(us / 1000), pad = (n, width) => String(n).padStart(width, "0");
    const text = pad(Math.floor(ms / 60000) % 60, 2) + ":" + pad(Math.floor(ms / 1000) % 60, 2) + "." + pad(ms % 1000, 3);
    return ms >= 3600000 ? Math.floor(ms / 3600000) + ":" + text : text;
  };

  /* Percent of failed requests of a service; -1 without requests. */
  firedrill.share = function (data, service, at) {
    const text = data.services[service][5], step = Math.floor(Math.max(0, at - 1) / data.step);
    return DIGITS.indexOf(text.charAt(Math.min(step, text.length - 1)));
  };
  function level(share) {
    if (share < 0) return 5;
    const found = LEVELS.findIndex((l) => share < l[0]);
    return found < 0 ? 4 : found;
  }
  function cut(text, most) { return text.length <= most ? text : text.slice(0, most - 1) + "\u2026"; }

  function places(data) {
    const columns = 1 + Math.max(0, ...data.services.map((s) => s[2]));
    const inRow = new Map();
    for (const s of data.services) inRow.set(s[3], Math.max(inRow.get(s[3]) || 0, s[2] + 1));
    const rows = 1 + Math.max(0, ...data.services.map((s) => s[3]));
    const at = data.services.map((s) => ({
      x: (s[2] + (columns - inRow.get(s[3])) / 2) * ACROSS + 5, y: s[3] * DOWN + 8 }));
    return { at, width: columns * ACROSS, height: (rows - 1) * DOWN + HEIGHT + 16, columns };
  }

  function drawEdge(svg, a, b, isAsync) {
    const x1 = a.x + WIDTH / 2, x2 = b.x + WIDTH / 2, level = a.y === b.y;
    const y1 = a.y + (b.y > a.y || level ? HEIGHT : 0), y2 = b.y + (b.y > a.y ? 0 : HEIGHT);
    const bend = level ? 24 : (y2 - y1) / 2;
    firedrill.svg("path", { class: isAsync ? "edge async" : "edge",
      d: `M${x1} ${y1}C${x1} ${y1 + bend} ${x2} ${level ? y2 + bend : y2 - bend} ${x2} ${y2}` }, svg);
  }

  function drawLegend(element) {
    LEVELS.concat([[0, "no requests"]]).forEach(function (l, k) {
      const item = firedrill.html("span", undefined, element);
      firedrill.html("i", undefined, item, "h" + k);
      item.append(l[1]);
    });
    firedrill.html("span", "dashed: asynchronous", element);
  }

  /* Draws; what comes back shows the state at a time. */
  firedrill.topology = function (figure, data) {
    const p = places(data), drawing = figure.querySelector(".drawing");
    const svg = firedrill.svg("svg", { viewBox: `0 0 ${p.width} ${p.height}`, role: "img",
      "aria-label": `${data.services.length} services and ${data.calls.length} calls between them; what fails is named under At the cursor` }, drawing);
    svg.style.minWidth = Math.min(p.width, Math.max(p.columns * 92, 300)) + "px";
    svg.style.maxWidth = Math.max(p.width, 400) + "px";
    for (const c of data.calls) drawEdge(svg, p.at[c[0]], p.at[c[1]], c[2] === 1);
    const nodes = data.services.map(function (s, k) {
      const group = firedrill.svg("g", { class: "node", transform: `translate(${p.at[k].x} ${p.at[k].y})` }, svg);
      firedrill.svg("rect", { width: WIDTH, height: HEIGHT, rx: s[1] === "service" || s[1] === "frontend" ? 6 : 18 }, group);
      firedrill.svg("text", { x: WIDTH / 2, y: 17, "text-anchor": "middle" }, group).textContent = cut(s[0], 17);
      const share = firedrill.svg("text", { x: WIDTH / 2, y: 33, "text-anchor": "middle", class: "share" }, group);
      const title = firedrill.svg("title", {}, group);
      return { group, share, title };
    });
    drawLegend(figure.querySelector(".legend"));
    return function (at) {
      nodes.forEach(function (node, k) {
        const share = firedrill.share(data, k, at), s = data.services[k];
        node.group.setAttribute("class", "node h" + level(share));
        node.share.textContent = share < 0 ? "-" : (share > 60 ? "over 60" : share) + "%";
        node.title.textContent = `${s[0]}: ${s[1]}, ${s[4]} replicas, ${share < 0 ? "no requests" : "about " + share + "% of requests fail"}`;
      });
    };
  };
})();
