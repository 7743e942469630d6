// The drawings before and after the present drawing, to undo and to redo. Pure: every function returns a new history.

/** Return a history that begins with `drawing`. */
export function startWith(drawing) {
  return { past: [], drawing, future: [] };
}

/** Return the history after a change to `drawing`. What was undone before cannot be redone any more. */
export function changeTo(history, drawing) {
  return drawing === history.drawing ? history : { past: [...history.past, history.drawing], drawing, future: [] };
}

/** Return the history after undoing the last change, if there is one. */
export function undone({ past, drawing, future }) {
  return past.length ? { past: past.slice(0, -1), drawing: past.at(-1), future: [drawing, ...future] } : { past, drawing, future };
}

/** Return the history after redoing what was undone last, if there is anything. */
export function redone({ past, drawing, future }) {
  return future.length ? { past: [...past, drawing], drawing: future[0], future: future.slice(1) } : { past, drawing, future };
}
