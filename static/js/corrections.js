// Turns a person's verdict into a correction. The server stores a drawing only now: live predictions are without consent.

import { newKey } from "./offlineQueue.js";
import { toBody } from "./strokes.js";

/** Sends corrections. The server stores each drawing once, however often its author changes the verdict or tries again. */
export class Corrections {
  #recorded = new WeakMap(); // drawing -> the prediction that the server recorded
  #keys = new WeakMap(); // drawing -> the key under which it was sent: an answer may be lost after the server stored the drawing

  constructor(api, set) {
    Object.assign(this, { api, set });
  }

  /**
   * Say that `drawing`, which got the prediction `shown`, has the label `label` (null: not a symbol).
   * Return {sample, status, run, apart, receipt, recorded}; `recorded` is for `recall`. Throws ApiError; trying again is safe.
   */
  async correct(drawing, shown, label) {
    const prediction = this.#recorded.get(drawing) ?? await this.#record(drawing);
    // A new version may have become live meanwhile. "Right" means the answer that was shown, so then the label is sent.
    const right = label !== null && label === shown.answer.label && label === prediction.answer.label;
    try {
      const sent = await this.api.correct(prediction.id, right ? { verdict: "right" } : { label });
      return { ...sent, recorded: { id: prediction.id, answer: prediction.answer } };
    } catch (error) {
      if (!error.isRetryable) this.forget(drawing); // another page may have withdrawn the drawing; the next try stores it again
      throw error;
    }
  }

  /** The server has `drawing` already, from an earlier page: another verdict on it replaces the first. */
  recall(drawing, recorded) {
    this.#recorded.set(drawing, recorded);
  }

  /** Forget the recorded prediction of a drawing, because its author withdrew the drawing. */
  forget(drawing) {
    this.#recorded.delete(drawing);
    this.#keys.delete(drawing);
  }

  async #record(drawing) {
    if (!this.#keys.has(drawing)) this.#keys.set(drawing, newKey());
    try {
      const prediction = await this.api.predict(this.set, toBody(drawing), { consent: true, key: this.#keys.get(drawing) });
      this.#recorded.set(drawing, prediction);
      return prediction;
    } catch (error) {
      if (!error.isRetryable) this.#keys.delete(drawing); // such as a key that was used with other options
      throw error;
    }
  }
}
