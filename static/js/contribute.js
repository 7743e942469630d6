// The page Contribute: draw what the page asks for, save, draw the next. Wiring only; `update()` shows the state.

import "./pad.js";
import { Api } from "./api.js";
import { isReady, setReady } from "./buttons.js";
import { showCounts, showGoal, showReadiness } from "./collected.js";
import { errorText } from "./format.js";
import { goldQuestions } from "./goldQuestion.js";
import { OfflineQueue } from "./offlineQueue.js";
import { OwnDrawings } from "./ownDrawings.js";
import { wirePadWays } from "./padWays.js";
import { page, t } from "./page.js";
import { Prompts, reasonText } from "./prompt.js";
import { goalProgress, readiness } from "./readiness.js";
import { forget } from "./rememberedCorrections.js";
import { FIELD, labelOfKey, listenForShortcuts } from "./shortcuts.js";
import { countDay, daysSoFar, showSitting } from "./sitting.js";
import { openStorage } from "./storage.js";
import { EMPTY, fromBody, isEmpty, toBody } from "./strokes.js";
import { UploadQueue } from "./uploadQueue.js";
import { wireWithdrawAll } from "./withdrawAll.js";

const VERY_LONG = 16; // characters of a label
const SHOWN = 8; // of the last drawings; a row on a phone

const find = (selector) => document.querySelector(selector);
const pad = find("ink-pad");
const choice = find("#choice");
const api = new Api(page.api);
const prompts = new Prompts(api, page.set, page.labels);
const uploads = new UploadQueue(api, new OfflineQueue(openStorage("localStorage")), openStorage("sessionStorage"));
const own = new OwnDrawings();
const gold = goldQuestions(find("#gold-question"), api, { set: page.set, t });

let state = {
  label: null, // the label that the page asks for
  reason: "", // why, as text
  counts: page.counts, // accepted samples by label, with those saved on this page
  added: {}, // samples by label that were saved on this page
  status: "", // what happened to the last drawing, as text
  error: null,
  days: daysSoFar(openStorage("localStorage")), // in a row on which something was drawn
};

function change(changes) {
  state = { ...state, ...changes };
  update();
}

function update() {
  find("#prompt").textContent = state.label ?? "\u00a0";
  find("#prompt").toggleAttribute("data-very-long", (state.label?.length ?? 0) > VERY_LONG);
  find("#prompt-words").textContent = state.label === null ? "\u00a0" : t.promptFor(state.label);
  find("#prompt-reason").textContent = state.reason || "\u00a0";
  find("#another").hidden = choice.value !== "" || page.labels.length < 2;
  setReady(find("#save"), state.label !== null && !isEmpty(pad.drawing) && !pad.busy);
  setReady(find("#withdraw"), uploads.canUndo);
  find("#count").textContent = uploads.count || areWaiting() ? t("saved", { count: uploads.count }) : "";
  find("#save-status").textContent = state.status;
  find("#error").hidden = !state.error;
  find("#error span").textContent = state.error ? errorText(state.error, t) : "";
  const drawings = uploads.newest(page.set, SHOWN);
  showSitting(find("#sitting"), { count: uploads.count, days: state.days, drawings }, t);
  gold.update(isEmpty(pad.drawing) && !pad.busy);
  updateOffline();
  updateCollected();
}

/** Whether drawings wait although they were tried; a first upload under way is nothing to report. */
function areWaiting() {
  return uploads.pending.length > 0 && uploads.error !== null;
}

function updateOffline() {
  find("#offline").hidden = !areWaiting();
  find("#offline span").textContent = areWaiting() ? waitingText(uploads.pending.length, uploads.error) : "";
}

/** Say why drawings wait. The sentences of these errors speak of a drawing on the pad, which is empty by now. */
function waitingText(count, error) {
  const why = { offline: "waiting.offline", unavailable: "waiting.server", internal: "waiting.server" }[error.code];
  return why ? t(why, { count }) : `${t("waiting", { count })} ${errorText(error, t)}`;
}

function updateCollected() {
  const ready = readiness(page.readiness, state.added);
  const { needed, labels } = page.readiness;
  const { counts } = state;
  const { goal } = page;
  showCounts(document.querySelectorAll(".collected li"), { counts, missing: ready.missing, needed, goal }, t);
  if (goal) showGoal(find("#goal"), goalProgress(page.labels, counts, goal), { goal, all: page.labels.length }, t);
  if (find("#readiness")) showReadiness(find("#readiness"), ready, labels.length, t);
}

/** Return the next prompt as changes of the state. */
function nextPrompt(counts = state.counts) {
  if (choice.value !== "") return { label: choice.value, reason: "" };
  const prompt = prompts.next(counts, state.label);
  return { label: prompt.label, reason: reasonText(prompt, t) };
}

