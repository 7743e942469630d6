// The owner's queue by keyboard: J and K move, A accepts, R rejects, 1 to 9 give another label, U takes the last decision back.
// A decided row stays where it is, so the place and the focus are kept, and has a button that takes the decision back. Without this script each decision loads the page again.

import { postForm } from "../api.js";

const rows = [...document.querySelectorAll(".queue-row")];
const status = document.getElementById("decided");
const undoAddress = document.getElementById("moderation").dataset.undo;
const decisions = []; // {row, undo}, the newest last

let work = Promise.resolve();

/** Do one request after the other, so that U takes back the decision that was made last. */
const inTurn = (act) => { work = work.then(act); };

const isOpen = (row) => !("decided" in row.dataset);
const current = () => document.activeElement?.closest?.(".queue-row") ?? rows.find(isOpen);

/** Move the focus from a row by `step` rows; with `open`, to the next row that waits, or to the link to more of them. */
function move(row, step, open = false) {
  let place = rows.indexOf(row) + step;
  while (open && rows[place] && !isOpen(rows[place])) place += step;
  const next = rows[place] ?? (open ? rows.find(isOpen) ?? document.querySelector(".queue-more") : undefined) ?? row;
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: "nearest" });
}

function show(row, outcome) {
  const told = row.querySelector(".outcome");
  told.textContent = outcome;
  told.hidden = !outcome;
  if (outcome) row.dataset.decided = "";
  else delete row.dataset.decided;
  for (const field of row.querySelectorAll("form button, select")) field.disabled = Boolean(outcome);
  row.querySelector(".take-back").hidden = !outcome; // for a finger, which has no key
  status.textContent = outcome;
  countWaiting(row.dataset.contributor);
}

/** Write how many drawings of a contributor still wait, on the buttons that decide about all of them. */
function countWaiting(contributor) {
  if (!contributor) return; // of a drawing that somebody reported, and that does not wait itself
  const decided = rows.filter((row) => row.dataset.contributor === contributor && !isOpen(row)).length;
  for (const row of rows.filter(isOpen)) {
    for (const number of row.querySelectorAll(`[data-waiting="${CSS.escape(contributor)}"]`)) {
      number.dataset.before ??= number.textContent;
      number.textContent = number.dataset.before - decided;
    }
  }
}

function decide(row, button, label) {
  if (!row || !isOpen(row)) return;
  const form = button.form;
  const fields = new FormData(form, button);
  if (label !== undefined) fields.set("label", label);
  const outcome = button.dataset.outcome + (fields.get("decision") === "relabel" ? ` ${fields.get("label") || form.label.options[0].text}` : "");
  show(row, outcome); // at once; a failure takes it back
  move(row, 1, true);
  inTurn(async () => {
    try {
      const { undo } = await postForm(form.action, fields);
      decisions.push({ row, undo });
    } catch {
      fail(row);
    }
  });
}

function fail(row) {
  show(row, "");
  status.textContent = status.dataset.failed;
  status.classList.remove("visually-hidden");
  row.focus();
}

/** Take back the decision about a row, without one the last decision. */
async function takeBack(row = null) {
  const place = row ? decisions.findIndex((one) => one.row === row) : decisions.length - 1;
  const [last] = place < 0 ? [] : decisions.splice(place, 1);
  if (!last && row) return; // it was not decided after all
  if (!last) {
    document.querySelector("#news form")?.requestSubmit(); // the decision before this page was loaded
    return;
  }
  const fields = new FormData(last.row.querySelector("form"));
  fields.set("undo", last.undo);
  const answer = await postForm(undoAddress, fields).catch(() => null);
  if (!answer) {
    status.textContent = status.dataset.failed;
    return;
  }
  const { sample } = answer;
  for (const field of last.row.querySelectorAll("[name=sample]")) field.value = sample; // another label made another sample
  show(last.row, "");
  last.row.focus();
  last.row.scrollIntoView({ block: "nearest" });
}

const KEYS = {
  KeyJ: (row) => move(row, 1),
  KeyK: (row) => move(row, -1),
  KeyA: (row) => decide(row, row.querySelector("[value=accept]")),
  KeyR: (row) => decide(row, row.querySelector("[value=reject]")),
  KeyU: () => inTurn(takeBack),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("select, input")) return;
  const row = current();
  const choice = row?.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!(choice || KEYS[event.code]) || (!row && event.code !== "KeyU")) return;
  event.preventDefault();
  if (choice) decide(row, row.querySelector("[value=relabel]"), choice.dataset.label);
  else KEYS[event.code](row);
});

for (const row of rows) {
  row.addEventListener("submit", (event) => {
    if (event.target.classList.contains("theirs")) return;
    event.preventDefault();
    decide(row, event.submitter);
  });
  row.querySelector(".take-back").addEventListener("click", () => inTurn(() => takeBack(row)));
  for (const choice of row.querySelectorAll("[data-key]")) {
    choice.addEventListener("click", () => decide(row, row.querySelector("[value=relabel]"), choice.dataset.label));
  }
}
const wanted = location.hash === "#queue" ? rows[0] : rows.find((row) => `#${row.id}` === location.hash); // "#queue": from the page before; no element has this id, because a browser would take the focus to it
wanted?.focus();
