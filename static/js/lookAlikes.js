// Buttons for the labels that a drawing alone does not tell apart: its author says with one click which one was meant.

/** Show a button for each of `labels` in `element`, none for none; `chosen` is marked, and unready ones wait. Idempotent. */
export function showAlike(element, { labels, chosen, ready }, t) {
  const shown = [...element.children].map((button) => button.dataset.label);
  if (shown.join(" ") !== labels.join(" ")) element.replaceChildren(...labels.map((label) => choice(label, t)));
  element.hidden = labels.length === 0;
  for (const button of element.children) {
    button.setAttribute("aria-disabled", String(!ready));
    button.setAttribute("aria-pressed", String(button.dataset.label === chosen));
  }
}

function choice(label, t) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-paper", textContent: t.nameOf(label) });
  button.dataset.label = label;
  return button;
}
