// The page of a set that has learned nothing yet: what is missing is kept right, and once a network answers, the pad is shown.

import { Api } from "./api.js";
import { stillLacking } from "./readiness.js";
import { page, t } from "./page.js";

const EVERY = 15000; // ms; people elsewhere may be drawing just now, but a lesson takes longer than that
const api = new Api(page.api);
let first = null; // the counts when the page was opened

async function look() {
  if (document.hidden) return;
  try {
    const { counts, live } = (await api.sets()).find(({ name }) => name === page.set);
    if (Object.keys(live).length) location.reload();
    first ??= counts;
    update(Object.fromEntries(page.labels.map((label) => [label, counts[label] - first[label]])));
  } catch {
    // No connection just now: the next look finds it.
  }
}

function update(added) {
  const { drawings, done, progress } = stillLacking(page.lacking, added);
  const count = new Intl.NumberFormat(page.language).format(drawings);
  const said = drawings ? t("missing.some", { count, done, all: page.lacking.labels.length }) : t("missing.none");
  const line = document.querySelector("#missing p");
  document.querySelector("#missing meter").value = progress;
  if (line.textContent.trim() !== said) line.textContent = said;
}

look();
setInterval(look, EVERY);
document.addEventListener("visibilitychange", look);
