// The verdict on an answer: the buttons Right, Wrong and Not a symbol, and which labels a drawing may be. Idempotent.

import { setReady } from "./buttons.js";
import { showLookAlikes } from "./lookAlikes.js";

const MIN_PROBABILITY = 0.01; // a less probable label is no suggestion

/** Show the buttons in `elements` {buttons, lookAlikes} for `prediction`, null while there is none, and for the `corrected` verdict. */
export function showVerdict({ buttons, lookAlikes }, { prediction, corrected, ready }, t) {
  for (const button of buttons) {
    setReady(button, ready);
    button.setAttribute("aria-pressed", String(corrected?.verdict === button.dataset.verdict && !isMet(corrected, prediction)));
    // "O, or the digit 0" is neither right nor wrong: the author says which label was meant.
    if (button.dataset.verdict === "right") button.hidden = alternatives(prediction).length > 0;
  }
  showLookAlikes(lookAlikes, { labels: alternatives(prediction), chosen: corrected?.label, ready }, t);
}

/** Return whether the answer has become the label that its author gave: "wrong" then says nothing about it. */
function isMet({ verdict, label }, prediction) {
  return verdict === "wrong" && prediction?.answer.label === label;
}

/** Return the labels that the answer names when it names several, else none. */
function alternatives(prediction) {
  const { label, alternatives: others } = prediction?.answer ?? { alternatives: [] };
  return others.length ? [label, ...others.map((other) => other.label)] : [];
}

/** Return the labels that the drawing may have instead of the answer, the most probable first. */
export function likelyLabels({ answer, models }) {
  const guesses = models.filter(({ role }) => role === "learned").flatMap(({ top }) => top).filter(({ p }) => p > MIN_PROBABILITY);
  guesses.sort((a, b) => b.p - a.p);
  const answered = [answer.label, ...answer.alternatives.map(({ label }) => label)];
  return [...new Set(guesses.map(({ label }) => label))].filter((label) => !answered.includes(label));
}

/** Return the line below the buttons: what a person can say, or has said, of the drawing. */
export function verdictText({ sending, picking, corrected, prediction }, t) {
  if (sending) return t("verdict.sending");
  if (corrected && !corrected.kept) return t("verdict.not_kept");
  if (corrected) return corrected.label === null ? t("verdict.said_nothing") : t("verdict.said", { label: t.nameOf(corrected.label) });
  if (!prediction || picking) return ""; // the picker asks
  return prediction.answer.alternatives.length ? t("verdict.which") : t("verdict.ask");
}
