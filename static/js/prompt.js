// Which symbol to ask for next. Pure.

/**
 * Return the label of which there are fewest, ties at random, never the same twice in a row (unless there is only one).
 *
 * @param {string[]} labels
 * @param {Object<string, number>} counts  accepted samples by label; a missing label has none
 * @param {string|null} last  the label asked for before
 * @param {() => number} random  0 <= random() < 1
 */
export function nextLabel(labels, counts, last, random = Math.random) {
  const others = labels.filter((label) => label !== last);
  const open = others.length ? others : labels;
  const fewest = Math.min(...open.map((label) => counts[label] ?? 0));
  const rarest = open.filter((label) => (counts[label] ?? 0) === fewest);
  return rarest[Math.floor(random() * rarest.length)];
}
