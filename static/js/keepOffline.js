// Registers the service worker, and lets it keep the pages that this page links to and that work without a connection. What is kept is
// fetched once the page stands still: a first visit is for the page alone, and whoever leaves at once has loaded nothing else.

const REST = 1500; // ms after all of the page is there
const root = new URL("../../", import.meta.url).pathname; // above static/js

async function keepOffline() {
  if (!navigator.serviceWorker.controller) await atRest();
  await navigator.serviceWorker.register(`${root}service-worker.js`, { updateViaCache: "none" });
  const { active } = await navigator.serviceWorker.ready;
  const links = [...document.querySelectorAll(".site-nav a, .sets a, .sets-menu a")].map(({ pathname }) => pathname);
  active.postMessage({ pages: [...new Set([location.pathname, ...links])] });
}

async function atRest() {
  if (document.readyState !== "complete") await new Promise((resolve) => { addEventListener("load", resolve, { once: true }); });
  await new Promise((resolve) => { setTimeout(resolve, REST); });
  await new Promise((resolve) => { (globalThis.requestIdleCallback ?? setTimeout)(resolve); });
}

// Without https there is none; a browser may forbid it. Then the pages need a connection, as before.
if (navigator.serviceWorker) keepOffline().catch(() => {});
