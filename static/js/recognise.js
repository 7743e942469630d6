// The page Recognise: draw, be answered, judge, watch them learn. Wiring only; what it shows is `update()`.

import "./pad.js";
import { showAlike } from "./lookAlikes.js";
import { Api } from "./api.js";
import { showAnswer } from "./answers.js";
import { Asking } from "./livePrediction.js";
import { carried, carry } from "./keepDrawing.js";
import { Judging } from "./corrections.js";
import { Lessons } from "./learningProgress.js";
import { page, t } from "./page.js";
import { Picker } from "./picker.js";
import { troubleLine } from "./format.js";
import { EMPTY, isEmpty } from "./strokes.js";
import { openStore } from "./offlineQueue.js";

const find = (selector) => document.querySelector(selector);
const pad = find("ink-pad");
const consent = find("#consent");
const adapt = find("#adapt");
const verdicts = [...document.querySelectorAll("[data-verdict]")];
const picker = new Picker(find("#picker"));

const api = new Api(page.api);
const asking = new Asking(api, page.set);
const judging = new Judging(api, page.set);
const lessons = new Lessons(find("#lessons"), api, t, page.language);

let state = {
  drawing: EMPTY,
  answered: null, // {drawing, prediction}: the answer that is shown
  judged: null, // {drawing, label, verdict}: what the person said of it
  sending: false,
  picking: false,
  trouble: null, // {trouble, again}
};

function change(news) {
  state = { ...state, ...news };
  update();
}

function update() {
  const { drawing, answered, trouble, picking } = state;
  const empty = isEmpty(drawing);
  const fresh = !empty && !pad.busy && answered?.drawing === drawing;
  const ready = fresh && answered.prediction.answer.status !== "empty" && consent.checked && !state.sending;
  showAnswer({ prediction: empty ? null : answered?.prediction, stale: !empty && !fresh }, t, page.language);
  showVerdicts(fresh, ready);
  if (answered?.prediction.adapted || !adapt.checked) find("#hand").hidden = false; // whoever has a hand here keeps the switch
  find("#verdict-note").textContent = verdictNote(empty, fresh);
  find("#trouble").hidden = !trouble;
  find("#trouble span").textContent = trouble ? troubleLine(trouble.trouble, t) : "";
  find("#trouble button").hidden = !trouble?.again;
}

// Not `disabled`: a button that loses the focus while it waits loses the place of who uses the keyboard.
function setReady(button, ready) {
  button.setAttribute("aria-disabled", String(!ready));
}

function isReady(button) {
  return button?.getAttribute("aria-disabled") === "false";
}

function showVerdicts(fresh, ready) {
  const { drawing, answered, picking } = state;
  const judged = state.judged?.drawing === drawing ? state.judged : null;
  const { label, alternatives } = fresh ? answered.prediction.answer : { label: null, alternatives: [] };
  const alike = alternatives.length ? [label, ...alternatives.map((one) => one.label)] : [];
  for (const button of verdicts) {
    setReady(button, ready);
    button.setAttribute("aria-pressed", String(judged?.verdict === button.dataset.verdict));
  }
  // "O, or the digit 0" can be neither right nor wrong: its author says which one was meant.
  find("[data-verdict=right]").hidden = alike.length > 0;
  showAlike(find("#alike"), { labels: alike, chosen: judged?.label, ready }, t);
  picker.update({ open: picking && ready, likely: fresh ? likely(answered.prediction) : [], chosen: judged?.label });
  find("[data-verdict=wrong]").setAttribute("aria-expanded", String(picker.isOpen));
}

/** Return the labels that the drawing may be instead of what was answered, the most probable first. */
function likely({ answer, models }) {
  const guesses = models.filter(({ role }) => role === "learned").flatMap(({ top }) => top).filter(({ p }) => p > 0.01);
  guesses.sort((one, other) => other.p - one.p);
  const offered = [answer.label, ...answer.alternatives.map(({ label }) => label)];
  return [...new Set(guesses.map(({ label }) => label))].filter((label) => !offered.includes(label));
}

