"use strict";
// Steppers, and the key of a link into the form. Nothing is stored.

// A key is taken out of the address whatever page it meets; "#s-…" leads to a service, and is none.
const take = () => {
  if (!location.hash.startsWith("#ssd_")) return;
  const key = document.getElementById("key");
  if (key) key.value = location.hash.slice(1);
  history.replaceState(null, "", location.pathname);
  document.getElementById(key ? "from-link" : "not-used").hidden = false;
};
take();
// The link again, while the page is open: the browser does not load it anew.
window.addEventListener("hashchange", take);

for (const button of document.querySelectorAll("button[data-step]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const field = document.getElementById(button.dataset.for);
    const now = field.value === "" ? 0 : Number(field.value);
    field.value = String(Math.min(10000, Math.max(0, now + Number(button.dataset.step))));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

// "Full" says that none is free: the number that was told last does not stand against it, and the form says so.
for (const choice of document.querySelectorAll("input[data-nobody-taken]")) {
  choice.addEventListener("change", () => {
    const field = document.getElementById(choice.dataset.nobodyTaken);
    if (!(Number(field.value) > 0)) return;
    field.value = "0";
    document.querySelector(`[data-note="${field.id}"]`).textContent = "“Free now” is 0: with this status nobody is taken.";
  });
}
