// A pad that grows to the right while a person writes on, and moves so that there is always room for the next symbol.

import { PAD_SIZE, isEmpty, placeOfPicture } from "./strokes.js";

const ROOM = 1.5 * PAD_SIZE; // units that stay free on the right
const WIDEST = 16 * PAD_SIZE; // units; thirty symbols, and no browser's canvas is smaller
const PAUSE = 900; // ms without a stroke; a pad that moved between two strokes of one symbol would tear it apart
const FULL = 0.65; // of the visible part; ink further to the right moves the pad
const BESIDE = 0.15; // of the visible part, which stays visible beside the keyboard's pen

export class WidePad {
  constructor(pad) {
    this.pad = pad;
    this.scroller = pad.querySelector(".pad-scroll");
    this.sheet = pad.querySelector(".pad-sheet");
    this.ways = pad.querySelectorAll("[data-way]");
    for (const button of this.ways) button.addEventListener("click", () => this.#move(Number(button.dataset.way)));
    new ResizeObserver(() => this.update()).observe(this.scroller);
    pad.addEventListener("pendown", () => clearTimeout(this.timer));
    pad.addEventListener("penmove", ({ detail }) => this.#followPen(detail.x));
    this.scroller.addEventListener("scroll", () => this.update(), { passive: true });
  }

  /** The pixels of a unit. */
  get scale() {
    return this.scroller.clientHeight / PAD_SIZE;
  }

  /** Make room on the right of the drawing; never while a stroke is being drawn. Idempotent. */
  update() {
    const wanted = Math.min(this.#needed(), WIDEST) * this.scale;
    if (!this.pad.busy) this.sheet.style.width = `max(100%, ${Math.round(wanted)}px)`;
    const { scrollLeft, scrollWidth, clientWidth } = this.scroller;
    for (const button of this.ways) {
      button.hidden = button.dataset.way === "1" ? scrollLeft + clientWidth >= scrollWidth - 1 || isEmpty(this.pad.drawing) : scrollLeft <= 0;
    }
  }

  /** Move on in a moment, if the newest stroke is far to the right then. */
  follow() {
    this.update();
    clearTimeout(this.timer);
    if (this.pad.drawing.picture) this.scroller.scrollLeft = 0; // a line is read from its beginning
    this.timer = setTimeout(() => this.#moveOn(), PAUSE);
  }

  #moveOn() {
    const { scrollLeft, clientWidth } = this.scroller;
    const newest = this.#right([this.pad.drawing.strokes.at(-1) ?? []]) * this.scale;
    if (newest > scrollLeft + FULL * clientWidth) this.#scroll(newest - 0.4 * clientWidth);
  }

  /** Return where a box [x, y, w, h] of the drawing lies on the pad, in units: a picture's boxes are in its pixels. */
  boxOf([x, y, width, height]) {
    const { size } = this.pad.drawing;
    if (!size) return [x, y, width, height];
    const { left, top, scale } = placeOfPicture(size, this.pad.width);
    return [left + x * scale, top + y * scale, width * scale, height * scale];
  }

  /** Show the place of a box of the drawing. */
  show(box) {
    const [x, , width] = this.boxOf(box);
    const { scrollLeft, clientWidth } = this.scroller;
    const [left, right] = [x * this.scale, (x + width) * this.scale];
    if (left < scrollLeft || right > scrollLeft + clientWidth) this.#scroll((left + right - clientWidth) / 2);
  }

  /** The keyboard's pen stays in sight. */
  #followPen(x) {
    clearTimeout(this.timer);
    const { scrollLeft, clientWidth } = this.scroller;
    const [place, beside] = [x * this.scale, BESIDE * clientWidth];
    // At once: a held key would overtake a smooth motion.
    this.scroller.scrollLeft = Math.min(Math.max(scrollLeft, place + beside - clientWidth), Math.max(0, place - beside));
  }

  /** Return the units that the drawing needs: a picture as high as the pad, or ink and room to write on. */
  #needed() {
    const { size } = this.pad.drawing;
    return size ? (PAD_SIZE * size[0]) / size[1] : this.#right() + ROOM;
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
