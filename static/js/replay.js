// Replays a drawing as it was drawn. It never starts by itself; with reduced motion it shows stroke after stroke, without movement.

import { path } from "./smooth.js";
import { drawnAt, nextStrokeEnd, timeline } from "./timeline.js";

const SIZE = 280; // units of the frame
const EACH_STROKE = 800; // ms, with reduced motion

/** Make the tools of `block` replay `drawn`, the strokes as the API has them. */
export function wireReplay(block, drawn, t) {
  const tools = block.querySelector(".replay-tools");
  if (!tools || !drawn) return;
  const { strokes, end } = timeline(drawn, SIZE);
  const line = lineIn(block.querySelector(".paper"));
  const [play, slider, speed] = [tools.querySelector("[data-replay=play]"), tools.querySelector("input"), tools.querySelector("[data-replay=speed]")];
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  let moment = end; // ms
  let playing = null; // the id of the frame or the timer that comes next
  let last = 0;

  function update() {
    line.setAttribute("d", drawnAt(strokes, moment).map(path).join(""));
    slider.value = end ? Math.round((1000 * moment) / end) : 1000;
    slider.setAttribute("aria-valuetext", t("replay.at", { seconds: new Intl.NumberFormat(t.language, { maximumFractionDigits: 1 }).format(moment / 1000) }));
    play.textContent = t(playing === null ? "replay.play" : "replay.pause");
  }

  function stop() {
    cancelAnimationFrame(playing?.frame);
    clearTimeout(playing?.timer);
    playing = null;
  }

  function go(time) {
    moment = Math.min(end, moment + (time - last) * Number(speed.value));
    last = time;
    if (moment >= end) stop();
    else playing = { frame: requestAnimationFrame(go) };
    update();
  }

  function step() {
    moment = nextStrokeEnd(strokes, moment);
    if (moment >= end) stop();
    else playing = { timer: setTimeout(step, EACH_STROKE / Number(speed.value)) };
    update();
  }

  play.addEventListener("click", () => {
    if (playing !== null) {
      stop();
    } else {
      if (moment >= end) moment = -1;
      last = performance.now();
      playing = still.matches ? { timer: setTimeout(step, 0) } : { frame: requestAnimationFrame(go) };
    }
    update();
  });
  slider.addEventListener("input", () => {
    stop();
    moment = (end * slider.value) / 1000;
    update();
  });
  update();
}

/** Return the path in `paper`; the picture of an upload or of a very long drawing makes room for one. */
function lineIn(paper) {
  const there = paper.querySelector("path");
  if (there) return there;
  const space = "http://www.w3.org/2000/svg";
  const picture = document.createElementNS(space, "svg");
  picture.setAttribute("viewBox", `0 0 ${SIZE} ${SIZE}`);
  const line = document.createElementNS(space, "path");
  line.setAttribute("class", "pen");
  picture.append(line);
  paper.replaceChildren(picture);
  return line;
}
