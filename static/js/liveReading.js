// Reads the line while the person writes, and keeps it once the person corrects something.

import { newKey } from "./offlineQueue.js";
import { toBody } from "./strokes.js";

const LINE_ERRORS = { too_large: "too_many_symbols" }; // a line of so many strokes is too large as well
const PICTURE_ERRORS = { too_large: "too_many_in_picture", blank_drawing: "blank_picture" };

/** Where readings come from, for LivePrediction: the server. */
export class ReadingPlace {
  isInstant = false;

  constructor(api, set) {
    Object.assign(this, { api, set });
  }

  /** Return the reading of `drawing`. Throws ApiError, with the code of what a line or a picture of one has wrong. */
  async predict(drawing, options) {
    try {
      return await this.api.read(this.set, toBody(drawing), options);
    } catch (error) {
      const code = (drawing.picture ? PICTURE_ERRORS : LINE_ERRORS)[error.code];
      throw code ? Object.assign(error, { code }) : error;
    }
  }
}

/** Keeps readings, with consent, so that their symbols can be corrected. Trying again is safe. */
export class KeptReadings {
  #kept = new WeakMap(); // drawing -> its reading with the ids of the predictions
  #sent = new WeakMap(); // drawing -> what it was sent with: {key, continues}

  constructor(api, set) {
    Object.assign(this, { api, set });
  }

  /**
   * Return the kept reading of `drawing`. `continues` are the predictions of symbols of the line that are kept already, and are not
   * kept again. Throws ApiError.
   */
  async keep(drawing, continues) {
    if (!this.#kept.has(drawing)) {
      if (!this.#sent.has(drawing)) this.#sent.set(drawing, { key: newKey(), continues });
      try {
        this.#kept.set(drawing, await this.api.read(this.set, toBody(drawing), { consent: true, ...this.#sent.get(drawing) }));
      } catch (error) {
        if (!error.isRetryable) this.forget(drawing);
        throw error;
      }
    }
    return this.#kept.get(drawing);
  }

  /** Forget the kept reading: its drawings may have been withdrawn. */
  forget(drawing) {
    this.#kept.delete(drawing);
    this.#sent.delete(drawing);
  }
}
