// A sitting on Contribute: its goal, the days in a row, and the last drawings, each of which can be taken back.

import { readJson, writeJson } from "./storage.js";

const DAYS = "inkloop.days";
const GOALS = [10, 25, 50, 100]; // drawings of a sitting; then each further hundred

/** Return the goal of a sitting with `count` drawings. */
export function goalOf(count) {
  return GOALS.find((goal) => count < goal) ?? 100 * (Math.floor(count / 100) + 1);
}

/** Return {last, length}, the days in a row with the day of `now`; `days` is the same of the last time, or null. */
export function daysWith(days, now) {
  const name = (date) => `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
  const today = name(now);
  if (days?.last === today) return days;
  const yesterday = name(new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1));
  return { last: today, length: days?.last === yesterday ? days.length + 1 : 1 };
}

/** Return the number of days in a row, if something was drawn today; else 0. */
export function daysSoFar(storage, now = new Date()) {
  const days = readJson(storage, DAYS);
  return days && daysWith(days, now) === days ? days.length : 0;
}

/** Remember that something was drawn today, and return the number of days in a row. */
export function countDay(storage, now = new Date()) {
  const days = daysWith(readJson(storage, DAYS), now);
  writeJson(storage, DAYS, days);
  return days.length;
}

/** Show a sitting in `element`: `count` drawings, `days` in a row, and `drawings`, the newest first. Idempotent. */
export function showSitting(element, { count, days, drawings }, t) {
  element.hidden = !drawings.length && !count;
  element.querySelector("meter").value = count / goalOf(count);
  const reached = count && goalOf(count) !== goalOf(count - 1);
  const goal = t(reached ? "sitting.reached" : "sitting.goal", { goal: t.number(goalOf(count)) });
  element.querySelector("p").textContent = days > 1 ? `${goal} ${t("sitting.days", { count: t.number(days) })}` : goal;
  const strip = element.querySelector("ol");
  const key = drawings.map(({ key, id }) => key ?? id).join();
  if (strip.dataset.key === key) return; // the focus stays
  strip.dataset.key = key;
  strip.replaceChildren(...drawings.map((drawing) => row(drawing, t)));
}

function row({ key = "", id = "", label, body }, t) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "btn btn-plain", title: t("sitting.take", { label: t.nameOf(label) }) });
  Object.assign(button.dataset, { key, id });
  button.setAttribute("aria-label", button.title);
  const name = document.createElement("b");
  name.textContent = label;
  name.classList.toggle("strip-word", label.length > 1);
  button.append(...(body?.strokes ? [picture(body)] : []), name);
  item.append(button);
  return item;
}

function picture({ strokes, width, height }) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", strokes.map((stroke) => `M${stroke.map(([x, y]) => `${x} ${y}`).join("L")}${stroke.length === 1 ? "h0" : ""}`).join(""));
  svg.append(path);
  return svg;
}
