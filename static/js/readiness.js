// How many drawings are missing until everything can be learned, kept right while they are made. Pure.

/**
 * Return `lacking` {labels, missing, needed} of the page as it is after `added` drawings of each label were saved:
 * {missing, drawings, done, progress}, where `missing` is by label and `progress` 0..1.
 */
export function stillLacking({ labels, missing, needed }, added) {
  const still = (label) => (missing[label] ? Math.min(needed, Math.max(0, missing[label] - (added[label] ?? 0))) : 0);
  const left = Object.fromEntries(labels.map((label) => [label, still(label)]));
  const drawings = Object.values(left).reduce((sum, one) => sum + one, 0);
  const done = labels.filter((label) => left[label] === 0).length;
  return { missing: left, drawings, done, progress: labels.length ? 1 - drawings / (needed * labels.length) : 1 };
}
