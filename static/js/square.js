// From a drawing to the square that the networks see, as the server makes it (functions/domain/drawing/normalise.py): the longest
// side with its pen fills 20 of 28 pixels, the pen is 2.6 pixels wide, and the centre of mass lies in the middle pixel. Pure.
// No canvas is asked: browsers that protect their users from recognition return its pixels with noise.

import { coverage } from "./coverage.js";
import { penOutline } from "./penOutline.js";
import { PAD_SIZE } from "./strokes.js";

const SIDE = 28; // pixels of the square
const FINE = 4; // it is drawn so many times as fine, then averaged
const FINE_SIDE = SIDE * FINE;
const BOX = 20; // pixels that the longest side fills, pen included
const PEN = 2.6; // pixels
const CENTRE_OF_MASS = 14.5; // pixels
const DOT = 1e-3; // fine pixels: a dot is drawn as a line of this length
const SMALLEST_EXTENT = PAD_SIZE / 25; // a smaller drawing is enlarged as if it were that large: a dot stays a dot
const POINT_SPACING = PAD_SIZE / 560; // between points that are worth drawing

/** Return the square, a Float32Array of 784 numbers 0..1, row by row; null where nothing lies on the pad. */
export function squareOf({ strokes }) {
  const lines = joined(strokes.flatMap((stroke) => clipped(segmentsOf(thinnedOut(stroke)))));
  if (!lines.length) return null;
  const [low, high] = box(lines);
  const size = [high[0] - low[0], high[1] - low[1]];
  const scale = (BOX - PEN) / Math.max(...size, SMALLEST_EXTENT);
  const placed = lines.map((line) => line.map((point) => point.map((value, axis) => (value - (low[axis] + high[axis]) / 2) * scale * FINE)));
  for (const line of placed) line.at(-1)[0] += DOT;
  const middle = FINE_SIDE / 2;
  const mass = centreOfMass(drawn(placed, [middle, middle]));
  return averaged(drawn(placed, mass.map((centre, axis) => {
    const room = Math.max(SIDE / 2 - ((size[axis] * scale) / 2 + PEN / 2), 0) * FINE; // the box never leaves the square
    return middle + Math.min(room, Math.max(-room, CENTRE_OF_MASS * FINE - centre));
  })));
}

/** Keep the two ends of a line and one point for each POINT_SPACING of its length. */
function thinnedOut(points) {
  let length = 0;
  let bin = 0;
  return points.filter(([x, y], i) => {
    if (i === 0) return true;
    length += Math.hypot(x - points[i - 1][0], y - points[i - 1][1]);
    const before = bin;
    bin = Math.floor(length / POINT_SPACING);
    return bin !== before || i === points.length - 1;
  });
}

/** Return the segments [x0, y0, x1, y1] that join points; one point alone is a segment of no length. */
function segmentsOf(points) {
  const [[x, y]] = points;
  if (points.length === 1) return [[x, y, x, y]];
  return points.slice(1).map((point, i) => [points[i][0], points[i][1], point[0], point[1]]);
}

/** Cut away what lies outside the pad (Liang and Barsky 1984). */
function clipped(segments) {
  return segments.flatMap((segment) => {
    const [x0, y0, x1, y1] = segment;
    const [dx, dy] = [x1 - x0, y1 - y0];
    let [first, last] = [0, 1];
    for (const [towards, room] of [[-dx, x0], [dx, PAD_SIZE - x0], [-dy, y0], [dy, PAD_SIZE - y0]]) {
      if (towards === 0 && room < 0) return [];
      if (towards < 0) first = Math.max(first, room / towards);
      if (towards > 0) last = Math.min(last, room / towards);
    }
    if (first > last) return [];
    return [first === 0 && last === 1 ? segment : [x0 + first * dx, y0 + first * dy, x0 + last * dx, y0 + last * dy]];
  });
}

/** Join segments to lines: a new line begins where a segment does not start at the end of the one before. */
function joined(segments) {
  const lines = [];
  for (const [x0, y0, x1, y1] of segments) {
    const [x, y] = lines.at(-1)?.at(-1) ?? [];
    if (x === x0 && y === y0) lines.at(-1).push([x1, y1]);
    else lines.push([[x0, y0], [x1, y1]]);
  }
  return lines;
}

function box(lines) {
  const points = lines.flat();
  return [Math.min, Math.max].map((best) => [0, 1].map((axis) => points.reduce((found, point) => best(found, point[axis]), points[0][axis])));
}

/** Draw lines with the round pen on fine paper, moved by `at` (x, y). */
function drawn(lines, at) {
  const moved = lines.map((line) => line.map(([x, y]) => [x + at[0], y + at[1]]));
  return coverage(moved.map((line) => penOutline(line, (PEN * FINE) / 2)), FINE_SIDE);
}

function centreOfMass(paper) {
  let [sum, x, y] = [0, 0, 0];
  paper.forEach((ink, place) => {
    sum += ink;
    x += ink * ((place % FINE_SIDE) + 0.5);
    y += ink * (Math.floor(place / FINE_SIDE) + 0.5);
  });
  return [x / sum, y / sum];
}

/** Return the mean of each block of FINE x FINE pixels, rounded to one of 256 greys. */
function averaged(paper) {
  const sums = new Uint32Array(SIDE * SIDE);
  paper.forEach((ink, place) => {
    const [row, column] = [Math.floor(place / FINE_SIDE), place % FINE_SIDE];
    sums[Math.floor(row / FINE) * SIDE + Math.floor(column / FINE)] += ink;
  });
  return Float32Array.from(sums, (sum) => Math.round(sum / (FINE * FINE)) / 255);
}
