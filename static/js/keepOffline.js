// Registers the service worker, and lets it keep the pages that this page links to and that work without a connection.

const root = new URL("../../", import.meta.url).pathname; // above static/js

async function keepOffline() {
  await navigator.serviceWorker.register(`${root}service-worker.js`, { updateViaCache: "none" });
  const { active } = await navigator.serviceWorker.ready;
  const links = [...document.querySelectorAll(".site-nav a, .sets a, .sets-menu a")].map(({ pathname }) => pathname);
  active.postMessage({ pages: [...new Set([location.pathname, ...links])] });
}

// Without https there is none; a browser may forbid it. Then the pages need a connection, as before.
if (navigator.serviceWorker) keepOffline().catch(() => {});
