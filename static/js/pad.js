// <ink-pad>: the one module that draws. Set `drawing` to show a drawing; undo and redo then begin anew. The element dispatches
// "drawing" after each stroke, undo, redo and clear, "pendown" when a stroke begins, "ink" while it goes on, "full" when it no longer fits.
// A pad with `data-wide` is as wide as its canvas; others are square.

import { setReady } from "./buttons.js";
import { changeTo, redone, startWith, undone } from "./history.js";
import { EMPTY, PAD_SIZE, begin, extend, isDot, isEmpty, isFull, lastTime, without } from "./strokes.js";
import { path } from "./smooth.js";

const PEN_WIDTH = 12; // units; the server draws its pictures with the same pen
const PALM_TIME = 3000; // ms; a touch this soon after the pen is the palm of the hand that holds the pen

class InkPad extends HTMLElement {
  #history = startWith(EMPTY); // of finished strokes
  #drawing = EMPTY; // with the stroke that is being drawn
  #touches = new WeakMap(); // stroke by touch -> when it ended
  #pointer = null; // {id, type}: the one pointer that draws
  #startTime = 0; // of the first point
  #penTime = -Infinity; // when a pen was last near the screen
  #frame = 0;
  #paths = new WeakMap(); // stroke -> Path2D: finished strokes never change, so each path is made once

