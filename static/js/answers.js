// Shows a prediction: the answer, the prediction of each network, and the square that the networks see. Idempotent.

import { answerNote, answerParts, formatPercent } from "./format.js";

const LONG = 4; // characters; a longer label is a word, and is written smaller
const VERY_LONG = 16;

/**
 * Show `prediction`, null for none: then `without` says why, "empty", "waiting" or "failed". `stale` dims the answer, because the
 * drawing has changed since. An answer that is `alive` follows the pen: a screen reader waits until the stroke is done.
 */
export function showAnswer({ prediction, without, stale, alive = false }, t) {
  const output = document.getElementById("answer");
  const answer = prediction?.answer ?? { status: without, label: null, p: null };
  const { before, label, after } = prediction ? answerParts(answer, t) : { before: t(`answer.${without}`), label: "", after: "" };
  const text = before + label + after;
  const box = output.closest(".answer");
  box.setAttribute("aria-live", alive ? "off" : "polite");
  if (output.textContent !== text) { // a screen reader reads every change aloud, also a change to the same text
    const strong = document.createElement("b");
    strong.textContent = label;
    if (label.length > LONG) strong.dataset.long = label.length > VERY_LONG ? "very" : "";
    output.replaceChildren(before, ...(label ? [strong] : []), after);
  }
  box.dataset.status = answer.status;
  box.toggleAttribute("data-stale", stale && Boolean(prediction)); // "No answer yet" is not dimmed
  document.getElementById("answer-note").textContent = prediction ? answerNote(prediction, t) : "";
  for (const element of document.querySelectorAll(".prediction")) showModel(element, prediction, t);
  showSquare(document.getElementById("square"), prediction?.square);
}

/** Return the answer without the visitor's own examples: the answer that everybody else gets. */
export function unadaptedAnswer({ answer, unadapted }) {
  return unadapted ?? answer;
}

/** Return the most probable label {label, p} of one learner's network with a role, or undefined. */
export function topPrediction(prediction, learner, role = "learned") {
  return prediction.models.find((model) => model.learner === learner && model.role === role)?.top[0];
}

function showModel(element, prediction, t) {
  const { learner, role } = element.dataset;
  const { top, reject } = prediction?.models.find((model) => model.learner === learner && model.role === role) ?? { top: [], reject: 0 };
  element.toggleAttribute("data-rejects", reject >= 0.5);
  element.querySelector(".prediction-reject").textContent = top.length ? t("model.reject", { p: formatPercent(reject, t) }) : "";
  element.querySelectorAll("li").forEach((row, place) => {
    const guess = top[place];
    const [label, bar, probability] = row.children;
    row.toggleAttribute("data-empty", !guess);
    label.textContent = guess?.label ?? "";
    bar.value = guess?.p ?? 0;
    probability.textContent = guess ? formatPercent(guess.p, t) : "";
  });
}

function showSquare(canvas, square) {
  if (!canvas) return; // a page may not show it
  const context = canvas.getContext("2d");
  const picture = context.createImageData(28, 28);
  for (let i = 0; i < 784; i += 1) { // 28 x 28 pixels, 0..1
    const grey = Math.round(255 * (square?.[i] ?? 0));
    picture.data.set([grey, grey, grey, 255], 4 * i);
  }
  context.putImageData(picture, 0, 0);
}
