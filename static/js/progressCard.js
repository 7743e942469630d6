// A correction as a card: the drawing, the answer before and after the run, and the state of the correction. Values in, elements out.

import { topPrediction, unadaptedAnswer } from "./answers.js";
import { answerText, errorText, formatPercent } from "./format.js";
import { lessonOf } from "./lesson.js";
import { path } from "./smooth.js";
import { PAD_SIZE } from "./strokes.js";

/** Return the card of a `correction` (see learningProgress.js) whose run is `run`, if it has one. */
export function progressCard(correction, run, t) {
  const lesson = lessonOf(correction, run);
  const card = make("li", "correction");
  card.dataset.state = lesson;
  const text = make("div");
  const details = make("p", "correction-details");
  details.append(...detailLines(correction, lesson, t).map((line) => make("span", "", line)));
  text.append(answerChange(correction, lesson, t), details);
  card.append(miniature(correction.drawing), text);
  if (correction.receipt && lesson !== "withdrawn") text.append(withdrawButton(correction, t));
  return card;
}

/** Everybody's answer before and, if it has changed, after. */
function answerChange({ before, after, label }, lesson, t) {
  const line = make("p", "correction-answers");
  if (lesson === "confirmed") {
    line.append(make("span", "after", label === null ? t("answer.not_a_symbol") : t.nameOf(label)));
    return line;
  }
  line.append(make("span", "before", answerText(unadaptedAnswer(before), t)));
  if (after && lesson !== "withdrawn") {
    const arrow = make("i", "", "→");
    arrow.setAttribute("role", "img");
    arrow.setAttribute("aria-label", t("correction.arrow"));
    line.append(arrow, make("span", "after", answerText(unadaptedAnswer(after), t)));
  }
  return line;
}

function detailLines({ before, after, forYou, label, error, people }, lesson, t) {
  if (lesson === "withdrawn") return [t("lesson.withdrawn")];
  const said = label === null ? t("correction.not_a_symbol") : t("correction.label", { label: t.nameOf(label) });
  if (lesson === "confirmed") return [t("lesson.confirmed")];
  const lines = [said];
  if (forYou && forYou.label === label && lesson !== "learned") lines.push(t("lesson.for_you", { answer: answerText(forYou, t) }));
  if (error) lines.push(errorText(error, t));
  else if (lesson !== "noted") lines.push(t(`lesson.${lesson}`));
  if (lesson === "learned" && people) lines.push(t("lesson.people", { count: people }));
  if (after) lines.push(...["fnn", "cnn"].map((learner) => modelChange(learner, before, after, t)));
  return lines;
}

function modelChange(learner, before, after, t) {
  const top = (prediction) => {
    const { label, p } = topPrediction(prediction, learner) ?? { label: "-", p: 0 };
    return `${label} (${formatPercent(p, t)})`;
  };
  return `${learner.toUpperCase()}: ${top(before)} → ${top(after)}`;
}

function withdrawButton({ sample }, t) {
  const button = make("button", "btn btn-link btn-sm", t("correction.withdraw"));
  button.type = "button";
  button.dataset.sample = sample;
  return button;
}

function miniature(drawing) {
  const space = "http://www.w3.org/2000/svg";
  const picture = document.createElementNS(space, "svg");
  picture.setAttribute("viewBox", `0 0 ${PAD_SIZE} ${PAD_SIZE}`);
  picture.setAttribute("aria-hidden", "true");
  if (drawing.picture) {
    const image = document.createElementNS(space, "image");
    for (const [name, value] of Object.entries({ href: drawing.picture, width: PAD_SIZE, height: PAD_SIZE })) image.setAttribute(name, value);
    picture.append(image);
  }
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
