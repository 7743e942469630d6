// Shows how many drawings are collected and how many are missing. Idempotent.

/** Show in `element` how many drawings are missing: `ready` as readiness.js returns it, for a set of `all` labels. */
export function showReadiness(element, { drawings, done, progress }, all, t) {
  const line = element.querySelector("p");
  const text = drawings ? t("readiness.missing", { count: t.number(drawings), done, all }) : t("readiness.complete");
  element.querySelector("meter").value = progress;
  if (line.textContent.trim() !== text) line.textContent = text; // a screen reader reads every change aloud
}

/** Show in each of `rows`, one for each label, the accepted drawings in `counts`, or how many of the `needed` drawings are there. */
export function showCounts(rows, { counts, missing, needed }, t) {
  const largest = Math.max(1, needed, ...Object.values(counts)); // a bar is full at what a network needs, not at three drawings
  for (const row of rows) {
    const { label } = row.dataset;
    const count = counts[label] ?? 0;
    const left = missing[label] ?? 0;
    row.querySelector("meter").value = left ? 1 - left / needed : count / largest;
    row.querySelector("span").textContent = left ? `${t.number(needed - left)} / ${t.number(needed)}` : t.number(count);
  }
}
