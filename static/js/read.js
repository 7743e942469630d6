// The page Read: write a number or a word, look at each symbol, correct it, join and split. Wiring only; `update()` shows the state.

import "./pad.js";
import { showAnswer } from "./answers.js";
import { Api } from "./api.js";
import { isReady, setReady } from "./buttons.js";
import { Consent } from "./consent.js";
import { errorText } from "./format.js";
import { carriedOver, forgotten, glyphsOf, isUnsent, labelOf, packed, textOf, unpacked } from "./glyphs.js";
import { lineNote, showBoxes, showText } from "./glyphViews.js";
import { keepDrawing, takeKeptBeside, takeKeptDrawing } from "./keepDrawing.js";
import { LearningProgress } from "./learningProgress.js";
import { LineCorrections } from "./lineCorrections.js";
import { LivePrediction } from "./livePrediction.js";
import { KeptReadings, ReadingPlace } from "./liveReading.js";
import { newKey } from "./offlineQueue.js";
import { OwnDrawings } from "./ownDrawings.js";
import { wirePadWays } from "./padWays.js";
import { page, t } from "./page.js";
import { Picker } from "./picker.js";
import { labelOfKey, listenForShortcuts } from "./shortcuts.js";
import { openStorage, readText } from "./storage.js";
import { EMPTY, isEmpty } from "./strokes.js";
import { likelyLabels } from "./verdict.js";
import { WidePad } from "./widePad.js";

const find = (selector) => document.querySelector(selector);
const pad = find("ink-pad");
const local = openStorage("localStorage");
const consent = new Consent(find("#consent"), find("#consent-state"), local, t);
const picker = new Picker(find("#picker"));
const wide = new WidePad(pad);
const buttons = Object.fromEntries([...document.querySelectorAll("[data-do]")].map((button) => [button.dataset.do, button]));

const api = new Api(page.api);
const live = new LivePrediction(new ReadingPlace(api, page.set));
const kept = new KeptReadings(api, page.set);
const progress = new LearningProgress(find("#progress"), api, local, t);
const own = new OwnDrawings();
const corrections = new LineCorrections({ api, set: page.set, kept, progress, own, state: () => state, change });

let state = {
  drawing: EMPTY,
  read: null, // the drawing that the glyphs were read from
  glyphs: [],
  selected: null, // the place of a glyph
  sending: false,
  picking: false,
  asking: null, // what waits for the person's consent: "said", or the wanted cut {at, count}
  cutRefused: false, // whether the person wanted a cut and let nothing be kept
  cutBefore: null, // {at, count, boxes}: the newest cut that a person changed, how many glyphs it left there, and the boxes before a join
  failure: null, // {error, retry}; retry is null where trying again cannot help
};

function change(changes) {
  state = { ...state, ...changes };
  update();
}

function update() {
  const { drawing, glyphs, selected, failure, sending } = state;
  const stale = !isEmpty(drawing) && (pad.busy || state.read !== drawing);
  const ready = !stale && glyphs.length > 0;
  const glyph = glyphs[selected];
  wide.update();
  showBoxes(find(".glyph-boxes"), { glyphs: glyphs.map((one) => ({ ...one, box: wide.boxOf(one.box) })), selected, stale, scale: wide.scale });
  showText(find("#text"), { glyphs, selected, stale }, t);
  find("#empty").hidden = glyphs.length > 0;
  write(find("#empty"), t(isEmpty(drawing) ? "read.empty" : failure ? "answer.failed" : "answer.waiting"));
  if (!stale) write(find("#spoken"), textOf(glyphs));
  showGlyph(glyph, stale);
  setReady(buttons.right, ready && unchecked().size > 0);
  for (const name of ["wrong", "nothing"]) setReady(buttons[name], ready && glyph !== undefined);
  setReady(buttons.split, ready && !sending && glyph !== undefined);
  setReady(buttons.join, ready && !sending && selected !== null && selected + 1 < glyphs.length);
  setReady(buttons.undo, ready && !sending);
  buttons.undo.hidden = state.cutBefore === null;
  const refused = glyph?.said === undefined ? glyph?.prediction.answer.label : null;
  picker.update({ open: state.picking && ready && glyph !== undefined, likely: glyph ? likelyLabels(glyph.prediction) : [], chosen: glyph?.said, refused });
  buttons.wrong.setAttribute("aria-expanded", String(picker.isOpen));
  write(find("#verdict-note"), lineNote({ ...state, ready }, t));
  find("#error").hidden = !failure;
  write(find("#error span"), failure ? errorText(failure.error, t) : "");
  find("#error button").hidden = !failure?.retry;
}

