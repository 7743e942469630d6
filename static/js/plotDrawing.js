// How uPlot draws a chart: its lines, its axes, and in the colours of the page. The colours are asked for at each drawing, so that
// another theme needs no other chart.

import { decimals, writers } from "./plotWords.js";

const SHORT = 3 * 24 * 3600; // seconds; the ends of a shorter range are labelled with the time of the day too
const LEFT = 56; // CSS pixels for the labels of the vertical axis
const BELOW = 24; // and for those of the horizontal one
const FONT = "system-ui, sans-serif";

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** Return the columns of a chart: the places, then the main line, the ends of its interval, and the other line. */
export function plotData({ at, plot }) {
  const [main, ...others] = plot.lines;
  const solid = (values) => values.map((value, number) => (main.hollow.includes(number) ? null : value));
  return [at, solid(main.shares), solid(main.highs), solid(main.lows), ...others.map(({ shares }) => shares)];
}

/** Return uPlot's options for a chart in a `state` (PlotState), but for its size and its events; `t` has the words. */
export function plotOptions(state, t) {
  const line = { width: 2, spanGaps: true, points: { show: false } };
  const edge = { spanGaps: true, width: 0, stroke: "transparent", points: { show: false } };
  const dots = { show: true, size: state.at.length < 40 ? 6 : 4, width: 0, fill: () => colour("accent") };
  return {
    legend: { show: false },
    padding: [8, 8, 0, 0],
    scales: {
      x: { time: false, range: () => state.range },
      y: { range: (_, least, most) => state.heights(least, most) },
    },
    axes: [
      { size: BELOW, splits: () => [], grid: { show: false }, ticks: { show: false } },
      {
        size: LEFT, gap: 6, space: 40, font: `12px ${FONT}`, stroke: () => colour("text-muted"), ticks: { show: false },
        grid: { stroke: () => colour("border"), width: 1 }, values: (_, shares) => labels(shares, t),
      },
    ],
    series: [
      {},
      { ...line, stroke: () => colour("accent"), points: dots },
      edge,
      edge,
      ...state.plot.lines.slice(1).map(() => ({ ...line, stroke: () => colour("text-muted"), dash: [5, 4] })),
    ],
    bands: [{ series: [2, 3], fill: () => `color-mix(in srgb, ${colour("accent")} 16%, transparent)` }],
    hooks: { draw: [(chart) => drawPoints(chart, state), (chart) => drawEnds(chart, state, t)] },
  };
}

/** Return how the cursor shows the points that are read. */
export function cursorPoints() {
  return {
    size: 9,
    width: 2,
    stroke: () => colour("text"),
    fill: () => colour("surface"),
    show: (_, which) => (which === 2 || which === 3 ? null : document.createElement("div")), // none at the ends of the interval
  };
}

function labels(shares, t) {
  const step = shares.length > 1 ? shares[1] - shares[0] : 0.01;
  return shares.map(writers(t.language, decimals(step)).share);
}

/** Draw what uPlot has no series for: versions that failed the test, and the live one. */
function drawPoints({ ctx, valToPos }, { at, range, plot }) {
  const { shares, hollow, strong } = plot.lines[0];
  ctx.save();
  ctx.strokeStyle = colour("accent");
  ctx.lineWidth = 1.5 * devicePixelRatio;
  for (const number of [...hollow, ...strong]) {
    if (at[number] < range[0] || at[number] > range[1]) continue;
    ctx.fillStyle = colour(hollow.includes(number) ? "surface" : "accent");
    ctx.beginPath();
    ctx.arc(valToPos(at[number], "x", true), valToPos(shares[number], "y", true), (strong.includes(number) ? 5 : 3) * devicePixelRatio, 0, 7);
    ctx.fill();
    ctx.stroke();
  }
  ctx.restore();
}

function drawEnds({ ctx, bbox }, state, t) {
  ctx.save();
  ctx.font = `${12 * devicePixelRatio}px ${FONT}`;
  ctx.fillStyle = colour("text-muted");
  ctx.textBaseline = "bottom";
  const below = bbox.top + bbox.height + (BELOW - 2) * devicePixelRatio;
  for (const [text, align, part] of endTexts(state, t)) {
    ctx.textAlign = align;
    ctx.fillText(text, bbox.left + part * bbox.width, below);
  }
  ctx.restore();
}

function endTexts(state, t) {
  const [from, until] = state.ends();
  if (from === undefined) return [];
  if (state.plot.kind === "learned") {
    return [[t.number(Math.round(from)), "left", 0], [t("plot.axis"), "center", 0.5], [t.number(Math.round(until)), "right", 1]];
  }
  const { day, hour } = writers(t.language, 0);
  const write = until - from < SHORT ? hour : day;
  return from === until ? [[write(from), "left", 0]] : [[write(from), "left", 0], [write(until), "right", 1]];
}
