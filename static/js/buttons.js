// Whether a button can be used. The attribute is `aria-disabled`, not `disabled`: a disabled button loses the keyboard's focus.

/** Let `button` be used, or not yet. */
export function setReady(button, ready) {
  button.setAttribute("aria-disabled", String(!ready));
}

/** Return whether `button` can be used; null cannot. */
export function isReady(button) {
  return button?.getAttribute("aria-disabled") === "false";
}
