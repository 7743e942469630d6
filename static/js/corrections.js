// Turns a verdict into a correction. Only now is the drawing kept: every ask before was without consent.

import { toBody } from "./strokes.js";

/** One drawing is kept at most once, however often its author changes the verdict or must try again. */
export class Judging {
  #kept = new WeakMap(); // drawing -> the kept prediction

  constructor(api, set) {
    Object.assign(this, { api, set });
  }

  /**
   * Say that `drawing`, which was answered with `shown`, is `label` (null: not a symbol).
   * Return {sample, status, run, receipt}. Throws Trouble; trying again is safe.
   */
  async correct(drawing, shown, label) {
    const prediction = this.#kept.get(drawing) ?? await this.api.ask(this.set, toBody(drawing), { consent: true });
    this.#kept.set(drawing, prediction);
    // A new version may have answered in between. "Right" is said of what was shown, so then the label itself is told.
    const right = label !== null && label === shown.answer.label && label === prediction.answer.label;
    try {
      return await this.api.correct(prediction.id, right ? { verdict: "right" } : { label });
    } catch (trouble) {
      if (!trouble.passes) this.forget(drawing); // it may have been taken back elsewhere; the next try keeps it anew
      throw trouble;
    }
  }

  /** What the server kept of the drawing is gone: its author took it back. */
  forget(drawing) {
    this.#kept.delete(drawing);
  }
}
