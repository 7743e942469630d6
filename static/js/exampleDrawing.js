// A drawing that draws itself once on an empty pad, with the answer that it gets, so that a first visitor sees what happens here.

import { answerText } from "./format.js";
import { readText, writeText } from "./storage.js";
import { PAD_SIZE } from "./strokes.js";

const KEY = "inkloop.example";
const SPEED = 0.42; // units a millisecond: the seven takes about a second
const SPACING = 6; // units between two points of a line that grows

/** Show `example` {strokes, answer} on `pad` and in `element`, at a first visit only. The pad forgets it when somebody begins to draw. */
export async function showExample(pad, element, example, storage, t) {
  if (!example || readText(storage, KEY)) return;
  writeText(storage, KEY, "shown");
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const lines = example.strokes.map(spaced);
  const points = lines.flat().length;
  const start = performance.now();
  for (let shown = still ? points : 1; ; shown = Math.ceil(((performance.now() - start) * SPEED) / SPACING)) {
    pad.example = { strokes: firstPoints(lines, Math.max(1, shown)), pointer: null };
    if (shown >= points) break;
    await new Promise(requestAnimationFrame);
    if (!pad.example) return; // somebody draws
  }
  element.textContent = t("example.answer", { answer: answerText(example.answer, t) });
}

/** Return the first `count` points of all lines, as lines. */
function firstPoints(lines, count) {
  const shown = [];
  for (const line of lines) {
    if (count > 0) shown.push(line.slice(0, count));
    count -= line.length;
  }
  return shown;
}

/** Return a line with a point every SPACING units, so that it grows evenly. */
function spaced(points) {
  return points.flatMap(([x, y], i) => {
    if (i === 0) return [[x, y]];
    const [fromX, fromY] = points[i - 1];
    const steps = Math.max(1, Math.round(Math.hypot(x - fromX, y - fromY) / SPACING));
    return Array.from({ length: steps }, (_, step) => [0, 1].map((axis) => {
      const [from, to] = axis ? [fromY, y] : [fromX, x];
      return Math.min(PAD_SIZE, from + ((to - from) * (step + 1)) / steps);
    }));
  });
}
