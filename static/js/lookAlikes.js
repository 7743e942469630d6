// Buttons for labels that look alike in this drawing: the author says with one click which label was meant.

import { setReady } from "./buttons.js";

/** Show a button for each of `labels` in `element`, none for no labels. `chosen` is marked; buttons not `ready` cannot be used. Idempotent. */
export function showLookAlikes(element, { labels, chosen, ready }, t) {
  const shown = [...element.children].map((button) => button.dataset.label);
  if (shown.join(" ") !== labels.join(" ")) element.replaceChildren(...labels.map((label) => labelButton(label, t)));
  element.hidden = labels.length === 0;
  for (const button of element.children) {
    setReady(button, ready);
    button.setAttribute("aria-pressed", String(button.dataset.label === chosen));
  }
}

function labelButton(label, t) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-plain", textContent: t.nameOf(label) });
  button.dataset.label = label;
  return button;
}
