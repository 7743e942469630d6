// Keyboard shortcuts, one table for each page: {enter, undo, redo} -> what they do.

export const FIELD = "input:not([type=checkbox], [type=radio], [type=file]), textarea";

/** Return the shortcut that a "keydown" means: "undo", "redo", "enter" or null. */
export function shortcutOf({ key, code, ctrlKey, metaKey, altKey, shiftKey, repeat, isComposing }) {
  if (altKey || isComposing) return null;
  if (!ctrlKey && !metaKey) return key === "Enter" && !shiftKey && !repeat ? "enter" : null;
  const letter = latinLetter(key, code);
  if (letter === "z") return shiftKey ? "redo" : "undo";
  return letter === "y" && !shiftKey ? "redo" : null;
}

/** Return the label that a typed key names: exactly, or in the other case, because a person may hold Shift or not. */
export function labelOfKey(key, labels) {
  const lower = key.toLowerCase();
  return labels.find((label) => label === key) ?? labels.find((label) => label.toLowerCase() === lower);
}

/** Call the functions of `table` at their shortcuts. One that returns false leaves the key to the browser, as every text field does. */
export function listenForShortcuts(table) {
  document.addEventListener("keydown", (event) => {
    const act = event.target.closest?.(FIELD) ? null : table[shortcutOf(event)];
    if (act && act(event) !== false) event.preventDefault();
  });
}

// Where a keyboard types no Latin letters ("я" for z), the place of the key counts.
function latinLetter(key, code) {
  return /^[a-z]$/i.test(key) ? key.toLowerCase() : code.replace(/^Key/, "").toLowerCase();
}
