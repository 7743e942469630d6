// What the networks are taught on this page: follows the run of each correction, then asks about the same drawing again.

import { firstGuess } from "./answers.js";
import { path } from "./smooth.js";
import { answerLine, percent, troubleLine } from "./speech.js";
import { SIDE, toBody } from "./strokes.js";

const POLL = 500; // ms between two looks at a run
const HOT_SWAP = 8000; // ms; every web process has a new version within one second, so this is far beyond
const MOST = 6; // lessons shown
const ENDED = ["done", "failed", "cancelled"];

const pause = (time) => new Promise((resolve) => { setTimeout(resolve, time); });

/** Says "learned" with {drawing, prediction} when a lesson's drawing has been answered anew. */
export class Lessons extends EventTarget {
  #lessons = []; // newest first: {drawing, before, after, label, set, status, run}
  #runs = new Map(); // by id, those that are being followed: {state, progress, step, result, trouble}

  constructor(element, api, t, language) {
    super();
    Object.assign(this, { element, api, t, language });
  }

  /** Begin a lesson; an earlier one with the same drawing is replaced. */
  add(lesson) {
    this.#lessons = [lesson, ...this.#lessons.filter((other) => other.drawing !== lesson.drawing)].slice(0, MOST);
    this.update();
    const followed = this.#runs.get(lesson.run);
    if (lesson.run && (!followed || ENDED.includes(followed.state))) this.#follow(lesson.run);
  }

  async #follow(id) {
    const seen = { state: "queued", progress: 0, step: "", result: {}, trouble: null };
    this.#runs.set(id, seen);
    while (!ENDED.includes(seen.state)) {
      this.update();
      await pause(seen.trouble ? Math.max(2000, 1000 * (seen.trouble.retryAfter ?? 0)) : POLL);
      try {
        Object.assign(seen, await this.api.run(id), { trouble: null });
      } catch (trouble) {
        if (!trouble.passes) Object.assign(seen, { state: "failed" });
        seen.trouble = trouble;
      }
    }
    this.update();
    if (seen.state === "done") {
      for (const lesson of this.#lessons.filter((one) => one.run === id)) await this.#examine(lesson, seen.result?.activated ?? []);
    }
    this.update();
  }

  /** Ask about the lesson's drawing again, once the new versions answer. */
  async #examine(lesson, activated) {
    const patience = Date.now() + HOT_SWAP;
    let live = false;
    while (!live) {
      try {
        lesson.after = await this.api.ask(lesson.set, toBody(lesson.drawing));
        live = activated.every((id) => lesson.after.models.some(({ version }) => version === id));
        lesson.trouble = null;
      } catch (trouble) {
        lesson.trouble = trouble;
      }
      if (!live && Date.now() > patience) break; // an even newer version may have taken its place
      if (!live) await pause(POLL);
    }
    if (lesson.after) this.dispatchEvent(new CustomEvent("learned", { detail: { drawing: lesson.drawing, prediction: lesson.after } }));
    this.update();
  }

  update() {
    this.element.hidden = this.#lessons.length === 0;
    this.#updateRun();
    this.element.querySelector(".lessons").replaceChildren(...this.#lessons.map((lesson) => this.#card(lesson)));
  }

  #updateRun() {
    const { run: id } = this.#lessons.find(({ run }) => run) ?? {};
    const run = this.#runs.get(id);
    const element = this.element.querySelector(".run");
    element.hidden = !run;
    if (!run) return;
    element.dataset.state = run.state;
    const line = this.#runLine(run);
    const [words, bar] = element.children;
    if (words.textContent !== line) words.textContent = line;
    bar.value = ENDED.includes(run.state) ? 1 : run.progress;
  }

  #runLine({ state, step, result, trouble }) {
    const { t } = this;
    if (trouble) return t("run.lost", { trouble: troubleLine(trouble, t) });
    if (state === "done" && result?.activated?.length) return t("run.activated");
    if (state === "done" && result?.rejected?.length) return t("run.rejected");
    if (state === "running") return t.has(`step.${step}`) ? t(`step.${step}`) : t("run.running");
    return t(`run.${state}`);
  }

  #card(lesson) {
    const item = document.createElement("li");
    item.className = "lesson";
    item.dataset.state = lesson.after ? "learned" : "learning";
    item.append(miniature(lesson.drawing), this.#change(lesson), paragraph("lesson-detail", this.#detail(lesson)));
    return item;
  }

  #change({ before, after }) {
    const line = paragraph("lesson-change");
    line.append(span("then", answerLine(before.answer, this.t, this.language)));
    if (after) {
      const arrow = document.createElement("i");
      arrow.textContent = "→";
      arrow.setAttribute("aria-label", this.t("lesson.became"));
      line.append(arrow, span("now", answerLine(after.answer, this.t, this.language)));
    }
    return line;
  }

  #detail({ before, after, label, run, status, trouble }) {
    const { t } = this;
    const taught = label === null ? t("lesson.nothing") : t("lesson.taught", { label });
    if (trouble) return `${taught} ${troubleLine(trouble, t)}`;
    if (!run) return `${taught} ${t.has(`lesson.${status}`) ? t(`lesson.${status}`) : ""}`.trim();
    if (!after) return taught;
    const each = ["fnn", "cnn"].map((learner) => `${learner.toUpperCase()}: ${this.#guess(before, learner)} → ${this.#guess(after, learner)}`);
    const verdict = after.answer.label === label ? t("lesson.learned") : t("lesson.notyet");
    return `${taught} ${verdict} ${each.join("; ")}.`;
  }

  #guess(prediction, learner) {
    const guess = firstGuess(prediction, learner);
    return guess ? `${guess.label} ${percent(guess.p, this.language)}` : "-";
  }
}

function miniature(drawing) {
  const space = "http://www.w3.org/2000/svg";
  const picture = document.createElementNS(space, "svg");
  picture.setAttribute("viewBox", `0 0 ${SIDE} ${SIDE}`);
  picture.setAttribute("aria-hidden", "true");
  for (const stroke of drawing.strokes) {
    const line = document.createElementNS(space, "path");
    line.setAttribute("d", path(stroke));
    picture.append(line);
  }
  return picture;
}

function paragraph(className, text = "") {
  const element = document.createElement("p");
  Object.assign(element, { className, textContent: text });
  return element;
}

function span(className, text) {
  const element = document.createElement("span");
  Object.assign(element, { className, textContent: text });
  return element;
}
