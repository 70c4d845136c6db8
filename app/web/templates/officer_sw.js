"use strict";
// Keeps the saved list of /officer/ and the files it needs. The network is asked first, and no answer to a question is kept.
const CACHE = "officer-{{ version }}";
const KEPT = {{ kept | tojson }};
const WAIT_MS = 4000;
const REFRESH_MS = 10 * 60 * 1000;
let refreshed = 0;

const keep = async () => {
  const cache = await caches.open(CACHE);
  await cache.addAll(KEPT.map((path) => new Request(path, { cache: "reload", credentials: "omit" })));
  refreshed = Date.now();
};

self.addEventListener("install", (event) => {
  event.waitUntil(keep().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name !== CACHE) await caches.delete(name);
    await self.clients.claim();
  })());
});

// What stands in front of a service that is down answers with a page of its own, which has no number on it.
const isOurs = (answer) => answer.status < 500 || answer.headers.has("X-Request-Id");

const withinTime = async (request) => {
  const control = new AbortController();
  const timer = setTimeout(() => control.abort(), WAIT_MS);
  try {
    const answer = await fetch(request, { signal: control.signal });
    if (!isOurs(answer)) throw new Error("not of this service");
    return answer;
  } finally {
    clearTimeout(timer);
  }
};

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const path = new URL(request.url).pathname;
  // A form that changes something goes without the worker. What a worker fetches is sent as from our own page and with the
  // cookie, whoever's form it was; and one that is broken off here would use up a link, or pass the saved list for a sign-out.
  // The page after a sign-out would have the saved list kept anew.
  const asks = (request.method === "GET" && path !== "/officer/left") || path === "/officer/";
  if (request.mode === "navigate" && asks) {
    event.respondWith((async () => {
      try {
        const answer = await withinTime(request);
        if (answer.ok && Date.now() - refreshed > REFRESH_MS) event.waitUntil(keep().catch(() => {}));
        return answer;
      } catch {
        return (await caches.match("/officer/offline")) || Response.error();
      }
    })());
  } else if (request.method === "GET" && KEPT.includes(path)) {
    event.respondWith(withinTime(request).catch(async () => (await caches.match(path)) || Response.error()));
  }
});
