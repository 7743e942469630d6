// Shows the symbols of a reading: their boxes over the drawing, and the text in large type. Idempotent; clicks bubble from `data-glyph`.

import { isDoubtful, labelOf } from "./glyphs.js";
import { PAD_SIZE } from "./strokes.js";

const AROUND = 14; // units between ink and box: a little more than half a pen
const NAME = 32; // pixels that the name of a glyph takes below or above its box

/** Show a box for each glyph in `element`, which lies over the drawing; `scale` is pixels a unit. `stale` dims them. */
export function showBoxes(element, { glyphs, selected, stale, scale }) {
  keep(element, glyphs, () => {
    const box = make("div", "glyph-box");
    box.append(Object.assign(make("button"), { type: "button", tabIndex: -1 })); // the large text is the keyboard's way
    return box;
  });
  element.toggleAttribute("data-stale", stale);
  glyphs.forEach((glyph, index) => {
    const [x, y, width, height] = glyph.box;
    const box = element.children[index];
    const sides = { left: x - AROUND, top: y - AROUND, width: width + 2 * AROUND, height: height + 2 * AROUND };
    for (const [name, units] of Object.entries(sides)) box.style[name] = `${Math.round(units * scale)}px`;
    box.dataset.name = placeOfName((sides.top + sides.height) * scale, sides.top * scale, PAD_SIZE * scale);
    mark(box, glyph, index === selected);
    const button = box.firstElementChild;
    button.dataset.glyph = index;
    button.setAttribute("aria-hidden", "true");
    write(button, labelOf(glyph) || "×");
  });
}

/** Return where a name hides no ink: below its box, or above a box that ends at the lower edge of paper `height` pixels high. */
export function placeOfName(bottom, top, height) {
  if (bottom + NAME <= height) return "below";
  return top >= NAME ? "above" : "inside";
}

/** Show the text as a row of buttons in `element`. */
export function showText(element, { glyphs, selected, stale }, t) {
  keep(element, glyphs, () => Object.assign(make("button", "glyph"), { type: "button" }));
  element.toggleAttribute("data-stale", stale);
  const tabStop = Math.min(selected ?? 0, glyphs.length - 1);
  glyphs.forEach((glyph, index) => {
    const button = element.children[index];
    const label = labelOf(glyph);
    button.dataset.glyph = index;
    button.tabIndex = index === tabStop ? 0 : -1;
    button.setAttribute("aria-pressed", String(index === selected));
    const name = label ? t.nameOf(label) : t("read.nothing");
    button.setAttribute("aria-label", t("read.glyph", { number: index + 1, count: glyphs.length, label: name }));
    mark(button, glyph, index === selected);
    write(button, label || "×");
  });
}

/** Return the line below the buttons: what a person can say, or has said. */
export function lineNote({ glyphs, selected, sending, asking, cutRefused, ready }, t) {
  if (sending) return t("verdict.sending");
  if (asking || !ready) return "";
  if (cutRefused) return t("read.cut_not_kept");
  const glyph = glyphs[selected];
  if (glyph?.said !== undefined) {
    if (glyph.sent === undefined) return t("verdict.not_kept");
    return glyph.said === null ? t("verdict.said_nothing") : t("verdict.said", { label: t.nameOf(glyph.said) });
  }
  if (glyphs.every(({ said }) => said !== undefined)) return t(glyphs.every(({ sent }) => sent !== undefined) ? "read.thanks" : "verdict.not_kept");
  return glyphs.some(isDoubtful) ? t("read.doubt") : t("read.ask");
}

function mark(element, glyph, selected) {
  element.toggleAttribute("data-selected", selected);
  element.toggleAttribute("data-doubtful", isDoubtful(glyph));
  element.toggleAttribute("data-said", glyph.said !== undefined);
}

/** Give `element` one child for each glyph; children stay, and with them the focus. */
function keep(element, glyphs, create) {
  while (element.children.length > glyphs.length) element.lastElementChild.remove();
  while (element.children.length < glyphs.length) element.append(create());
}

function make(name, className = "") {
  return Object.assign(document.createElement(name), { className });
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
