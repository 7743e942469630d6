// Keeps the drawing when only the symbol set or the language of the page changes: nobody has to draw it again.

import { readJson, writeJson } from "./storage.js";
import { isEmpty } from "./strokes.js";

const KEY = "inkloop.kept_drawing";
const SAME_PAGE = ".sets a, .sets-menu a, .language"; // links to the same page in another set or language

/** Store the drawing that `drawing()` returns when the person follows a link to the same page. */
export function keepDrawing(session, drawing) {
  document.querySelector(".site-head").addEventListener("click", ({ target }) => {
    if (target.closest(SAME_PAGE) && !isEmpty(drawing())) writeJson(session, KEY, drawing());
  });
}

/** Return the drawing that the previous page stored, and remove it from the storage; null where there is none. */
export function takeKeptDrawing(session) {
  const drawing = readJson(session, KEY);
  session?.removeItem(KEY);
  return Array.isArray(drawing?.strokes) ? drawing : null;
}
