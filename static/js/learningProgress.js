// Follows the run of each correction, then asks for a new prediction of the same drawing.

import { runText, stepText } from "./format.js";
import { ENDED, isLearning, lessonOf, wasKeptOut } from "./lesson.js";
import { progressCard } from "./progressCard.js";
import { KEY, recall, remember } from "./rememberedCorrections.js";
import { isSame, toBody } from "./strokes.js";

const POLL = 500; // ms between two requests for a run
const OFFLINE_POLL = 2000; // ms; the same while the server cannot be reached
const HOT_SWAP = 8000; // ms; every web process loads a new version within one second, so this is far beyond
const MAX_SHOWN = 6; // corrections

const pause = (time) => new Promise((resolve) => { setTimeout(resolve, time); });

/**
 * Dispatches "prediction" with {drawing, prediction} when there is a new prediction of a corrected drawing,
 * "withdrawn" with {drawing, sample} when its author withdrew it, here or in another tab, "error" with {error}, and "change".
 */
export class LearningProgress extends EventTarget {
  // Newest first: {at, drawing, set, before, after, forYou, label, verdict, recorded, run, keptOut, status, apart, sample, receipt, withdrawn, error}
  #corrections = [];
  #runs = new Map(); // id -> {state, progress, step, result, error}
  #cards = new WeakMap(); // correction -> {key, element}: a card with the same content stays, and keeps the focus

  /** `storage` is a browser storage, or null. */
  constructor(element, api, storage, t) {
    super();
    Object.assign(this, { element, api, storage, t });
    element.addEventListener("click", ({ target }) => {
      const { sample } = target.closest("[data-sample]")?.dataset ?? {};
      if (sample) this.#withdraw(this.#corrections.find((correction) => correction.sample === sample));
    });
    addEventListener("storage", ({ key, newValue }) => { // another tab has corrected or deleted something, or everything
      if (key === KEY || key === null) this.#recall({ deletedAll: newValue === null });
    });
    this.#recall();
  }

  /** Show what is remembered. A correction of this page keeps its drawing, which the page compares by identity. */
  #recall({ deletedAll = false } = {}) {
    const known = new Map(this.#corrections.map((correction) => [correction.sample, correction]));
    const valid = this.#corrections.filter(({ withdrawn }) => !withdrawn);
    this.#corrections = recall(this.storage).map((stored) => {
      const here = known.get(stored.sample);
      return here ? Object.assign(here, stored, { drawing: here.drawing }) : stored;
    });
    for (const { run, after, withdrawn } of this.#corrections) {
      if (run && !after && !withdrawn && !this.#runs.has(run)) this.#follow(run);
    }
    this.update();
    const gone = valid.filter(({ withdrawn }) => withdrawn || deletedAll);
    for (const { drawing, sample } of gone) this.#dispatch("withdrawn", { drawing, sample });
  }

  /** Show a correction and follow its run. An earlier correction of the same drawing is replaced, and returned. */
  add(correction) {
    const earlier = this.#corrections.find(({ drawing }) => drawing === correction.drawing);
    const others = this.#corrections.filter((one) => one !== earlier);
    this.#corrections = [{ at: Date.now(), ...correction }, ...others].slice(0, MAX_SHOWN);
    remember(this.storage, this.#corrections);
    const followed = this.#runs.get(correction.run);
    if (correction.run && (!followed || ENDED.includes(followed.state))) this.#follow(correction.run);
    this.update();
    return earlier;
  }

  /** Return the correction in a set of the same drawing as `drawing`, which came back to the pad of a new page; undefined if there is none. */
  adopt(drawing, set) {
    const correction = this.#corrections.find((one) => one.set === set && !one.withdrawn && isSame(one.drawing, drawing));
    return correction && Object.assign(correction, { drawing });
  }

  /** Return what became of the correction of `drawing`, as `lesson.js` names it, or null if there is none. */
  lessonOf(drawing) {
    const correction = this.#corrections.find((one) => one.drawing === drawing);
    return correction ? lessonOf(correction, this.#runs.get(correction.run)) : null;
  }

  /** Show the correction of `drawing` no longer, because its sample is gone. Return the correction. */
  remove(drawing) {
    const gone = this.#corrections.find((one) => one.drawing === drawing);
    this.#corrections = this.#corrections.filter((one) => one !== gone);
    remember(this.storage, this.#corrections);
    this.update();
    return gone;
  }

  /** Say that the answer for the author alone is `prediction` now: it may be right before everybody's is. */
  tellForAuthor(drawing, prediction) {
    const correction = this.#corrections.find((one) => one.drawing === drawing);
    if (!correction || !prediction.adapted) return;
    correction.forYou = prediction.answer;
    remember(this.storage, this.#corrections);
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
    await Promise.all(learned.map((correction) => this.#predictAgain(correction, run.result)));
  }

  /** Predict the drawing of `correction` until the versions answer that a run with this result activated. */
  async #predictAgain(correction, result) {
    const activated = result?.activated ?? [];
    correction.keptOut = wasKeptOut(result);
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
    correction.people = await this.api.people(correction.set).catch(() => 0);
    if (correction.after) this.#dispatch("prediction", { drawing: correction.drawing, prediction: correction.after });
    remember(this.storage, this.#corrections);
    this.update();
  }

  async #withdraw(correction) {
    try {
      await this.api.withdraw(correction.sample, correction.receipt);
      correction.withdrawn = true;
      remember(this.storage, this.#corrections);
      this.#dispatch("withdrawn", { drawing: correction.drawing, sample: correction.sample });
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
    this.#dispatch("change");
  }

  #updateRun() {
    const learning = this.#corrections.find((correction) => isLearning(correction, this.#runs.get(correction.run)));
    const run = this.#runs.get((learning ?? this.#corrections.find((correction) => correction.run))?.run);
    const element = this.element.querySelector(".run");
    element.hidden = !learning; // in the end, each card tells what became of its drawing
    if (!run) return;
    element.dataset.state = run.state;
    const [line, bar, status] = element.children;
    write(line, run.state === "running" && !run.error ? stepText(run.step_code, this.t) : runText(run, this.t));
    write(status, runText(run, this.t)); // for screen readers, without the single steps
    bar.value = ENDED.includes(run.state) ? 1 : run.progress;
  }

  #card(correction) {
    const { after, forYou, withdrawn, error, people, run: id } = correction;
    const run = this.#runs.get(id);
    const key = JSON.stringify([after?.answer, after?.models, forYou, withdrawn, people, error?.code, ENDED.includes(run?.state) && run]);
    const shown = this.#cards.get(correction);
    if (shown?.key === key) return shown.element;
    const element = progressCard(correction, run, this.t);
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
