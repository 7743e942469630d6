// The outline of what a round pen draws, point by point as the server's rasteriser makes it: a port of math_stroke and vcgen_stroke of
// Anti-Grain Geometry 2.4, Copyright (C) 2002-2005 Maxim Shemanarev (http://www.antigrain.com). Permission to copy, use, modify, sell
// and distribute this software is granted provided this copyright notice appears in all copies. This software is provided "as is"
// without express or implied warranty, and with no claim as to its suitability for any purpose. Pure.

const ARC_ERROR = 0.125; // pixels by which the corners of an arc may miss it
const FLAT_JOIN = 1 / 1024; // of half a pen: a flatter corner is not rounded
const INNER_MITER_LIMIT = 1.01;

/** Return the outline [[x, y], ...] of a line of two or more points, drawn with a round pen that is 2 * `half` wide. */
export function penOutline(points, half) {
  const step = 2 * Math.acos(half / (half + ARC_ERROR));
  const line = points.filter((point, i) => i === 0 || distance(point, points[i - 1]) > 1e-14);
  const outline = [];
  const side = (way) => {
    cap(outline, way[0], way[1], half, step);
    for (let i = 1; i < way.length - 1; i += 1) join(outline, way[i - 1], way[i], way[i + 1], half, step);
  };
  side(line);
  side([...line].reverse());
  return outline;
}

function cap(outline, from, to, half, step) {
  const [dx, dy] = across(from, to, half);
  const corners = Math.floor(Math.PI / step);
  const turn = Math.PI / (corners + 1);
  const start = Math.atan2(dy, -dx);
  outline.push([from[0] - dx, from[1] + dy]);
  for (let i = 1; i <= corners; i += 1) outline.push(onCircle(from, half, start + i * turn));
  outline.push([from[0] + dx, from[1] - dy]);
}

function join(outline, before, at, after, half, step) {
  const [dx1, dy1] = across(before, at, half);
  const [dx2, dy2] = across(at, after, half);
  const [end, start] = [[at[0] + dx1, at[1] - dy1], [at[0] + dx2, at[1] - dy2]]; // of the two sides that meet
  const meeting = () => intersection([before[0] + dx1, before[1] - dy1], end, start, [after[0] + dx2, after[1] - dy2]);
  if (cross(before, at, after) > 0) {
    outline.push(...inner(before, at, after, half, { end, start, meeting: meeting() }));
  } else if (half - Math.hypot((dx1 + dx2) / 2, (dy1 + dy2) / 2) < half * FLAT_JOIN) {
    outline.push(meeting() ?? end);
  } else {
    arc(outline, at, half, step, Math.atan2(-dy1, dx1), Math.atan2(-dy2, dx2), end, start);
  }
}

function inner(before, at, after, half, { end, start, meeting }) {
  const limit = Math.max(INNER_MITER_LIMIT, Math.min(distance(before, at), distance(at, after)) / half);
  if (meeting) return distance(at, meeting) <= half * limit ? [meeting] : [end, start];
  return cross(before, at, end) < 0 === cross(at, after, end) < 0 ? [end] : [end, start];
}

function arc(outline, at, half, step, from, to, end, start) {
  const whole = (from > to ? to + 2 * Math.PI : to) - from;
  const corners = Math.floor(whole / step);
  const turn = whole / (corners + 1);
  outline.push(end);
  for (let i = 1; i <= corners; i += 1) outline.push(onCircle(at, half, from + i * turn));
  outline.push(start);
}

function across([x0, y0], [x1, y1], half) {
  const length = Math.hypot(x1 - x0, y1 - y0);
  return [(half * (y1 - y0)) / length, (half * (x1 - x0)) / length];
}

function onCircle([x, y], radius, angle) {
  return [x + Math.cos(angle) * radius, y + Math.sin(angle) * radius];
}

function distance([x0, y0], [x1, y1]) {
  return Math.hypot(x1 - x0, y1 - y0);
}

function cross([x0, y0], [x1, y1], [x, y]) {
  return (x - x1) * (y1 - y0) - (y - y1) * (x1 - x0);
}

/** Return where the lines through a, b and through c, d meet; null where they are parallel. */
function intersection([ax, ay], [bx, by], [cx, cy], [dx, dy]) {
  const along = (bx - ax) * (dy - cy) - (by - ay) * (dx - cx);
  if (Math.abs(along) < 1e-30) return null;
  const u = ((ay - cy) * (dx - cx) - (ax - cx) * (dy - cy)) / along;
  return [ax + u * (bx - ax), ay + u * (by - ay)];
}
