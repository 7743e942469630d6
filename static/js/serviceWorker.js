// Lets Recognise and Contribute work without a connection. With one, everything comes from the server as before, so a new release never
// meets an old file. The server writes RELEASE above this line: {id, root, files}.

const OWN = "inkloop-";
const KEPT = OWN + RELEASE.id; // the cache of this release: its files, and the pages that were visited
const NETWORKS = `${OWN}networks`; // networks never change, so their cache outlives a release
const PATIENCE = 4000; // ms; a phone's connection that gave nothing by then counts as away, if there is something to show
const PAGES = new RegExp(`^${RELEASE.root}/(?:(?:recognise|contribute)(?:/[^/]+)?)?$`);
const RUNTIME = `${RELEASE.root}/static/vendor/litert/`;
const LIVE = new RegExp(`^${RELEASE.root}/api/v1/sets/[^/]+/networks$`);
const ARTEFACT = new RegExp(`^${RELEASE.root}/api/v1/versions/[^/]+/artefact$`);

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("message", (event) => event.waitUntil(keepPages(event.data.pages)));
self.addEventListener("fetch", (event) => {
  const { method, mode, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (method !== "GET" || origin !== self.location.origin) return;
  if (mode === "navigate") event.respondWith(page(event.request, pathname));
  else if (ARTEFACT.test(pathname)) event.respondWith(network(event.request));
  else if (LIVE.test(pathname)) event.respondWith(newest(event.request, pathname, NETWORKS, (response) => response.ok));
  else if (pathname.startsWith(`${RELEASE.root}/static/`)) {
    event.respondWith(newest(event.request, pathname, KEPT, (response) => response.ok && pathname.startsWith(RUNTIME)));
  }
});

/** Keep all files of this release before it takes over, and fetch anew what an earlier release kept because somebody wanted it. */
async function install() {
  const kept = await caches.open(KEPT);
  // An address that names its content is right wherever it comes from, so what the page has loaded is not asked for again.
  await kept.addAll(RELEASE.files.map((url) => new Request(url, { cache: url.includes("?v=") ? "default" : "no-cache" })));
  const earlier = (await others()).map(async (name) => (await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname));
  const wanted = new Set((await Promise.all(earlier)).flat());
  await Promise.all([...wanted].filter((pathname) => pathname.startsWith(RUNTIME)).map((pathname) => kept.add(pathname).catch(() => {})));
  await keepPages([...wanted].filter((pathname) => PAGES.test(pathname)));
  await self.skipWaiting();
}

async function activate() {
  await Promise.all((await others()).map((name) => caches.delete(name)));
  await self.clients.claim();
}

/** Return the names of the caches of other releases. */
async function others() {
  return (await caches.keys()).filter((name) => name.startsWith(OWN) && name !== KEPT && name !== NETWORKS);
}

/** Keep pages that may be asked for without a connection, as this release makes them. */
async function keepPages(pathnames) {
  const kept = await caches.open(KEPT);
  await Promise.all(pathnames.filter((pathname) => PAGES.test(pathname)).map(async (pathname) => {
    // Nobody looks at these pages now: the server must not remember their set as the visitor's choice.
    const response = await fetch(pathname, { cache: "no-cache", headers: { "Inkloop-Ahead": "1" } }).catch(() => null);
    if (response && isOfThisRelease(response)) await kept.put(pathname, plain(response));
  }));
}

async function page(request, pathname) {
  const mayKeep = (response) => PAGES.test(pathname) && isOfThisRelease(response) && !response.redirected;
  try {
    return await newest(request, pathname, KEPT, mayKeep);
  } catch {
    return (await otherPage(pathname)) ?? caches.match(`${RELEASE.root}/offline`);
  }
}

/** Return a redirect from an address without a set to the page of a set that is kept, or undefined. */
async function otherPage(pathname) {
  const kept = (await (await caches.open(KEPT)).keys()).map(({ url }) => new URL(url).pathname);
  const kind = pathname === `${RELEASE.root}/contribute` ? "contribute" : "recognise";
  const found = kept.find((other) => other.startsWith(`${RELEASE.root}/${kind}/`));
  return found && PAGES.test(pathname) && pathname.split("/").length <= RELEASE.root.split("/").length + 1 ? Response.redirect(found) : undefined;
}

/** Return what the server sends; what is kept where it sends nothing in time. Throw where nothing is kept either. */
async function newest(request, key, cacheName, mayKeep) {
  const cache = await caches.open(cacheName);
  const kept = () => cache.match(key, { ignoreVary: true, ignoreSearch: true });
  const answer = fetch(request);
  try {
    const response = await Promise.race([answer, impatient(kept)]);
    if (response.status >= 500) return (await kept()) ?? response; // a gateway, without the app behind it
    if (mayKeep(response)) await cache.put(key, response.clone());
    return response;
  } catch (error) {
    answer.catch(() => {}); // what comes too late is not needed
    const found = await kept();
    if (!found) throw error;
    return found;
  }
}

/** Throw when the patience ends and something is kept. */
async function impatient(kept) {
  await new Promise((resolve) => { setTimeout(resolve, PATIENCE); });
  if (await kept()) throw new Error("The server is slow.");
  return new Promise(() => {});
}

/** Return a network: kept once it was loaded, as long as it is one of those that answer. */
async function network(request) {
  const cache = await caches.open(NETWORKS);
  const { pathname } = new URL(request.url);
  const kept = await cache.match(pathname, { ignoreVary: true });
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok) {
    await cache.put(pathname, response.clone());
    await dropReplaced(cache, pathname);
  }
  return response;
}

/** Drop the networks that no set answers with any more. */
async function dropReplaced(cache, added) {
  const kept = (await cache.keys()).map(({ url }) => new URL(url).pathname);
  const lists = await Promise.all(kept.filter((pathname) => LIVE.test(pathname)).map(async (pathname) => (await cache.match(pathname)).json()));
  const answering = lists.flatMap(({ networks }) => networks.map(({ version }) => `${RELEASE.root}/api/v1/versions/${version}/artefact`));
  if (!lists.length) return; // the first network may arrive before its list
  const replaced = kept.filter((pathname) => ARTEFACT.test(pathname) && pathname !== added && !answering.includes(pathname));
  await Promise.all(replaced.map((pathname) => cache.delete(pathname)));
}

function isOfThisRelease(response) {
  return response.ok && response.headers.get("Inkloop-Release") === RELEASE.id;
}

/** Return a response without the mark of a redirect, which a browser refuses as a page. */
function plain(response) {
  return new Response(response.body, { headers: response.headers });
}
