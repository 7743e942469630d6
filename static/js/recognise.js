// The page Recognise: draw, get an answer, correct it, watch the networks learn. Wiring only; `update()` shows the state.

import "./pad.js";
import { AnswerPlace } from "./answerPlace.js";
import { showAnswer } from "./answers.js";
import { Api } from "./api.js";
import { isReady } from "./buttons.js";
import { Consent } from "./consent.js";
import { Corrections } from "./corrections.js";
import { ExplanationView } from "./explanationView.js";
import { showExample } from "./exampleDrawing.js";
import { errorText } from "./format.js";
import { keepDrawing, takeKeptDrawing } from "./keepDrawing.js";
import { LearningProgress } from "./learningProgress.js";
import { LivePrediction } from "./livePrediction.js";
import { OwnDrawings } from "./ownDrawings.js";
import { wirePadWays } from "./padWays.js";
import { page, t } from "./page.js";
import { Picker } from "./picker.js";
import { rememberCheckbox } from "./preferences.js";
import { listenForShortcuts } from "./shortcuts.js";
import { openStorage } from "./storage.js";
import { EMPTY, isEmpty, toBody } from "./strokes.js";
import { likelyLabels, showVerdict, verdictText } from "./verdict.js";

const find = (selector) => document.querySelector(selector);
const pad = find("ink-pad");
const local = openStorage("localStorage");
const consent = new Consent(find("#consent"), find("#consent-state"), local, t);
const adapt = find("#adapt");
const wrong = find("[data-verdict=wrong]");
const verdictElements = { buttons: document.querySelectorAll("[data-verdict]"), lookAlikes: find("#look-alikes") };
const picker = new Picker(find("#picker"));

const api = new Api(page.api);
const place = new AnswerPlace(find("#place"), api, page.set, { storage: local, t });
const live = new LivePrediction(place);
const explanation = new ExplanationView(find("#explanation"), (drawing) => place.explain(drawing), t);
const corrections = new Corrections(api, page.set);
const progress = new LearningProgress(find("#progress"), api, local, t);
const own = new OwnDrawings();

let state = {
  drawing: EMPTY,
  answered: null, // {drawing, prediction}: the prediction that is shown
  corrected: null, // {drawing, label, verdict, kept}: what the person said of a drawing, and whether the server has it
  waiting: null, // {drawing, label, verdict}: a verdict that waits for the person's consent
  sending: false,
  picking: false,
  failure: null, // {error, retry}; retry is null where trying again cannot help
};

function change(changes) {
  state = { ...state, ...changes };
  update();
}

function update() {
  const { drawing, answered, failure, sending } = state;
  const empty = isEmpty(drawing);
  find(".layout").toggleAttribute("data-empty", empty);
  const fresh = !empty && !pad.busy && answered?.drawing === drawing;
  const alive = !empty && pad.busy && place.isInstant; // the answer follows the pen
  const prediction = fresh ? answered.prediction : null; // of the drawing that is on the pad
  const ready = fresh && prediction.answer.status !== "empty" && !sending;
  const corrected = state.corrected?.drawing === drawing ? state.corrected : null;
  const without = empty ? "empty" : failure && !fresh ? "failed" : "waiting";
  const shown = without === "waiting" ? answered?.prediction : null;
  find(".layout").toggleAttribute("data-unanswered", !shown); // the cards of the networks have nothing to say, and keep their place
  showAnswer({ prediction: shown, without, stale: !empty && !fresh && !alive, alive }, t);
  explanation.update(ready ? drawing : null);
  showVerdict(verdictElements, { prediction, corrected, ready }, t);
  picker.update({ open: state.picking && ready, likely: prediction ? likelyLabels(prediction) : [], chosen: corrected?.label, refused: corrected ? null : prediction?.answer.label });
  wrong.setAttribute("aria-expanded", String(picker.isOpen));
  find("#verdict-note").textContent = state.waiting ? "" : verdictText({ sending, picking: picker.isOpen, corrected, prediction }, t);
  find(".verdict").toggleAttribute("data-judged", Boolean(corrected));
  if (answered?.prediction.adapted || !adapt.checked) find("#adaptation").hidden = false; // once shown, the checkbox stays
  find("#draw-another").hidden = !corrected;
  showWayToProgress(corrected?.kept ? progress.lessonOf(drawing) : null);
  find("#error").hidden = !failure;
  find("#error span").textContent = failure ? errorText(failure.error, t) : "";
  find("#error button").hidden = !failure?.retry;
}

/** Say in a few words what becomes of the correction on the pad, as the link to its card; the card may be below the screen. */
function showWayToProgress(lesson) {
  const link = find("#to-progress");
  link.hidden = !lesson;
  if (lesson) link.textContent = t(t.has(`way.${lesson}`) ? `way.${lesson}` : "way.kept");
}

/** Take a verdict: ask for consent if nobody has yet, and keep nothing without it. */
function judge(verdict, label) {
  const { drawing } = state;
  if (consent.allowed === null) {
    change({ picking: false, waiting: { drawing, label, verdict } });
    consent.ask();
  } else if (consent.allowed) {
    correct(verdict, label);
  } else {
    change({ picking: false, corrected: { drawing, label, verdict, kept: false } });
  }
}

