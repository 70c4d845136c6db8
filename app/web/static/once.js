"use strict";
// A second tap while the answer to the first is on its way would be told that somebody else has saved meanwhile, or that a link was
// used up. Back brings the page as it was left, and who has waited long enough or stopped the page may try again.
(() => {
  // Longer than a long import takes to be applied.
  const WAIT_MS = 60000;
  const sent = new Map();
  document.addEventListener("submit", (event) => {
    const now = performance.now();
    if (now - sent.get(event.target) < WAIT_MS) event.preventDefault();
    else sent.set(event.target, now);
  });
  window.addEventListener("pageshow", () => sent.clear());
})();
