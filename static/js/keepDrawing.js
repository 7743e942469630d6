// Carries the drawing along when only the set or the language changes: to see it with other eyes needs no second drawing.

import { isEmpty } from "./strokes.js";

const KEY = "inkloop.carried";

/** Keep what `drawing()` returns when a link to this page in another set or language is followed. */
export function carry(session, drawing) {
  document.querySelector(".site-head").addEventListener("click", ({ target }) => {
    if (!target.closest(".sets a, .sets-menu a, .language") || isEmpty(drawing())) return;
    try {
      session?.setItem(KEY, JSON.stringify(drawing()));
    } catch {
      // Where nothing can be kept, the next page begins with an empty pad.
    }
  });
}

/** Return the drawing that was carried here, once, or null. */
export function carried(session) {
  try {
    const drawing = JSON.parse(session?.getItem(KEY) ?? "null");
    session?.removeItem(KEY);
    return Array.isArray(drawing?.strokes) ? drawing : null;
  } catch {
    return null;
  }
}
