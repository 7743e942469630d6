// The page of a symbol set without a model: it counts the missing drawings, and reloads when a network answers.

import { Api } from "./api.js";
import { showReadiness } from "./collected.js";
import { page, t } from "./page.js";
import { readiness } from "./readiness.js";

const POLL = 15000; // ms; other people may be drawing, but a training run takes longer than that
const api = new Api(page.api);
let first = null; // accepted drawings by label when the page was opened

async function poll() {
  if (document.hidden) return;
  try {
    const { counts, live } = (await api.sets()).find(({ name }) => name === page.set);
    if (Object.keys(live).length) location.reload();
    first ??= counts;
    update(Object.fromEntries(page.labels.map((label) => [label, counts[label] - first[label]])));
  } catch {
    // No connection: the next poll may succeed.
  }
}

function update(added) {
  showReadiness(document.querySelector("#readiness"), readiness(page.readiness, added), page.readiness.labels.length, t);
}

poll();
setInterval(poll, POLL);
document.addEventListener("visibilitychange", poll);
