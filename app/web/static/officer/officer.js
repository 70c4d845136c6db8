"use strict";
// What the page can do beyond plain forms. Nothing is stored: no question, no answer, no place.

// What was asked a browser keeps, on disk too, to send it again after "Back" or when it is opened anew. Of an address alone there
// is nothing to send.
history.replaceState(null, "", location.href);
// Nor is an answer kept as it stands to come back to, when the phone has been signed out meanwhile or what it says is over.
if (document.getElementById("results")) {
  addEventListener("pagehide", () => document.body.replaceChildren());
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
}

if ("serviceWorker" in navigator) {
  navigator.serviceWorker.register("/officer/sw.js", { scope: "/officer/" }).catch(() => {});
}

// Why an outcome was not kept: whoever is told "no answer" goes on tapping on a phone that is enrolled no more.
const refusal = (status) => {
  if (status === 403) {
    const again = document.createElement("a");
    again.href = "/officer/enrol";
    again.textContent = "Enrol it again";
    return ["Not saved: this phone is not enrolled any more. ", again, "."];
  }
  if (status === 404) return ["Not saved: this service is not in the directory any more."];
  if (status === 429) return ["Not saved: too many tries. Wait a minute and try again."];
  return ["Not saved: the directory cannot save just now. Try again."];
};

// One tap after a call, without leaving the answer.
for (const form of document.querySelectorAll("form.tap")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const said = form.querySelector("[role=status]");
    said.textContent = "Sending …";
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        headers: { "Content-Type": "application/x-www-form-urlencoded", Accept: "application/json" },
        body: new URLSearchParams({ outcome: event.submitter.value }),
        cache: "no-store",
      });
      if (!answer.ok) {
        said.replaceChildren(...refusal(answer.status));
        return;
      }
      const { calls } = await answer.json();
      said.textContent = ["Noted.", ...calls.in_words].join(" ");
    } catch {
      said.textContent = "Not noted: no answer from the directory. Try again.";
    }
  });
}

// The code of a one-time link stands behind "#" and is taken out of the address at once.
const code = document.getElementById("code");
const take = () => {
  if (!code || location.hash.length < 2) return;
  code.value = decodeURIComponent(location.hash.slice(1));
  history.replaceState(null, "", location.pathname);
};
take();
// The link again, while the page is open: the browser does not load it anew.
window.addEventListener("hashchange", take);

// The saved list: how old it is, and choosing from it.
const pack = document.getElementById("pack");
if (pack) {
  const old = document.getElementById("old");
  // By a clock that stands an hour or more before the list was made, nobody knows how old it is.
  const HOUR_MS = 60 * 60 * 1000;
  const tell = () => {
    const now = Date.now();
    old.hidden = now > Date.parse(pack.dataset.made) - HOUR_MS && now < Date.parse(pack.dataset.until);
  };
  tell();
  setInterval(tell, 60000);
  const age = document.getElementById("age");
  const area = document.getElementById("area");
  const need = document.getElementById("need");
  const count = document.getElementById("count");
  const calls = document.getElementById("child-card");
  const choose = () => {
    let shown = 0;
    if (calls) calls.hidden = age.value === "adult";
    for (const call of pack.querySelectorAll("[data-called]")) {
      call.hidden = Boolean(area.value) && !call.dataset.called.split(" ").includes(area.value);
    }
    for (const card of pack.querySelectorAll("[data-areas]")) {
      const fits = (!area.value || card.dataset.areas.split(" ").includes(area.value))
        && (!need.value || card.dataset.needs.split(" ").includes(need.value))
        && !(age.value === "child" && "sheltering" in card.dataset);
      card.hidden = !fits;
      shown += fits ? 1 : 0;
    }
    count.textContent = `${shown} in the saved list`;
  };
  for (const list of [age, area, need]) list.addEventListener("change", choose);
  // A browser puts back what was chosen, and says so to nobody: on a way back, or when the page is loaded again.
  window.addEventListener("pageshow", () => {
    choose();
    tell();
  });
}
