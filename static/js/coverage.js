// How much of each pixel polygons cover, exactly as the server's rasteriser counts it (the cells of FreeType and of Anti-Grain Geometry):
// corners lie on 1/256 of a pixel, each edge adds the area between itself and the right end of its row, overlaps count once. Pure.

const SUBPIXELS = 256;

/** Return a Uint8Array of `side` x `side` pixels, 255 where polygons ([[x, y], ...] each, in pixels) cover a whole pixel. */
export function coverage(polygons, side) {
  const cells = new Float64Array(side * (side + 1)); // what the area grows by from one pixel to the next in its row
  for (const polygon of polygons) {
    let from = snapped(polygon.at(-1));
    for (const corner of polygon) {
      const to = snapped(corner);
      addEdge(cells, side, from, to);
      from = to;
    }
  }
  return filled(cells, side);
}

function snapped([x, y]) {
  return [Math.round(x * SUBPIXELS) / SUBPIXELS, Math.round(y * SUBPIXELS) / SUBPIXELS];
}

/** Cut an edge at the rows that it crosses. */
function addEdge(cells, side, [x0, y0], [x1, y1]) {
  if (y0 === y1) return;
  const slope = (x1 - x0) / (y1 - y0);
  const [top, bottom, sign] = y0 < y1 ? [y0, y1, 1] : [y1, y0, -1];
  for (let row = Math.max(0, Math.floor(top)); row < Math.min(side, bottom); row += 1) {
    const [a, b] = [Math.max(top, row), Math.min(bottom, row + 1)];
    addPiece(cells, row * (side + 1), side, x0 + (a - y0) * slope, x0 + (b - y0) * slope, sign * (b - a));
  }
}

/** Add a piece of an edge inside one row, from column place x0 to x1, that is `height` high (negative upwards). */
function addPiece(cells, start, side, x0, x1, height) {
  const [left, right] = x0 < x1 ? [x0, x1] : [x1, x0];
  const [first, last] = [Math.floor(left), Math.floor(right)];
  for (let column = first; column <= last; column += 1) {
    const [a, b] = [Math.max(left, column), Math.min(right, column + 1)];
    const part = right > left ? (height * (b - a)) / (right - left) : height;
    const place = Math.min(side, Math.max(0, column));
    const inside = place === column ? part * (column + 1 - (a + b) / 2) : part; // of the piece's own pixel
    cells[start + place] += inside;
    if (place < side) cells[start + place + 1] += part - inside;
  }
}

function filled(cells, side) {
  const pixels = new Uint8Array(side * side);
  for (let row = 0; row < side; row += 1) {
    let area = 0;
    for (let column = 0; column < side; column += 1) {
      area += cells[row * (side + 1) + column];
      pixels[row * side + column] = Math.min(255, Math.ceil(Math.abs(area) * SUBPIXELS - 1e-6));
    }
  }
  return pixels;
}
