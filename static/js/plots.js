// Loads the library that draws charts, and gives it those that came near.

import { translator } from "./format.js";
import { PlotView } from "./plotView.js";

let loading;

function added(name, facts) {
  const element = Object.assign(document.createElement(name), facts);
  const loaded = new Promise((resolve, reject) => {
    element.addEventListener("load", resolve);
    element.addEventListener("error", reject);
  });
  document.head.append(element);
  return loaded;
}

/** Show charts by the library, whose addresses are given. Where it cannot be loaded, the server's pictures stay. */
export async function showPlots(frames, { script, styles, words }) {
  loading ??= Promise.all([added("script", { src: script }), added("link", { rel: "stylesheet", href: styles })]);
  await loading.catch(() => {});
  if (!window.uPlot) return;
  const t = translator(words, document.documentElement.lang);
  frames.forEach((frame) => new PlotView(frame, window.uPlot, t));
}
