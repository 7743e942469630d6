// Where the CNN looks: colour over the square that the networks see, on demand, for the drawing that is answered.

import { setReady, isReady } from "./buttons.js";
import { errorText } from "./format.js";

const COLOUR = [255, 90, 46]; // the orange of the pages that explain; it stands out from every grey
const STRONGEST = 0.85; // opacity

/** `find(drawing)` promises {label, lost}: see the API's explanations. */
export class ExplanationView {
  #wanted = false;
  #drawing = null; // that is answered on the page
  #asked = null; // the drawing that was asked for last
  #found = null; // {label, lost} of it
  #error = null;

  /** `element` has a canvas over the square, a button, and a line. */
  constructor(element, find, t) {
    Object.assign(this, { element, find, t });
    this.button = element.querySelector("button");
    this.button.addEventListener("click", () => {
      if (!isReady(this.button)) return;
      this.#wanted = !this.#wanted;
      this.update(this.#drawing);
    });
  }

  /** Show what the answer to `drawing` depends on, if that is wanted; null while there is no answer. Idempotent. */
  update(drawing) {
    this.#drawing = drawing;
    if (this.#wanted && drawing && drawing !== this.#asked) this.#ask(drawing);
    const found = this.#wanted && drawing && drawing === this.#asked ? this.#found : null;
    setReady(this.button, Boolean(drawing));
    this.button.setAttribute("aria-pressed", String(this.#wanted));
    paint(this.element.querySelector(".seen-over"), found?.lost);
    const failed = this.#wanted && drawing === this.#asked && this.#error;
    const text = found ? this.t("looks.meaning", { label: found.label }) : failed ? errorText(this.#error, this.t) : "";
    const line = this.element.querySelector("[role=status]");
    if (line.textContent !== text) line.textContent = text; // a screen reader reads every change aloud
  }

  async #ask(drawing) {
    this.#asked = drawing;
    this.#found = this.#error = null;
    try {
      const found = await this.find(drawing);
      if (this.#asked === drawing) this.#found = found;
    } catch (error) {
      if (this.#asked === drawing) this.#error = error;
    }
    this.update(this.#drawing);
  }
}

function paint(canvas, lost) {
  const context = canvas.getContext("2d");
  const picture = context.createImageData(28, 28);
  const most = Math.max(1e-6, ...lost ?? []);
  lost?.forEach((share, pixel) => picture.data.set([...COLOUR, Math.round(255 * STRONGEST * (share / most))], 4 * pixel));
  context.putImageData(picture, 0, 0);
}
