// From the pen's points to a smooth line. Pure.

/**
 * Return a stroke as an SVG path: quadratic curves between the middles of neighbouring points, with the points as control points.
 * Neighbouring curves share an end and its direction, so the line has neither gaps nor corners.
 */
export function path(points) {
  const [[x, y]] = points;
  if (points.length === 1) return `M${x} ${y}h0.01`; // a dot: round line ends make it visible
  let d = `M${x} ${y}`;
  for (let i = 1; i < points.length - 1; i += 1) {
    const [cx, cy] = points[i];
    const [nx, ny] = points[i + 1];
    d += `Q${cx} ${cy} ${round((cx + nx) / 2)} ${round((cy + ny) / 2)}`;
  }
  const [lx, ly] = points.at(-1);
  return `${d}L${lx} ${ly}`;
}

function round(value) {
  return Number(value.toFixed(2));
}
