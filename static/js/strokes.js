// A drawing as a value: strokes of points [x, y, t, pressure?], x and y in 0..SIDE, t in ms since the first point.
// Pure: every function returns a new drawing and leaves the old one as it was.

export const SIDE = 280;
export const MOST_STROKES = 200; // what the API takes
export const MOST_POINTS = 10000;
const NEAR = 0.6; // units; points closer together than this say nothing that a pen 12 units wide could show

export const EMPTY = Object.freeze({ strokes: Object.freeze([]), pointer: null });

export function isEmpty(drawing) {
  return drawing.strokes.length === 0;
}

export function countPoints(drawing) {
  return drawing.strokes.reduce((sum, stroke) => sum + stroke.length, 0);
}

export function isFull(drawing) {
  return countPoints(drawing) >= MOST_POINTS;
}

/** Return the time of the last point, 0 for an empty drawing. */
export function lastTime(drawing) {
  return drawing.strokes.at(-1)?.at(-1)[2] ?? 0;
}

/** Put the pen down. A drawing that can hold no more strokes is returned as it is. */
export function begin(drawing, point, pointer) {
  if (drawing.strokes.length >= MOST_STROKES || isFull(drawing)) return drawing;
  return { strokes: [...drawing.strokes, [tidy(point)]], pointer };
}

/** Move the pen. Points that say nothing new, and those beyond the limit, are left out. */
export function extend(drawing, points) {
  const last = drawing.strokes.at(-1);
  const stroke = [...last];
  let room = MOST_POINTS - countPoints(drawing);
  for (const point of points) {
    const [x, y] = stroke.at(-1);
    if (room > 0 && Math.hypot(point[0] - x, point[1] - y) >= NEAR) {
      stroke.push(tidy(point));
      room -= 1;
    }
  }
  return stroke.length === last.length ? drawing : { ...drawing, strokes: [...drawing.strokes.slice(0, -1), stroke] };
}

/** Take the last stroke away. */
export function undo(drawing) {
  return drawing.strokes.length < 2 ? EMPTY : { ...drawing, strokes: drawing.strokes.slice(0, -1) };
}

/** Return the drawing as the API takes it. */
export function toBody(drawing) {
  return { strokes: drawing.strokes, width: SIDE, height: SIDE, ...(drawing.pointer && { pointer: drawing.pointer }) };
}

// A captured pen may leave the pad; the API takes points up to one pad's side away.
function tidy([x, y, t, pressure]) {
  const point = [round(clamp(x, -SIDE, 2 * SIDE), 2), round(clamp(y, -SIDE, 2 * SIDE), 2), Math.max(0, Math.round(t))];
  return pressure === undefined ? point : [...point, round(clamp(pressure, 0, 1), 3)];
}

function clamp(value, low, high) {
  return Math.min(high, Math.max(low, value));
}

function round(value, digits) {
  return Number(value.toFixed(digits));
}
