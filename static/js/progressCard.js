// A correction as a card: the drawing, the answer before and after the run, and the state of the correction. Values in, elements out.

import { topPrediction, unadaptedAnswer } from "./answers.js";
import { answerText, errorText, formatPercent } from "./format.js";
import { path } from "./smooth.js";
import { PAD_SIZE } from "./strokes.js";

/** Return the card of a correction {drawing, before, after, label, run, status, apart, error, sample, receipt, withdrawn}. */
export function progressCard(correction, t) {
  const card = make("li", "correction");
  card.dataset.state = stateOf(correction);
  const text = make("div");
  const details = make("p", "correction-details");
  details.append(...detailLines(correction, t).map((line) => make("span", "", line)));
  text.append(answerChange(correction, t), details);
  card.append(miniature(correction.drawing), text);
  if (correction.receipt && !correction.withdrawn) text.append(withdrawButton(correction, t));
  return card;
}

function stateOf({ withdrawn, apart, after }) {
  if (withdrawn) return "withdrawn";
  if (apart) return "held-out";
  return after ? "learned" : "learning";
}

function answerChange({ before, after }, t) {
  const line = make("p", "correction-answers");
  line.append(make("span", "before", answerText(unadaptedAnswer(before), t)));
  if (after) {
    const arrow = make("i", "", "→");
    arrow.setAttribute("role", "img");
    arrow.setAttribute("aria-label", t("correction.arrow"));
    line.append(arrow, make("span", "after", answerText(unadaptedAnswer(after), t)));
  }
  return line;
}

function detailLines(correction, t) {
  const { before, after, label, run, status, apart, error, withdrawn } = correction;
  const said = label === null ? t("correction.not_a_symbol") : t("correction.label", { label: t.nameOf(label) });
  if (withdrawn) return [t("correction.withdrawn")];
  if (error) return [said, errorText(error, t)];
  if (apart) return [said, t("correction.held_out")];
  if (!run) return t.has(`correction.${status}`) ? [said, t(`correction.${status}`)] : [said];
  if (!after) return [said];
  const learned = unadaptedAnswer(after).label === label;
  return [`${said} ${learned ? t("correction.learned") : t("correction.not_learned")}`, ...["fnn", "cnn"].map((learner) => modelChange(learner, before, after, t))];
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
