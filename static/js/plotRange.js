// The part of a chart that is shown, as [begin, end] of its places. Pure.

const EDGE = 0.02; // of the whole, so that no point lies on the edge

/** Return the whole: from the first place to the last of `at`, and a little more. */
export function wholeRange(at) {
  const first = at[0];
  const last = at[at.length - 1];
  const edge = (last - first || 1) * EDGE;
  return [first - edge, last + edge];
}

/** Return a range that lies in the whole and is no smaller than `least`. */
export function clampedRange([begin, end], whole, least) {
  const size = Math.min(Math.max(end - begin, least), whole[1] - whole[0]);
  const centre = (begin + end) / 2;
  const from = Math.min(Math.max(centre - size / 2, whole[0]), whole[1] - size);
  return [from, from + size];
}

/** Return the range that shows `factor` times as much, with `around` where it was. */
export function scaledRange([begin, end], factor, around) {
  const fixed = Math.min(Math.max(around, begin), end);
  return [fixed - (fixed - begin) * factor, fixed + (end - fixed) * factor];
}

/** Return the range moved as little as needed to contain a place. */
export function rangeAround([begin, end], place) {
  const edge = (end - begin) * EDGE;
  const by = Math.min(place - begin - edge, 0) + Math.max(place - end + edge, 0);
  return [begin + by, end + by];
}

/** Return the smallest range that a zoom may reach: twice the smallest distance of two neighbours, and a part of the whole. */
export function leastRange(at) {
  const whole = at[at.length - 1] - at[0];
  const gaps = at.slice(1).map((place, number) => place - at[number]).filter((gap) => gap > 0);
  return Math.max(2 * Math.min(...gaps, whole || 1), whole / 1000);
}

/** Return the number of the place of `at` that is nearest to `place`. */
export function nearestPlace(at, place) {
  return at.reduce((best, one, number) => (Math.abs(one - place) < Math.abs(at[best] - place) ? number : best), 0);
}
