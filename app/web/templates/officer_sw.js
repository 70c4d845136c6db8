"use strict";
// Keeps the saved list of /officer/ and the files it needs. The network is asked first, and no answer to a question is kept.
const CACHE = "officer-{{ version }}";
const KEPT = {{ kept | tojson }};
const WAIT_MS = 4000;
const REFRESH_MS = 10 * 60 * 1000;
let refreshed = 0;

// A network that wants a log-in first, or blocks the page, answers for us too, and with 200: in place of the saved list that
// would have no number on it.
const ofThisService = (answer) => answer.headers.has("X-Request-Id");

const keep = async () => {
  const found = await Promise.all(KEPT.map(async (path) => {
    const answer = await fetch(path, { cache: "reload", credentials: "omit" });
    if (!answer.ok || !ofThisService(answer)) throw new Error("not of this service");
    // Whole, or none of them is kept.
    return [path, new Response(await answer.blob(), { headers: answer.headers })];
  }));
  const cache = await caches.open(CACHE);
  await Promise.all(found.map(([path, answer]) => cache.put(path, answer)));
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

// What stands in front of a service that is down, or refuses it, answers with a page of its own, which has no number on it. One
// that asks for a log-in has to be seen.
const isOurs = (answer) => answer.status < 400 || ofThisService(answer);

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
