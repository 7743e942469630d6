// The strokes of a drawing in time, for its replay. Pure.

const LONGEST_PAUSE = 600; // ms between two points; longer pauses are shortened to it
const STEP = 12; // ms between two points without times
const BETWEEN = 250; // ms between two strokes without times

/**
 * Return {strokes, end}: `strokes` of points [x, y, t] with t in ms from the beginning of the replay, `end` the last t.
 * `strokes` are those of the API, whose points may lack their time; `width` and `height` are the canvas, `size` the frame.
 */
export function timeline({ strokes, width, height }, size) {
  const scale = size / Math.max(width, height);
  const [left, top] = [(size - width * scale) / 2, (size - height * scale) / 2];
  const timed = strokes.every((stroke) => stroke.every((point) => Number.isFinite(point[2]))) && strokes.some((stroke) => stroke.some((point) => point[2] > 0));
  let at = 0;
  let before = null;
  const found = strokes.map((stroke) => stroke.map(([x, y, t], place) => {
    if (before !== null) at += timed ? Math.min(LONGEST_PAUSE, Math.max(0, t - before)) : place === 0 ? BETWEEN : STEP;
    before = timed ? t : 0;
    return [round(left + x * scale), round(top + y * scale), at];
  }));
  return { strokes: found, end: at };
}

/** Return the strokes as far as they were drawn at the moment `t`. */
export function drawnAt(strokes, t) {
  return strokes.map((stroke) => stroke.filter((point) => point[2] <= t)).filter((stroke) => stroke.length);
}

/** Return the moment at which the stroke ends that is being drawn just after `t`. */
export function nextStrokeEnd(strokes, t) {
  return strokes.map((stroke) => stroke.at(-1)?.[2] ?? 0).find((end) => end > t) ?? strokes.at(-1)?.at(-1)?.[2] ?? 0;
}

function round(value) {
  return Number(value.toFixed(2));
}
