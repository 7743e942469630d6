// <ink-pad>: the one module that draws. Set `drawing` to show one; it says "drawing" after every stroke, undo and clear,
// "pendown" when a stroke begins, and "full" when a stroke no longer fits.

import { EMPTY, SIDE, begin, extend, isEmpty, isFull, lastTime, undo } from "./strokes.js";
import { path } from "./smooth.js";

const PEN = 12; // units; the pen with which the server draws its pictures
const PALM = 3000; // ms; a touch so soon after a pen was near is the hand that holds it

class InkPad extends HTMLElement {
  #drawing = EMPTY;
  #pointer = null; // the one pointer that draws: {id, type}
  #clock = 0; // the moment of the first point
  #penAt = -Infinity; // when a pen was last near
  #frame = 0;
  #lines = new WeakMap(); // finished strokes never change, so their lines are made once

  connectedCallback() {
    this.canvas = this.querySelector("canvas");
    this.context = this.canvas.getContext("2d");
    const listen = (type, does, options) => this.canvas.addEventListener(type, does, options);
    listen("pointerdown", (event) => this.#down(event));
    listen("pointermove", (event) => this.#move(event));
    for (const type of ["pointerup", "pointercancel", "lostpointercapture"]) listen(type, (event) => this.#up(event));
    // Scrolling, a magnifier, Scribble or a menu in the middle of a stroke would end it.
    for (const type of ["touchstart", "touchmove", "contextmenu"]) listen(type, (event) => event.preventDefault(), { passive: false });
    this.addEventListener("click", (event) => this[event.target.closest("[data-act]")?.dataset.act]?.());
    new ResizeObserver(() => this.update()).observe(this.canvas);
    new MutationObserver(() => this.update()).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
    this.update();
  }

  get drawing() {
    return this.#drawing;
  }

  set drawing(drawing) {
    this.#drawing = drawing;
    this.#pointer = null;
    this.update();
  }

  /** Tell whether a stroke is being drawn just now. */
  get busy() {
    return this.#pointer !== null;
  }

  undo() {
    if (!isEmpty(this.#drawing)) this.#change(undo(this.#drawing));
  }

  clear() {
    if (!isEmpty(this.#drawing)) this.#change(EMPTY);
  }

  /** Show the drawing at the next frame, at the screen's own resolution. May be called at any time, any number of times. */
  update() {
    this.toggleAttribute("data-drawn", !isEmpty(this.#drawing));
    for (const button of this.querySelectorAll("[data-act]")) button.setAttribute("aria-disabled", String(isEmpty(this.#drawing)));
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#paint();
    });
  }

  #change(drawing) {
    this.drawing = drawing;
    this.#say("drawing");
  }

  #say(type) {
    this.dispatchEvent(new CustomEvent(type, { detail: this.#drawing }));
  }

  #down(event) {
    event.preventDefault();
    const pen = event.pointerType === "pen";
    const palm = event.pointerType === "touch" && event.timeStamp - this.#penAt < PALM;
    if (event.button !== 0 || palm) return;
    if (this.#pointer && !(pen && this.#pointer.type === "touch")) return;
    let drawing = this.#drawing;
    if (this.#pointer) drawing = undo(drawing); // the palm came down before the pen
    if (pen) this.#penAt = event.timeStamp;
    const before = drawing;
    this.#clock = isEmpty(drawing) ? event.timeStamp : Math.min(this.#clock, event.timeStamp - lastTime(drawing));
    drawing = begin(drawing, this.#point(event), event.pointerType || "mouse");
    if (drawing === before) {
      this.#say("full");
      return;
    }
    this.#drawing = drawing;
    this.#pointer = { id: event.pointerId, type: event.pointerType };
    this.#hold(event.pointerId);
    this.update();
    this.#say("pendown");
  }

  #move(event) {
    if (event.pointerType === "pen") this.#penAt = event.timeStamp;
    if (event.pointerId !== this.#pointer?.id) return;
    // A screen shows 60 moves a second, a pen makes 240: the ones in between make the line round.
    const events = event.getCoalescedEvents?.() ?? [];
    this.#drawing = extend(this.#drawing, (events.length ? events : [event]).map((one) => this.#point(one)));
    this.update();
  }

  #up(event) {
    if (event.pointerId !== this.#pointer?.id) return;
    if (event.type === "pointerup") this.#drawing = extend(this.#drawing, [this.#point(event)]);
    this.#pointer = null;
    this.update();
    this.#say("drawing");
    if (isFull(this.#drawing)) this.#say("full");
  }

  #hold(pointerId) {
    try {
      this.canvas.setPointerCapture(pointerId);
    } catch {
      // The pointer is gone already; its end comes as an event of its own.
    }
  }

  #point(event) {
    const { left, top, width, height } = this.canvas.getBoundingClientRect();
    const point = [((event.clientX - left) / width) * SIDE, ((event.clientY - top) / height) * SIDE, event.timeStamp - this.#clock];
    // A mouse has no pressure: browsers make 0.5 up for it.
    return event.pointerType === "mouse" || !event.pressure ? point : [...point, event.pressure];
  }

  #paint() {
    const { clientWidth, clientHeight } = this.canvas;
    const sharpness = devicePixelRatio || 1;
    const [width, height] = [Math.round(clientWidth * sharpness), Math.round(clientHeight * sharpness)];
    if (this.canvas.width !== width || this.canvas.height !== height) Object.assign(this.canvas, { width, height });
    const pen = this.context;
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, width, height);
    pen.setTransform(width / SIDE, 0, 0, height / SIDE, 0, 0);
    Object.assign(pen, { lineWidth: PEN, lineCap: "round", lineJoin: "round", strokeStyle: getComputedStyle(this).color });
    for (const stroke of this.#drawing.strokes) pen.stroke(this.#line(stroke));
  }

  #line(stroke) {
    if (!this.#lines.has(stroke)) this.#lines.set(stroke, new Path2D(path(stroke)));
    return this.#lines.get(stroke);
  }
}

customElements.define("ink-pad", InkPad);
