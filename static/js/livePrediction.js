// Asks about the drawing while it grows: a little after the last stroke, the newest drawing only, keeping nothing.

import { isEmpty, toBody } from "./strokes.js";

const QUIET = 250; // ms; shorter than the pause between two strokes of one symbol would ask about halves

/** Says "answer" with {drawing, prediction}, "trouble" with {drawing, trouble}; "asking" when it begins. */
export class Asking extends EventTarget {
  #timer = 0;
  #request = null;

  constructor(api, set) {
    super();
    Object.assign(this, { api, set });
  }

  /** Forget the older drawing and ask about this one soon. */
  about(drawing) {
    this.stop();
    if (!isEmpty(drawing)) this.#timer = setTimeout(() => this.now(drawing), QUIET);
  }

  /** Drop whatever is being asked. */
  stop() {
    clearTimeout(this.#timer);
    this.#request?.abort();
    this.#request = null;
  }

  async now(drawing) {
    this.stop();
    const request = new AbortController();
    this.#request = request;
    try {
      const prediction = await this.api.ask(this.set, toBody(drawing), { signal: request.signal });
      if (this.#request === request) this.#say("answer", { drawing, prediction });
    } catch (trouble) {
      if (this.#request === request) this.#say("trouble", { drawing, trouble });
    }
  }

  #say(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
