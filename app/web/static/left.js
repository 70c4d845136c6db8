"use strict";
// Where a browser does not clear what was kept when the answer says so (Safari before 17), the page that says that it is gone does it.
(async () => {
  const workers = navigator.serviceWorker ? await navigator.serviceWorker.getRegistrations() : [];
  await Promise.all(workers.map((one) => one.unregister()));
  const kept = window.caches ? await caches.keys() : [];
  await Promise.all(kept.map((name) => caches.delete(name)));
})();
