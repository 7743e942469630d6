// The corrections of the last day in the browser's storage: a reload, the way back and a second tab show them too.

import { readJson, writeJson } from "./storage.js";

export const KEY = "inkloop.corrections";
const LIFETIME = 24 * 3600 * 1000; // ms

/** Return the remembered corrections (see learningProgress.js), newest first. */
export function recall(storage) {
  const stored = readJson(storage, KEY);
  return (Array.isArray(stored) ? stored : []).filter(({ at, drawing, before }) => at > Date.now() - LIFETIME && drawing?.strokes && before?.answer);
}

/** Remember `corrections`, without what only one page needs. */
export function remember(storage, corrections) {
  const brief = (prediction) => prediction && { ...prediction, square: undefined };
  writeJson(storage, KEY, corrections.map((one) => ({ ...one, before: brief(one.before), after: brief(one.after), error: undefined })));
}

export function forget(storage) {
  storage?.removeItem(KEY);
}
