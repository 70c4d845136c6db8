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
