"use strict";
// Leaving at once: the page is blank before the other one comes, and "Back" does not lead here. Shift three times does the same.
(() => {
  const link = document.querySelector("a.exit");
  if (!link) return;
  const leave = () => {
    document.title = " ";
    document.body.hidden = true;
    document.body.replaceChildren();
    window.location.replace(link.href);
  };
  // Whoever comes back from elsewhere to what was found, perhaps after leaving, gets the empty form: the browser would ask again.
  const [visit] = performance.getEntriesByType("navigation");
  const ahead = window.navigation && navigation.currentEntry
    && navigation.entries().length > navigation.currentEntry.index + 1;
  if (visit && visit.type === "back_forward" && window.navigation && !ahead && document.getElementById("results")) {
    document.body.hidden = true;
    window.location.replace("/find");
    return;
  }
  link.addEventListener("click", (event) => {
    event.preventDefault();
    leave();
  });
  const hint = document.createElement("span");
  hint.className = "hint";
  hint.textContent = "or press Shift three times";
  link.after(" ", hint);
  let pressed = [];
  document.addEventListener("keydown", (event) => {
    if (event.repeat) return;
    if (event.key !== "Shift") { pressed = []; return; }
    const now = Date.now();
    pressed = [...pressed.filter((then) => now - then < 5000), now];
    if (pressed.length >= 3) leave();
  });
})();
