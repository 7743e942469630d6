// What the networks are taught on this page: follows the run of each correction, then asks about the same drawing again.

import { card } from "./progressCard.js";
import { runLine, stepLine } from "./format.js";
import { toBody } from "./strokes.js";

const POLL = 500; // ms between two looks at a run
const AWAY = 2000; // ms; the same while the server cannot be reached
const HOT_SWAP = 8000; // ms; every web process has a new version within one second, so this is far beyond
const MOST = 6; // lessons shown
const ENDED = ["done", "failed", "cancelled"];

const pause = (time) => new Promise((resolve) => { setTimeout(resolve, time); });

/**
 * Says "learned" with {drawing, prediction} when a lesson's drawing has been answered anew,
 * "withdrawn" with {drawing} when its author has taken it back, and "trouble" with {trouble}.
 */
export class Lessons extends EventTarget {
  #lessons = []; // newest first: {drawing, set, before, after, label, run, status, sample, receipt, withdrawn, trouble}
  #runs = new Map(); // by id, those that were followed: {state, progress, step, result, trouble}
  #cards = new WeakMap(); // lesson -> {key, element}: a card that says the same stays, with the focus in it

  constructor(element, api, t, language) {
    super();
    Object.assign(this, { element, api, t, language });
    element.addEventListener("click", ({ target }) => {
      const { sample } = target.closest("[data-sample]")?.dataset ?? {};
      if (sample) this.#withdraw(this.#lessons.find((lesson) => lesson.sample === sample));
    });
  }

  /** Begin a lesson; an earlier one with the same drawing is replaced. */
  add(lesson) {
    this.#lessons = [lesson, ...this.#lessons.filter((other) => other.drawing !== lesson.drawing)].slice(0, MOST);
    const followed = this.#runs.get(lesson.run);
    if (lesson.run && (!followed || ENDED.includes(followed.state))) this.#follow(lesson.run);
    this.update();
  }

  async #follow(id) {
    const seen = { state: "queued", progress: 0, step: "", result: {}, trouble: null };
    this.#runs.set(id, seen);
    while (!ENDED.includes(seen.state)) {
      this.update();
      await pause(seen.trouble ? Math.max(AWAY, 1000 * (seen.trouble.retryAfter ?? 0)) : POLL);
      try {
        Object.assign(seen, await this.api.run(id), { trouble: null });
      } catch (trouble) {
        seen.trouble = trouble;
        if (!trouble.passes) seen.state = "failed";
      }
    }
    this.update();
    if (seen.state !== "done") return;
    const taught = this.#lessons.filter(({ run, withdrawn }) => run === id && !withdrawn);
    await Promise.all(taught.map((lesson) => this.#examine(lesson, seen.result?.activated ?? [])));
  }

  /** Ask about the lesson's drawing again, once the new versions answer. */
  async #examine(lesson, activated) {
    const patience = Date.now() + HOT_SWAP;
    let live = false;
    while (!live) {
      try {
        lesson.after = await this.api.ask(lesson.set, toBody(lesson.drawing));
        lesson.trouble = null;
        live = activated.every((id) => lesson.after.models.some(({ version }) => version === id));
      } catch (trouble) {
        lesson.trouble = trouble;
      }
      if (!live && Date.now() > patience) break; // an even newer version may have taken its place
      if (!live) await pause(POLL);
    }
    if (lesson.after) this.#say("learned", { drawing: lesson.drawing, prediction: lesson.after });
    this.update();
  }

  async #withdraw(lesson) {
    try {
      await this.api.withdraw(lesson.sample, lesson.receipt);
      lesson.withdrawn = true;
      this.#say("withdrawn", { drawing: lesson.drawing });
    } catch (trouble) {
      this.#say("trouble", { trouble });
    }
    this.update();
  }

  update() {
    this.element.hidden = this.#lessons.length === 0;
    this.#updateRun();
    const list = this.element.querySelector(".lessons");
    const wanted = this.#lessons.map((lesson) => this.#card(lesson));
    if (wanted.length !== list.children.length || wanted.some((one, i) => one !== list.children[i])) list.replaceChildren(...wanted);
  }

  #updateRun() {
    const { run: id } = this.#lessons.find(({ run, withdrawn }) => run && !withdrawn) ?? {};
    const run = this.#runs.get(id);
    const element = this.element.querySelector(".run");
    element.hidden = !run;
    if (!run) return;
    element.dataset.state = run.state;
    const [words, bar, spoken] = element.children;
    write(words, run.state === "running" && !run.trouble ? stepLine(run.step, this.t) : runLine(run, this.t));
    write(spoken, runLine(run, this.t)); // read aloud when it changes, so it leaves the single steps out
    bar.value = ENDED.includes(run.state) ? 1 : run.progress;
  }

  #card(lesson) {
    const key = JSON.stringify([lesson.after?.answer, lesson.after?.models, lesson.withdrawn, lesson.trouble?.code]);
    const known = this.#cards.get(lesson);
    if (known?.key === key) return known.element;
    const element = card(lesson, this.t, this.language);
    this.#cards.set(lesson, { key, element });
    return element;
  }

  #say(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