  connectedCallback() {
    this.canvas = this.querySelector("canvas");
    this.context = this.canvas.getContext("2d");
    const listen = (type, handler, options) => this.canvas.addEventListener(type, handler, options);
    listen("pointerdown", (event) => this.#down(event));
    listen("pointermove", (event) => this.#move(event));
    for (const type of ["pointerup", "pointercancel", "lostpointercapture"]) listen(type, (event) => this.#up(event));
    // Scrolling, a magnifier, Scribble or a menu would end the stroke.
    for (const type of ["touchstart", "touchmove", "contextmenu"]) listen(type, (event) => event.preventDefault(), { passive: false });
    this.addEventListener("click", (event) => this[event.target.closest("[data-action]")?.dataset.action]?.());
    // A wheel that turns, or a screen, would move the pad away below the pen.
    document.addEventListener("wheel", (event) => this.busy && event.preventDefault(), { passive: false });
    new ResizeObserver(() => this.#resized()).observe(this.canvas);
    new MutationObserver(() => this.update()).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
    this.update();
  }

  get drawing() {
    return this.#drawing;
  }

  set drawing(drawing) {
    this.#show(startWith(drawing));
  }

  /** Whether a stroke is being drawn at this moment. */
  get busy() {
    return this.#pointer !== null;
  }

  /** The pad's width in units. */
  get width() {
    const { clientWidth, clientHeight } = this.canvas;
    return "wide" in this.dataset && clientHeight ? Math.round((PAD_SIZE * clientWidth) / clientHeight) : PAD_SIZE;
  }

  undo() {
    if (this.busy) this.#stop();
    else this.#change(undone(this.#history));
  }

  redo() {
    this.#change(redone(this.#history));
  }

  clear() {
    this.#change(changeTo(this.#history, EMPTY));
  }

  /** Show the drawing at the next frame, in the screen's resolution. Idempotent. */
  update() {
    this.toggleAttribute("data-drawn", !isEmpty(this.#drawing));
    const { past, future } = this.#history;
    const ready = { undo: past.length > 0 || this.busy, redo: future.length > 0, clear: !isEmpty(this.#drawing) };
    for (const button of this.querySelectorAll("[data-action]")) setReady(button, ready[button.dataset.action]);
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#paint();
    });
  }

  /** Show the drawing of a history, without the stroke that is being drawn. */
  #show(history) {
    this.#history = history;
    this.#drawing = history.drawing;
    this.#pointer = null;
    this.update();
  }

  #change(history) {
    if (history === this.#history || history.drawing === this.#drawing) return;
    this.#show(history);
    this.#dispatch("drawing");
  }

  #dispatch(type) {
    this.dispatchEvent(new CustomEvent(type, { detail: this.#drawing }));
  }

  #down(event) {
    event.preventDefault();
    const pen = event.pointerType === "pen";
    const palm = event.pointerType === "touch" && event.timeStamp - this.#penTime < PALM_TIME;
    if (event.button !== 0 || palm) return;
    if (this.#pointer && !(pen && this.#pointer.type === "touch")) return;
    if (pen) this.#penTime = event.timeStamp;
    let { drawing } = this.#history; // without the palm that is on the screen now, if it came before the pen
    if (pen) drawing = without(drawing, (stroke) => isDot(stroke) && event.timeStamp - this.#touches.get(stroke) < PALM_TIME);
    this.#history = { ...this.#history, drawing };
    this.#startTime = isEmpty(drawing) ? event.timeStamp : Math.min(this.#startTime, event.timeStamp - lastTime(drawing));
    const before = drawing;
    drawing = begin(drawing, this.#point(event), event.pointerType || "mouse", this.width);
    if (drawing === before) {
      this.#dispatch("full");
      return;
    }
    this.#drawing = drawing;
    this.#pointer = { id: event.pointerId, type: event.pointerType };
    this.#capture(event.pointerId);
    this.update();
    this.#dispatch("pendown");
  }

  #move(event) {
    if (event.pointerType === "pen") this.#penTime = event.timeStamp;
    if (event.pointerId !== this.#pointer?.id) return;
    // A screen shows 60 events a second, a pen makes 240. The coalesced events make the line round.
    const events = event.getCoalescedEvents?.() ?? [];
    this.#drawing = extend(this.#drawing, (events.length ? events : [event]).map((each) => this.#point(each)));
    this.update();
    this.#dispatch("ink");
  }

  #up(event) {
    if (event.pointerId !== this.#pointer?.id) return;
    // What the system takes away (a call, a gesture) was no stroke.
    if (event.type !== "pointerup") {
      this.#stop();
      return;
    }
    const drawing = extend(this.#drawing, [this.#point(event)]);
    if (event.pointerType === "touch") this.#touches.set(drawing.strokes.at(-1), event.timeStamp);
    this.#show(changeTo(this.#history, drawing));
    this.#dispatch("drawing");
    if (isFull(drawing)) this.#dispatch("full");
  }

  /** Give up the stroke that is being drawn. */
  #stop() {
    this.#show(this.#history);
    this.#dispatch("drawing");
  }

  /** A turned screen moves the pad below the pen: what comes then belongs to no stroke. */
  #resized() {
    if (this.busy) this.#stop();
    else this.update();
  }

  #capture(pointerId) {
    try {
      this.canvas.setPointerCapture(pointerId);
    } catch {
      // The pointer is gone already. Its end comes as a separate event.
    }
  }

  #point(event) {
    const { left, top, width, height } = this.canvas.getBoundingClientRect();
    const point = [((event.clientX - left) / width) * this.width, ((event.clientY - top) / height) * PAD_SIZE, event.timeStamp - this.#startTime];
    // A mouse has no pressure: browsers invent 0.5.
    return event.pointerType === "mouse" || !event.pressure ? point : [...point, event.pressure];
  }

  #paint() {
    const { clientWidth, clientHeight } = this.canvas;
    const scale = devicePixelRatio || 1;
    const [width, height] = [Math.round(clientWidth * scale), Math.round(clientHeight * scale)];
    if (this.canvas.width !== width || this.canvas.height !== height) Object.assign(this.canvas, { width, height });
    const pen = this.context;
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, width, height);
    pen.setTransform(width / this.width, 0, 0, height / PAD_SIZE, 0, 0);
    Object.assign(pen, { lineWidth: PEN_WIDTH, lineCap: "round", lineJoin: "round", strokeStyle: getComputedStyle(this).color });
    for (const stroke of this.#drawing.strokes) pen.stroke(this.#path(stroke));
  }

  #path(stroke) {
    if (!this.#paths.has(stroke)) this.#paths.set(stroke, new Path2D(path(stroke)));
    return this.#paths.get(stroke);
  }
}

customElements.define("ink-pad", InkPad);
