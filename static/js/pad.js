// <ink-pad>: the one module that draws. Set `drawing` to show a drawing. The element dispatches "drawing" after each stroke,
// undo and clear, "pendown" when a stroke begins, and "full" when a stroke no longer fits.

import { setReady } from "./buttons.js";
import { EMPTY, PAD_SIZE, begin, extend, isEmpty, isFull, lastTime, undo } from "./strokes.js";
import { path } from "./smooth.js";

const PEN_WIDTH = 12; // units; the server draws its pictures with the same pen
const PALM_TIME = 3000; // ms; a touch this soon after the pen is the palm of the hand that holds the pen

class InkPad extends HTMLElement {
  #drawing = EMPTY;
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

  /** Whether a stroke is being drawn at this moment. */
  get busy() {
    return this.#pointer !== null;
  }

  undo() {
    if (!isEmpty(this.#drawing)) this.#change(undo(this.#drawing));
  }

  clear() {
    if (!isEmpty(this.#drawing)) this.#change(EMPTY);
  }

  /** Show the drawing at the next frame, in the screen's resolution. Idempotent. */
  update() {
    this.toggleAttribute("data-drawn", !isEmpty(this.#drawing));
    for (const button of this.querySelectorAll("[data-action]")) setReady(button, !isEmpty(this.#drawing));
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#paint();
    });
  }

  #change(drawing) {
    this.drawing = drawing;
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
    let drawing = this.#drawing;
    if (this.#pointer) drawing = undo(drawing); // the palm touched the screen before the pen
    if (pen) this.#penTime = event.timeStamp;
    const before = drawing;
    this.#startTime = isEmpty(drawing) ? event.timeStamp : Math.min(this.#startTime, event.timeStamp - lastTime(drawing));
    drawing = begin(drawing, this.#point(event), event.pointerType || "mouse");
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
  }

  #up(event) {
    if (event.pointerId !== this.#pointer?.id) return;
    if (event.type === "pointerup") this.#drawing = extend(this.#drawing, [this.#point(event)]);
    this.#pointer = null;
    this.update();
    this.#dispatch("drawing");
    if (isFull(this.#drawing)) this.#dispatch("full");
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
    const point = [((event.clientX - left) / width) * PAD_SIZE, ((event.clientY - top) / height) * PAD_SIZE, event.timeStamp - this.#startTime];
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
    pen.setTransform(width / PAD_SIZE, 0, 0, height / PAD_SIZE, 0, 0);
    Object.assign(pen, { lineWidth: PEN_WIDTH, lineCap: "round", lineJoin: "round", strokeStyle: getComputedStyle(this).color });
    for (const stroke of this.#drawing.strokes) pen.stroke(this.#path(stroke));
  }

  #path(stroke) {
    if (!this.#paths.has(stroke)) this.#paths.set(stroke, new Path2D(path(stroke)));
    return this.#paths.get(stroke);
  }
}

customElements.define("ink-pad", InkPad);
