"use strict";
// Leaving at once: the page is blank before the other one comes, and "Back" does not lead here. Shift three times does the same.
(() => {
  // What a page was asked with a browser keeps, on disk too, to send it again after "Back" or when it is opened anew. Of an
  // address alone there is nothing to send. That of a reported mistake has no page.
  history.replaceState(null, "", location.pathname === "/find/mistakes" ? "/find" : location.href);
  // Nor is what was found kept as it stands to come back to, perhaps by somebody else: there is the empty form.
  if (document.getElementById("results")) {
    addEventListener("pagehide", () => document.body.replaceChildren());
    addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  }
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