function showGlyph(glyph, stale) {
  find("#glyph").hidden = glyph === undefined;
  if (glyph === undefined) return;
  write(find("#glyph-title"), t("read.number", { number: state.selected + 1, count: state.glyphs.length }));
  showAnswer({ prediction: glyph.prediction, stale }, t);
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Return the labels, by place, of the glyphs that the person has not checked, or whose check was not kept though it may be now. */
function unchecked() {
  const open = ({ said, sent }) => said === undefined || (consent.allowed && sent === undefined);
  return new Map([...state.glyphs.entries()].filter(([, glyph]) => open(glyph)).map(([place, glyph]) => [place, labelOf(glyph) || null]));
}

/** Say what glyphs are: `labels` has a label, or null, by the glyph's place. The server gets it only with consent. */
function say(labels) {
  const queued = consent.allowed === true;
  const { glyphs, selected } = state;
  const said = glyphs.map((glyph, place) => (labels.has(place) ? { ...glyph, said: labels.get(place), queued } : glyph));
  const next = labels.size === 1 && selected + 1 < glyphs.length ? selected + 1 : selected;
  change({ glyphs: said, selected: next, picking: false, cutRefused: false });
  if (consent.allowed === null) ask("said");
  else if (queued) corrections.send();
}

function cut(wanted) {
  change({ picking: false, cutRefused: false });
  if (consent.allowed) return corrections.cut({ ...wanted, key: newKey() });
  return ask(wanted); // also after a "no": only what is kept can be cut again
}

function ask(asking) {
  change({ asking });
  consent.ask();
}

consent.addEventListener("choice", () => {
  const { asking, glyphs } = state;
  if (!consent.allowed) change({ asking: null, cutRefused: asking !== null && asking !== "said" });
  else if (asking === "said") {
    change({ asking: null, glyphs: glyphs.map((glyph) => ({ ...glyph, queued: true })) });
    corrections.send();
  } else {
    change({ asking: null });
    if (asking) cut(asking);
  }
});

function select(place) {
  const selected = Math.max(0, Math.min(place, state.glyphs.length - 1));
  change({ selected, picking: false });
  wide.show(state.glyphs[selected].box);
}

const actions = {
  right: () => say(unchecked()),
  nothing: () => say(new Map([[state.selected, null]])),
  join: () => cut({ at: state.selected, count: 2 }),
  split: () => cut({ at: state.selected, count: 1 }),
  undo: async () => {
    await cut(state.cutBefore);
    if (!state.failure) change({ cutBefore: null });
  },
  wrong: () => {
    change({ picking: !state.picking });
    if (picker.isOpen) picker.focus();
  },
};

for (const [name, button] of Object.entries(buttons)) {
  button.addEventListener("click", () => isReady(button) && actions[name]());
}
picker.addEventListener("pick", ({ detail: { label } }) => {
  buttons.wrong.focus(); // the picked label is about to go, and the focus with it
  say(new Map([[state.selected, label]]));
});
picker.addEventListener("close", () => {
  change({ picking: false });
  buttons.wrong.focus();
});

for (const element of [find(".glyph-boxes"), find("#text")]) {
  element.addEventListener("click", ({ target }) => {
    const { glyph } = target.closest("[data-glyph]")?.dataset ?? {};
    if (glyph !== undefined) select(Number(glyph));
  });
}

const MOVES = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };

