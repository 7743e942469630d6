// The page Contribute: draw what is asked for, save, draw the next. Wiring only; what it shows is `update()`.

import "./pad.js";
import { Api } from "./api.js";
import { knownDrawings } from "./goldQuestion.js";
import { takingBack } from "./withdrawAll.js";
import { stillLacking } from "./readiness.js";
import { page, t } from "./page.js";
import { Prompts, reasonLine } from "./prompt.js";
import { Sitting } from "./uploadQueue.js";
import { troubleLine } from "./format.js";
import { EMPTY, isEmpty, toBody } from "./strokes.js";
import { Waiting, openStore } from "./offlineQueue.js";

const find = (selector) => document.querySelector(selector);
const pad = find("ink-pad");
const choice = find("#choice");
const api = new Api(page.api);
const prompts = new Prompts(api, page.set, page.labels);
const sitting = new Sitting(api, new Waiting(openStore("localStorage")), openStore("sessionStorage"));

const betweenDrawings = knownDrawings(find("#known"), api, { set: page.set, t });

let state = {
  label: null, // what is asked for
  why: "", // the reason, in words
  counts: {}, // accepted samples by label, with those of this sitting
  added: {}, // those of this sitting since the page was opened
  said: "",
  trouble: null,
};

function change(news) {
  state = { ...state, ...news };
  update();
}

function update() {
  const waiting = sitting.pending.length;
  const late = waiting > 0 && sitting.trouble; // what is on its way for the first time is no news
  find("#prompt").textContent = state.label ?? "\u00a0";
  find("#prompt-words").textContent = state.label === null ? "\u00a0" : t.askFor(state.label);
  find("#why").textContent = state.why || "\u00a0";
  find("#other").hidden = choice.value !== "" || page.labels.length < 2;
  setReady(find("#save"), state.label !== null && !isEmpty(pad.drawing) && !pad.busy);
  setReady(find("#withdraw"), sitting.canUndo);
  find("#count").textContent = t("saved", { count: sitting.count });
  find("#said").textContent = state.said;
  find("#waiting").hidden = !late;
  find("#waiting span").textContent = late ? `${t("waiting", { count: waiting })} ${troubleLine(sitting.trouble, t)}` : "";
  find("#trouble").hidden = !state.trouble;
  find("#trouble span").textContent = state.trouble ? troubleLine(state.trouble, t) : "";
  updateCollected();
}

function updateCollected() {
  const number = new Intl.NumberFormat(page.language).format;
  const { missing, drawings, done, progress } = stillLacking(page.lacking, state.added);
  const most = Math.max(1, ...page.labels.map((label) => state.counts[label] ?? 0));
  for (const row of document.querySelectorAll(".collected li")) {
    const { label } = row.dataset;
    const count = state.counts[label] ?? 0;
    const left = missing[label] ?? 0;
    row.querySelector("meter").value = left ? 1 - left / page.lacking.needed : count / most;
    row.querySelector("span").textContent = left ? `${number(page.lacking.needed - left)} / ${number(page.lacking.needed)}` : number(count);
  }
  if (!find("#missing")) return;
  find("#missing meter").value = progress;
  find("#missing p").textContent = drawings
    ? t("missing.some", { count: number(drawings), done, all: page.lacking.labels.length })
    : t("missing.none");
}

function setReady(button, ready) {
  button.setAttribute("aria-disabled", String(!ready));
}

function isReady(button) {
  return button.getAttribute("aria-disabled") === "false";
}

/** Return what to ask for next, as news for `change`. */
function ask(counts = state.counts) {
  if (choice.value !== "") return { label: choice.value, why: "" };
  const prompt = prompts.next(counts, state.label);
  return { label: prompt.label, why: reasonLine(prompt, t) };
}

function counted(label, by) {
  const { counts, added } = state;
  return {
    counts: { ...counts, [label]: Math.max(0, (counts[label] ?? 0) + by) },
    added: { ...added, [label]: (added[label] ?? 0) + by }, // less than none where one of an earlier visit is taken back
  };
}

function save() {
  if (!isReady(find("#save"))) {
    if (isEmpty(pad.drawing)) change({ said: t("draw_first") });
    return;
  }
  const { label } = state;
  const body = toBody(pad.drawing);
  pad.drawing = EMPTY;
  const more = counted(label, 1);
  change({ ...more, ...ask(more.counts), said: "", trouble: null });
  sitting.save(page.set, label, body);
}

async function undo() {
  if (!isReady(find("#withdraw"))) return;
  try {
    await sitting.undo();
  } catch (trouble) {
    change({ trouble });
  }
}

pad.addEventListener("drawing", () => change({ said: "" }));
pad.addEventListener("pendown", () => change({ said: "" }));
pad.addEventListener("full", () => change({ trouble: { code: "full" } }));

sitting.addEventListener("change", () => update());
sitting.addEventListener("saved", ({ detail: { label, status } }) => {
  betweenDrawings();
  change({ said: status === "accepted" ? t("said.accepted", { label: t.nameOf(label) }) : t("said.waits", { label: t.nameOf(label) }) });
});
sitting.addEventListener("withdrawn", ({ detail: { set, label } }) => {
  const here = set === page.set;
  // Who takes one back wants to draw it better, unless something else is being drawn already.
  const again = here && choice.value === "" && isEmpty(pad.drawing) ? { label, why: "" } : {};
  change({ ...again, ...(here && counted(label, -1)), said: t("said.withdrawn", { label: t.nameOf(label) }), trouble: null });
});
sitting.addEventListener("refused", ({ detail: { item, trouble } }) => {
  if (isEmpty(pad.drawing)) { // the drawing goes back to its author
    pad.drawing = { strokes: item.body.strokes, pointer: item.body.pointer ?? null };
    if (item.set === page.set) change({ label: item.label, why: "" });
  }
  change({ ...(item.set === page.set && counted(item.label, -1)), trouble });
});

find("#save").addEventListener("click", save);
find("#withdraw").addEventListener("click", undo);
find("#other").addEventListener("click", () => change(ask()));
takingBack(find("#mine"), takeBackAll, t);
find("#waiting button").addEventListener("click", () => sitting.send());
choice.addEventListener("change", () => change(ask()));
addEventListener("online", () => sitting.send());

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") {
    event.preventDefault();
    pad.undo();
  } else if (event.key === "Enter" && !event.repeat && !event.target.closest("button, a, select, summary")) {
    event.preventDefault();
    save();
  }
});

async function takeBackAll() {
  const answer = await sitting.undoAll();
  change({ added: {}, said: "", trouble: null });
  await count();
  return answer;
}

async function begin() {
  sitting.send();
  await Promise.all([count(), prompts.fetch()]);
  if (state.label === null) change(ask());
}

async function count() {
  try {
    const sets = await api.sets();
    change({ counts: { ...sets.find(({ name }) => name === page.set)?.counts } });
  } catch {
    // Without the counts every symbol is equally welcome.
  }
}

update();
begin();
