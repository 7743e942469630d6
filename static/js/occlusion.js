// Which parts of a square an answer depends on, as the server finds it (functions/domain/occlusion.py). Pure.

const SIDE = 28; // pixels of the square
const PATCH = 6; // pixels: about two pens wide
const STEP = 2;

/** Return how much of the probability of `square`, which `probability(square)` promises, each of the 784 pixels carries: 0..1. */
export async function occlusion(square, probability) {
  const whole = await probability(square);
  const [lost, covered] = [new Float32Array(SIDE * SIDE), new Float32Array(SIDE * SIDE)];
  for (const part of patches()) {
    for (const pixel of part) covered[pixel] += 1;
    if (part.every((pixel) => square[pixel] === 0)) continue; // paper carries nothing
    const changed = Float32Array.from(square);
    for (const pixel of part) changed[pixel] = 0;
    const loss = Math.max(0, whole - await probability(changed));
    for (const pixel of part) lost[pixel] += loss;
  }
  return Array.from(lost, (sum, pixel) => Math.min(1, sum / covered[pixel] / Math.max(whole, 1e-6)));
}

/** Return the pixels of each patch, of which some reach over the edge. */
function patches() {
  const starts = [];
  for (let at = 2 - PATCH; at < SIDE; at += STEP) starts.push(at);
  const inside = (start) => Array.from({ length: PATCH }, (_, i) => start + i).filter((at) => at >= 0 && at < SIDE);
  return starts.flatMap((top) => starts.map((left) => inside(top).flatMap((y) => inside(left).map((x) => y * SIDE + x))));
}
