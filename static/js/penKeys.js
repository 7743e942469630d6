// Draws with the keyboard: the arrow keys move a pen, two together move it aslant, Space puts it down and lifts it.

import { PAD_SIZE } from "./strokes.js";

const STEP = 8; // units, two thirds of the pen's width; a held key moves the pen across the pad in about a second
const SMALL_STEP = 2; // with Shift
const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const QUIET = 400; // ms without a step until the place is told: a screen reader need not read every step

/** The pen of the keyboard. `pad` has `width`, `isKeyDown`, and `keyDown`, `keyMove`, `keyUp` of (point, time). The canvas dispatches "penmove" with {x} at once, and "pen" with {code, x, y} for a screen reader. */
export class PenKeys {
  #held = new Set();
  #timer = 0;
  #resting = false; // while a pointer draws on a pad that has the focus

  constructor(canvas, pad) {
    Object.assign(this, { canvas, pad, x: PAD_SIZE / 2, y: PAD_SIZE / 2 }); // on a wide pad, where a line begins
    canvas.addEventListener("keydown", (event) => this.#key(event));
    canvas.addEventListener("keyup", ({ key }) => this.#held.delete(key));
    canvas.addEventListener("blur", ({ timeStamp }) => {
      this.#rest(false);
      this.#held.clear();
      clearTimeout(this.#timer);
      this.#lift(timeStamp);
      pad.update();
    });
    canvas.addEventListener("focus", () => {
      pad.update();
      if (this.isShown) this.#dispatch("penmove", { x: this.x });
    });
  }

  /** Whether the pen is shown: the keyboard has brought the focus here. */
  get isShown() {
    return !this.#resting && this.canvas.matches(":focus-visible");
  }

  /** Bring the focus here without the pen and its ring, which a key of the pen shows again. */
  focusQuietly() {
    this.#rest(true);
    this.canvas.focus({ preventScroll: true });
  }

  #rest(resting) {
    this.#resting = resting;
    this.canvas.toggleAttribute("data-resting", resting);
  }

  #key(event) {
    const { key, timeStamp, ctrlKey, metaKey, altKey, repeat } = event;
    if (ctrlKey || metaKey || altKey) return;
    if (key in DIRECTIONS || key === " ") this.#rest(false);
    if (key in DIRECTIONS) this.#step(event);
    else if (key === " ") this.#turn(timeStamp, repeat);
    else if (key === "Escape" || key === "Enter") this.#lift(timeStamp); // Enter then does what it does on the page
    if (key in DIRECTIONS || key === " ") event.preventDefault(); // else the page would scroll
  }

  #step({ key, shiftKey, timeStamp }) {
    this.#held.add(key);
    const size = shiftKey ? SMALL_STEP : STEP;
    for (const held of this.#held) {
      this.x = clamp(this.x + size * DIRECTIONS[held][0], this.pad.width);
      this.y = clamp(this.y + size * DIRECTIONS[held][1], PAD_SIZE);
    }
    if (this.pad.isKeyDown) this.pad.keyMove([this.x, this.y], timeStamp);
    this.pad.update();
    this.#dispatch("penmove", { x: this.x });
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#tell("moved"), QUIET);
  }

  #turn(time, repeat) {
    if (repeat) return;
    if (this.pad.isKeyDown) {
      this.#lift(time);
      return;
    }
    this.pad.keyDown([this.x, this.y], time);
    this.#tell("down");
  }

  #lift(time) {
    if (!this.pad.isKeyDown) return;
    this.pad.keyUp([this.x, this.y], time);
    this.#tell("up");
  }

  #tell(code) {
    clearTimeout(this.#timer);
    const [x, y] = [this.x / this.pad.width, this.y / PAD_SIZE];
    this.#dispatch("pen", { code, x, y });
  }

  #dispatch(type, detail) {
    this.canvas.dispatchEvent(new CustomEvent(type, { bubbles: true, detail }));
  }
}

function clamp(value, most) {
  return Math.min(most, Math.max(0, value));
}
