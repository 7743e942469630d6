// Follows the run of each correction made on this page, then asks for a new prediction of the same drawing.

import { runText, stepText } from "./format.js";
import { progressCard } from "./progressCard.js";
import { toBody } from "./strokes.js";

const POLL = 500; // ms between two requests for a run
const OFFLINE_POLL = 2000; // ms; the same while the server cannot be reached
const HOT_SWAP = 8000; // ms; every web process loads a new version within one second, so this is far beyond
const MAX_SHOWN = 6; // corrections
const ENDED = ["done", "failed", "cancelled"];

const pause = (time) => new Promise((resolve) => { setTimeout(resolve, time); });

/**
 * Dispatches "prediction" with {drawing, prediction} when there is a new prediction of a corrected drawing,
 * "withdrawn" with {drawing} when its author withdrew it, and "error" with {error}.
 */
export class LearningProgress extends EventTarget {
  #corrections = []; // newest first: {drawing, set, before, after, label, run, status, apart, sample, receipt, withdrawn, error}
  #runs = new Map(); // id -> {state, progress, step, result, error}
  #cards = new WeakMap(); // correction -> {key, element}: a card with the same content stays, and keeps the focus

  constructor(element, api, t) {
    super();
    Object.assign(this, { element, api, t });
    element.addEventListener("click", ({ target }) => {
      const { sample } = target.closest("[data-sample]")?.dataset ?? {};
      if (sample) this.#withdraw(this.#corrections.find((correction) => correction.sample === sample));
    });
  }

  /** Show a correction and follow its run. An earlier correction of the same drawing is replaced. */
  add(correction) {
    const others = this.#corrections.filter(({ drawing }) => drawing !== correction.drawing);
    this.#corrections = [correction, ...others].slice(0, MAX_SHOWN);
    const followed = this.#runs.get(correction.run);
    if (correction.run && (!followed || ENDED.includes(followed.state))) this.#follow(correction.run);
    this.update();
  }

  async #follow(id) {
    const run = { state: "queued", progress: 0, step: "", result: {}, error: null };
    this.#runs.set(id, run);
    while (!ENDED.includes(run.state)) {
      this.update();
      await pause(run.error ? Math.max(OFFLINE_POLL, 1000 * (run.error.retryAfter ?? 0)) : POLL);
      try {
        Object.assign(run, await this.api.run(id), { error: null });
      } catch (error) {
        run.error = error;
        if (!error.isRetryable) run.state = "failed";
      }
    }
    this.update();
    if (run.state !== "done") return;
    const learned = this.#corrections.filter((correction) => correction.run === id && !correction.withdrawn);
    await Promise.all(learned.map((correction) => this.#predictAgain(correction, run.result?.activated ?? [])));
  }

  /** Predict the drawing of `correction` until the `activated` versions answer. */
  async #predictAgain(correction, activated) {
    const deadline = Date.now() + HOT_SWAP;
    let live = false;
    while (!live) {
      try {
        correction.after = await this.api.predict(correction.set, toBody(correction.drawing));
        correction.error = null;
        live = activated.every((id) => correction.after.models.some(({ version }) => version === id));
      } catch (error) {
        correction.error = error;
      }
      if (!live && Date.now() > deadline) break; // an even newer version may have become live
      if (!live) await pause(POLL);
    }
    if (correction.after) this.#dispatch("prediction", { drawing: correction.drawing, prediction: correction.after });
    this.update();
  }

  async #withdraw(correction) {
    try {
      await this.api.withdraw(correction.sample, correction.receipt);
      correction.withdrawn = true;
      this.#dispatch("withdrawn", { drawing: correction.drawing });
    } catch (error) {
      this.#dispatch("error", { error });
    }
    this.update();
  }

  update() {
    this.element.hidden = this.#corrections.length === 0;
    this.#updateRun();
    const list = this.element.querySelector(".corrections");
    const cards = this.#corrections.map((correction) => this.#card(correction));
    if (cards.length !== list.children.length || cards.some((card, i) => card !== list.children[i])) list.replaceChildren(...cards);
  }

  #updateRun() {
    const { run: id } = this.#corrections.find(({ run, withdrawn }) => run && !withdrawn) ?? {};
    const run = this.#runs.get(id);
    const element = this.element.querySelector(".run");
    element.hidden = !run;
    if (!run) return;
    element.dataset.state = run.state;
    const [line, bar, status] = element.children;
    write(line, run.state === "running" && !run.error ? stepText(run.step_code, this.t) : runText(run, this.t));
    write(status, runText(run, this.t)); // for screen readers, without the single steps
    bar.value = ENDED.includes(run.state) ? 1 : run.progress;
  }

  #card(correction) {
    const key = JSON.stringify([correction.after?.answer, correction.after?.models, correction.withdrawn, correction.error?.code]);
    const shown = this.#cards.get(correction);
    if (shown?.key === key) return shown.element;
    const element = progressCard(correction, this.t);
    this.#cards.set(correction, { key, element });
    return element;
  }

  #dispatch(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text; // a screen reader reads every change aloud, also a change to the same text
}