async function correct(verdict, label) {
  const { drawing, answered } = state;
  change({ sending: true, picking: false, failure: null });
  try {
    const sent = await corrections.correct(drawing, answered.prediction, label);
    const instead = progress.add({ ...sent, drawing, set: page.set, before: answered.prediction, after: null, label, verdict })?.sample;
    own.add({ sample: sent.sample, set: page.set, label, body: toBody(drawing), instead });
    change({ sending: false, corrected: { drawing, label, verdict, kept: true } });
    predictAgain(drawing); // the correction is a new example for this visitor's own answers
  } catch (error) {
    change({ sending: false, failure: { error, retry: () => correct(verdict, label) } });
  }
}

/** Predict a drawing again, if it is still on the pad. */
function predictAgain(drawing) {
  if (drawing === state.drawing && !isEmpty(drawing)) live.predict(drawing);
}

/** The answer to a drawing that is gone, or to another picture, says nothing about `drawing`; a longer drawing keeps it for the moment. */
function answeredBefore(drawing) {
  return isEmpty(drawing) || state.answered?.drawing.picture !== drawing.picture ? null : state.answered;
}

function drawingChanged(drawing) {
  live.schedule(drawing);
  consent.close();
  change({ drawing, picking: false, waiting: null, failure: null, answered: answeredBefore(drawing) });
}

/** Show a drawing that an earlier page kept, with what its author said of it there. */
function takeBack(drawing) {
  pad.drawing = drawing;
  const { label, verdict, recorded } = progress.adopt(drawing, page.set) ?? {};
  if (recorded) {
    corrections.recall(drawing, recorded);
    change({ corrected: { drawing, label, verdict, kept: true } });
  }
  drawingChanged(drawing);
}

pad.addEventListener("pendown", ({ detail }) => {
  live.cancel();
  place.look();
  consent.close();
  change({ drawing: detail, picking: false, waiting: null, failure: null, answered: answeredBefore(detail) });
});
pad.addEventListener("drawing", ({ detail }) => drawingChanged(detail));
pad.addEventListener("ink", ({ detail }) => place.isInstant && live.follow(detail));
pad.addEventListener("full", () => change({ failure: { error: { code: "full" }, retry: null } }));

live.addEventListener("prediction", ({ detail }) => {
  progress.tellForAuthor(detail.drawing, detail.prediction);
  const blank = detail.drawing.picture && detail.prediction.answer.status === "empty";
  change(blank ? { failure: { error: { code: "blank_picture" }, retry: null } } : { answered: detail, failure: null });
});
live.addEventListener("error", ({ detail: { error } }) => {
  change({ failure: { error, retry: error.code === "picture_needs_server" ? null : () => live.predict(state.drawing) } });
});

place.addEventListener("change", () => predictAgain(state.drawing));

progress.addEventListener("prediction", ({ detail }) => {
  place.look({ now: true }); // other versions are live
  if (detail.drawing === state.drawing) change({ answered: detail });
});
progress.addEventListener("change", update);
progress.addEventListener("withdrawn", ({ detail: { drawing, sample } }) => {
  own.forget(sample);
  corrections.forget(drawing);
  change({ corrected: state.corrected?.drawing === drawing ? null : state.corrected });
  predictAgain(state.drawing);
});
progress.addEventListener("error", ({ detail: { error } }) => change({ failure: { error, retry: null } }));

find(".verdict").addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (!isReady(button)) return;
  if (button.dataset.verdict === "right") judge("right", state.answered.prediction.answer.label);
  if (button.dataset.verdict === "nothing") judge("nothing", null);
  if (button.dataset.verdict === "wrong") {
    change({ picking: !state.picking });
    if (picker.isOpen) picker.focus();
  }
});
verdictElements.lookAlikes.addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (!isReady(button)) return;
  const { label } = button.dataset;
  judge(label === state.answered.prediction.answer.label ? "right" : "look-alike", label);
});
picker.addEventListener("pick", ({ detail: { label } }) => {
  wrong.focus(); // the picked label is about to go, and the focus with it
  judge("wrong", label);
});
picker.addEventListener("close", () => {
  change({ picking: false });
  wrong.focus();
});

find("#draw-another").addEventListener("click", () => {
  pad.clear();
  pad.canvas.focus({ preventScroll: true });
  pad.scrollIntoView({ block: "nearest" });
});

consent.addEventListener("choice", () => {
  const { waiting, drawing } = state;
  change({ waiting: null });
  if (waiting?.drawing === drawing) judge(waiting.verdict, waiting.label);
});

find("#error button").addEventListener("click", () => {
  const { retry } = state.failure;
  change({ failure: null });
  retry();
});
addEventListener("online", () => {
  const { failure, drawing, answered } = state;
  if (failure && !isEmpty(drawing) && answered?.drawing !== drawing) live.predict(drawing);
});

document.addEventListener("keydown", (event) => picker.isOpen && picker.key(event));
wirePadWays(pad, t, (error) => change({ failure: { error, retry: null } }));
listenForShortcuts({ undo: () => pad.undo(), redo: () => pad.redo() });

rememberCheckbox(adapt, "inkloop.adapt", {
  byDefault: true,
  changed: () => {
    api.adapt = adapt.checked;
    predictAgain(state.drawing);
  },
});
api.adapt = adapt.checked;

const session = openStorage("sessionStorage");
const kept = takeKeptDrawing(session);
keepDrawing(session, () => pad.drawing);
if (kept) takeBack(kept);
else update();
if (!kept) showExample(pad, find("#example"), page.example, local, t);
