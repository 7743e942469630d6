// The owner's pages: parts that refresh themselves, and buttons that copy. Without this script all of them work by loading again.

import { pageAt } from "../api.js";

const SLOWEST = 30; // seconds between two tries while the server does not answer

/** Load the page again and show its newer parts. An unchanged part stays; in a changed one, the focus stays at the same id. */
async function refresh() {
  const fresh = await pageAt(location.href);
  for (const part of document.querySelectorAll("[data-live]")) {
    const newer = fresh.getElementById(part.id);
    if (!newer || newer.outerHTML === part.outerHTML) continue;
    const focused = part.contains(document.activeElement) ? document.activeElement.id : "";
    part.replaceWith(newer);
    if (focused) (document.getElementById(focused) ?? document.getElementById("main")).focus();
  }
  document.dispatchEvent(new Event("refreshed"));
}

async function keepFresh(wait) {
  const parts = [...document.querySelectorAll("[data-live]")];
  if (!parts.length) return;
  const seconds = wait ?? Math.min(...parts.map(({ dataset }) => Number(dataset.live)));
  await new Promise((resolve) => { setTimeout(resolve, 1000 * seconds); });
  if (document.hidden) await new Promise((resolve) => { document.addEventListener("visibilitychange", resolve, { once: true }); });
  const failed = await refresh().then(() => false, () => true);
  keepFresh(failed ? Math.min(2 * seconds, SLOWEST) : undefined);
}

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.textContent = button.dataset.done;
  });
}

document.getElementById("token-text")?.focus();
keepFresh();
