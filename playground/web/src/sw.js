// The build writes `version` and `files` above this line.
const name = `playground-${version}`;
const kept = new Set(files.map((file) => new URL(file, self.location).href));

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(caches.open(name).then((cache) => cache.addAll(files)));
});

self.addEventListener("activate", (event) => {
  const clean = async () => {
    // (Other caches are the runtime's.)
    const old = (await caches.keys()).filter((key) => key.startsWith("playground-") && key !== name);
    await Promise.all(old.map((key) => caches.delete(key)));
    await self.clients.claim();
  };
  event.waitUntil(clean());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  // The page itself is asked for anew where there is a network, so that a new build shows.
  if (request.mode === "navigate") event.respondWith(fetch(request).catch(() => find("./")));
  else if (kept.has(request.url)) event.respondWith(find(request).then((response) => response ?? fetch(request)));
});

async function find(request) {
  return await (await caches.open(name)).match(request);
}
