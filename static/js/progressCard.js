// A lesson as a card: the drawing, the answer before and after, and what became of it. Values in, elements out.

import { aloneAnswer, firstGuess } from "./answers.js";
import { path } from "./smooth.js";
import { answerLine, percent, troubleLine } from "./format.js";
import { SIDE } from "./strokes.js";

/** Return the card of a lesson {drawing, before, after, label, run, status, apart, trouble, sample, receipt, withdrawn}. */
export function card(lesson, t, language) {
  const element = make("li", "lesson");
  element.dataset.state = lesson.withdrawn ? "withdrawn" : lesson.apart ? "apart" : lesson.after ? "learned" : "learning";
  const words = make("div");
  const details = make("p", "lesson-detail");
  details.append(...lines(lesson, t, language).map((line) => make("span", "", line)));
  words.append(change(lesson, t, language), details);
  element.append(miniature(lesson.drawing), words);
  if (lesson.receipt && !lesson.withdrawn) {
    const button = make("button", "btn btn-link btn-sm", t("lesson.withdraw"));
    button.type = "button";
    button.dataset.sample = lesson.sample;
    words.append(button);
  }
  return element;
}

function change({ before, after }, t, language) {
  const line = make("p", "lesson-change");
  line.append(make("span", "then", answerLine(aloneAnswer(before), t, language)));
  if (after) {
    const arrow = make("i", "", "→");
    arrow.setAttribute("role", "img");
    arrow.setAttribute("aria-label", t("lesson.became"));
    line.append(arrow, make("span", "now", answerLine(aloneAnswer(after), t, language)));
  }
  return line;
}

function lines(lesson, t, language) {
  const { before, after, label, run, status, apart, trouble, withdrawn } = lesson;
  const taught = label === null ? t("lesson.nothing") : t("lesson.taught", { label: t.nameOf(label) });
  if (withdrawn) return [t("lesson.withdrawn")];
  if (trouble) return [taught, troubleLine(trouble, t)];
  if (apart) return [taught, t("lesson.apart")];
  if (!run) return t.has(`lesson.${status}`) ? [taught, t(`lesson.${status}`)] : [taught];
  if (!after) return [taught];
  const guess = (prediction, learner) => {
    const { label: says, p } = firstGuess(prediction, learner) ?? { label: "-", p: 0 };
    return `${says} (${percent(p, language)})`;
  };
  const each = ["fnn", "cnn"].map((learner) => `${learner.toUpperCase()}: ${guess(before, learner)} → ${guess(after, learner)}`);
  return [`${taught} ${aloneAnswer(after).label === label ? t("lesson.learned") : t("lesson.notyet")}`, ...each];
}

function miniature(drawing) {
  const space = "http://www.w3.org/2000/svg";
  const picture = document.createElementNS(space, "svg");
  picture.setAttribute("viewBox", `0 0 ${SIDE} ${SIDE}`);
  picture.setAttribute("aria-hidden", "true");
  for (const stroke of drawing.strokes) {
    const line = document.createElementNS(space, "path");
    line.setAttribute("d", path(stroke));
    picture.append(line);
  }
  return picture;
}

function make(name, className = "", text = "") {
  return Object.assign(document.createElement(name), { className, textContent: text });
}
