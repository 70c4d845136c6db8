"use strict";
// A page that is left open. What it says of places is over when the figure is, and after three quarters of an hour in any case.
// Reckoned from when the page was asked for, by the clock that has gone further: one stands still while a phone sleeps, the
// other can be set back.
(() => {
  const parts = [...document.querySelectorAll("[data-ends]")];
  const began = Date.now() - performance.now();
  const tell = () => {
    const passed = Math.max(performance.now(), Date.now() - began) / 1000;
    for (const part of parts) {
      if (passed < Number(part.dataset.ends)) continue;
      part.textContent = part.dataset.then;
      part.hidden = !part.dataset.then;
    }
  };
  setInterval(tell, 10000);
  addEventListener("pageshow", tell);
  document.addEventListener("visibilitychange", tell);
})();
