// Keeps the drawing when only the symbol set or the language of the page changes: nobody has to draw it again.

import { readJson, writeJson } from "./storage.js";
import { isEmpty } from "./strokes.js";

const KEY = "inkloop.kept_drawing";
const BESIDE = "inkloop.kept_beside";
const SAME_PAGE = ".sets a, .sets-menu a, .language"; // links to the same page in another set or language

/** Store the drawing that `drawing()` returns, and `beside()` of a page that keeps more, when the person follows a link to the same page. */
export function keepDrawing(session, drawing, beside = () => null) {
  document.querySelector(".site-head").addEventListener("click", ({ target }) => {
    if (!target.closest(SAME_PAGE) || isEmpty(drawing())) return;
    writeJson(session, KEY, drawing());
    writeJson(session, BESIDE, beside());
  });
}

/** Return the drawing that the previous page stored, and remove it from the storage; null where there is none. */
export function takeKeptDrawing(session) {
  const drawing = take(session, KEY);
  return Array.isArray(drawing?.strokes) ? drawing : null;
}

/** Return what the previous page stored beside the drawing, and remove it from the storage; null where there is nothing. */
export function takeKeptBeside(session) {
  return take(session, BESIDE);
}

function take(session, key) {
  const kept = readJson(session, key);
  session?.removeItem(key);
  return kept;
}
