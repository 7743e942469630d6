// The symbols (glyphs) of a reading as values. Pure.
//
// A glyph is {label, box, strokes, prediction} as the API gives it, with `lines`, the strokes of the drawing that it has a part of. A picture has
// no strokes: there a glyph's box, as text, stands for its ink.
// `said` is what a person said that it is (null: not a symbol), `sent` the label that the server got, and `queued` tells that it
// should get what was said. `cut` tells that a person joined or split it, and `drawing` is the glyph alone, as its correction shows it.

import { PAD_SIZE } from "./strokes.js";

const SHOWN = 180; // units of a small picture that a glyph's longer side fills
const NEAR = 1; // units by which the boxes of the same glyph may differ between two readings

/** Return the glyphs of an API's reading of `drawing`. */
export function glyphsOf(reading, drawing) {
  const linesOfOne = ({ strokes, box }) => (drawing.picture ? [String(box)] : strokes.map((number) => drawing.strokes[number]));
  return reading.glyphs.map((glyph) => ({ ...glyph, lines: linesOfOne(glyph) }));
}

/** Return what a glyph is read as: what a person said, or else the answer. Not a symbol is "". */
export function labelOf(glyph) {
  return glyph.said === undefined ? glyph.label : glyph.said ?? "";
}

/** Return whether the server does not have yet what a person said and wanted to be kept. */
export function isUnsent({ said, sent, queued }) {
  return Boolean(queued) && said !== undefined && sent !== said;
}

/** Return a glyph that the server does not keep any more. */
export function forgotten({ sent, drawing, cut, ...glyph }) {
  return { ...glyph, prediction: { ...glyph.prediction, id: null } };
}

/** Return the text of a line. */
export function textOf(glyphs) {
  return glyphs.map(labelOf).join("");
}

/** Return whether the networks doubt a glyph about which no person has said anything. */
export function isDoubtful(glyph) {
  return glyph.said === undefined && glyph.prediction.answer.status !== "sure";
}

/**
 * Return `fresh` glyphs, with what people said and how they cut the `old` ones wherever the strokes are still the same: a person who
 * writes on does not have to say it again.
 */
export function carriedOver(old, fresh) {
  let glyphs = fresh;
  for (const settled of clusters(old.filter((glyph) => glyph.said !== undefined || glyph.cut))) {
    const lines = new Set(settled.flatMap((glyph) => glyph.lines));
    const touched = glyphs.filter((glyph) => glyph.lines.some((line) => lines.has(line)));
    const covered = new Set(touched.flatMap((glyph) => glyph.lines));
    const same = covered.size === lines.size && [...covered].every((line) => lines.has(line));
    if (same) glyphs = glyphs.flatMap((glyph) => (glyph === touched[0] ? settled : touched.includes(glyph) ? [] : [glyph]));
  }
  return glyphs;
}

/** Return glyphs of `drawing` for a browser's storage: the lines are numbers of its strokes. */
export function packed(glyphs, drawing) {
  const numbered = (line) => (drawing.picture ? line : drawing.strokes.indexOf(line));
  return glyphs.map((glyph) => ({ ...glyph, lines: glyph.lines.map(numbered) }));
}

/** Return the glyphs of `drawing` that `packed` made, without those that have a line of another drawing. */
export function unpacked(glyphs, drawing) {
  const lineOf = (line) => (drawing.picture ? line : drawing.strokes[line]);
  return glyphs.map((glyph) => ({ ...glyph, lines: glyph.lines.map(lineOf) })).filter(({ lines }) => lines.every(Boolean));
}

/** Return `glyphs`, those without an id with the id of the same glyph in `kept`, if it is there. */
export function withIds(glyphs, kept) {
  return glyphs.map((glyph) => {
    if (glyph.prediction.id !== null) return glyph;
    const equal = kept.find((other) => other.box.every((side, i) => Math.abs(side - glyph.box[i]) < NEAR));
    return equal ? { ...glyph, prediction: { ...glyph.prediction, id: equal.prediction.id } } : glyph;
  });
}

/** Return the strokes of a glyph that was made of the glyphs `old` of `drawing`. */
export function linesOf(glyph, drawing, old) {
  const all = [...new Set(old.flatMap(({ lines }) => lines))];
  const wanted = glyph.strokes.map((number) => drawing.strokes[number]);
  return wanted.length && wanted.every((line) => all.includes(line)) ? wanted : all; // the numbers are of an earlier drawing, if strokes were undone; a picture has none
}

/** Return a glyph as a drawing of its own on a square pad, for a small picture. */
export function glyphDrawing(glyph) {
  const [left, top, width, height] = glyph.box;
  const scale = SHOWN / Math.max(width, height, PAD_SIZE / 10);
  const inside = ([x, y]) => x >= left - NEAR && x <= left + width + NEAR && y >= top - NEAR && y <= top + height + NEAR;
  const place = ([x, y, ...rest]) => [(x - left - width / 2) * scale + PAD_SIZE / 2, (y - top - height / 2) * scale + PAD_SIZE / 2, ...rest];
  const strokes = glyph.lines.map((line) => line.filter(inside).map(place)).filter((line) => line.length);
  return { strokes, pointer: null };
}

/** Return glyphs in groups that share strokes. */
function clusters(glyphs) {
  const groups = [];
  for (const glyph of glyphs) {
    const sharing = groups.find((group) => group.some((other) => other.lines.some((line) => glyph.lines.includes(line))));
    if (sharing) sharing.push(glyph);
    else groups.push([glyph]);
  }
  return groups;
}
