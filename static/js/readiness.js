// How many drawings are missing until the networks can learn every label of a set, and until the owner's goal. Pure.

/**
 * Return the readiness of a set whose page says {labels, missing, needed}, after `added` drawings of each label:
 * {missing, drawings, done, progress}. `missing` is by label, `done` counts complete labels, `progress` is 0..1.
 */
export function readiness({ labels, missing, needed }, added) {
  const missingOf = (label) => (missing[label] ? Math.min(needed, Math.max(0, missing[label] - (added[label] ?? 0))) : 0);
  const left = Object.fromEntries(labels.map((label) => [label, missingOf(label)]));
  const drawings = Object.values(left).reduce((sum, count) => sum + count, 0);
  const done = labels.filter((label) => left[label] === 0).length;
  return { missing: left, drawings, done, progress: labels.length ? 1 - drawings / (needed * labels.length) : 1 };
}

/**
 * Return how far the `labels` are with `counts` of drawings to the owner's `goal` of drawings of each label, at least 1:
 * {drawings, wanted, done, progress}. Drawings above the goal do not count; `done` counts complete labels.
 */
export function goalProgress(labels, counts, goal) {
  const towards = labels.map((label) => Math.min(goal, counts[label] ?? 0));
  const drawings = towards.reduce((sum, count) => sum + count, 0);
  const wanted = goal * labels.length;
  return { drawings, wanted, done: towards.filter((count) => count === goal).length, progress: drawings / wanted };
}