function verdictNote(empty, fresh) {
  const { judged, drawing, sending } = state;
  if (sending) return t("verdict.sending");
  if (judged?.drawing === drawing) return judged.label === null ? t("verdict.said_nothing") : t("verdict.said", { label: t.nameOf(judged.label) });
  if (!consent.checked) return t("verdict.needs_consent");
  if (empty || !fresh) return "";
  return state.answered.prediction.answer.alternatives.length ? t("verdict.which") : t("verdict.ask");
}

async function judge(verdict, label) {
  const { drawing, answered } = state;
  change({ sending: true, picking: false, trouble: null });
  try {
    const told = await judging.correct(drawing, answered.prediction, label);
    lessons.add({ ...told, drawing, set: page.set, before: answered.prediction, after: null, label });
    change({ sending: false, judged: { drawing, label, verdict } });
    askAgain(drawing); // what was said just now counts at once
  } catch (trouble) {
    change({ sending: false, trouble: { trouble, again: () => judge(verdict, label) } });
  }
}

/** Ask about a drawing anew, if it is still the one on the pad. */
function askAgain(drawing) {
  if (drawing === state.drawing && !isEmpty(drawing)) asking.now(drawing);
}

function drawingChanged(drawing) {
  asking.about(drawing);
  change({ drawing, picking: false, trouble: null });
}

pad.addEventListener("pendown", ({ detail }) => {
  asking.stop();
  change({ drawing: detail, picking: false, trouble: null });
});
pad.addEventListener("drawing", ({ detail }) => drawingChanged(detail));
pad.addEventListener("full", () => change({ trouble: { trouble: { code: "full" }, again: null } }));

asking.addEventListener("answer", ({ detail }) => change({ answered: detail, trouble: null }));
asking.addEventListener("trouble", ({ detail }) => {
  change({ trouble: { trouble: detail.trouble, again: () => asking.now(state.drawing) } });
});
lessons.addEventListener("learned", ({ detail }) => {
  if (detail.drawing === state.drawing) change({ answered: detail });
});

lessons.addEventListener("withdrawn", ({ detail }) => {
  judging.forget(detail.drawing);
  change({ judged: state.judged?.drawing === detail.drawing ? null : state.judged });
  askAgain(state.drawing);
});
lessons.addEventListener("trouble", ({ detail }) => change({ trouble: { trouble: detail.trouble, again: null } }));

find(".verdict").addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (!isReady(button)) return;
  const { verdict } = button.dataset;
  if (verdict === "right") judge("right", state.answered.prediction.answer.label);
  if (verdict === "nothing") judge("nothing", null);
  if (verdict === "wrong") {
    change({ picking: !state.picking });
    if (picker.isOpen) picker.focus();
  }
});
find("#alike").addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (!isReady(button)) return;
  const { label } = button.dataset;
  judge(label === state.answered.prediction.answer.label ? "right" : "alike", label);
});
picker.addEventListener("pick", ({ detail: { label } }) => judge("wrong", label));
picker.addEventListener("leave", () => {
  change({ picking: false });
  find("[data-verdict=wrong]").focus();
});

find("#trouble button").addEventListener("click", () => {
  const { again } = state.trouble;
  change({ trouble: null });
  again();
});
addEventListener("online", () => {
  const { trouble, drawing, answered } = state;
  if (trouble && !isEmpty(drawing) && answered?.drawing !== drawing) asking.now(drawing);
});

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") {
    event.preventDefault();
    pad.undo();
  } else if (picker.isOpen) {
    picker.key(event);
  }
});

const CONSENT = "inkloop.consent";
consent.checked = remembered(CONSENT) === "yes";
consent.addEventListener("change", () => {
  remember(CONSENT, consent.checked);
  update();
});

const ADAPT = "inkloop.adapt";
adapt.checked = remembered(ADAPT) !== "no";
api.adapt = adapt.checked;
adapt.addEventListener("change", () => {
  remember(ADAPT, adapt.checked);
  api.adapt = adapt.checked;
  askAgain(state.drawing);
});

function remember(name, wanted) {
  try {
    localStorage.setItem(name, wanted ? "yes" : "no");
  } catch {
    // A browser that keeps nothing asks again at the next visit.
  }
}

function remembered(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

const brought = carried(openStore("sessionStorage"));
if (brought) pad.drawing = brought;
carry(openStore("sessionStorage"), () => pad.drawing);
if (brought) drawingChanged(pad.drawing);
else update();
