// A drawing as a value: strokes of points [x, y, t, pressure?]; y is 0..PAD_SIZE, t is in ms since the first point. x is
// 0..PAD_SIZE too, or 0..width where the drawing has a `width`, because its pad is wide. A drawing that came as a picture has no
// strokes, but a `picture`, a PNG as a data: address, and its `size`, [width, height] in pixels.
// Pure: every function returns a new drawing and leaves the old drawing unchanged.

export const PAD_SIZE = 280; // units
const MAX_STROKES = 200; // the API refuses more
const MAX_POINTS = 10000; // the API refuses more
const DOT_SIZE = 24; // units: a palm rolls a little
const MIN_DISTANCE = 0.6; // units between two points; closer points make no visible difference with a pen 12 units wide

export const EMPTY = Object.freeze({ strokes: Object.freeze([]), pointer: null });

export function isEmpty(drawing) {
  return drawing.strokes.length === 0 && !drawing.picture;
}

/** Return the drawing that a picture is, a PNG as a data: address. A stroke on it begins another drawing. */
export function ofPicture(picture, size = null) {
  return { strokes: [], pointer: null, picture, ...(size && { size }) };
}

/** Return where a picture of `size` lies in the middle of a pad of `width`: {left, top} in units, and `scale`, the units of a pixel. */
export function placeOfPicture([wide, high], width = PAD_SIZE) {
  const scale = Math.min(width / wide, PAD_SIZE / high);
  return { left: (width - wide * scale) / 2, top: (PAD_SIZE - high * scale) / 2, scale };
}

export function countPoints(drawing) {
  return drawing.strokes.reduce((sum, stroke) => sum + stroke.length, 0);
}

export function isFull(drawing) {
  return countPoints(drawing) >= MAX_POINTS;
}

/** Return the time of the last point, 0 for an empty drawing. */
export function lastTime(drawing) {
  return drawing.strokes.at(-1)?.at(-1)[2] ?? 0;
}

/** Begin a stroke at `point` on a pad of `width`. Return the same drawing when it can hold no more strokes. */
export function begin(drawing, point, pointer, width = PAD_SIZE) {
  if (drawing.strokes.length >= MAX_STROKES || isFull(drawing)) return drawing;
  const wide = Math.max(width, drawing.width ?? 0);
  return { strokes: [...drawing.strokes, [rounded(point, wide)]], pointer, ...(wide !== PAD_SIZE && { width: wide }) };
}

/** Extend the last stroke by `points`, without points that are too close together or beyond the limit. */
export function extend(drawing, points) {
  const last = drawing.strokes.at(-1);
  const stroke = [...last];
  let free = MAX_POINTS - countPoints(drawing);
  for (const point of points) {
    const [x, y] = stroke.at(-1);
    if (free > 0 && Math.hypot(point[0] - x, point[1] - y) >= MIN_DISTANCE) {
      stroke.push(rounded(point, drawing.width));
      free -= 1;
    }
  }
  return stroke.length === last.length ? drawing : { ...drawing, strokes: [...drawing.strokes.slice(0, -1), stroke] };
}

/** Return the drawing without the strokes of which `unwanted(stroke)` is true. */
export function without(drawing, unwanted) {
  const strokes = drawing.strokes.filter((stroke) => !unwanted(stroke));
  if (strokes.length === drawing.strokes.length) return drawing;
  return strokes.length ? { ...drawing, strokes } : EMPTY;
}

/** Return whether a stroke is hardly longer than a point. */
export function isDot(stroke) {
  const spread = (axis) => Math.max(...stroke.map((point) => point[axis])) - Math.min(...stroke.map((point) => point[axis]));
  return spread(0) < DOT_SIZE && spread(1) < DOT_SIZE;
}

/** Return the drawing as the body of an API request. */
export function toBody(drawing) {
  if (drawing.picture) return { image: drawing.picture };
  return { strokes: drawing.strokes, width: drawing.width ?? PAD_SIZE, height: PAD_SIZE, ...(drawing.pointer && { pointer: drawing.pointer }) };
}

/** Return whether two drawings are the same to the API, also where one of them comes from a browser's storage. */
export function isSame(one, other) {
  return JSON.stringify(toBody(one)) === JSON.stringify(toBody(other));
}

/** Return the drawing of such a body. */
export function fromBody({ strokes, pointer = null, image }) {
  return image ? ofPicture(image) : { strokes, pointer };
}

// A captured pen may leave the pad. The API takes points up to one pad's width outside.
function rounded([x, y, t, pressure], width = PAD_SIZE) {
  const point = [round(clamp(x, -width, 2 * width), 2), round(clamp(y, -PAD_SIZE, 2 * PAD_SIZE), 2), Math.max(0, Math.round(t))];
  return pressure === undefined ? point : [...point, round(clamp(pressure, 0, 1), 3)];
}

function clamp(value, low, high) {
  return Math.min(high, Math.max(low, value));
}

function round(value, digits) {
  return Number(value.toFixed(digits));
}
