// Asks for a prediction while the person draws: shortly after each stroke, for the newest drawing only, without consent. Where
// answers come at once, also while the pen moves.

import { isEmpty } from "./strokes.js";

const DEBOUNCE = 30; // ms; a pen that is lifted and set down again at once asks only once

/** Dispatches "prediction" with {drawing, prediction}, and "error" with {drawing, error}. */
export class LivePrediction extends EventTarget {
  #timer = 0;
  #request = null;
  #newest = null; // the drawing to predict while the pen moves
  #following = false;

  /** `place` predicts: an AnswerPlace. */
  constructor(place) {
    super();
    this.place = place;
  }

  /** Predict `drawing` soon, instead of any older drawing. */
  schedule(drawing) {
    this.cancel();
    if (!isEmpty(drawing)) this.#timer = setTimeout(() => this.predict(drawing), this.place.isInstant ? 0 : DEBOUNCE);
  }

  /** Drop the request that is scheduled or under way. */
  cancel() {
    clearTimeout(this.#timer);
    this.#request?.abort();
    this.#request = null;
    this.#newest = null;
  }

  /** Predict `drawing` while its stroke goes on: at most once a frame, and one prediction after the other. */
  async follow(drawing) {
    this.#newest = drawing;
    if (this.#following) return;
    this.#following = true;
    while (this.#newest && this.place.isInstant) {
      await new Promise(requestAnimationFrame);
      const wanted = this.#newest;
      if (!wanted) break;
      const prediction = await this.place.predict(wanted).catch(() => null); // the stroke's end asks again, and tells the error
      if (prediction && this.#newest) this.#dispatch("prediction", { drawing: wanted, prediction });
      if (this.#newest === wanted) this.#newest = null;
    }
    this.#following = false;
  }

  /** Predict `drawing` now, instead of any older drawing. */
  async predict(drawing) {
    this.cancel();
    const request = new AbortController();
    this.#request = request;
    try {
      const prediction = await this.place.predict(drawing, { signal: request.signal });
      if (this.#request === request) this.#dispatch("prediction", { drawing, prediction });
    } catch (error) {
      if (this.#request === request) this.#dispatch("error", { drawing, error });
    }
  }

  #dispatch(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
