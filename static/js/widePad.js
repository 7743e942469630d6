// A pad that grows to the right while a person writes on, and moves so that there is always room for the next symbol.

import { PAD_SIZE } from "./strokes.js";

const ROOM = 1.5 * PAD_SIZE; // units that stay free on the right
const WIDEST = 16 * PAD_SIZE; // units; thirty symbols, and no browser's canvas is smaller
const PAUSE = 900; // ms without a stroke; a pad that moved between two strokes of one symbol would tear it apart
const FULL = 0.65; // of the visible part; ink further to the right moves the pad

export class WidePad {
  constructor(pad) {
    this.pad = pad;
    this.scroller = pad.querySelector(".pad-scroll");
    this.sheet = pad.querySelector(".pad-sheet");
    this.ways = pad.querySelectorAll("[data-way]");
    for (const button of this.ways) button.addEventListener("click", () => this.#move(Number(button.dataset.way)));
    new ResizeObserver(() => this.update()).observe(this.scroller);
    pad.addEventListener("pendown", () => clearTimeout(this.timer));
    this.scroller.addEventListener("scroll", () => this.update(), { passive: true });
  }

  /** The pixels of a unit. */
  get scale() {
    return this.scroller.clientHeight / PAD_SIZE;
  }

  /** Make room on the right of the drawing; never while a stroke is being drawn. Idempotent. */
  update() {
    const wanted = Math.min(this.#right() + ROOM, WIDEST) * this.scale;
    if (!this.pad.busy) this.sheet.style.width = `max(100%, ${Math.round(wanted)}px)`;
    const { scrollLeft, scrollWidth, clientWidth } = this.scroller;
    this.scroller.tabIndex = scrollWidth > clientWidth ? 0 : -1; // the arrow keys scroll it
    for (const button of this.ways) {
      button.hidden = button.dataset.way === "1" ? scrollLeft + clientWidth >= scrollWidth - 1 || !this.#right() : scrollLeft <= 0;
    }
  }

  /** Move on in a moment, if the newest stroke is far to the right then. */
  follow() {
    this.update();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#moveOn(), PAUSE);
  }

  #moveOn() {
    const { scrollLeft, clientWidth } = this.scroller;
    const newest = this.#right([this.pad.drawing.strokes.at(-1) ?? []]) * this.scale;
    if (newest > scrollLeft + FULL * clientWidth) this.#scroll(newest - 0.4 * clientWidth);
  }

  /** Show the place of a box [x, y, w, h]. */
  show([x, , width]) {
    const { scrollLeft, clientWidth } = this.scroller;
    const [left, right] = [x * this.scale, (x + width) * this.scale];
    if (left < scrollLeft || right > scrollLeft + clientWidth) this.#scroll((left + right - clientWidth) / 2);
  }

  #right(strokes = this.pad.drawing.strokes) {
    return strokes.reduce((right, stroke) => stroke.reduce((most, [x]) => Math.max(most, x), right), 0);
  }

  #move(way) {
    this.#scroll(this.scroller.scrollLeft + way * 0.7 * this.scroller.clientWidth);
  }

  #scroll(left) {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.scroller.scrollTo({ left, behavior: calm ? "auto" : "smooth" });
  }
}