/** Return the counts with `by` more samples of a label, as changes of the state. */
function counted(label, by) {
  const { counts, added } = state;
  return {
    counts: { ...counts, [label]: Math.max(0, (counts[label] ?? 0) + by) },
    added: { ...added, [label]: (added[label] ?? 0) + by }, // negative when a sample of an earlier visit is withdrawn
  };
}

function save() {
  if (!isReady(find("#save"))) {
    if (isEmpty(pad.drawing)) change({ status: t("draw_first") });
    return;
  }
  const { label } = state;
  const body = toBody(pad.drawing);
  pad.drawing = EMPTY;
  const changes = counted(label, 1);
  change({ ...changes, ...nextPrompt(changes.counts), status: "", error: null });
  uploads.save(page.set, label, body);
}

async function undo() {
  if (!isReady(find("#withdraw"))) return;
  try {
    await uploads.undo();
  } catch (error) {
    change({ error });
  }
}

async function undoOne({ key, id }) {
  try {
    await uploads.undoOne({ key, id });
  } catch (error) {
    change({ error });
  }
}

/** Ask for the label whose key was pressed. */
function askFor({ key, ctrlKey, metaKey, altKey, target }) {
  if (ctrlKey || metaKey || altKey || key.length !== 1 || target.closest?.(`${FIELD}, select`)) return;
  const label = labelOfKey(key, page.labels);
  if (label === undefined || pad.busy) return;
  choice.value = "";
  change({ label, reason: "" });
}

async function withdrawAll() {
  const answer = await uploads.undoAll();
  forget(openStorage("localStorage"));
  await own.forgetAll();
  change({ added: {}, status: "", error: null });
  await fetchCounts();
  return answer;
}

async function fetchCounts() {
  try {
    const sets = await api.sets();
    change({ counts: { ...sets.find(({ name }) => name === page.set)?.counts } });
  } catch {
    // Without the counts, the page asks for every label equally often.
  }
}

pad.addEventListener("drawing", () => change({ status: "", error: null }));
pad.addEventListener("pendown", () => {
  pad.takeKeys(); // so that the next key is for the drawing, not for what was used before it
  change({ status: "" });
});
pad.addEventListener("full", () => change({ error: { code: "full" } }));

uploads.addEventListener("change", () => update());
uploads.addEventListener("saved", ({ detail: { id, set, label, body, status } }) => {
  own.add({ sample: id, set, label, body });
  gold.drawingSaved();
  change({ days: countDay(openStorage("localStorage")), status: t(status === "accepted" ? "sample.accepted" : "sample.pending", { label: t.nameOf(label) }) });
});
uploads.addEventListener("withdrawn", ({ detail: { id, set, label, body } }) => {
  if (id) own.forget(id);
  const here = set === page.set;
  // A person who withdraws a drawing wants to mend it or to draw the label again, unless another drawing is on the pad.
  const free = here && isEmpty(pad.drawing);
  const again = free && choice.value === "" ? { label, reason: "" } : {};
  if (free && body) pad.drawing = fromBody(body);
  change({ ...again, ...(here && counted(label, -1)), status: t("sample.withdrawn", { label: t.nameOf(label) }), error: null });
});
uploads.addEventListener("refused", ({ detail: { item, error } }) => {
  if (isEmpty(pad.drawing)) { // the person gets the drawing back
    pad.drawing = fromBody(item.body);
    if (item.set === page.set) change({ label: item.label, reason: "" });
  }
  change({ ...(item.set === page.set && counted(item.label, -1)), error });
});

find("#save").addEventListener("click", save);
find("#withdraw").addEventListener("click", undo);
find("#sitting").addEventListener("click", ({ target }) => target.closest("button") && undoOne(target.closest("button").dataset));
document.addEventListener("keydown", askFor);
find("#another").addEventListener("click", () => change(nextPrompt()));
find("#offline button").addEventListener("click", () => uploads.send());
choice.addEventListener("change", () => change(nextPrompt()));
addEventListener("online", () => uploads.send());
wirePadWays(pad, t, (error) => change({ error }));
wireWithdrawAll(find("#withdraw-all"), withdrawAll, t);

listenForShortcuts({
  undo: () => pad.undo(),
  redo: () => pad.redo(),
  // With a drawing on the pad Enter saves it, whichever button was used last. Links and lists that Tab has reached keep their key.
  enter: ({ target }) => (target.closest("a, select, summary") || (isEmpty(pad.drawing) && target.closest("button")) ? false : save()),
});

update();
uploads.send();
await Promise.all([fetchCounts(), prompts.fetch()]);
if (state.label === null) change(nextPrompt());
