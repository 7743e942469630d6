// Shows how many drawings are collected and how many are missing. Idempotent.

/** Show in `element` how many drawings are missing: `ready` as readiness.js returns it, for a set of `all` labels. */
export function showReadiness(element, { drawings, done, progress }, all, t) {
  const text = drawings ? t("readiness.missing", { count: t.number(drawings), done, all }) : t("readiness.complete");
  showProgress(element, progress, text);
}

/** Show in `element` how much of the owner's `goal` is reached: `reached` as readiness.js returns it, for a set of `all` labels. */
export function showGoal(element, { drawings, wanted, done, progress }, { goal, all }, t) {
  const figures = { goal: t.number(goal), count: t.number(drawings), wanted: t.number(wanted), done, all };
  showProgress(element, progress, t("goal.reached", figures));
}

function showProgress(element, progress, text) {
  const line = element.querySelector("p");
  element.querySelector("meter").value = progress;
  if (line.textContent.trim() !== text) line.textContent = text; // a screen reader reads every change aloud
}

/**
 * Show in each of `rows`, one for each label, the accepted drawings in `counts`: of the owner's `goal` where there is one,
 * else how many of the `needed` drawings are there.
 */
export function showCounts(rows, { counts, missing, needed, goal }, t) {
  const largest = Math.max(1, needed, ...Object.values(counts)); // a bar is full at what a network needs, not at three drawings
  for (const row of rows) {
    const { label } = row.dataset;
    const count = counts[label] ?? 0;
    const left = missing[label] ?? 0;
    const value = row.querySelector("meter");
    const text = row.querySelector("span");
    if (goal) {
      value.value = Math.min(1, count / goal);
      text.textContent = t("goal.of", { count: t.number(count), goal: t.number(goal) });
    } else {
      value.value = left ? 1 - left / needed : count / largest;
      text.textContent = left ? `${t.number(needed - left)} / ${t.number(needed)}` : t.number(count);
    }
  }
}
