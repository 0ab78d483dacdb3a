/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Light or dark: as the system says, until somebody says otherwise. */
(function () {
  "use strict";
  const root = document.documentElement, button = document.getElementById("theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  function remembered(value) { /* a page opened as a file may have no storage */
    try {
      if (value) localStorage.setItem("firedrill-theme", value);
      return localStorage.getItem("firedrill-theme");
    } catch (e) { return null; }
  }
  function isDark() { return root.dataset.theme ? root.dataset.theme === "dark" : system.matches; }
  function show() {
    button.setAttribute("aria-pressed", String(isDark()));
    button.hidden = false;
  }
  const asked = location.search.match(/[?&]theme=(dark|light)\b/), kept = remembered();
  if (asked) root.dataset.theme = asked[1];
  else if (kept === "dark" || kept === "light") root.dataset.theme = kept;
  button.addEventListener("click", function () {
    root.dataset.theme = isDark() ? "light" : "dark";
    remembered(root.dataset.theme);
    show();
  });
  system.addEventListener("change", show);
  show();
})();