document.addEventListener("keydown", (event) => {
  if (picker.isOpen) {
    picker.key(event);
  } else if (event.ctrlKey || event.metaKey || event.altKey || state.asking || !state.glyphs.length) {
    return;
  } else if (event.key in MOVES && (event.target === document.body || event.target.closest("#text, .glyph-boxes"))) {
    event.preventDefault();
    select((state.selected ?? 0) + MOVES[event.key]);
    find("#text").children[state.selected].focus();
  } else if (event.key === "Escape" && state.selected !== null) {
    change({ selected: null });
  } else if (isReady(buttons.wrong)) {
    const label = labelOfKey(event.key, page.labels);
    if (label === undefined) return;
    say(new Map([[state.selected, label]]));
    if (event.target.closest("#text") && !state.asking) find("#text").children[state.selected].focus(); // the next one is selected now
  }
});
wirePadWays(pad, t, (error) => change({ failure: { error, retry: null } }));
listenForShortcuts({
  undo: () => (state.cutBefore && isReady(buttons.undo) ? actions.undo() : pad.undo()),
  redo: () => pad.redo(),
});

/** Return what is forgotten where `drawing` is no more of the same line: an empty pad, another picture, a stroke on a picture. */
function forgottenBy(drawing) {
  return isEmpty(drawing) || drawing.picture !== state.drawing.picture ? { glyphs: [], selected: null, read: null } : {};
}

function drawingChanged(drawing) {
  live.schedule(drawing);
  consent.close();
  change({ drawing, picking: false, asking: null, cutRefused: false, failure: null, cutBefore: null, ...forgottenBy(drawing) });
  wide.follow();
}

pad.addEventListener("pendown", ({ detail }) => {
  live.cancel();
  consent.close();
  change({ drawing: detail, picking: false, asking: null, failure: null, ...forgottenBy(detail) });
});
pad.addEventListener("drawing", ({ detail }) => drawingChanged(detail));
pad.addEventListener("full", () => change({ failure: { error: { code: "full" }, retry: null } }));

live.addEventListener("prediction", ({ detail: { drawing, prediction } }) => {
  const glyphs = carriedOver(state.glyphs, glyphsOf(prediction, drawing));
  const selected = state.selected === null ? null : Math.min(state.selected, glyphs.length - 1);
  change({ glyphs, selected, read: drawing, failure: null });
});
live.addEventListener("error", ({ detail: { error } }) => {
  change({ failure: { error, retry: error.isRetryable ? () => live.predict(state.drawing) : null } });
});

progress.addEventListener("error", ({ detail: { error } }) => change({ failure: { error, retry: null } }));
progress.addEventListener("withdrawn", ({ detail: { drawing, sample } }) => {
  own.forget(sample);
  kept.forget(state.read);
  const gone = (glyph) => glyph.drawing === drawing;
  change({ glyphs: state.glyphs.map((glyph) => (gone(glyph) ? { ...forgotten(glyph), said: undefined } : glyph)) });
});

find("#error button").addEventListener("click", () => {
  const { retry } = state.failure;
  change({ failure: null });
  retry();
});
addEventListener("online", () => {
  if (state.failure && !isEmpty(state.drawing) && state.read !== state.drawing) live.predict(state.drawing);
});
new ResizeObserver(update).observe(pad);

api.adapt = readText(local, "inkloop.adapt") !== "no"; // the checkbox is on Recognise

/** Show a line that an earlier page kept, with what its author said of its symbols there; in another set only the drawing. */
function takeBack(drawing, { set, glyphs: stored, selected, cutBefore } = {}) {
  pad.drawing = drawing;
  const glyphs = set === page.set ? unpacked(stored, drawing) : [];
  for (const glyph of glyphs) if (glyph.drawing) progress.adopt(glyph.drawing, page.set);
  if (!glyphs.length || glyphs.length < stored.length) drawingChanged(drawing);
  else change({ drawing, glyphs, selected, cutBefore, read: drawing });
  if (glyphs.some(isUnsent)) corrections.send(); // the earlier page had no time to
  wide.follow();
}

/** Return what another page needs to show the same line; null while it is not read to its end. */
function keptLine() {
  const { read, glyphs, selected, cutBefore } = state;
  return read === pad.drawing ? { set: page.set, glyphs: packed(glyphs, read), selected, cutBefore } : null;
}

const session = openStorage("sessionStorage");
const [before, line] = [takeKeptDrawing(session), takeKeptBeside(session)];
keepDrawing(session, () => pad.drawing, keptLine);
if (before) takeBack(before, line ?? {});
else update();
