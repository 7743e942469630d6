// Asks for a prediction while the person draws: shortly after each stroke, for the newest drawing only, without consent.

import { isEmpty, toBody } from "./strokes.js";

const DEBOUNCE = 30; // ms; a pen that is lifted and set down again at once asks only once

/** Dispatches "prediction" with {drawing, prediction}, and "error" with {drawing, error}. */
export class LivePrediction extends EventTarget {
  #timer = 0;
  #request = null;

  constructor(api, set) {
    super();
    Object.assign(this, { api, set });
  }

  /** Predict `drawing` soon, instead of any older drawing. */
  schedule(drawing) {
    this.cancel();
    if (!isEmpty(drawing)) this.#timer = setTimeout(() => this.predict(drawing), DEBOUNCE);
  }

  /** Drop the request that is scheduled or under way. */
  cancel() {
    clearTimeout(this.#timer);
    this.#request?.abort();
    this.#request = null;
  }

  /** Predict `drawing` now, instead of any older drawing. */
  async predict(drawing) {
    this.cancel();
    const request = new AbortController();
    this.#request = request;
    try {
      const prediction = await this.api.predict(this.set, toBody(drawing), { signal: request.signal });
      if (this.#request === request) this.#dispatch("prediction", { drawing, prediction });
    } catch (error) {
      if (this.#request === request) this.#dispatch("error", { drawing, error });
    }
  }

  #dispatch(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
