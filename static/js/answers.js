// Shows an answer: the one in big, the four below it, and the square the networks saw. Idempotent.

import { answerNote, answerParts, percent } from "./format.js";

/** Show `prediction`, null for none. `stale` dims it: the drawing has changed since. */
export function showAnswer({ prediction, stale }, t, language) {
  const output = document.getElementById("answer");
  const answer = prediction?.answer ?? { status: "empty", label: null, p: null };
  const { before, label, after } = answerParts(answer, t, language);
  const line = before + label + after;
  if (output.textContent !== line) { // the same words are not said twice to who listens
    const big = document.createElement("b");
    big.textContent = label;
    output.replaceChildren(before, ...(label ? [big] : []), after);
  }
  const box = output.closest(".answer");
  box.dataset.status = answer.status;
  box.toggleAttribute("data-stale", stale);
  document.getElementById("answer-note").textContent = prediction ? answerNote(prediction, t, language) : "";
  for (const element of document.querySelectorAll(".opinion")) showOpinion(element, prediction, t, language);
  showSquare(document.getElementById("square"), prediction?.square);
}

/** Return what the networks answer to everybody, whatever this visitor was shown. */
export function aloneAnswer({ answer, unadapted }) {
  return unadapted ?? answer;
}

/** Return what one learner's network of a role says first, or undefined. */
export function firstGuess(prediction, learner, role = "learned") {
  return prediction.models.find((model) => model.learner === learner && model.role === role)?.top[0];
}

function showOpinion(element, prediction, t, language) {
  const { learner, role } = element.dataset;
  const { top, reject } = prediction?.models.find((model) => model.learner === learner && model.role === role) ?? { top: [], reject: 0 };
  element.toggleAttribute("data-rejects", reject >= 0.5);
  element.querySelector(".opinion-reject").textContent = top.length ? t("opinion.reject", { p: percent(reject, language) }) : "";
  element.querySelectorAll("li").forEach((row, place) => {
    const guess = top[place];
    const [label, bar, share] = row.children;
    row.toggleAttribute("data-none", !guess);
    label.textContent = guess?.label ?? "";
    bar.value = guess?.p ?? 0;
    share.textContent = guess ? percent(guess.p, language) : "";
  });
}

function showSquare(canvas, square) {
  const context = canvas.getContext("2d");
  const picture = context.createImageData(28, 28);
  for (let i = 0; i < 784; i += 1) {
    const grey = Math.round(255 * (square?.[i] ?? 0));
    picture.data.set([grey, grey, grey, 255], 4 * i);
  }
  context.putImageData(picture, 0, 0);
}
